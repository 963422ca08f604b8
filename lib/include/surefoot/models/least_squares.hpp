/// Least squares: the loss of a row is ½ (z − y)². The half makes the slope the residual itself.
#pragma once

#include <cmath>
#include <string_view>

#include "surefoot/models/loss.hpp"

namespace surefoot {

struct LeastSquaresLoss {
  static constexpr std::string_view targets = "finite";
  static constexpr double lower_bound = 0;

  static bool accepts(double y) { return std::isfinite(y); }

  static double value(double z, double y) { return 0.5 * (z - y) * (z - y); }
  static double slope(double z, double y) { return z - y; }
  // NaN for a NaN margin, as everywhere: a model that is nowhere has no curvature.
  static double curvature(double z, double /*y*/) { return std::isnan(z) ? z : 1.0; }
  static ValueAndSlope at(double z, double y) {
    const double residual = z - y;
    return {0.5 * residual * residual, residual};
  }
};

static_assert(MarginLoss<LeastSquaresLoss>);

}  // namespace surefoot
