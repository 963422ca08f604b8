#include "surefoot/steps/bold_driver.hpp"

#include "catch.hpp"
#include "support/rule_laws.hpp"

using namespace surefoot;

static_assert(StepRule<BoldDriver>);
static_assert(BoldDriver::role == Role::judges);

namespace {

const Ray falling{.loss = 1, .slope = -1};

double refuse(BoldDriver& rule, double step, double loss) {
  return rule.judge(falling, {.step = step, .loss = loss, .model_decrease = -step}).next.step;
}

}  // namespace

TEST_CASE("the bold driver takes only finite steps that lower the loss, from first steps 1e-300 to 1e300") {
  laws::every_taken_step_keeps(BoldDriver{}, 91, [](const Ray& ray, const Search& found) {
    const Trial& taken = found.last();
    return nearly_equal(taken.loss, ray.loss) ? taken.slope <= -0.9 * ray.slope : taken.loss < ray.loss;
  });
}

TEST_CASE("the bold driver's step grows by its factor after every good step, also one that had to be shortened") {
  BoldDriver rule{.growth = 1.1};
  double step = 1;
  for (int k = 0; k < 10; ++k) {
    rule.taken({.step = step, .loss = 0, .trials = 1 + k % 3});
    CHECK(rule.first(falling).step == 1.1 * step);
    step *= 1.1;
  }
}

TEST_CASE(
    "the bold driver shortens a step that raised the loss by its factor, and to a tenth where it was not finite") {
  BoldDriver rule{.shrink = 0.25};
  rule.first(falling);
  CHECK(refuse(rule, 8, 5) == 2);
  CHECK(refuse(rule, 2, 1.5) == 0.5);
  CHECK(refuse(rule, 0.5, not_a_number) == Approx(0.05));
  CHECK(refuse(rule, 0.05, infinity) == Approx(0.005));
  CHECK(refuse(rule, 0.005, not_a_number) == Approx(0.00005));  // the third in a row
  CHECK(refuse(rule, 4, 5) == 1);
}

TEST_CASE("after its tenth refusal on a ray the bold driver makes haste: 1, 2, 3 … decades; each ray counts anew") {
  BoldDriver rule;
  rule.first(falling);
  for (int i = 0; i < 10; ++i) CHECK(refuse(rule, 1, 5) == 0.5);
  CHECK(refuse(rule, 1, 5) == Approx(0.1));
  CHECK(refuse(rule, 1, 5) == Approx(0.01));
  CHECK(refuse(rule, 1, 5) == Approx(0.001));
  rule.first(falling);
  CHECK(refuse(rule, 1, 5) == 0.5);
}

TEST_CASE("on a parabola the bold driver settles just below the longest step that lowers the loss") {
  // f = w²/2: a step lowers the loss exactly below 2, where it only mirrors w.
  BoldDriver rule = laws::beginning_with(BoldDriver{}, 0.1);
  double w = 1, shortest_late = infinity;
  for (int k = 0; k < 300; ++k) {
    const Curve curve{"bowl", [&](double t) { return 0.5 * (w - t * w) * (w - t * w); },
                      [&](double t) { return -w * (w - t * w); }, 1};
    const Ray ray = curve.ray(k);
    const Search found = search(rule, curve, ray);
    REQUIRE(found.end == Search::End::taken);
    CHECK(found.last().step < 2);
    if (k > 80) shortest_late = std::min(shortest_late, found.last().step);
    rule.taken(found.move(ray));
    w = 1;
  }
  CHECK(shortest_late > 0.95);  // half of a step at most 1.05 · 2
}

TEST_CASE("at the rounding floor the bold driver judges by the slope") {
  BoldDriver rule;
  const Ray ray{.loss = 1e6, .slope = -1e-9};
  rule.first(ray);
  const auto trial = [](double slope) {
    return Trial{.step = 1, .loss = 1e6, .slope = slope, .model_decrease = -1e-9};
  };
  CHECK(rule.judge(ray, trial(0.8e-9)).action == Verdict::Action::take);
  CHECK(rule.judge(ray, trial(1e-9)).next.step == 0.5);
  CHECK(rule.judge(ray, trial(not_a_number)).action == Verdict::Action::retry);  // nothing says that it is lower
}

TEST_CASE("the bold driver keeps the laws of rounding, units, walls, rollbacks and natural steps") {
  laws::lowers_a_loss_hidden_by_rounding(BoldDriver{});
  laws::does_not_depend_on_units(BoldDriver{}, 92);
  laws::backs_away_from_what_is_not_finite(BoldDriver{});
  laws::rollback_shortens_exactly(BoldDriver{}, 93);
  laws::first_may_be_asked_twice(BoldDriver{}, 94);
  laws::tries_the_natural_step_first(BoldDriver{});
}

TEST_CASE("the bold driver, written down and resumed, goes on bit for bit, and its copies are independent") {
  laws::resumes_bit_for_bit(BoldDriver{}, 95);
  laws::copies_are_independent(BoldDriver{}, 96);
}

TEST_CASE("the bold driver's parameters out of their ranges are refused by name, value and range") {
  for (double wrong : {0.0, 1.0, -1.0, not_a_number, infinity}) {
    CHECK_THROWS_WITH(validate_rule(BoldDriver{.growth = wrong}),
                      "growth = " + number(wrong) + " of bold-driver is out of range: it must be > 1");
    CHECK_THROWS_WITH(validate_rule(BoldDriver{.shrink = wrong}),
                      "shrink = " + number(wrong) + " of bold-driver is out of range: it must be in (0, 1)");
  }
}
