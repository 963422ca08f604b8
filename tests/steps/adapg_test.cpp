#include "surefoot/steps/adapg.hpp"

#include "catch.hpp"
#include "steps/descend.hpp"

using namespace surefoot;

static_assert(StepRule<AdaPG>);
static_assert(AdaPG::role == Role::proposes);

TEST_CASE("adapg's step is the smaller of sqrt(1 + θ) t and t / 2 sqrt(t l (t c − 1)), computed from vectors") {
  constexpr unsigned seed = 861;
  std::mt19937 random(seed);
  std::normal_distribution<double> normal;
  int bounded = 0, grown = 0;
  for (int round = 0; round < 300; ++round) {
    const Vector s = test::random_vector(random, 5);
    const Vector curvatures = test::random_vector(random, 5).array().exp();
    const Vector y = curvatures.cwiseProduct(s);
    const double earlier = std::exp(normal(random)), t = std::exp(normal(random));
    AdaPG rule;
    rule.taken({.step = earlier, .displacement = 1, .gradient_change = 1, .cosine = 1});
    rule.taken(test::move_between(t, s, y, 0, 1, 1));
    const double l = s.dot(y) / s.dot(s), c = y.dot(y) / s.dot(y), excess = t * l * (t * c - 1);
    const double growth = t * std::sqrt(1 + t / earlier);
    const double curvature = excess > 0 ? t / (2 * std::sqrt(excess)) : infinity;
    INFO("seed " << seed << ", round " << round);
    CHECK(rule.first({}).step == Approx(std::min(growth, curvature)).epsilon(1e-10));
    ++(curvature < growth ? bounded : grown);
  }
  CHECK(bounded > 50);
  CHECK(grown > 50);
}

TEST_CASE("adapg's second step is at most sqrt 2 times the first") {
  AdaPG rule;
  rule.taken({.step = 3, .displacement = 1, .gradient_change = 1e-6, .cosine = 1});
  CHECK(rule.first({}).step == Approx(3 * std::sqrt(2)));
}

TEST_CASE("adapg's steps on a convex loss are at least the smaller of the last and 1/2L, and it arrives") {
  constexpr unsigned seed = 862;
  std::mt19937 random(seed);
  for (int round = 0; round < 10; ++round) {
    const Vector curvatures = (1.5 * test::random_vector(random, 8).array()).exp();
    const double largest = curvatures.maxCoeff();
    AdaPG rule;
    const auto run = test::descend(rule, test::bowl(curvatures), test::random_vector(random, 8), 1e-6 / largest, 3000);
    INFO("seed " << seed << ", round " << round << ", largest curvature " << largest);
    CHECK(run.losses.back() < 1e-10 * run.losses.front());
    for (std::size_t k = 1; k < run.steps.size() && run.losses[k] > 1e-200; ++k) {  // then squares underflow
      REQUIRE(run.steps[k] >= std::min(run.steps[k - 1], 0.5 / largest) * (1 - 1e-9));
    }
  }
}

TEST_CASE("adapg's steps stay positive and finite whatever it is told") {
  const double numbers[] = {0, 5e-324, 1e-300, 1e-10, 1, 1e10, 1e300, 1.7e308};
  for (double s : numbers) {
    for (double y : numbers) {
      for (double cosine : {-1.0, -1e-300, 0.0, 0.5, 1.0}) {
        for (double step : {1e-300, 1.0, 1e300}) {
          AdaPG rule;
          rule.taken({.step = 1, .displacement = 1, .gradient_change = 1, .cosine = 1});
          rule.taken({.step = step, .displacement = s, .gradient_change = y, .cosine = cosine});
          INFO("s " << s << ", y " << y << ", cosine " << cosine << ", step " << step);
          REQUIRE(rule.first({}).step > 0);
          REQUIRE(rule.first({}).step <= largest_step);
        }
      }
    }
  }
}

TEST_CASE("a rollback shortens adapg's step and lets its growth begin anew") {
  AdaPG rule;
  rule.taken({.step = 4, .displacement = 1, .gradient_change = 1, .cosine = 1});
  const double before = rule.first({}).step;
  rule.rolled_back(0.5);
  CHECK(rule.first({}).step == before / 2);
  rule.taken({.step = 1, .displacement = 1, .gradient_change = 0.1, .cosine = 1});
  CHECK(rule.first({}).step == Approx(std::sqrt(2)));
  CHECK(rule.first({}).with == Probe::none);
  CHECK(rule.learns() == Learns::pair);
  CHECK(needs_gradient_direction(rule));
}
