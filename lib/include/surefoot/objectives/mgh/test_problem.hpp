/// A least-squares test problem as one value: where it starts, what is known of its minima, and its derivatives.
///
///   for (const surefoot::TestProblem& problem : surefoot::more_garbow_hillstrom()) {
///     auto result = surefoot::minimize(problem, problem.start);
///     if (auto excess = problem.excess(result.loss)) report(problem.name, *excess);
///   }
#pragma once

#include <cmath>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "surefoot/objectives/functions.hpp"
#include "surefoot/vector.hpp"

namespace surefoot {

/// loss(w) = Σ r_i(w)², gradient 2 Jᵀ r. Where a residual overflows or is undefined the loss is Inf or NaN.
struct TestProblem {
  std::string name;
  int number = 0;
  Eigen::Index size = 0;
  Vector start{};
  std::optional<double> minimum{};     // the lowest loss known; unset: none is published
  std::vector<double> local_minima{};  // losses above it at which a descent may rightly end, also those at infinity
  std::optional<Vector> minimiser{};   // one point with loss == minimum, where it has a closed form

  std::function<Vector(const Vector& w)> residuals_at{};
  std::function<Vector(const Vector& w, const Vector& v)> pull_back{};  // J(w)ᵀ v, for v of the residuals' size

  Vector residuals(const Vector& w) const {
    functions::require_size(name, w, size);
    return residuals_at(w);
  }
  double loss(const Vector& w) const { return residuals(w).squaredNorm(); }
  double loss(const Vector& w, Vector& gradient) const {
    const Vector r = residuals(w);
    gradient = 2 * pull_back(w, r);
    return r.squaredNorm();
  }
  double lower_bound() const { return 0; }

  /// How far the loss at which a run *ended* lies from the nearest minimum known; nothing where none is. (A run passes
  /// the level of a local minimum on its way further down: not for a loss on the way.)
  std::optional<double> excess(double final_loss) const {
    if (!minimum) return {};
    double nearest = final_loss - *minimum;
    for (const double other : local_minima) {
      if (std::abs(final_loss - other) < std::abs(nearest)) nearest = final_loss - other;
    }
    return nearest;
  }
};

namespace mgh {

using Index = Eigen::Index;

inline double real(Index i) { return static_cast<double>(i); }

inline Vector entries(std::initializer_list<double> values) {
  return Eigen::Map<const Vector>(values.begin(), static_cast<Index>(values.size()));
}

/// For few unknowns: `row(w, i, slopes)` returns residual i, counted from 0, and writes its derivatives.
template <class Row>
TestProblem by_rows(int number, std::string name, Vector start, Index residuals, Row row) {
  TestProblem problem{.name = std::move(name), .number = number, .size = start.size(), .start = std::move(start)};
  const Index size = problem.size;
  problem.residuals_at = [=](const Vector& w) {
    Vector r(residuals), slopes(size);
    for (Index i = 0; i < residuals; ++i) r[i] = row(w, i, slopes);
    return r;
  };
  problem.pull_back = [=](const Vector& w, const Vector& v) {
    Vector sum = Vector::Zero(size), slopes(size);
    for (Index i = 0; i < residuals; ++i) {
      row(w, i, slopes);
      sum += v[i] * slopes;
    }
    return sum;
  };
  return problem;
}

/// For many unknowns: `residuals(w)` and `pull_back(w, v)` as a whole, in O(n) where the structure allows it.
template <class Residuals, class PullBack>
TestProblem at_once(int number, std::string name, Vector start, Residuals residuals, PullBack pull_back) {
  TestProblem problem{.name = std::move(name), .number = number, .size = start.size(), .start = std::move(start)};
  problem.residuals_at = std::move(residuals);
  problem.pull_back = std::move(pull_back);
  return problem;
}

}  // namespace mgh

}  // namespace surefoot
