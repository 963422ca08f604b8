/// Barzilai–Borwein steps: curvature from the last step alone, no search.
///
///   Minimizer minimizer{SteepestDescent{}, BarzilaiBorwein{.form = BarzilaiBorwein::Form::alternate}, Monitor{}, Stop{}};
#pragma once

#include "surefoot/steps/spectral.hpp"

namespace surefoot {

/// The step that makes t I the best multiple of the identity for the last pair s, y:
///   long  t = s·s / s·y,   short  t = s·y / y·y,   alternate  long at odd iterations, short at even ones.
/// It takes what it asked for, so losses go up and down: run it under the monitor, or joined to a nonmonotone judge.
/// For d = −g only. Where s·y <= 0 (negative curvature) t = |s|/|y| (Burdakov, Dai & Huang 2019); a step is at most
/// 1e10 times longer or shorter than the last, so that nothing depends on the scale of the loss or of the weights.
/// Barzilai & Borwein (1988); alternating: Dai & Fletcher (2005).
struct BarzilaiBorwein {
  static constexpr std::string_view name = "bb";
  static constexpr Role role = Role::proposes;
  enum class Form { long_step, short_step, alternate };

  Form form = Form::long_step;

  struct State {
    double step = 0;
    int steps = 0;  // taken so far: odd or even
  } state{};

  template <class Self, class Each>
  static void parameters(Self&, Each&&) {}
  template <class Self, class Each>
  static void states(Self& self, Each&& each) {
    each("step", self.state.step);
    each("steps", self.state.steps);
  }

  Ask first(const Ray&) { return {state.step, Probe::none}; }
  Verdict judge(const Ray&, const Trial&) { return Verdict::take(); }
  void taken(const Move& move) {
    ++state.steps;
    const Spectral seen = spectral(move);
    const bool is_long = form == Form::long_step || (form == Form::alternate && state.steps % 2 == 1);
    state.step = within_reach(is_long ? seen.long_step : seen.short_step, move);
  }
  void rolled_back(double factor) { state.step *= factor; }
  void restarted(const Ray& ray) {
    if (std::isfinite(ray.natural_step)) state.step = ray.natural_step;
  }
  Learns learns() const { return Learns::pair; }
  Probe probes() const { return Probe::none; }
  bool needs_gradient_direction() const { return true; }
};

}  // namespace surefoot
