#include "fit/beginning.hpp"

#include "fit/constant.hpp"
#include "fit/in_coordinates.hpp"
#include "surefoot/minimize.hpp"
#include "surefoot/registry.hpp"

namespace surefoot::fitting {
namespace {

// Columns that go together curve more steeply than each for itself, those of most tables two to four times.
constexpr double together = 3;

class Search {
 public:
  Search(const Problem& problem, const Facts& facts, const Plan& plan, AnyLinear& objective, const FitOptions& options)
      : problem_(problem), facts_(facts), plan_(plan), objective_(objective), options_(options) {}

  Beginning operator()() {
    at_.constant = Vector::Zero(problem_.size());
    if (problem_.intercept) at_.constant.tail(problem_.classes) = best_constant(problem_);
    at_.why = plan_.why;
    at_.late = plan_.begins_plain || plan_.begins_diagonal;
    at_.goal.tolerance = options_.tolerance;
    if (options_.tolerance > 0) {  // else all digits are asked for
      at_.goal.rounding = gradient_rounding(at_.constant, problem_);
    }
    if (plan_.begins_plain) begin_in_none();
    if (plan_.begins_diagonal) at_.first_metric = Way::diagonal;
    at_.start = at_.constant;
    if (problem_.start.size() > 0) {
      measure_constant();
      at_.start = problem_.start;
    }
    if (plan_.coordinates == Way::gram) look_at_samples();
    return std::move(at_);
  }

 private:
  void look_at_samples() {
    const bool cold = problem_.start.size() == 0;
    const Index start_rows = cold && !facts_.proximal ? plan_.start_rows : 0;
    auto [first, second] = draw_rows(facts_.rows, start_rows, plan_.metric_rows);
    if (first.empty() && second.empty()) return;
    if (cold && !facts_.proximal) {
      measure_constant();
      if (at_.gradient_max <= at_.goal.rounding) {  // the columns tell nothing: no metric is worth a pass
        begin_in_none();
        at_.late = false;
        at_.why = "no column tells anything of the target";
        return;
      }
    }
    at_.metric_rows = std::move(second);
    if (!first.empty()) fit_to(Sample(problem_, std::move(first)));
  }

  void begin_in_none() {
    at_.first_metric = Way::plain;
    at_.curvature = together * curvature_of_constant() + problem_.linear.l2;
  }

  /// The minimiser over a sample is a start near that over all rows, for a small part of their cost. It is not believed
  /// beyond the sample's own noise. What it takes to get there also tells whether the data are easy: then a metric of pairs
  /// of columns would cost more than it saves.
  void fit_to(Sample&& sample) {
    const double noise = static_cast<double>(facts_.weights) / static_cast<double>(sample.rows());
    const Minimizer quick{Inferred{LBFGS{.memory = plan_.memory}}, AnyRule(WeakWolfe{}), Monitor{},
                          Stop{.gradient = 0.1 * noise, .max_iterations = easy_iterations, .cancel = options_.cancel}};
    Metrics of_diagonal(sample.objective(), infinity);
    of_diagonal.begin_with(at_.steep_diagonal());
    auto plain_way = InCoordinates::gram(sample.objective(), std::move(of_diagonal), {});
    const Result first = quick.run(plain_way, at_.start, {}, observed(nullptr));
    if (first.ok()) at_.start = first.w;
    const bool easy = first.code == Code::gradient;
    if (!easy) {
      Minimizer slow = quick;
      slow.stop.gradient.reset();
      slow.stop.absolute_gradient = 0.1 * noise * first.start_gradient_norm;
      slow.stop.max_iterations = 12;
      auto metric = InCoordinates::gram(sample.objective(), Metrics(sample.objective(), plan_.hessian_cost), {});
      const Result rough = slow.run(metric, at_.start, {}, observed(nullptr));
      if (rough.ok()) at_.start = rough.w;
    }
    at_.passes = static_cast<double>(sample.objective().reads() * sample.rows()) / static_cast<double>(facts_.rows);
    if (!(objective_.measure(at_.start) <= at_.loss)) {
      // The sample is not like the other rows: some of them lie far out. It shall not give the metric either.
      at_.start = at_.constant;
      at_.metric_rows.clear();
      at_.late = at_.first_metric == Way::plain;
      at_.why = std::to_string(facts_.weights) +
                " weights: the metric of the Hessian of all rows, since a fit to some of them is worse than none";
    } else if (easy && at_.first_metric == Way::gram && !at_.metric_rows.empty()) {
      at_.first_metric = Way::diagonal;
      at_.late = true;
    }
  }

  /// The tolerance compares with the gradient where a run without a better start begins.
  void measure_constant() {
    Vector gradient(at_.constant.size());
    if (diagonal_is_known() && problem_.constant_gradient.size() > 0) {
      gradient = problem_.constant_gradient;
      at_.diagonal = known_diagonal();
      at_.loss = problem_.constant_loss;
    } else if (facts_.margins == 1) {
      at_.diagonal.resize(at_.constant.size());
      at_.loss = objective_.loss(at_.constant, gradient, at_.diagonal);
    } else {
      at_.loss = objective_.loss(at_.constant, gradient);
    }
    auto penalised = gradient.head(problem_.size() - problem_.free()).array();
    penalised = penalised.sign() * (penalised.abs() - problem_.l1).cwiseMax(0);
    at_.gradient_max = at_.goal.first = max_norm(gradient);
  }

  /// At one margin all rows curve alike, and of columns of deviation 1 that is the Hessian's diagonal.
  bool diagonal_is_known() const {
    return facts_.standardised && facts_.curved && facts_.margins == 1 && problem_.linear.row_weights.size() == 0;
  }
  double curvature_of_constant() const {
    return curvature_at(problem_.intercept ? at_.constant.tail<1>()[0] : 0, problem_);
  }
  Vector known_diagonal() const {
    Vector known = Vector::Constant(at_.constant.size(), curvature_of_constant());
    auto columns = known.head(problem_.columns()).array();
    columns = problem_.linear.scale.array().isInf().select(0.0, columns) + problem_.linear.l2;
    return known;
  }

  static constexpr int easy_iterations = 8;

  const Problem& problem_;
  const Facts& facts_;
  const Plan& plan_;
  AnyLinear& objective_;
  const FitOptions& options_;
  Beginning at_{};
};

}  // namespace

void Goal::set(Stop& stop) const {
  if (std::isfinite(first)) {
    stop.gradient.reset();
    stop.absolute_gradient = std::max(gradient(), rounding);
  } else {
    stop.gradient = tolerance;
    if (tolerance > 0) stop.absolute_gradient = rounding;
  }
}

Vector Beginning::steep_diagonal() const { return together * diagonal; }

Beginning begin(const Problem& problem, const Facts& facts, const Plan& plan, AnyLinear& objective,
                const FitOptions& options) {
  return Search(problem, facts, plan, objective, options)();
}

}  // namespace surefoot::fitting
