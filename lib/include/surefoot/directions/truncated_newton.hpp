/// Truncated Newton: goes to where conjugate gradients bring the quadratic model of the loss, by products of the Hessian with
/// vectors. For objectives that offer them (linear models do, at one read of the data each).
///
///   surefoot::Logistic model{X, y, {.l2 = 1e-3}};
///   auto result = surefoot::Minimizer{surefoot::TruncatedNewton{}}.run(model, w0);
#pragma once

#include <algorithm>
#include <cmath>
#include <utility>

#include "surefoot/directions/direction.hpp"
#include "surefoot/loop/parameters.hpp"
#include "surefoot/steps/weak_wolfe.hpp"

namespace surefoot {

/// d ≈ −H⁻¹ g by conjugate gradients on H d = −g, which end when the residual has fallen to a share of its start: at most
/// `forcing`, and less as the gradients fall, for there more digits of d pay (Dembo, Eisenstat & Steihaug 1982; Eisenstat &
/// Walker 1996, choice 2 with exponent 1). Each iteration takes one product; along a direction that does not curve upwards
/// they end with what they have. Its natural step is 1, or, where the objective follows d for nothing (linear models do), one
/// where the slope along d is a tenth of what it begins with. After a restart it is the negative gradient once. At home with
/// WeakWolfe.
///
/// Residuals are measured in the metric of the root of the Hessian's diagonal, where the objective tells that, as it is where
/// the run begins. Dividing by the whole diagonal halves the products where columns are nearly independent, and doubles them
/// where rare ones hang together (words of a text); the root loses little to the better of both, and a fresh one gains
/// nothing (measured on eight sparse tables, ours).
struct TruncatedNewton {
  static constexpr std::string_view name = "truncated-newton";
  static constexpr bool needs_hessian_products = true;
  static WeakWolfe home_rule() { return {}; }

  double forcing = 0.5;     // in (0, 1)
  int most_products = 250;  // >= 1; for one direction

  struct State {
    double last_norm = 0;  // |g| where the last direction was aimed; 0: there was none
    bool begun = false;    // the metric is known, or that there is none
    bool anew = false;     // the next direction is the negative gradient
    Vector residual{}, way{}, product{}, metric{};
  } state{};

  template <class Self, class Each>
  static void parameters(Self& self, Each&& each) {
    each("forcing", self.forcing, Range::between(0, 1), "the share of the residual that may be left, at most");
    each("most_products", self.most_products, Range::at_least(1), "products with the Hessian for one direction");
  }

  Origin origin(const Point&, Point&) { return Origin::here; }

  /// `hessian`: that at from.w (HessianAt).
  template <class Hessian>
  double aim(const Point& from, Vector& d, const Hessian& hessian) {
    auto& [last_norm, begun, anew, residual, way, product, metric] = state;
    if (std::exchange(anew, false)) {
      d = -from.gradient;
      return not_a_number;
    }
    constexpr double fewest_left = 0.05;
    const double left = last_norm > 0
                            ? std::clamp(from.gradient_norm / last_norm, fewest_left, std::max(forcing, fewest_left))
                            : forcing;
    last_norm = from.gradient_norm;
    if (!begun || residual.size() != from.w.size()) find_preconditioner(hessian);
    begun = true;
    // At unit length, so that no square over- or underflows.
    residual = -from.gradient / from.gradient_norm;
    way = residual;
    double size = measure();
    turn(0);
    d.setZero(from.w.size());
    const double goal = left * left * size;
    const bool sums = hessian.sums_products();
    bool moved = false;
    for (int i = 0; i < most_products && size > goal; ++i) {
      if (i > 0 && hessian.is_interrupted()) break;
      hessian.times(way, product);
      const double bend = way.dot(product), step = size / bend;
      if (!(bend > 0) || !std::isfinite(step)) break;
      const double next = advance(step, d);
      if (sums) hessian.sum_product(step * from.gradient_norm, !moved);
      moved = true;
      turn(next / size);
      size = next;
    }
    if (moved) {
      d *= from.gradient_norm;
      const double natural = sums ? least_along(from, d, hessian) : 1;
      if (natural > 0) return natural;
    }
    d = -from.gradient;
    return not_a_number;
  }
  void taken(const Point&, const Point&) {}
  void restart() {
    state.last_norm = 0;
    state.begun = false;
    state.anew = true;
  }

