/// Why does the loss not fall where its gradient says that it does? A few calls beside the point tell a wrong gradient from an
/// edge, a kink and rounding.
///
///   auto finding = diagnose(oracle, point, way, beside, may_call);     // empty: nothing is known
#pragma once

#include <algorithm>
#include <limits>
#include <optional>
#include <vector>

#include "surefoot/loop/oracle.hpp"
#include "surefoot/loop/result.hpp"
#include "surefoot/objectives/differences.hpp"

namespace surefoot {

struct Finding {
  Code code = Code::gave_up;
  std::string reason{};
  std::vector<GradientEntry> wrong{};
};

/// A difference that is short beside the weights, and long enough to be seen in a loss that falls at such a slope.
inline double visible_step(double loss, double slope, double size) {
  return std::min(1e-3 * size, std::max(1e-7 * size, 800 * epsilon * std::abs(loss) / slope));
}

/// Which entries of the gradient differ from differences of the loss by more than a thousandth and their own doubt? Of up to
/// 64 weights all are compared, at 6 calls each as a rule. Of more, halves of the gradient: where its slope along one half
/// agrees with the loss's that half is passed over, so a wrong entry that shows is found in 4 calls a halving; 64 at most.
/// `loss` gives NaN where no more calls are allowed.
template <class Loss>
class WrongEntries {
 public:
  WrongEntries(Loss&& loss, const Point& point, Vector& scratch)
      : loss_(std::forward<Loss>(loss)), point_(point), here_(point.loss - point.penalty), w_(scratch) {}

  std::vector<GradientEntry> operator()() {
    w_ = point_.w;
    const Eigen::Index all = w_.size();
    if (all <= most) {
      compare(0, all);
    } else {
      halve(0, all);
    }
    return std::move(found_);
  }

 private:
  static constexpr Eigen::Index most = 64, few = 8;

  void halve(Eigen::Index first, Eigen::Index count) {
    if (std::ssize(found_) >= most) return;
    if (count <= few) return compare(first, count);
    const Eigen::Index half = count / 2;
    if (!agrees(first, half)) halve(first, half);
    if (!agrees(first + half, count - half)) halve(first + half, count - half);
  }

  /// The loss's slope along these entries of the gradient. (Together a half may be off by a little less than a single entry.)
  bool agrees(Eigen::Index first, Eigen::Index count) {
    const auto along = point_.gradient.segment(first, count);
    const double length = norm(along), size = size_of(norm(point_.w));
    if (!(length > 0)) return true;
    const double h = visible_step(here_, length, size);
    const auto loss_at = [&](double shift) {
      w_.segment(first, count) += (shift / length) * along;
      const double value = loss_(std::as_const(w_));
      w_.segment(first, count) = point_.w.segment(first, count);
      return value;
    };
    const double up = loss_at(h), down = loss_at(-h);
    return std::abs((up - down) / (2 * h) - length) <= 0.15 * length;
  }

  void compare(Eigen::Index first, Eigen::Index count) {
    for (Eigen::Index i = first; i < first + count && std::ssize(found_) < most; ++i) {
      const DifferenceSlope slope = slope_by_differences(loss_, w_, i, here_);
      const double given = point_.gradient[i], off = std::abs(given - slope.value);
      const double size = std::max(std::abs(given), std::abs(slope.value));
      if (slope.found() && off > 1e-3 * size + 10 * slope.error) found_.push_back({i, given, slope.value, slope.error});
    }
  }

