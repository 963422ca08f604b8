#include "surefoot/models/quantile.hpp"

#include <cmath>

#include "catch.hpp"
#include "support/margin_losses.hpp"
#include "support/thrown.hpp"

using namespace surefoot;

namespace {

long double pinball(long double r, long double level) { return r > 0 ? (1 - level) * r : -level * r; }

// The mean pinball loss of a residual that is shaken evenly by up to ± width, from the integrals of its two sides.
long double shaken_pinball(long double r, long double level, long double width) {
  if (std::abs(r) >= width) return pinball(r, level);
  const long double above_zero = (r + width) * (r + width) / 2;
  const long double below_zero = (width - r) * (width - r) / 2;
  return ((1 - level) * above_zero + level * below_zero) / (2 * width);
}

}  // namespace

TEST_CASE("outside the band the quantile loss is the pinball loss, with nothing added") {
  const QuantileLoss quantile{.level = 0.75, .width = 0.5};
  CHECK(quantile.at(5.0, 1.0).value == 1);  // ¼ · 4
  CHECK(quantile.at(5.0, 1.0).slope == 0.25);
  CHECK(quantile.at(5.0, 1.0).curvature == 0);
  CHECK(quantile.at(1.0, 5.0).value == 3);  // ¾ · 4
  CHECK(quantile.at(1.0, 5.0).slope == -0.75);
  CHECK(quantile.at(1.0, 5.0).curvature == 0);
}

TEST_CASE("the quantile loss has all its digits at every margin and overflows only where the mathematics does") {
  for (double level : {0.001, 0.25, 0.5, 0.9, 0.999}) {
    for (double width : {1e-6, 0.01, 1.0, 1e9}) {
      const QuantileLoss quantile{.level = level, .width = width};
      for (double z : all_margins()) {
        for (double y : {0.0, 2.5, -1e8}) {
          const long double r = static_cast<long double>(z - y);  // the residual as rounded: that is the loss's input
          const long double w = width;
          const bool inside = std::abs(r) <= w;
          const long double slope = inside ? 0.5L - level + r / (2 * w) : (r > 0 ? 1.0L - level : -1.0L * level);
          const auto at = quantile.at(z, y);
          INFO("level = " << level << ", width = " << width << ", z = " << z << ", y = " << y);
          CHECK(to_the_last_digits(at.value, shaken_pinball(r, level, w)));
          CHECK(to_the_last_digits(at.slope, slope, inside ? 0.5L : 0.0L));
          CHECK(to_the_last_digits(at.curvature, inside ? 1 / (2 * w) : 0));
        }
      }
    }
  }
}

TEST_CASE("the quantile loss is never below the pinball loss and at most a quarter of its width above it") {
  const QuantileLoss quantile{.level = 0.8, .width = 2};
  for (double r = -5; r <= 5; r += 0.01) {
    const double above = quantile.at(r, 0.0).value - static_cast<double>(pinball(r, quantile.level));
    INFO("r = " << r);
    CHECK(above >= -1e-15);
    CHECK(above <= 0.5 + 1e-15);
  }
  CHECK(quantile.at(0.0, 0.0).value == 0.5);
}

TEST_CASE("the parabola of the quantile loss meets its lines in value and slope") {
  const QuantileLoss quantile{.level = 0.3, .width = 0.25};
  for (double edge : {-0.25, 0.25}) {
    const auto on = quantile.at(edge, 0.0);
    const auto beyond = quantile.at(edge * (1 + 1e-15), 0.0);
    CHECK(beyond.curvature == 0);
    CHECK(beyond.value == Approx(on.value).epsilon(1e-14));
    CHECK(beyond.slope == Approx(on.slope).epsilon(1e-14));
  }
}

TEST_CASE("the slope of the quantile loss never falls: it is convex") {
  for (double level : {0.05, 0.5, 0.9}) {
    const QuantileLoss quantile{.level = level, .width = 1};
    double last = quantile.at(-3.0, 0.0).slope;
    for (double r = -3; r <= 3; r += 0.001) {
      const double slope = quantile.at(r, 0.0).slope;
      INFO("level = " << level << ", r = " << r);
      CHECK(slope >= last);
      last = slope;
    }
  }
}

TEST_CASE("the quantile loss of an infinite margin is infinite, its slope that of the line") {
  const QuantileLoss quantile{.level = 0.75};
  CHECK(quantile.at(infinity, 1.0).value == infinity);
  CHECK(quantile.at(-infinity, 1.0).value == infinity);
  CHECK(quantile.at(infinity, 1.0).slope == 0.25);
  CHECK(quantile.at(-infinity, 1.0).slope == -0.75);
  CHECK(quantile.at(-infinity, 1.0).curvature == 0);
}

TEST_CASE("the derivatives of the quantile loss are what differences say") {
  check_derivatives(QuantileLoss{.level = 0.9, .width = 0.5}, {-30, -1.3, -0.2, 0, 0.7, 5}, {-2, 0, 0.01});
}

TEST_CASE("the quantile loss keeps a NaN") { check_keeps_nan(QuantileLoss{}, {0, 1, -3.5}); }

TEST_CASE("the quantile loss is the same bits in a pack as alone") {
  check_lanes(QuantileLoss{.level = 0.2, .width = 3}, 1.5, -2);
}

TEST_CASE("the narrowest and the widest band that the quantile loss allows leave it finite") {
  for (double width : {1e-300, 1e300}) {
    const QuantileLoss quantile{.level = 0.5, .width = width};
    CHECK_NOTHROW(validate(quantile, QuantileLoss::name));
    for (double r : {-1.0, -1e-300, 0.0, 1e-300, 1.0}) {
      const auto at = quantile.at(r, 0.0);
      INFO("width = " << width << ", r = " << r);
      CHECK(std::isfinite(at.value));
      CHECK(std::abs(at.slope) <= 0.5);
      CHECK(std::isfinite(at.curvature));
    }
  }
}

TEST_CASE("any finite number is a target of the quantile loss") {
  CHECK(QuantileLoss::accepts(-1e300));
  CHECK_FALSE(QuantileLoss::accepts(infinity));
  CHECK_FALSE(QuantileLoss::accepts(not_a_number));
}

TEST_CASE("a level or a width of the quantile loss that is out of range is refused by name") {
  for (double level : {0.0, 1.0, -0.1, not_a_number}) {
    CHECK(mentions(thrown([&] { validate(QuantileLoss{.level = level}, QuantileLoss::name); }), "level = "));
  }
  for (double width : {0.0, -1.0, infinity}) {
    CHECK(mentions(thrown([&] { validate(QuantileLoss{.width = width}, QuantileLoss::name); }), "width = "));
  }
}

TEST_CASE("the conjugate of the quantile loss is the one of Fenchel's inequality, at the ends of its slopes too") {
  check_conjugate(QuantileLoss{.level = 0.8, .width = 0.5}, {-30, -0.4, 0, 0.1, 0.3, 5}, {-2, 0, 0.01});
}

TEST_CASE("the majorant of the quantile loss touches it from above, however far off the row is") {
  for (double level : {0.5, 0.05, 0.9}) {
    check_majorant(QuantileLoss{.level = level, .width = 0.5}, {-1e6, -30, -0.5, -0.4, 0, 0.1, 0.3, 0.51, 5, 1e4},
                   {-2, 0, 0.01});
  }
}
