/// What every loss of a margin must keep, checked in the same way for each of them, and a pack that offers no more than
/// models/number.hpp promises: what compiles and computes on it keeps to that page.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "catch.hpp"
#include "surefoot/loop/numbers.hpp"
#include "surefoot/models/loss.hpp"

namespace surefoot {

/// Margins of all sizes: dense around 0, then on to the ends of double, both ways, with the places where exp leaves it.
inline std::vector<double> all_margins() {
  std::vector<double> margins{0, 1e-300, 1e-17, 1e-8, 700, 708, 709.7, 745, 1e8, 1e100, 1e150, 1e300};
  for (double m = 0.03; m < 40; m += 0.37) margins.push_back(m);
  const std::size_t positive = margins.size();
  for (std::size_t i = 0; i < positive; ++i) margins.push_back(-margins[i]);
  return margins;
}

/// To a few units in the last place of the value, or of `scale` where that is larger: of the terms that cancel.
/// Beyond the range of double, Inf; below it, nothing more than the smallest normal number off.
inline bool to_the_last_digits(double value, long double expected, long double scale = 0) {
  constexpr long double largest = std::numeric_limits<double>::max();
  constexpr long double smallest = std::numeric_limits<double>::min();
  if (std::abs(expected) > largest) return value == (expected > 0 ? infinity : -infinity);
  const long double digits = 8 * std::numeric_limits<double>::epsilon();
  return std::abs(static_cast<long double>(value) - expected) <=
         digits * (std::max(std::abs(expected), scale) + smallest);
}

/// The value, the slope and the curvature of a NaN margin are NaN.
template <MarginLoss Loss>
void check_keeps_nan(const Loss& loss, const std::vector<double>& targets) {
  for (double y : targets) {
    const Terms<double> at = loss.at(not_a_number, y);
    INFO("y = " << y);
    CHECK(std::isnan(at.value));
    CHECK(std::isnan(at.slope));
    CHECK(std::isnan(at.curvature));
  }
}

/// Slope and curvature are what differences of the value and of the slope say, at margins where the loss is smooth.
template <MarginLoss Loss>
void check_derivatives(const Loss& loss, const std::vector<double>& margins, const std::vector<double>& targets,
                       double step = 1e-5) {
  for (double z : margins) {
    for (double y : targets) {
      const Terms<double> at = loss.at(z, y);
      const Terms<double> before = loss.at(z - step, y);
      const Terms<double> after = loss.at(z + step, y);
      INFO("z = " << z << ", y = " << y);
      CHECK((after.value - before.value) / (2 * step) == Approx(at.slope).epsilon(1e-7).margin(1e-8));
      CHECK((after.slope - before.slope) / (2 * step) == Approx(at.curvature).epsilon(1e-7).margin(1e-8));
    }
  }
}

/// The parabola of that curvature touches the loss at every margin, and is nowhere below it.
template <HasMajorant Loss>
void check_majorant(const Loss& loss, const std::vector<double>& margins, const std::vector<double>& targets) {
  for (double y : targets) {
    for (double z : margins) {
      const Terms<double> at = loss.at(z, y);
      INFO("z = " << z << ", y = " << y);
      CHECK(at.curvature <= loss.majorant(z, y));
      for (double other : margins) {
        const double far = other - z, parabola = at.value + far * (at.slope + 0.5 * far * loss.majorant(z, y));
        CHECK(loss.at(other, y).value <= parabola + 1e-12 * (1 + parabola));
      }
    }
  }
}

/// loss(z) + conjugate(θ) − θ z is 0 at the loss's own slope, and above it at any other between that and 0, or of another
/// margin: what Fenchel's inequality says, and what makes the conjugate the only function that does.
template <HasConjugate Loss>
void check_conjugate(const Loss& loss, const std::vector<double>& margins, const std::vector<double>& targets) {
  for (double y : targets) {
    for (double z : margins) {
      const Terms<double> at = loss.at(z, y);
      const auto excess = [&](double slope) { return at.value + loss.conjugate(slope, y) - slope * z; };
      const double rounding = 1e-14 * (1 + std::abs(at.value) + std::abs(at.slope * z) + std::abs(at.slope * y));
      INFO("z = " << z << ", y = " << y);
      CHECK(std::abs(excess(at.slope)) <= rounding);
      for (double other : margins) CHECK(excess(loss.at(other, y).slope) >= -rounding);
      for (double share : {0.0, 0.3, 0.999}) CHECK(excess(share * at.slope) >= -rounding);
    }
  }
}

/// Two doubles that go through a loss side by side, with the operations of models/number.hpp and no other.
class TwoLanes {
 public:
  struct Mask {
    bool first, second;
    friend Mask operator&(Mask a, Mask b) { return {a.first && b.first, a.second && b.second}; }
    friend Mask operator|(Mask a, Mask b) { return {a.first || b.first, a.second || b.second}; }
  };

