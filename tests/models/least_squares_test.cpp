#include "surefoot/models/least_squares.hpp"

#include <cmath>
#include <limits>

#include "catch.hpp"

using surefoot::LeastSquaresLoss;

TEST_CASE("least squares loses half the squared residual, and its slope is the residual") {
  CHECK(LeastSquaresLoss::value(5, 2) == 4.5);
  CHECK(LeastSquaresLoss::slope(5, 2) == 3);
  CHECK(LeastSquaresLoss::slope(2, 5) == -3);
  CHECK(LeastSquaresLoss::curvature(5, 2) == 1);
  CHECK(LeastSquaresLoss::value(2, 2) == 0);
}

TEST_CASE("least squares is exact at large margins and overflows only where the square does") {
  CHECK(LeastSquaresLoss::value(700, 0) == 245000);
  CHECK(LeastSquaresLoss::value(-800, 0) == 320000);
  CHECK(LeastSquaresLoss::value(1e150, 0) == Approx(5e299).epsilon(1e-15));
  CHECK(std::isinf(LeastSquaresLoss::value(1e155, 0)));
  CHECK(LeastSquaresLoss::slope(1e155, 0) == 1e155);
}

TEST_CASE("least squares keeps a NaN") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK(std::isnan(LeastSquaresLoss::value(nan, 1)));
  CHECK(std::isnan(LeastSquaresLoss::slope(nan, 1)));
  CHECK(std::isnan(LeastSquaresLoss::curvature(nan, 1)));
  CHECK(std::isnan(LeastSquaresLoss::at(nan, 1).value));
  CHECK(std::isnan(LeastSquaresLoss::at(nan, 1).slope));
}

TEST_CASE("the least-squares loss and slope are the same bits together as apart") {
  for (double z : {-700.0, -0.1, 0.0, 0.3, 1e8}) {
    for (double y : {-2.5, 0.0, 1e-3}) {
      CHECK(LeastSquaresLoss::at(z, y).value == LeastSquaresLoss::value(z, y));
      CHECK(LeastSquaresLoss::at(z, y).slope == LeastSquaresLoss::slope(z, y));
    }
  }
}

TEST_CASE("any finite number is a target of least squares") {
  CHECK(LeastSquaresLoss::accepts(-1e300));
  CHECK_FALSE(LeastSquaresLoss::accepts(std::numeric_limits<double>::infinity()));
  CHECK_FALSE(LeastSquaresLoss::accepts(std::numeric_limits<double>::quiet_NaN()));
}
