/// Derivatives by differences, to hold hand-derived ones against.
#pragma once

#include "surefoot/vector.hpp"

/// The gradient of `loss` at w by five-point central differences: exact for quartics, otherwise to about step⁴.
template <class Loss>
surefoot::Vector gradient_by_differences(Loss&& loss, surefoot::Vector w, double step = 1e-3) {
  surefoot::Vector gradient(w.size());
  for (Eigen::Index j = 0; j < w.size(); ++j) {
    const double at = w[j];
    const auto moved = [&](double by) {
      w[j] = at + by * step;
      return loss(w);
    };
    gradient[j] = (moved(-2) - 8 * moved(-1) + 8 * moved(1) - moved(2)) / (12 * step);
    w[j] = at;
  }
  return gradient;
}
