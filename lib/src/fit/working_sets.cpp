#include "fit/working_sets.hpp"

#include <algorithm>
#include <numeric>

#include "fit/plan.hpp"
#include "surefoot/any_rule.hpp"
#include "surefoot/directions/steepest.hpp"
#include "surefoot/loop/minimizer.hpp"
#include "surefoot/steps/armijo.hpp"

namespace surefoot::fitting {
namespace {

constexpr Index fewest = 128;
/// The minimum over a set is found to this share of the residual over all columns: another round costs a pass over all of
/// them; and where the set is fitted by sweeps over columns, which cost a part of that each.
constexpr double forcing = 1e-3, forcing_by_columns = 0.05;

/// What a copy of columns may take: a tenth of the data, and 32 MB.
double most_bytes(const Problem& problem) {
  return std::visit([](const auto* x) { return 0.1 * bytes_per_row(*x) * static_cast<double>(x->rows()) + 32e6; },
                    problem.x);
}

}  // namespace

WorkingSets::WorkingSets(AnyLinear& objective, const Problem& problem, const WorkingSetOptions& options)
    : objective_(&objective),
      problem_(&problem),
      options_(options),
      penalised_(objective, problem.l1, problem.free()) {}

double WorkingSets::loss(const Vector& w, Vector& gradient) {
  if (!may_be_last_) return penalised_.loss(w, gradient);
  const double loss = objective_->loss(w, gradient, problem_->l1, dual_);
  dual_at_ = w;
  return loss;
}

std::optional<double> WorkingSets::gap_at(const Vector& w) const {
  if (dual_at_.size() != w.size() || dual_at_ != w) return {};
  return dual_.gap;
}

double WorkingSets::proximal_step(const Vector& w, const Vector& gradient, double step, Vector& to) {
  if (at_.size() != w.size() || at_ != w) solve(w, gradient);
  if (gave_up_) {
    to = w;
  } else if (step >= 1) {
    to = found_;
  } else {
    to = w + step * (found_ - w);
  }
  return problem_->l1 * to.head(to.size() - problem_->free()).lpNorm<1>();
}

double WorkingSets::passes() const {
  return passes_of_past_sets_ + (set_ ? set_->share() * static_cast<double>(set_->objective().reads()) : 0) +
         (by_columns_ ? by_columns_->passes() : 0);
}

void WorkingSets::solve(const Vector& w, const Vector& gradient) {
  const double worst = l1_violation(w, gradient, problem_->l1, problem_->free());
  if (at_.size() == 0) {
    goal_ = std::max(options_.gradient > 0 ? options_.gradient : options_.accuracy * worst, options_.rounding);
  }
  at_ = w;
  const auto enough = [&](double share) { return std::max(0.3 * goal_, share * worst); };
  const bool keeps = holds_all(w, gradient, enough(forcing)) && !(by_columns_ && slow_);
  if (!keeps && !choose(w, gradient)) {
    gave_up_ = true;
  } else if (by_columns_) {
    solve_by_columns(w, enough(forcing_by_columns));
  } else {
    solve_in_metric(w, gradient, enough(forcing));
  }
}

void WorkingSets::solve_in_metric(const Vector& w, const Vector& gradient, double tolerance) {
  set_->enter(w, within_);
  const Minimizer newton{SteepestDescent{}, AnyRule(Armijo{}), Monitor{},
                         Stop{.absolute_gradient = tolerance,
                              .max_iterations = 100,
                              .max_seconds = seconds_left(),
                              .cancel = options_.cancel}};
  Result result = newton.run(*in_metric_, within_, {.first_step = 1});
  gave_up_ = !result.ok();
  if (result.w == within_) {  // rounding hides the way; whether that is the end the outer loop shall say
    Vector of_set;
    set_->enter(gradient, of_set);
    in_metric_->proximal_step(within_, of_set, 1, result.w);
  }
  set_->leave(result.w, found_);
  may_be_last_ = result.gradient_norm <= goal_;
}

/// Where columns are nearly collinear sweeps hardly move: beyond what a factor of the metric takes the next set gets that.
void WorkingSets::solve_by_columns(const Vector& w, double tolerance) {
  const auto size = static_cast<double>(in_set_.size());
  const double enough_work = by_columns_->passes() + size * size * size / 4 / by_columns_->stored_by_all();
  const bool has_other = columns_in_set() <= options_.most;
  const auto go_on = [&] {
    slow_ = has_other && by_columns_->passes() > enough_work;
    return !slow_ && may_go_on();
  };
  found_ = w;
  may_be_last_ = by_columns_->minimise(found_, tolerance, go_on) <= goal_;
}

std::optional<double> WorkingSets::seconds_left() const {
  if (!options_.max_seconds) return {};
  const std::chrono::duration<double> gone = std::chrono::steady_clock::now() - began_;
  return std::max(0.0, *options_.max_seconds - gone.count());
}
bool WorkingSets::may_go_on() const { return !options_.cancel.stop_requested() && seconds_left().value_or(1) > 0; }

/// Is all that matters in the present set?
bool WorkingSets::holds_all(const Vector& w, const Vector& gradient, double tolerance) const {
  if (in_set_.empty()) return false;
  auto next = in_set_.begin();
  for (Index j = 0; j < problem_->columns(); ++j) {
    if (next != in_set_.end() && *next == j) {
      ++next;
    } else if (w[j] != 0 || std::abs(gradient[j]) > problem_->l1 + tolerance) {
      return false;
    }
  }
  return true;
}

/// The next set. False: its copy would be too large.
bool WorkingSets::choose(const Vector& w, const Vector& gradient) {
  count_stored();
  const Index columns = problem_->columns();
  const auto is_zero = w.head(columns).array() == 0;
  const Index nonzero = columns - is_zero.count();
  const Index seem = (is_zero && gradient.head(columns).array().abs() > problem_->l1).count();
  // A set that was filled tells that more columns matter than it could hold.
  const bool filled = 10 * nonzero > 9 * columns_in_set() && columns_in_set() > 0;
  all_matter_ = all_matter_ || nonzero > options_.most / 2 || (filled && nonzero + seem > options_.most);
  const double of_column = 8 * static_cast<double>(problem_->y.size());
  const bool sparse = !stored_.empty();
  const Index room = sparse ? columns : static_cast<Index>(std::min(most_bytes(*problem_) / of_column, 1e9));
  std::vector<Index> next = all_matter_ || nonzero >= room
                                ? all_that_matter(w, gradient)
                                : largest(w, gradient, std::min({std::max(fewest, 2 * nonzero), columns, room}));

  passes_of_past_sets_ = passes();
  in_metric_.reset();
  set_.reset();
  by_columns_.reset();
  in_set_ = std::move(next);
  const double stored = stored_by(in_set_), size = static_cast<double>(in_set_.size());
  if (stored * (sparse ? sizeof(double) + sizeof(int) : sizeof(double)) > most_bytes(*problem_)) return false;
  if (columns_in_set() > options_.most || (size * size > stored && !slow_)) {
    by_columns_ = std::make_unique<ColumnNewton>(*problem_, *objective_, in_set_);
    passes_of_past_sets_ += sparse ? 2 : 1;
    return true;
  }
  set_ = std::make_unique<SomeColumns>(*problem_, in_set_);
  passes_of_past_sets_ += set_->copy_cost();
  Facts facts = facts_of(*problem_);
  facts.stored_per_row *= set_->share();
  facts.columns = columns_in_set();
  facts.weights = facts.columns + problem_->free();
  const double worst = l1_violation(w, gradient, problem_->l1, problem_->free());
  in_metric_ =
      std::make_unique<GramL1<AnyLinear>>(set_->objective(), problem_->l1, problem_->free(),
                                          GramL1Options{.cost = make_plan(facts).hessian_cost,
                                                        .accuracy = std::clamp(0.3 * goal_ / worst, 1e-15, 1.0),
                                                        .first = facts.quadratic ? 1e-7 : 0.03});
  return true;
}

/// Those that are not zero, and beside them those with the largest gradient.
std::vector<Index> WorkingSets::largest(const Vector& w, const Vector& gradient, Index size) const {
  std::vector<Index> order(static_cast<std::size_t>(problem_->columns()));
  std::iota(order.begin(), order.end(), Index{0});
  const auto before = [&](Index a, Index b) {
    const bool a_in = w[a] != 0, b_in = w[b] != 0;
    if (a_in != b_in) return a_in;
    return std::abs(gradient[a]) > std::abs(gradient[b]);
  };
  std::nth_element(order.begin(), order.begin() + size - 1, order.end(), before);
  order.resize(static_cast<std::size_t>(size));
  std::sort(order.begin(), order.end());
  return order;
}

/// All that are not zero or can't stay so, and those of the present set.
std::vector<Index> WorkingSets::all_that_matter(const Vector& w, const Vector& gradient) const {
  std::vector<Index> columns;
  auto present = in_set_.begin();
  for (Index j = 0; j < problem_->columns(); ++j) {
    const bool is_present = present != in_set_.end() && *present == j;
    if (is_present) ++present;
    if (is_present || w[j] != 0 || std::abs(gradient[j]) > problem_->l1) columns.push_back(j);
  }
  return columns;
}

void WorkingSets::count_stored() {
  const auto* const* sparse = std::get_if<const SparseMatrix*>(&problem_->x);
  if (sparse == nullptr || !stored_.empty()) return;
  stored_.assign(static_cast<std::size_t>(problem_->columns()), 0);
  for (Index i = 0; i < problem_->y.size(); ++i) {
    const SparseRow row(**sparse, i);
    for (Index k = 0; k < row.count; ++k) ++stored_[static_cast<std::size_t>(row.columns[k])];
  }
  passes_of_past_sets_ += 1;
}

double WorkingSets::stored_by(const std::vector<Index>& columns) const {
  if (stored_.empty()) return static_cast<double>(problem_->y.size()) * static_cast<double>(columns.size());
  double sum = 0;
  for (const Index j : columns) sum += stored_[static_cast<std::size_t>(j)];
  return sum;
}

}  // namespace surefoot::fitting
