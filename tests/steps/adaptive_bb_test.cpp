#include "surefoot/steps/adaptive_bb.hpp"

#include <algorithm>

#include "catch.hpp"
#include "support/allocations.hpp"
#include "support/quadratic_walk.hpp"

using namespace surefoot;
using Form = AdaptiveBB::Form;

static_assert(StepRule<AdaptiveBB>);
static_assert(AdaptiveBB::role == Role::proposes);

namespace {

constexpr Form forms[] = {Form::plain, Form::shortest, Form::variable};

/// Feeds a pair and gives the step that follows.
double next(AdaptiveBB& rule, const Move& move) {
  rule.taken(move);
  return rule.first({}).step;
}

/// Pairs of random lengths, short <= long, within a factor 1e5 of each other.
std::vector<std::pair<double, double>> random_lengths(std::mt19937& random, int count) {
  std::uniform_real_distribution<double> uniform(0, 1);
  std::vector<std::pair<double, double>> lengths;
  for (int i = 0; i < count; ++i) {
    const double long_step = std::pow(10, 4 * uniform(random) - 2);
    lengths.emplace_back(long_step, long_step * uniform(random));
  }
  return lengths;
}

/// The shortest short step of the last `memory` up to and including pair i.
double shortest_of_last(const std::vector<std::pair<double, double>>& lengths, std::size_t i, int memory) {
  double found = infinity;
  for (std::size_t j = i + 1; j-- > 0 && i - j < static_cast<std::size_t>(memory);) {
    found = std::min(found, lengths[j].second);
  }
  return found;
}

}  // namespace

TEST_CASE("every adaptive Barzilai–Borwein step lies between a quadratic's smallest and largest inverse curvature") {
  constexpr unsigned seed = 511;
  for (Form form : forms) {
    std::mt19937 random(seed);
    for (int round = 0; round < 50; ++round) {
      QuadraticWalk walk = QuadraticWalk::random(random, 6, 1e4);
      AdaptiveBB rule{.form = form};
      rule.state.step = 1e-4;
      for (int k = 0; k < 60; ++k) {
        rule.taken(walk.go(rule.first({}).step));
        INFO("form " << static_cast<int>(form) << ", seed " << seed << ", round " << round << ", k " << k);
        REQUIRE(rule.first({}).step >= 1e-4 * (1 - 1e-12));
        REQUIRE(rule.first({}).step <= 1 + 1e-12);
      }
    }
  }
}

TEST_CASE("abb takes the short step exactly where it is shorter than the threshold times the long one") {
  constexpr unsigned seed = 512;
  for (double threshold : {0.1, 0.5, 0.9}) {
    std::mt19937 random(seed);
    AdaptiveBB rule{.form = Form::plain, .threshold = threshold};
    rule.state.step = 1e-3;
    QuadraticWalk walk = QuadraticWalk::random(random, 8, 1e3);
    int shorts = 0;
    for (int k = 0; k < 150; ++k) {
      rule.taken(walk.go(rule.first({}).step));
      const bool is_short = walk.short_step() < threshold * walk.long_step();
      shorts += is_short;
      INFO("threshold " << threshold << ", seed " << seed << ", k " << k);
      REQUIRE(rule.first({}).step == Approx(is_short ? walk.short_step() : walk.long_step()).epsilon(1e-12));
    }
    CHECK(shorts > 0);
    CHECK(shorts < 150);
  }
}

TEST_CASE("abbmin1 takes the shortest of the last short steps, this pair's included, where abb takes a short one") {
  constexpr unsigned seed = 513;
  for (int memory : {1, 2, 5, 10}) {
    std::mt19937 random(seed);
    const auto lengths = random_lengths(random, 200);
    AdaptiveBB rule{.form = Form::shortest, .memory = memory};
    for (std::size_t i = 0; i < lengths.size(); ++i) {
      const auto& [long_step, short_step] = lengths[i];
      const bool is_short = short_step < 0.5 * long_step;
      INFO("memory " << memory << ", seed " << seed << ", pair " << i);
      REQUIRE(next(rule, pair_of(long_step, short_step)) ==
              Approx(is_short ? shortest_of_last(lengths, i, memory) : long_step).epsilon(1e-12));
    }
  }
}

TEST_CASE("the threshold of abb-variable falls by a tenth after a short step and rises by a tenth after a long one") {
  constexpr unsigned seed = 514;
  std::mt19937 random(seed);
  const auto lengths = random_lengths(random, 300);
  AdaptiveBB rule;
  double threshold = 0.5;
  int shorts = 0;
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    const auto& [long_step, short_step] = lengths[i];
    const bool is_short = short_step <= threshold * long_step;
    INFO("seed " << seed << ", pair " << i);
    REQUIRE(next(rule, pair_of(long_step, short_step)) ==
            Approx(is_short ? shortest_of_last(lengths, i, 3) : long_step).epsilon(1e-12));
    threshold *= is_short ? 0.9 : 1.1;
    REQUIRE(rule.state.threshold == Approx(threshold).epsilon(1e-12));
    shorts += is_short;
  }
  CHECK(shorts > 50);
  CHECK(shorts < 250);
}

