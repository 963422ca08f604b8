/// Adaptive proximal gradient: as adgd, but its bound also sees how far s and y point the same way.
///
///   Minimizer minimizer{SteepestDescent{}, AdaPG{}, Monitor{}, Stop{}};
#pragma once

#include "surefoot/loop/rule.hpp"

namespace surefoot {

/// With l = s·y / s·s, c = y·y / s·y and t_{k−1} = t_k at the start:
///   t_{k+1} = t_k min( sqrt(1 + t_k/t_{k−1}), 1 / (2 sqrt(max(0, t_k l (t_k c − 1)))) ).
/// Ensures those two bounds; the curvature's is at least 1/(2L). Converges on convex losses with a locally Lipschitz
/// gradient, with or without a proximal part: there s is the whole step and y of the smooth part. Uses |s|/|y| and the
/// cosine of s and y alone. For d = −g.
/// Latafat, Themelis, Stella & Patrinos (2023).
struct AdaPG {
  static constexpr std::string_view name = "adapg";
  static constexpr Role role = Role::proposes;

  struct State {
    double step = 0;
    double earlier_taken = 0;  // 0: none
  } state{};

  template <class Self, class Each>
  static void parameters(Self&, Each&&) {}
  template <class Self, class Each>
  static void states(Self& self, Each&& each) {
    each("step", self.state.step);
    each("earlier_taken", self.state.earlier_taken);
  }

  Ask first(const Ray&) { return {state.step, Probe::none}; }
  Verdict judge(const Ray&, const Trial&) { return Verdict::take(); }
  void taken(const Move& move) {
    const double t = move.step;
    double next = t * std::sqrt(1 + (state.earlier_taken > 0 ? t / state.earlier_taken : 1));
    if (move.displacement > 0 && move.gradient_change > 0) {
      // t l (t c − 1) = x (x − cos(s, y)) with x = t |y|/|s|: no quotient by s·y.
      const double x = t * (move.gradient_change / move.displacement), excess = x - move.cosine;
      if (excess > 0) next = std::min(next, 0.5 * t / (std::sqrt(x) * std::sqrt(excess)));
    }
    state.step = std::clamp(next, 1e-10 * t, std::min(1e10 * t, largest_step));
    state.earlier_taken = t;
  }
  void rolled_back(double factor) {
    state.step *= factor;
    state.earlier_taken = 0;
  }
  void restarted(const Ray& ray) {
    if (std::isfinite(ray.natural_step)) state.step = ray.natural_step;
    state.earlier_taken = 0;
  }
  Learns learns() const { return Learns::pair; }
  Probe probes() const { return Probe::none; }
  bool needs_gradient_direction() const { return true; }
};

}  // namespace surefoot
