#include "surefoot/steps/fixed.hpp"

#include <stdexcept>

#include "catch.hpp"
#include "support/ray_driver.hpp"

using namespace surefoot;

static_assert(StepRule<Fixed>);

TEST_CASE("a fixed step is asked for on every ray, whatever came of it, and needs no probe") {
  Fixed rule{.step = 0.25};
  std::mt19937 random(1);
  for (int k = 0; k < 50; ++k) {
    const Curve curve = random_curve(random);
    const Ask ask = rule.first(curve.ray(k));
    CHECK(ask.step == 0.25);
    CHECK(ask.with == Probe::none);
    CHECK(rule.judge(curve.ray(k), probe(curve, curve.ray(k), ask, 1)).action == Verdict::Action::take);
    rule.taken({.step = 0.25, .loss = 1});
  }
}

TEST_CASE("a fixed step without a step of its own keeps the first one that it is told was taken") {
  Fixed rule;
  CHECK(std::isnan(rule.given_step()));
  rule.taken({.step = 3});
  CHECK(rule.first({}).step == 3);
  rule.taken({.step = 0.5});  // the monitor's cap shortened one: what was given stays
  CHECK(rule.first({}).step == 3);
}

TEST_CASE("a fixed step takes the direction's natural step where it has none of its own") {
  Fixed rule;
  CHECK(rule.first({.natural_step = 1}).step == 1);
  rule.step = 0.1;
  CHECK(rule.first({.natural_step = 1}).step == 0.1);
  CHECK(rule.given_step() == 0.1);
}

TEST_CASE("a rollback leaves a fixed step alone, since the monitor's cap holds it") {
  Fixed rule{.step = 2};
  rule.rolled_back(0.5);
  rule.restarted({});
  CHECK(rule.first({}).step == 2);
  CHECK_FALSE(rule.adapts());
  CHECK(rule.learns() == Learns::nothing);
  CHECK(probes(rule) == Probe::none);
}

TEST_CASE("a fixed step that is not positive and finite is refused by name, value and range") {
  for (double wrong : {0.0, -1.0, not_a_number, infinity, -infinity}) {
    CHECK_THROWS_WITH(validate_rule(Fixed{.step = wrong}),
                      "step = " + number(wrong) + " of fixed is out of range: it must be in [1e-300, 1e+300]");
  }
  CHECK_NOTHROW(validate_rule(Fixed{}));
  CHECK_NOTHROW(validate_rule(Fixed{.step = 1e-300}));
}
