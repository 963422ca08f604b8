// Compiled here, once: Eigen's Cholesky factorisation takes longer to compile than most of what includes it.
#include "surefoot/coordinates/coordinate_descent.hpp"

#include <Eigen/Cholesky>
#include <cmath>

namespace surefoot {

bool CoordinateDescent::solve_support() {
  support_.clear();
  for (Index k = 0; k < size(); ++k) {
    if (weights_[k] != 0 || l1_[k] == 0) support_.push_back(k);
  }
  const auto count = static_cast<Index>(support_.size());
  spend(std::pow(static_cast<double>(count), 3) / 6);
  Eigen::MatrixXd of_support(count, count);
  Vector change(count);
  for (Index a = 0; a < count; ++a) {
    const Index k = support_.data()[a];
    for (Index b = 0; b < count; ++b) of_support(b, a) = hessian_(support_.data()[b], k);
    change[a] = -slopes_[k] - (weights_[k] != 0 ? std::copysign(l1_[k], weights_[k]) : 0);
  }
  // Collinear columns: along a direction without curvature the penalty alone decides, up to the next zero.
  of_support.diagonal() *= 1 + 1e-11;
  const Eigen::LLT<Eigen::MatrixXd> factor(of_support);
  if (factor.info() != Eigen::Success) return false;
  factor.solveInPlace(change);
  if (!change.allFinite()) return false;
  double share = 1;
  Index first = -1;
  for (Index a = 0; a < count; ++a) {
    const Index k = support_.data()[a];
    if (l1_[k] == 0 || weights_[k] * (weights_[k] + change[a]) > 0) continue;
    const double until = -weights_[k] / change[a];
    if (until < share) {
      share = until;
      first = k;
    }
  }
  for (Index a = 0; a < count; ++a) {
    const Index k = support_.data()[a];
    const double moved = k == first ? 0 : weights_[k] + share * change[a];
    slopes_.noalias() += (moved - weights_[k]) * hessian_.col(k);
    weights_[k] = moved;
  }
  spend(static_cast<double>(count) * static_cast<double>(size()));
  return true;
}

}  // namespace surefoot
