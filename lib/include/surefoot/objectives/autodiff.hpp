/// A loss written once, for any type of number; its gradient is exact, with nothing derived by hand.
///
///   #include <surefoot/objectives/autodiff.hpp>           // not in surefoot.hpp: it needs Boost.Math >= 1.74
///   surefoot::Autodiff objective{[](const auto& w) {
///     using std::exp;                                      // not std::exp(…): w[0] is not always a double
///     return exp(w[0]) + w[1] * w[1] - w[0] * w[1];
///   }};
///   auto result = surefoot::minimize(objective, w0);
#pragma once

#include <Eigen/Core>
#include <boost/math/differentiation/autodiff.hpp>
#include <type_traits>
#include <utility>

#include "surefoot/objectives/objective.hpp"

namespace surefoot {

/// A number that carries its derivative with it.
using Dual = boost::math::differentiation::autodiff_fvar<double, 1>;
using DualVector = Eigen::Matrix<Dual, Eigen::Dynamic, 1>;

/// A generic callable as an objective, by forward-mode differentiation: `f` takes a const reference to an Eigen vector of
/// doubles or of `Dual`s and returns a number of that kind. A gradient of n entries costs n passes through f, each two to
/// four times as dear as one in doubles: fine to some hundred weights, and beyond them a hand-derived gradient is n
/// times cheaper. Where f branches, the derivative is that of the branch taken.
/// A named f is looked at, not copied; a temporary is kept.
template <class Function>
class Autodiff {
 public:
  explicit Autodiff(Function&& f) : f_(std::forward<Function>(f)) {}

  double loss(const Vector& w) { return static_cast<double>(f_(w)); }

  double loss(const Vector& w, Vector& gradient) {
    dual_.resize(w.size());
    for (Eigen::Index i = 0; i < w.size(); ++i) dual_[i] = Dual(w[i]);
    gradient.resize(w.size());
    double value = 0;
    for (Eigen::Index i = 0; i < w.size(); ++i) {
      dual_[i] = boost::math::differentiation::make_fvar<double, 1>(w[i]);  // the one that moves
      const Dual out = f_(std::as_const(dual_));
      dual_[i] = Dual(w[i]);
      value = out.derivative(0u);
      gradient[i] = out.derivative(1u);
    }
    return value;
  }

 private:
  Function f_;
  DualVector dual_{};
};

template <class Function>
Autodiff(Function&&) -> Autodiff<Function>;

}  // namespace surefoot
