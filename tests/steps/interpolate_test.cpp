#include "surefoot/steps/interpolate.hpp"

#include <random>

#include "catch.hpp"

using namespace surefoot;

TEST_CASE("the minimiser of the cubic through two losses and slopes is exact on a cubic") {
  constexpr unsigned seed = 53;
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> uniform(0, 1);
  for (int round = 0; round < 200; ++round) {
    // φ' = 3a (t − m)(t − n), with the minimum at m and the maximum at n < m (a > 0).
    const double a = 0.1 + uniform(random), m = 1 + uniform(random), n = -uniform(random) - 0.1;
    const auto loss = [&](double t) { return a * (t * t * t - 1.5 * (m + n) * t * t + 3 * m * n * t); };
    const auto slope = [&](double t) { return 3 * a * (t - m) * (t - n); };
    const double low = 0.5 * uniform(random), high = m + 0.1 + uniform(random);
    const double found = cubic_minimiser({low, loss(low), slope(low)}, {high, loss(high), slope(high)});
    INFO("seed " << seed << ", round " << round);
    CHECK(found == Approx(m).epsilon(1e-10));
    CHECK(cubic_minimiser({high, loss(high), slope(high)}, {low, loss(low), slope(low)}) == Approx(m).epsilon(1e-10));
  }
}

TEST_CASE("leaps cross three hundred decades in eleven, and none is infinite") {
  double out = 1e-300, in = 1e300;
  for (int n = 1; n <= 11; ++n) {
    out *= leap(n);
    in /= leap(n);
    CHECK(leap(n) >= 10);
  }
  CHECK(out > 1);
  CHECK(in < 1);
  CHECK(std::isfinite(leap(1000)));
  CHECK(leap(3) == 10);
}

TEST_CASE("the middle of ends that lie far apart is the geometric one, of others the arithmetic one") {
  CHECK(middle(1, 3) == 2);
  CHECK(middle(0, 8) == 4);
  CHECK(middle(1, 1e4) == Approx(100));
  CHECK(middle(1e-300, 1e300) == Approx(1));
}
