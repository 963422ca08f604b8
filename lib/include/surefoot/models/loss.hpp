/// What a model loses on one row, as a function of the margin z = x·w + b and the target y. A loss is written once,
/// here, and every objective over a table (dense, sparse, on one thread or many) is built from it:
///
///   LogisticLoss loss;
///   auto [value, slope, curvature] = loss.at(0.3, 1.0);   // log(1 + exp(-0.3)), its first and second derivative by z
///
/// `at` is one function for every number type: double, and packs of doubles (models/number.hpp says what it may use).
/// Who needs the value alone calls it too: once it is inlined, the compiler drops what nobody reads.
///
/// The functions hold for every margin: they neither overflow before the mathematics does nor turn a NaN into a number.
#pragma once

#include <concepts>
#include <string_view>

#include "surefoot/models/number.hpp"

namespace surefoot {

/// A loss with its first two derivatives by the margin, d/dz and d²/dz².
template <class Real>
struct Terms {
  Real value;
  Real slope;
  Real curvature;
};

template <class L>
concept MarginLoss = std::copyable<L> && requires(const L& loss, double z, double y) {
  { loss.at(z, y) } -> std::same_as<Terms<double>>;
  { loss.accepts(y) } -> std::same_as<bool>;                // may y be a target?
  { L::targets } -> std::convertible_to<std::string_view>;  // what `accepts` wants, in words
  { L::lower_bound } -> std::convertible_to<double>;        // no margin goes below it
};

// A loss may have two more:
//   double conjugate(double slope, double y) const   for duality gaps: sup over z of slope · z − value(z), for a slope between
//                                                    0 and one that the loss has somewhere: exact at the ends of that range
//   double majorant(double z, double y) const        for a loss that is flat in parts, where a Newton step has nothing to go
//                                                    by: the curvature of a parabola that touches the loss at z and is
//                                                    nowhere below it

template <class L>
concept HasConjugate = requires(const L& loss, double slope, double y) {
  { loss.conjugate(slope, y) } -> std::same_as<double>;
};
template <class L>
concept HasMajorant = requires(const L& loss, double z, double y) {
  { loss.majorant(z, y) } -> std::same_as<double>;
};

}  // namespace surefoot
