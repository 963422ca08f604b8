/// Bounds on the weights: low <= w <= high, entry by entry.
///
///   surefoot::Boxed bounded{objective, low, high};
///   auto result = surefoot::minimize(bounded, w0);       // every entry of result.w lies between its bounds
#pragma once

#include <stdexcept>
#include <string>
#include <utility>

#include "surefoot/loop/numbers.hpp"
#include "surefoot/loop/parameters.hpp"
#include "surefoot/objectives/objective.hpp"

namespace surefoot {

/// An objective with bounds, by proximal steps: the proximal map of a box is the projection onto it. The objective is
/// looked at, not copied. Bounds may be ±Inf. A start outside the box is moved to its nearest point.
/// Goldstein (1964); Levitin & Polyak (1966).
template <Objective ObjectiveType>
class Boxed {
  static_assert(!Coordinates<ObjectiveType>, "Boxed can't wrap other coordinates: bound the objective in its own");
  static_assert(!Batched<ObjectiveType> && !Proximal<ObjectiveType>,
                "Boxed can't wrap an objective of mini-batches or one with a proximal part of its own");

 public:
  /// Throws std::invalid_argument unless both bounds have one size and low <= high everywhere.
  Boxed(ObjectiveType& objective, Vector low, Vector high)
      : objective_(&objective), low_(std::move(low)), high_(std::move(high)) {
    if (low_.size() != high_.size()) {
      throw std::invalid_argument("Boxed has " + std::to_string(low_.size()) + " lower and " +
                                  std::to_string(high_.size()) + " upper bounds");
    }
    for (Eigen::Index i = 0; i < low_.size(); ++i) {
      if (low_[i] <= high_[i] && low_[i] < infinity && high_[i] > -infinity) continue;
      throw std::invalid_argument("Boxed: bound " + std::to_string(i) + " is empty: low = " + number(low_[i]) +
                                  " must be at or below high = " + number(high_[i]) +
                                  ", with a finite number between them");
    }
  }

  double loss(const Vector& w, Vector& gradient) { return loss_and_gradient(*objective_, w, gradient); }
  double loss(const Vector& w) requires HasLoss<ObjectiveType> { return objective_->loss(w); }
  double proximal(Vector& w, double) const {
    if (w.size() != low_.size()) {
      throw std::invalid_argument("Boxed has " + std::to_string(low_.size()) + " bounds for " +
                                  std::to_string(w.size()) + " weights");
    }
    w = w.cwiseMax(low_).cwiseMin(high_);
    return 0;
  }

 private:
  ObjectiveType* objective_;
  Vector low_, high_;
};

}  // namespace surefoot
