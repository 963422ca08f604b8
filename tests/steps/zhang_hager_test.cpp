#include "surefoot/steps/zhang_hager.hpp"

#include "catch.hpp"
#include "support/rule_laws.hpp"
#include "surefoot/steps/armijo.hpp"

using namespace surefoot;

static_assert(StepRule<ZhangHager>);
static_assert(ZhangHager::role == Role::shrinks);

namespace {

/// The largest loss (to a thousandth) that the rule takes from here.
double reference(ZhangHager rule, double loss) {
  const Ray ray{.loss = loss, .slope = -1};
  double low = -1e4, high = 1e4;
  while (high - low > 1e-4) {
    const double middle = (low + high) / 2;
    rule.first(ray);
    const Trial trial{.step = 1e-9, .loss = middle, .model_decrease = -1e-9};
    (rule.judge(ray, trial).action == Verdict::Action::take ? low : high) = middle;
  }
  return low;
}

}  // namespace

TEST_CASE(
    "Zhang and Hager's reference is the mean of all losses, each weighted by `averaging` to the power of its age") {
  constexpr unsigned seed = 81;
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> uniform(-100, 100);
  for (double averaging : {0.1, 0.5, 0.85, 1.0}) {
    ZhangHager rule{.averaging = averaging};
    std::vector<double> losses{99.5};
    for (int k = 0; k < 40; ++k) {
      double sum = 0, weights = 0;
      for (std::size_t age = 0; age < losses.size(); ++age) {
        const double weight = std::pow(averaging, static_cast<double>(age));
        sum += weight * losses[losses.size() - 1 - age];
        weights += weight;
      }
      INFO("averaging " << averaging << ", seed " << seed << ", k " << k);
      CHECK(reference(rule, losses.back()) == Approx(std::max(losses.back(), sum / weights)).margin(1e-3));
      rule.first({.k = k, .loss = losses.back(), .slope = -1});
      losses.push_back(uniform(random));
      rule.taken({.step = 1, .loss = losses.back()});
    }
  }
}

TEST_CASE("Zhang and Hager's rule takes only steps that keep its inequality, from first steps 1e-300 to 1e300") {
  for (double above : {0.0, 0.5, 1e3}) {
    ZhangHager rule{.sufficient_decrease = 0.1};
    const auto keeps = [&](const Ray& ray, const Search& found) {
      return laws::falls_enough(ray, found.last(), 0.1, std::max(ray.loss, above));
    };
    rule.taken({.step = 1, .loss = above});  // the mean so far
    laws::every_taken_step_keeps(rule, 82, keeps, 60);
  }
}

TEST_CASE("Zhang and Hager's rule never shortens a step to less than a tenth of what its inequality allows") {
  // But for the haste after 20 refusals: on a parabola every step up to 2 (1 − c) of the minimiser is allowed.
  for (double decades = 0; decades < 15; decades += 0.1) {
    ZhangHager rule = laws::beginning_with(ZhangHager{}, std::pow(10, decades));
    const Curve curve = parabola();
    const Search found = search(rule, curve, curve.ray());
    INFO("first step 1e" << decades);
    REQUIRE(found.end == Search::End::taken);
    CHECK(found.trials() <= 17);
    CHECK(found.last().step >= 0.19);
  }
}

TEST_CASE("with next to no averaging Zhang and Hager's rule is Armijo, trial for trial") {
  constexpr unsigned seed = 84;
  std::mt19937 random(seed);
  Armijo plain;
  ZhangHager forgetful{.averaging = 1e-300};
  plain.state.step = forgetful.state.step = 1;
  for (int k = 0; k < 300; ++k) {
    const Curve curve = random_curve(random, 2);
    const Ray ray = curve.ray(k);
    forgetful.taken({.step = forgetful.state.step, .loss = ray.loss, .trials = 2});  // as if it had come from there
    const Search a = search(plain, curve, ray), b = search(forgetful, curve, ray);
    INFO(curve.name << ", seed " << seed << ", k " << k);
    REQUIRE(a.trials() == b.trials());
    for (int i = 0; i < a.trials(); ++i) {
      REQUIRE(a.tried[static_cast<std::size_t>(i)].step == b.tried[static_cast<std::size_t>(i)].step);
    }
    plain.taken(a.move(ray));
    forgetful.taken(b.move(ray));
  }
}

