/// Steepest descent: along the negative gradient.
#pragma once

#include "surefoot/directions/direction.hpp"
#include "surefoot/steps/barzilai_borwein.hpp"
#include "surefoot/steps/joined.hpp"
#include "surefoot/steps/nonmonotone_armijo.hpp"

namespace surefoot {

/// d = −g. At home with Barzilai–Borwein steps, the two forms in turn, under a nonmonotone Armijo judge. Cauchy (1847).
struct SteepestDescent {
  static constexpr std::string_view name = "steepest";
  static constexpr bool follows_gradient = true;
  static Joined<BarzilaiBorwein, NonmonotoneArmijo> home_rule() {
    return {BarzilaiBorwein{.form = BarzilaiBorwein::Form::alternate}, NonmonotoneArmijo{}};
  }

  Origin origin(const Point&, Point&) { return Origin::here; }
  double aim(const Point& from, Vector& d) {
    d = -from.gradient;
    return not_a_number;
  }
  void taken(const Point&, const Point&) {}
  void restart() {}
};

}  // namespace surefoot
