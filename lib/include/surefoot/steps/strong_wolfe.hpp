/// Strong Wolfe search: a step that lowers the loss enough and leaves almost no slope, so that the next direction of
/// conjugate gradients is sound.
///
///   Minimizer minimizer{ConjugateGradient{}, StrongWolfe{}, Monitor{}, Stop{}};
#pragma once

#include "surefoot/steps/backtrack.hpp"
#include "surefoot/steps/interpolate.hpp"

namespace surefoot {

/// Strong Wolfe search in two phases: it goes out until some step is too long, then zooms in between the lowest step
/// so far and the other end, by cubics.
/// Ensures  loss(w + t d) <= loss(w) + sufficient_decrease · t · slope  and  |φ'(t)| <= curvature_condition · |φ'(0)|;
/// from the 30th trial on the first inequality alone may do.
/// Nocedal & Wright (2006, algorithms 3.5 and 3.6). The leaps from absurd first steps and the treatment of equal losses
/// are ours.
struct StrongWolfe {
  static constexpr std::string_view name = "strong-wolfe";
  static constexpr Role role = Role::judges;
  static constexpr int content_after = 30;  // trials

  double sufficient_decrease = 1e-4;  // in (0, 1/2)
  double curvature_condition = 0.1;   // in (0, 1), above sufficient_decrease
  int max_trials = 40;                // >= 1

  struct State {
    double step = 0;
    RayEnd low{};    // the lowest step so far that is lower than the start by enough; at first the start
    RayEnd other{};  // the bracket's other end, on either side; loss infinite: that of a trial which was not finite
    bool zooming = false;
    int leaps = 0;  // in a row
  } state{};

  template <class Self, class Each>
  static void parameters(Self& self, Each&& each) {
    each("sufficient_decrease", self.sufficient_decrease, Range::between(0, 0.5),
         "the share of the decrease promised by the slope that a step must bring");
    each("curvature_condition", self.curvature_condition, Range::between(self.sufficient_decrease, 1),
         "the share of the slope, up or down, that may be left at the end of a step");
    each("max_trials", self.max_trials, Range::at_least(1), "tries on one ray");
  }
  template <class Self, class Each>
  static void states(Self& self, Each&& each) {
    each("step", self.state.step);
    RayEnd::states(self.state.low, "low_step", "low_loss", "low_slope", each);
    RayEnd::states(self.state.other, "other_step", "other_loss", "other_slope", each);
    each("zooming", self.state.zooming);
    each("leaps", self.state.leaps);
  }

  Ask first(const Ray& ray) {
    state.low = {0, ray.loss, ray.slope};
    state.other = {};
    state.zooming = false;
    state.leaps = 0;
    return {std::isfinite(ray.natural_step) ? ray.natural_step : state.step, Probe::slope};
  }

  Verdict judge(const Ray& ray, const Trial& trial) {
    const bool lower = trial.finite() && sufficient(ray, trial, ray.loss, sufficient_decrease);
    const RayEnd here{trial.step, trial.finite() ? trial.loss : infinity, trial.finite() ? trial.slope : not_a_number};
    if (lower && std::abs(trial.slope) <= curvature_condition * std::abs(ray.slope)) return Verdict::take();
    if (lower && trial.number >= content_after && trial.loss < ray.loss) return Verdict::take();
    if (trial.number >= max_trials) return Verdict::give_up();  // the loop takes the lowest trial, if there is one

    // Where losses are equal but for rounding, the slopes say on which side the minimum lies.
    const bool higher = here.loss >= state.low.loss && !nearly_equal(here.loss, state.low.loss);
    if (!lower || (higher && (state.zooming || state.low.step > 0))) {
      if (!state.zooming) state.leaps = 0;
      state.zooming = true;
      state.other = here;
    } else if (state.zooming) {
      if (here.slope * (state.other.step - state.low.step) >= 0) state.other = state.low;
      state.low = here;
    } else {
      if (here.slope >= 0) {
        state.zooming = true;
        state.other = state.low;
      }
      state.low = here;
    }
    if (!state.zooming) return beyond(ray, trial);
    const double shorter = std::min(state.low.step, state.other.step),
                 longer = std::max(state.low.step, state.other.step);
    if (longer - shorter <= 1e-12 * longer) return Verdict::give_up();
    return ask(between(trial, shorter, longer));
  }

  void taken(const Move& move) { state.step = move.step; }
  void rolled_back(double factor) { state.step *= factor; }
  void restarted(const Ray&) {}
  Learns learns() const { return Learns::loss; }
  Probe probes() const { return Probe::slope; }

 private:
  static Verdict ask(double step) { return Verdict::retry({step, Probe::slope}); }

  /// No step was too long yet: out to where the cubic or the secant of the slopes has its minimum.
  Verdict beyond(const Ray& ray, const Trial& trial) {
    const double t = trial.step;
    double next = infinity;
    if (trial.slope - ray.slope > -1e-8 * ray.slope) {  // the slope has begun to flatten
      next = cubic_minimiser({0, ray.loss, ray.slope}, state.low);
      if (!(next > t)) next = -t * ray.slope / (trial.slope - ray.slope);
    }
    next = std::min(std::clamp(next, 2 * t, leap(++state.leaps) * t), largest_step);
    return next > t ? ask(next) : Verdict::give_up();
  }

  double between(const Trial& trial, double shorter, double longer) {
    const double width = longer - shorter;
    const bool blind = std::isinf(state.other.loss);
    double margin = 0.1;
    if (state.low.step == 0) {  // everything was too long: shorter and shorter, by leaps in the end
      margin = 1 / leap(++state.leaps);
      if (state.leaps > 3) return margin * longer;
      if (blind) return (state.leaps == 1 ? 0.3 : margin) * longer;
    } else if (blind || trial.number % 4 == 0 || (shorter > 0 && longer > 1e4 * shorter)) {
      return middle(shorter, longer);
    }
    double next = cubic_minimiser(state.low, state.other);
    if (!std::isfinite(next)) {  // no real one: the parabola's
      const double signed_width = state.other.step - state.low.step;
      const double rise = state.other.loss - state.low.loss - signed_width * state.low.slope;
      next = state.low.step - signed_width * (signed_width * state.low.slope / (2 * rise));
    }
    if (!std::isfinite(next)) return middle(shorter, longer);
    return std::clamp(next, shorter + margin * width, longer - 0.1 * width);
  }
};

}  // namespace surefoot
