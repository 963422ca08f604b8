#include "surefoot/steps/polyak.hpp"

#include "catch.hpp"
#include "steps/descend.hpp"

using namespace surefoot;

static_assert(StepRule<Polyak> && StepRule<PolyakLevel>);
static_assert(Polyak::role == Role::proposes && PolyakLevel::role == Role::proposes);

TEST_CASE("Polyak's step is (f − f*) / |g|², from the objective's bound in the run's unit") {
  Polyak rule;
  rule.taken({.step = 1, .loss = 9});
  CHECK(rule.first({.loss = 7, .slope = -4, .lower_bound = 1}).step == 1.5);
  CHECK(rule.first({.loss = 7, .slope = -4, .lower_bound = 1}).step == 1.5);
  CHECK(rule.first({.loss = 7, .slope = -4, .lower_bound = 1}).with == Probe::none);
}

TEST_CASE("the parameter lower_bound is in the user's unit of loss and goes before the objective's own") {
  Polyak rule{.lower_bound = 3};
  rule.taken({.step = 1, .loss = 99});
  // The user's loss is 8 and |g|² 2; the run's unit 16 times smaller.
  CHECK(rule.first({.loss = 8 * 16, .slope = -2 * 16, .lower_bound = 0, .unit = 16}).step == 2.5);
}

TEST_CASE("with the least loss known Polyak's rule halves the distance on a parabola of one unknown") {
  // t = f / f'² = 1/(2c): w − t c w = w/2.
  Polyak rule{.lower_bound = 0};
  const auto run = test::descend(rule, test::bowl(Vector::Constant(1, 37)), Vector::Constant(1, 5), 1 / 74.0, 40);
  for (std::size_t k = 0; k + 1 < run.points.size(); ++k) {
    CHECK(run.points[k + 1][0] == Approx(run.points[k][0] / 2).epsilon(1e-12));
  }
}

TEST_CASE("with the least loss known each of Polyak's steps brings w nearer to the minimiser, by what he proved") {
  constexpr unsigned seed = 871;
  std::mt19937 random(seed);
  for (int round = 0; round < 20; ++round) {
    const Vector curvatures = (2 * test::random_vector(random, 6).array()).exp();
    Polyak rule{.lower_bound = 0};
    const auto run = test::descend(rule, test::bowl(curvatures), test::random_vector(random, 6), 1e-3, 100);
    for (std::size_t k = 1; k < run.steps.size(); ++k) {
      const double fall = run.losses[k] * run.losses[k] / run.gradients[k].squaredNorm();
      INFO("seed " << seed << ", round " << round << ", k " << k);
      REQUIRE(run.points[k + 1].squaredNorm() <= (run.points[k].squaredNorm() - fall) * (1 + 1e-9));
    }
  }
}

TEST_CASE("without any bound, or with one that the loss has reached, Polyak's rule is polyak-level") {
  constexpr unsigned seed = 872;
  std::mt19937 random(seed);
  const Vector curvatures = (test::random_vector(random, 6).array()).exp(), start = test::random_vector(random, 6);
  PolyakLevel level;
  Polyak unknown, refuted{.lower_bound = 1e9};
  const auto expected = test::descend(level, test::bowl(curvatures), start, 1e-2, 50);
  CHECK(test::descend(unknown, test::bowl(curvatures), start, 1e-2, 50).steps == expected.steps);
  CHECK(test::descend(refuted, test::bowl(curvatures), start, 1e-2, 50).steps == expected.steps);
  CHECK(unknown.learns() == Learns::loss);
  CHECK(level.learns() == Learns::loss);
}

TEST_CASE("polyak-level begins with the step that was taken before it") {
  for (double step : {1e-200, 0.3, 1e200}) {
    PolyakLevel rule;
    rule.taken({.step = step, .loss = 5});
    CHECK(rule.first({.loss = 5, .slope = -1e-3}).step == Approx(step));
    CHECK(rule.first({.loss = 5, .slope = -1e-3}).step == Approx(step));
  }
}

TEST_CASE("polyak-level's gap grows after a step that closed half of it, halves after a rise, and fades otherwise") {
  const auto gap_after = [](double loss) {
    PolyakLevel rule;
    rule.state.level = {.step = 1, .best = 10, .gap = 4};
    rule.first({.loss = 10, .slope = -1});
    rule.taken({.step = 4, .loss = loss});
    return rule.state.level.gap;
  };
  CHECK(gap_after(8) == Approx(6));
  CHECK(gap_after(9) == Approx(3.92));
  CHECK(gap_after(11) == Approx(1.96));
}

