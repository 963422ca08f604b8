/// Bold driver: a little longer after every good step, half as long after a bad one.
///
///   Minimizer minimizer{SteepestDescent{}, BoldDriver{.growth = 1.2}, Monitor{}, Stop{}};
#pragma once

#include "surefoot/loop/rule.hpp"

namespace surefoot {

/// The bold driver of neural networks: a step that lowers the loss makes the next one `growth` times longer; one that
/// does not is undone and tried again `shrink` times as long (a tenth where it was NaN or Inf), faster from the tenth
/// refusal in a row on. It remembers nothing of the step that was too long.
/// Ensures  loss(w + t d) < loss(w);  where the two agree to a few units in the last place, φ'(t) <= −0.9 φ'(0).
/// Vogl, Mangis, Rigler, Zink & Alkon (1988); Battiti (1989). The haste after ten refusals is ours.
struct BoldDriver {
  static constexpr std::string_view name = "bold-driver";
  static constexpr Role role = Role::judges;
  static constexpr int patience = 10;  // refusals in a row before it makes haste

  double growth = 1.05;  // > 1
  double shrink = 0.5;   // in (0, 1)

  struct State {
    double step = 0;
    int refused = 0;     // on this ray, in a row
    int not_finite = 0;  // of these, the last
  } state{};

  template <class Self, class Each>
  static void parameters(Self& self, Each&& each) {
    each("growth", self.growth, Range::above(1), "how much longer each step is than the last, if that was good");
    each("shrink", self.shrink, Range::between(0, 1), "how much of a step is left that did not lower the loss");
  }
  template <class Self, class Each>
  static void states(Self& self, Each&& each) {
    each("step", self.state.step);
    each("refused", self.state.refused);
    each("not_finite", self.state.not_finite);
  }

  Ask first(const Ray& ray) {
    state.refused = state.not_finite = 0;
    return {std::isfinite(ray.natural_step) ? ray.natural_step : state.step, Probe::loss};
  }
  Verdict judge(const Ray& ray, const Trial& trial) {
    if (trial.finite()) {
      const bool floor = nearly_equal(trial.loss, ray.loss) && std::isfinite(trial.slope);
      if (floor ? trial.slope <= -0.9 * ray.slope : trial.loss < ray.loss) return Verdict::take();
    }
    return Verdict::retry({trial.step * left(trial.finite()), Probe::loss});
  }
  void taken(const Move& move) { state.step = growth * move.step; }
  void rolled_back(double factor) { state.step *= factor; }
  void restarted(const Ray&) {}
  Learns learns() const { return Learns::loss; }

 private:
  /// The share of a refused step to try next. A step that is wrong by 300 decades is no case for halving: after the
  /// tenth refusal by 1, 2, 3 … decades.
  double left(bool finite) {
    ++state.refused;
    state.not_finite = finite ? 0 : state.not_finite + 1;
    const double share = finite ? shrink : std::pow(0.1, std::max(1, state.not_finite - 1));
    return state.refused <= patience ? share : std::min(share, std::pow(0.1, state.refused - patience));
  }
};

}  // namespace surefoot
