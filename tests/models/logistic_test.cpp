#include "surefoot/models/logistic.hpp"

#include <cmath>
#include <limits>

#include "catch.hpp"

using surefoot::LogisticLoss;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
// A few units in the last place: exp, log1p and two operations round.
constexpr double digits = 8 * std::numeric_limits<double>::epsilon();

bool equal_to_the_last_digits(double value, long double expected) {
  return std::abs(static_cast<long double>(value) - expected) <= digits * std::abs(expected);
}

}  // namespace

TEST_CASE("the logistic loss and its derivatives have all their digits at every margin from -600 to 600") {
  for (double z = -600; z <= 600; z += 0.37) {
    for (double y : {0.0, 1.0}) {
      const long double sign = y == 1 ? 1 : -1;
      const long double m = sign * static_cast<long double>(z);
      // With fifteen bits of exponent long double needs none of the case distinctions of double.
      const long double value = std::log1p(std::exp(-m));
      const long double wrong = 1 / (1 + std::exp(m));  // the probability given to the other class
      const long double right = 1 / (1 + std::exp(-m));
      INFO("z = " << z << ", y = " << y);
      CHECK(equal_to_the_last_digits(LogisticLoss::value(z, y), value));
      CHECK(equal_to_the_last_digits(LogisticLoss::slope(z, y), -sign * wrong));
      CHECK(equal_to_the_last_digits(LogisticLoss::curvature(z, y), wrong * right));
    }
  }
}

TEST_CASE("a row that is right by a margin of 700 still has a loss and a slope") {
  const double tiny = std::exp(-700.0);
  CHECK(tiny > 0);
  CHECK(LogisticLoss::value(700, 1) == tiny);
  CHECK(LogisticLoss::value(-700, 0) == tiny);
  CHECK(LogisticLoss::slope(700, 1) == -tiny);
  CHECK(LogisticLoss::slope(-700, 0) == tiny);
  CHECK(LogisticLoss::curvature(700, 1) == tiny);
  CHECK(LogisticLoss::curvature(-700, 1) == tiny);
}

TEST_CASE("a row that is wrong by a large margin loses exactly that margin") {
  for (double m : {700.0, 709.9, 745.2, 800.0, 1e10, 1e300}) {
    INFO("m = " << m);
    CHECK(LogisticLoss::value(-m, 1) == m);
    CHECK(LogisticLoss::value(m, 0) == m);
    CHECK(LogisticLoss::slope(-m, 1) == -1);
    CHECK(LogisticLoss::slope(m, 0) == 1);
  }
}

TEST_CASE("beyond a margin of 745 a right row loses nothing that a double can hold") {
  for (double m : {746.0, 800.0, 1e300, infinity}) {
    INFO("m = " << m);
    CHECK(LogisticLoss::value(m, 1) == 0);
    CHECK(LogisticLoss::slope(m, 1) == 0);
    CHECK(LogisticLoss::curvature(m, 1) == 0);
    CHECK(LogisticLoss::curvature(-m, 1) == 0);
  }
  CHECK(LogisticLoss::value(-infinity, 1) == infinity);
  CHECK(LogisticLoss::slope(-infinity, 1) == -1);
}

TEST_CASE("the logistic loss of a margin that is NaN is NaN") {
  for (double y : {0.0, 1.0}) {
    CHECK(std::isnan(LogisticLoss::value(not_a_number, y)));
    CHECK(std::isnan(LogisticLoss::slope(not_a_number, y)));
    CHECK(std::isnan(LogisticLoss::curvature(not_a_number, y)));
    CHECK(std::isnan(LogisticLoss::at(not_a_number, y).value));
    CHECK(std::isnan(LogisticLoss::at(not_a_number, y).slope));
  }
}

TEST_CASE("the logistic loss and slope are the same bits together as apart") {
  for (double z : {-800.0, -700.0, -3.2, -1e-9, 0.0, 1e-9, 0.7, 36.9, 700.0, 800.0}) {
    for (double y : {0.0, 1.0}) {
      INFO("z = " << z << ", y = " << y);
      CHECK(LogisticLoss::at(z, y).value == LogisticLoss::value(z, y));
      CHECK(LogisticLoss::at(z, y).slope == LogisticLoss::slope(z, y));
    }
  }
}

TEST_CASE("a logistic target is 0 or 1 and nothing else") {
  CHECK(LogisticLoss::accepts(0));
  CHECK(LogisticLoss::accepts(1));
  for (double y : {-1.0, 0.5, 2.0, not_a_number, infinity}) CHECK_FALSE(LogisticLoss::accepts(y));
}
