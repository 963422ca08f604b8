/// Stabilised Barzilai–Borwein: long steps, but never farther than a small multiple of the first ones.
///
///   Minimizer minimizer{SteepestDescent{}, StabilisedBB{.reach = 5}, Monitor{}, Stop{}};
#pragma once

#include "surefoot/steps/spectral.hpp"

namespace surefoot {

/// The long Barzilai–Borwein step, shortened so that the weights move by no more than Δ:
///   t = min(s·s / s·y, Δ / |g|),   Δ = reach · (the shortest |s| of the first three Barzilai–Borwein steps).
/// Until those three are taken Δ is infinite. Ensures  |s| <= Δ  from then on, along d = −g, but for one that follows a
/// rollback; nothing of the loss: run it under the monitor, or joined to a nonmonotone judge.
/// Burdakov, Dai & Huang (2019), who prove convergence on strongly convex losses for a fixed Δ. They form Δ with
/// reach = 0.2; ours is longer, because a Δ that is too short slows the whole run down.
struct StabilisedBB {
  static constexpr std::string_view name = "stabilised-bb";
  static constexpr Role role = Role::proposes;
  static constexpr int measured = 3;  // steps that Δ is formed from

  double reach = 2;  // > 0

  struct State {
    double step = 0;
    int moves = 0;               // since the start or a restart: the first is not a Barzilai–Borwein step
    double shortest = infinity;  // |s| of those that Δ is formed from
  } state{};

  template <class Self, class Each>
  static void parameters(Self& self, Each&& each) {
    each("reach", self.reach, Range::positive(),
         "how far a step may go, in units of the shortest of the first three Barzilai–Borwein steps");
  }
  template <class Self, class Each>
  static void states(Self& self, Each&& each) {
    each("step", self.state.step);
    each("moves", self.state.moves);
    each("shortest", self.state.shortest);
  }

  /// Δ: how far a step may move the weights.
  double limit() const { return state.moves > measured ? reach * state.shortest : infinity; }

  Ask first(const Ray&) { return {state.step, Probe::none}; }
  Verdict judge(const Ray&, const Trial&) { return Verdict::take(); }
  void taken(const Move& move) {
    measure(move);
    state.step = within_reach(spectral(move).long_step, move);
    // Both norms are of one scale, so this end needs no limit relative to the last step.
    const double longest = limit() / move.gradient_norm;
    if (longest < state.step) state.step = std::max(longest, smallest_step);
  }
  void rolled_back(double factor) {
    state.step *= factor;
    if (state.moves <= measured) forget();  // once formed Δ stays: it is the problem's scale, not that path's
  }
  void restarted(const Ray& ray) {
    if (std::isfinite(ray.natural_step)) state.step = ray.natural_step;
    forget();
  }
  Learns learns() const { return Learns::pair; }
  Probe probes() const { return Probe::none; }
  bool needs_gradient_direction() const { return true; }

 private:
  void measure(const Move& move) {
    if (state.moves > measured || !(move.displacement > 0)) return;
    if (state.moves > 0) state.shortest = std::min(state.shortest, move.displacement);
    ++state.moves;
  }
  void forget() {
    state.moves = 0;
    state.shortest = infinity;
  }
};

}  // namespace surefoot
