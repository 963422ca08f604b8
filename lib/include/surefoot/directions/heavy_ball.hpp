/// Heavy ball: steepest descent that keeps a share of its last movement, so that it rolls along a valley's floor instead
/// of bouncing between its walls.
///
///   Minimizer minimizer{HeavyBall{.momentum = 0.9}};
#pragma once

#include "surefoot/directions/direction.hpp"
#include "surefoot/loop/parameters.hpp"
#include "surefoot/steps/armijo.hpp"

namespace surefoot {

/// d = −g + (momentum/t_last) (w − w_last), t_last the step that led from w_last to w. As w − w_last = t_last d_last this
/// is d = −g + momentum d_last, which neither over- nor underflows. With a constant step it is Polyak's method,
/// w+ = w − t g + momentum (w − w_last); a rule that lengthens or shortens the step does so to both terms, so that any
/// rule that judges along a ray fits. It has no natural step: the rule goes on from its own.
/// A movement that leads uphill is dropped by the loop's restart. Polyak (1964).
struct HeavyBall {
  static constexpr std::string_view name = "heavy-ball";
  static Armijo home_rule() { return {}; }

  double momentum = 0.9;  // in [0, 1); 0 is steepest descent

  struct State {
    Vector direction{};  // the last one
    bool moved = false;  // along it
  } state{};

  template <class Self, class Each>
  static void parameters(Self& self, Each&& each) {
    each("momentum", self.momentum, Range{0, 1, false, true}, "the share of the last movement that is kept");
  }

  Origin origin(const Point&, Point&) { return Origin::here; }
  double aim(const Point& from, Vector& d) {
    if (state.moved) {
      d = momentum * state.direction - from.gradient;
    } else {
      d = -from.gradient;
    }
    state.direction = d;
    return not_a_number;
  }
  void taken(const Point&, const Point&) { state.moved = true; }
  void restart() { state.moved = false; }
};

}  // namespace surefoot
