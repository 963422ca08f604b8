/// Moré and Thuente's search: the classical search of MINPACK-2, which comes to a good step in few tries.
///
///   Minimizer minimizer{ConjugateGradient{}, MoreThuente{}, Monitor{}, Stop{}};
#pragma once

#include "surefoot/steps/backtrack.hpp"
#include "surefoot/steps/interpolate.hpp"

namespace surefoot {

/// Moré & Thuente's search: an interval that holds a good step shrinks from both sides, by cubics, parabolas and secants
/// chosen case by case. A trial that is not low enough, yet no higher than the best, is looked at on
/// ψ(t) = φ(t) − φ(0) − sufficient_decrease t φ'(0)  instead of φ: where ψ has a minimum below 0 both inequalities hold.
/// Ensures  loss(w + t d) <= loss(w) + sufficient_decrease · t · slope  and  |φ'(t)| <= curvature_condition · |φ'(0)|;
/// from the 40th trial on the first inequality alone may do.
/// Moré & Thuente (1994), with the authors' constants (MINPACK-2). The leaps from absurd first steps, walls and the
/// treatment of equal losses are ours.
struct MoreThuente {
  static constexpr std::string_view name = "more-thuente";
  static constexpr Role role = Role::judges;
  static constexpr int content_after = 40;  // trials

  // Fixed as the authors have them.
  static constexpr double shrink_to = 0.66;             // of the interval in two trials, else it is halved
  static constexpr double nearest = 1.1, furthest = 4;  // the next step out, in steps from the best to the next

  double sufficient_decrease = 1e-4;  // in (0, 1/2)
  double curvature_condition = 0.1;   // in (0, 1), above sufficient_decrease
  double bracket_tolerance = 1e-10;   // in (0, 1)
  int max_trials = 50;                // >= 1

  struct State {
    double step = 0;
    RayEnd best{}, other{};    // the interval's ends; loss of the other infinite: it was not finite
    bool bracketed = false;    // a good step lies between them
    double low = 0, high = 0;  // where the next step may lie while nothing is bracketed
    double width = infinity, older_width = infinity;
    int leaps = 0;  // in a row
  } state{};

  template <class Self, class Each>
  static void parameters(Self& self, Each&& each) {
    each("sufficient_decrease", self.sufficient_decrease, Range::between(0, 0.5),
         "the share of the decrease promised by the slope that a step must bring");
    each("curvature_condition", self.curvature_condition, Range::between(self.sufficient_decrease, 1),
         "the share of the slope, up or down, that may be left at the end of a step");
    each("bracket_tolerance", self.bracket_tolerance, Range::between(0, 1),
         "the width of the interval, as a share of its longer end, at which the search ends");
    each("max_trials", self.max_trials, Range::at_least(1), "tries on one ray");
  }
  template <class Self, class Each>
  static void states(Self& self, Each&& each) {
    auto& s = self.state;
    each("step", s.step);
    RayEnd::states(s.best, "best_step", "best_loss", "best_slope", each);
    RayEnd::states(s.other, "other_step", "other_loss", "other_slope", each);
    each("bracketed", s.bracketed);
    each("low", s.low);
    each("high", s.high);
    each("width", s.width);
    each("older_width", s.older_width);
    each("leaps", s.leaps);
  }

  Ask first(const Ray& ray) {
    const double step = std::isfinite(ray.natural_step) ? ray.natural_step : state.step;
    state = State{.step = state.step};
    state.best = state.other = {0, ray.loss, ray.slope};
    state.high = (1 + furthest) * step;
    return {step, Probe::slope};
  }

  Verdict judge(const Ray& ray, const Trial& trial) {
    const bool lower = trial.finite() && sufficient(ray, trial, ray.loss, sufficient_decrease);
    if (lower && std::abs(trial.slope) <= curvature_condition * std::abs(ray.slope)) return Verdict::take();
    if (lower && trial.number >= content_after && trial.loss < ray.loss) return Verdict::take();
    if (trial.number >= max_trials) return Verdict::give_up();  // the loop takes the lowest trial, if there is one

    if (!trial.finite()) {
      state.other = {trial.step, infinity, not_a_number};
      state.bracketed = true;
      return inside(not_a_number);
    }
    const RayEnd here{trial.step, trial.loss, trial.slope};
    // (The authors' second stage, in which φ alone counts, needs no flag: once a low enough trial slopes up, every later
    // one that is not higher than the best lies to its left, hence is low enough too.)
    const bool on_psi = !lower && here.loss <= state.best.loss;
    const double tilt = on_psi ? sufficient_decrease * ray.slope : 0;
    const double next = shrink(tilted(state.best, tilt), tilted(state.other, tilt), tilted(here, tilt), here);
    return state.bracketed ? inside(next) : outside(next);
  }

