/// What an objective is: any object with
///
///   double loss(const Vector& w);                       // (const or not; may be left out)
///   double loss(const Vector& w, Vector& gradient);     // fills every entry of the gradient, which has the size of w
///
/// or one callable `double(const Vector& w, Vector& gradient)`, a lambda say. Everything else is optional and found by
/// concept; see each below.
#pragma once

#include <concepts>

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
template <class O>
concept Coordinates = requires(O& objective, const Vector& from, Vector& to, int iteration) {
  objective.enter(from, to);
  objective.leave(from, to);
  { objective.user_gradient_max(from) } -> std::convertible_to<double>;
  { objective.refresh(iteration, from) } -> std::same_as<bool>;
  objective.recast(to, to);
};

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
