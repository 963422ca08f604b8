#include "surefoot/models/logistic.hpp"

#include <cmath>

#include "catch.hpp"
#include "support/margin_losses.hpp"

using namespace surefoot;

namespace {
constexpr LogisticLoss logistic;
}

TEST_CASE("the logistic loss and its derivatives have all their digits at every margin") {
  std::vector<double> margins = all_margins();
  for (double z = -600; z <= 600; z += 0.37) margins.push_back(z);
  for (double z : margins) {
    for (double y : {0.0, 1.0}) {
      const long double sign = y == 1 ? 1 : -1;
      const long double m = sign * static_cast<long double>(z);
      // With fifteen bits of exponent long double needs case distinctions only where double holds nothing any more.
      const long double value = m < -11000 ? -m : std::log1p(std::exp(-m));
      const long double wrong = 1 / (1 + std::exp(m));  // the probability given to the other class
      const long double right = 1 / (1 + std::exp(-m));
      const auto at = logistic.at(z, y);
      INFO("z = " << z << ", y = " << y);
      CHECK(to_the_last_digits(at.value, value));
      CHECK(to_the_last_digits(at.slope, -sign * wrong));
      CHECK(to_the_last_digits(at.curvature, wrong * right));
    }
  }
}

TEST_CASE("a row that is right by a margin of 700 still has a loss and a slope") {
  const double tiny = std::exp(-700.0);
  CHECK(tiny > 0);
  CHECK(logistic.at(700.0, 1.0).value == tiny);
  CHECK(logistic.at(-700.0, 0.0).value == tiny);
  CHECK(logistic.at(700.0, 1.0).slope == -tiny);
  CHECK(logistic.at(-700.0, 0.0).slope == tiny);
  CHECK(logistic.at(700.0, 1.0).curvature == tiny);
  CHECK(logistic.at(-700.0, 1.0).curvature == tiny);
}

TEST_CASE("a row that is wrong by a large margin loses exactly that margin") {
  for (double m : {700.0, 709.9, 745.2, 800.0, 1e10, 1e300}) {
    INFO("m = " << m);
    CHECK(logistic.at(-m, 1.0).value == m);
    CHECK(logistic.at(m, 0.0).value == m);
    CHECK(logistic.at(-m, 1.0).slope == -1);
    CHECK(logistic.at(m, 0.0).slope == 1);
  }
}

TEST_CASE("beyond a margin of 745 a right row loses nothing that a double can hold") {
  for (double m : {746.0, 800.0, 1e300, infinity}) {
    INFO("m = " << m);
    CHECK(logistic.at(m, 1.0).value == 0);
    CHECK(logistic.at(m, 1.0).slope == 0);
    CHECK(logistic.at(m, 1.0).curvature == 0);
    CHECK(logistic.at(-m, 1.0).curvature == 0);
  }
  CHECK(logistic.at(-infinity, 1.0).value == infinity);
  CHECK(logistic.at(-infinity, 1.0).slope == -1);
}

TEST_CASE("the derivatives of the logistic loss are what differences say") {
  check_derivatives(logistic, {-30, -3.2, -1e-3, 0, 0.7, 5}, {0, 1});
}

TEST_CASE("the logistic loss of a margin that is NaN is NaN") { check_keeps_nan(logistic, {0, 1}); }

TEST_CASE("the logistic loss is the same bits in a pack as alone") { check_lanes(logistic, 1, 0); }

TEST_CASE("a logistic target is 0 or 1 and nothing else") {
  CHECK(LogisticLoss::accepts(0));
  CHECK(LogisticLoss::accepts(1));
  for (double y : {-1.0, 0.5, 2.0, not_a_number, infinity}) CHECK_FALSE(LogisticLoss::accepts(y));
}

TEST_CASE("the conjugate of the logistic loss is the one of Fenchel's inequality, at the ends of its slopes too") {
  check_conjugate(LogisticLoss{}, {-700, -30, -1.3, 0, 0.7, 5, 40}, {0, 1});
}