  void taken(const Move& move) { state.step = move.step; }
  void rolled_back(double factor) { state.step *= factor; }
  void restarted(const Ray&) {}
  Learns learns() const { return Learns::loss; }
  Probe probes() const { return Probe::slope; }

 private:
  static Verdict ask(double step) { return Verdict::retry({step, Probe::slope}); }

  static RayEnd tilted(const RayEnd& end, double tilt) {
    return {end.step, end.loss - tilt * end.step, end.slope - tilt};
  }
  static bool opposite(double a, double b) { return (a < 0 && b > 0) || (a > 0 && b < 0); }
  /// Of two steps the one nearer to `t`, and the farther one.
  static double nearer(double t, double a, double b) { return std::abs(a - t) < std::abs(b - t) ? a : b; }
  static double farther(double t, double a, double b) { return std::abs(a - t) > std::abs(b - t) ? a : b; }

  /// The next step from x (best), y (other) and t (here), and the interval without the part that can't hold a good step
  /// (the authors' four cases; x, y and t as seen on ψ or φ, `here` is t itself).
  double shrink(const RayEnd& x, const RayEnd& y, const RayEnd& t, const RayEnd& here) {
    // Where losses are equal but for rounding, the slopes say on which side the minimum lies.
    const bool higher = t.loss > x.loss && !nearly_equal(t.loss, x.loss);
    const bool turned = opposite(t.slope, x.slope);
    const double cubic = cubic_minimiser(x, t), back = x.step - t.step;
    const double secant = t.step + t.slope / (t.slope - x.slope) * back;
    const bool outwards = t.step > x.step;
    double next = 0;
    if (higher) {
      const double parabola = x.step - x.slope / ((t.loss - x.loss) / back + x.slope) / 2 * back;
      const bool close = std::abs(cubic - x.step) < std::abs(parabola - x.step);
      next = close ? cubic : std::isfinite(cubic) ? cubic + (parabola - cubic) / 2 : parabola;
      state.bracketed = true;
      state.other = here;
      return next;
    }
    if (turned) {
      next = farther(t.step, cubic, secant);
      state.bracketed = true;
      state.other = state.best;
    } else if (std::abs(t.slope) < std::abs(x.slope)) {
      // The cubic may have no minimiser, or one on the wrong side.
      const bool beyond = outwards ? cubic > t.step : cubic < t.step;
      const double candidate = beyond ? cubic : outwards ? state.high : state.low;
      if (state.bracketed) {
        const double limit = t.step + shrink_to * (y.step - t.step);
        next = nearer(t.step, candidate, secant);
        next = outwards ? std::min(limit, next) : std::max(limit, next);
      } else {
        next = std::clamp(farther(t.step, candidate, secant), state.low, state.high);
      }
    } else if (state.bracketed) {
      next = cubic_minimiser(y, t);
    } else {
      next = outwards ? state.high : state.low;
    }
    state.best = here;
    return next;
  }

  Verdict outside(double next) {
    const double from = state.best.step, reach = next - from;
    // Four times as far each time, as the authors; from the seventh time on by decades.
    ++state.leaps;
    state.low = next + nearest * reach;
    state.high = std::min(next + (state.leaps <= 6 ? furthest : leap(state.leaps - 3)) * reach, largest_step);
    next = std::min(next, largest_step);
    return next > from ? ask(next) : Verdict::give_up();
  }

  Verdict inside(double next) {
    const double a = state.best.step, b = state.other.step;
    state.low = std::min(a, b);
    state.high = std::max(a, b);
    const double width = state.high - state.low;
    if (width <= bracket_tolerance * state.high) return Verdict::give_up();
    const bool slow = width >= shrink_to * state.older_width;
    state.older_width = state.width;
    state.width = width;
    // From absurd first steps arithmetic halving, and interpolation from one far end, would take for ever.
    state.leaps = a == 0 ? state.leaps + 1 : 0;
    if (state.leaps > 5 || (a == 0 && std::isinf(state.other.loss))) return ask(state.high / leap(state.leaps));
    const bool far_apart = state.low > 0 && state.high > 1e4 * state.low;
    const bool usable = next > state.low && next < state.high;
    return ask(slow || far_apart || !usable ? middle(state.low, state.high) : next);
  }
};

}  // namespace surefoot
