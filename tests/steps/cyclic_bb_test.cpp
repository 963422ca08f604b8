#include "surefoot/steps/cyclic_bb.hpp"

#include "catch.hpp"
#include "support/quadratic_walk.hpp"
#include "surefoot/steps/barzilai_borwein.hpp"

using namespace surefoot;

static_assert(StepRule<CyclicBB>);
static_assert(CyclicBB::role == Role::proposes);

namespace {

double next(CyclicBB& rule, const Move& move) {
  rule.taken(move);
  return rule.first({}).step;
}

}  // namespace

TEST_CASE("the cyclic rule takes the long step of the last pair and keeps it for `cycle` steps") {
  constexpr unsigned seed = 521;
  for (int cycle : {1, 2, 4, 7}) {
    std::mt19937 random(seed);
    QuadraticWalk walk = QuadraticWalk::random(random, 6, 100);
    CyclicBB rule{.cycle = cycle};
    rule.taken(walk.go(1e-2));
    double expected = walk.long_step();
    for (int k = 0; k < 60; ++k) {
      INFO("cycle " << cycle << ", seed " << seed << ", step " << k);
      REQUIRE(rule.first({}).step == Approx(expected).epsilon(1e-12));
      rule.taken(walk.go(rule.first({}).step));
      if ((k + 1) % cycle == 0) expected = walk.long_step();
    }
  }
}

TEST_CASE("a kept step is the same to the last bit") {
  CyclicBB rule{.cycle = 4};
  const double step = next(rule, pair_of(0.3, 0.1));
  for (int k = 0; k < 3; ++k) CHECK(next(rule, pair_of(5, 0.2, step)) == step);
  CHECK(next(rule, pair_of(5, 0.2, step)) == Approx(5));
}

TEST_CASE("every cyclic step lies between a quadratic's smallest and largest inverse curvature") {
  constexpr unsigned seed = 522;
  std::mt19937 random(seed);
  for (int round = 0; round < 50; ++round) {
    QuadraticWalk walk = QuadraticWalk::random(random, 6, 1e3);
    CyclicBB rule;
    rule.state.step = 1e-3;
    for (int k = 0; k < 60; ++k) {
      rule.taken(walk.go(rule.first({}).step));
      INFO("seed " << seed << ", round " << round << ", k " << k);
      REQUIRE(rule.first({}).step >= 1e-3 * (1 - 1e-12));
      REQUIRE(rule.first({}).step <= 1 + 1e-12);
    }
  }
}

TEST_CASE("a cycle of one step is bb1, bit for bit") {
  constexpr unsigned seed = 523;
  std::mt19937 random(seed);
  QuadraticWalk walk = QuadraticWalk::random(random, 6, 100);
  CyclicBB rule{.cycle = 1};
  BarzilaiBorwein bb1;
  rule.state.step = 1e-2;
  for (int k = 0; k < 60; ++k) {
    const Move move = walk.go(rule.first({}).step);
    rule.taken(move);
    bb1.taken(move);
    REQUIRE(rule.first({}).step == bb1.first({}).step);
  }
}

TEST_CASE("a step that a judge shortened ends its cycle: the pair gives a new one") {
  CyclicBB rule{.cycle = 4};
  CHECK(next(rule, pair_of(2, 1)) == Approx(2));
  CHECK(next(rule, pair_of(0.25, 0.125, 0.5)) == Approx(0.25));
  for (int k = 0; k < 3; ++k) CHECK(next(rule, pair_of(9, 1, rule.first({}).step)) == Approx(0.25));
  CHECK(next(rule, pair_of(9, 1, rule.first({}).step)) == Approx(9));
}

TEST_CASE("the cyclic rule uses a substitute for one step only") {
  CyclicBB rule{.cycle = 4};
  CHECK(next(rule, {.step = 1, .displacement = 3, .gradient_change = 2, .cosine = -0.7}) == 1.5);
  CHECK(next(rule, {.step = 1.5, .displacement = 1, .gradient_change = 0, .cosine = 0}) == 6);
  CHECK(next(rule, {.step = 6, .displacement = 0, .gradient_change = 1, .cosine = 0}) == 24);
  CHECK(next(rule, pair_of(0.5, 0.25, 24)) == Approx(0.5));
  CHECK(next(rule, {.step = 0.5, .displacement = 3, .gradient_change = 2, .cosine = -0.7}) == Approx(0.5));
}

