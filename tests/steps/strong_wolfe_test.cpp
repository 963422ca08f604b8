#include "surefoot/steps/strong_wolfe.hpp"

#include <map>

#include "catch.hpp"
#include "support/ray_driver.hpp"
#include "support/thrown.hpp"

using namespace surefoot;

static_assert(StepRule<StrongWolfe>);
static_assert(StrongWolfe::role == Role::judges);

namespace {

Search from(const Curve& curve, double first, StrongWolfe rule = {}) {
  rule.state.step = first;
  return search(rule, curve, curve.ray());
}

}  // namespace

TEST_CASE("strong Wolfe takes only steps that keep both of its inequalities, from first steps 1e-300 to 1e300") {
  constexpr unsigned seed = 61;
  std::mt19937 random(seed);
  std::map<std::string, int> taken_on;
  int searches = 0, content = 0;
  for (int round = 0; round < 600; ++round) {
    const Curve curve = random_curve(random);
    const Ray ray = curve.ray();
    for (double c2 : {0.1, 0.5, 0.9}) {
      for (double first : first_steps(curve.size)) {
        const Search found = from(curve, first, {.curvature_condition = c2});
        INFO(curve.name << " of size " << curve.size << ", seed " << seed << ", round " << round << ", c2 " << c2
                        << ", first step " << first << ", trials " << found.trials());
        REQUIRE(found.end == Search::End::taken);
        REQUIRE(found.trials() <= 40);
        ++searches;
        ++taken_on[curve.name];
        const Trial& taken = found.last();
        REQUIRE(taken.finite());
        if (nearly_equal(taken.loss, ray.loss)) {
          REQUIRE(taken.slope <= (2e-4 - 1) * 0.9 * ray.slope);
        } else {
          REQUIRE(taken.loss <= ray.loss + 1e-4 * taken.step * ray.slope);
        }
        const bool flat = std::abs(taken.slope) <= c2 * std::abs(ray.slope);
        if (!flat) {  // as announced: from the 30th trial on, which only an absurd first step needs
          REQUIRE(found.trials() >= 30);
          REQUIRE((first < 0.9e-10 * curve.size || first > 1.1e10 * curve.size));
          ++content;
        }
      }
    }
  }
  CHECK(taken_on.size() == 6);  // every kind of curve
  CHECK(content < searches / 500);
}

TEST_CASE("on a parabola strong Wolfe's second trial is the minimiser, whether the first was too short or too long") {
  for (double size : {1e-200, 1e-8, 1.0, 1e8, 1e200}) {
    for (double first : {0.15, 0.3, 0.5, 1.3, 1.5, 1.9, 3.0, 9.0}) {  // others are clamped
      const Search found = from(parabola(size), first * size);
      INFO("size " << size << ", first step " << first << " of it");
      REQUIRE(found.end == Search::End::taken);
      CHECK(found.trials() == 2);
      CHECK(found.last().step == Approx(size));
    }
  }
}

TEST_CASE("a step that strong Wolfe can take at once takes one trial, also the direction's own") {
  CHECK(from(parabola(), 0.95).trials() == 1);
  StrongWolfe rule;
  const Curve curve = parabola();
  Ray ray = curve.ray();
  ray.natural_step = 1.05;
  const Search found = search(rule, curve, ray);
  CHECK(found.trials() == 1);
  CHECK(found.last().step == 1.05);
}

TEST_CASE("strong Wolfe refuses a step whose slope is too steep upwards, which weak Wolfe would take") {
  StrongWolfe rule;
  const Curve curve = parabola();
  const Ray ray = curve.ray();
  rule.first(ray);
  CHECK(rule.judge(ray, probe(curve, ray, {1.5, Probe::slope}, 1)).action == Verdict::Action::retry);
  rule.first(ray);
  CHECK(rule.judge(ray, probe(curve, ray, {1.05, Probe::slope}, 1)).action == Verdict::Action::take);
}

TEST_CASE("where the losses are equal to the last digit, strong Wolfe finds the minimum by the slopes") {
  const Curve flat = parabola(1, 1, 1e16);  // one unit in the last place of the offset is 2
  for (double first : {1e-3, 0.1, 0.5, 1.5, 1.8}) {
    const Search found = from(flat, first);
    INFO("first step " << first);
    REQUIRE(found.end == Search::End::taken);
    CHECK(std::abs(found.last().step - 1) <= 0.1);
    CHECK(found.trials() <= 5);
  }
}