TEST_CASE("Zhang and Hager's rule lets a short rise pass that Armijo refuses") {
  ZhangHager rule{.averaging = 1};
  rule.taken({.step = 1, .loss = 10});
  rule.taken({.step = 1, .loss = 5});
  const Ray ray{.loss = 5, .slope = -1};
  rule.first(ray);
  CHECK(rule.judge(ray, {.step = 1, .loss = 7, .model_decrease = -1}).action == Verdict::Action::take);
  CHECK(rule.judge(ray, {.step = 1, .loss = 7.6, .model_decrease = -1}).action == Verdict::Action::retry);
}

TEST_CASE("a rollback makes Zhang and Hager's rule forget the losses of the path that was undone") {
  ZhangHager rule;
  rule.taken({.step = 2, .loss = 1000, .trials = 2});
  rule.rolled_back(0.5);
  CHECK(reference(rule, 1) == Approx(1).margin(0.01));
  laws::rollback_shortens_exactly(ZhangHager{}, 85);
}

TEST_CASE("Zhang and Hager's rule adds to its mean only when a step is taken, however often it is asked") {
  ZhangHager rule;
  rule.taken({.step = 0.4, .loss = 7, .trials = 2});
  for (int i = 0; i < 5; ++i) CHECK(rule.first({.loss = 3, .slope = -1}).step == 0.4);
  CHECK(reference(rule, 3) == Approx(7).margin(0.01));
  laws::first_may_be_asked_twice(ZhangHager{}, 86);
}

TEST_CASE(
    "Zhang and Hager's rule tries a longer step after one taken at once, and the direction's own where it has one") {
  ZhangHager rule{.growth = 3};
  rule.taken({.step = 1, .loss = 1, .trials = 1});
  CHECK(rule.first({}).step == 3);
  rule.taken({.step = 1, .loss = 1, .trials = 4});
  CHECK(rule.first({}).step == 1);
  laws::tries_the_natural_step_first(ZhangHager{});
}

TEST_CASE("Zhang and Hager's rule keeps the laws of rounding, units and walls") {
  laws::lowers_a_loss_hidden_by_rounding(ZhangHager{});
  laws::does_not_depend_on_units(ZhangHager{}, 87);
  laws::backs_away_from_what_is_not_finite(ZhangHager{});
}

TEST_CASE("Zhang and Hager's rule, written down and resumed, goes on bit for bit, and its copies are independent") {
  laws::resumes_bit_for_bit(ZhangHager{}, 88);
  laws::copies_are_independent(ZhangHager{}, 89);
}

TEST_CASE("Zhang and Hager's parameters out of their ranges are refused by name, value and range") {
  CHECK_NOTHROW(validate_rule(ZhangHager{.averaging = 1}));
  for (double wrong : {0.0, -0.5, 1.5, not_a_number, infinity}) {
    CHECK_THROWS_WITH(validate_rule(ZhangHager{.averaging = wrong}),
                      "averaging = " + number(wrong) + " of zhang-hager is out of range: it must be in (0, 1]");
  }
  CHECK_THROWS_WITH(validate_rule(ZhangHager{.sufficient_decrease = 2}),
                    "sufficient_decrease = 2 of zhang-hager is out of range: it must be in (0, 0.5)");
  CHECK_THROWS_WITH(validate_rule(ZhangHager{.growth = 0.5}),
                    "growth = 0.5 of zhang-hager is out of range: it must be >= 1");
}
