/// Group "apart-others": matrices, points in space, convex functions on a domain, quadratics of other origins.
#pragma once

#include <Eigen/Cholesky>
#include <Eigen/SVD>

#include "../problem.hpp"

namespace surefoot::problems {

/// Σ over pairs of points in `dimension`-space of pair(|x_i − x_j|², slope in it).
template <class Pair>
double over_pairs(const Vector& w, Vector& gradient, Index dimension, Pair pair) {
  double sum = 0;
  for (Index i = 0; i < w.size(); i += dimension) {
    for (Index j = 0; j < i; j += dimension) {
      const Vector apart = w.segment(i, dimension) - w.segment(j, dimension);
      double derivative = 0;
      sum += pair(i / dimension, j / dimension, apart.squaredNorm(), derivative);
      gradient.segment(i, dimension) += 2 * derivative * apart;
      gradient.segment(j, dimension) -= 2 * derivative * apart;
    }
  }
  return sum;
}

inline Problems apart_others() {
  Problems problems;
  const auto add = [&problems](const std::string& name, const Vector& start, const Evaluate& loss,
                               double minimum = not_a_number, bool several_minima = false) {
    problems.push_back(
        {name + " " + std::to_string(start.size()), "apart-others", start, loss, minimum, several_minima});
  };
  constexpr bool several = true;
  {  // Nearest matrix of rank 2: no minimum but the truncated decomposition's, many saddles
    Draws draws(701);
    const Index rows = 10, columns = 8, rank = 2, split = rows * rank;
    const DenseMatrix A = draws.normals(rows, columns);
    // Of AᵀA, A's squared: the decomposition of a matrix that is not square takes five seconds to compile.
    using SquareSVD = Eigen::JacobiSVD<Eigen::MatrixXd, Eigen::NoQRPreconditioner>;
    const Vector squares = SquareSVD(A.transpose() * A).singularValues();
    add(
        "matrix of rank 2", 0.1 * draws.normals((rows + columns) * rank),
        [=](const Vector& w, Vector& g) {
          // (Products of plain matrices, since each kind of product takes a second to compile.)
          const DenseMatrix U = Eigen::Map<const DenseMatrix>(w.data(), rows, rank);
          const DenseMatrix V = Eigen::Map<const DenseMatrix>(w.data() + split, columns, rank);
          DenseMatrix r = U * V.transpose();
          r -= A;
          const DenseMatrix by_u = r * V, by_v = r.transpose() * U;
          g << by_u.reshaped<Eigen::RowMajor>(), by_v.reshaped<Eigen::RowMajor>();
          return r.squaredNorm() / 2;
        },
        squares.tail(columns - rank).sum() / 2);
  }
  {  // wᵀ T w / wᵀ w for the second difference T: the length of w is free
    const Index n = 50;
    const auto times = [](const Vector& w) {
      Vector product = 2 * w;
      product.head(w.size() - 1) -= w.tail(w.size() - 1);
      product.tail(w.size() - 1) -= w.head(w.size() - 1);
      return product;
    };
    add(
        "rayleigh quotient", Vector::LinSpaced(n, 1, 2),
        [times](const Vector& w, Vector& g) {
          const Vector product = times(w);
          const double squares = w.squaredNorm(), quotient = w.dot(product) / squares;
          g = 2 / squares * (product - quotient * w);
          return quotient;
        },
        2 - 2 * std::cos(std::numbers::pi / real(n + 1)));
  }
  {
    const Index n = 50;
    const Vector c = Vector::LinSpaced(n, -6, 2);
    add(
        "entropy, separable", Vector::Ones(n),
        [c](const Vector& w, Vector& g) {
          if (!(w.minCoeff() > 0)) {
            g.setConstant(not_a_number);
            return not_a_number;
          }
          const Vector logs = w.array().log();
          g = (logs - c).array() + 1;
          return w.dot(logs - c);
        },
        -(c.array() - 1).exp().sum());
  }
  {  // A linear cost inside a polytope that contains 0
    Draws draws(702);
    const DenseMatrix A = draws.normals(80, 20);
    const Vector cost = A.transpose() * draws.uniforms(80, 0, 1);  // bounded on it
    add("log barrier of a linear program", Vector::Zero(20), [A, cost](const Vector& w, Vector& g) {
      const Vector room = (A * w).array() + 1;
      if (!(room.minCoeff() > 0)) {
        g.setConstant(not_a_number);
        return not_a_number;
      }
      g = 10 * cost - A.transpose() * room.cwiseInverse();
      return 10 * cost.dot(w) - room.array().log().sum();
    });
  }
  {
    Draws draws(703);
    const DenseMatrix A = draws.normals(100, 50);
    const Vector b = draws.normals(100);
    add("log-sum-exp and ridge", draws.normals(50), [A, b](const Vector& w, Vector& g) {
      const Vector margins = 10 * (A * w - b);
      const double highest = margins.maxCoeff();
      Vector e = (margins.array() - highest).exp();
      const double total = e.sum();
      g = A.transpose() * e / total + 1e-2 * w;
      return (std::log(total) + highest) / 10 + 5e-3 * w.squaredNorm();
    });
  }
  {  // Kruskal's raw stress (1964) of points of the plane, from elsewhere
    Draws draws(704);
    const Vector truth = draws.normals(24), start = draws.normals(24);
    DenseMatrix distances(12, 12);
    for (Index i = 0; i < 12; ++i) {
      for (Index j = 0; j < 12; ++j) distances(i, j) = (truth.segment(2 * i, 2) - truth.segment(2 * j, 2)).norm() + 0.1;
    }
    add(
        "multidimensional scaling", start,
        [distances](const Vector& w, Vector& g) {
          g.setZero();
          return over_pairs(w, g, 2, [&](Index i, Index j, double square, double& derivative) {
            const double distance = std::sqrt(square), r = distance - distances(i, j);
            derivative = r / distance;
            return r * r;
          });
        },
        not_a_number, several);
  }
  {  // Lennard-Jones clusters: the loss rises as the 12th power where two atoms meet
    Draws draws(705);
    Vector start(18);
    start << 1, 0, 0, -1, 0, 0, 0, 1, 0, 0, -1, 0, 0, 0, 1, 0, 0, -1;
    start += 0.15 * draws.normals(18);
    add(
        "lennard-jones", start,
        [](const Vector& w, Vector& g) {
          g.setZero();
          return over_pairs(w, g, 3, [](Index, Index, double square, double& derivative) {
            const double sixth = 1 / (square * square * square);
            derivative = 4 * (-6 * sixth * sixth + 3 * sixth) / square;
            return 4 * (sixth * sixth - sixth);
          });
        },
        not_a_number, several);
  }
  {  // Charges in a bowl
    Draws draws(706);
    add(
        "charges", draws.normals(20),
        [](const Vector& w, Vector& g) {
          g = 2 * w;
          return w.squaredNorm() + over_pairs(w, g, 2, [](Index, Index, double square, double& derivative) {
                   const double inverse = 1 / std::sqrt(square);
                   derivative = -inverse / (2 * square);
                   return inverse;
                 });
        },
        not_a_number, several);
  }
  {
    const Index n = 10;
    const DenseMatrix hilbert = DenseMatrix::NullaryExpr(n, n, [](Index i, Index j) { return 1 / real(i + j + 1); });
    add(
        "hilbert", Vector::Ones(n),
        [hilbert](const Vector& w, Vector& g) {
          g = hilbert * w;
          return w.dot(g) / 2;
        },
        0);
  }
  {  // Nesterov's worst function of its class (2004, 2.1.2): information travels one unknown a call
    const Index n = 100;
    add(
        "nesterov's worst", Vector::Zero(n),
        [](const Vector& w, Vector& g) {
          const Index last = w.size() - 1;
          g = 2 * w;
          g.head(last) -= w.tail(last);
          g.tail(last) -= w.head(last);
          const double loss = w.dot(g) / 2 - w[0];
          g[0] -= 1;
          return loss;
        },
        -0.5 * (1 - 1 / real(n + 1)));
  }
  {  // The dual of entropic transport between two histograms on a line; potentials may shift together
    Draws draws(707);
    const Index n = 30;
    const Vector from = draws.uniforms(n, 0.1, 1), to = draws.uniforms(n, 0.1, 1);
    const Vector a = from / from.sum(), b = to / to.sum();
    add("entropic transport", Vector::Zero(2 * n), [=](const Vector& w, Vector& g) {
      const double warmth = 0.05;
      const DenseMatrix plan = DenseMatrix::NullaryExpr(n, n, [&](Index i, Index j) {
        const double distance = real(i - j) / real(n);
        return a[i] * b[j] * std::exp((w[i] + w[n + j] - distance * distance) / warmth);
      });
      g.head(n) = plan.rowwise().sum() - a;
      g.tail(n) = plan.colwise().sum().transpose() - b;
      return warmth * (plan.sum() - 1) - a.dot(w.head(n)) - b.dot(w.tail(n));
    });
  }
  {  // −log det X + tr S X over the lower triangle of a symmetric X
    Draws draws(708);
    const Index side = 6;
    const DenseMatrix root = draws.normals(side, side);
    const DenseMatrix S = root * root.transpose() / real(side) + 0.1 * DenseMatrix::Identity(side, side);
    Vector start = Vector::Zero(side * (side + 1) / 2);
    for (Index i = 0, at = 0; i < side; at += ++i) start[at + i] = 1;
    add(
        "precision matrix", start,
        [=](const Vector& w, Vector& g) {
          DenseMatrix X(side, side);
          for (Index i = 0, at = 0; i < side; ++i) {
            for (Index j = 0; j <= i; ++j) X(i, j) = X(j, i) = w[at++];
          }
          const Eigen::LLT<DenseMatrix> factor(X);
          if (factor.info() != Eigen::Success || !w.allFinite()) {
            g.setConstant(not_a_number);
            return not_a_number;
          }
          const DenseMatrix slope = S - DenseMatrix(factor.solve(DenseMatrix::Identity(side, side)));
          for (Index i = 0, at = 0; i < side; ++i) {
            for (Index j = 0; j <= i; ++j) g[at++] = (i == j ? 1 : 2) * slope(i, j);
          }
          return S.cwiseProduct(X).sum() - 2 * DenseMatrix(factor.matrixL()).diagonal().array().log().sum();
        },
        2 * DenseMatrix(Eigen::LLT<DenseMatrix>(S).matrixL()).diagonal().array().log().sum() + real(side));
  }
  {  // Osborne (1960): Σ A_ij exp(x_i − x_j), whose minimum balances rows and columns
    Draws draws(709);
    const Index n = 30;
    const DenseMatrix A = draws.normals(n, n).array().abs() * (3 * draws.normals(n, n).array()).exp();
    add("matrix balancing", Vector::Zero(n), [=](const Vector& w, Vector& g) {
      const DenseMatrix balanced =
          DenseMatrix::NullaryExpr(n, n, [&](Index i, Index j) { return A(i, j) * std::exp(w[i] - w[j]); });
      g = balanced.rowwise().sum() - balanced.colwise().sum().transpose();
      return balanced.sum();
    });
  }
  {
    Draws draws(710);
    const DenseMatrix A = draws.normals(120, 15);
    const Vector squares = (A * draws.normals(15)).array().square();
    add(
        "phase retrieval", draws.normals(15),
        [A, squares](const Vector& w, Vector& g) {
          const Vector margins = A * w;
          const Vector r = margins.array().square().matrix() - squares;
          g = A.transpose() * r.cwiseProduct(margins) / real(r.size());
          return r.squaredNorm() / (4 * real(r.size()));
        },
        0, several);
  }
  return problems;
}

}  // namespace surefoot::problems
