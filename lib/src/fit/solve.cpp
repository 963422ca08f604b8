#include "fit/solve.hpp"

#include <stdexcept>

#include "fit/constant.hpp"
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

class Run {
 public:
  Run(const Problem& problem, const FitOptions& options)
      : problem_(problem), options_(options), facts_(facts_of(problem)), plan_(make_plan(facts_)) {
    std::visit(
        [&](const auto* x) { objective_ = make_linear(*x, problem.y, problem.loss, problem.classes, problem.linear); },
        problem.x);
    stop_ = {.gradient = options.tolerance,
             .max_iterations = options.max_iterations,
             .max_seconds = options.max_seconds,
             .cancel = options.cancel};
    heed_wishes();
  }

  Solution operator()() {
    Solution solution;
    choose_start();
    solution.coordinates = name_of(plan_.coordinates);
    solution.why = plan_.why;
    solution.direction = direction();
    if (solution.direction == SteepestDescent::name) along(SteepestDescent{}, solution);
    if (solution.direction == HeavyBall::name) along(HeavyBall{}, solution);
    if (solution.direction == Nesterov::name) along(Nesterov{}, solution);
    if (solution.direction == ConjugateGradient::name) along(ConjugateGradient{}, solution);
    if (solution.direction == LBFGS::name) along(Inferred{LBFGS{.memory = plan_.memory}}, solution);
    if (solution.direction == TruncatedNewton::name) along(TruncatedNewton{}, solution);
    solution.ray_trials = solution.result.ray_trials;
    describe_whole(solution.result);
    if (problem_.l1 > 0 && solution.result.ok() && !solution.duality_gap) {
      solution.duality_gap = duality_gap(solution.result.w);
    }
    solution.passes = static_cast<double>(objective_->reads()) + passes_of_samples_;
    solution.threads = objective_->threads();
    return solution;
  }

 private:
  /// What was asked for goes before the plan.
  void heed_wishes() {
    if (options_.coordinates.empty()) {
      if (options_.direction.empty() && options_.step.empty()) return;
      plan_.coordinates = Way::plain;
    } else {
      plan_.coordinates = options_.coordinates == gram       ? Way::gram
                          : options_.coordinates == diagonal ? Way::diagonal
                                                             : Way::plain;
    }
    plan_.start_rows = plan_.metric_rows = 0;
    plan_.begins_plain = plan_.newton = plan_.working_sets = false;
    plan_.why = "as asked";
  }

  std::string direction() const {
    if (!options_.direction.empty()) return options_.direction;
    if (problem_.l1 > 0 || !options_.step.empty()) return std::string(SteepestDescent::name);
    return std::string(plan_.newton ? TruncatedNewton::name : LBFGS::name);
  }

  void choose_start() {
    constant_ = Vector::Zero(problem_.size());
    if (problem_.intercept) constant_.tail(problem_.classes) = best_constant(problem_);
    const Vector& constant = constant_;
    if (options_.tolerance > 0) {  // else all digits are asked for
      rounding_ = gradient_rounding(constant, problem_);
      stop_.absolute_gradient = rounding_;
    }
    start_ = problem_.start.size() > 0 ? problem_.start : constant;
    if (problem_.start.size() > 0) measure_from(constant);
    if (plan_.coordinates != Way::gram) return;
    if (facts_.proximal) plan_.start_rows = 0;
    auto [first, second] = draw_rows(facts_.rows, problem_.start.size() > 0 ? 0 : plan_.start_rows, plan_.metric_rows);
    if (first.empty() && second.empty()) return;
    if (problem_.start.size() == 0 && !facts_.proximal) {
      measure_from(constant);
      if (cold_gradient_ <= rounding_) {  // the columns tell nothing: no metric is worth a pass
        plan_.begins_plain = true;
        return;
      }
    }
    metric_rows_ = std::move(second);
    if (!first.empty()) start_from(Sample(problem_, std::move(first)), constant);
  }

