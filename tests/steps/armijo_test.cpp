#include "surefoot/steps/armijo.hpp"

#include "catch.hpp"
#include "support/ray_driver.hpp"

using namespace surefoot;

static_assert(StepRule<Armijo>);
static_assert(Armijo::role == Role::shrinks);

TEST_CASE("Armijo takes only steps that keep its inequality, from first steps 1e-300 to 1e300") {
  constexpr unsigned seed = 11;
  std::mt19937 random(seed);
  for (int round = 0; round < 400; ++round) {
    const Curve curve = random_curve(random);
    const Ray ray = curve.ray();
    for (double c : {1e-4, 0.1, 0.4}) {
      for (double first : first_steps(curve.size)) {
        Armijo rule{.sufficient_decrease = c};
        rule.state.step = first;
        const Search found = search(rule, curve, ray);
        INFO(curve.name << " of size " << curve.size << ", seed " << seed << ", round " << round << ", c " << c
                        << ", first step " << first << ", trials " << found.trials());
        REQUIRE(found.end == Search::End::taken);
        const Trial& taken = found.last();
        REQUIRE(taken.finite());
        if (nearly_equal(taken.loss, ray.loss)) {
          REQUIRE(taken.slope <= (2 * c - 1) * 0.9 * ray.slope);
        } else {
          REQUIRE(taken.loss <= ray.loss + c * taken.step * ray.slope);
        }
        // Each refusal halves the step at least, so their number is bounded by the way that it had to come.
        REQUIRE(found.trials() <= 1.001 + std::log2(first / taken.step));
      }
    }
  }
}

TEST_CASE("Armijo takes a first step that is good at once, at the cost of one trial") {
  Armijo rule;
  rule.state.step = 1.5;
  CHECK(search(rule, parabola(), parabola().ray()).trials() == 1);
}

TEST_CASE("Armijo's next first try is longer by its growth after a step that was taken at once, else the same") {
  Armijo rule{.growth = 4};
  rule.taken({.step = 0.5, .trials = 1});
  CHECK(rule.first({}).step == 2);
  rule.taken({.step = 0.5, .trials = 2});
  CHECK(rule.first({}).step == 0.5);
  Armijo keeping{.growth = 1};
  keeping.taken({.step = 0.5, .trials = 1});
  CHECK(keeping.first({}).step == 0.5);
}

TEST_CASE("Armijo asks for a loss and begins with the direction's natural step, where it has one") {
  Armijo rule;
  rule.state.step = 0.3;
  CHECK(rule.first({.natural_step = 1}).step == 1);
  CHECK(rule.first({}).step == 0.3);
  CHECK(rule.first({}).with == Probe::loss);
  CHECK(probes(rule) == Probe::loss);
}

TEST_CASE("Armijo asked twice for its first step gives the same") {
  Armijo rule;
  rule.state.step = 0.7;
  const double once = rule.first({}).step;
  CHECK(rule.first({}).step == once);
  search(rule, parabola(0.01), parabola(0.01).ray());  // refusals in between leave no trace
  CHECK(rule.first({}).step == once);
}

TEST_CASE("a rollback shortens Armijo's step by the factor, and a search forgets the last one's refusals") {
  Armijo rule;
  rule.state.step = 8;
  rule.rolled_back(0.25);
  CHECK(rule.first({}).step == 2);
  const Curve curve = parabola();
  rule.judge(curve.ray(), probe(curve, curve.ray(), {9, Probe::loss}, 1));
  CHECK(rule.state.backtrack.older_step == 9);
  rule.first(curve.ray());
  CHECK(rule.state.backtrack.older_step == 0);
}

TEST_CASE("a copy of Armijo in the middle of a search goes its own way") {
  const Curve curve = parabola();
  Armijo rule;
  rule.state.step = 50;
  rule.first(curve.ray());
  rule.judge(curve.ray(), probe(curve, curve.ray(), {50, Probe::loss}, 1));
  Armijo copy = rule;
  copy.taken({.step = 1, .trials = 2});
  copy.rolled_back(0.5);
  CHECK(copy.state.step == 0.5);
  CHECK(rule.state.step == 50);
  CHECK(rule.state.backtrack.older_step == 50);
}

TEST_CASE("Armijo's parameters out of their ranges are refused by name, value and range") {
  for (double wrong : {0.0, -1e-4, 0.5, 2.0, not_a_number, infinity}) {
    CHECK_THROWS_WITH(validate_rule(Armijo{.sufficient_decrease = wrong}),
                      "sufficient_decrease = " + number(wrong) + " of armijo is out of range: it must be in (0, 0.5)");
  }
  for (double wrong : {0.0, 0.99, -1.0, not_a_number, infinity}) {
    CHECK_THROWS_WITH(validate_rule(Armijo{.growth = wrong}),
                      "growth = " + number(wrong) + " of armijo is out of range: it must be >= 1");
  }
  CHECK_NOTHROW(validate_rule(Armijo{.sufficient_decrease = 0.49, .growth = 1}));
}
