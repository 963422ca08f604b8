/// A loss without a gradient, minimised all the same: the gradient comes from differences of the loss.
///
///   surefoot::Differences objective{[](const Eigen::VectorXd& w) { return std::cosh(w[0]) + w[1] * w[1]; }};
///   auto result = surefoot::minimize(objective, w0);     // objective.calls(): what it really cost
///
/// Dear and blunt: a gradient of n entries costs 2 n calls of the loss (the first one 6 n or more), and about a third of
/// the digits are lost. Where the loss can be written as a template, Autodiff (objectives/autodiff.hpp) is exact.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <utility>

#include "surefoot/loop/numbers.hpp"
#include "surefoot/objectives/objective.hpp"

namespace surefoot {

/// A derivative φ'(0) found from values of φ, and how far to trust it.
struct DifferenceSlope {
  double value = not_a_number;
  double error = infinity;      // an estimate of |value − φ'(0)|: rounding, truncation, noise, a kink
  double variation = infinity;  // how much φ moves within the step, a unit: what an error can be held against
  double step = 0;              // the longest of the three steps that it was found with
  double bend = 0;              // a central difference of step t is off by about bend t²
  bool flat = true;             // φ did not change at all

  bool found() const { return std::isfinite(error); }
};

/// The last bit that is set in a number: 2^-23 for a number near 1 that was computed in single precision.
inline double lowest_bit(double value) {
  int exponent = 0;
  const auto mantissa = static_cast<std::uint64_t>(std::ldexp(std::frexp(std::abs(value), &exponent), 53));
  return mantissa == 0 ? infinity : std::ldexp(1.0, exponent - 53 + std::countr_zero(mantissa));
}

/// φ'(0) at one length of step, from φ(0) and six values around it: central differences with steps h, h/4 and h/16,
/// whose error falls like h², extrapolated twice (Richardson 1911) to R(h) and R(h/4), whose error falls like h⁴.
///   value = R(h/4),   error = |R(h/4) − R(h)| + noise + rounding
/// Noise is what the second differences at h/4 and h/16 disagree by: it sees losses that are rounder than double (float
/// inside, a simulation) and a kink at 0, where the first differences agree by symmetry. Rounding is 16 units in the last
/// place of φ, or 4 of the last bit that any of its values uses, and that of `size`, the size of the coordinate: 64 units
/// of it, times the curvature.
template <class Phi>
DifferenceSlope slope_by_differences_at(Phi& phi, double middle, double step, double size) {
  DifferenceSlope slope{.step = step};
  double difference[3], second[3], largest = std::abs(middle), grain = lowest_bit(middle);
  bool moved = false;
  for (int i = 0; i < 3; ++i) {
    const double h = step / (i == 0 ? 1 : i == 1 ? 4 : 16);
    double up_by = h, down_by = -h;  // phi says by how much it really moved
    const double up = phi(h, up_by), down = phi(-h, down_by);
    if (!std::isfinite(up) || !std::isfinite(down) || !(up_by > 0) || !(down_by < 0)) return slope;
    difference[i] = (up - down) / (up_by - down_by);
    second[i] = (up - middle) - (middle - down);
    largest = std::max({largest, std::abs(up), std::abs(down)});
    grain = std::min({grain, lowest_bit(up), lowest_bit(down)});
    moved = up != middle || down != middle;
    slope.flat = slope.flat && !moved;
    if (i == 0) slope.variation = (std::abs(up - middle) + std::abs(middle - down)) / (2 * h);
  }
  const double coarse = difference[1] + (difference[1] - difference[0]) / 15;
  const double fine = difference[2] + (difference[2] - difference[1]) / 15;
  const double shortest = step / 16;
  double noise = std::abs(second[2] - second[1] / 16) / (2 * shortest);
  if (!moved) noise += slope.variation;  // the shortest step is lost between two values that φ can take
  const double round = std::max(16 * epsilon * largest, slope.flat ? 0 : 4 * grain);
  const double rounding =
      (round + std::numeric_limits<double>::min()) / shortest + 64 * epsilon * size * (slope.variation / step);
  slope.value = fine;
  slope.error = std::abs(fine - coarse) + noise + rounding;
  slope.bend = std::abs(difference[0] - fine) / step / step;
  if (!std::isfinite(slope.value)) slope.error = infinity;
  return slope;
}

/// φ'(0), where φ is the loss along coordinate i of w (w[i] is moved and put back, also when the loss throws). It starts
/// with a step of about |w_i|/50 and looks for a better one, shorter or longer, until ten times the error is below `accuracy`
/// of the slope or a millionth of the variation. As a rule 6 calls, at most 120.
template <class Loss>
DifferenceSlope slope_by_differences(Loss&& loss, Vector& w, Eigen::Index i, double middle, double accuracy = 1e-4) {
  struct PutBack {
    double& entry;
    double value;
    ~PutBack() { entry = value; }
  } const put_back{w[i], w[i]};
  const double at = w[i], largest = max_norm(w);
  const double size = at != 0 ? std::abs(at) : largest > 0 ? largest : 1;
  auto phi = [&](double by, double& moved) {
    w[i] = at + by;
    moved = w[i] - at;
    return static_cast<double>(loss(std::as_const(w)));
  };
  const double longest = std::max({1.0, largest, size}), shortest = 1024 * epsilon * std::abs(at);
  const auto good = [&](const DifferenceSlope& slope) {
    return !slope.flat && 10 * slope.error <= std::max(accuracy * std::abs(slope.value), 1e-6 * slope.variation);
  };
  if (!std::isfinite(middle)) return {};
  // About a fiftieth, and no fraction of a round weight: there a loss computed in double would look as round as a float.
  const double first = std::clamp(size / 50.26548245743669, shortest, longest);
  DifferenceSlope best = slope_by_differences_at(phi, middle, first, size);
  // A search over the length of the step, by factors: on while it helps, back in smaller factors where it doesn't.
  const double rounding = 16 * epsilon * std::abs(middle) / (best.step / 16);
  bool longer = best.found() && (best.flat || best.error < 4 * rounding);
  double factor = 64;
  for (int tries = 1; tries < 20 && factor >= 4 && !good(best); ++tries) {
    const double step = std::clamp(longer ? best.step * factor : best.step / factor, shortest, longest);
    if (step == best.step) {  // as long or as short as it may be
      if (best.flat) break;
      longer = !longer;
      factor = std::sqrt(factor);
      continue;
    }
    const DifferenceSlope other = slope_by_differences_at(phi, middle, step, size);
    if (!best.found()) {
      best = other;  // out of the domain: shorter, but not by leaps
    } else if (other.found() && (best.flat || (!other.flat && other.error < best.error))) {
      best = other;
      factor = std::min(factor * factor, 1e60);
    } else {
      if (best.flat) break;
      longer = !longer;
      factor = std::sqrt(factor);
    }
  }
  return best;
}

/// Something that gives a loss and no gradient: a callable `double(const Vector& w)`, or an object with `loss(w)`.
template <class L>
concept LossAlone = HasLoss<std::remove_reference_t<L>> || requires(L& loss, const Vector& w) {
  { loss(w) } -> std::convertible_to<double>;
};

/// A loss as an objective: central differences, coordinate by coordinate. The first gradient looks for a good step in
/// each coordinate (6 calls each as a rule); later ones cost 2 calls a coordinate, and look again where a weight is
/// sixteen times larger or smaller than it was then, or a loss is not finite. An entry that no step finds is NaN, as all
/// are at a point outside the domain.
/// Boost.Math's finite_difference_derivative has a fixed, absolute step: nothing is left of it at a weight of 1e20.
/// A named loss is looked at, not copied; a temporary is kept.
template <LossAlone LossType>
class Differences {
 public:
  explicit Differences(LossType&& loss) : loss_(std::forward<LossType>(loss)) {}