  /// The minimiser over a sample is a start near that over all rows, for a small part of their cost. It is not believed
  /// beyond the sample's own noise. What it takes to get there also tells whether the data are easy: then a metric of pairs
  /// of columns would cost more than it saves.
  void start_from(Sample&& sample, const Vector& constant) {
    start_ = constant;
    const double noise = static_cast<double>(facts_.weights) / static_cast<double>(sample.rows());
    const Minimizer quick{Inferred{LBFGS{.memory = plan_.memory}}, AnyRule(WeakWolfe{}), Monitor{},
                          Stop{.gradient = 0.1 * noise, .max_iterations = easy_iterations, .cancel = options_.cancel}};
    Metrics of_diagonal(sample.objective(), infinity);
    of_diagonal.begin_with(steep_diagonal());
    auto plain_way = InCoordinates::gram(sample.objective(), std::move(of_diagonal), {});
    const Result first = quick.run(plain_way, start_, {}, observed(nullptr));
    if (first.ok()) start_ = first.w;
    plan_.begins_diagonal = first.code == Code::gradient;
    if (first.code != Code::gradient) {
      Minimizer slow = quick;
      slow.stop.gradient.reset();
      slow.stop.absolute_gradient = 0.1 * noise * first.start_gradient_norm;
      slow.stop.max_iterations = 12;
      auto metric = InCoordinates::gram(sample.objective(), Metrics(sample.objective(), plan_.hessian_cost), {});
      const Result rough = slow.run(metric, start_, {}, observed(nullptr));
      if (rough.ok()) start_ = rough.w;
    }
    passes_of_samples_ +=
        static_cast<double>(sample.objective().reads() * sample.rows()) / static_cast<double>(facts_.rows);
    if (objective_->measure(start_) <= cold_loss_) return;
    // The sample is not like the other rows: some of them lie far out. It shall not give the metric either.
    start_ = constant;
    plan_.begins_diagonal = false;
    plan_.why = std::to_string(facts_.weights) +
                " weights: the metric of the Hessian of all rows, since a fit to some of them is worse than none";
    metric_rows_.clear();
  }

  /// The diagonal of the Hessian as an upper bound of it, nearly.
  Vector steep_diagonal() const { return together * cold_diagonal_; }

  /// The tolerance compares with the gradient where a run without a better start begins.
  void measure_from(const Vector& constant) {
    Vector gradient(constant.size());
    if (diagonal_is_known() && problem_.constant_gradient.size() > 0) {
      gradient = problem_.constant_gradient;
      cold_diagonal_ = known_diagonal(constant);
      cold_loss_ = problem_.constant_loss;
    } else if (facts_.margins == 1) {
      cold_diagonal_.resize(constant.size());
      cold_loss_ = objective_->loss(constant, gradient, cold_diagonal_);
    } else {
      cold_loss_ = objective_->loss(constant, gradient);
    }
    auto penalised = gradient.head(problem_.size() - problem_.free()).array();
    penalised = penalised.sign() * (penalised.abs() - problem_.l1).cwiseMax(0);
    cold_gradient_ = max_norm(gradient);
    if (!std::isfinite(cold_gradient_)) return;
    goal_ = options_.tolerance * cold_gradient_;
    stop_.gradient.reset();
    stop_.absolute_gradient = std::max(goal_, rounding_);
  }

  /// At one margin all rows curve alike, and of columns of deviation 1 that is the Hessian's diagonal.
  bool diagonal_is_known() const {
    return facts_.standardised && facts_.curved && facts_.margins == 1 && problem_.linear.row_weights.size() == 0;
  }
  double curvature_of_constant() const {
    return curvature_at(problem_.intercept ? constant_.tail<1>()[0] : 0, problem_);
  }
  Vector known_diagonal(const Vector& constant) const {
    Vector known = Vector::Constant(constant.size(), curvature_of_constant());
    auto columns = known.head(problem_.columns()).array();
    columns = problem_.linear.scale.array().isInf().select(0.0, columns) + problem_.linear.l2;
    return known;
  }

  /// The run as it looks from where it was to begin, and no worse than that.
  void describe_whole(Result& result) {
    if (start_.size() == 0 || std::isnan(cold_loss_) || problem_.start.size() > 0) return;
    result.start_loss = cold_loss_;
    result.start_gradient_norm = cold_gradient_;
  }

