/// The silver schedule: short steps with ever longer ones between them, in an order fixed beforehand.
///
///   Minimizer minimizer{SteepestDescent{}, Silver{.lipschitz = 4}, Monitor{.rise = 1e6}, Stop{}};
#pragma once

#include <bit>
#include <optional>

#include "surefoot/loop/rule.hpp"

namespace surefoot {

/// Step i = 1, 2, 3 … is  t_i = (1 + ρ^(v(i) − 1)) / L,  ρ = 1 + sqrt 2 the silver ratio, v(i) the number of times that 2
/// divides i: sqrt2, 2, sqrt2, 1 + ρ, sqrt2, 2, sqrt2, 1 + ρ² … over L.
/// Ensures, for a convex loss whose gradient has the Lipschitz constant L, after n = 2^k − 1 steps and there alone,
///   f(w_n) − f* <= L |w_0 − w*|² / (1 + sqrt(4 ρ^(2k) − 3)),   about n^(−1.27).
/// Losses in between may lie anywhere. With `lipschitz`, which is L in the user's units (steps are 1/L), it keeps to the
/// schedule as a fixed step does: a step that fails is held under the monitor's cap, and the schedule goes on. Unset, the
/// run's first step stands for t_1 = sqrt2 / L, and a step that had to be shortened shortens all that follow. For d = −g.
/// Altschuler & Parrilo (2023), part II.
struct Silver {
  static constexpr std::string_view name = "silver";
  static constexpr Role role = Role::proposes;  // a judge cuts the long steps, and with them the bound

  std::optional<double> lipschitz{};  // > 0

  struct State {
    double base = 0;  // 1/L, where it is learnt; 0: not yet
    int taken = 0;    // steps
  } state{};

  template <class Self, class Each>
  static void parameters(Self& self, Each&& each) {
    each("lipschitz", self.lipschitz, Range::within(1 / largest_step, 1 / smallest_step),
         "L, the largest curvature; unset: sqrt2 over the run's first step");
  }
  template <class Self, class Each>
  static void states(Self& self, Each&& each) {
    each("base", self.state.base);
    each("taken", self.state.taken);
  }

  /// t_i L, for i = 1, 2, 3 …
  static double share(int i) { return 1 + std::pow(silver_ratio, std::countr_zero(static_cast<unsigned>(i)) - 1); }

  Ask first(const Ray& ray) {
    if (next_step() > 0) return {next_step(), Probe::none};
    return {std::isfinite(ray.natural_step) ? ray.natural_step : 0, Probe::none};
  }
  Verdict judge(const Ray&, const Trial&) { return Verdict::take(); }
  void taken(const Move& move) {
    if (!lipschitz && move.step != next_step()) state.base = move.step / share(state.taken + 1);
    state.taken = (state.taken + 1) % (1 << 30);  // then it starts anew
  }
  void rolled_back(double factor) {
    if (!lipschitz) state.base *= factor;  // else the monitor's cap does it
  }
  void restarted(const Ray& ray) {
    state.taken = 0;
    if (std::isfinite(ray.natural_step)) state.base = ray.natural_step / share(1);
  }
  Learns learns() const { return Learns::nothing; }
  Probe probes() const { return Probe::none; }
  bool adapts() const { return !lipschitz; }
  double given_step() const { return lipschitz ? share(1) / *lipschitz : not_a_number; }
  bool needs_gradient_direction() const { return true; }

 private:
  static constexpr double silver_ratio = 2.41421356237309504880;  // 1 + sqrt 2

  double next_step() const {
    return std::min((lipschitz ? 1 / *lipschitz : state.base) * share(state.taken + 1), largest_step);
  }
};

}  // namespace surefoot
