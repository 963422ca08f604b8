/// Coordinate descent on a quadratic model with an L1 penalty, the Hessian in memory: the step of a proximal Newton method.
///
///   CoordinateDescent descent;
///   descent.minimise({.hessian = H, .gradient = g, .from = w, .l1 = 0.1, .free = 1}, tolerance, to);
///   descent.product();                                                   // H (to − w)
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "surefoot/loop/numbers.hpp"
#include "surefoot/vector.hpp"

namespace surefoot {

/// m(v) = gradient·(v − from) + (v − from)ᵀ hessian (v − from) / (2 step) + l1 Σ |v_j|, the last `free` weights without
/// the penalty. The Hessian is whole (both triangles), positive semidefinite, with a diagonal > 0. Looked at, not copied.
struct L1Model {
  const Eigen::MatrixXd& hessian;
  const Vector& gradient;
  const Vector& from;
  double l1 = 0;
  Eigen::Index free = 0;
  double step = 1;

  bool penalised(Eigen::Index j) const { return j < from.size() - free; }
  double threshold(Eigen::Index j) const { return penalised(j) ? l1 : 0; }
};

/// How far one coordinate is from the conditions of a minimum: |slope + l1 sign w|, or what |slope| exceeds l1 by at w = 0.
inline double l1_violation(double weight, double slope, double l1) {
  return weight != 0 ? std::abs(slope + std::copysign(l1, weight)) : std::max(0.0, std::abs(slope) - l1);
}

/// The largest violation of all; the last `free` weights are not penalised.
inline double l1_violation(const Vector& w, const Vector& gradient, double l1, Eigen::Index free) {
  double worst = 0;
  for (Eigen::Index j = 0; j < w.size(); ++j) {
    worst = std::max(worst, l1_violation(w[j], gradient[j], j < w.size() - free ? l1 : 0));
  }
  return worst;
}

/// Each weight in turn goes to its minimum, the others held; only those that are not zero, or can't stay so, take part: the
/// active set, which the others join when the model asks for them (Friedman, Hastie & Tibshirani, 2010). Once the zeros
/// have settled, what is left is a linear system, and where columns are nearly collinear sweeps hardly move: after as many
/// of them as it costs the system of the weights that are not zero is solved, and the way there followed up to the first
/// weight that it would lead through zero.
class CoordinateDescent {
 public:
  using Index = Eigen::Index;

  /// `to` becomes the minimiser: exactly zero where that is zero, and with no violation (see l1_violation) above
  /// `tolerance`, unless it takes more than `most_work` multiplications. Returns the largest violation that is left.
  double minimise(const L1Model& model, double tolerance, Vector& to, double most_work = infinity) {
    begin(model);
    // No tolerance is worth more than some hundred sweeps: it may lie below what rounding allows, and where there are more
    // columns than rows a next model takes the loss further down than the last digits of this one.
    const auto all = static_cast<double>(model.from.size());
    work_left_ = std::min(most_work, 300 * all * all);
    do {
      gather(model);
      descend(0.5 * model.step * tolerance);
      multiply(model);
    } while (work_left_ > 0 && admit(model, tolerance));
    to = model.from;
    for (Index k = 0; k < size(); ++k) to[index_.data()[k]] = weights_[k];
    return left(model, to);
  }

  /// hessian · (to − from) of the last call.
  const Vector& product() const { return product_; }

 private:
  Index size() const { return static_cast<Index>(index_.size()); }

  void begin(const L1Model& model) {
    const Index all = model.from.size();
    index_.clear();
    in_.assign(static_cast<std::size_t>(all), false);
    for (Index j = 0; j < all; ++j) {
      if (model.from[j] != 0 || std::abs(model.gradient[j]) > model.threshold(j) || !model.penalised(j)) join(j);
    }
    weights_.resize(size());
    for (Index k = 0; k < size(); ++k) weights_[k] = model.from[index_.data()[k]];
    product_.setZero(all);
    noise_ = 0;
  }
  void join(Index j) {
    index_.push_back(j);
    in_[static_cast<std::size_t>(j)] = true;
  }

