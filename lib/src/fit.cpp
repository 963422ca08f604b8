#include "surefoot/fit.hpp"

#include <algorithm>
#include <chrono>
#include <stdexcept>

#include "fit/columns.hpp"
#include "fit/measures.hpp"
#include "fit/rows.hpp"
#include "fit/solve.hpp"
#include "fit/start.hpp"
#include "fit/target.hpp"
#include "specification.hpp"
#include "surefoot/registry.hpp"

namespace surefoot {
namespace {

using namespace fitting;

void check_choice(const std::string& what, const std::string& name, const std::vector<std::string>& there) {
  if (std::find(there.begin(), there.end(), name) != there.end()) return;
  throw std::invalid_argument("there is no " + what + " '" + name + "'; there are " + joined(there));
}

/// The matrix as it is to be fitted: as it lies in the table, or shifted where that keeps digits.
std::variant<const DenseMatrix*, const SparseMatrix*> matrix_of(const Table& table, const Columns& columns) {
  if (const auto* sparse = std::get_if<SparseMatrix>(&table.x)) return sparse;
  return columns.shifted_copy.size() > 0 ? &columns.shifted_copy : &std::get<DenseMatrix>(table.x);
}

LinearOptions linear_options(const FitOptions& options, const Columns& columns, Vector weights) {
  LinearOptions linear{.l2 = options.l2, .centre = columns.centre, .scale = columns.scale};
  if (columns.shifted_copy.size() > 0) linear.centre = {};
  linear.row_weights = std::move(weights);
  linear.threads = options.threads;
  linear.trusted = true;  // the reader refuses what is not finite, choose_target what does not suit the loss
  return linear;
}

LinearModel untrained(const Table& table, const Target& target) {
  LinearModel model;
  model.model = target.model.name();
  model.options = target.model.options();
  model.encoding = table.encoding;
  model.classes = target.classes;
  return model;
}

/// Without a penalty, classes that a plane tells apart are told apart better by ever larger weights. (The squared hinge
/// has its minimum there, 0.)
bool grows_without_bound(const Fit& fit, const FitOptions& options) {
  const bool has_no_minimum = fit.trained.model == LogisticLoss::name || fit.trained.model == SoftmaxLoss::name;
  return has_no_minimum && fit.accuracy == 1 && options.l1 == 0 && options.l2 == 0;
}

void take(Solution&& solution, Fit& fit) {
  fit.result = std::move(solution.result);
  fit.strategy = std::move(solution.strategy);
  fit.direction = std::move(solution.direction);
  fit.coordinates = std::move(solution.coordinates);
  fit.why_solver = std::move(solution.why);
  fit.duality_gap = solution.duality_gap;
  fit.ray_trials = solution.ray_trials;
  fit.passes = solution.passes;
  fit.threads = solution.threads;
}

}  // namespace

void validate(const FitOptions& options) {
  require("fit", "l1", options.l1, Range::at_least(0));
  require("fit", "l2", options.l2, Range::at_least(0));
  require("fit", "tolerance", options.tolerance, Range::at_least(0));
  require("fit", "threads", options.threads, Range::at_least(0));
  if (options.first_step) require("fit", "first_step", *options.first_step, Range::within(smallest_step, largest_step));
  if (options.max_iterations) require("fit", "max_iterations", *options.max_iterations, Range::at_least(0));
  if (options.max_seconds) require("fit", "max_seconds", *options.max_seconds, Range::at_least(0));
  check_choice("scale", options.scale, {"standard", "none"});
  if (!options.model.empty()) make_model(options.model);
  if (!options.step.empty()) make_rule(options.step);
  if (!options.direction.empty()) check_choice("direction", options.direction, direction_names());
  if (!options.coordinates.empty()) check_choice("coordinates", options.coordinates, coordinate_names());
  if (!options.class_weight.empty()) check_choice("class weight", options.class_weight, {"balanced"});
}

Fit fit(const Table& table, const FitOptions& options) {
  const auto began = std::chrono::steady_clock::now();
  validate(options);
  Fit fit;
  const Target target = choose_target(table, options, fit.notes);
  fit.why_model = target.why;
  fit.scale = options.scale;
  Vector weights = row_weights(table, target, options);
  Columns columns;
  if (options.scale == "standard") {
    columns = std::visit([&](const auto& x) { return standardise(x, fit.notes, options.threads); }, table.x);
  }

  const bool is_softmax_model = std::holds_alternative<SoftmaxLoss>(target.model.loss);
  Problem problem{.x = matrix_of(table, columns),
                  .y = target.y(),
                  .loss = target.model.loss,
                  .classes = is_softmax_model ? static_cast<Index>(target.classes.size()) : 1,
                  .linear = linear_options(options, columns, std::move(weights)),
                  .l1 = options.l1,
                  .intercept = options.intercept,
                  .start = {}};
  if (problem.size() == 0) throw std::invalid_argument("the table has no columns to fit beside the target");
  if (options.start) problem.start = weights_of(*options.start, table, target, columns, options.intercept);
  take(solve(problem, options), fit);

  fit.fitted_weights = fit.result.w.head(problem.classes * problem.columns());
  fit.data_loss = fit.result.loss - 0.5 * options.l2 * fit.fitted_weights.squaredNorm() -
                  options.l1 * fit.fitted_weights.lpNorm<1>();
  fit.trained = untrained(table, target);
  set_coefficients(fit.result.w, columns, options.intercept, fit.trained);
  fit.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  measure(fit, table, target);
  fit.separated = grows_without_bound(fit, options);
  return fit;
}

}  // namespace surefoot
