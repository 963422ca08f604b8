#include "surefoot/vector.hpp"

#include <limits>
#include <random>

#include "catch.hpp"

using namespace surefoot;

namespace {

constexpr double not_number = std::numeric_limits<double>::quiet_NaN();
constexpr double inf = std::numeric_limits<double>::infinity();

Vector of(std::initializer_list<double> entries) {
  Vector v(static_cast<Eigen::Index>(entries.size()));
  Eigen::Index i = 0;
  for (double entry : entries) v[i++] = entry;
  return v;
}

}  // namespace

TEST_CASE("the norm is exact where squares over- or underflow") {
  for (double scale : {1e-307, 1e-200, 1e-150, 1e-10, 1.0, 1e10, 1e150, 1e200, 1e307}) {
    INFO("scale " << scale);
    CHECK(norm(of({3 * scale, 4 * scale})) == Approx(5 * scale).epsilon(1e-15));
    CHECK(norm(of({0, -scale, 0})) == Approx(scale).epsilon(1e-15));
  }
  CHECK(norm(of({1e200, 1e-200})) == Approx(1e200));
}

TEST_CASE("the norm is right for the smallest numbers that there are") {
  const double least = std::numeric_limits<double>::denorm_min();
  CHECK(norm(of({least})) == least);
  CHECK(norm(of({0, -1e-310})) == Approx(1e-310).epsilon(1e-12));
  CHECK(norm(of({3e-310, 4e-310})) == Approx(5e-310).epsilon(1e-12));
}

TEST_CASE("the norm agrees with a sum in extended precision on random vectors of any scale") {
  constexpr unsigned seed = 121;
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> exponent(-300, 300), entry(-1, 1);
  for (int round = 0; round < 500; ++round) {
    const double scale = std::pow(10, exponent(random));
    Vector v(7);
    long double sum = 0;
    for (double& x : v) {
      x = scale * entry(random);
      sum += static_cast<long double>(x) * static_cast<long double>(x);  // its exponents reach to 1e±4932
    }
    INFO("seed " << seed << ", round " << round);
    CHECK(norm(v) == Approx(static_cast<double>(std::sqrt(sum))).epsilon(1e-14));
  }
}

TEST_CASE("the norm of nothing is 0, of zeros 0, and what is not finite shows") {
  CHECK(norm(Vector()) == 0);
  CHECK(norm(of({0, 0, -0.0})) == 0);
  CHECK(std::isnan(norm(of({1, not_number}))));
  CHECK(std::isnan(norm(of({not_number, 1e200}))));
  CHECK(std::isnan(norm(of({1e200, not_number, 1e-200}))));
  CHECK(norm(of({1, -inf})) == inf);
}

TEST_CASE("the largest entry is the one of largest size, and 0 where there is none") {
  CHECK(max_norm(of({1, -7, 3})) == 7);
  CHECK(max_norm(of({0, 0})) == 0);
  CHECK(max_norm(Vector()) == 0);
  CHECK(max_norm(of({1, -inf})) == inf);
}

TEST_CASE("the cosine is that of the angle, whatever the lengths") {
  for (double a : {1e-300, 1e-160, 1.0, 1e160, 1e300}) {
    for (double b : {1e-300, 1e-160, 1.0, 1e160, 1e300}) {
      const Vector x = of({a, 0}), y = of({0.6 * b, 0.8 * b});
      INFO("lengths " << a << ", " << b);
      CHECK(cosine(x, y, norm(x), norm(y)) == Approx(0.6).epsilon(1e-14));
      CHECK(cosine(x, Vector(-y), norm(x), norm(y)) == Approx(-0.6).epsilon(1e-14));
    }
  }
}

TEST_CASE("the cosine with a vector of no length is 0") {
  const Vector x = of({1, 2}), zero = of({0, 0});
  CHECK(cosine(x, zero, norm(x), 0) == 0);
  CHECK(cosine(zero, x, 0, norm(x)) == 0);
  CHECK(cosine(x, x, not_number, norm(x)) == 0);
}

TEST_CASE("the cosine is right for the smallest vectors that there are") {
  const Vector x = of({1e-310, 0}), y = of({3, 4});
  CHECK(cosine(x, y, 1e-310, 5) == Approx(0.6).epsilon(1e-10));
}
