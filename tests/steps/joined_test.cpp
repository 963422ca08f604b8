#include "surefoot/steps/joined.hpp"

#include "catch.hpp"
#include "support/ray_driver.hpp"
#include "surefoot/steps/armijo.hpp"
#include "surefoot/steps/barzilai_borwein.hpp"
#include "surefoot/steps/cauchy.hpp"
#include "surefoot/steps/fixed.hpp"
#include "surefoot/steps/grow.hpp"
#include "surefoot/steps/nonmonotone_armijo.hpp"
#include "surefoot/steps/weak_wolfe.hpp"

using namespace surefoot;

using Pair = Joined<BarzilaiBorwein, NonmonotoneArmijo>;
static_assert(StepRule<Pair>);

// What Joined's own static_assert asks: a judge that may lengthen a step would undo the proposer's.
static_assert(only_shrinks<Armijo>());
static_assert(only_shrinks<NonmonotoneArmijo>());
static_assert(!only_shrinks<WeakWolfe>());
static_assert(!only_shrinks<Grow>());
static_assert(!only_shrinks<Fixed>());
static_assert(!only_shrinks<BarzilaiBorwein>());
static_assert(!only_shrinks<Pair>());

namespace {

struct OwnJudge {  // a user's: says nothing of its role
  Ask first(const Ray&) { return {1, Probe::slope}; }
  Verdict judge(const Ray&, const Trial& trial) { return Verdict::retry({trial.step / 3, Probe::slope}); }
  void taken(const Move&) {}
  void rolled_back(double) {}
  void restarted(const Ray&) {}
  Learns learns() const { return Learns::nothing; }
};
static_assert(only_shrinks<OwnJudge>());

}  // namespace

TEST_CASE("a pair tries the proposer's step first, whatever the judge would have tried") {
  Joined rule{BarzilaiBorwein{}, Armijo{}};
  rule.proposer.state.step = 7;
  rule.judge_rule.state.step = 0.001;
  CHECK(rule.first({.loss = 1, .slope = -1}).step == 7);
  CHECK(rule.first({.loss = 1, .slope = -1}).step == 7);
}

TEST_CASE("a pair asks for the higher probe and learns the higher lesson of the two") {
  Joined rule{BarzilaiBorwein{}, Armijo{}};
  rule.proposer.state.step = 1;
  CHECK(rule.first({}).with == Probe::loss);
  CHECK(rule.probes() == Probe::loss);
  CHECK(rule.learns() == Learns::pair);
  Joined own{BarzilaiBorwein{}, OwnJudge{}};
  own.proposer.state.step = 1;
  CHECK(own.first({}).with == Probe::slope);
}

TEST_CASE("a pair keeps the judge's inequality, from first steps 1e-300 to 1e300, and never lengthens the proposal") {
  constexpr unsigned seed = 61;
  std::mt19937 random(seed);
  for (int round = 0; round < 300; ++round) {
    const Curve curve = random_curve(random);
    const Ray ray = curve.ray();
    for (double first : first_steps(curve.size)) {
      Joined rule{BarzilaiBorwein{}, Armijo{.sufficient_decrease = 0.1}};
      rule.proposer.state.step = first;
      const Search found = search(rule, curve, ray);
      INFO(curve.name << " of size " << curve.size << ", seed " << seed << ", round " << round << ", first " << first);
      REQUIRE(found.end == Search::End::taken);
      REQUIRE(found.last().finite());
      REQUIRE(found.last().step <= first);
      if (!nearly_equal(found.last().loss, ray.loss)) {
        REQUIRE(found.last().loss <= ray.loss + 0.1 * found.last().step * ray.slope);
      }
    }
  }
}

TEST_CASE("both halves of a pair learn of the step really taken, and both are rolled back") {
  Pair rule;
  rule.proposer.state.step = 1;
  rule.taken({.step = 0.25, .displacement = 1, .gradient_change = 4, .cosine = 0.5, .loss = 3, .trials = 2});
  CHECK(rule.proposer.state.step == 0.5);  // (|s|/|y|) / cosine
  CHECK(rule.judge_rule.state.step == 0.25);
  CHECK(rule.judge_rule.state.losses.max() == 3);
  const Pair copy = rule;
  rule.rolled_back(0.5);
  CHECK(rule.proposer.state.step == 0.25);
  CHECK(rule.judge_rule.state.losses.empty());
  CHECK(copy.proposer.state.step == 0.5);
  CHECK(copy.judge_rule.state.losses.max() == 3);
}

TEST_CASE("a pair begins each ray with a judge that has forgotten the last one's refusals") {
  Joined rule{BarzilaiBorwein{}, Armijo{}};
  rule.proposer.state.step = 9;
  const Curve curve = parabola();
  rule.first(curve.ray());
  rule.judge(curve.ray(), probe(curve, curve.ray(), {9, Probe::loss}, 1));
  CHECK(rule.judge_rule.state.backtrack.older_step == 9);
  rule.first(curve.ray());
  CHECK(rule.judge_rule.state.backtrack.older_step == 0);
}

TEST_CASE("what a proposer takes while it still probes must keep the judge's inequality too") {
  Joined rule{Cauchy{}, Armijo{.sufficient_decrease = 0.4}};
  rule.proposer.state.step = 40;
  const Curve fading{"fading", [](double t) { return std::exp(-t); }, [](double t) { return -std::exp(-t); }};
  const Ray ray = fading.ray();
  const Search found = search(rule, fading, ray);
  REQUIRE(found.end == Search::End::taken);
  CHECK(found.last().loss <= ray.loss + 0.4 * found.last().step * ray.slope);
}

TEST_CASE("a pair validates both of its halves") {
  CHECK_THROWS_WITH(validate_rule(Joined{BarzilaiBorwein{}, NonmonotoneArmijo{.memory = 0}}),
                    "memory = 0 of nonmonotone is out of range: it must be in [1, 10000]");
  CHECK_NOTHROW(validate_rule(Pair{}));
}

TEST_CASE("a pair's state is both halves' and goes on where it was written") {
  Pair rule;
  rule.taken({.step = 0.25, .displacement = 1, .gradient_change = 4, .cosine = 0.5, .loss = 3, .trials = 2});
  rule.taken({.step = 0.5, .displacement = 1, .gradient_change = 3, .cosine = 0.25, .loss = 2, .trials = 1});
  Pair other;
  resume_state(other, write_state(rule));
  CHECK(write_state(other) == write_state(rule));
  CHECK(other.proposer.state.steps == 2);
  CHECK(other.judge_rule.state.losses.max() == 3);
  CHECK_THROWS_AS(resume_state(other, write_state(BarzilaiBorwein{})), std::invalid_argument);
  CHECK_THROWS_AS(resume_state(other, write_state(NonmonotoneArmijo{})), std::invalid_argument);
  CHECK_THROWS_AS(resume_state(other, {}), std::invalid_argument);
}