TEST_CASE("whatever it sees, the threshold of abb-variable stays below 1.1, where every pair would be short") {
  AdaptiveBB rule;
  for (int k = 0; k < 100; ++k) {
    next(rule, pair_of(1, 1));  // one curvature: long and short agree
    CHECK(rule.state.threshold <= 1.1);
    CHECK(rule.first({}).step == Approx(1));
  }
}

TEST_CASE("a pair of negative curvature leaves memory and threshold of the adaptive forms as they are") {
  for (Form form : {Form::shortest, Form::variable}) {
    AdaptiveBB rule{.form = form};
    next(rule, pair_of(1, 0.125));
    const double threshold = rule.state.threshold;
    CHECK(next(rule, {.step = 1, .displacement = 3, .gradient_change = 2, .cosine = -0.7}) == 1.5);
    CHECK(next(rule, {.step = 1, .displacement = 3, .gradient_change = 0, .cosine = 0}) == 4);
    CHECK(next(rule, {.step = 1, .displacement = 0, .gradient_change = 3, .cosine = 0}) == 4);
    CHECK(rule.state.threshold == threshold);
    CHECK(next(rule, pair_of(1, 0.25)) == Approx(0.125));  // the first pair's short step is still remembered
  }
}

TEST_CASE("negative curvature and no change give abb the substitutes of the family") {
  AdaptiveBB rule{.form = Form::plain};
  CHECK(next(rule, {.step = 1, .displacement = 3, .gradient_change = 2, .cosine = -1}) == 1.5);
  CHECK(next(rule, {.step = 0.5, .displacement = 1, .gradient_change = 0, .cosine = 0}) == 2);
  CHECK(next(rule, {.step = 0.5, .displacement = 0, .gradient_change = 1, .cosine = 0}) == 2);
}

TEST_CASE("adaptive steps know no scale: in other units of loss and weights a run is the same, bit for bit") {
  constexpr unsigned seed = 515;
  for (Form form : forms) {
    for (int loss : {-332, 332}) {  // 2^332 is 1e100; powers of two, so that scaling does not round
      for (int weights : {-166, 0, 166}) {
        std::mt19937 random(seed);
        QuadraticWalk plain = QuadraticWalk::random(random, 6, 100);
        QuadraticWalk other = plain.scaled(std::ldexp(1.0, loss), std::ldexp(1.0, weights));
        const double unit = std::ldexp(1.0, 2 * weights - loss);  // of steps
        AdaptiveBB one{.form = form}, two{.form = form};
        one.state.step = 1e-2;
        two.state.step = 1e-2 * unit;
        for (int k = 0; k < 40; ++k) {
          one.taken(plain.go(one.first({}).step));
          two.taken(other.go(two.first({}).step));
          INFO("form " << static_cast<int>(form) << ", seed " << seed << ", loss 2^" << loss << ", w 2^" << weights);
          REQUIRE(two.first({}).step == one.first({}).step * unit);
        }
      }
    }
  }
}

TEST_CASE("whatever pairs it is told, in whatever order, an adaptive step stays positive and finite") {
  const double numbers[] = {0, 5e-324, 1e-200, 1e-10, 1, 1e10, 1e200, 1.7e308};
  for (Form form : forms) {
    AdaptiveBB rule{.form = form};
    for (double s : numbers) {
      for (double y : numbers) {
        for (double cosine : {-1.0, -1e-300, 0.0, 1e-300, 0.5, 1.0}) {
          for (double step : {1e-290, 1.0, 1e290}) {
            const double found = next(rule, {.step = step, .displacement = s, .gradient_change = y, .cosine = cosine});
            INFO("s " << s << ", y " << y << ", cosine " << cosine << ", step " << step);
            REQUIRE(found >= 1e-10 * step);
            REQUIRE(found <= 1e10 * step);
          }
        }
      }
    }
  }
}

TEST_CASE("a pair whose lengths underflow shortens an adaptive step by 1e10 once, not as long as it is remembered") {
  for (Form form : {Form::shortest, Form::variable}) {
    AdaptiveBB rule{.form = form};
    CHECK(next(rule, {.step = 1, .displacement = 1e-200, .gradient_change = 1e200, .cosine = 0.1}) == Approx(1e-10));
    CHECK(next(rule, pair_of(1, 0.125, 1e-10)) == Approx(1e-10));  // not 1e-20
  }
}

TEST_CASE("a rollback shortens an adaptive step and forgets short steps and threshold of the path that was undone") {
  for (Form form : forms) {
    AdaptiveBB rule{.form = form};
    next(rule, pair_of(1, 1e-3));
    const double before = next(rule, pair_of(8, 1));
    rule.rolled_back(0.25);
    CHECK(rule.first({}).step == before * 0.25);
    AdaptiveBB fresh{.form = form};
    CHECK(next(rule, pair_of(1, 0.125)) == next(fresh, pair_of(1, 0.125)));
    CHECK(next(rule, pair_of(1, 0.6)) == next(fresh, pair_of(1, 0.6)));
  }
}

