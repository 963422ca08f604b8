/// Logistic regression: the loss of a row is log(1 + exp(−m)), m = (2y − 1) z, for a target y of 0 or 1: minus the
/// logarithm of the probability 1 / (1 + exp(−z)) that the model gives to 1, or of what it leaves to 0.
///
/// All is written in u = exp(−|m|), which lies in [0, 1]: it underflows where the loss is 0 to the last digit or linear,
/// and never overflows. log1p keeps the digits of a small u, so a row that is right by a wide margin still has a loss
/// and a slope (1e-304 at m = 700), and gradients stay true to the end of a run.
#pragma once

#include <cmath>
#include <string_view>

#include "surefoot/models/loss.hpp"

namespace surefoot {

struct LogisticLoss {
  static constexpr std::string_view name = "logistic";
  static constexpr std::string_view targets = "0 or 1";
  static constexpr double lower_bound = 0;

  static bool accepts(double y) { return y == 0 || y == 1; }

  template <class Real>
  Terms<Real> at(const Real& z, const Real& y) const {
    using real::abs, real::exp, real::log1p_unit, real::max, real::select;
    const Real sign = 2.0 * y - 1.0;
    const Real m = sign * z;
    const Real u = exp(-abs(m));
    const Real share = 1.0 / (1.0 + u);  // the probability of the likelier class
    // The slope is −sign / (1 + exp(m)). For m >= 0 that is u / (1 + u): 1 − 1 / (1 + u) would cancel.
    return {log1p_unit(u) + max(-m, Real(0.0)), -sign * select(m < Real(0.0), Real(1.0), u) * share, u * share * share};
  }

  /// Minus the entropy of the share |slope|: 0 at both ends.
  static double conjugate(double slope, double) {
    const auto term = [](double share) { return share > 0 ? share * std::log(share) : 0; };
    const double size = std::abs(slope);
    return term(size) + term(1 - size);
  }
};

static_assert(MarginLoss<LogisticLoss>);

}  // namespace surefoot
