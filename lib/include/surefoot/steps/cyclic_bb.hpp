/// Cyclic Barzilai–Borwein steps: a long step, used for several iterations before the next is computed.
///
///   Minimizer minimizer{SteepestDescent{}, Joined{CyclicBB{.cycle = 3}, NonmonotoneArmijo{}}, Monitor{}, Stop{}};
#pragma once

#include "surefoot/steps/spectral.hpp"

namespace surefoot {

/// The long Barzilai–Borwein step t = s·s / s·y of the last pair, kept for `cycle` steps. On a quadratic, steps of one
/// length turn s towards the directions that this length damps least, and the next pair measures their curvature.
/// It ensures nothing from one step to the next: it takes what it asked for, so run it under the monitor, or joined to
/// a nonmonotone judge. For d = −g only. Only a step that a pair with positive curvature has given is kept: a
/// substitute (see steps/spectral.hpp) serves once, and a step that a judge had to shorten ends its cycle.
/// Dai, Hager, Schittkowski & Zhang (2006).
struct CyclicBB {
  static constexpr std::string_view name = "cyclic-bb";
  static constexpr Role role = Role::proposes;

  int cycle = 4;  // >= 1; 1 is bb1

  struct State {
    double step = 0;
    int kept = 0;  // which step of its cycle the next one is; 0: of none, the next pair gives a new length
  } state{};

  template <class Self, class Each>
  static void parameters(Self& self, Each&& each) {
    each("cycle", self.cycle, Range::within(1, 10000), "steps that a length is used for");
  }
  template <class Self, class Each>
  static void states(Self& self, Each&& each) {
    each("step", self.state.step);
    each("kept", self.state.kept);
  }

  Ask first(const Ray&) { return {state.step, Probe::none}; }
  Verdict judge(const Ray&, const Trial&) { return Verdict::take(); }
  void taken(const Move& move) {
    if (state.kept > 0 && state.kept < cycle && move.step >= state.step) {
      ++state.kept;
      return;
    }
    const Spectral seen = spectral(move);
    state.step = within_reach(seen.long_step, move);
    state.kept = seen.curved ? 1 : 0;
  }
  void rolled_back(double factor) { state.step *= factor; }  // and serves for the rest of its cycle
  void restarted(const Ray& ray) {
    if (std::isfinite(ray.natural_step)) state.step = ray.natural_step;
    state.kept = 0;
  }
  Learns learns() const { return Learns::pair; }
  Probe probes() const { return Probe::none; }
  bool needs_gradient_direction() const { return true; }
};

}  // namespace surefoot