TEST_CASE("polyak-level's step leads from where it stands to the gap below the best loss") {
  PolyakLevel rule;
  rule.state.level = {.step = 1, .best = 10, .gap = 4};
  CHECK(rule.first({.loss = 12, .slope = -3}).step == Approx(2));  // (12 − 6) / 3
}

TEST_CASE("after a rollback Polyak's step is shorter by its factor, and twice as long with each new best loss") {
  Polyak rule{.lower_bound = 0};
  rule.taken({.step = 1, .loss = 8});
  const Ray ray{.loss = 8, .slope = -8};
  CHECK(rule.first(ray).step == 1);
  CHECK(rule.learns() == Learns::nothing);
  rule.rolled_back(0.25);
  CHECK(rule.first(ray).step == 0.25);
  CHECK(rule.learns() == Learns::loss);
  rule.taken({.step = 0.25, .loss = 8.5});
  CHECK(rule.first(ray).step == 0.25);  // no new best
  rule.taken({.step = 0.25, .loss = 7});
  CHECK(rule.first(ray).step == 0.5);
  rule.taken({.step = 0.5, .loss = 6});
  rule.first(ray);
  rule.taken({.step = 0.5, .loss = 5});
  CHECK(rule.first(ray).step == 1);
}

TEST_CASE("after a rollback polyak-level's step and its gap are shorter by the factor") {
  PolyakLevel rule;
  rule.taken({.step = 2, .loss = 8});
  const Ray ray{.loss = 8, .slope = -1};
  CHECK(rule.first(ray).step == 2);
  rule.rolled_back(0.5);
  rule.rolled_back(0.5);
  CHECK(rule.first(ray).step == 0.5);
  rule.taken({.step = 0.5, .loss = 7.9});
  CHECK(rule.state.level.gap == Approx(0.98 * 0.5));
}

TEST_CASE("polyak-level converges on a convex quadratic without knowing its least loss") {
  constexpr unsigned seed = 873;
  std::mt19937 random(seed);
  for (double shift : {0.0, 1e3, -1e3}) {
    const Vector curvatures = (test::random_vector(random, 6).array()).exp();
    const test::Function plain = test::bowl(curvatures);
    const test::Function f = [&](const Vector& w, Vector& gradient) { return plain(w, gradient) + shift; };
    PolyakLevel rule;
    const auto run = test::descend(rule, f, test::random_vector(random, 6), 1e-2, 1500);
    INFO("seed " << seed << ", shift " << shift);
    double least = infinity;
    for (double loss : run.losses) least = std::min(least, loss - shift);
    CHECK(least < 1e-6 * (run.losses.front() - shift));
  }
}

TEST_CASE("Polyak's steps stay positive and finite, and within 1e10 of the last") {
  for (double fall : {-1.0, 0.0, 1e-300, 1.0, 1e300}) {
    for (double slope : {-1e-300, -1.0, -1e300}) {
      for (double step : {1e-300, 1.0, 1e300}) {
        for (double bound : {0.0, -infinity}) {
          Polyak rule;
          rule.taken({.step = step, .loss = 0.5});
          const double found = rule.first({.loss = fall, .slope = slope, .lower_bound = bound}).step;
          INFO("fall " << fall << ", slope " << slope << ", step " << step << ", bound " << bound);
          CHECK(found > 0);
          CHECK(found <= largest_step);
          CHECK(found >= 0.99e-10 * step);
        }
      }
    }
  }
}

TEST_CASE("other coordinates make Polyak's rules forget their level") {
  PolyakLevel level;
  level.taken({.step = 2, .loss = 8});
  level.first({.loss = 8, .slope = -1});
  level.restarted({.natural_step = 0.5});
  CHECK(level.first({.loss = 3, .slope = -7}).step == Approx(0.5));
  Polyak rule;
  rule.taken({.step = 2, .loss = 8});
  rule.first({.loss = 8, .slope = -1});
  rule.restarted({});
  CHECK(rule.first({.loss = 3, .slope = -7}).step == Approx(2));
}
