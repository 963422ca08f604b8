/// The part of the loop that knows only numbers: opening, rule, guard and monitor in one. The loop drives it over
/// vectors, StepTuner over what its user reports.
#pragma once

#include "surefoot/loop/monitor.hpp"
#include "surefoot/loop/opening.hpp"
#include "surefoot/loop/rule.hpp"

namespace surefoot {

template <StepRule Rule>
class Stepper {
 public:
  static constexpr int max_trials = 100;  // on one ray

  /// `hint`: a first step, NaN for none; `learns_curvature`: see direction.hpp.
  Stepper(Rule rule, Monitor monitor, double hint, bool learns_curvature = false)
      : rule_(std::move(rule)), monitor_(monitor), opening_rule_{.early = learns_curvature}, hint_(hint) {
    adapts_ = adapts(rule_);
    opening_ = adapts_ || (std::isnan(given_step(rule_)) && std::isnan(hint_));
  }

  const Rule& rule() const { return rule_; }
  Monitor& monitor() { return monitor_; }
  const Monitor& monitor() const { return monitor_; }
  int not_finite() const { return all_not_finite_; }
  int not_finite_on_ray() const { return not_finite_; }

  /// The first step to try on this ray.
  Ask begin(Ray& ray) {
    not_finite_ = 0;
    // Nothing to look for where the direction or the metric knows the scale of a step (Newton's: 1).
    if (adapts_ && std::isnan(hint_) && std::isfinite(ray.natural_step)) opening_ = false;
    if (opening_) {
      rule_.first(ray);  // so that it sees the start (a nonmonotone reference does); its step is not used
      return clamp(opening_rule_.first(ray, hint_));
    }
    if (!adapts_ && std::isnan(ray.natural_step)) ray.natural_step = hint_;  // to be kept
    return clamp(rule_.first(ray));
  }

  /// What to do with a trial. One that is not finite is never taken, whatever the rule answers.
  Verdict weigh(const Ray& ray, const Trial& trial) {
    if (!adapts_ && !opening_ && last_step_ == 0 && not_finite_ == 2 && !trial.finite()) {
      // A fixed step that is absurd from the start: the opening finds the scale, and the cap holds it there.
      opening_ = true;
      opening_rule_.first(ray, trial.step);
    }
    Verdict verdict = opening_ ? opening_rule_.judge(ray, trial) : rule_.judge(ray, trial);
    if (!trial.finite()) {
      ++all_not_finite_;
      ++not_finite_;
      const double next = verdict.next.step;
      const bool shorter = verdict.action == Verdict::Action::retry && next > 0 && next < trial.step;
      if (!shorter) {
        // Near a step that has just worked a half will do; from an absurd one by decades, faster and faster.
        const bool near = trial.step <= 4 * last_step_;
        verdict =
            Verdict::retry({trial.step * (near ? 0.5 : std::pow(0.1, std::max(1, not_finite_ - 2))), rule_probe()});
      }
      if (!adapts_ && !opening_) monitor_.hold_below(verdict.next.step);
    }
    if (verdict.action == Verdict::Action::retry) {
      if (!(verdict.next.step > 0)) return Verdict::give_up();
      verdict.next = clamp(verdict.next);
      if (trial.number >= max_trials || verdict.next.step == trial.step) return Verdict::give_up();
    }
    return verdict;
  }

  /// The monitor's word on a trial that the rule wants to take; the rule learns from it only if it may be kept.
  /// `gradients`: those at both ends of the step, where there are vectors.
  template <class... Gradients>
  Monitor::Advice settle(const Move& move, const Gradients&... gradients) {
    const Monitor::Advice advice = monitor_.watch(move.loss);
    if (advice.action == Monitor::Action::carry_on) learn(move, gradients...);
    if (advice.action == Monitor::Action::rollback) roll_back(advice.factor, move.step);
    return advice;
  }
  /// The same where the monitor hears of the step later (mini-batches).
  template <class... Gradients>
  void learn(const Move& move, const Gradients&... gradients) {
    if (!adapts_ && opening_ && not_finite_ > 2) monitor_.hold_below(move.step);
    opening_ = false;
    last_step_ = move.step;
    if constexpr (sizeof...(gradients) > 0) {
      surefoot::learn(rule_, move, gradients...);
    } else {
      rule_.taken(move);
    }
  }

  Monitor::Advice failed_ray(double step) {
    const Monitor::Advice advice = monitor_.failed_ray();
    if (advice.action == Monitor::Action::rollback) roll_back(advice.factor, step);
    return advice;
  }
  Monitor::Advice fresh_batch(double loss, int batches, double step) {
    const Monitor::Advice advice = monitor_.watch_batch(loss, batches);
    if (advice.action == Monitor::Action::rollback) roll_back(advice.factor, step);
    return advice;
  }

  void restarted(const Ray& ray) { rule_.restarted(ray); }
  /// The metric changed: the scale of a step is unknown again.
  void reopen() {
    hint_ = not_a_number;
    opening_ = adapts_;
  }
  bool opening() const { return opening_; }
  Learns learns() const { return rule_.learns(); }
  bool rule_adapts() const { return adapts_; }
  Probe rule_probe() const { return probes(rule_); }

 private:
  Ask clamp(Ask ask) const {
    if (!adapts_ && !opening_) ask.step = std::min(ask.step, monitor_.state.cap);
    ask.step = ask.step >= smallest_step ? std::min(ask.step, largest_step) : smallest_step;  // NaN too
    return ask;
  }
  void roll_back(double factor, double step) {
    if (!adapts_ && !opening_) monitor_.hold_below(factor * step);
    if (opening_) {
      hint_ = factor * step;  // no step was taken yet: the opening starts shorter
    } else {
      rule_.rolled_back(factor);
    }
  }

  Rule rule_;
  Monitor monitor_;
  Opening opening_rule_{};
  double hint_;
  bool opening_ = true;
  bool adapts_ = true;
  double last_step_ = 0;    // that was taken
  int not_finite_ = 0;      // on this ray
  int all_not_finite_ = 0;  // in the run
};

}  // namespace surefoot
