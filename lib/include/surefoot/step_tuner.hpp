/// Your own loop, surefoot's steps: ask for a step, tell what it led to. Numbers only, so the weights may live anywhere:
/// in libtorch, a simulator, on a GPU, in another language.
///
///   surefoot::StepTuner tuner{surefoot::BarzilaiBorwein{}};
///   for (…) {
///     double step = tuner.ask({.loss = loss, .gradient_norm = norm});
///     // w_new = w − step · gradient; then
///     auto advice = tuner.tell({.loss = new_loss, .gradient_norm = new_norm, .gradient_dot = new_gradient·gradient});
///     // keep: go on from w_new (and save it where advice.best) · retry: try advice.step from w · restore: back to the saved
///   }
#pragma once

#include <optional>
#include <string>

#include "surefoot/loop/stepper.hpp"

namespace surefoot {

/// What the owner of a loop reports of a point; what is not known stays unset. NaN or Inf says: not finite there.
struct Report {
  std::optional<double> loss{};
  std::optional<double> gradient_norm{};   // |g|
  std::optional<double> slope{};           // g·d; in `ask` −|g|² where unset; in `tell` for rules that judge slopes
  std::optional<double> direction_norm{};  // |d|; |g| where unset (the direction is −g)
  std::optional<double> weights_norm{};    // |w|: gives the very first step its scale
  std::optional<double> lower_bound{};     // in `ask`: of the loss, for rules that know what to do with one (polyak)
  std::optional<double> gradient_dot{};    // in `tell`: new gradient times the one at `ask`
  std::optional<double> displacement{};    // in `tell`: |s|; step · |d| where unset
  std::optional<double> gradient_change{};  // in `tell`: |y|; from gradient_dot where unset
  std::optional<double> cosine{};           // in `tell`: of s and y; from gradient_dot where unset
};

template <StepRule Rule>
class StepTuner {
 public:
  enum class Action {
    keep,   // the step is taken: go on from the new point
    retry,  // go back to the point of the last `ask` and try advice.step from there
    restore  // go back to the best point, the last one with advice.best (or the start), and ask anew from there, with its
             // loss and gradient_norm (so keep its gradient too, or evaluate it again)
  };
  struct Advice {
    Action action = Action::keep;
    double step = not_a_number;  // with retry
    bool best = false;           // with keep: the lowest loss so far, so save this point
    bool give_up = false;        // with restore: nothing lower is to be found from there
    std::string why{};
  };

  /// Throws std::invalid_argument for a parameter or first step out of its range.
  explicit StepTuner(Rule rule, Monitor monitor = {}, std::optional<double> first_step = {})
      : stepper_(std::move(rule), monitor, first_step.value_or(not_a_number)) {
    validate_rule(stepper_.rule());
    if (needs_gradients(stepper_.rule())) {
      throw std::invalid_argument(
          "StepTuner knows numbers only, and this rule keeps gradients: choose another, or use Minimizer");
    }
    validate(monitor, Monitor::name);
    if (first_step) require("StepTuner", "first_step", *first_step, Range::within(smallest_step, largest_step));
  }

  /// The step to try from here. Throws std::invalid_argument if loss or gradient_norm are missing or not finite.
  double ask(const Report& at) {
    const double loss = at.loss.value_or(not_a_number), gradient = at.gradient_norm.value_or(not_a_number);
    if (!std::isfinite(loss) || !std::isfinite(gradient) || gradient < 0) {
      throw std::invalid_argument("StepTuner::ask needs a finite .loss and a finite .gradient_norm >= 0, got " +
                                  number(loss) + " and " + number(gradient));
    }
    if (at.slope && !(*at.slope < 0)) {
      throw std::invalid_argument("StepTuner::ask: .slope = " + number(*at.slope) +
                                  " must be negative: the direction must lead downhill");
    }
    if (!begun_) begin(loss, gradient);
    loss_ = loss;
    ray_.k = steps_;
    ray_.loss = loss * unit_;
    ray_.gradient_norm = gradient;
    ray_.direction_norm = at.direction_norm.value_or(gradient);
    ray_.slope = at.slope ? *at.slope * unit_ : -(gradient * unit_) * gradient;
    ray_.iterate_norm = at.weights_norm.value_or(0);
    ray_.natural_step = not_a_number;
    ray_.lower_bound = at.lower_bound.value_or(-infinity) * unit_;
    ray_.unit = unit_;
    tries_ = 0;
    asked_ = stepper_.begin(ray_);
    return asked_.step;
  }

  /// What the step led to, and what to do now. A loss or gradient_norm that is not finite is "too far"; what a rule
  /// needs and the report lacks is named in a std::invalid_argument.
  Advice tell(const Report& next) {
    StepTuner attempt = *this;  // a report that lacks something changes nothing
    const Advice advice = attempt.answer(next);
    *this = std::move(attempt);
    return advice;
  }

