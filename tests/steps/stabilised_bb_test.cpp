#include "surefoot/steps/stabilised_bb.hpp"

#include <algorithm>

#include "catch.hpp"
#include "support/quadratic_walk.hpp"
#include "surefoot/steps/barzilai_borwein.hpp"

using namespace surefoot;

static_assert(StepRule<StabilisedBB>);
static_assert(StabilisedBB::role == Role::proposes);

namespace {

/// A pair whose long step is `long_step`, after which the gradient's norm is `gradient_norm`.
Move moved(double displacement, double long_step, double gradient_norm) {
  return {.step = 1,
          .displacement = displacement,
          .gradient_change = displacement / long_step,
          .cosine = 1,
          .gradient_norm = gradient_norm};
}

double next(StabilisedBB& rule, const Move& move) {
  rule.taken(move);
  return rule.first({}).step;
}

/// One that has moved by 100 (the opening's step), then by 3, 2 and 5: Δ is formed from the shortest of these three.
StabilisedBB measured(double reach) {
  StabilisedBB rule{.reach = reach};
  for (double displacement : {100.0, 3.0, 2.0, 5.0}) rule.taken(moved(displacement, 1, 1));
  return rule;
}

}  // namespace

TEST_CASE("the stabilised step is the shorter of the long one and Δ/|g|, Δ from the first three long steps") {
  constexpr unsigned seed = 531;
  for (double reach : {0.2, 1.0, 2.0}) {
    std::mt19937 random(seed);
    QuadraticWalk walk = QuadraticWalk::random(random, 6, 1e3);
    StabilisedBB rule{.reach = reach};
    double shortest = infinity;
    int bounded = 0;
    for (int k = 0; k < 80; ++k) {
      const Move move = walk.go(k == 0 ? 1e-3 : rule.first({}).step);
      rule.taken(move);
      if (k >= 1 && k <= 3) shortest = std::min(shortest, move.displacement);
      const double longest = k >= 3 ? reach * shortest / walk.gradient_norm() : infinity;
      INFO("reach " << reach << ", seed " << seed << ", k " << k);
      REQUIRE(rule.first({}).step == Approx(std::min(walk.long_step(), longest)).epsilon(1e-12));
      bounded += longest < walk.long_step();
    }
    CHECK(bounded > 0);
    CHECK(bounded < 76);
  }
}

TEST_CASE("once three long steps are taken no stabilised step moves the weights by more than Δ") {
  constexpr unsigned seed = 532;
  std::mt19937 random(seed);
  for (int round = 0; round < 50; ++round) {
    QuadraticWalk walk = QuadraticWalk::random(random, 6, 1e4);
    StabilisedBB rule{.reach = 0.5};
    rule.state.step = 1e-4;
    double delta = infinity;
    for (int k = 0; k < 100; ++k) {
      const Move move = walk.go(rule.first({}).step);
      INFO("seed " << seed << ", round " << round << ", k " << k);
      if (k > 3) REQUIRE(move.displacement <= 0.5 * delta * (1 + 1e-12));
      if (k >= 1 && k <= 3) delta = std::min(delta, move.displacement);
      rule.taken(move);
      REQUIRE(rule.first({}).step <= 1 + 1e-12);  // the largest inverse curvature
    }
  }
}

TEST_CASE("the opening's step is none of those that Δ is formed from, nor is one that moved nothing") {
  CHECK(measured(1).limit() == 2);
  CHECK(measured(0.2).limit() == Approx(0.4));
  StabilisedBB rule{.reach = 1};
  for (double displacement : {0.0, 100.0, 3.0, 0.0, 2.0}) rule.taken(moved(displacement, 1, 1));
  CHECK(rule.limit() == infinity);
  rule.taken(moved(5, 1, 1));
  CHECK(rule.limit() == 2);
  rule.taken(moved(0.1, 1, 1));  // and none after the third
  CHECK(rule.limit() == 2);
}

TEST_CASE("with an endless reach the stabilised rule is bb1, bit for bit") {
  constexpr unsigned seed = 533;
  std::mt19937 random(seed);
  QuadraticWalk walk = QuadraticWalk::random(random, 6, 100);
  StabilisedBB rule{.reach = 1e300};
  BarzilaiBorwein bb1;
  rule.state.step = 1e-2;
  for (int k = 0; k < 60; ++k) {
    const Move move = walk.go(rule.first({}).step);
    rule.taken(move);
    bb1.taken(move);
    REQUIRE(rule.first({}).step == bb1.first({}).step);
  }
}

TEST_CASE("Δ holds where the gradient explodes, and for the substitutes too") {
  StabilisedBB rule = measured(1);  // Δ = 2
  CHECK(next(rule, moved(1, 1, 1e40)) == Approx(2e-40));
  CHECK(next(rule, {.step = 1, .displacement = 9, .gradient_change = 1, .cosine = -1, .gradient_norm = 1}) == 2);
  CHECK(next(rule, {.step = 1, .displacement = 3, .gradient_change = 2, .cosine = -1, .gradient_norm = 1}) == 1.5);
  CHECK(next(rule, {.step = 1, .displacement = 1, .gradient_change = 0, .cosine = 0, .gradient_norm = 4}) == 0.5);
  CHECK(next(rule, {.step = 1, .displacement = 0, .gradient_change = 0, .cosine = 0, .gradient_norm = 0.1}) == 4);
}

