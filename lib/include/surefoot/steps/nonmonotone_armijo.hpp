/// Nonmonotone Armijo backtracking: lets a good long step pass although the loss rises for a moment.
///
///   Minimizer minimizer{SteepestDescent{}, Joined{BarzilaiBorwein{}, NonmonotoneArmijo{.memory = 5}}, Monitor{}, Stop{}};
#pragma once

#include "surefoot/steps/backtrack.hpp"

namespace surefoot {

/// Nonmonotone Armijo backtracking: accepts a step whose loss is below the worst of the last `memory` losses by a
/// fraction of what the slope promises, so a good long step is not refused for a short rise.
/// Ensures  loss(w + t d) <= max_{j < memory} loss_{k−j} + sufficient_decrease · t · slope.
/// Grippo, Lampariello & Lucidi (1986); interpolation after Birgin, Martínez & Raydan (2000).
struct NonmonotoneArmijo {
  static constexpr std::string_view name = "nonmonotone";
  static constexpr Role role = Role::shrinks;

  double sufficient_decrease = 1e-4;  // in (0, 1/2)
  int memory = 10;                    // >= 1; 1 is plain Armijo
  double growth = 2;                  // >= 1

  struct State {
    double step = 0;
    Ring losses{};
    Backtrack backtrack{};
  } state{};

  template <class Self, class Each>
  static void parameters(Self& self, Each&& each) {
    each("sufficient_decrease", self.sufficient_decrease, Range::between(0, 0.5),
         "the share of the decrease promised by the slope that a step must bring");
    each("memory", self.memory, Range::within(1, 10000), "losses, this one included, whose largest is the reference");
    each("growth", self.growth, Range::at_least(1), "how much longer the next first try is after one taken at once");
  }
  template <class Self, class Each>
  static void states(Self& self, Each&& each) {
    each("step", self.state.step);
    each("losses", self.state.losses);
    Backtrack::states(self.state.backtrack, each);
  }

  Ask first(const Ray& ray) {
    state.backtrack = {};
    if (state.losses.empty()) state.losses.push(ray.loss, memory);
    return {std::isfinite(ray.natural_step) ? ray.natural_step : state.step, Probe::loss};
  }
  Verdict judge(const Ray& ray, const Trial& trial) {
    const double reference = state.losses.empty() ? ray.loss : std::max(ray.loss, state.losses.max());
    if (trial.finite() && sufficient(ray, trial, reference, sufficient_decrease)) return Verdict::take();
    return Verdict::retry({state.backtrack.shorter(ray, trial), Probe::loss});
  }
  void taken(const Move& move) {
    state.losses.push(move.loss, memory);
    state.step = move.step * (move.trials == 1 ? growth : 1);
  }
  void rolled_back(double factor) {
    state.step *= factor;
    state.losses.clear();
  }
  void restarted(const Ray&) {}
  Learns learns() const { return Learns::loss; }
};

}  // namespace surefoot
