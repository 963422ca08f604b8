#include "surefoot/models/huber.hpp"

#include <cmath>

#include "catch.hpp"
#include "support/margin_losses.hpp"
#include "support/thrown.hpp"

using namespace surefoot;

TEST_CASE("Huber's loss is half the square inside delta and delta times the rest of the way outside") {
  const HuberLoss huber{.delta = 2};
  CHECK(huber.at(4.0, 3.0).value == 0.5);
  CHECK(huber.at(4.0, 3.0).slope == 1);
  CHECK(huber.at(4.0, 3.0).curvature == 1);
  CHECK(huber.at(3.0, 8.0).value == 8);  // 2 (5 − 1)
  CHECK(huber.at(3.0, 8.0).slope == -2);
  CHECK(huber.at(3.0, 8.0).curvature == 0);
}

TEST_CASE("Huber's loss has all its digits at every margin and overflows only where the mathematics does") {
  for (double delta : {1e-3, 1.0, 1.35, 1e10}) {
    const HuberLoss huber{.delta = delta};
    for (double z : all_margins()) {
      for (double y : {0.0, 2.5, -1e8}) {
        const long double r = static_cast<long double>(z - y);  // the residual as rounded: that is the loss's input
        const long double d = delta;
        const bool inside = std::abs(r) <= d;
        const auto at = huber.at(z, y);
        INFO("delta = " << delta << ", z = " << z << ", y = " << y);
        CHECK(to_the_last_digits(at.value, inside ? r * r / 2 : d * (std::abs(r) - d / 2)));
        CHECK(to_the_last_digits(at.slope, inside ? r : (r > 0 ? d : -d)));
        CHECK(at.curvature == (inside ? 1 : 0));
      }
    }
  }
}

TEST_CASE("the parabola of Huber's loss meets its lines in value and slope") {
  const HuberLoss huber{.delta = 0.7};
  for (double edge : {-0.7, 0.7}) {
    const auto on = huber.at(edge, 0.0);
    const auto beyond = huber.at(edge * (1 + 1e-15), 0.0);
    CHECK(beyond.curvature == 0);
    CHECK(beyond.value == Approx(on.value).epsilon(1e-14));
    CHECK(beyond.slope == Approx(on.slope).epsilon(1e-14));
  }
}

TEST_CASE("Huber's loss of an infinite margin is infinite, its slope is delta") {
  const HuberLoss huber{.delta = 3};
  CHECK(huber.at(infinity, 1.0).value == infinity);
  CHECK(huber.at(-infinity, 1.0).value == infinity);
  CHECK(huber.at(infinity, 1.0).slope == 3);
  CHECK(huber.at(-infinity, 1.0).slope == -3);
  CHECK(huber.at(-infinity, 1.0).curvature == 0);
}

TEST_CASE("the derivatives of Huber's loss are what differences say") {
  check_derivatives(HuberLoss{.delta = 1.35}, {-30, -1.3, -0.2, 0, 0.7, 5}, {-2, 0, 0.01});
}

TEST_CASE("Huber's loss keeps a NaN") { check_keeps_nan(HuberLoss{}, {0, 1, -3.5}); }

TEST_CASE("Huber's loss is the same bits in a pack as alone") { check_lanes(HuberLoss{.delta = 1.35}, 1.5, -2); }

TEST_CASE("any finite number is a target of Huber's loss") {
  CHECK(HuberLoss::accepts(-1e300));
  CHECK_FALSE(HuberLoss::accepts(infinity));
  CHECK_FALSE(HuberLoss::accepts(not_a_number));
}

TEST_CASE("a delta that is not positive is refused by name") {
  CHECK_NOTHROW(validate(HuberLoss{}, HuberLoss::name));
  for (double delta : {0.0, -1.0, infinity, not_a_number}) {
    const std::string text = thrown([&] { validate(HuberLoss{.delta = delta}, HuberLoss::name); });
    CHECK(mentions(text, "delta = " + number(delta) + " of huber"));
  }
}

TEST_CASE("the conjugate of Huber's loss is the one of Fenchel's inequality, at the ends of its slopes too") {
  check_conjugate(HuberLoss{.delta = 1.35}, {-30, -1.3, 0, 0.7, 5}, {-2, 0, 0.01});
}

TEST_CASE("the majorant of Huber's loss touches it from above, however far off the row is") {
  check_majorant(HuberLoss{.delta = 0.7}, {-1e6, -30, -0.7, -0.4, 0, 0.1, 0.3, 0.71, 5, 1e4}, {-2, 0, 0.01});
}
