#include "surefoot/steps/spectral.hpp"

#include "catch.hpp"
#include "support/quadratic_walk.hpp"

using namespace surefoot;

TEST_CASE("the two lengths of a pair are s·s / s·y and s·y / y·y, their ratio is short over long") {
  constexpr unsigned seed = 501;
  std::mt19937 random(seed);
  for (int round = 0; round < 200; ++round) {
    QuadraticWalk walk = QuadraticWalk::random(random, 6, 1e4);
    const Spectral seen = spectral(walk.go(1e-3));
    INFO("seed " << seed << ", round " << round);
    CHECK(seen.curved);
    CHECK(seen.long_step == Approx(walk.long_step()).epsilon(1e-13));
    CHECK(seen.short_step == Approx(walk.short_step()).epsilon(1e-13));
    CHECK(seen.ratio == Approx(walk.ratio()).epsilon(1e-13));
    CHECK(seen.short_step <= seen.long_step * (1 + 1e-15));
  }
}

TEST_CASE("a pair without positive curvature gives substitutes: |s|/|y|, or four steps where nothing changed") {
  for (double cosine : {0.0, -1e-300, -0.5, -1.0}) {
    const Spectral seen = spectral({.step = 7, .displacement = 3, .gradient_change = 2, .cosine = cosine});
    CHECK_FALSE(seen.curved);
    CHECK(seen.long_step == 1.5);
    CHECK(seen.short_step == 1.5);
  }
  for (const auto& [s, y] : {std::pair(0.0, 1.0), std::pair(1.0, 0.0), std::pair(0.0, 0.0)}) {
    const Spectral seen = spectral({.step = 7, .displacement = s, .gradient_change = y, .cosine = 1});
    CHECK_FALSE(seen.curved);
    CHECK(seen.long_step == 28);
    CHECK(seen.short_step == 28);
  }
}

TEST_CASE("the ratio of the two lengths keeps its digits where the lengths themselves over- or underflow") {
  const Spectral tiny = spectral({.step = 1, .displacement = 1e-200, .gradient_change = 1e200, .cosine = 0.5});
  CHECK(tiny.ratio == 0.25);
  CHECK(tiny.curved);
  const Spectral huge = spectral({.step = 1, .displacement = 1e200, .gradient_change = 1e-200, .cosine = 0.5});
  CHECK(huge.ratio == 0.25);
}

TEST_CASE("within reach is a factor of 1e10 from the step just taken, whatever its scale") {
  for (double last : {1e-280, 1.0, 1e280}) {
    const Move move{.step = last};
    CHECK(within_reach(3 * last, move) == 3 * last);
    CHECK(within_reach(0, move) == Approx(1e-10 * last));
    CHECK(within_reach(infinity, move) == Approx(1e10 * last));
  }
}
