/// Dai and Yuan's monotone steps: two of Cauchy's, two of Yuan's, in turn. The loss never rises, and yet it is fast.
///
///   Minimizer minimizer{SteepestDescent{}, DaiYuan{}, Monitor{}, Stop{}};
#pragma once

#include "surefoot/steps/curvature_probe.hpp"

namespace surefoot {

/// Probes each ray for its minimiser t^SD as Cauchy's rule does, and takes in turn
///   t^SD, t^SD, t^Y, t^Y,
/// where Yuan's shorter step t^Y (curvature_probe.hpp) comes from the minimisers of this ray and the last and the two
/// |g|. The short steps break steepest descent's zigzag.
/// Ensures  φ(t) <= φ(0) + 1e-4 t φ'(0). For d = −g only. Steps are in the user's units.
/// Dai & Yuan (2005); the step: Yuan (2006).
struct DaiYuan {
  static constexpr std::string_view name = "dai-yuan";
  static constexpr Role role = Role::proposes;

  struct State {
    double step = 0;
    int turn = 0;  // 0, 1: Cauchy; 2, 3: Yuan
    LastRay last{};
    CurvatureProbe probe{};
  } state{};

  template <class Self, class Each>
  static void parameters(Self&, Each&&) {}
  template <class Self, class Each>
  static void states(Self& self, Each&& each) {
    each("step", self.state.step);
    each("turn", self.state.turn);
    LastRay::states(self.state.last, each);
    CurvatureProbe::states(self.state.probe, each);
  }

  Ask first(const Ray& ray) {
    state.last.present = ray.gradient_norm;
    return state.probe.begin(state.step);
  }
  Verdict judge(const Ray& ray, const Trial& trial) {
    return state.probe.judge(ray, trial,
                             [&](double minimiser) { return state.turn < 2 ? minimiser : state.last.yuan(minimiser); });
  }
  void taken(const Move& move) {
    state.step = move.step;
    if (state.probe.minimiser > 0) {
      state.last.taken(state.probe.minimiser);
      state.turn = (state.turn + 1) % 4;
    } else {  // the opening's step, or a ray without curvature: it has no minimiser
      forget();
    }
  }
  void rolled_back(double factor) {
    state.step *= factor;
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
  void forget() {
    state.turn = 0;
    state.last = {};
    state.probe = {};
  }
};

}  // namespace surefoot
