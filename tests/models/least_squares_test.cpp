#include "surefoot/models/least_squares.hpp"

#include <cmath>

#include "catch.hpp"
#include "support/margin_losses.hpp"

using namespace surefoot;

namespace {
constexpr LeastSquaresLoss least_squares;
}

TEST_CASE("least squares loses half the squared residual, and its slope is the residual") {
  CHECK(least_squares.at(5.0, 2.0).value == 4.5);
  CHECK(least_squares.at(5.0, 2.0).slope == 3);
  CHECK(least_squares.at(2.0, 5.0).slope == -3);
  CHECK(least_squares.at(5.0, 2.0).curvature == 1);
  CHECK(least_squares.at(2.0, 2.0).value == 0);
}

TEST_CASE("least squares has all its digits at every margin and overflows only where the square does") {
  for (double z : all_margins()) {
    for (double y : {0.0, 2.0, -1e8}) {
      const long double r = static_cast<long double>(z) - y;
      const auto at = least_squares.at(z, y);
      INFO("z = " << z << ", y = " << y);
      CHECK(to_the_last_digits(at.value, r * r / 2));
      CHECK(to_the_last_digits(at.slope, r));
      CHECK(at.curvature == 1);
    }
  }
  CHECK(least_squares.at(700.0, 0.0).value == 245000);
  CHECK(least_squares.at(-800.0, 0.0).value == 320000);
  CHECK(std::isinf(least_squares.at(1e155, 0.0).value));
  CHECK(least_squares.at(1e155, 0.0).slope == 1e155);
}

TEST_CASE("least squares of an infinite margin is infinite, its curvature is not") {
  for (double z : {infinity, -infinity}) {
    CHECK(least_squares.at(z, 1.0).value == infinity);
    CHECK(least_squares.at(z, 1.0).slope == z);
    CHECK(least_squares.at(z, 1.0).curvature == 1);
  }
}

TEST_CASE("the derivatives of least squares are what differences say") {
  check_derivatives(least_squares, {-3, -0.2, 0, 1.7, 40}, {-2.5, 0, 1e-3});
}

TEST_CASE("least squares keeps a NaN") { check_keeps_nan(least_squares, {0, 1, -3.5}); }

TEST_CASE("least squares is the same bits in a pack as alone") { check_lanes(least_squares, 1.5, -2); }

TEST_CASE("any finite number is a target of least squares") {
  CHECK(LeastSquaresLoss::accepts(-1e300));
  CHECK_FALSE(LeastSquaresLoss::accepts(infinity));
  CHECK_FALSE(LeastSquaresLoss::accepts(not_a_number));
}

TEST_CASE("the conjugate of least squares is the one of Fenchel's inequality, at the ends of its slopes too") {
  check_conjugate(LeastSquaresLoss{}, {-30, -1.3, 0, 0.7, 5}, {-2, 0, 3.5});
}
