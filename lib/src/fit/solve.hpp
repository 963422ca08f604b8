/// The run: which direction, rule and coordinates go with a model and its data, and what came of it.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "fit/models.hpp"
#include "surefoot/fit.hpp"
#include "surefoot/loop/numbers.hpp"
#include "surefoot/objectives/linear.hpp"

namespace surefoot::fitting {

/// What is minimised; looked at, not copied.
struct Problem {
  std::variant<const DenseMatrix*, const SparseMatrix*> x;
  const Vector& y;  // as the loss wants it; of softmax the class, from 0
  const AnyLoss& loss;
  Index classes;         // of softmax; else 1: the margins that a row has
  LinearOptions linear;  // penalty l2, columns, row weights, threads
  double l1;
  bool intercept;
  Vector start{};  // in the fitted columns, weights class after class, then the intercepts; empty: none

  // At the best constant model, all weights 0, where that was computed in passing; else empty.
  Vector constant_gradient{};
  double constant_loss = not_a_number;

  Index columns() const {
    return std::visit([](const auto* matrix) { return matrix->cols(); }, x);
  }
  Index free() const { return intercept ? classes : 0; }  // the last weights, which are not penalised
  Index size() const { return classes * columns() + free(); }
};

struct Solution {
  Result result{};
  std::string strategy{}, direction{}, coordinates{}, why{};
  std::optional<double> duality_gap{};
  long ray_trials = 0;
  double passes = 0;
  int threads = 1;
};

/// The names that may be asked for.
std::vector<std::string> direction_names();
std::vector<std::string> coordinate_names();

/// Throws std::invalid_argument that says why, where what was asked for can't be combined. Needs no data.
void refuse_what_cannot_be_combined(const FitOptions& options, bool softmax);

/// Throws std::invalid_argument likewise.
Solution solve(const Problem& problem, const FitOptions& options);

}  // namespace surefoot::fitting