TEST_CASE("a trial that is not finite counts for strong Wolfe as one that is far too high") {
  const Curve barrier{"barrier", [](double t) { return t < 1 ? -std::log1p(-t) - 3 * t : not_a_number; },
                      [](double t) { return t < 1 ? 1 / (1 - t) - 3 : not_a_number; }, 1};
  for (double first : {1.0, 2.0, 50.0, 1e6, 1e300}) {
    const Search found = from(barrier, first);  // the minimum lies at 2/3
    INFO("first step " << first);
    REQUIRE(found.end == Search::End::taken);
    CHECK(std::abs(found.last().slope) <= 0.2);
    CHECK(found.last().step == Approx(2.0 / 3).epsilon(0.05));
  }
}

TEST_CASE("from its 30th trial on strong Wolfe takes any step that lowers the loss enough") {
  StrongWolfe rule;
  const Ray ray{.loss = 1, .slope = -1};
  const Trial steep{.step = 1, .loss = 0.5, .slope = -0.9, .model_decrease = -1, .number = 29};
  rule.first(ray);
  CHECK(rule.judge(ray, steep).action == Verdict::Action::retry);
  Trial later = steep;
  later.number = 30;
  rule.first(ray);
  CHECK(rule.judge(ray, later).action == Verdict::Action::take);
  later.loss = 1.5;
  CHECK(rule.judge(ray, later).action == Verdict::Action::retry);
}

TEST_CASE("strong Wolfe gives up after max_trials, and on a loss that its slopes contradict") {
  const Curve endless{"line", [](double t) { return -t; }, [](double) { return -1.0; }, 1};
  const Search found = from(endless, 1, {.max_trials = 7});
  CHECK(found.end == Search::End::gave_up);
  CHECK(found.trials() == 7);
  const Curve wrong{"wrong", [](double t) { return 1 + t; }, [](double) { return -1.0; }, 1};
  const Search contradicted = from(wrong, 1);
  CHECK(contradicted.end == Search::End::gave_up);
  CHECK(contradicted.trials() <= 40);
}

TEST_CASE("strong Wolfe asked twice gives the same, and each ray begins without a bracket") {
  StrongWolfe rule;
  rule.state.step = 4;
  const Curve curve = parabola();
  const Ray ray = curve.ray();
  CHECK(rule.first(ray).step == 4);
  CHECK(rule.first(ray).with == Probe::slope);
  rule.judge(ray, probe(curve, ray, {4, Probe::slope}, 1));
  CHECK(rule.state.zooming);
  CHECK(rule.first(ray).step == 4);
  CHECK_FALSE(rule.state.zooming);
  CHECK(rule.state.low.step == 0);
}

TEST_CASE("strong Wolfe begins with the last step; a rollback shortens it by the factor, and a copy is independent") {
  StrongWolfe rule;
  rule.taken({.step = 3, .trials = 1});
  CHECK(rule.first({}).step == 3);
  const StrongWolfe copy = rule;
  rule.rolled_back(0.5);
  CHECK(rule.first({}).step == 1.5);
  CHECK(copy.state.step == 3);
}

TEST_CASE("strong Wolfe's parameters out of their ranges are refused by name, value and range") {
  CHECK_THROWS_WITH(validate_rule(StrongWolfe{.sufficient_decrease = 2}),
                    "sufficient_decrease = 2 of strong-wolfe is out of range: it must be in (0, 0.5)");
  CHECK_THROWS_WITH(validate_rule(StrongWolfe{.sufficient_decrease = 0.4}),
                    "curvature_condition = 0.1 of strong-wolfe is out of range: it must be in (0.4, 1)");
  for (double wrong : {0.0, -0.5, 1.0, 2.0, not_a_number, infinity}) {
    CHECK(mentions(thrown([&] { validate_rule(StrongWolfe{.curvature_condition = wrong}); }),
                   "curvature_condition = " + number(wrong) + " of strong-wolfe is out of range: it must be in ("));
  }
  CHECK_THROWS_WITH(validate_rule(StrongWolfe{.max_trials = 0}),
                    "max_trials = 0 of strong-wolfe is out of range: it must be >= 1");
}
