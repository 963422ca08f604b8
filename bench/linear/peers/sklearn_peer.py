#!/usr/bin/python3
"""scikit-learn's solvers, driven by peers/sklearn.cpp through a pipe.

  sklearn_peer.py FOLDER        reads the arrays that arrays.cpp wrote, then answers, a line each:
    versions                                      → versions of scikit-learn, scipy, numpy and its BLAS
    scale THREADS REPEATS                         → seconds that its own scaler takes for these columns (median)
    fit MODEL SOLVER L2 TOLERANCE THREADS OUT     → seconds of one fit, and its iterations; the weights are in OUT, a row
                                                    a column, the bias last, a column a class
What went wrong is answered as "error: …".
"""
import gc
import os
import sys
import time
import warnings

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import numpy as np  # noqa: E402
import scipy  # noqa: E402
import scipy.sparse as sp  # noqa: E402
import sklearn  # noqa: E402
from sklearn.linear_model import LogisticRegression, PoissonRegressor, Ridge  # noqa: E402
from sklearn.preprocessing import MaxAbsScaler, StandardScaler  # noqa: E402
from threadpoolctl import threadpool_info, threadpool_limits  # noqa: E402

from arrays import load  # noqa: E402

ENOUGH = 1_000_000  # iterations


def estimator(model, solver, l2, tolerance, n):
    if model == "least-squares":
        return Ridge(alpha=l2 * n, solver=solver, tol=tolerance, max_iter=ENOUGH, random_state=0)
    if model == "poisson":
        return PoissonRegressor(alpha=l2, solver=solver, tol=tolerance, max_iter=ENOUGH)
    if model == "softmax":
        return LogisticRegression(C=1 / (l2 * n), multi_class="multinomial", solver=solver, tol=tolerance,
                                  max_iter=ENOUGH, random_state=0)
    dual = solver == "liblinear-dual"
    return LogisticRegression(C=1 / (l2 * n), solver="liblinear" if dual else solver, dual=dual, tol=tolerance,
                              max_iter=ENOUGH, random_state=0)


def weights_of(fitted):
    """scikit-learn keeps a row a class; a model of one output a plain vector."""
    coefficients = np.atleast_2d(fitted.coef_)
    intercept = np.broadcast_to(np.atleast_1d(fitted.intercept_), (coefficients.shape[0],))
    return np.ascontiguousarray(np.vstack([coefficients.T, intercept[None, :]]))


def seconds_of(work):
    gc.collect()
    gc.disable()
    began = time.perf_counter()
    work()
    seconds = time.perf_counter() - began
    gc.enable()
    return seconds


def fit(X, y, model, solver, l2, tolerance, threads, out):
    fresh = estimator(model, solver, float(l2), float(tolerance), X.shape[0])
    with threadpool_limits(limits=int(threads)):
        seconds = seconds_of(lambda: fresh.fit(X, y))
    np.save(out, weights_of(fresh))
    iterations = getattr(fresh, "n_iter_", None)
    return f"{seconds!r} {int(np.max(iterations)) if iterations is not None else 1}"


def scale(X, threads, repeats):
    scaler = MaxAbsScaler() if sp.issparse(X) else StandardScaler()
    with threadpool_limits(limits=int(threads)):
        return repr(float(np.median([seconds_of(lambda: scaler.fit_transform(X)) for _ in range(int(repeats))])))


def versions():
    blas = [f"{info['internal_api']} {info['version']}" for info in threadpool_info() if info["user_api"] == "blas"]
    named = [f"scikit-learn {sklearn.__version__}", f"scipy {scipy.__version__}", f"numpy {np.__version__}"]
    return ", ".join(named + (blas or ["the reference BLAS"]))


def main():
    warnings.filterwarnings("ignore")  # of limits that a loose tolerance meets: the excess is judged elsewhere
    X, y = load(sys.argv[1])
    for line in sys.stdin:
        words = line.split()
        try:
            if words[0] == "versions":
                answer = versions()
            elif words[0] == "scale":
                answer = scale(X, *words[1:])
            else:
                answer = fit(X, y, *words[1:])
        except Exception as error:  # whatever a solver throws is the answer
            answer = "error: " + " ".join(str(error).split())
        print(answer, flush=True)


if __name__ == "__main__":
    main()