TEST_CASE("where |g| is 0 or not told the stabilised step is the long one") {
  for (double norm : {0.0, not_a_number}) {
    StabilisedBB rule = measured(1);
    CHECK(next(rule, moved(1, 30, norm)) == Approx(30));
  }
}

TEST_CASE("stabilised steps know no scale: in other units of loss and weights a run is the same, bit for bit") {
  constexpr unsigned seed = 534;
  for (int loss : {-332, 332}) {  // 2^332 is 1e100; powers of two, so that scaling does not round
    for (int weights : {-166, 0, 166}) {
      std::mt19937 random(seed);
      QuadraticWalk plain = QuadraticWalk::random(random, 6, 100);
      QuadraticWalk other = plain.scaled(std::ldexp(1.0, loss), std::ldexp(1.0, weights));
      const double unit = std::ldexp(1.0, 2 * weights - loss);  // of steps
      StabilisedBB one, two;
      one.state.step = 1e-2;
      two.state.step = 1e-2 * unit;
      for (int k = 0; k < 40; ++k) {
        one.taken(plain.go(one.first({}).step));
        two.taken(other.go(two.first({}).step));
        INFO("seed " << seed << ", loss x 2^" << loss << ", w x 2^" << weights << ", k " << k);
        REQUIRE(two.first({}).step == one.first({}).step * unit);
      }
    }
  }
}

TEST_CASE("whatever pairs it is told, in whatever order, a stabilised step stays positive and finite") {
  const double numbers[] = {0, 5e-324, 1e-200, 1e-10, 1, 1e10, 1e200, 1.7e308};
  for (double norm : numbers) {
    StabilisedBB rule;
    for (double s : numbers) {
      for (double y : numbers) {
        for (double cosine : {-1.0, -1e-300, 0.0, 1e-300, 0.5, 1.0}) {
          for (double step : {1e-290, 1.0, 1e290}) {
            const double found = next(
                rule, {.step = step, .displacement = s, .gradient_change = y, .cosine = cosine, .gradient_norm = norm});
            INFO("s " << s << ", y " << y << ", cosine " << cosine << ", step " << step << ", |g| " << norm);
            REQUIRE(found > 0);
            REQUIRE(found <= 1e10 * step);
          }
        }
      }
    }
  }
}

TEST_CASE("a rollback shortens the stabilised step; Δ stays once it is formed, and is measured anew before") {
  StabilisedBB rule = measured(1);
  const double before = rule.first({}).step;
  rule.rolled_back(0.25);
  CHECK(rule.first({}).step == before * 0.25);
  CHECK(rule.limit() == 2);

  StabilisedBB young{.reach = 1};
  for (double displacement : {100.0, 3.0, 0.01}) young.taken(moved(displacement, 1, 1));
  young.rolled_back(0.5);
  for (double displacement : {1.0, 7.0, 8.0, 9.0}) young.taken(moved(displacement, 1, 1));
  CHECK(young.limit() == 7);
}

TEST_CASE("other coordinates give the stabilised rule a new step and a new Δ") {
  StabilisedBB rule = measured(1);
  rule.restarted({});
  CHECK(rule.limit() == infinity);
  CHECK(next(rule, moved(1, 30, 1)) == Approx(30));
  rule.restarted({.natural_step = 0.1});
  CHECK(rule.first({}).step == 0.1);
}

TEST_CASE("a stabilised rule resumed from its written state goes on bit for bit") {
  constexpr unsigned seed = 535;
  std::mt19937 random(seed);
  QuadraticWalk walk = QuadraticWalk::random(random, 6, 100);
  StabilisedBB rule;
  rule.state.step = 1e-2;
  for (int k = 0; k < 30; ++k) {
    StabilisedBB resumed;
    resume_state(resumed, write_state(rule));
    const Move move = walk.go(rule.first({}).step);
    rule.taken(move);
    resumed.taken(move);
    REQUIRE(write_state(resumed) == write_state(rule));
  }
}

TEST_CASE("a stabilised rule takes what it asked for, without a probe, and learns from pairs") {
  StabilisedBB rule;
  rule.state.step = 3;
  CHECK(rule.first({}).step == 3);
  CHECK(rule.first({}).step == 3);
  CHECK(rule.first({}).with == Probe::none);
  CHECK(rule.judge({}, {.step = 3, .loss = 1e9}).action == Verdict::Action::take);
  CHECK(rule.learns() == Learns::pair);
  CHECK(probes(rule) == Probe::none);
  CHECK(needs_gradient_direction(rule));
}

TEST_CASE("a reach out of its range is refused by name, value and range") {
  CHECK_THROWS_WITH(validate_rule(StabilisedBB{.reach = 0}),
                    "reach = 0 of stabilised-bb is out of range: it must be > 0");
}
