#include "fit/solve.hpp"

#include <stdexcept>

#include "fit/beginning.hpp"
#include "fit/in_coordinates.hpp"
#include "fit/plan.hpp"
#include "fit/working_sets.hpp"
#include "surefoot/coordinates/gram_l1.hpp"
#include "surefoot/directions/conjugate_gradient.hpp"
#include "surefoot/directions/heavy_ball.hpp"
#include "surefoot/directions/nesterov.hpp"
#include "surefoot/directions/truncated_newton.hpp"
#include "surefoot/minimize.hpp"
#include "surefoot/objectives/lasso.hpp"
#include "surefoot/registry.hpp"
#include "surefoot/steps/armijo.hpp"

namespace surefoot::fitting {
namespace {

constexpr std::string_view plain = "plain", diagonal = "diagonal", gram = "gram";

std::string_view name_of(Way way) { return way == Way::gram ? gram : way == Way::diagonal ? diagonal : plain; }

/// What was asked for goes before the plan.
Plan heeding(Plan plan, const FitOptions& options) {
  if (options.coordinates.empty()) {
    if (options.direction.empty() && options.step.empty()) return plan;
    plan.coordinates = Way::plain;
  } else {
    plan.coordinates = options.coordinates == gram       ? Way::gram
                       : options.coordinates == diagonal ? Way::diagonal
                                                         : Way::plain;
  }
  plan.start_rows = plan.metric_rows = 0;
  plan.begins_plain = plan.begins_diagonal = plan.newton = plan.working_sets = false;
  plan.why = "as asked";
  return plan;
}

/// Calls `run` with the direction of that name.
template <class Run>
void with_direction(std::string_view name, int memory, Run&& run) {
  if (name == SteepestDescent::name) run(SteepestDescent{});
  if (name == HeavyBall::name) run(HeavyBall{});
  if (name == Nesterov::name) run(Nesterov{});
  if (name == ConjugateGradient::name) run(ConjugateGradient{});
  if (name == LBFGS::name) run(Inferred{LBFGS{.memory = memory}});
  if (name == TruncatedNewton::name) run(TruncatedNewton{});
}

/// The second of two runs, as the one that both are.
Result joined(Result first, Result second, const FitOptions& options) {
  second.iterations += first.iterations;
  second.gradient_evaluations += first.gradient_evaluations;
  second.loss_evaluations += first.loss_evaluations;
  second.trials_not_finite += first.trials_not_finite;
  second.rollbacks += first.rollbacks;
  auto &counts = second.rolled_back_for, &before = first.rolled_back_for;
  counts.rose += before.rose;
  counts.not_finite += before.not_finite;
  counts.failed_ray += before.failed_ray;
  counts.cycle += before.cycle;
  first.events.insert(first.events.end(), second.events.begin(), second.events.end());
  second.events = std::move(first.events);
  second.seconds += first.seconds;
  second.start_loss = first.start_loss;
  second.start_gradient_norm = first.start_gradient_norm;
  if (second.code == Code::iterations) {
    second.reason = "the limit of " + detail::counted(*options.max_iterations, "iteration") + " was reached";
  }
  if (second.code == Code::time) {
    second.reason = "the limit of " + number(*options.max_seconds) + " seconds was reached";
  }
  return second;
}

class Run {
 public:
  Run(const Problem& problem, const FitOptions& options)
      : problem_(problem), options_(options), facts_(facts_of(problem)), plan_(heeding(make_plan(facts_), options)) {
    std::visit(
        [&](const auto* x) { objective_ = make_linear(*x, problem.y, problem.loss, problem.classes, problem.linear); },
        problem.x);
  }

