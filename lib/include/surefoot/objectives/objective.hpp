/// What an objective is: any object with
///
///   double loss(const Vector& w);                       // (const or not; may be left out)
///   double loss(const Vector& w, Vector& gradient);     // fills every entry of the gradient, which has the size of w
///
/// or one callable `double(const Vector& w, Vector& gradient)`, a lambda say. Everything else is optional and found by
/// concept; see each below.
#pragma once

#include <concepts>
#include <limits>

#include "surefoot/vector.hpp"

namespace surefoot {

template <class O>
concept HasJointLoss = requires(O& objective, const Vector& w, Vector& gradient) {
  { objective.loss(w, gradient) } -> std::convertible_to<double>;
};
template <class O>
concept CallableWithGradient = requires(O& objective, const Vector& w, Vector& gradient) {
  { objective(w, gradient) } -> std::convertible_to<double>;
};
template <class O>
concept Objective = HasJointLoss<O> || CallableWithGradient<O>;

/// `double loss(w)`: the loss without its gradient.
template <class O>
concept HasLoss = requires(O& objective, const Vector& w) {
  { objective.loss(w) } -> std::convertible_to<double>;
};

/// `double lower_bound()`: the loss never falls below it.
template <class O>
concept HasLowerBound = requires(O& objective) {
  { objective.lower_bound() } -> std::convertible_to<double>;
};

/// `double proximal(Vector& w, double step)`: for a non-smooth part h beside the smooth loss (a box, an L1 penalty):
/// replaces w by the minimiser over v of h(v) + |v − w|²/(2 step), and returns h there. With step 0: moves w into h's
/// domain, if it is outside, and returns h.
template <class O>
concept Proximal = requires(O& objective, Vector& w, double step) {
  { objective.proximal(w, step) } -> std::convertible_to<double>;
};

/// Beside `proximal`: `double proximal_step(const Vector& w, const Vector& gradient, double step, Vector& to)`, a proximal
/// step in a metric M of the objective's own, whose natural step is 1:
///   to = argmin over v of  gradient·(v − w) + (v − w)ᵀ M (v − w) / (2 step) + h(v);   returns h(to).
template <class O>
concept ProximalInMetric = Proximal<O> && requires(O& objective, const Vector& w, double step, Vector& to) {
  { objective.proximal_step(w, w, step, to) } -> std::convertible_to<double>;
};

/// Rays, for an objective that can tell a loss along a line for far less than a call (a linear model keeps the margins of
/// its rows): `void along(const Vector& w, const Vector& direction)` prepares the ray w + t · direction, for about the price
/// of one call; after it, until `loss` is called again, `on_ray(double t)` gives { .value, .slope }, the loss there and its
/// derivative by t. That loss is the one that `loss` gives, but for rounding: where it is not, the loop notices and goes on
/// without rays. Once a ray has been prepared nothing more should be allocated. Not used where there is a proximal part,
/// since its path is not straight.
template <class O>
concept HasRay = requires(O& objective, const Vector& w, double step) {
  objective.along(w, w);
  { objective.on_ray(step).value } -> std::convertible_to<double>;
  { objective.on_ray(step).slope } -> std::convertible_to<double>;
};

/// Are there rays? A type that can tell only at run time has `bool has_ray() const` beside them.
template <HasRay O>
bool has_ray(const O& objective) {
  if constexpr (requires {
                  { objective.has_ray() } -> std::same_as<bool>;
                }) {
    return objective.has_ray();
  } else {
    return true;
  }
}

/// `void curvature(w, diagonal)`: the diagonal of the Hessian at w, of the size of w. (A type that can tell only at run time
/// returns whether it did.)
template <class O>
concept HasCurvature = requires(O& objective, const Vector& w, Vector& diagonal) {
  objective.curvature(w, diagonal);
};

/// `void hessian_times(w, v, product)`: the Hessian at w times v, of the size of w. Called several times in a row at the
/// point where loss and gradient were computed last.
template <class O>
concept HasHessianProducts = requires(O& objective, const Vector& w, const Vector& v, Vector& product) {
  objective.hessian_times(w, v, product);
};

/// Are there Hessian products? A type that can tell only at run time has `bool has_hessian_products() const` beside them.
template <class O>
bool has_hessian_products(const O& objective) {
  if constexpr (!HasHessianProducts<O>) {
    return false;
  } else if constexpr (requires {
                         { objective.has_hessian_products() } -> std::same_as<bool>;
                       }) {
    return objective.has_hessian_products();
  } else {
    return true;
  }
}

/// Beside products and rays, for a direction that is summed from those of its products:
///   void sum_product(double step, bool anew): the sum gains step times the v of the last product (anew: it is that)
///   void along_sum(w, direction): as `along`, of that sum, about which all is known by then
/// A type that can tell only at run time has `bool sums_products() const` beside them.
template <class O>
concept SumsProducts = HasRay<O> && HasHessianProducts<O> && requires(O& objective, const Vector& w, double step) {
  objective.sum_product(step, true);
  objective.along_sum(w, w);
};
template <class O>
bool sums_products(const O& objective) {
  if constexpr (!SumsProducts<O>) {
    return false;
  } else if constexpr (requires {
                         { objective.sums_products() } -> std::same_as<bool>;
                       }) {
    return objective.sums_products();
  } else {
    return true;
  }
}

/// `int batches()` and `void select(int batch)`: mini-batches. After select(b) both losses are of batch b only; after
/// select(-1) of everything.
template <class O>
concept Batched = requires(O& objective, int batch) {
  { objective.batches() } -> std::convertible_to<int>;
  objective.select(batch);
};

/// An objective seen in other coordinates v (see coordinates/diagonal.hpp): the descent runs in v.
///   void enter(const Vector& w, Vector& v), void leave(const Vector& v, Vector& w): user's w to v and back
///   double user_gradient_max(const Vector& gradient): |∇|∞ in the user's coordinates of a gradient in v
///   bool refresh(int iteration, const Vector& v): may choose new coordinates; true if it did. Asked once an iteration,
///     and with -1 where no way down was found
///   void recast(Vector& v, Vector& gradient): carries a point from the coordinates before the last refresh over
/// and, may be left out,
///   double natural_step() const: the step to try along the negative gradient (1 in the metric of a Hessian); NaN: not known
template <class O>
concept Coordinates = requires(O& objective, const Vector& from, Vector& to, int iteration) {
  objective.enter(from, to);
  objective.leave(from, to);
  { objective.user_gradient_max(from) } -> std::convertible_to<double>;
  { objective.refresh(iteration, from) } -> std::same_as<bool>;
  objective.recast(to, to);
};

template <Coordinates O>
double natural_step_of(const O& objective) {
  if constexpr (requires {
                  { objective.natural_step() } -> std::convertible_to<double>;
                }) {
    return objective.natural_step();
  } else {
    return std::numeric_limits<double>::quiet_NaN();
  }
}

/// The loss and its gradient, whichever of the two forms the objective has.
template <Objective O>
double loss_and_gradient(O& objective, const Vector& w, Vector& gradient) {
  if constexpr (HasJointLoss<O>) {
    return static_cast<double>(objective.loss(w, gradient));
  } else {
    return static_cast<double>(objective(w, gradient));
  }
}

}  // namespace surefoot