  /// The active part of the model, times its step, side by side in memory.
  void gather(const L1Model& model) {
    hessian_.resize(size(), size());
    slopes_.resize(size());
    l1_.resize(size());
    for (Index k = 0; k < size(); ++k) {
      const Index j = index_.data()[k];
      const double* const column = model.hessian.data() + j * model.hessian.outerStride();
      for (Index i = 0; i < size(); ++i) hessian_(i, k) = column[index_.data()[i]];
      slopes_[k] = model.step * model.gradient[j] + product_[j];
      l1_[k] = model.step * model.threshold(j);
    }
    spend(static_cast<double>(size()) * static_cast<double>(size()));
  }

  /// The minimum over the active weights: sweeps over those that are not zero until they have settled, then one over all.
  void descend(double tolerance) {
    int idle = 0;  // sweeps since the set of zeros has changed
    while (work_left_ > 0) {
      const double change = sweep(true);
      if (!(change > std::max(tolerance, noise_))) return;
      idle = 0;
      while (work_left_ > 0) {
        const bool settled = !(sweep(false) > std::max(tolerance, noise_));
        if (settled) break;
        idle = zeros_changed_ ? 0 : idle + 1;
        if (idle > 2 && idle * 6 > size_of_support() && solve_support()) idle = 0;
      }
    }
  }

  /// Returns the largest change, in terms of the slope that it removed.
  double sweep(bool all) {
    double largest = 0;
    zeros_changed_ = false;
    for (Index k = 0; k < size(); ++k) {
      const double weight = weights_[k];
      if (weight == 0 && !all && l1_[k] > 0) continue;
      const double curvature = hessian_(k, k), pull = curvature * weight - slopes_[k];
      noise_ = std::max(noise_, 8 * epsilon * (std::abs(curvature * weight) + std::abs(slopes_[k])));
      const double moved = std::abs(pull) <= l1_[k] ? 0 : (pull - std::copysign(l1_[k], pull)) / curvature;
      const double change = moved - weight;
      if (change == 0) continue;
      largest = std::max(largest, std::abs(change) * curvature);
      zeros_changed_ = zeros_changed_ || (moved == 0) != (weight == 0);
      weights_[k] = moved;
      slopes_.noalias() += change * hessian_.col(k);
      spend(static_cast<double>(size()));
    }
    spend(static_cast<double>(size()));
    return largest;
  }

  Index size_of_support() const { return (weights_.array() != 0).count(); }

  /// Newton's step on the weights that are not zero, up to the first that would change its sign: that one becomes zero.
  /// False where rounding leaves no factor.
  bool solve_support();

  /// hessian · (weights − from), afresh: what sweeps add up drifts.
  void multiply(const L1Model& model) {
    product_.setZero();
    for (Index k = 0; k < size(); ++k) {
      const double change = weights_[k] - model.from[index_.data()[k]];
      if (change == 0) continue;
      product_.noalias() += change * model.hessian.col(index_.data()[k]);
      spend(static_cast<double>(product_.size()));
    }
  }

  /// Weights that can't stay zero join the active set. True: some did.
  bool admit(const L1Model& model, double tolerance) {
    const Index before = size();
    for (Index j = 0; j < product_.size(); ++j) {
      if (in_[static_cast<std::size_t>(j)]) continue;
      const double slope = model.gradient[j] + product_[j] / model.step;
      if (l1_violation(0, slope, model.l1) > tolerance) join(j);
    }
    weights_.conservativeResize(size());
    weights_.tail(size() - before).setZero();
    return size() > before;
  }

  double left(const L1Model& model, const Vector& at) const {
    double worst = 0;
    for (Index j = 0; j < at.size(); ++j) {
      worst = std::max(worst, l1_violation(at[j], model.gradient[j] + product_[j] / model.step, model.threshold(j)));
    }
    return worst;
  }

  void spend(double work) { work_left_ -= work; }

  std::vector<Index> index_{}, support_{};  // the active weights' places; the active ones that are not zero
  std::vector<bool> in_{};
  double noise_ = 0;  // what rounding leaves of a slope
  Eigen::MatrixXd hessian_{};
  Vector weights_{}, slopes_{}, l1_{}, product_{};
  double work_left_ = infinity;
  bool zeros_changed_ = false;
};

}  // namespace surefoot
