/// Steepest descent: along the negative gradient.
#pragma once

#include "surefoot/directions/direction.hpp"

namespace surefoot {

/// d = −g. Cauchy (1847).
struct SteepestDescent {
  static constexpr std::string_view name = "steepest";
  static constexpr bool follows_gradient = true;

  Origin origin(const Point&, Point&) { return Origin::here; }
  double aim(const Point& from, Vector& d) {
    d = -from.gradient;
    return not_a_number;
  }
  void taken(const Point&, const Point&) {}
  void restart() {}
};

}  // namespace surefoot