TEST_CASE("cyclic steps know no scale: in other units of loss and weights a run is the same, bit for bit") {
  constexpr unsigned seed = 524;
  for (int loss : {-332, 332}) {  // 2^332 is 1e100; powers of two, so that scaling does not round
    for (int weights : {-166, 0, 166}) {
      std::mt19937 random(seed);
      QuadraticWalk plain = QuadraticWalk::random(random, 6, 30);
      QuadraticWalk other = plain.scaled(std::ldexp(1.0, loss), std::ldexp(1.0, weights));
      const double unit = std::ldexp(1.0, 2 * weights - loss);  // of steps
      CyclicBB one, two;
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

TEST_CASE("whatever pair it is told, a cyclic step stays positive and finite") {
  const double numbers[] = {0, 5e-324, 1e-200, 1e-10, 1, 1e10, 1e200, 1.7e308};
  for (double s : numbers) {
    for (double y : numbers) {
      for (double cosine : {-1.0, -1e-300, 0.0, 1e-300, 0.5, 1.0}) {
        for (double step : {1e-290, 1.0, 1e290}) {
          CyclicBB rule;
          const double found = next(rule, {.step = step, .displacement = s, .gradient_change = y, .cosine = cosine});
          INFO("s " << s << ", y " << y << ", cosine " << cosine << ", step " << step);
          REQUIRE(found >= 1e-10 * step);
          REQUIRE(found <= 1e10 * step);
        }
      }
    }
  }
}

TEST_CASE("a rollback shortens the cyclic step for the rest of its cycle, and other coordinates end the cycle") {
  CyclicBB rule{.cycle = 3};
  const double step = next(rule, pair_of(2, 1));
  next(rule, pair_of(7, 1, step));  // the second of the cycle comes next
  rule.rolled_back(0.25);
  CHECK(rule.first({}).step == step / 4);
  CHECK(next(rule, pair_of(7, 1, step / 4)) == step / 4);
  CHECK(next(rule, pair_of(7, 1, step / 4)) == Approx(7));
  rule.restarted({});
  CHECK(rule.first({}).step == Approx(7));
  CHECK(next(rule, pair_of(3, 1, 7)) == Approx(3));
  rule.restarted({.natural_step = 0.1});
  CHECK(rule.first({}).step == 0.1);
}

TEST_CASE("a cyclic rule resumed from its written state goes on bit for bit") {
  constexpr unsigned seed = 525;
  std::mt19937 random(seed);
  QuadraticWalk walk = QuadraticWalk::random(random, 6, 100);
  CyclicBB rule;
  rule.state.step = 1e-2;
  for (int k = 0; k < 30; ++k) {
    CyclicBB resumed;
    resume_state(resumed, write_state(rule));
    const Move move = walk.go(rule.first({}).step);
    rule.taken(move);
    resumed.taken(move);
    REQUIRE(write_state(resumed) == write_state(rule));
  }
}

TEST_CASE("a cyclic rule takes what it asked for, without a probe, and learns from pairs") {
  CyclicBB rule;
  rule.state.step = 3;
  CHECK(rule.first({}).step == 3);
  CHECK(rule.first({}).step == 3);
  CHECK(rule.first({}).with == Probe::none);
  CHECK(rule.judge({}, {.step = 3, .loss = 1e9}).action == Verdict::Action::take);
  CHECK(rule.learns() == Learns::pair);
  CHECK(probes(rule) == Probe::none);
  CHECK(needs_gradient_direction(rule));
}

TEST_CASE("a cycle out of its range is refused by name, value and range") {
  CHECK_THROWS_WITH(validate_rule(CyclicBB{.cycle = 0}),
                    "cycle = 0 of cyclic-bb is out of range: it must be in [1, 10000]");
}
