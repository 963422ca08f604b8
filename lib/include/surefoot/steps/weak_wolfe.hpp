/// Weak Wolfe search: a step that lowers the loss enough and flattens the slope enough, so that L-BFGS learns a
/// positive curvature from it.
///
///   Minimizer minimizer{LBFGS{}, WeakWolfe{}, Monitor{}, Stop{}};
#pragma once

#include "surefoot/steps/backtrack.hpp"
#include "surefoot/steps/interpolate.hpp"

namespace surefoot {

/// Weak Wolfe search by bracketing: [low, high] holds a good step; the next trial is the minimiser of the cubic through
/// its ends, kept away from both. Suits losses with kinks too, since it never asks for a small |slope|.
/// Ensures  loss(w + t d) <= loss(w) + sufficient_decrease · t · slope  and  φ'(t) >= curvature_condition · φ'(0).
/// Beside a wall (a trial on the ray was not finite) the first inequality alone may do.
/// Wolfe (1969); bracketing as Lewis & Overton (2013); cubic steps after Nocedal & Wright (2006, 3.5).
struct WeakWolfe {
  static constexpr std::string_view name = "weak-wolfe";
  static constexpr Role role = Role::judges;

  double sufficient_decrease = 1e-4;  // in (0, 1/2)
  double curvature_condition = 0.9;   // in (0, 1), above sufficient_decrease
  int max_trials = 40;                // >= 1

  struct State {
    double step = 0;
    RayEnd low{}, high{};  // high.step = infinity: none yet; high.loss NaN: it was not finite
    int not_finite = 0;    // in a row
    bool wall = false;     // some trial of this ray was not finite
  } state{};

  template <class Self, class Each>
  static void parameters(Self& self, Each&& each) {
    each("sufficient_decrease", self.sufficient_decrease, Range::between(0, 0.5),
         "the share of the decrease promised by the slope that a step must bring");
    each("curvature_condition", self.curvature_condition, Range::between(self.sufficient_decrease, 1),
         "the share of the slope that may be left at the end of a step");
    each("max_trials", self.max_trials, Range::at_least(1), "tries on one ray");
  }
  template <class Self, class Each>
  static void states(Self& self, Each&& each) {
    each("step", self.state.step);
    each("not_finite", self.state.not_finite);
    each("wall", self.state.wall);
    RayEnd::states(self.state.low, "low_step", "low_loss", "low_slope", each);
    RayEnd::states(self.state.high, "high_step", "high_loss", "high_slope", each);
  }

  Ask first(const Ray& ray) {
    state.low = {0, ray.loss, ray.slope};
    state.high = {infinity, not_a_number, not_a_number};
    state.not_finite = 0;
    state.wall = false;
    return {std::isfinite(ray.natural_step) ? ray.natural_step : state.step, Probe::slope};
  }

  Verdict judge(const Ray& ray, const Trial& trial) {
    const RayEnd here{trial.step, trial.loss, trial.slope};
    if (!trial.finite()) {
      state.high = {trial.step, not_a_number, not_a_number};
      state.wall = true;
      ++state.not_finite;
    } else {
      state.not_finite = 0;
      if (!sufficient(ray, trial, ray.loss, sufficient_decrease)) {
        // As high at a shorter step as at a longer one: then it is φ(0) that is wrong.
        const bool no_lower = state.low.step == 0 && trial.loss - ray.loss > 0.9 * (state.high.loss - ray.loss);
        if (ray.inferred && no_lower) return Verdict::give_up();
        state.high = here;
      } else if (trial.slope >= curvature_condition * ray.slope ||
                 (state.wall && trial.slope > 0.9999 * ray.slope)) {  // the wall forbids going on: enough to learn from
        return Verdict::take();
      } else {
        state.low = here;
      }
    }
    const double low = state.low.step, high = state.high.step;
    const bool closed = std::isfinite(high) && high - low <= 1e-14 * high;
    const bool hidden = trial.number >= 6 && nearly_equal(trial.loss, ray.loss) &&
                        -trial.model_decrease <= 4 * epsilon * std::abs(ray.loss);  // rounding decides, not the loss
    if (trial.number >= max_trials || closed || hidden) return Verdict::give_up();
    return Verdict::retry({std::isinf(high) ? beyond(ray, trial) : between(trial), Probe::slope});
  }

  void taken(const Move& move) { state.step = move.step * (move.trials == 1 ? 2 : 1); }  // where d has no own step
  void rolled_back(double factor) { state.step *= factor; }
  void restarted(const Ray&) {}
  Learns learns() const { return Learns::loss; }
  Probe probes() const { return Probe::slope; }

 private:
  /// No step was too long yet: further out, to where the cubic or the secant of the slopes has its minimiser.
  double beyond(const Ray& ray, const Trial& trial) const {
    const double t = trial.step;
    double next = ray.inferred ? not_a_number : cubic_minimiser({0, ray.loss, ray.slope}, state.low);
    if (!(next > t)) next = -t * ray.slope / (trial.slope - ray.slope);
    if (!(next > t)) next = infinity;  // the slope has not begun to flatten
    return std::clamp(next, 2 * t, (trial.number >= 5 ? 100 : 10) * t);
  }

  double between(const Trial& trial) const {
    const double low = state.low.step, high = state.high.step, width = high - low;
    const int tries = trial.number;
    if (!std::isfinite(state.high.loss)) {
      if (low == 0) return high * std::pow(0.3, std::max(1, state.not_finite - 1));
      return middle(low, high);
    }
    if (low > 0 && tries % 4 == 0) return middle(low, high);
    const double margin = low == 0 && tries >= 3 ? std::pow(0.1, tries - 1) : 0.1;
    if (low == 0 && tries >= 6) return margin * high;
    double next = cubic_minimiser(state.low, state.high);
    if (!std::isfinite(next)) {  // no real one: the parabola's
      const double rise = state.high.loss - state.low.loss - width * state.low.slope;
      next = low - width * (width * state.low.slope / (2 * rise));
    }
    if (!std::isfinite(next)) next = low + width / 2;
    return std::clamp(next, low + margin * width, high - 0.1 * width);
  }
};

}  // namespace surefoot
