/// Hypergradient descent: the step grows while successive gradients agree and shrinks when they turn back.
///
///   Minimizer minimizer{SteepestDescent{}, Hypergradient{.rate = 0.3}, Monitor{}, Stop{}};
#pragma once

#include "surefoot/loop/rule.hpp"

namespace surefoot {

/// The derivative of the loss by the step that was just taken is −g_{k+1}·g_k; the step follows it, normalised and in
/// proportion to itself:
///   t_{k+1} = t_k (1 + rate · cos(g_{k+1}, g_k)).
/// The cosine comes from the three sides |g_k|, |g_{k+1}|, |y| of a triangle, so no rounding of the weights is in it, and
/// no scale.
/// Ensures  (1 − rate) t_k <= t_{k+1} <= (1 + rate) t_k, nothing of losses. For d = −g.
/// Baydin, Cornish, Rubio, Schmidt & Wood (2018), in the multiplicative, normalised form.
struct Hypergradient {
  static constexpr std::string_view name = "hypergradient";
  static constexpr Role role = Role::proposes;

  double rate = 0.02;  // in (0, 1)

  struct State {
    double step = 0;
    double ray_gradient = 0;  // |g| on the present ray; 0: not known
  } state{};

  template <class Self, class Each>
  static void parameters(Self& self, Each&& each) {
    each("rate", self.rate, Range::between(0, 1),
         "the most that a step differs from the last, as a share of it; 0.3 suits full gradients");
  }
  template <class Self, class Each>
  static void states(Self& self, Each&& each) {
    each("step", self.state.step);
    each("ray_gradient", self.state.ray_gradient);
  }

  Ask first(const Ray& ray) {
    state.ray_gradient = std::isfinite(ray.gradient_norm) ? ray.gradient_norm : 0;
    return {state.step, Probe::none};
  }
  Verdict judge(const Ray&, const Trial&) { return Verdict::take(); }
  void taken(const Move& move) {
    const double before = state.ray_gradient > 0 ? state.ray_gradient : move.displacement / move.step;
    state.step = move.step * (1 + rate * cosine_of_gradients(before, move));
  }
  void rolled_back(double factor) { state.step *= factor; }
  void restarted(const Ray& ray) {
    if (std::isfinite(ray.natural_step)) state.step = ray.natural_step;
  }
  Learns learns() const { return Learns::pair; }
  Probe probes() const { return Probe::none; }
  bool needs_gradient_direction() const { return true; }

 private:
  /// Of g_{k+1} and g_k, |g_k| being `before`; 0 where one of them vanishes or is not known.
  static double cosine_of_gradients(double before, const Move& move) {
    const double change = move.gradient_change;
    double cosine = 0;
    if (std::isfinite(move.gradient_norm)) {
      const double after = move.gradient_norm;
      // (|g|² + |g+|² − |y|²) / (2 |g| |g+|), as ratios: no square over- or underflows.
      cosine = 0.5 * (before / after + (after - change) / before * ((after + change) / after));
    } else {  // from the side across s and the side along it
      const double along = before - change * move.cosine;
      const double across = change * std::sqrt(std::max(0.0, (1 - move.cosine) * (1 + move.cosine)));
      cosine = along / std::hypot(along, across);
    }
    return std::isfinite(cosine) ? std::clamp(cosine, -1.0, 1.0) : 0;
  }
};

}  // namespace surefoot
