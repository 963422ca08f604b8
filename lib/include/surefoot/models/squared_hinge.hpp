/// The squared hinge of a linear support vector machine: a row loses max(0, 1 − m)², m = (2y − 1) z, for a target y of
/// 0 or 1: nothing where it is right by a margin of 1 or more. Its slope has no jump, its curvature has, at m = 1.
/// As in LIBLINEAR: Fan, Chang, Hsieh, Wang & Lin (2008).
#pragma once

#include <cmath>
#include <string_view>

#include "surefoot/models/loss.hpp"

namespace surefoot {

struct SquaredHingeLoss {
  static constexpr std::string_view name = "squared-hinge";
  static constexpr std::string_view targets = "0 or 1";
  static constexpr double lower_bound = 0;

  static bool accepts(double y) { return y == 0 || y == 1; }

  template <class Real>
  Terms<Real> at(const Real& z, const Real& y) const {
    using real::max, real::select, real::unless_nan;
    const Real sign = 2.0 * y - 1.0;
    const Real m = sign * z;
    const Real lacking = max(Real(0.0), 1.0 - m);
    return {lacking * lacking, -2.0 * sign * lacking, unless_nan(m, select(m < Real(1.0), Real(2.0), Real(0.0)))};
  }

  static double conjugate(double slope, double) {
    const double size = std::abs(slope);
    return size * (0.25 * size - 1);
  }
};

static_assert(MarginLoss<SquaredHingeLoss>);

}  // namespace surefoot