  template <class Direction>
  void along(const Direction& direction, Solution& solution) {
    const AnyRule rule = step_rule<Direction>();
    solution.strategy = rule.spelling();
    const Minimizer minimizer{direction, rule, Monitor{}, stop_};
    if (plan_.working_sets) {
      if constexpr (std::is_same_v<Direction, SteepestDescent>) solution.result = run_working_sets(minimizer, solution);
    } else if (problem_.l1 > 0 && plan_.coordinates == Way::gram) {
      if constexpr (std::is_same_v<Direction, SteepestDescent>) solution.result = run_newton(minimizer);
    } else if (problem_.l1 > 0) {
      if constexpr (std::is_same_v<Direction, SteepestDescent>) {
        solution.result = run_plain_l1(minimizer, start_);
      }
    } else {
      if constexpr (surefoot::needs_hessian_products<Direction>()) objective_->keep_curvature();
      auto scaled = in_coordinates();
      solution.result = minimizer.run(scaled, start_, {.first_step = options_.first_step}, observed(options_.observer));
    }
  }

  /// The one that was asked for, or the one at home with the direction.
  template <class Direction>
  AnyRule step_rule() const {
    if (!options_.step.empty()) return make_rule(options_.step);
    if (problem_.l1 > 0 && plan_.coordinates == Way::gram) return Armijo{};
    if constexpr (std::is_same_v<Direction, SteepestDescent>) return make_rule("auto+nonmonotone");
    return Direction::home_rule();
  }

  template <class MinimizerType>
  Result run_plain_l1(const MinimizerType& minimizer, const Vector& start) {
    WithL1 penalised(*objective_, problem_.l1, problem_.free());
    return minimizer.run(penalised, start, {.first_step = options_.first_step}, observed(options_.observer));
  }

  /// Working sets, and the plain proximal path from where they come to their end: when too many columns matter.
  template <class MinimizerType>
  Result run_working_sets(const MinimizerType& minimizer, Solution& solution) {
    WorkingSets sets(*objective_, problem_,
                     {.accuracy = options_.tolerance,
                      .gradient = goal_,
                      .rounding = rounding_,
                      .max_seconds = options_.max_seconds,
                      .cancel = options_.cancel});
    const auto until_given_up = [&sets, observer = observed(options_.observer)](const Event& event) {
      return (sets.gave_up() && event.kind == Event::Kind::end) || observer(event);
    };
    Result first = minimizer.run(sets, start_, {.first_step = options_.first_step.value_or(1)}, until_given_up);
    passes_of_samples_ += sets.passes();
    if (!sets.gave_up()) {
      solution.why += ", " + std::to_string(sets.columns_in_set()) + " in the last";
      solution.duality_gap = sets.gap_at(first.w);
      return first;
    }

    solution.why += "; then all of them: too many matter";
    solution.coordinates = name_of(Way::plain);
    Stop rest = stop_;
    rest.gradient.reset();
    rest.absolute_gradient = std::max(goal_ > 0 ? goal_ : options_.tolerance * first.start_gradient_norm, rounding_);
    if (rest.max_iterations) rest.max_iterations = *rest.max_iterations - first.iterations;
    if (rest.max_seconds) rest.max_seconds = std::max(0.0, *rest.max_seconds - first.seconds);
    const AnyRule rule = make_rule(options_.step.empty() ? "auto+nonmonotone" : options_.step);
    solution.strategy = rule.spelling();
    Result second = run_plain_l1(Minimizer{SteepestDescent{}, rule, Monitor{}, rest}, first.w);
    second.iterations += first.iterations;
    second.gradient_evaluations += first.gradient_evaluations;
    second.loss_evaluations += first.loss_evaluations;
    second.seconds += first.seconds;
    second.start_loss = first.start_loss;
    second.start_gradient_norm = first.start_gradient_norm;
    return second;
  }

  std::optional<double> duality_gap(const Vector& w) {
    if (!objective_->has_dual()) return {};
    DualPoint dual;
    Vector gradient(w.size());
    objective_->loss(w, gradient, problem_.l1, dual);
    return dual.gap;
  }

