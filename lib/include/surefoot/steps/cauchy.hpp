/// Cauchy's step: the minimiser of the ray's own parabola, from one probe with its slope.
///
///   Minimizer minimizer{SteepestDescent{}, Cauchy{}, Monitor{}, Stop{}};
#pragma once

#include "surefoot/steps/curvature_probe.hpp"

namespace surefoot {

/// Probes the ray at the last step, takes the curvature from the two slopes and steps to where the loss is least:
///   t = −φ'(0) t₀ / (φ'(t₀) − φ'(0)),  exact on a quadratic.
/// Ensures  φ(t) <= φ(0) + 1e-4 t φ'(0). For d = −g: along it this is the steepest descent of the textbooks, zigzag and
/// all. Steps are in the user's units, slopes only in a ratio.
/// Cauchy (1847); the secant from slopes is textbook.
struct Cauchy {
  static constexpr std::string_view name = "cauchy";
  static constexpr Role role = Role::proposes;

  struct State {
    double step = 0;
    CurvatureProbe probe{};
  } state{};

  template <class Self, class Each>
  static void parameters(Self&, Each&&) {}
  template <class Self, class Each>
  static void states(Self& self, Each&& each) {
    each("step", self.state.step);
    CurvatureProbe::states(self.state.probe, each);
  }

  Ask first(const Ray&) { return state.probe.begin(state.step); }
  Verdict judge(const Ray& ray, const Trial& trial) {
    return state.probe.judge(ray, trial, [](double minimiser) { return minimiser; });
  }
  void taken(const Move& move) { state.step = move.step; }
  void rolled_back(double factor) {
    state.step *= factor;
    state.probe = {};
  }
  void restarted(const Ray& ray) {
    if (std::isfinite(ray.natural_step)) state.step = ray.natural_step;
  }
  Learns learns() const { return Learns::nothing; }
  Probe probes() const { return Probe::slope; }
  bool probing() const { return state.probe.probing; }
  bool needs_gradient_direction() const { return true; }
};

}  // namespace surefoot