  Solution operator()() {
    at_ = begin(problem_, facts_, plan_, *objective_, options_);
    stop_ = {.max_iterations = options_.max_iterations, .max_seconds = options_.max_seconds, .cancel = options_.cancel};
    at_.goal.set(stop_);
    Solution solution;
    solution.coordinates = name_of(plan_.coordinates);
    solution.why = at_.why;
    solution.direction = direction();
    if (problem_.l1 > 0) {
      descend_with_l1(solution);
    } else {
      with_direction(solution.direction, plan_.memory, [&](const auto& along) { descend(along, solution); });
    }
    describe_whole(solution.result);
    solution.ray_trials = solution.result.ray_trials;
    solution.passes = static_cast<double>(objective_->reads()) + at_.passes + passes_of_copies_;
    solution.threads = objective_->threads();
    return solution;
  }

 private:
  std::string direction() const {
    if (!options_.direction.empty()) return options_.direction;
    if (problem_.l1 > 0 || !options_.step.empty()) return std::string(SteepestDescent::name);
    return std::string(plan_.newton ? TruncatedNewton::name : LBFGS::name);
  }

  /// The run as it looks from the constant model, and no worse than that.
  void describe_whole(Result& result) const {
    if (std::isnan(at_.loss) || problem_.start.size() > 0) return;
    result.start_loss = at_.loss;
    result.start_gradient_norm = at_.gradient_max;
  }

  // --- smooth --------------------------------------------------------------------------------------------------------

  template <class Direction>
  void descend(const Direction& direction, Solution& solution) {
    if constexpr (surefoot::needs_hessian_products<Direction>()) objective_->keep_curvature();
    const AnyRule rule = step_rule<Direction>();
    solution.strategy = rule.spelling();
    auto scaled = in_coordinates();
    solution.result = Minimizer{direction, rule, Monitor{}, stop_}.run(
        scaled, at_.start, {.first_step = options_.first_step}, observed(options_.observer));
    solution.coordinates = name_of(scaled.ends_in());
    if (at_.late) solution.why += scaled.ends_in() == Way::gram ? " once it pays" : " once it pays, which it did not";
  }
  /// The one that was asked for, or the one at home with the direction.
  template <class Direction>
  AnyRule step_rule() const {
    if (!options_.step.empty()) return make_rule(options_.step);
    if constexpr (std::is_same_v<Direction, SteepestDescent>) return make_rule("auto+nonmonotone");
    return Direction::home_rule();
  }

  InCoordinates in_coordinates() {
    if (plan_.coordinates == Way::plain) return InCoordinates::plain(*objective_);
    if (plan_.coordinates == Way::diagonal) return InCoordinates::diagonal(*objective_);
    Metrics metrics(*objective_, plan_.hessian_cost);
    if (at_.first_metric == Way::plain) metrics.begin_plain(at_.curvature);
    if (!at_.metric_rows.empty()) {
      if (at_.first_metric == Way::diagonal) metrics.begin_with(at_.steep_diagonal());
      metrics.then_sample([this] { return metric_sample(); }, plan_.sample_cost,
                          static_cast<double>(plan_.metric_rows) / static_cast<double>(facts_.weights));
    }
    return InCoordinates::gram(*objective_, std::move(metrics),
                               {.accuracy = std::max(options_.tolerance, 1e-15), .gradient = at_.goal.gradient()});
  }
  std::unique_ptr<Sample> metric_sample() {
    auto sample = std::make_unique<Sample>(problem_, at_.metric_rows);
    sample->expect(at_.constant, at_.diagonal);
    passes_of_copies_ += static_cast<double>(sample->rows()) / static_cast<double>(facts_.rows);
    return sample;
  }

  // --- with an L1 penalty ------------------------------------------------------------------------------------------------

