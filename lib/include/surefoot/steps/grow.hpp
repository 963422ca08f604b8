/// Grow until divergence, then shrink: doubles the step until it fails, remembers where, and closes in on it.
///
///   Minimizer minimizer{SteepestDescent{}, Grow{}, Monitor{}, Stop{}};
#pragma once

#include "surefoot/loop/rule.hpp"

namespace surefoot {

/// Grow until divergence, then shrink. Every step that lowers the loss makes the next one `growth` times longer; a
/// rise, NaN or Inf halves it (a tenth where it was not finite), is remembered as the bad step, and halves the growth;
/// then the step approaches the bad one by geometric bisection. After `patience` steps the bad one is forgotten and the
/// growth starts anew, since curvature changes: an occasional overlong step cures ill-conditioning.
/// Ensures  loss(w + t d) < loss(w);  where the two agree to a few units in the last place, φ'(t) <= −0.9 φ'(0).
/// Ours, in the spirit of learning-rate range tests (Smith 2017).
struct Grow {
  static constexpr std::string_view name = "grow";
  static constexpr Role role = Role::judges;

  double growth = 2;  // > 1
  int patience = 25;  // >= 1

  struct State {
    double step = 0;
    double growth = 0;  // at present; 0: not begun
    double bad = infinity;
    int streak = 0;
    int not_finite = 0;
  } state{};

  template <class Self, class Each>
  static void parameters(Self& self, Each&& each) {
    each("growth", self.growth, Range::above(1), "how much longer each step is than the last while all goes well");
    each("patience", self.patience, Range::at_least(1), "good steps after which the known bad step is forgotten");
  }
  template <class Self, class Each>
  static void states(Self& self, Each&& each) {
    each("step", self.state.step);
    each("growth", self.state.growth);
    each("bad", self.state.bad);
    each("streak", self.state.streak);
    each("not_finite", self.state.not_finite);
  }

  Ask first(const Ray& ray) {
    state.not_finite = 0;
    if (state.growth == 0) state.growth = growth;
    return {std::isfinite(ray.natural_step) ? ray.natural_step : state.step, Probe::loss};
  }
  Verdict judge(const Ray& ray, const Trial& trial) {
    if (trial.finite()) {
      state.not_finite = 0;
      const bool floor = nearly_equal(trial.loss, ray.loss) && std::isfinite(trial.slope);
      if (floor ? trial.slope <= -0.9 * ray.slope : trial.loss < ray.loss) return Verdict::take();
      if (floor) return Verdict::retry({0.5 * trial.step, Probe::loss});
    }
    state.bad = trial.step;
    state.streak = 0;
    state.growth = std::min(state.growth, 1 + std::max((state.growth - 1) / 2, 0.02));
    if (trial.finite()) return Verdict::retry({0.5 * trial.step, Probe::loss});
    ++state.not_finite;
    return Verdict::retry({trial.step * std::pow(0.1, std::max(1, state.not_finite - 1)), Probe::loss});
  }
  void taken(const Move& move) {
    if (state.growth == 0) state.growth = growth;
    state.step = state.growth * move.step;
    if (state.bad < infinity) state.step = std::min(state.step, geometric_mean(move.step, state.bad));
    if (++state.streak < patience) return;
    state.streak = 0;
    state.bad = infinity;
    state.growth = growth;
  }
  void rolled_back(double factor) {
    state.step *= factor;
    state.bad = infinity;
    state.streak = 0;
  }
  void restarted(const Ray&) { state.bad = infinity; }
  Learns learns() const { return Learns::loss; }
};

}  // namespace surefoot