  const Rule& rule() const { return stepper_.rule(); }
  /// How often the tuner said restore, by cause.
  const Monitor::Counts& restored_for() const { return stepper_.monitor().state.counts; }

 private:
  static bool sound(const Report& next) {
    for (const auto& number :
         {next.gradient_norm, next.slope, next.gradient_dot, next.displacement, next.gradient_change, next.cosine}) {
      if (number && !std::isfinite(*number)) return false;
    }
    return true;
  }

  Advice answer(const Report& next) {
    if (tries_ < 0) throw std::logic_error("StepTuner::tell without an ask before it");
    if (!next.loss) throw std::invalid_argument("StepTuner::tell needs a .loss (NaN where it is not finite)");
    ++tries_;
    const Trial trial{.step = asked_.step,
                      .loss = *next.loss * unit_,
                      .slope = next.slope.value_or(not_a_number) * unit_,
                      .model_decrease = asked_.step * ray_.slope,
                      .number = tries_,
                      .sound = sound(next)};
    if (trial.finite() && asked_.with == Probe::slope && !next.slope) {
      lacks(".slope (the new gradient times the direction)");
    }
    const Verdict verdict = stepper_.weigh(ray_, trial);
    switch (verdict.action) {
      case Verdict::Action::retry: {
        const double before = asked_.step;
        asked_ = verdict.next;
        return {.action = Action::retry,
                .step = asked_.step,
                .why = "step " + number(before) + " -> " + number(asked_.step) + ": " + why_not(trial, next)};
      }
      case Verdict::Action::give_up:
        return undo(stepper_.failed_ray(trial.step), "no step along this direction lowers the loss enough");
      case Verdict::Action::take:
        break;
    }
    const Move move = moved(next);
    const auto advice = stepper_.settle(move);
    if (advice.action != Monitor::Action::carry_on) return undo(advice, why_not(trial, next));
    ++steps_;
    tries_ = -1;
    const bool best = *next.loss < best_loss_;
    if (best) best_loss_ = *next.loss;
    return {.action = Action::keep, .best = best, .why = "step " + number(move.step) + " taken"};
  }

  void begin(double loss, double gradient) {
    unit_ = unit_of_loss(loss, gradient);
    best_loss_ = loss;
    stepper_.monitor().begin(loss * unit_);
    begun_ = true;
  }

  Move moved(const Report& next) const {
    Move move{.step = asked_.step,
              .displacement = next.displacement.value_or(asked_.step * ray_.direction_norm),
              .gradient_change = next.gradient_change.value_or(not_a_number),
              .cosine = next.cosine.value_or(not_a_number),
              .loss = *next.loss * unit_,
              .slope = next.slope.value_or(not_a_number) * unit_,
              .gradient_norm = next.gradient_norm.value_or(not_a_number),
              .trials = tries_};
    if (stepper_.learns() != Learns::pair || (next.gradient_change && next.cosine)) return move;
    if (!next.gradient_norm || !next.gradient_dot) {
      lacks(".gradient_norm and .gradient_dot (or .gradient_change and .cosine)");
    }
    // Along −g: s = −t g and y = g+ − g, whose part along g is known from the product, the rest from the norm.
    const double old = ray_.gradient_norm, along = *next.gradient_dot / old, now = *next.gradient_norm;
    const double across = std::max(0.0, (now - along) * (now + along));
    move.gradient_change = std::hypot(std::sqrt(across), along - old);
    move.cosine = move.gradient_change > 0 ? (old - along) / move.gradient_change : 0;
    return move;
  }

  [[noreturn]] void lacks(const char* what) const {
    std::string rule = "the rule";
    if constexpr (requires { Rule::name; }) rule = std::string(Rule::name);
    if constexpr (requires { stepper_.rule().spelling(); }) rule = stepper_.rule().spelling();
    throw std::invalid_argument("StepTuner::tell: " + rule + " needs " + what);
  }

  std::string why_not(const Trial& trial, const Report& next) const {
    if (!trial.finite()) return "the loss or its gradient was not finite";
    if (*next.loss > loss_) return "the loss rose from " + number(loss_) + " to " + number(*next.loss);
    return "the loss fell, but the rule's condition did not hold";
  }

  Advice undo(const Monitor::Advice& advice, const std::string& why) {
    tries_ = -1;
    const bool over = advice.action == Monitor::Action::give_up;
    std::string text = "back to the best point: " + why;
    if (advice.cause == Cause::cycle) text = "back to the best point: many steps brought no new best loss";
    return {.action = Action::restore, .give_up = over, .why = over ? text + "; nothing lower is to be found" : text};
  }

  Stepper<Rule> stepper_;
  Ray ray_{};
  Ask asked_{};
  double unit_ = 1, loss_ = not_a_number, best_loss_ = infinity;
  int steps_ = 0, tries_ = -1;
  bool begun_ = false;
};

}  // namespace surefoot
