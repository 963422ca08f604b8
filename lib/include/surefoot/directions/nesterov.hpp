/// Nesterov's accelerated gradient: looks ahead along the last step, and descends from there.
///
///   Minimizer minimizer{Nesterov{}};
#pragma once

#include "surefoot/directions/direction.hpp"
#include "surefoot/steps/armijo.hpp"

namespace surefoot {

/// The ray starts at y = w + β (w − w_last) with β = (θ_last − 1)/θ, θ = (1 + sqrt(1 + 4 θ_last²))/2, and goes along
/// −g(y). The momentum restarts when it points uphill, g(y)·(w+ − w) > 0. A step costs two joint calls, one at y and
/// one at the point taken, since a point is accepted only when its loss and its gradient are known to be finite.
/// Nesterov (1983); restart by the gradient: O'Donoghue & Candès (2015).
struct Nesterov {
  static constexpr std::string_view name = "nesterov";
  static Armijo home_rule() { return {}; }

  struct State {
    double theta = 1;
    Vector last{};  // w before the last step
    bool moved = false;
    bool stale = false;  // the last step went against its momentum
  } state{};

  Origin origin(const Point& at, Point& start) {
    if (!state.moved) {
      state.last = at.w;
      state.moved = true;
      return Origin::here;
    }
    const double next = (1 + std::sqrt(1 + 4 * state.theta * state.theta)) / 2;
    const double momentum = (state.theta - 1) / next;
    state.theta = next;
    if (momentum > 0) start.w = at.w + momentum * (at.w - state.last);
    state.last = at.w;
    return momentum > 0 ? Origin::elsewhere : Origin::here;
  }
  double aim(const Point& from, Vector& d) {
    d = -from.gradient;
    return not_a_number;
  }
  void taken(const Point& from, const Point& next) {
    state.stale = from.gradient.dot(next.w - state.last) > 0;
    if (state.stale) state.theta = 1;
  }
  void restart() {
    state.theta = 1;
    state.moved = state.stale = false;
  }
  bool began_anew() const { return state.stale; }
};

}  // namespace surefoot
