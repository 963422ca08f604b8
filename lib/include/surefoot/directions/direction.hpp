/// Which way, and from where? The contract of a direction.
///
///   struct SteepestDescent {
///     Origin origin(const Point&, Point&) { return Origin::here; }
///     double aim(const Point& from, Vector& d) { d = -from.gradient; return not_a_number; }
///     void taken(const Point&, const Point&) {}
///     void restart() {}
///   };
#pragma once

#include <concepts>
#include <string_view>

#include "surefoot/loop/numbers.hpp"
#include "surefoot/vector.hpp"

namespace surefoot {

/// An iterate and what the objective said there.
struct Point {
  Vector w{};
  Vector gradient{};
  double loss = not_a_number;  // the whole objective, a non-smooth part included; the user's unit
  double penalty = 0;          // the non-smooth part h alone
  double gradient_norm = not_a_number;
  double gradient_max = not_a_number;  // in the user's coordinates
  bool sound = false;                  // loss, gradient and weights are finite
  bool filled = true;                  // false: of a free trial, whose gradient is not known (never returned)
  bool inferred = false;               // not evaluated: computed from what was (never returned)
};

/// Where a ray starts.
enum class Origin {
  here,       // at the present iterate
  elsewhere,  // at start.w, which the direction has filled and the loop evaluates
  known       // at start, all of whose fields the direction has filled: no call
};

/// The first two derivatives of the loss along a ray, by the step.
struct RayBend {
  double slope = not_a_number, curvature = not_a_number;
};

/// The Hessian at a point, as a direction sees it that asks for products with it (see truncated_newton.hpp). Only the loop
/// calls the objective: it hands this over for one `aim`.
template <class OracleType>
struct HessianAt {
  OracleType& oracle;
  const Vector& w;
  bool (*interrupts)(const void*);  // by a limit of the run
  const void* run;

  void times(const Vector& v, Vector& product) const { oracle.hessian_times(w, v, product); }
  /// False where the objective does not tell it.
  bool diagonal(Vector& to) const { return oracle.curvature(w, to); }
  // Does the objective follow a direction that is summed from those of the products? Then it tells of the ray for no call.
  bool sums_products() const { return oracle.sums_products(); }
  void sum_product(double step, bool anew) const { oracle.sum_product(step, anew); }
  void along_sum(const Vector& direction) const { oracle.along_sum(w, direction); }
  RayBend on_ray(double step) const { return oracle.bend_on_ray(step); }
  /// Is the run to end? Then the direction is to be done soon.
  bool is_interrupted() const { return interrupts(run); }
};

/// What stands for the loop's oracle where a direction's type is checked, and in tests.
struct SomeOracle {
  void hessian_times(const Vector&, const Vector&, Vector&) {}
  bool curvature(const Vector&, Vector&) { return false; }
  static bool sums_products() { return false; }
  void sum_product(double, bool) {}
  void along_sum(const Vector&, const Vector&) {}
  RayBend bend_on_ray(double) { return {}; }
};

/// Does it aim by products with the Hessian? Objectives that have none are refused.
template <class D>
constexpr bool needs_hessian_products() {
  if constexpr (requires { D::needs_hessian_products; }) {
    return D::needs_hessian_products;
  } else {
    return false;
  }
}

template <class D>
concept AimsByGradient = requires(D direction, const Point& at, Vector& d) {
  { direction.aim(at, d) } -> std::same_as<double>;  // fills d; its natural step, or NaN
};
template <class D>
concept AimsByHessian = needs_hessian_products<D>() &&
    requires(D direction, const Point& at, Vector& d, const HessianAt<SomeOracle>& hessian) {
  { direction.aim(at, d, hessian) } -> std::same_as<double>;  // likewise
};

template <class D>
concept Direction = std::copyable<D> &&
    (AimsByGradient<D> || AimsByHessian<D>)&&requires(D direction, const Point& at, Point& start) {
  { direction.origin(at, start) } -> std::same_as<Origin>;
  direction.taken(at, start);  // the ray's origin and the point that was taken
  direction.restart();         // forget: the next direction is the negative gradient
};

/// A direction whose next ray may start where the slopes of this one say that its minimiser is (see inferred.hpp).
template <class D>
concept InferringDirection = Direction<D> && requires(D direction, const Ray& ray, const Trial& trial) {
  // A finite trial, and whether the rule would take it. True: it is to be taken, and the search is over.
  { direction.infers(ray, trial, true) } -> std::same_as<bool>;
  { direction.inferred_step() } -> std::convertible_to<double>;  // t* of that ray
  direction.forgo(20);  // drops what was inferred, and infers nothing for so many rays
};

/// Did it drop what it had learnt at its last aim, by a test of its own? (Optional: `bool began_anew() const`.)
template <class D>
bool began_anew(const D& direction) {
  if constexpr (requires { direction.began_anew(); }) {
    return direction.began_anew();
  } else {
    return false;
  }
}

/// Does it learn curvature from the steps taken? Then a first step that is too short is no loss: the second is not.
template <class D>
constexpr bool learns_curvature() {
  if constexpr (requires { D::learns_curvature; }) {
    return D::learns_curvature;
  } else {
    return false;
  }
}

/// The rule that a direction is at home with: `Minimizer{LBFGS{}}` takes that. (Optional: `static auto home_rule()`.)
template <class D>
concept HasHomeRule = requires {
  D::home_rule();
};
template <HasHomeRule D>
using HomeRule = decltype(D::home_rule());

/// Is d always the negative gradient at the iterate itself? Proximal steps need that; other directions are refused there.
template <class D>
constexpr bool follows_gradient() {
  if constexpr (requires { D::follows_gradient; }) {
    return D::follows_gradient;
  } else {
    return false;
  }
}

}  // namespace surefoot