TEST_CASE("other coordinates give an adaptive rule a new step and a new memory") {
  AdaptiveBB rule{.form = Form::shortest};
  next(rule, pair_of(1, 1e-3));
  rule.restarted({});
  CHECK(rule.first({}).step == Approx(1e-3));
  CHECK(next(rule, pair_of(1, 0.25)) == Approx(0.25));
  rule.restarted({.natural_step = 0.1});
  CHECK(rule.first({}).step == 0.1);
}

TEST_CASE("an adaptive rule resumed from its written state goes on bit for bit") {
  constexpr unsigned seed = 516;
  for (Form form : forms) {
    std::mt19937 random(seed);
    QuadraticWalk walk = QuadraticWalk::random(random, 6, 1e3);
    AdaptiveBB rule{.form = form};
    rule.state.step = 1e-3;
    for (int k = 0; k < 40; ++k) {
      AdaptiveBB resumed{.form = form};
      resume_state(resumed, write_state(rule));
      const Move move = walk.go(rule.first({}).step);
      rule.taken(move);
      resumed.taken(move);
      INFO("form " << static_cast<int>(form) << ", seed " << seed << ", k " << k);
      REQUIRE(resumed.first({}).step == rule.first({}).step);
      REQUIRE(write_state(resumed) == write_state(rule));
    }
  }
}

TEST_CASE("an adaptive rule allocates nothing after its first pair") {
  if (!allocations_are_counted()) return;
  for (Form form : forms) {
    AdaptiveBB rule{.form = form, .memory = 50};
    rule.taken(pair_of(1, 0.1));
    const long before = allocations();
    for (int k = 0; k < 200; ++k) rule.taken(pair_of(1, 0.1 + 1e-3 * k));
    rule.rolled_back(0.5);
    for (int k = 0; k < 200; ++k) rule.taken(pair_of(1, 0.1 + 1e-3 * k));
    const long made = allocations() - before;
    CHECK(made == 0);
  }
}

TEST_CASE("adaptive steps converge in 500 iterations on a quadratic that would take a constant step 10,000") {
  constexpr unsigned seed = 517;
  for (Form form : forms) {
    std::mt19937 random(seed);
    QuadraticWalk walk = QuadraticWalk::random(random, 20, 1e3);
    AdaptiveBB rule{.form = form};
    rule.state.step = 1e-3;
    const double start = walk.gradient_norm();
    for (int k = 0; k < 500; ++k) rule.taken(walk.go(rule.first({}).step));
    INFO("form " << static_cast<int>(form) << ", seed " << seed);
    CHECK(walk.gradient_norm() < 1e-9 * start);  // constant steps: (1 − 2/1001)^10,000 = 2e-9
  }
}

TEST_CASE("an adaptive rule takes what it asked for, without a probe, and learns from pairs") {
  AdaptiveBB rule;
  rule.state.step = 3;
  CHECK(rule.first({}).step == 3);
  CHECK(rule.first({}).step == 3);
  CHECK(rule.first({}).with == Probe::none);
  CHECK(rule.judge({}, {.step = 3, .loss = 1e9}).action == Verdict::Action::take);
  CHECK(rule.learns() == Learns::pair);
  CHECK(probes(rule) == Probe::none);
  CHECK(needs_gradient_direction(rule));
}

TEST_CASE("each adaptive form has the parameters that it uses, with its own memory") {
  const auto names = [](const AdaptiveBB& rule) {
    std::vector<std::string> found;
    for (const Parameter& parameter : list_parameters(rule)) found.push_back(parameter.name + "=" + parameter.value);
    return found;
  };
  CHECK(names({.form = Form::plain}) == std::vector<std::string>{"threshold=0.5"});
  CHECK(names({.form = Form::shortest}) == std::vector<std::string>{"threshold=0.5", "memory=5"});
  CHECK(names({.form = Form::variable}) ==
        std::vector<std::string>{"threshold=0.5", "memory=3", "tightened=0.9", "widened=1.1"});
}

TEST_CASE("parameters of the adaptive forms out of their ranges are refused by name, value and range") {
  CHECK_THROWS_WITH(validate_rule(AdaptiveBB{.threshold = 1}),
                    "threshold = 1 of abb is out of range: it must be in (0, 1)");
  CHECK_THROWS_WITH(validate_rule(AdaptiveBB{.memory = 0}),
                    "memory = 0 of abb is out of range: it must be in [1, 10000]");
  CHECK_THROWS_WITH(validate_rule(AdaptiveBB{.tightened = 1}),
                    "tightened = 1 of abb is out of range: it must be in (0, 1)");
  CHECK_THROWS_WITH(validate_rule(AdaptiveBB{.widened = 1}), "widened = 1 of abb is out of range: it must be > 1");
}
