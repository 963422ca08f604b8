/// Goldstein's search: a step that is neither too long nor too short, told by losses alone.
///
///   Minimizer minimizer{SteepestDescent{}, Goldstein{}, Monitor{}, Stop{}};
#pragma once

#include "surefoot/steps/backtrack.hpp"
#include "surefoot/steps/interpolate.hpp"

namespace surefoot {

/// Goldstein's search: brackets a step whose loss lies between two lines through φ(0), one a little below the level, one a
/// little above the tangent. The upper line forbids steps that are too long, the lower one those that are too short.
/// Ensures  loss(w) + (1 − c) · t · slope <= loss(w + t d) <= loss(w) + c · t · slope,  c = sufficient_decrease.
/// Beside a wall (a step at most ten times as long was not finite) the second inequality alone may do.
/// Where the losses agree to a few units in the last place, the slope decides: on a parabola the inequalities say
/// (1 − 2c) φ'(0) <= φ'(t) <= (2c − 1) φ'(0);  the upper bound is then drawn in to  0.9 (2c − 1) φ'(0).
/// Goldstein (1965). Parabolas, leaps and the geometric middle are ours.
struct Goldstein {
  static constexpr std::string_view name = "goldstein";
  static constexpr Role role = Role::judges;

  double sufficient_decrease = 0.25;  // in (0, 1/2)
  int max_trials = 60;                // >= 1

  struct State {
    double step = 0;
    double low = 0;          // the longest step known to be too short
    double high = infinity;  // the shortest known to be too long
    bool wall = false;       // that one was not finite
    int leaps = 0;           // in a row
  } state{};

  template <class Self, class Each>
  static void parameters(Self& self, Each&& each) {
    each("sufficient_decrease", self.sufficient_decrease, Range::between(0, 0.5),
         "how far both lines lie from the level and from the tangent, as a share of the promised decrease");
    each("max_trials", self.max_trials, Range::at_least(1), "tries on one ray");
  }
  template <class Self, class Each>
  static void states(Self& self, Each&& each) {
    each("step", self.state.step);
    each("low", self.state.low);
    each("high", self.state.high);
    each("wall", self.state.wall);
    each("leaps", self.state.leaps);
  }

  Ask first(const Ray& ray) {
    state = State{.step = state.step};
    return {std::isfinite(ray.natural_step) ? ray.natural_step : state.step, Probe::loss};
  }

  Verdict judge(const Ray& ray, const Trial& trial) {
    const bool low_enough = trial.finite() && sufficient(ray, trial, ray.loss, sufficient_decrease);
    const bool beside_a_wall = state.wall && state.high <= 10 * trial.step;
    if (low_enough && (beside_a_wall || !too_short(ray, trial))) return Verdict::take();
    if (low_enough) {
      state.low = trial.step;
    } else {
      state.high = trial.step;
      state.wall = !trial.finite();
    }
    const bool closed = std::isfinite(state.high) && state.high - state.low <= 1e-14 * state.high;
    if (trial.number >= max_trials || closed) return Verdict::give_up();  // the loop takes the lowest trial
    const double next = std::isinf(state.high) ? longer(ray, trial)
                        : state.low == 0       ? shorter(ray, trial)
                                               : middle(state.low, state.high);
    return next == trial.step ? Verdict::give_up() : Verdict::retry({next, Probe::loss});
  }

  void taken(const Move& move) { state.step = move.step; }
  void rolled_back(double factor) { state.step *= factor; }
  void restarted(const Ray&) {}
  Learns learns() const { return Learns::loss; }

 private:
  bool too_short(const Ray& ray, const Trial& trial) const {
    if (nearly_equal(trial.loss, ray.loss) && std::isfinite(trial.slope)) {
      return trial.slope < (1 - 2 * sufficient_decrease) * ray.slope;
    }
    return trial.loss < ray.loss + (1 - sufficient_decrease) * trial.model_decrease;
  }

  /// The minimiser of the parabola through φ(0), φ'(0) and the trial, in steps of the trial; by slopes where the losses
  /// are equal but for rounding.
  static double parabola(const Ray& ray, const Trial& trial) {
    if (nearly_equal(trial.loss, ray.loss)) return -ray.slope / (trial.slope - ray.slope);
    const double slope = trial.step * ray.slope;
    return -slope / (2 * (trial.loss - ray.loss - slope));
  }
  double longer(const Ray& ray, const Trial& trial) {
    const double furthest = leap(++state.leaps), minimiser = parabola(ray, trial);
    const double factor = minimiser > 0 ? std::clamp(minimiser, 2.0, furthest) : furthest;  // else no curvature is seen
    return std::min(factor * trial.step, largest_step);
  }
  double shorter(const Ray& ray, const Trial& trial) {
    const double least = 1 / leap(++state.leaps), minimiser = parabola(ray, trial);
    if (state.leaps > 3) return least * trial.step;
    return (minimiser > 0 ? std::clamp(minimiser, least, 0.5) : trial.finite() ? 0.5 : least) * trial.step;
  }
};

}  // namespace surefoot