  void descend_with_l1(Solution& solution) {
    const bool in_gram = plan_.coordinates == Way::gram;
    const AnyRule rule = !options_.step.empty() ? make_rule(options_.step)
                         : in_gram              ? AnyRule(Armijo{})
                                                : make_rule("auto+nonmonotone");
    solution.strategy = rule.spelling();
    const Minimizer minimizer{SteepestDescent{}, rule, Monitor{}, stop_};
    if (plan_.working_sets) {
      solution.result = run_working_sets(minimizer, solution);
    } else if (in_gram) {
      solution.result = run_proximal_newton(minimizer);
    } else {
      solution.result = run_proximal_gradient(minimizer, at_.start, observed(options_.observer));
    }
    if (solution.result.ok() && !solution.duality_gap) solution.duality_gap = duality_gap(solution.result.w);
  }

  template <class MinimizerType, class Observer>
  Result run_proximal_gradient(const MinimizerType& minimizer, const Vector& start, const Observer& observer) {
    WithL1 penalised(*objective_, problem_.l1, problem_.free());
    return minimizer.run(penalised, start, {.first_step = options_.first_step}, observer);
  }

  template <class MinimizerType>
  Result run_proximal_newton(const MinimizerType& minimizer) {
    const GramL1Options metric{.cost = plan_.hessian_cost,
                               .accuracy = std::max(options_.tolerance, 1e-15),
                               .first = facts_.quadratic && at_.metric_rows.empty() ? 1e-7 : 0.03};
    const RunOptions run{.first_step = options_.first_step.value_or(1)};
    if (at_.metric_rows.empty()) {
      GramL1 penalised(*objective_, problem_.l1, problem_.free(), metric);
      return minimizer.run(penalised, at_.start, run, observed(options_.observer));
    }
    Sample sample(problem_, at_.metric_rows);
    GramL1 penalised(*objective_, sample.objective(), problem_.l1, problem_.free(), metric);
    return minimizer.run(penalised, at_.start, run, observed(options_.observer));
  }

  /// Working sets, and the plain proximal path from where they come to their end: when too many columns matter.
  template <class MinimizerType>
  Result run_working_sets(const MinimizerType& minimizer, Solution& solution) {
    WorkingSets sets(*objective_, problem_,
                     {.accuracy = options_.tolerance,
                      .gradient = at_.goal.gradient(),
                      .rounding = at_.goal.rounding,
                      .max_seconds = options_.max_seconds,
                      .cancel = options_.cancel});
    const auto tell = observed(options_.observer);
    const auto until_given_up = [&](const Event& event) {
      return (sets.gave_up() && event.kind == Event::Kind::end) || tell(event);
    };
    Result first = minimizer.run(sets, at_.start, {.first_step = options_.first_step.value_or(1)}, until_given_up);
    passes_of_copies_ += sets.passes();
    if (!sets.gave_up()) {
      solution.why += ", " + std::to_string(sets.columns_in_set()) + " in the last";
      solution.duality_gap = sets.gap_at(first.w);
      return first;
    }

    solution.why += "; then all of them: too many matter";
    solution.coordinates = name_of(Way::plain);
    Stop rest = stop_;
    Goal goal = at_.goal;
    if (std::isnan(goal.first)) goal.first = first.start_gradient_norm;
    goal.set(rest);
    if (rest.max_iterations) rest.max_iterations = *rest.max_iterations - first.iterations;
    if (rest.max_seconds) rest.max_seconds = std::max(0.0, *rest.max_seconds - first.seconds);
    const AnyRule rule = make_rule(options_.step.empty() ? "auto+nonmonotone" : options_.step);
    solution.strategy = rule.spelling();
    // Who watches sees one run.
    const auto go_on = [&](Event event) {
      if (event.kind == Event::Kind::start) return true;
      event.iteration += first.iterations;
      event.evaluations += first.gradient_evaluations + first.loss_evaluations;
      event.rollbacks += first.rollbacks;
      event.seconds += first.seconds;
      return tell(event);
    };
    Result second = run_proximal_gradient(Minimizer{SteepestDescent{}, rule, Monitor{}, rest}, first.w, go_on);
    return joined(std::move(first), std::move(second), options_);
  }