  /// Proximal Newton steps.
  template <class MinimizerType>
  Result run_newton(const MinimizerType& minimizer) {
    const GramL1Options metric{.cost = plan_.hessian_cost,
                               .accuracy = std::max(options_.tolerance, 1e-15),
                               .first = facts_.quadratic && metric_rows_.empty() ? 1e-7 : 0.03};
    const RunOptions run{.first_step = options_.first_step.value_or(1)};
    if (metric_rows_.empty()) {
      GramL1 penalised(*objective_, problem_.l1, problem_.free(), metric);
      return minimizer.run(penalised, start_, run, observed(options_.observer));
    }
    Sample sample(problem_, metric_rows_);
    GramL1 penalised(*objective_, sample.objective(), problem_.l1, problem_.free(), metric);
    return minimizer.run(penalised, start_, run, observed(options_.observer));
  }

  InCoordinates in_coordinates() {
    if (plan_.coordinates == Way::plain) return InCoordinates::plain(*objective_);
    if (plan_.coordinates == Way::diagonal) return InCoordinates::diagonal(*objective_);
    Metrics metrics(*objective_, plan_.hessian_cost);
    if (plan_.begins_plain) {
      metrics.begin_plain(together * curvature_of_constant() + problem_.linear.l2);
    }
    if (!metric_rows_.empty()) {
      if (plan_.begins_diagonal) metrics.begin_with(steep_diagonal());
      metrics.then_sample([this] { return metric_sample(); }, plan_.sample_cost,
                          static_cast<double>(plan_.metric_rows) / static_cast<double>(facts_.weights));
    }
    return InCoordinates::gram(*objective_, std::move(metrics),
                               {.accuracy = std::max(options_.tolerance, 1e-15), .gradient = goal_});
  }
  std::unique_ptr<Sample> metric_sample() {
    auto sample = std::make_unique<Sample>(problem_, metric_rows_);
    sample->expect(constant_, cold_diagonal_);
    passes_of_samples_ += static_cast<double>(sample->rows()) / static_cast<double>(facts_.rows);
    return sample;
  }

  /// One type, whether or not there is somebody to tell.
  static std::function<bool(const Event&)> observed(const std::function<bool(const Event&)>& observer) {
    return observer ? observer : [](const Event&) { return true; };
  }

  static constexpr int easy_iterations = 8;
  // Columns that go together curve more steeply than each for itself, those of most tables two to four times.
  static constexpr double together = 3;

  const Problem& problem_;
  const FitOptions& options_;
  Facts facts_;
  Plan plan_;
  std::unique_ptr<AnyLinear> objective_{};
  std::vector<Index> metric_rows_{};
  Vector constant_{}, start_{};
  Stop stop_{};
  Vector cold_diagonal_{};
  double goal_ = 0;      // for the largest gradient entry; 0: the tolerance times the first
  double rounding_ = 0;  // in such an entry
  double cold_loss_ = not_a_number, cold_gradient_ = not_a_number, passes_of_samples_ = 0;
};

void refuse_what_cannot_be_combined(const Problem& problem, const FitOptions& options) {
  if (options.coordinates == gram && problem.classes > 1) {
    throw std::invalid_argument("gram coordinates are for one margin a row: they can't be combined with softmax");
  }
  if (options.direction == TruncatedNewton::name && problem.classes > 1) {
    throw std::invalid_argument("truncated-newton needs products with the Hessian, which softmax does not have here");
  }
  if (problem.l1 == 0) return;
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

}  // namespace

std::vector<std::string> direction_names() {
  return {std::string(SteepestDescent::name),   std::string(HeavyBall::name), std::string(Nesterov::name),
          std::string(ConjugateGradient::name), std::string(LBFGS::name),     std::string(TruncatedNewton::name)};
}

std::vector<std::string> coordinate_names() { return {std::string(plain), std::string(diagonal), std::string(gram)}; }

Solution solve(const Problem& problem, const FitOptions& options) {
  refuse_what_cannot_be_combined(problem, options);
  return Run(problem, options)();
}

}  // namespace surefoot::fitting