 private:
  template <class Hessian>
  void find_preconditioner(const Hessian& hessian) {
    Vector& metric = state.metric;
    const double largest = hessian.diagonal(metric) && metric.size() > 0 ? metric.maxCoeff() : 0;
    if (!(largest > 0) || !std::isfinite(largest)) {
      metric.resize(0);
      return;
    }
    // A flat (or unknown) entry gets the curvature of a very flat one.
    metric = (metric.array() > 1e-12 * largest).select(metric, 1e-12 * largest).cwiseSqrt().cwiseInverse();
  }

  /// Where the slope along d is a tenth of what it begins with: by Newton's method, or, where that leaves the steps that are known
  /// to lie before and beyond, halfway between them, in orders of magnitude where they are far apart (where hardly anything
  /// curves, d is longer by hundreds of them than what it leads to). Where none is found one that is known to lie before, or the
  /// last, from which the rule goes on; NaN where the loss is not finite there: the model that d minimises has nothing to do with
  /// it.
  template <class Hessian>
  static double least_along(const Point& from, const Vector& d, const Hessian& hessian) {
    constexpr int most_trials = 24;
    const double enough = 0.1 * std::abs(from.gradient.dot(d));
    hessian.along_sum(d);
    double step = 1, below = 0, above = infinity, shrink = 0.5;
    for (int trial = 1;; ++trial) {
      const RayBend at = hessian.on_ray(step);
      if (std::abs(at.slope) <= enough) return step;
      if (trial == most_trials) return below > 0 ? below : std::isfinite(at.slope) ? step : not_a_number;
      (at.slope < 0 ? below : above) = step;  // one that is not finite is beyond
      const double newton = step - at.slope / at.curvature;
      if (newton > below && newton < std::min(above, 4 * step)) {
        step = newton;
      } else if (std::isinf(above)) {
        step *= 2;
      } else if (below == 0) {
        step = above * shrink;
        shrink *= shrink;
      } else {
        step = above > 4 * below ? std::sqrt(above) * std::sqrt(below) : 0.5 * (below + above);
      }
    }
  }

  // Each visits its vectors once, in blocks that stay in the cache: beside a sparse pass they count.
  template <class Work>
  static void in_blocks(Eigen::Index size, Work&& work) {
    constexpr Eigen::Index block = 512;
    for (Eigen::Index first = 0; first < size; first += block) work(first, std::min(block, size - first));
  }
  /// The residual's square in the metric.
  double measure() const {
    return state.metric.size() == 0 ? state.residual.squaredNorm()
                                    : state.residual.cwiseAbs2().cwiseProduct(state.metric).sum();
  }
  /// d += step way; residual −= step product; the residual's square.
  double advance(double step, Vector& d) {
    double size = 0;
    in_blocks(d.size(), [&](Eigen::Index first, Eigen::Index count) {
      d.segment(first, count) += step * state.way.segment(first, count);
      auto left = state.residual.segment(first, count);
      left -= step * state.product.segment(first, count);
      if (state.metric.size() == 0) {
        size += left.squaredNorm();
      } else {
        size += left.cwiseAbs2().cwiseProduct(state.metric.segment(first, count)).sum();
      }
    });
    return size;
  }
  /// way = the residual in the metric + share way
  void turn(double share) {
    if (state.metric.size() == 0) {
      state.way = state.residual + share * state.way;
    } else {
      state.way = state.metric.cwiseProduct(state.residual) + share * state.way;
    }
  }
};

}  // namespace surefoot