  double duality_gap(const Vector& w) {
    DualPoint dual;
    Vector gradient(w.size());
    objective_->loss(w, gradient, problem_.l1, dual);
    return dual.gap;
  }

  const Problem& problem_;
  const FitOptions& options_;
  Facts facts_;
  Plan plan_;
  std::unique_ptr<AnyLinear> objective_{};
  Beginning at_{};
  Stop stop_{};
  double passes_of_copies_ = 0;  // what copies of some rows or columns cost, as a share of all
};

/// A matrix of so many weights takes gigabytes, and its factor minutes.
void refuse_too_large(const Problem& problem, const FitOptions& options) {
  constexpr Index most = 16384;
  if (options.coordinates != gram || problem.size() <= most) return;
  const double gigabytes = 8e-9 * static_cast<double>(problem.size()) * static_cast<double>(problem.size());
  throw std::invalid_argument("gram coordinates of " + std::to_string(problem.size()) +
                              " weights: each matrix would take " + number(std::round(gigabytes)) +
                              " GB; they are for up to " + std::to_string(most) +
                              ", and surefoot itself chooses them up to some thousand");
}

}  // namespace

std::vector<std::string> direction_names() {
  return {std::string(SteepestDescent::name),   std::string(HeavyBall::name), std::string(Nesterov::name),
          std::string(ConjugateGradient::name), std::string(LBFGS::name),     std::string(TruncatedNewton::name)};
}

std::vector<std::string> coordinate_names() { return {std::string(plain), std::string(diagonal), std::string(gram)}; }

void refuse_what_cannot_be_combined(const FitOptions& options, bool softmax) {
  if (options.coordinates == gram && softmax && options.l1 == 0) {
    throw std::invalid_argument(
        "gram coordinates can be combined with softmax where there is l1; without it they take longer than plain ones");
  }
  if (options.direction == TruncatedNewton::name && softmax) {
    throw std::invalid_argument("truncated-newton needs products with the Hessian, which softmax does not have here");
  }
  const std::optional<AnyRule> rule = options.step.empty() ? std::nullopt : std::optional(make_rule(options.step));
  with_direction(options.direction, 1, [&]<class Direction>(const Direction&) {
    if (surefoot::follows_gradient<Direction>() || !rule || !needs_gradient_direction(*rule)) return;
    throw std::invalid_argument("the steps of " + options.step + " are for the negative gradient alone: direction = " +
                                options.direction + " can't be combined with it; choose steepest, or armijo, " +
                                "nonmonotone, weak-wolfe, strong-wolfe, hager-zhang or grow");
  });
  if (options.l1 == 0) return;
  if (rule && probes(*rule) == Probe::slope) {
    throw std::invalid_argument("l1 goes by proximal steps, along whose path there are no slopes: step = " +
                                options.step + " can't be combined with it; choose armijo, nonmonotone, grow or bb");
  }
  if (!options.direction.empty() && options.direction != SteepestDescent::name) {
    throw std::invalid_argument("l1 goes by proximal steps, which run along the negative gradient: direction = " +
                                options.direction + " can't be combined with it");
  }
  if (options.coordinates == diagonal) {
    throw std::invalid_argument("l1 goes by proximal steps, in plain or gram coordinates: coordinates = " +
                                options.coordinates + " can't be combined with it");
  }
  if (options.coordinates == gram && !options.step.empty() &&
      entries_of(options.step).front()->role == Role::proposes) {
    throw std::invalid_argument(
        "l1 goes in gram coordinates by proximal Newton steps, whose own length is 1: step = " + options.step +
        ", which proposes lengths for the plain gradient, can't be combined with them; choose armijo, or plain "
        "coordinates");
  }
}

Solution solve(const Problem& problem, const FitOptions& options) {
  refuse_what_cannot_be_combined(options, problem.classes > 1);
  refuse_too_large(problem, options);
  return Run(problem, options)();
}

}  // namespace surefoot::fitting
