/// Quantile regression: a fit that leaves the share `level` of the rows below it. With r = z − y the pinball loss is
///
///   (1 − level) r  for r > 0,   −level r  for r < 0          Koenker & Bassett (1978)
///
/// and its kink at 0 is rounded off, so that it has a gradient everywhere. Within |r| <= width it is the parabola
///
///   ((1 − level) (width + r)² + level (width − r)²) / (4 width)
///
/// which meets the two lines in value and slope; outside it is the pinball loss itself, with nothing added. It is convex,
/// never below the pinball loss and at most width/4 above it (at r = 0), and so is the fit's: its mean pinball loss is
/// within width/4 of the least possible one. It is also the mean pinball loss of a target that is shaken evenly by up to
/// ± width, so what is fitted is the quantile of the shaken targets: the share of the rows below the fit differs from
/// `level` by no more than the share of those within `width` of it. (A uniform kernel in the terms of Fernandes, Guerre &
/// Horta, 2021.)
///
///   QuantileLoss loss{.level = 0.9, .width = 0.05};
///
/// A narrow band is true to the quantile and hard on the descent: the curvature is 1 / (2 width) in it, 0 outside.
#pragma once

#include <algorithm>
#include <cmath>
#include <string_view>

#include "surefoot/loop/parameters.hpp"
#include "surefoot/models/loss.hpp"

namespace surefoot {

struct QuantileLoss {
  static constexpr std::string_view name = "quantile";
  static constexpr std::string_view targets = "finite";
  static constexpr double lower_bound = 0;

  double level = 0.5;   // in (0, 1)
  double width = 0.01;  // in [1e-300, 1e300], so that neither it nor its reciprocal leaves the range of double

  template <class Self, class Each>
  static void parameters(Self& self, Each&& each) {
    each("level", self.level, Range::between(0, 1), "the share of the rows that the fit leaves below it");
    each("width", self.width, Range::within(1e-300, 1e300),
         "half the width, in the target's units, of the band in which the kink is rounded off");
  }

  /// The curvature of the parabola that touches the loss at z and is nowhere below it (Hunter & Lange, 2000).
  double majorant(double z, double y) const { return 0.5 / std::max(width, std::abs(z - y)); }

  static bool accepts(double y) { return std::isfinite(y); }

  template <class Real>
  Terms<Real> at(const Real& z, const Real& y) const {
    using real::abs, real::max, real::min, real::select, real::square, real::unless_nan;
    const double bend = 0.5 / width;
    const double above = 1 - level;
    const Real residual = z - y;
    // How much of the shaken target lies below the fit, and how much above. Each for itself: 1 − below would cancel.
    const Real below_fit = max(Real(0.0), min(Real(1.0), bend * (width + residual)));
    const Real above_fit = max(Real(0.0), min(Real(1.0), bend * (width - residual)));
    const auto inside = abs(residual) <= Real(width);
    return {select(inside, width * (above * square(below_fit) + level * square(above_fit)),
                   max(above * residual, -level * residual)),
            above * below_fit - level * above_fit, unless_nan(residual, select(inside, Real(bend), Real(0.0)))};
  }

  /// y slope − width u (1 − u), of the share u = slope + level that lies below the fit.
  double conjugate(double slope, double y) const {
    const double below = slope + level, above = (1 - level) - slope;
    return y * slope - width * below * above;
  }
};

static_assert(MarginLoss<QuantileLoss>);

}  // namespace surefoot
