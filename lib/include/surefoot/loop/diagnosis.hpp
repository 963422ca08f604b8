/// Why does the loss not fall along −g? A few calls beside the point tell a wrong gradient from an edge, a kink and rounding.
///
///   auto finding = diagnose(oracle, point, beside, may_call);     // empty: nothing is known
#pragma once

#include <algorithm>
#include <numeric>
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

/// Which entries of the gradient differ from differences of the loss by more than a thousandth and their own doubt?
/// Looks at the `most` largest entries: since the slope along g is off, it is one of those. `loss` gives NaN where no more
/// calls are allowed. A coordinate costs 6 calls as a rule.
template <class Loss>
std::vector<GradientEntry> wrong_entries(Loss&& loss, const Point& point, Vector& scratch, std::size_t most = 64) {
  std::vector<Eigen::Index> order(static_cast<std::size_t>(point.w.size()));
  std::iota(order.begin(), order.end(), Eigen::Index{0});
  const std::size_t count = std::min(most, order.size());
  const auto larger = [&](Eigen::Index i, Eigen::Index j) {
    return std::abs(point.gradient[i]) > std::abs(point.gradient[j]);
  };
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count), order.end(), larger);
  order.resize(count);
  std::sort(order.begin(), order.end());
  scratch = point.w;
  std::vector<GradientEntry> wrong;
  for (const Eigen::Index i : order) {
    const DifferenceSlope slope = slope_by_differences(loss, scratch, i, point.loss);
    const double given = point.gradient[i], off = std::abs(given - slope.value);
    const double size = std::max(std::abs(given), std::abs(slope.value));
    if (slope.found() && off > 1e-3 * size + 10 * slope.error) wrong.push_back({i, given, slope.value, slope.error});
  }
  return wrong;
}

/// Compares the loss's own slope along g, by a difference to either side, with |g|. Two calls; where they disagree by more
/// than 20 %, the entries at fault are looked for; a noisy loss may disagree by chance, and then there are none. `may_call(n)`: may n more calls be made? `beside` is room for a point.
/// h is 1e-7 of |w|, and long enough to be seen in the loss.
template <class OracleType, class MayCall>
std::optional<Finding> diagnose(OracleType& oracle, const Point& point, Point& beside, MayCall&& may_call) {
  if (!may_call(2)) return {};
  const double size = size_of(norm(point.w));
  const double visible = 800 * epsilon * std::abs(point.loss) / point.gradient_norm;
  const double h = std::min(1e-3 * size, std::max(1e-7 * size, visible));
  const auto loss_at = [&](double shift) {
    beside.w = point.w + shift * (point.gradient / point.gradient_norm);
    return oracle.loss(beside.w, beside.gradient);
  };
  const double down = loss_at(-h);
  if (!may_call(1)) return {};
  const double up = loss_at(h);
  const double below = (point.loss - down) / h, above = (up - point.loss) / h, mean = (above + below) / 2;
  if (!std::isfinite(down)) {
    return Finding{Code::domain_edge,
                   "the loss is not finite a step of " + number(h) + " downhill from the point returned"};
  }
  if (down == point.loss && up == point.loss) {
    return Finding{Code::rounding_floor, "the loss does not change within " + number(h) + " of the point returned"};
  }
  const bool smooth = std::isfinite(up) && std::abs(above - below) <= 0.2 * std::max(std::abs(above), std::abs(below));
  if (!smooth) {
    return Finding{Code::gave_up,
                   "the loss does not fall along the negative gradient, and its slopes to either side, " +
                       number(below) + " and " + number(above) + ", differ: a kink, or noise"};
  }
  if (std::abs(mean - point.gradient_norm) <= 0.2 * point.gradient_norm) return {};
  Finding finding{Code::gradient_disagrees, "the loss changes by " + number(mean) +
                                                " a unit along the gradient, whose length says " +
                                                number(point.gradient_norm)};
  bool cut_short = false;
  const auto loss = [&](const Vector& w) {
    cut_short = cut_short || !may_call(1);
    return cut_short ? not_a_number : oracle.loss(w, beside.gradient);
  };
  finding.wrong = wrong_entries(loss, point, beside.w);
  if (finding.wrong.empty() && !cut_short) {  // within what differences of this loss can tell, every entry is right
    return Finding{
        Code::gave_up,
        "the loss does not fall along the negative gradient, though each entry agrees with differences of the "
        "loss as far as its noise lets one see"};
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
