/// surefoot's own rule for steepest descent: nothing to choose, one call a step.
///
///   Minimizer minimizer{SteepestDescent{}, AutoStep{}, Monitor{}, Stop{}};          // on the command line: auto
#pragma once

#include "surefoot/steps/spectral.hpp"

namespace surefoot {

/// A Barzilai–Borwein rule that changes its mind by what the last two pairs (s, y) show. ratio = short / long step =
/// cos²(s, y) of the last pair:
///   ratio <= threshold  s mixed directions of much different curvature: the shorter of the short step and the `sharpest`
///                       one (below), so that the sharp directions are done with; threshold / adaptation
///   else                s met little but one curvature: in turn the long step and the short one, the long one first;
///                       threshold · adaptation
/// It takes what it asked for and ensures nothing from one step to the next: run it under the monitor. For d = −g only.
/// What is in it: the threshold that moves (Bonettini, Zanella & Zanni 2009), long and short steps in turn (Dai &
/// Fletcher 2005), the step that ends on a quadratic of two unknowns (Huang, Dai, Liu & Zhang 2021). The combination is
/// ours: alternating where the others take the long step each time is what curved valleys need, the threshold what
/// ill-conditioned quadratics need.
struct AutoStep {
  static constexpr std::string_view name = "auto";
  static constexpr Role role = Role::proposes;

  double threshold = 0.5;   // in (0, 1); where it starts
  double adaptation = 1.1;  // > 1

  struct State {
    double step = 0;
    double threshold = 0;                  // as it is now; 0: not moved yet
    double long_step = 0, short_step = 0;  // of the pair before; 0: there is none
    bool long_next = true;
  } state{};

  template <class Self, class Each>
  static void parameters(Self& self, Each&& each) {
    each("threshold", self.threshold, Range::between(0, 1),
         "the ratio of short to long step up to which a short one is taken, at the start");
    each("adaptation", self.adaptation, Range::above(1), "what the threshold is divided or multiplied by at each step");
  }
  template <class Self, class Each>
  static void states(Self& self, Each&& each) {
    each("step", self.state.step);
    each("threshold", self.state.threshold);
    each("long_step", self.state.long_step);
    each("short_step", self.state.short_step);
    each("long_next", self.state.long_next);
  }

  Ask first(const Ray&) { return {state.step, Probe::none}; }
  Verdict judge(const Ray&, const Trial&) { return Verdict::take(); }
  void taken(const Move& move) {
    const Spectral seen = spectral(move);
    if (seen.curved) {
      state.step = within_reach(choose(seen), move);
      state.long_step = seen.long_step;
      state.short_step = seen.short_step;
    } else {
      state.step = within_reach(seen.long_step, move);
      state.long_step = state.short_step = 0;
    }
  }
  void rolled_back(double factor) {
    state.step *= factor;
    state.long_step = state.short_step = 0;
  }
  void restarted(const Ray& ray) {
    const double kept = std::isfinite(ray.natural_step) ? ray.natural_step : state.step;
    state = {};
    state.step = kept;
  }
  Learns learns() const { return Learns::pair; }
  Probe probes() const { return Probe::none; }
  bool needs_gradient_direction() const { return true; }

  /// The inverse of the larger curvature of the quadratic of two unknowns that shows these two pairs; Inf where they are
  /// alike and show none. Both curvatures λ solve λ² − sum λ + product = 0, so averaged over a pair
  /// 1/short − sum + product · long = 0, and two pairs are two linear equations. All in units of the short step, so that
  /// nothing over- or underflows; real and positive for any pairs, since short <= long.
  static double sharpest(double long_before, double short_before, double long_now, double short_now) {
    const double product = (short_now / short_before - 1) / (long_now / short_now - long_before / short_now);
    const double sum = 1 + product * (long_now / short_now);
    const double step = 2 * short_now / (sum + std::sqrt(sum * sum - 4 * product));
    return std::isnan(step) ? infinity : step;
  }

 private:
  double choose(const Spectral& seen) {
    if (state.threshold == 0) state.threshold = threshold;
    if (seen.ratio <= state.threshold) {
      state.threshold /= adaptation;
      state.long_next = true;
      if (state.long_step == 0) return seen.short_step;
      return std::min(seen.short_step, sharpest(state.long_step, state.short_step, seen.long_step, seen.short_step));
    }
    state.threshold *= adaptation;
    const bool is_long = state.long_next;
    state.long_next = !is_long;
    return is_long ? seen.long_step : seen.short_step;
  }
};

}  // namespace surefoot
