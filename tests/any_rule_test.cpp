#include "surefoot/any_rule.hpp"

#include "catch.hpp"
#include "support/ray_driver.hpp"
#include "surefoot/steps/armijo.hpp"
#include "surefoot/steps/barzilai_borwein.hpp"
#include "surefoot/steps/fixed.hpp"
#include "surefoot/steps/joined.hpp"
#include "surefoot/steps/nonmonotone_armijo.hpp"
#include "surefoot/steps/weak_wolfe.hpp"

using namespace surefoot;

static_assert(StepRule<AnyRule>);
static_assert(std::is_nothrow_move_constructible_v<AnyRule>);

TEST_CASE("an AnyRule answers as the rule that it holds, trial for trial") {
  constexpr unsigned seed = 101;
  std::mt19937 random(seed);
  NonmonotoneArmijo plain{.memory = 3};
  plain.state.step = 1;
  AnyRule any{plain};
  for (int k = 0; k < 200; ++k) {
    const Curve curve = random_curve(random, 3);
    const Ray ray = curve.ray(k);
    const Search a = search(plain, curve, ray), b = search(any, curve, ray);
    INFO(curve.name << ", seed " << seed << ", k " << k);
    REQUIRE(a.end == b.end);
    REQUIRE(a.trials() == b.trials());
    REQUIRE(a.last().step == b.last().step);
    plain.taken(a.move(ray));
    any.taken(b.move(ray));
    if (k % 7 == 0) {
      plain.rolled_back(0.25);
      any.rolled_back(0.25);
    }
  }
  CHECK(any.write() == write_state(plain));
}

TEST_CASE("an AnyRule passes on what its rule says of itself") {
  const AnyRule fixed{Fixed{.step = 0.5}};
  CHECK_FALSE(fixed.adapts());
  CHECK(fixed.given_step() == 0.5);
  CHECK(fixed.probes() == Probe::none);
  CHECK(fixed.learns() == Learns::nothing);
  const AnyRule wolfe{WeakWolfe{}};
  CHECK(wolfe.adapts());
  CHECK(std::isnan(wolfe.given_step()));
  CHECK(wolfe.probes() == Probe::slope);
  const AnyRule bb{BarzilaiBorwein{}};
  CHECK(bb.learns() == Learns::pair);
  // The free functions, which the loop asks, hear the same.
  CHECK_FALSE(adapts(fixed));
  CHECK(given_step(fixed) == 0.5);
  CHECK(probes(wolfe) == Probe::slope);
}

TEST_CASE("copies of an AnyRule are independent of each other") {
  AnyRule rule{Armijo{}};
  rule.taken({.step = 4, .trials = 2});
  AnyRule copy = rule, assigned{Fixed{}};
  assigned = rule;
  copy.taken({.step = 1, .trials = 2});
  assigned.rolled_back(0.5);
  CHECK(rule.first({}).step == 4);
  CHECK(copy.first({}).step == 1);
  CHECK(assigned.first({}).step == 2);
  CHECK(assigned.spelling() == "armijo");
  const AnyRule& self = rule;
  rule = self;
  CHECK(rule.first({}).step == 4);
  const AnyRule moved = std::move(copy);
  CHECK(AnyRule(moved).first({}).step == 1);
}

TEST_CASE("an AnyRule is spelled as its rule is named, or as it was asked for") {
  CHECK(AnyRule{Armijo{}}.spelling() == "armijo");
  CHECK(AnyRule(Armijo{}, "armijo:growth=4").spelling() == "armijo:growth=4");
  CHECK(AnyRule(AnyRule{Armijo{}}, "another").spelling() == "another");
}

TEST_CASE("an AnyRule lists, sets and validates its rule's parameters") {
  AnyRule rule{NonmonotoneArmijo{}};
  CHECK(rule.set("memory", 5));
  CHECK_FALSE(rule.set("colour", 5));
  const auto list = rule.parameters_now();
  REQUIRE(list.size() == 3);
  CHECK(list[1].name == "memory");
  CHECK(list[1].value == "5");
  CHECK_THROWS_WITH(rule.set("memory", 0), "memory = 0 of nonmonotone is out of range: it must be in [1, 10000]");
  CHECK_NOTHROW(rule.validate());
  CHECK_THROWS_WITH(validate_rule(AnyRule{Armijo{.growth = 0}}),
                    "growth = 0 of armijo is out of range: it must be >= 1");
}

TEST_CASE("a user's own rule without parameters or states fits into an AnyRule") {
  struct Half {
    Ask first(const Ray&) { return {0.5, Probe::loss}; }
    Verdict judge(const Ray&, const Trial&) { return Verdict::take(); }
    void taken(const Move&) {}
    void rolled_back(double) {}
    void restarted(const Ray&) {}
    Learns learns() const { return Learns::nothing; }
  };
  AnyRule rule(Half{}, "half");
  CHECK(rule.first({}).step == 0.5);
  CHECK(rule.parameters_now().empty());
  CHECK_FALSE(rule.set("x", 1));
  CHECK(rule.write().empty());
  CHECK_NOTHROW(rule.resume({}));
  CHECK_NOTHROW(rule.validate());
}

TEST_CASE("an AnyRule resumes from its written state, and refuses another rule's") {
  AnyRule rule{Armijo{}};
  rule.taken({.step = 3, .trials = 2});
  AnyRule other{Armijo{}};
  other.resume(rule.write());
  CHECK(other.first({}).step == 3);
  CHECK_THROWS_AS(other.resume(AnyRule{WeakWolfe{}}.write()), std::invalid_argument);
  AnyRule pair(Joined{BarzilaiBorwein{}, Armijo{}});
  CHECK_THROWS_AS(pair.resume(rule.write()), std::invalid_argument);
}
