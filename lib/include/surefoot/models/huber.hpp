/// Huber's loss: ½ r² of a residual r = z − y up to `delta`, and its tangent beyond, delta (|r| − delta/2): rows that are
/// far off pull with the same force however far off they are. Huber (1964).
///
///   HuberLoss loss{.delta = 1.35};
///
/// `delta` is in the target's units. A small one makes it the absolute deviation times delta, a large one least squares.
/// The curvature is 0 beyond delta: where all rows are, a Newton step has nothing to go by.
#pragma once

#include <algorithm>
#include <cmath>
#include <string_view>

#include "surefoot/loop/parameters.hpp"
#include "surefoot/models/loss.hpp"

namespace surefoot {

struct HuberLoss {
  static constexpr std::string_view name = "huber";
  static constexpr std::string_view targets = "finite";
  static constexpr double lower_bound = 0;

  double delta = 1;  // > 0

  template <class Self, class Each>
  static void parameters(Self& self, Each&& each) {
    each("delta", self.delta, Range::positive(),
         "the residual, in the target's units, up to which the loss is squared");
  }

  /// The curvature of the parabola that touches the loss at z and is nowhere below it: that of iteratively reweighted least
  /// squares (Huber, 1964; Hunter & Lange, 2000).
  double majorant(double z, double y) const { return std::min(1.0, delta / std::abs(z - y)); }

  static bool accepts(double y) { return std::isfinite(y); }

  template <class Real>
  Terms<Real> at(const Real& z, const Real& y) const {
    using real::abs, real::max, real::min, real::select, real::unless_nan;
    const Real residual = z - y;
    const Real size = abs(residual);
    const auto inside = size <= Real(delta);
    return {select(inside, 0.5 * residual * residual, delta * (size - 0.5 * delta)),
            max(Real(-delta), min(Real(delta), residual)), unless_nan(residual, select(inside, Real(1.0), Real(0.0)))};
  }

  /// That of the square: no slope is beyond ± delta.
  static double conjugate(double slope, double y) { return slope * (0.5 * slope + y); }
};

static_assert(MarginLoss<HuberLoss>);

}  // namespace surefoot
