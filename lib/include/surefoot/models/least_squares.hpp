/// Least squares: the loss of a row is ½ (z − y)². The half makes the slope the residual itself.
#pragma once

#include <cmath>
#include <string_view>

#include "surefoot/models/loss.hpp"

namespace surefoot {

struct LeastSquaresLoss {
  static constexpr std::string_view name = "least-squares";
  static constexpr std::string_view targets = "finite";
  static constexpr double lower_bound = 0;

  static bool accepts(double y) { return std::isfinite(y); }

  template <class Real>
  Terms<Real> at(const Real& z, const Real& y) const {
    using real::unless_nan;
    const Real residual = z - y;
    return {0.5 * residual * residual, residual, unless_nan(residual, Real(1.0))};
  }

  static double conjugate(double slope, double y) { return slope * (0.5 * slope + y); }
};

static_assert(MarginLoss<LeastSquaresLoss>);

}  // namespace surefoot
