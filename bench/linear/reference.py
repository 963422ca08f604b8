#!/usr/bin/python3
"""The optimum that solvers are measured against, by damped Newton in numpy and scipy, to the floor of double.

  reference.py FOLDER MODEL L2 BIAS      MODEL least-squares, logistic, softmax or poisson; BIAS free or penalised

Minimises  mean loss + l2/2 |w|^2 (+ l2/2 b^2 where the bias is penalised)  and prints f* and a bound on what is left: the
loss is l2-strongly convex in w once b is minimised out, so F - f* <= |gradient in w|^2 / (2 l2).
"""
import os
import sys
import warnings

import numpy as np
import scipy.linalg
import scipy.sparse as sp
import scipy.sparse.linalg

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from arrays import load  # noqa: E402

MOST_DENSE = 3000  # unknowns up to which the Hessian is formed; beyond, conjugate gradients on its products


def solve(H, g):
    """Columns of one-hot blocks are collinear, and the biases of softmax have a flat direction: hence the ridge."""
    ridge = 1e-14 * np.trace(H) / len(g)
    while True:
        try:
            return scipy.linalg.solve(H + ridge * np.eye(len(g)), g, assume_a="pos")
        except scipy.linalg.LinAlgError:
            ridge *= 10


class Problem:
    def __init__(self, X, y, model, l2, penalised):
        self.n, self.d = X.shape
        self.y, self.model = y, model
        self.classes = int(y.max()) + 1 if model == "softmax" else 1
        # In columns of root mean square 1 Newton's systems stay solvable whatever the units.
        squares = X.multiply(X).mean(axis=0) if sp.issparse(X) else np.einsum("ij,ij->j", X, X) / self.n
        self.unit = np.sqrt(np.asarray(squares).ravel())
        self.unit[self.unit == 0] = 1
        one = np.ones((self.n, 1))
        if sp.issparse(X):
            self.A = sp.hstack([X @ sp.diags(1 / self.unit), sp.csr_matrix(one)]).tocsr()
        else:
            self.A = np.hstack([X / self.unit, one])
        self.ridge = np.append(l2 / self.unit**2, l2 if penalised else 0)[:, None]

    def losses(self, Z):
        """Sum of the losses; their slopes; their curvatures, or the probabilities of softmax."""
        z, y = Z[:, 0], self.y
        if self.model == "least-squares":
            return 0.5 * np.sum((z - y) ** 2), Z - y[:, None], np.ones_like(Z)
        if self.model == "logistic":
            u = np.exp(-np.abs(z))
            loss = np.log1p(u) + np.maximum(np.where(y > 0.5, -z, z), 0)
            p = np.where(z >= 0, 1 / (1 + u), u / (1 + u))
            return loss.sum(), (p - y)[:, None], (u / (1 + u) ** 2)[:, None]
        if self.model == "poisson":
            with np.errstate(over="ignore"):
                e = np.exp(z)
            return np.sum(e - y * z), (e - y)[:, None], e[:, None]
        largest = Z.max(axis=1, keepdims=True)
        e = np.exp(Z - largest)
        total = e.sum(axis=1, keepdims=True)
        P = e / total
        at = (np.arange(self.n), y.astype(int))
        slopes = P.copy()
        slopes[at] -= 1
        return np.sum(np.log(total[:, 0]) + largest[:, 0] - Z[at]), slopes, P

    def evaluate(self, W):
        loss, slopes, curvatures = self.losses(self.A @ W)
        value = loss / self.n + 0.5 * np.sum(self.ridge * W * W)
        return value, self.A.T @ slopes / self.n + self.ridge * W, curvatures

    def times_hessian(self, curvatures, V):
        Z = self.A @ V
        Q = curvatures * Z
        if self.classes > 1:
            Q -= curvatures * Q.sum(axis=1, keepdims=True)
        return self.A.T @ Q / self.n + self.ridge * V

    def hessian(self, curvatures):
        size, K = self.d + 1, self.classes
        H = np.zeros((size, K, size, K))
        for a in range(K):
            for c in range(a, K):
                q = curvatures[:, a] * ((a == c) - curvatures[:, c]) if K > 1 else curvatures[:, 0]
                scaled = sp.diags(q) @ self.A if sp.issparse(self.A) else self.A * q[:, None]
                block = self.A.T @ scaled / self.n
                block = block.toarray() if sp.issparse(block) else block
                H[:, a, :, c] = block
                H[:, c, :, a] = block.T
            H[np.arange(size), a, np.arange(size), a] += self.ridge[:, 0]
        return H.reshape(size * K, size * K)

    def newton_direction(self, G, curvatures):
        size = G.size
        if size <= MOST_DENSE:
            H = self.hessian(curvatures)
            return -solve(H, G.ravel()).reshape(G.shape)
        q = curvatures * (1 - curvatures) if self.classes > 1 else curvatures
        squares = self.A.multiply(self.A) if sp.issparse(self.A) else self.A * self.A
        diagonal = (squares.T @ q / self.n + self.ridge + 1e-14).ravel()
        product = lambda v: self.times_hessian(curvatures, v.reshape(G.shape)).ravel()
        tightness = min(1e-2, float(np.sqrt(np.abs(G).max())))
        step, _ = scipy.sparse.linalg.cg(
            scipy.sparse.linalg.LinearOperator((size, size), matvec=product), -G.ravel(), tol=tightness, atol=0,
            maxiter=2000, M=sp.diags(1 / diagonal))
        return step.reshape(G.shape)

    def start(self):
        W = np.zeros((self.d + 1, self.classes))
        if self.model == "poisson":
            W[self.d] = np.log(self.y.mean())
        return W

    def left(self, G, l2):
        """The bound. The bias' own share is its gradient's square over twice its curvature, which is of order 1."""
        in_w = G[: self.d] * self.unit[:, None]
        return np.sum(in_w**2) / (2 * l2) + np.sum(G[self.d] ** 2)


def minimise(problem, l2):
    W = problem.start()
    f, G, curvatures = problem.evaluate(W)
    best = (f, problem.left(G, l2))
    for _ in range(200):
        direction = problem.newton_direction(G, curvatures)
        slope = float(np.sum(G * direction))
        t = 1.0
        while True:
            trial = problem.evaluate(W + t * direction)
            # At the floor losses are equal to the last digits: there the gradient decides.
            lower = trial[0] <= f + 1e-4 * t * slope
            level = abs(trial[0] - f) <= 1e-14 * abs(f) and problem.left(trial[1], l2) < problem.left(G, l2)
            if lower or level or t < 1e-10:
                break
            t /= 2
        if t < 1e-10:
            break
        W = W + t * direction
        f, G, curvatures = trial
        if problem.left(G, l2) < best[1]:
            best = (f, problem.left(G, l2))
        if best[1] <= 1e-15 * abs(best[0]):
            break
    return best


def main():
    # Of systems that are hardly solvable, which the bound at the end makes up for.
    warnings.filterwarnings("ignore", category=scipy.linalg.LinAlgWarning)
    folder, model, l2, bias = sys.argv[1], sys.argv[2], float(sys.argv[3]), sys.argv[4]
    f, left = minimise(Problem(*load(folder), model, l2, bias == "penalised"), l2)
    print(repr(float(f)), repr(float(left)))


if __name__ == "__main__":
    main()
