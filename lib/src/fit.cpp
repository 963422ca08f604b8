#include "surefoot/fit.hpp"

#include <algorithm>
#include <chrono>
#include <stdexcept>

#include "fit/columns.hpp"
#include "fit/constant.hpp"
#include "fit/measures.hpp"
#include "fit/plan.hpp"
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
  throw std::invalid_argument("there is no " + what + " '" + name + "'; there " + (there.size() == 1 ? "is " : "are ") +
                              joined(there));
}

/// The matrix as it is to be fitted: as it lies in the table, or shifted where that keeps digits.
std::variant<const DenseMatrix*, const SparseMatrix*> matrix_of(const Table& table, const Columns& columns) {
  if (const auto* sparse = std::get_if<SparseMatrix>(&table.x)) return sparse;
  return columns.shifted_copy.size() > 0 ? &columns.shifted_copy : &std::get<DenseMatrix>(table.x);
}

LinearOptions linear_options(const FitOptions& options, Vector weights) {
  LinearOptions linear{.l2 = options.l2};
  linear.row_weights = std::move(weights);
  linear.threads = options.threads;
  // What is not finite shows in the columns' scales or in the result, and is looked for then only.
  linear.trusted = true;
  return linear;
}

/// A table that a program made may hold what no reader lets through.
void refuse_not_finite(const Table& table) {
  std::visit(
      [&](const auto& x) {
        find_not_finite(x, [&](Index row, Index column, double value) {
          const auto& features = table.encoding.features;
          const auto at = static_cast<std::size_t>(column);
          const std::string name = at < features.size() ? ", " + features[at].name + "," : "";
          throw std::invalid_argument("x of the table is " + number(value) + " in row " + std::to_string(row + 1) +
                                      ", column " + std::to_string(column + 1) + name + ": it must be finite");
        });
      },
      table.x);
}

/// The columns are standardised for one read of the table, which also gives the gradient of the constant model: of a large
/// table, where it may save a read to begin with (a small one begins at the constant itself), and where the run can use it,
/// which must know the Hessian's diagonal too (all rows curve alike).
Columns fit_columns(const Table& table, const FitOptions& options, Problem& problem, std::vector<std::string>& notes) {
  if (options.scale != "standard") return {};
  constexpr Index large = 1 << 17;  // numbers
  const Facts facts = facts_of(problem);
  const bool curve_alike = facts.curved && facts.margins == 1 && problem.linear.row_weights.size() == 0;
  AtConstant constant;
  if (!facts.sparse && !facts.proximal && curve_alike && facts.rows * facts.columns >= large) {
    constant = at_constant(problem);
  }
  Columns columns =
      std::visit([&](const auto& x) { return standardise(x, notes, options.threads, constant.slopes); }, table.x);
  if (!columns.centre.allFinite() || columns.scale.hasNaN()) refuse_not_finite(table);
  problem.linear.scale = columns.scale;
  if (columns.shifted_copy.size() == 0) problem.linear.centre = columns.centre;
  if (columns.products.size() > 0) {
    const auto rows = static_cast<double>(facts.rows);
    problem.constant_loss = constant.loss;
    problem.constant_gradient.resize(problem.size());
    problem.constant_gradient.head(columns.products.size()) = columns.products / rows;
    if (problem.intercept) problem.constant_gradient.tail<1>()[0] = constant.slopes.sum() / rows;
  }
  return columns;
}

/// A column that holds the number of its row, as files often do, is rarely meant to explain anything.
void note_row_numbers(const Table& table, std::vector<std::string>& notes) {
  constexpr Index few = 10;
  const auto* x = std::get_if<DenseMatrix>(&table.x);
  if (x == nullptr || x->rows() < few || std::ssize(table.encoding.features) != x->cols()) return;
  for (std::size_t j = 0; j < table.encoding.features.size(); ++j) {
    const auto column = x->col(static_cast<Index>(j));
    const double first = column[0];
    if (first != 0 && first != 1) continue;
    Index i = 1;
    while (i < column.size() && column[i] == first + static_cast<double>(i)) ++i;
    if (i < column.size()) continue;
    const std::string& name = table.encoding.features[j].name;
    notes.push_back("column '" + name +
                    "' numbers the rows and is fitted as the others are; if it means nothing, drop it");
  }
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
  if (!options.step.empty()) make_rule(options.step);
  if (!options.direction.empty()) check_choice("direction", options.direction, direction_names());
  if (!options.coordinates.empty()) check_choice("kind of coordinates", options.coordinates, coordinate_names());
  if (!options.class_weight.empty()) check_choice("class weight", options.class_weight, {"balanced"});
  const bool softmax = !options.model.empty() && std::holds_alternative<SoftmaxLoss>(make_model(options.model).loss);
  refuse_what_cannot_be_combined(options, softmax);
}

Fit fit(const Table& table, const FitOptions& options) {
  const auto began = std::chrono::steady_clock::now();
  validate(options);
  Fit fit;
  const Target target = choose_target(table, options, fit.notes);
  fit.why_model = target.why;
  fit.scale = options.scale;
  Vector weights = row_weights(table, target, options);

  const bool is_softmax_model = std::holds_alternative<SoftmaxLoss>(target.model.loss);
  Problem problem{.x = matrix_of(table, {}),
                  .y = target.y(),
                  .loss = target.model.loss,
                  .classes = is_softmax_model ? static_cast<Index>(target.classes.size()) : 1,
                  .linear = linear_options(options, std::move(weights)),
                  .l1 = options.l1,
                  .intercept = options.intercept};
  if (problem.size() == 0) throw std::invalid_argument("the table has no columns to fit beside the target");
  const Columns columns = fit_columns(table, options, problem, fit.notes);
  problem.x = matrix_of(table, columns);
  if (options.start) problem.start = weights_of(*options.start, table, target, columns, options.intercept);
  take(solve(problem, options), fit);
  if (fit.result.code == Code::start_not_finite) refuse_not_finite(table);

  fit.fitted_weights = fit.result.w.head(problem.classes * problem.columns());
  fit.data_loss = fit.result.loss - 0.5 * options.l2 * fit.fitted_weights.squaredNorm() -
                  options.l1 * fit.fitted_weights.lpNorm<1>();
  fit.trained = untrained(table, target);
  set_coefficients(fit.result.w, columns, options.intercept, fit.trained);
  fit.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  note_row_numbers(table, fit.notes);
  measure(fit, table, target);
  fit.separated = grows_without_bound(fit, options);
  return fit;
}

}  // namespace surefoot
