/// Polyak's step: as far as a straight line from here would need to fall to the least loss, known or guessed.
///
///   Minimizer minimizer{SteepestDescent{}, Polyak{.lower_bound = 0}, Monitor{}, Stop{}};
///   Minimizer minimizer{SteepestDescent{}, PolyakLevel{}, Monitor{}, Stop{}};       // the least loss is not known
#pragma once

#include <optional>

#include "surefoot/loop/rule.hpp"

namespace surefoot {

/// A guess of the least loss, `gap` below the best one so far, moved as the steps succeed. In the run's unit of loss.
/// The gap is set where the first ray after a known step makes that step Polyak's, so it needs no scale of its own.
struct Level {
  double step = 0;         // the last that was taken; 0: none
  double best = infinity;  // lowest loss
  double gap = 0;          // 0: not set
  double from = 0;         // φ(0) of the present ray
  double cut = 1;          // on the next step, after a rollback

  template <class Self, class Each>
  static void states(Self& self, Each&& each) {
    each("step", self.step);
    each("best", self.best);
    each("gap", self.gap);
    each("from", self.from);
    each("cut", self.cut);
  }

  void enter(const Ray& ray) {
    from = ray.loss;
    best = std::min(best, ray.loss);
    if (gap == 0) gap = -step * ray.slope;
  }
  /// How far the loss is to fall on this ray.
  double fall() const { return (from - best) + gap; }

  void taken(const Move& move) {
    step = move.step;
    gap *= cut;  // the step that a rollback led to was shorter: so is the next
    if (move.loss <= best - gap / 2) {
      gap *= 1.5;
    } else {
      gap *= move.loss > from ? 0.98 * 0.5 : 0.98;
    }
    best = std::min(best, move.loss);
  }
  void forget() {
    best = infinity;
    gap = 0;
  }

  /// The step that makes the tangent fall by `fall`; cut after a rollback. Where that says nothing, the last step.
  double polyak_step(const Ray& ray, double fall) const {
    double t = fall / -ray.slope;
    if (step > 0) {
      const double longest = std::min(1e10 * step, largest_step);
      t = t > 0 ? std::clamp(t, 1e-10 * step, longest) : step;
    }
    return cut * t;
  }
};

/// Polyak's step towards a guessed level:  t = (f − (best − gap)) / |g|²,  where the gap grows by a half after a step that
/// closed half of it, halves after a rise, and fades by 2 % with every step. Its first step of its own is as long as the
/// one before it (the opening's).
/// Ensures nothing from one loss to the next. For d = −g. Reads losses and slopes in one unit, so it has no scale.
/// After Goffin & Kiwiel (1999) and Nedić & Bertsekas (2001); the constants are ours.
struct PolyakLevel {
  static constexpr std::string_view name = "polyak-level";
  static constexpr Role role = Role::proposes;

  struct State {
    Level level{};
  } state{};

  template <class Self, class Each>
  static void parameters(Self&, Each&&) {}
  template <class Self, class Each>
  static void states(Self& self, Each&& each) {
    Level::states(self.state.level, each);
  }

  Ask first(const Ray& ray) {
    state.level.enter(ray);
    return {state.level.polyak_step(ray, state.level.fall()), Probe::none};
  }
  Verdict judge(const Ray&, const Trial&) { return Verdict::take(); }
  void taken(const Move& move) {
    state.level.taken(move);
    state.level.cut = 1;
  }
  void rolled_back(double factor) { state.level.cut *= factor; }
  void restarted(const Ray& ray) {
    state.level.forget();
    if (std::isfinite(ray.natural_step)) state.level.step = ray.natural_step;
  }
  Learns learns() const { return Learns::loss; }
  Probe probes() const { return Probe::none; }
  bool needs_gradient_direction() const { return true; }
};

/// Polyak's step towards the least loss f*:  t = (f − f*) / |g|².
/// f* is the parameter `lower_bound` (in the user's units), else the objective's own; where neither is known, or the loss
/// has fallen to it and the gradient has not vanished, the level of polyak-level stands in.
/// Ensures, with the exact f* of a convex loss, that each step brings w nearer to every minimiser; nothing of single
/// losses. After a rollback the steps are shorter, and twice as long again with each new best loss. For d = −g. Polyak (1969).
struct Polyak {
  static constexpr std::string_view name = "polyak";
  static constexpr Role role = Role::proposes;

  std::optional<double> lower_bound{};

  struct State {
    bool known = false;  // f*, on the present ray
    Level level{};
  } state{};

  template <class Self, class Each>
  static void parameters(Self& self, Each&& each) {
    each("lower_bound", self.lower_bound, Range{}, "the least loss there is; unset: the objective's own, else a guess");
  }
  template <class Self, class Each>
  static void states(Self& self, Each&& each) {
    each("known", self.state.known);
    Level::states(self.state.level, each);
  }

  Ask first(const Ray& ray) {
    const double fall = ray.loss - (lower_bound ? *lower_bound * ray.unit : ray.lower_bound);
    state.known = std::isfinite(fall) && fall > 0;
    state.level.enter(ray);
    return {state.level.polyak_step(ray, state.known ? fall : state.level.fall()), Probe::none};
  }
  Verdict judge(const Ray&, const Trial&) { return Verdict::take(); }
  void taken(const Move& move) {
    const bool lower = move.loss < state.level.best;
    const double cut = state.level.cut;
    state.level.taken(move);
    state.level.cut = state.known ? (lower ? std::min(1.0, 2 * cut) : cut) : 1;
  }
  void rolled_back(double factor) { state.level.cut *= factor; }
  void restarted(const Ray& ray) {
    state.level.forget();
    if (std::isfinite(ray.natural_step)) state.level.step = ray.natural_step;
  }
  Learns learns() const { return state.known && state.level.cut == 1 ? Learns::nothing : Learns::loss; }
  Probe probes() const { return Probe::none; }
  bool needs_gradient_direction() const { return true; }
};

}  // namespace surefoot
