/// Steepest descent with a constant step in between: a few of Cauchy's steps, then one of Yuan's, kept for a while.
///
///   Minimizer minimizer{SteepestDescent{}, SDC{.cauchy_steps = 8, .constant_steps = 6}, Monitor{}, Stop{}};
#pragma once

#include "surefoot/steps/curvature_probe.hpp"

namespace surefoot {

/// A cycle of `cauchy_steps` minimisers of the ray, then Yuan's step (curvature_probe.hpp), computed once and kept for
/// `constant_steps` steps: it nears 1/L while the Cauchy steps run, so that keeping it wipes out the gradient's part
/// along the steepest eigenvector, and the next Cauchy steps are longer.
/// Ensures  φ(t) <= φ(0) + 1e-4 t φ'(0): a kept step that fails this is shortened. For d = −g only. Steps are in the
/// user's units.
/// De Asmundis, di Serafino, Hager, Toraldo & Zhang (2014).
struct SDC {
  static constexpr std::string_view name = "sdc";
  static constexpr Role role = Role::proposes;

  int cauchy_steps = 4;    // >= 2
  int constant_steps = 4;  // >= 1

  struct State {
    double step = 0;
    int cycle = 0;        // steps taken in this cycle
    double constant = 0;  // the step that is kept
    LastRay last{};
    CurvatureProbe probe{};
  } state{};

  template <class Self, class Each>
  static void parameters(Self& self, Each&& each) {
    each("cauchy_steps", self.cauchy_steps, Range::within(2, 10000), "steps to the ray's own minimiser in each cycle");
    each("constant_steps", self.constant_steps, Range::within(1, 10000), "steps of one length after them");
  }
  template <class Self, class Each>
  static void states(Self& self, Each&& each) {
    each("step", self.state.step);
    each("cycle", self.state.cycle);
    each("constant", self.state.constant);
    LastRay::states(self.state.last, each);
    CurvatureProbe::states(self.state.probe, each);
  }

  Ask first(const Ray& ray) {
    if (keeps()) return state.probe.keep(state.constant);
    state.last.present = ray.gradient_norm;
    return state.probe.begin(state.step);
  }
  Verdict judge(const Ray& ray, const Trial& trial) {
    return state.probe.judge(ray, trial, [&](double minimiser) {
      return state.cycle < cauchy_steps ? minimiser : state.last.yuan(minimiser);
    });
  }
  void taken(const Move& move) {
    state.step = move.step;
    if (!keeps()) {
      if (state.probe.minimiser == 0) return forget();  // the opening's step, or a ray without curvature
      state.last.taken(state.probe.minimiser);
      state.constant = move.step;
    }
    state.cycle = (state.cycle + 1) % (cauchy_steps + constant_steps);
  }
  void rolled_back(double factor) {
    state.step = factor * (keeps() ? state.constant : state.step);
    forget();
  }
  void restarted(const Ray& ray) {
    if (std::isfinite(ray.natural_step)) state.step = ray.natural_step;
    forget();
  }
  Learns learns() const { return Learns::nothing; }
  Probe probes() const { return Probe::slope; }
  bool probing() const { return state.probe.probing; }
  bool needs_gradient_direction() const { return true; }

 private:
  bool keeps() const { return state.cycle > cauchy_steps; }
  void forget() {
    state.cycle = 0;
    state.last = {};
    state.probe = {};
  }
};

}  // namespace surefoot
