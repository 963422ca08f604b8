/// Armijo backtracking: the classical safe step.
///
///   Minimizer minimizer{SteepestDescent{}, Armijo{.growth = 4}, Monitor{}, Stop{}};
#pragma once

#include "surefoot/steps/backtrack.hpp"

namespace surefoot {

/// Armijo backtracking with a memory: tries the last step again (longer, where it was taken at once), and shortens it
/// until the loss has fallen enough.
/// Ensures  loss(w + t d) <= loss(w) + c · t · slope,  c = sufficient_decrease;  where the two losses agree to a
/// few units in the last place, the slope decides: φ'(t) <= 0.9 (2c − 1) φ'(0).
/// Armijo (1966); interpolation after Dennis & Schnabel (1983).
struct Armijo {
  static constexpr std::string_view name = "armijo";
  static constexpr Role role = Role::shrinks;

  double sufficient_decrease = 1e-4;  // in (0, 1/2)
  double growth = 2;                  // >= 1

  struct State {
    double step = 0;
    Backtrack backtrack{};
  } state{};

  template <class Self, class Each>
  static void parameters(Self& self, Each&& each) {
    each("sufficient_decrease", self.sufficient_decrease, Range::between(0, 0.5),
         "the share of the decrease promised by the slope that a step must bring");
    each("growth", self.growth, Range::at_least(1), "how much longer the next first try is after one taken at once");
  }
  template <class Self, class Each>
  static void states(Self& self, Each&& each) {
    each("step", self.state.step);
    Backtrack::states(self.state.backtrack, each);
  }

  Ask first(const Ray& ray) {
    state.backtrack = {};
    return {std::isfinite(ray.natural_step) ? ray.natural_step : state.step, Probe::loss};
  }
  Verdict judge(const Ray& ray, const Trial& trial) {
    if (trial.finite() && sufficient(ray, trial, ray.loss, sufficient_decrease)) return Verdict::take();
    return Verdict::retry({state.backtrack.shorter(ray, trial), Probe::loss});
  }
  void taken(const Move& move) { state.step = move.step * (move.trials == 1 ? growth : 1); }
  void rolled_back(double factor) { state.step *= factor; }
  void restarted(const Ray&) {}
  Learns learns() const { return Learns::loss; }
};

}  // namespace surefoot
