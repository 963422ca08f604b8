#include "surefoot/steps/grow.hpp"

#include "catch.hpp"
#include "support/ray_driver.hpp"

using namespace surefoot;

static_assert(StepRule<Grow>);
static_assert(Grow::role == Role::judges);

namespace {

const Ray falling{.loss = 1, .slope = -1};

void take(Grow& rule, double step) { rule.taken({.step = step, .loss = 0}); }
double refuse(Grow& rule, double step, double loss) {
  return rule.judge(falling, {.step = step, .loss = loss, .model_decrease = -step}).next.step;
}

}  // namespace

TEST_CASE("grow takes only finite steps that lower the loss, from first steps 1e-300 to 1e300") {
  constexpr unsigned seed = 41;
  std::mt19937 random(seed);
  for (int round = 0; round < 400; ++round) {
    const Curve curve = random_curve(random);
    const Ray ray = curve.ray();
    for (double first : first_steps(curve.size)) {
      Grow rule;
      rule.state.step = first;
      const Search found = search(rule, curve, ray);
      INFO(curve.name << " of size " << curve.size << ", seed " << seed << ", round " << round << ", first " << first);
      REQUIRE(found.end == Search::End::taken);
      const Trial& taken = found.last();
      REQUIRE(taken.finite());
      if (nearly_equal(taken.loss, ray.loss)) {
        REQUIRE(taken.slope <= -0.9 * ray.slope);
      } else {
        REQUIRE(taken.loss < ray.loss);
      }
      REQUIRE(found.trials() <= 1.001 + std::log2(first / taken.step));
    }
  }
}

TEST_CASE("while all goes well, each step is `growth` times the last") {
  Grow rule{.growth = 3};
  double step = 1;
  for (int k = 0; k < 10; ++k) {
    take(rule, step);
    CHECK(rule.first(falling).step == 3 * step);
    step *= 3;
  }
}

TEST_CASE("a rise halves the step, remembers the bad one, and halves the growth") {
  Grow rule;
  take(rule, 1);
  rule.first(falling);
  CHECK(refuse(rule, 2, 5) == 1);
  CHECK(rule.state.bad == 2);
  CHECK(rule.state.growth == 1.5);
  refuse(rule, 1, 5);
  CHECK(rule.state.growth == 1.25);
  for (int i = 0; i < 30; ++i) refuse(rule, 1, 5);
  CHECK(rule.state.growth == Approx(1.02));  // it never stops growing
}

TEST_CASE("a failure never raises the growth, however small it was chosen") {
  Grow rule{.growth = 1.005};
  take(rule, 1);
  refuse(rule, 1, 5);
  CHECK(rule.state.growth <= 1.005);
}

TEST_CASE("a trial that is not finite shrinks to a tenth, and faster from the third on") {
  Grow rule;
  rule.state.step = 1;
  rule.first(falling);
  CHECK(refuse(rule, 1, not_a_number) == Approx(0.1));
  CHECK(refuse(rule, 0.1, infinity) == Approx(0.01));
  CHECK(refuse(rule, 0.01, not_a_number) == Approx(0.0001));
  rule.first(falling);  // a new ray counts anew
  CHECK(refuse(rule, 1, not_a_number) == Approx(0.1));
}

TEST_CASE("after a failure the step closes in on the bad one by geometric bisection, and stays below it") {
  Grow rule{.growth = 100, .patience = 1000};
  take(rule, 1);
  rule.first(falling);
  refuse(rule, 100, 5);  // bad = 100
  double step = 1;
  for (int k = 0; k < 20; ++k) {
    take(rule, step);
    const double next = rule.first(falling).step;
    CHECK(next == Approx(std::sqrt(step * 100)));
    CHECK(next < 100);
    step = next;
  }
  CHECK(step > 99);
}

TEST_CASE("after `patience` good steps the bad one is forgotten and the growth starts anew") {
  Grow rule{.patience = 5};
  take(rule, 1);
  rule.first(falling);
  refuse(rule, 2, 5);
  for (int k = 0; k < 4; ++k) {
    take(rule, 1);
    CHECK(rule.first(falling).step == Approx(std::sqrt(2.0)));  // bisection, shorter than 1.5
  }
  take(rule, 1);
  CHECK(std::isinf(rule.state.bad));
  take(rule, 1);
  CHECK(rule.first(falling).step == 2);
}

TEST_CASE("at the rounding floor grow judges by the slope and calls no step bad") {
  Grow rule;
  rule.state.step = 1;
  const Ray ray{.loss = 1e6, .slope = -1e-9};
  rule.first(ray);
  const auto trial = [](double slope) {
    return Trial{.step = 1, .loss = 1e6, .slope = slope, .model_decrease = -1e-9};
  };
  CHECK(rule.judge(ray, trial(0.8e-9)).action == Verdict::Action::take);
  const Verdict refused = rule.judge(ray, trial(1e-9));
  CHECK(refused.action == Verdict::Action::retry);
  CHECK(refused.next.step == 0.5);
  CHECK(std::isinf(rule.state.bad));
}

TEST_CASE("a rollback shortens grow's step and forgets the bad one") {
  Grow rule;
  take(rule, 1);
  rule.first(falling);
  refuse(rule, 2, 5);
  take(rule, 1);
  const double before = rule.first(falling).step;
  const Grow copy = rule;
  rule.rolled_back(0.5);
  CHECK(rule.first(falling).step == before / 2);
  CHECK(rule.first(falling).step == before / 2);
  CHECK(std::isinf(rule.state.bad));
  CHECK(copy.state.bad == 2);
}

TEST_CASE("grow's parameters out of their ranges are refused by name, value and range") {
  for (double wrong : {0.0, 1.0, -1.0, not_a_number, infinity}) {
    CHECK_THROWS_WITH(validate_rule(Grow{.growth = wrong}),
                      "growth = " + number(wrong) + " of grow is out of range: it must be > 1");
  }
  CHECK_THROWS_WITH(validate_rule(Grow{.patience = 0}), "patience = 0 of grow is out of range: it must be >= 1");
}
