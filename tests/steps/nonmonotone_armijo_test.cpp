#include "surefoot/steps/nonmonotone_armijo.hpp"

#include <algorithm>

#include "catch.hpp"
#include "support/ray_driver.hpp"
#include "surefoot/steps/armijo.hpp"

using namespace surefoot;

static_assert(StepRule<NonmonotoneArmijo>);
static_assert(NonmonotoneArmijo::role == Role::shrinks);

namespace {

/// The largest loss (to a thousandth) that the rule takes from here.
double reference(NonmonotoneArmijo rule, double loss) {
  const Ray ray{.loss = loss, .slope = -1};
  double low = -1e4, high = 1e4;
  while (high - low > 1e-3) {
    const double middle = (low + high) / 2;
    rule.first(ray);
    const Trial trial{.step = 1e-9, .loss = middle, .model_decrease = -1e-9};
    (rule.judge(ray, trial).action == Verdict::Action::take ? low : high) = middle;
  }
  return low;
}

}  // namespace

TEST_CASE("the nonmonotone reference is the largest of the last `memory` losses, the start's and this one's included") {
  constexpr unsigned seed = 21;
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> uniform(0, 100);
  for (int memory : {1, 2, 3, 5, 10}) {
    NonmonotoneArmijo rule{.memory = memory};
    std::vector<double> losses{99.5};  // a high start: it counts until it is `memory` steps old
    for (int k = 0; k < 40; ++k) {
      const auto first = losses.size() > static_cast<std::size_t>(memory) ? losses.end() - memory : losses.begin();
      INFO("memory " << memory << ", seed " << seed << ", k " << k);
      CHECK(reference(rule, losses.back()) == Approx(*std::max_element(first, losses.end())).margin(0.01));
      rule.first({.k = k, .loss = losses.back(), .slope = -1});
      losses.push_back(uniform(random));
      rule.taken({.step = 1, .loss = losses.back()});
    }
  }
}

TEST_CASE("nonmonotone Armijo takes only steps that keep its inequality, from first steps 1e-300 to 1e300") {
  constexpr unsigned seed = 22;
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> uniform(0, 1);
  for (int round = 0; round < 300; ++round) {
    const Curve curve = random_curve(random);
    const Ray ray = curve.ray();
    const double above = std::abs(ray.loss) * uniform(random);
    for (double first : first_steps(curve.size)) {
      NonmonotoneArmijo rule{.sufficient_decrease = 0.1, .memory = 3};
      rule.taken({.step = 1, .loss = ray.loss + above});
      rule.taken({.step = 1, .loss = ray.loss});
      rule.state.step = first;
      const Search found = search(rule, curve, ray);
      INFO(curve.name << " of size " << curve.size << ", seed " << seed << ", round " << round << ", first " << first);
      REQUIRE(found.end == Search::End::taken);
      const Trial& taken = found.last();
      REQUIRE(taken.finite());
      if (nearly_equal(taken.loss, ray.loss)) {
        REQUIRE(taken.slope <= -0.72 * ray.slope);  // (2 · 0.1 − 1) · 0.9
      } else {
        REQUIRE(taken.loss <= ray.loss + above + 0.1 * taken.step * ray.slope);
      }
      REQUIRE(found.trials() <= 1.001 + std::log2(first / taken.step));
    }
  }
}

TEST_CASE("nonmonotone Armijo with a memory of 1 is Armijo, trial for trial") {
  constexpr unsigned seed = 23;
  std::mt19937 random(seed);
  Armijo plain;
  NonmonotoneArmijo one{.memory = 1};
  plain.state.step = one.state.step = 1;
  for (int k = 0; k < 300; ++k) {
    const Curve curve = random_curve(random, 2);
    const Ray ray = curve.ray(k);
    // A memory of 1 remembers the present iterate's loss, which is the last step's: begin each ray there.
    one.state.losses.clear();
    const Search a = search(plain, curve, ray), b = search(one, curve, ray);
    INFO(curve.name << ", seed " << seed << ", k " << k);
    REQUIRE(a.trials() == b.trials());
    for (int i = 0; i < a.trials(); ++i) {
      REQUIRE(a.tried[static_cast<std::size_t>(i)].step == b.tried[static_cast<std::size_t>(i)].step);
    }
    plain.taken(a.move(ray));
    one.taken(b.move(ray));
  }
}

TEST_CASE("nonmonotone Armijo lets a short rise pass that Armijo refuses") {
  NonmonotoneArmijo rule{.memory = 2};
  rule.taken({.step = 1, .loss = 10});
  rule.taken({.step = 1, .loss = 5});
  const Ray ray{.loss = 5, .slope = -1};
  rule.first(ray);
  CHECK(rule.judge(ray, {.step = 1, .loss = 9, .model_decrease = -1}).action == Verdict::Action::take);
  CHECK(rule.judge(ray, {.step = 1, .loss = 10.5, .model_decrease = -1}).action == Verdict::Action::retry);
}

TEST_CASE("a rollback shortens the nonmonotone rule's step and forgets the losses of the path that was undone") {
  NonmonotoneArmijo rule;
  rule.taken({.step = 2, .loss = 1000, .trials = 2});
  rule.rolled_back(0.5);
  CHECK(rule.first({.loss = 1, .slope = -1}).step == 1);
  CHECK(reference(rule, 1) == Approx(1).margin(0.01));
}

TEST_CASE("nonmonotone Armijo asked twice for its first step gives the same, and remembers nothing twice") {
  NonmonotoneArmijo rule{.memory = 2};
  rule.taken({.step = 0.4, .loss = 7, .trials = 2});
  for (int i = 0; i < 5; ++i) CHECK(rule.first({.loss = 3, .slope = -1}).step == 0.4);
  CHECK(reference(rule, 3) == Approx(7).margin(0.01));
}

TEST_CASE("the nonmonotone rule's growth works as Armijo's") {
  NonmonotoneArmijo rule{.growth = 3};
  rule.taken({.step = 1, .loss = 1, .trials = 1});
  CHECK(rule.first({}).step == 3);
  rule.taken({.step = 1, .loss = 1, .trials = 4});
  CHECK(rule.first({}).step == 1);
}

TEST_CASE("the nonmonotone rule's parameters out of their ranges are refused by name, value and range") {
  CHECK_THROWS_WITH(validate_rule(NonmonotoneArmijo{.memory = 0}),
                    "memory = 0 of nonmonotone is out of range: it must be in [1, 10000]");
  CHECK_THROWS_WITH(validate_rule(NonmonotoneArmijo{.memory = -3}),
                    "memory = -3 of nonmonotone is out of range: it must be in [1, 10000]");
  CHECK_THROWS_WITH(validate_rule(NonmonotoneArmijo{.sufficient_decrease = 2}),
                    "sufficient_decrease = 2 of nonmonotone is out of range: it must be in (0, 0.5)");
  CHECK_THROWS_WITH(validate_rule(NonmonotoneArmijo{.growth = 0.5}),
                    "growth = 0.5 of nonmonotone is out of range: it must be >= 1");
}
