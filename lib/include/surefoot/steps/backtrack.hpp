/// What the backtracking rules (Armijo and its nonmonotone forms) share: the test of sufficient decrease, also at the
/// rounding floor, and the next shorter step.
#pragma once

#include "surefoot/loop/rule.hpp"

namespace surefoot {

/// Armijo's condition against a reference loss:  φ(t) <= reference + c · (model decrease).
/// Where the two losses agree to a few units in the last place they can't tell up from down, and the slope decides: it
/// may not have grown past its mirror image, φ'(t) <= (2c − 1) 0.9 φ'(0) (approximate Wolfe, Hager & Zhang 2005).
inline bool sufficient(const Ray& ray, const Trial& trial, double reference, double sufficient_decrease) {
  if (nearly_equal(trial.loss, ray.loss) && std::isfinite(trial.slope)) {
    return trial.slope <= (2 * sufficient_decrease - 1) * 0.9 * ray.slope;
  }
  return trial.loss <= reference + sufficient_decrease * trial.model_decrease;
}

/// The next shorter step after a refusal: the minimiser of the parabola through φ(0), φ'(0) and the refused loss, then
/// of the cubic through the last two refused ones, kept in [0.1, 0.5] of the refused step.
/// Dennis & Schnabel (1983), Nocedal & Wright (2006, 3.5). After a trial that is not finite: a tenth, and from the third
/// in a row on faster, so that 1e10 to 1e-4 takes 6 trials instead of 14.
struct Backtrack {
  double older_step = 0;  // the refused trial before this one; 0: none
  double older_loss = 0;
  int not_finite = 0;  // in a row

  template <class Self, class Each>
  static void states(Self& self, Each&& each) {
    each("older_step", self.older_step);
    each("older_loss", self.older_loss);
    each("not_finite", self.not_finite);
  }

  double shorter(const Ray& ray, const Trial& trial) {
    const double t = trial.step;
    if (!trial.finite()) {
      older_step = 0;
      ++not_finite;
      return t * std::pow(0.1, std::max(1, not_finite - 1));
    }
    not_finite = 0;
    // In units of t, so that no power of an extreme step over- or underflows: slope + curvature terms at 1 and at ratio.
    const double slope = t * ray.slope, rise = trial.loss - ray.loss - slope;  // above the tangent
    double next = -slope / (2 * rise);
    if (older_step > 0) {
      const double ratio = older_step / t;
      const double cubic = ((older_loss - ray.loss - ratio * slope) / (ratio * ratio) - rise) / (ratio - 1);
      const double square = rise - cubic;
      next = -slope / (square + std::sqrt(square * square - 3 * cubic * slope));  // this form does not cancel
    }
    older_step = t;
    older_loss = trial.loss;
    return std::isfinite(next) ? std::clamp(next, 0.1, 0.5) * t : 0.5 * t;
  }
};

}  // namespace surefoot
