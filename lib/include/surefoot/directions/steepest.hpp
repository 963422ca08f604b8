/// Steepest descent: along the negative gradient.
#pragma once

#include "surefoot/directions/direction.hpp"
#include "surefoot/steps/auto_step.hpp"
#include "surefoot/steps/joined.hpp"
#include "surefoot/steps/nonmonotone_armijo.hpp"

namespace surefoot {

/// d = −g. At home with surefoot's own curvature steps under a nonmonotone Armijo judge. Cauchy (1847).
struct SteepestDescent {
  static constexpr std::string_view name = "steepest";
  static constexpr bool follows_gradient = true;
  static Joined<AutoStep, NonmonotoneArmijo> home_rule() { return {}; }

  Origin origin(const Point&, Point&) { return Origin::here; }
  double aim(const Point& from, Vector& d) {
    d = -from.gradient;
    return not_a_number;
  }
  void taken(const Point&, const Point&) {}
  void restart() {}
};

}  // namespace surefoot
