/// An L1 penalty on the weights, which makes many of them exactly zero.
///
///   surefoot::LeastSquares model{X, y};
///   surefoot::WithL1 lasso{model, 0.1};                  // 0.1 |w|₁ more; WithL1{model, 0.1, 1}: but for the last weight
///   auto result = surefoot::minimize(lasso, w0);
#pragma once

#include <cmath>
#include <stdexcept>
#include <string>
#include <type_traits>

#include "surefoot/loop/parameters.hpp"
#include "surefoot/objectives/box.hpp"
#include "surefoot/objectives/objective.hpp"

namespace surefoot {

template <class O>
inline constexpr bool is_boxed = false;
template <class Inner>
inline constexpr bool is_boxed<Boxed<Inner>> = true;

/// An objective plus l1 · Σ |w_i|, by proximal steps: the proximal map of l1 |w| is the soft threshold
///   w  ->  sign(w) max(|w| − step · l1, 0).
/// The last `free` weights (intercepts) are not penalised. The objective is looked at, not copied. With l1 at or above
/// the largest |gradient entry| at w = 0 (the free weights fitted) every penalised weight of a convex objective is zero
/// at the minimum.
/// Around a `Boxed` objective both hold: in one dimension the minimiser on an interval is the free minimiser moved into
/// it, so the threshold comes first, then the bounds. Other objectives with a proximal part are refused, since two
/// proximal maps in a row are not in general that of the sum.
/// Tibshirani (1996); Daubechies, Defrise & De Mol (2004).
template <Objective ObjectiveType>
class WithL1 {
  static_assert(!Proximal<ObjectiveType> || is_boxed<std::remove_const_t<ObjectiveType>>,
                "WithL1 takes a smooth objective, or a Boxed one: other proximal maps don't combine with the soft "
                "threshold by being applied in a row");
  static_assert(!Coordinates<ObjectiveType>, "WithL1 can't wrap other coordinates: penalise the objective in its own");
  static_assert(!Batched<ObjectiveType>, "WithL1 can't wrap an objective of mini-batches");

 public:
  /// Throws std::invalid_argument unless l1 >= 0 is finite and free >= 0.
  WithL1(ObjectiveType& objective, double l1, Eigen::Index free = 0) : objective_(&objective), l1_(l1), free_(free) {
    require("WithL1", "l1", l1, Range::at_least(0));
    require("WithL1", "free", static_cast<double>(free), Range::at_least(0));
  }

  double loss(const Vector& w, Vector& gradient) { return loss_and_gradient(*objective_, w, gradient); }
  double loss(const Vector& w) requires HasLoss<ObjectiveType> { return objective_->loss(w); }
  /// Of the sum too, since the penalty is never negative.
  double lower_bound() requires HasLowerBound<ObjectiveType> { return objective_->lower_bound(); }

  double proximal(Vector& w, double step) {
    if (free_ > w.size()) {
      throw std::invalid_argument("free = " + std::to_string(free_) + " of WithL1 is out of range: there are " +
                                  std::to_string(w.size()) + " weights");
    }
    auto penalised = w.head(w.size() - free_);
    const double threshold = step * l1_;
    for (double& entry : penalised) {
      // A NaN stays one: the loop must see it.
      if (std::abs(entry) <= threshold) {
        entry = 0;
      } else if (threshold > 0) {
        entry -= std::copysign(threshold, entry);
      }
    }
    if constexpr (is_boxed<ObjectiveType>) objective_->proximal(w, step);
    return l1_ * penalised.template lpNorm<1>();
  }

 private:
  ObjectiveType* objective_;
  double l1_;
  Eigen::Index free_;
};

}  // namespace surefoot
