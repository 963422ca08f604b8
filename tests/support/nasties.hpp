/// What people really meet: overflow, domains with an edge, units that differ by powers of ten, losses that rounding
/// hides, plateaus, kinks nearly, minima at infinity. Each is defined by a formula, so that two programs mean the same.
///
///   for (const Nasty& nasty : nasties()) {
///     auto result = minimize(nasty, nasty.start);
///     // there, when  result.loss − nasty.minimum <= 1e-9 (f₀ − nasty.minimum)
///   }
///
/// Where the minimum isn't a closed form it was planted: the targets are what the model gives at a chosen point, or, in
/// a convex loss, a linear term takes the slope away there.
#pragma once

#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "surefoot/vector.hpp"

namespace surefoot {

struct Nasty {
  std::string name;
  Vector start;
  std::function<double(const Vector&, Vector&)> value;  // the loss; fills the gradient; NaN or Inf where undefined
  double minimum = std::numeric_limits<double>::quiet_NaN();  // NaN: not known, or there is none
  bool has_minimum = true;                                    // false: the lowest loss is approached at infinity
  Vector minimiser{};                                         // a point with that minimum; empty: not known

  double loss(const Vector& w, Vector& gradient) const { return value(w, gradient); }
};

/// All of them.
std::vector<Nasty> nasties();

// Some by name; what each is stands in nasties.cpp.
namespace nasty {

Nasty barrier();
Nasty analytic_centre();
Nasty ball();
Nasty square_roots();
Nasty normal_likelihood();
Nasty entropy();
Nasty poisson();
Nasty steep_exponentials();
Nasty log_cosh();
Nasty separable_logistic();
Nasty vanishing_slope();

/// sqrt(2) cos(s i + i²), i from 1.
Vector wave(Eigen::Index size, double s);

}  // namespace nasty

}  // namespace surefoot
