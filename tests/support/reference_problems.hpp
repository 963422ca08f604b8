/// The five problems on which strategies are compared, here and in the numpy prototype whose figures they are held
/// against: each is defined by a formula, from twelve starts, so that two programs mean the same by it.
///
///   for (const ReferenceProblem& problem : reference_problems()) {
///     for (int s = 1; s <= reference_starts; ++s) {
///       auto result = minimize(problem, problem.start(s));
///       // there, when  result.loss − problem.minimum <= 1e-6 (problem.loss(problem.start(s)) − problem.minimum)
///     }
///   }
#pragma once

#include <Eigen/Cholesky>
#include <cmath>
#include <functional>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "surefoot/objectives/functions.hpp"
#include "surefoot/objectives/linear.hpp"
#include "surefoot/vector.hpp"

namespace surefoot {

inline constexpr int reference_starts = 12;

struct ReferenceProblem {
  std::string name;
  std::function<Vector(int)> start;  // of s = 1 … reference_starts
  double minimum = 0;
  Vector minimiser;
  std::function<double(const Vector&)> loss_at;
  std::function<double(const Vector&, Vector&)> loss_and_gradient_at;

  double loss(const Vector& w) const { return loss_at(w); }
  double loss(const Vector& w, Vector& gradient) const { return loss_and_gradient_at(w, gradient); }
  double lower_bound() const { return minimum; }  // what Polyak's step may know
};

namespace reference {

/// v(n, s)_i = sqrt(2) cos(s i + i²), i from 1: spread like random numbers of variance 1, the same everywhere.
inline Vector spread(Eigen::Index n, int s) {
  Vector v(n);
  for (Eigen::Index k = 0; k < n; ++k) {
    const auto i = static_cast<double>(k + 1);
    v[k] = std::sqrt(2.0) * std::cos(s * i + i * i);
  }
  return v;
}

template <class Objective>
ReferenceProblem problem(std::string name, std::function<Vector(int)> start, double minimum, Vector minimiser,
                         Objective objective) {
  return {std::move(name),
          std::move(start),
          minimum,
          std::move(minimiser),
          [objective](const Vector& w) { return objective.loss(w); },
          [objective](const Vector& w, Vector& gradient) { return objective.loss(w, gradient); }};
}

inline ReferenceProblem quadratic() {
  return problem(
      "quad", [](int s) { return spread(200, s); }, 0, Vector::Zero(200), Quadratic::log_spaced(200, 1e4));
}

inline ReferenceProblem rosenbrock(std::string name, Eigen::Index size) {
  const Rosenbrock valley(size);
  const auto start = [valley](int s) -> Vector { return valley.start() + 0.3 * spread(valley.size, s); };
  return problem(std::move(name), start, valley.minimum(), valley.minimiser(), valley);
}

/// A quadratic that answers NaN outside a ball whose wall runs by, 0.1 from the minimiser.
struct Ball {
  Quadratic inside = Quadratic::log_spaced(50, 1e3);
  Vector centre = 0.9 * spread(50, 100).normalized();

  double loss(const Vector& w) const { return contains(w) ? inside.loss(w) : outside; }
  double loss(const Vector& w, Vector& gradient) const {
    if (contains(w)) return inside.loss(w, gradient);
    gradient.setConstant(w.size(), outside);
    return outside;
  }

 private:
  static constexpr double outside = std::numeric_limits<double>::quiet_NaN();
  bool contains(const Vector& w) const { return (w - centre).norm() <= 1; }
};

inline ReferenceProblem ball() {
  const Ball walled;
  const auto start = [centre = walled.centre](int s) -> Vector { return centre + 0.8 * spread(50, s).normalized(); };
  return problem("ball", start, 0, Vector::Zero(50), walled);
}

/// Logistic regression on 500 rows of 20 columns whose scales differ tenfold, without an intercept.
struct LogisticProblem {
  static constexpr double l2 = 1e-3;
  DenseMatrix X = features();
  Vector y = targets(X);
  Logistic<DenseMatrix> model{X, y, {.l2 = l2}};

  LogisticProblem() = default;
  LogisticProblem(const LogisticProblem&) = delete;  // the model looks at X and y of this very object
  LogisticProblem& operator=(const LogisticProblem&) = delete;

  static DenseMatrix features() {
    DenseMatrix X(500, 20);
    for (Eigen::Index row = 0; row < X.rows(); ++row) {
      for (Eigen::Index column = 0; column < X.cols(); ++column) {
        const auto i = static_cast<double>(row + 1);
        const auto j = static_cast<double>(column + 1);
        X(row, column) = std::sqrt(2.0) * std::cos(1.3 * i * j + i + 2 * j) * std::pow(10.0, (j - 1) / 19);
      }
    }
    return X;
  }

  static Vector targets(const DenseMatrix& X) {
    Vector y(X.rows());
    for (Eigen::Index row = 0; row < X.rows(); ++row) {
      double sum = 0;
      for (Eigen::Index column = 0; column < X.cols(); ++column) {
        sum += X(row, column) * std::cos(static_cast<double>(column + 1));
      }
      const double noise = std::sqrt(2.0) * std::cos(7 * static_cast<double>(row + 1));
      y[row] = sum / std::sqrt(20.0) / 5 + noise > 0 ? 1 : 0;
    }
    return y;
  }

  /// Newton's method, which on this strictly convex loss needs no step size (its f* is what step sizes are judged by):
  /// it runs on until the gradient no longer shrinks, which is the last digit.
  Vector solve() {
    Vector best = Vector::Zero(X.cols());
    Vector gradient(best.size());
    model.loss(best, gradient);
    for (int iteration = 0; iteration < 50; ++iteration) {
      const Vector margins = X * best;
      Vector curvatures(X.rows());
      for (Eigen::Index i = 0; i < X.rows(); ++i) curvatures[i] = LogisticLoss{}.at(margins[i], y[i]).curvature;
      Eigen::MatrixXd hessian = X.transpose() * curvatures.asDiagonal() * X / static_cast<double>(X.rows());
      hessian.diagonal().array() += l2;

      const Vector next = best - hessian.llt().solve(gradient);
      Vector next_gradient(best.size());
      model.loss(next, next_gradient);
      // Far out a Newton step may raise the gradient; here it never did. If it does, the next `if` says so aloud.
      if (!(next_gradient.norm() < gradient.norm())) break;
      best = next;
      gradient = next_gradient;
    }
    if (!(gradient.norm() < 1e-12)) throw std::logic_error("the reference solution of logreg was not found");
    return best;
  }
};

inline ReferenceProblem logistic() {
  const auto shared = std::make_shared<LogisticProblem>();
  const Vector minimiser = shared->solve();
  return {"logreg",
          [](int s) -> Vector { return 0.1 * spread(20, s); },
          shared->model.loss(minimiser),
          minimiser,
          [shared](const Vector& w) { return shared->model.loss(w); },
          [shared](const Vector& w, Vector& gradient) { return shared->model.loss(w, gradient); }};
}

}  // namespace reference

/// quad, logreg, rosen2, rosen50, ball. For one thread: logreg computes in buffers that all its copies share.
inline const std::vector<ReferenceProblem>& reference_problems() {
  static const std::vector<ReferenceProblem> problems = {reference::quadratic(), reference::logistic(),
                                                         reference::rosenbrock("rosen2", 2),
                                                         reference::rosenbrock("rosen50", 50), reference::ball()};
  return problems;
}

}  // namespace surefoot