  Loss loss_;
  const Point& point_;
  double here_;
  Vector& w_;
  std::vector<GradientEntry> found_{};
};

template <class Loss>
WrongEntries(Loss&&, const Point&, Vector&) -> WrongEntries<Loss>;

/// Compares the smooth loss's own slope along `way`, of unit length and downhill by the gradient, with the gradient's, by a
/// difference to either side. Two calls; where they disagree by more than 20 % the entries at fault are looked for; a noisy
/// loss may disagree by chance, and then there are none. Not where bounds allow one side only. `may_call(n)`: may n more
/// calls be made? `beside` is room for a point.
template <class OracleType, class MayCall>
std::optional<Finding> diagnose(OracleType& oracle, const Point& point, const Vector& way, Point& beside,
                                MayCall&& may_call) {
  const double here = point.loss - point.penalty, slope = -point.gradient.dot(way);
  const double size = size_of(norm(point.w)), h = visible_step(here, slope, size);
  const auto allowed = [&](const Vector& w) {
    if constexpr (OracleType::is_proximal) {
      Vector projected = w;
      oracle.objective().proximal(projected, 0.0);
      return projected == w;
    }
    return true;
  };
  const auto go = [&](double shift) {
    beside.w = point.w + shift * way;
    return may_call(1) && allowed(beside.w);
  };

  if (!(slope > 0) || !may_call(2) || !go(h)) return {};
  beside.penalty = 0;
  oracle.evaluate(beside);
  const double down = beside.loss;
  if (!beside.sound) {
    return Finding{Code::domain_edge, std::string(std::isfinite(down) ? "the gradient" : "the loss") +
                                          " is not finite a step of " + number(h) +
                                          " downhill from the point returned"};
  }
  if (!go(-h)) return {};
  const double up = oracle.loss(beside.w, beside.gradient);
  if (!std::isfinite(up)) {
    return Finding{Code::domain_edge, "the loss is not finite a step of " + number(h) +
                                          " uphill from the point returned, which lies on an edge"};
  }

  bool cut_short = false;
  const auto loss = [&](const Vector& w) {
    cut_short = cut_short || !may_call(1);
    return cut_short || !allowed(w) ? not_a_number : oracle.loss(w, beside.gradient);
  };
  const double below = (here - down) / h, above = (up - here) / h, mean = (above + below) / 2;
  Finding finding{Code::gradient_disagrees, "the loss changes by " + number(mean) +
                                                " a unit along the gradient, whose length says " + number(slope)};
  if (down == here && up == here) {
    // A loss of double precision would show it. One that was computed with fewer digits shows it from further off.
    const double far = 1e-3 * size;
    const bool shows = h * slope > std::max(400 * epsilon * std::abs(here), std::numeric_limits<double>::min()) &&
                       far * slope > 1e-5 * std::abs(here);
    if (!shows || loss(point.w + far * way) != here || loss(point.w - far * way) != here) {
      return Finding{Code::rounding_floor, "the loss does not change within " + number(h) + " of the point returned"};
    }
  } else if (std::abs(above - below) > 0.2 * std::max(std::abs(above), std::abs(below))) {
    return Finding{Code::gave_up,
                   "the loss does not fall along the negative gradient, and its slopes to either side, " +
                       number(below) + " and " + number(above) + ", differ: a kink, or noise"};
  } else if (std::abs(mean - slope) <= 0.2 * slope) {
    return {};
  }
  finding.wrong = WrongEntries(loss, point, beside.w)();
  if (finding.wrong.empty() && !cut_short) {  // within what differences of this loss can tell, every entry is right
    return Finding{Code::gave_up,
                   "the loss does not fall along the negative gradient, though its entries agree with differences of "
                   "the loss as far "
                   "as its noise lets one see"};
  }
  return finding;
}

/// How differently the loss curves along the weights, where they moved by s and the gradient's entries by y.
inline ScaleSpread scale_spread(const Vector& s, const Vector& y) {
  ScaleSpread spread;
  double sharpest = 0, flattest = infinity;
  for (Eigen::Index i = 0; i < s.size(); ++i) {
    const double curvature = y[i] / s[i];
    if (!(curvature > 0) || std::isinf(curvature)) continue;
    if (curvature > sharpest) {
      sharpest = curvature;
      spread.sharpest = i;
    }
    if (curvature < flattest) {
      flattest = curvature;
      spread.flattest = i;
    }
  }
  if (sharpest > 0) spread.ratio = sharpest / flattest;
  return spread;
}

}  // namespace surefoot
