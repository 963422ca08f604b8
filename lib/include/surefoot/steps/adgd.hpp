/// Adaptive gradient descent: the step grows slowly and is held below a bound from the curvature of the last step. No
/// search, no loss values, and proofs for convex losses.
///
///   Minimizer minimizer{SteepestDescent{}, AdGD2{}, Monitor{}, Stop{}};
#pragma once

#include "surefoot/loop/rule.hpp"

namespace surefoot {

/// With θ = t_k / t_{k−1} (infinite at the start, so that the second step is the curvature's):
///   t_{k+1} = min( sqrt(1 + θ) t_k, |s| / (2 |y|) ).
/// Ensures those two bounds; each step but the first is at least the smaller of the last and 1/(2L). On a convex loss
/// whose gradient is Lipschitz on bounded sets the iterates converge, whatever the first step (Theorem 1 there); no
/// single loss need fall. Uses |s|/|y| alone, so any scale will do. For d = −g.
/// Malitsky & Mishchenko (2020).
struct AdGD {
  static constexpr std::string_view name = "adgd";
  static constexpr Role role = Role::proposes;

  struct State {
    double step = 0;
    double last_taken = 0;  // 0: none
  } state{};

  template <class Self, class Each>
  static void parameters(Self&, Each&&) {}
  template <class Self, class Each>
  static void states(Self& self, Each&& each) {
    each("step", self.state.step);
    each("last_taken", self.state.last_taken);
  }

  Ask first(const Ray&) { return {state.step, Probe::none}; }
  Verdict judge(const Ray&, const Trial&) { return Verdict::take(); }
  void taken(const Move& move) {
    const double t = move.step;
    const bool bent = move.displacement > 0 && move.gradient_change > 0;
    const double longest = std::min(1e10 * t, largest_step);
    double next = state.last_taken > 0 ? t * std::sqrt(1 + t / state.last_taken) : bent ? longest : 4 * t;
    if (bent) next = std::min(next, 0.5 * (move.displacement / move.gradient_change));
    state.step = std::clamp(next, 1e-10 * t, longest);
    state.last_taken = t;
  }
  void rolled_back(double factor) {
    state.step *= factor;
    state.last_taken = 0;
  }
  void restarted(const Ray& ray) {
    if (std::isfinite(ray.natural_step)) state.step = ray.natural_step;
    state.last_taken = 0;
  }
  Learns learns() const { return Learns::pair; }
  Probe probes() const { return Probe::none; }
  bool needs_gradient_direction() const { return true; }
};

/// The longer steps of the second paper. With L_k = |y|/|s| and θ = t_k / t_{k−1} (1/3 at the start):
///   t_{k+1} = min( sqrt(2/3 + θ) t_k, t_k / sqrt(max(0, 2 t_k² L_k² − 1)) ).
/// Ensures those two bounds; the curvature's is at least 1/(sqrt2 L), and absent while t_k <= 1/(sqrt2 L_k). Converges on
/// convex losses with a locally Lipschitz gradient. Uses |s|/|y| alone. For d = −g.
/// Malitsky & Mishchenko (2023), Algorithm 2.
struct AdGD2 {
  static constexpr std::string_view name = "adgd2";
  static constexpr Role role = Role::proposes;

  struct State {
    double step = 0;
    double last_taken = 0;  // 0: none
  } state{};

  template <class Self, class Each>
  static void parameters(Self&, Each&&) {}
  template <class Self, class Each>
  static void states(Self& self, Each&& each) {
    each("step", self.state.step);
    each("last_taken", self.state.last_taken);
  }

  Ask first(const Ray&) { return {state.step, Probe::none}; }
  Verdict judge(const Ray&, const Trial&) { return Verdict::take(); }
  void taken(const Move& move) {
    const double t = move.step;
    const double theta = state.last_taken > 0 ? t / state.last_taken : 1.0 / 3;
    double next = t * std::sqrt(2.0 / 3 + theta);
    if (move.displacement > 0 && move.gradient_change > 0) {
      const double x = std::sqrt(2) * (t * (move.gradient_change / move.displacement));  // sqrt2 t L
      if (x > 1) next = std::min(next, t / (std::sqrt(x - 1) * std::sqrt(x + 1)));
    }
    state.step = std::clamp(next, 1e-10 * t, std::min(1e10 * t, largest_step));
    state.last_taken = t;
  }
  void rolled_back(double factor) {
    state.step *= factor;
    state.last_taken = 0;
  }
  void restarted(const Ray& ray) {
    if (std::isfinite(ray.natural_step)) state.step = ray.natural_step;
    state.last_taken = 0;
  }
  Learns learns() const { return Learns::pair; }
  Probe probes() const { return Probe::none; }
  bool needs_gradient_direction() const { return true; }
};

}  // namespace surefoot