  double loss(const Vector& w) {
    ++calls_;
    if constexpr (HasLoss<std::remove_reference_t<LossType>>) {
      return static_cast<double>(loss_.loss(w));
    } else {
      return static_cast<double>(loss_(w));
    }
  }

  double loss(const Vector& w, Vector& gradient) {
    const double middle = loss(w);
    moved_ = w;
    gradient.resize(w.size());
    if (!std::isfinite(middle)) {  // nothing to be had here: the run steps back without 2 n calls more
      gradient.setConstant(not_a_number);
      return middle;
    }
    if (steps_.size() != w.size()) steps_ = reach_ = learnt_at_ = Vector::Zero(w.size());
    for (Eigen::Index i = 0; i < w.size(); ++i) {
      double slope = still_good(w, i) ? difference(w, i) : not_a_number;
      if (!std::isfinite(slope)) slope = learn(w, i, middle);
      gradient[i] = slope;
    }
    return middle;
  }

  double lower_bound() requires HasLowerBound<std::remove_reference_t<LossType>> { return loss_.lower_bound(); }

  /// How often the loss was called.
  long calls() const { return calls_; }

 private:
  /// A step found at one weight serves until the weight has left its size far behind.
  bool still_good(const Vector& w, Eigen::Index i) const {
    const double size = std::abs(w[i]);
    if (steps_[i] == 0 || size > 16 * reach_[i]) return false;
    return size >= learnt_at_[i] / 16 || steps_[i] <= 1e-3 * size;
  }

  double difference(const Vector& w, Eigen::Index i) {
    const double above = w[i] + steps_[i], below = w[i] - steps_[i];
    moved_[i] = above;
    const double up = loss(moved_);
    moved_[i] = below;
    const double down = loss(moved_);
    moved_[i] = w[i];
    return (up - down) / (above - below);
  }

  double learn(const Vector& w, Eigen::Index i, double middle) {
    const DifferenceSlope slope = slope_by_differences([&](const Vector& v) { return loss(v); }, moved_, i, middle);
    steps_[i] = 0;
    if (!slope.found()) return not_a_number;
    // rounding / t + bend t² is least here:
    const double balanced = std::cbrt(epsilon * std::abs(middle) / (2 * slope.bend));
    const double visible = 1024 * epsilon * std::abs(w[i]);
    steps_[i] = std::clamp(std::isfinite(balanced) ? balanced : slope.step, std::min(1e-6 * slope.step, slope.step),
                           slope.step);
    steps_[i] = std::max(steps_[i], visible);
    learnt_at_[i] = std::abs(w[i]);
    reach_[i] = std::max(learnt_at_[i], slope.step);
    return slope.value;
  }

  LossType loss_;
  long calls_ = 0;
  Vector steps_{};                // 0: none yet
  Vector learnt_at_{}, reach_{};  // |w_i| where the step was found, and the larger of it and the step
  Vector moved_{};
};

template <class LossType>
Differences(LossType&&) -> Differences<LossType>;

}  // namespace surefoot
