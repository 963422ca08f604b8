/// What the bracketing searches (weak and strong Wolfe, Hager–Zhang) share: an end of a bracket, the minimiser of the
/// cubic through two of them, and how far a search leaps while it has only one.
#pragma once

#include "surefoot/loop/rule.hpp"

namespace surefoot {

/// A point of the ray with its loss and slope.
struct RayEnd {
  double step = 0, loss = not_a_number, slope = not_a_number;

  template <class Each>
  static void states(auto& self, std::string_view step, std::string_view loss, std::string_view slope, Each&& each) {
    each(step, self.step);
    each(loss, self.loss);
    each(slope, self.slope);
  }
};

/// The minimiser of the cubic with the losses and slopes of both ends; NaN where it has none.
/// Nocedal & Wright (2006, 3.59), with the square root scaled.
inline double cubic_minimiser(const RayEnd& a, const RayEnd& b) {
  const double theta = a.slope + b.slope - 3 * (a.loss - b.loss) / (a.step - b.step);
  const double scale = std::max({std::abs(theta), std::abs(a.slope), std::abs(b.slope)});
  const double square = (theta / scale) * (theta / scale) - (a.slope / scale) * (b.slope / scale);
  const double gamma = std::copysign(scale * std::sqrt(square), b.step - a.step);
  return b.step - (b.step - a.step) * (b.slope + gamma - theta) / (b.slope - a.slope + 2 * gamma);
}

/// The factor of the n-th leap in a row the same way: a decade three times, then 2, 4, 8 … decades, so that a step which
/// is wrong by 300 decades takes 11 leaps.
inline double leap(int n) { return std::pow(10.0, n <= 3 ? 1.0 : std::ldexp(1.0, std::min(n, 11) - 3)); }

/// A point well inside (low, high), 0 <= low < high: the middle, geometrically where the ends lie far apart.
inline double middle(double low, double high) {
  return low > 0 && high > 100 * low ? geometric_mean(low, high) : low + (high - low) / 2;
}

}  // namespace surefoot
