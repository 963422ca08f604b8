/// Logistic regression: the loss of a row is log(1 + exp(−m)), m = (2y − 1) z, for a target y of 0 or 1: minus the
/// logarithm of the probability 1 / (1 + exp(−z)) that the model gives to 1, or of what it leaves to 0.
///
/// All three functions are written in u = exp(−|m|), which lies in [0, 1]: it underflows where the loss is 0 to the last
/// digit or linear, and never overflows. log1p keeps the digits of a small u, so a row that is right by a wide margin
/// still has a loss and a slope (1e-304 at m = 700), and gradients stay true to the end of a run.
#pragma once

#include <cmath>
#include <string_view>

#include "surefoot/models/loss.hpp"

namespace surefoot {

struct LogisticLoss {
  static constexpr std::string_view targets = "0 or 1";
  static constexpr double lower_bound = 0;

  static bool accepts(double y) { return y == 0 || y == 1; }

  static double value(double z, double y) {
    const double m = sign(y) * z;
    return value_of(m, std::exp(-std::abs(m)));
  }
  static double slope(double z, double y) {
    const double m = sign(y) * z;
    return slope_of(m, std::exp(-std::abs(m)), y);
  }
  static double curvature(double z, double /*y*/) {  // even in m, so the target does not matter
    const double u = std::exp(-std::abs(z));
    return u / ((1 + u) * (1 + u));
  }
  static ValueAndSlope at(double z, double y) {
    const double m = sign(y) * z;
    const double u = std::exp(-std::abs(m));
    return {value_of(m, u), slope_of(m, u, y)};
  }

 private:
  static double sign(double y) { return 2 * y - 1; }
  static double value_of(double m, double u) { return std::log1p(u) + (m < 0 ? -m : 0); }
  // −sign(y) / (1 + exp(m)). For m >= 0 that is u / (1 + u): 1 − 1 / (1 + u) would cancel.
  static double slope_of(double m, double u, double y) { return -sign(y) * (m < 0 ? 1 : u) / (1 + u); }
};

static_assert(MarginLoss<LogisticLoss>);

}  // namespace surefoot
