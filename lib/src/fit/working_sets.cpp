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
/// A set's minimum is found to this share of the residual over all columns: another round costs a pass over all of them.
constexpr double forcing = 1e-3;

/// How many columns a copy may have: a tenth of the data, and 32 MB.
Index most_columns(const Problem& problem, Index most) {
  return std::visit(
      [&]<class Matrix>(const Matrix* x) {
        if constexpr (is_sparse<Matrix>) return std::min(most, x->cols());
        const double of_column = 8 * static_cast<double>(x->rows());
        const double room = 0.1 * of_column * static_cast<double>(x->cols()) + 32e6;
        return std::min({most, x->cols(), static_cast<Index>(room / of_column)});
      },
      problem.x);
}

}  // namespace

WorkingSets::WorkingSets(AnyLinear& objective, const Problem& problem, const WorkingSetOptions& options)
    : objective_(&objective),
      problem_(&problem),
      options_(options),
      penalised_(objective, problem.l1, problem.free()),
      most_(most_columns(problem, options.most)) {}

double WorkingSets::loss(const Vector& w, Vector& gradient) {
  if (!may_be_last_ || !objective_->has_dual()) return penalised_.loss(w, gradient);
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
  return passes_of_past_sets_ + (set_ ? set_->share() * static_cast<double>(set_->objective().reads()) : 0);
}

void WorkingSets::solve(const Vector& w, const Vector& gradient) {
  const double worst = l1_violation(w, gradient, problem_->l1, problem_->free());
  if (at_.size() == 0) goal_ = options_.gradient > 0 ? options_.gradient : options_.accuracy * worst;
  at_ = w;
  const double tolerance = std::max(0.3 * goal_, forcing * worst);
  if (!choose(w, gradient, tolerance)) {
    gave_up_ = true;
    return;
  }
  set_->enter(w, within_);
  const Minimizer newton{SteepestDescent{}, AnyRule(Armijo{}), Monitor{}, inner_stop(tolerance)};
  Result result = newton.run(*newton_, within_, {.first_step = 1});
  gave_up_ = !result.ok();
  if (result.w == within_) {  // rounding hides the way; whether that is the end the outer loop shall say
    Vector of_set;
    set_->enter(gradient, of_set);
    newton_->proximal_step(within_, of_set, 1, result.w);
  }
  set_->leave(result.w, found_);
  may_be_last_ = result.gradient_norm <= goal_;
}

Stop WorkingSets::inner_stop(double tolerance) const {
  Stop stop{.absolute_gradient = tolerance, .max_iterations = 100, .cancel = options_.cancel};
  if (options_.max_seconds) {
    const std::chrono::duration<double> gone = std::chrono::steady_clock::now() - began_;
    stop.max_seconds = std::max(0.0, *options_.max_seconds - gone.count());
  }
  return stop;
}

/// The next set, or the present one where all that matters is in it. False: they are too many.
bool WorkingSets::choose(const Vector& w, const Vector& gradient, double tolerance) {
  const Index columns = problem_->columns();
  const auto weights = w.head(columns);
  const Index nonzero = (weights.array() != 0).count();
  if (nonzero > most_ - most_ / 8) return false;
  // A set that was filled tells that not only the columns that seem to matter do.
  if (set_ && 10 * nonzero > 9 * columns_in_set()) {
    const Index seem = ((weights.array() == 0) && (gradient.head(columns).array().abs() > problem_->l1)).count();
    if (nonzero + seem > most_) return false;
  }
  if (set_) {
    Vector outside = gradient.head(columns), weights_outside = weights;
    for (const Index j : set_->columns()) outside[j] = weights_outside[j] = 0;
    const bool has_all = (weights_outside.array() == 0).all();
    if (has_all && max_norm(outside) <= problem_->l1 + tolerance) return true;
  }
  std::vector<Index> order(static_cast<std::size_t>(columns));
  std::iota(order.begin(), order.end(), Index{0});
  const auto size = std::min(std::max(fewest, 2 * nonzero), most_);
  const auto before = [&](Index a, Index b) {
    const bool a_in = weights[a] != 0, b_in = weights[b] != 0;
    if (a_in != b_in) return a_in;
    return std::abs(gradient[a]) > std::abs(gradient[b]);
  };
  std::nth_element(order.begin(), order.begin() + size - 1, order.end(), before);
  order.resize(static_cast<std::size_t>(size));
  std::sort(order.begin(), order.end());

  passes_of_past_sets_ = passes();
  newton_.reset();
  set_ = std::make_unique<SomeColumns>(*problem_, std::move(order));
  passes_of_past_sets_ += set_->copy_cost();
  Facts facts = facts_of(*problem_);
  facts.stored_per_row *= set_->share();
  facts.columns = size;
  facts.weights = size + problem_->free();
  const double worst = l1_violation(w, gradient, problem_->l1, problem_->free());
  newton_ = std::make_unique<GramL1<AnyLinear>>(set_->objective(), problem_->l1, problem_->free(),
                                                GramL1Options{.cost = make_plan(facts).hessian_cost,
                                                              .accuracy = std::clamp(0.3 * goal_ / worst, 1e-15, 1.0),
                                                              .first = facts.quadratic ? 1e-7 : 0.03});
  return true;
}

}  // namespace surefoot::fitting