  explicit TwoLanes(double both) : first(both), second(both) {}
  TwoLanes(double one, double other) : first(one), second(other) {}

  friend TwoLanes operator+(TwoLanes a, TwoLanes b) { return {a.first + b.first, a.second + b.second}; }
  friend TwoLanes operator-(TwoLanes a, TwoLanes b) { return {a.first - b.first, a.second - b.second}; }
  friend TwoLanes operator*(TwoLanes a, TwoLanes b) { return {a.first * b.first, a.second * b.second}; }
  friend TwoLanes operator/(TwoLanes a, TwoLanes b) { return {a.first / b.first, a.second / b.second}; }
  friend TwoLanes operator+(double a, TwoLanes b) { return TwoLanes(a) + b; }
  friend TwoLanes operator-(double a, TwoLanes b) { return TwoLanes(a) - b; }
  friend TwoLanes operator*(double a, TwoLanes b) { return TwoLanes(a) * b; }
  friend TwoLanes operator/(double a, TwoLanes b) { return TwoLanes(a) / b; }
  friend TwoLanes operator+(TwoLanes a, double b) { return a + TwoLanes(b); }
  friend TwoLanes operator-(TwoLanes a, double b) { return a - TwoLanes(b); }
  friend TwoLanes operator*(TwoLanes a, double b) { return a * TwoLanes(b); }
  friend TwoLanes operator/(TwoLanes a, double b) { return a / TwoLanes(b); }
  friend TwoLanes operator-(TwoLanes a) { return {-a.first, -a.second}; }

  friend Mask operator<(TwoLanes a, TwoLanes b) { return {a.first < b.first, a.second < b.second}; }
  friend Mask operator>(TwoLanes a, TwoLanes b) { return b < a; }
  friend Mask operator<=(TwoLanes a, TwoLanes b) { return {a.first <= b.first, a.second <= b.second}; }
  friend Mask operator>=(TwoLanes a, TwoLanes b) { return b <= a; }
  friend Mask operator==(TwoLanes a, TwoLanes b) { return {a.first == b.first, a.second == b.second}; }

  friend TwoLanes select(Mask mask, TwoLanes yes, TwoLanes no) {
    return {mask.first ? yes.first : no.first, mask.second ? yes.second : no.second};
  }
  friend TwoLanes exp(TwoLanes a) { return {real::exp(a.first), real::exp(a.second)}; }
  friend TwoLanes log1p_unit(TwoLanes a) { return {real::log1p_unit(a.first), real::log1p_unit(a.second)}; }
  friend TwoLanes abs(TwoLanes a) { return {real::abs(a.first), real::abs(a.second)}; }
  friend TwoLanes min(TwoLanes a, TwoLanes b) { return select(a < b, a, b); }
  friend TwoLanes max(TwoLanes a, TwoLanes b) { return select(a > b, a, b); }

  double first, second;
};

/// Neither lane of a pack knows of the other, and each is the bits that a double gives alone: a NaN beside it, an Inf, a
/// row on the other branch change nothing.
template <MarginLoss Loss>
void check_lanes(const Loss& loss, double y, double other_y) {
  const auto same = [](double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); };
  std::vector<double> margins = all_margins();
  margins.insert(margins.end(), {infinity, -infinity, not_a_number});
  for (std::size_t i = 0; i < margins.size(); ++i) {
    const double z = margins[i];
    const double other_z = margins[margins.size() - 1 - i];
    const Terms<TwoLanes> both = loss.at(TwoLanes(z, other_z), TwoLanes(y, other_y));
    const Terms<double> one = loss.at(z, y);
    const Terms<double> other = loss.at(other_z, other_y);
    INFO("z = " << z << ", beside " << other_z);
    CHECK(same(both.value.first, one.value));
    CHECK(same(both.slope.first, one.slope));
    CHECK(same(both.curvature.first, one.curvature));
    CHECK(same(both.value.second, other.value));
    CHECK(same(both.slope.second, other.slope));
    CHECK(same(both.curvature.second, other.curvature));
  }
}

}  // namespace surefoot
