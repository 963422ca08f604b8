/// Poisson regression: counts y >= 0 with mean exp(z). The loss of a row is exp(z) − y z, minus the logarithm of the
/// count's probability without log y!, which no margin changes.
///
/// exp(z) leaves the range of double at z = 709.8: from there the loss is Inf, and the loop takes no such trial.
#pragma once

#include <cmath>
#include <limits>
#include <string_view>

#include "surefoot/models/loss.hpp"

namespace surefoot {

struct PoissonLoss {
  static constexpr std::string_view name = "poisson";
  static constexpr std::string_view targets = "finite and >= 0";
  static constexpr double lower_bound = -std::numeric_limits<double>::infinity();

  static bool accepts(double y) { return std::isfinite(y) && y >= 0; }

  template <class Real>
  Terms<Real> at(const Real& z, const Real& y) const {
    using real::exp, real::select;
    const Real mean = exp(z);
    // Neither 0 · Inf nor Inf − Inf: a count of 0 loses exp(z) alone, and an exp(z) near the end of the range outgrows
    // y z.
    const Real gain = select(y == Real(0.0), y, y * z);
    return {select(mean > Real(1.7e308), mean, mean - gain), mean - y, mean};
  }

  /// Of the mean m = slope + y: m log m − m, 0 where no mean is left. (The curvature has no bound.)
  static double conjugate(double slope, double y) {
    const double mean = slope + y;
    return mean > 0 ? mean * (std::log(mean) - 1) : 0;
  }
};

static_assert(MarginLoss<PoissonLoss>);

}  // namespace surefoot
