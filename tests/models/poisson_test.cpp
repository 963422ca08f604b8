#include "surefoot/models/poisson.hpp"

#include <cmath>

#include "catch.hpp"
#include "support/margin_losses.hpp"

using namespace surefoot;

namespace {
constexpr PoissonLoss poisson;
}

TEST_CASE("the Poisson loss is the mean less the count times the margin, and its slope what the mean is too large by") {
  CHECK(poisson.at(0.0, 3.0).value == 1);
  CHECK(poisson.at(0.0, 3.0).slope == -2);
  CHECK(poisson.at(0.0, 3.0).curvature == 1);
  const double y = 7;  // the least loss is at exp(z) = y
  CHECK(std::abs(poisson.at(std::log(y), y).slope) < 1e-14);
}

TEST_CASE("the Poisson loss has all its digits at every margin and overflows only where the mathematics does") {
  for (double z : all_margins()) {
    for (double y : {0.0, 1.0, 2.5, 1e6}) {
      const long double mean = std::exp(static_cast<long double>(z));
      const long double gain = y * static_cast<long double>(z);
      // Beyond the range of long double, too, the mean outgrows every gain.
      const long double value = std::isinf(mean) ? mean : mean - gain;
      const auto at = poisson.at(z, y);
      INFO("z = " << z << ", y = " << y);
      CHECK(to_the_last_digits(at.value, value, std::isinf(mean) ? 0 : std::max(mean, std::abs(gain))));
      CHECK(to_the_last_digits(at.slope, mean - y, std::isinf(mean) ? 0 : y));
      CHECK(to_the_last_digits(at.curvature, mean));
    }
  }
}

TEST_CASE("a Poisson margin of 700 is finite, one of 745 is not, and neither is NaN") {
  CHECK(std::isfinite(poisson.at(700.0, 2.0).value));
  for (double z : {745.0, 1e300, infinity}) {
    for (double y : {0.0, 2.0}) {
      INFO("z = " << z << ", y = " << y);
      CHECK(poisson.at(z, y).value == infinity);
      CHECK(poisson.at(z, y).slope == infinity);
      CHECK(poisson.at(z, y).curvature == infinity);
    }
  }
}

TEST_CASE("a mean of nothing loses nothing on a count of 0, and everything on any other") {
  CHECK(poisson.at(-infinity, 0.0).value == 0);
  CHECK(poisson.at(-infinity, 0.0).slope == 0);
  CHECK(poisson.at(-infinity, 2.0).value == infinity);
  CHECK(poisson.at(-infinity, 2.0).slope == -2);
  CHECK(poisson.at(-infinity, 2.0).curvature == 0);
  CHECK(poisson.at(-1e300, 2.0).value == 2e300);
}

TEST_CASE("the derivatives of the Poisson loss are what differences say") {
  check_derivatives(poisson, {-30, -3.2, -1e-3, 0, 0.7, 5}, {0, 1, 4.5});
}

TEST_CASE("the Poisson loss keeps a NaN") { check_keeps_nan(poisson, {0, 1, 30}); }

TEST_CASE("the Poisson loss is the same bits in a pack as alone") { check_lanes(poisson, 0, 3); }

TEST_CASE("a Poisson target is a finite number that is not negative, whole or not") {
  for (double y : {0.0, 0.5, 1.0, 1e300}) CHECK(PoissonLoss::accepts(y));
  for (double y : {-1.0, -1e-300, not_a_number, infinity}) CHECK_FALSE(PoissonLoss::accepts(y));
}

TEST_CASE("the conjugate of Poisson's loss is the one of Fenchel's inequality, at the ends of its slopes too") {
  check_conjugate(PoissonLoss{}, {-40, -1.3, 0, 0.7, 5}, {0, 1, 12});
}
