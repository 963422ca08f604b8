#include "surefoot/models/squared_hinge.hpp"

#include <cmath>

#include "catch.hpp"
#include "support/margin_losses.hpp"

using namespace surefoot;

namespace {
constexpr SquaredHingeLoss squared_hinge;
}

TEST_CASE("the squared hinge loses the square of what a row lacks to a margin of 1") {
  CHECK(squared_hinge.at(0.0, 1.0).value == 1);
  CHECK(squared_hinge.at(0.0, 1.0).slope == -2);
  CHECK(squared_hinge.at(0.0, 1.0).curvature == 2);
  CHECK(squared_hinge.at(0.5, 0.0).value == 2.25);
  CHECK(squared_hinge.at(0.5, 0.0).slope == 3);
  for (double m : {1.0, 1.5, 700.0, 1e300, infinity}) {
    INFO("m = " << m);
    CHECK(squared_hinge.at(m, 1.0).value == 0);
    CHECK(squared_hinge.at(m, 1.0).slope == 0);
    CHECK(squared_hinge.at(m, 1.0).curvature == 0);
    CHECK(squared_hinge.at(-m, 0.0).value == 0);
  }
}

TEST_CASE("the squared hinge has all its digits at every margin and overflows only where the square does") {
  for (double z : all_margins()) {
    for (double y : {0.0, 1.0}) {
      const long double sign = y == 1 ? 1 : -1;
      const long double lacking = std::max(0.0L, 1 - sign * static_cast<long double>(z));
      const auto at = squared_hinge.at(z, y);
      INFO("z = " << z << ", y = " << y);
      CHECK(to_the_last_digits(at.value, lacking * lacking));
      CHECK(to_the_last_digits(at.slope, -2 * sign * lacking));
      CHECK(at.curvature == (sign * z < 1 ? 2 : 0));
    }
  }
}

TEST_CASE("the squared hinge of a row that is infinitely wrong is infinite, its curvature is not") {
  CHECK(squared_hinge.at(-infinity, 1.0).value == infinity);
  CHECK(squared_hinge.at(-infinity, 1.0).slope == -infinity);
  CHECK(squared_hinge.at(-infinity, 1.0).curvature == 2);
  CHECK(squared_hinge.at(infinity, 0.0).slope == infinity);
}

TEST_CASE("the derivatives of the squared hinge are what differences say") {
  check_derivatives(squared_hinge, {-30, -3.2, -1e-3, 0, 0.7, 5}, {0, 1});
}

TEST_CASE("the squared hinge keeps a NaN") { check_keeps_nan(squared_hinge, {0, 1}); }

TEST_CASE("the squared hinge is the same bits in a pack as alone") { check_lanes(squared_hinge, 1, 0); }

TEST_CASE("a target of the squared hinge is 0 or 1 and nothing else") {
  CHECK(SquaredHingeLoss::accepts(0));
  CHECK(SquaredHingeLoss::accepts(1));
  for (double y : {-1.0, 0.5, 2.0, not_a_number, infinity}) CHECK_FALSE(SquaredHingeLoss::accepts(y));
}

TEST_CASE("the conjugate of the squared hinge is the one of Fenchel's inequality, at the ends of its slopes too") {
  check_conjugate(SquaredHingeLoss{}, {-30, -1.3, 0, 0.7, 5}, {0, 1});
}
