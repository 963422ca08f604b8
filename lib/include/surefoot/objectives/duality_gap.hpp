/// How far at most a fit with an L1 penalty is above the least possible loss: the gap between it and a point of the dual
/// problem.
///
///   surefoot::DualPoint dual;
///   double smooth = model.loss(w, gradient, l1, dual);     // one read of X, for the loss and its gradient too
///   dual.gap                                               // smooth + l1 |w|₁ − minimum is between 0 and this
#pragma once

#include <algorithm>
#include <cmath>

#include "surefoot/loop/numbers.hpp"
#include "surefoot/models/loss.hpp"
#include "surefoot/vector.hpp"

namespace surefoot {

/// By how much the slopes above and below 0 are scaled, so that they weigh the same.
struct Balance {
  double rising = 1, falling = 1;

  Balance() = default;
  /// The sum of the slopes above 0, and of the sizes of those below.
  Balance(double up, double down) {
    if (up > down) rising = down / up;
    if (down > up) falling = up / down;
  }
  double of(double slope) const { return slope > 0 ? rising : falling; }
};

/// For the mean over rows of loss(x·w + b) + l2/2 |w|² + l1 |w|₁ and any slopes θ of the rows, Fenchel's inequality gives
///   minimum >= −mean loss*(θ) − Σ_j (|v_j| − l1)₊² / (2 l2),   v = mean of θ x,
/// where the mean of θ is 0 if there is an intercept, and |v_j| <= l1 if l2 is 0 (Boyd & Vandenberghe, 2004, ch. 5). The slopes
/// at w, made to fit these two conditions, are such a point (Koh, Kim & Boyd, 2007): at the minimum they are the best one, so
/// the gap goes to 0 with the excess.
///
///  - With an intercept the slopes of one sign are scaled down until those of both signs weigh the same. (A shift could leave
///    the range of the loss's slopes; towards 0 there is always way.)
///  - Without l2 all of them are scaled by l1 / max |v_j|, where that is below 1. With l2 the unscaled point is feasible; the
///    scaled one is taken if it is better.
struct DualPoint {
  double gap = not_a_number;
  Vector correlations{};  // v, in the fitted columns, of the point that the gap is of

  // What a pass leaves, to make it of:
  Vector margins{};  // of the rows; their slopes are computed anew where they are wanted, so that 8 bytes a row will do
  Balance balance{};
  Vector rising{}, falling{};  // Xᵀ of the slopes above 0, and of those below

  void begin(Eigen::Index rows, Eigen::Index columns) {
    margins.resize(rows);
    rising.setZero(columns);
    falling.setZero(columns);
  }
};

/// What the pair (w_j, v_j) adds to the gap: l1 |w| + l2/2 w² + w v + (|v| − l1)₊² / (2 l2), which is never below 0. (Without
/// l2 no v is beyond l1.)
inline double gap_of_weight(double w, double v, double l1, double l2) {
  const double beyond = l2 > 0 ? std::max(0.0, std::abs(v) - l1) : 0;
  // By the sign of w: where the two cancel at the minimum they do so exactly.
  const double linear = w == 0 ? 0 : std::abs(w) * (l1 + std::copysign(1.0, w) * v);
  return std::max(0.0, linear + 0.5 * (l2 * w * w + (beyond > 0 ? beyond * beyond / l2 : 0)));
}

/// What a row adds to the gap at the slope θ: loss(z) + loss*(θ) − θ z, which is never below 0, and 0 at its own slope.
template <HasConjugate Loss>
double gap_of_row(const Loss& loss, double margin, double y, double slope) {
  return std::max(0.0, loss.at(margin, y).value + loss.conjugate(slope, y) - slope * margin);
}

}  // namespace surefoot
