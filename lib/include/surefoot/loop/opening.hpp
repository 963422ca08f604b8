/// The first step without any guess: finds the scale of the very first step for every rule that has none.
///
///   Ask ask = opening.first(ray, hint);               // hint NaN: none
///   Verdict verdict = opening.judge(ray, trial);
#pragma once

#include "surefoot/loop/rule.hpp"

namespace surefoot {

/// Starts where a step would move the weights by a hundredth of their size (or at the user's hint, however absurd) and
/// closes in by decades, then by geometric bisection, on a step whose decrease is visible and bends away from the
/// tangent: long enough to show curvature, short enough to gain. 2 or 3 trials without a hint, 9 to 12 from 1e±300.
/// The start is Hager & Zhang's (2005, I0) in 2-norms; the search is ours.
/// An early end suits directions that learn curvature (L-BFGS): the first trial that goes down visibly, and whose slope
/// has moved at all, already tells the scale of the next step; further trials would be wasted. It starts at a tenth.
struct Opening {
  static constexpr double share = 0.01, early_share = 0.1;  // of |w|

  bool early = false;

  struct State {
    double natural = 0;     // share · |w| / |d|
    double good = 0;        // the longest good step so far
    bool seen = false;      // a decrease, on any trial: not merely too small a step to see one
    double bad = infinity;  // the shortest bad one
    int decades = 1;        // of the next jump
  } state{};

  Ask first(const Ray& ray, double hint) {
    state = {};
    const double reach = (early ? early_share : share) * (size_of(ray.iterate_norm) / ray.direction_norm);
    state.natural = std::clamp(reach, smallest_step, largest_step);
    return ask(std::isfinite(hint) ? hint : state.natural).next;
  }

  Verdict judge(const Ray& ray, const Trial& trial) {
    const double t = trial.step;
    const double promised = -trial.model_decrease;
    const double floor = 64 * epsilon * std::abs(ray.loss);
    const bool blind = trial.finite() && promised <= floor && std::abs(trial.loss - ray.loss) <= floor;
    const bool good = trial.finite() && (blind || ray.loss - trial.loss >= 0.1 * promised);
    const bool straight = blind || ray.loss - trial.loss >= 0.9 * promised;
    if (good) {
      state.good = std::max(state.good, t);
      state.seen = state.seen || !blind;
    } else {
      state.bad = std::min(state.bad, t);
    }

    if (good && !straight) return Verdict::take();
    if (early && good && !blind && trial.slope > 0.999 * ray.slope) return Verdict::take();
    if (state.good == 0) {
      if (t > 100 * state.natural) return ask(geometric_mean(t, state.natural));
      state.decades *= 2;
      return ask(t * std::pow(0.1, state.decades));
    }
    if (std::isinf(state.bad)) {
      if (t >= largest_step) return Verdict::take();  // straight as far as one can see
      if (t < 0.01 * state.natural) return ask(geometric_mean(t, state.natural));
      return ask(std::min(t * std::pow(10.0, state.decades++), largest_step));
    }
    if (state.bad > 4 * state.good) return ask(geometric_mean(state.good, state.bad));
    if (!state.seen) return Verdict::give_up();  // nothing between "too short to see" and "higher": the loss disagrees
    return t == state.good ? Verdict::take() : ask(state.good);  // the loop remembers that trial: no call
  }

 private:
  Verdict ask(double step) const {
    return Verdict::retry({std::clamp(step, smallest_step, largest_step), early ? Probe::slope : Probe::loss});
  }
};

}  // namespace surefoot
