/// Every gradient of the collection against central differences of its loss.
#pragma once

#include <algorithm>
#include <cstdio>
#include <string>

#include "collection/problem.hpp"

namespace surefoot::problems {

struct GradientCheck {
  double worst = 0;  // |difference − expected| relative to the largest slope near it and to what rounding allows
  Index coordinate = 0;
  double difference = 0, given = 0;
  bool passes() const { return worst <= 1; }
};

/// Along up to 40 coordinates, at the start moved a little (where many a gradient is simpler than elsewhere). Each is
/// compared with the difference quotient that agrees best of several steps: the units are those of the problem, which
/// may be 1e±150.
inline GradientCheck check_gradient_of(const Problem& problem) {
  const Index n = problem.start.size();
  Draws draws(42);
  Vector w = problem.start;
  for (double& entry : w) entry += (entry == 0 ? 1e-2 : 1e-3 * std::abs(entry)) * draws.normal();
  Vector gradient(n), scratch(n);
  double loss = problem.evaluate(w, gradient);
  if (!std::isfinite(loss)) loss = problem.evaluate(w = problem.start, gradient);

  GradientCheck check;
  const Index stride = std::max<Index>(1, n / 40);
  const double largest = gradient.lpNorm<Eigen::Infinity>();
  for (Index j = 0; j < n; j += stride) {
    const double at = w[j], given = gradient[j];
    // A length along which the loss would change by its own size, or the coordinate by its own.
    const double by_loss = std::abs(loss) / std::abs(given), by_entry = std::abs(at);
    double best = infinity, best_difference = not_a_number;
    for (const double length : {by_loss, by_entry, 1.0}) {
      if (!std::isfinite(length) || !(length > 0)) continue;
      for (double share = 1e-1; share > 1e-9; share /= 10) {
        const double up = at + share * length, down = at - share * length;
        w[j] = up;
        const double above = problem.evaluate(w, scratch);
        w[j] = down;
        const double below = problem.evaluate(w, scratch);
        w[j] = at;
        const double difference = (above - below) / (up - down);
        const double rounding = 4e-16 * (std::abs(above) + std::abs(below)) / std::abs(up - down);
        const double allowed = 1e-5 * std::abs(given) + std::min(4 * rounding, 1e-4 * largest);
        const double error = std::abs(difference - given) / allowed;
        if (error < best) {
          best = error;
          best_difference = difference;
        }
      }
    }
    if (given == 0 && best_difference == 0) best = 0;
    if (!(best <= check.worst)) check = {best, j, best_difference, given};
  }
  return check;
}

/// Prints those that fail; true where none does.
inline bool check_gradients(const std::vector<Problem>& problems) {
  int failed = 0;
  for (const Problem& problem : problems) {
    const GradientCheck check = check_gradient_of(problem);
    if (check.passes()) continue;
    ++failed;
    std::printf("%s: coordinate %ld: the gradient says %.12g, differences %.12g\n", problem.name.c_str(),
                static_cast<long>(check.coordinate), check.given, check.difference);
  }
  std::printf("%zu gradients, %d differ from differences\n", problems.size(), failed);
  return failed == 0;
}

}  // namespace surefoot::problems
