/// The inferred step: the next ray starts at the exact minimiser of the last, without a call of the objective.
///
///   Minimizer minimizer{Inferred{LBFGS{}}};
#pragma once

#include <utility>

#include "surefoot/directions/direction.hpp"
#include "surefoot/loop/parameters.hpp"

namespace surefoot {

/// Along a ray on a quadratic the gradient is linear in t. So one trial at any t > 0 gives the loss and the whole gradient
/// at the ray's minimiser t* = −t φ'(0) / (φ'(t) − φ'(0)):
///   w* = w + t* d,   g* = g + (t*/t) (g(t) − g),   φ* = φ(0) + t* φ'(0) / 2.
/// That is exact line search at one evaluation a step, where the trial's loss confirms that φ is a parabola on [0, t]:
/// |φ(t) − φ(0) − t (φ'(0) + φ'(t))/2| within `tolerance` of the smaller of the triangles −tφ'(0)/2 and t(φ'(t) − φ'(0))/2.
/// Then even a trial that went too far may serve: its search ends. Near any smooth minimum the loss is such a parabola.
/// The trial itself (evaluated, and a candidate for the best point) is the iterate, and what L-BFGS learns from; the
/// inferred point is only where the next ray starts, and is never returned. Should that ray lead to nothing
/// lower, the loop goes back to the best point that was evaluated. An error in g* is multiplied by 1 − t*/t at the next
/// inference, so that a chain of them forgets it.
/// The idea is ours; on quadratics it makes L-BFGS with unlimited memory the conjugate gradients of Hestenes & Stiefel
/// (1952) without the second evaluation of an exact line search.
template <Direction Inner>
struct Inferred {
  static constexpr std::string_view name = Inner::name;
  static constexpr bool learns_curvature = surefoot::learns_curvature<Inner>();
  static auto home_rule() requires HasHomeRule<Inner> { return Inner::home_rule(); }

  Inner inner{};
  double tolerance = 1e-3;  // >= 0; 0: hardly ever infers

  struct State {
    double stretch = 0;   // t*/t of the trial that was chosen; 0: none
    double step = 0;      // t*
    double decrease = 0;  // φ(0) − φ*, the user's unit
    bool ready = false;   // `point` is the next ray's start
    int off = 0;          // rays without inference that are left
    Point point{};
  } state{};

  template <class Self, class Each>
  static void parameters(Self& self, Each&& each) {
    Inner::parameters(self.inner, each);
    each("tolerance", self.tolerance, Range::at_least(0), "how far from a parabola the loss may be on the ray");
  }

  Origin origin(const Point& at, Point& start) {
    const Origin plain = inner.origin(at, start);
    if (!state.ready) return plain;
    state.ready = false;
    std::swap(start, state.point);
    return Origin::known;
  }
  double aim(const Point& from, Vector& d) {
    if (state.off > 0) --state.off;
    state.stretch = 0;
    return inner.aim(from, d);
  }

  bool infers(const Ray& ray, const Trial& trial, bool rule_takes) {
    state.stretch = 0;
    const double t = trial.step, bend = trial.slope - ray.slope;
    if (state.off > 0 || !(bend > 0)) return false;
    if (rule_takes && std::abs(trial.slope) <= 0.02 * -ray.slope) return false;  // it is there already
    const double miss = std::abs(trial.loss - ray.loss - t * ((ray.slope + trial.slope) / 2));
    const double triangle = t / 2 * std::min(-ray.slope, bend);
    if (!(miss <= tolerance * triangle) && !nearly_equal(trial.loss, ray.loss)) return false;
    const double stretch = -ray.slope / bend;
    if (stretch < 0.02 || stretch > 50) return false;
    state.stretch = stretch;
    state.step = stretch * t;
    state.decrease = -stretch * t * ray.slope / 2 / ray.unit;
    return true;
  }
  double inferred_step() const { return state.step; }
  bool began_anew() const { return surefoot::began_anew(inner); }
  void forgo(int rays) {
    state.off = std::max(state.off, rays);
    state.ready = false;
    state.stretch = 0;
  }

  void taken(const Point& from, const Point& next) {
    if (state.stretch == 0) return inner.taken(from, next);
    Point& point = state.point;
    point.w = from.w + state.stretch * (next.w - from.w);
    point.gradient = from.gradient + state.stretch * (next.gradient - from.gradient);
    point.loss = from.loss - state.decrease;
    point.gradient_norm = norm(point.gradient);
    point.gradient_max = not_a_number;  // of no point that could be returned
    point.sound = point.inferred = true;
    state.ready = point.gradient_norm > 0 && std::isfinite(point.gradient_norm) && point.w.allFinite();
    // A pair is best learnt from what was evaluated; conjugacy needs the gradient where the next ray starts.
    inner.taken(from, learns_curvature || !state.ready ? next : point);
  }
  void restart() {
    inner.restart();
    state.ready = false;
    state.stretch = 0;
  }
};

template <class Inner>
Inferred(Inner) -> Inferred<Inner>;
template <class Inner>
Inferred(Inner, double) -> Inferred<Inner>;

}  // namespace surefoot
