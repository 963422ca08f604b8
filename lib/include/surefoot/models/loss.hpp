/// What a model loses on one row, as a function of the margin z = x·w + b and the target y. A loss is written once,
/// here, and every objective over a table (dense, sparse, on one thread or many) is built from it:
///
///   LogisticLoss loss;
///   auto [value, slope] = loss.at(0.3, 1);     // log(1 + exp(-0.3)) and its derivative by z
///   double bend = loss.curvature(0.3, 1);      // its second derivative by z
///
/// The functions hold for every margin: they neither overflow before the mathematics does nor turn a NaN into a number.
#pragma once

#include <concepts>
#include <string_view>

namespace surefoot {

/// A loss and its derivative by the margin.
struct ValueAndSlope {
  double value = 0;
  double slope = 0;
};

template <class L>
concept MarginLoss = std::copyable<L> && requires(const L& loss, double z, double y) {
  { loss.value(z, y) } -> std::same_as<double>;
  { loss.slope(z, y) } -> std::same_as<double>;
  { loss.curvature(z, y) } -> std::same_as<double>;
  { loss.at(z, y) } -> std::same_as<ValueAndSlope>;         // both at once, for what they cost together
  { loss.accepts(y) } -> std::same_as<bool>;                // may y be a target?
  { L::targets } -> std::convertible_to<std::string_view>;  // what `accepts` wants, in words
  { L::lower_bound } -> std::convertible_to<double>;        // no margin goes below it
};

}  // namespace surefoot
