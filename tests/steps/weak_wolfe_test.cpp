#include "surefoot/steps/weak_wolfe.hpp"

#include <map>

#include "catch.hpp"
#include "support/ray_driver.hpp"
#include "support/thrown.hpp"

using namespace surefoot;

static_assert(StepRule<WeakWolfe>);
static_assert(WeakWolfe::role == Role::judges);

namespace {

Search from(const Curve& curve, double first, WeakWolfe rule = {}) {
  rule.state.step = first;
  return search(rule, curve, curve.ray());
}

bool met_a_wall(const Search& found) {
  for (const Trial& trial : found.tried) {
    if (!trial.finite()) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("weak Wolfe takes only steps that keep both of its inequalities, from first steps 1e-300 to 1e300") {
  constexpr unsigned seed = 51;
  std::mt19937 random(seed);
  std::map<std::string, int> taken_on;
  for (int round = 0; round < 600; ++round) {
    const Curve curve = random_curve(random);
    const Ray ray = curve.ray();
    for (double c2 : {0.1, 0.5, 0.9}) {
      for (double first : first_steps(curve.size)) {
        const Search found = from(curve, first, {.curvature_condition = c2});
        INFO(curve.name << " of size " << curve.size << ", seed " << seed << ", round " << round << ", c2 " << c2
                        << ", first step " << first << ", trials " << found.trials());
        REQUIRE(found.end != Search::End::bad_step);
        REQUIRE(found.end != Search::End::limit);
        REQUIRE(found.trials() <= 40);
        // From steps within ten decades of the curve's own size the search always ends with a step.
        if (first >= 0.9e-10 * curve.size && first <= 1.1e10 * curve.size) REQUIRE(found.end == Search::End::taken);
        if (found.end != Search::End::taken) continue;
        ++taken_on[curve.name];
        const Trial& taken = found.last();
        REQUIRE(taken.finite());
        if (nearly_equal(taken.loss, ray.loss)) {
          REQUIRE(taken.slope <= (2e-4 - 1) * 0.9 * ray.slope);
        } else {
          REQUIRE(taken.loss <= ray.loss + 1e-4 * taken.step * ray.slope);
        }
        if (!met_a_wall(found)) REQUIRE(taken.slope >= c2 * ray.slope);
        REQUIRE(taken.slope > 0.9999 * ray.slope);
      }
    }
  }
  CHECK(taken_on.size() == 6);  // every kind of curve
}

TEST_CASE("the step that weak Wolfe takes gives L-BFGS a positive curvature") {
  constexpr unsigned seed = 52;
  std::mt19937 random(seed);
  for (int round = 0; round < 500; ++round) {
    const Curve curve = random_curve(random);
    const Search found = from(curve, curve.size * std::pow(10, std::uniform_real_distribution<double>(-5, 5)(random)));
    INFO(curve.name << ", seed " << seed << ", round " << round);
    REQUIRE(found.end == Search::End::taken);
    CHECK(found.last().slope - curve.slope(0) > 0);  // s·y / t
  }
}

TEST_CASE("weak Wolfe takes a natural step that is good at once: one trial") {
  WeakWolfe rule;
  const Curve curve = parabola(1);
  Ray ray = curve.ray();
  ray.natural_step = 1;
  const Search found = search(rule, curve, ray);
  CHECK(found.trials() == 1);
  CHECK(found.last().step == 1);
}

TEST_CASE("on a parabola the trial after a step that was too long is its minimiser, which is taken") {
  for (double size : {1e-200, 1e-8, 1.0, 1e8, 1e200}) {
    const Search found = from(parabola(size), 4 * size);
    INFO("size " << size);
    REQUIRE(found.end == Search::End::taken);
    CHECK(found.trials() == 2);
    CHECK(found.last().step == Approx(size));
  }
}

TEST_CASE("on a parabola a step that was too short is followed by its minimiser, at most ten times as far") {
  const Search found = from(parabola(), 0.09);  // slope left: 0.91
  CHECK(found.trials() == 2);
  CHECK(found.last().step == Approx(0.9));  // ten times 0.09
  const Search near = from(parabola(), 0.05, {.curvature_condition = 0.5});
  CHECK(near.tried[1].step == Approx(0.5));
  CHECK(near.end == Search::End::taken);
}

TEST_CASE("beside a wall weak Wolfe takes a step that lowers the loss, although the slope stays steep") {
  // Falls straight towards a wall at 1, bending a little: the curvature condition can't be met before it.
  const Curve cliff{"cliff", [](double t) { return t < 1 ? -t + 0.01 * t * t : not_a_number; },
                    [](double t) { return t < 1 ? -1 + 0.02 * t : not_a_number; }, 1};
  const Search found = from(cliff, 5);
  REQUIRE(found.end == Search::End::taken);
  CHECK(found.trials() <= 4);
  CHECK(found.last().finite());
  CHECK(found.last().loss < 0);
  CHECK(found.last().slope < 0.9 * cliff.slope(0));
  // Without a wall the same slope is not enough.
  WeakWolfe rule;
  const Ray ray = cliff.ray();
  rule.state.step = 0.5;
  rule.first(ray);
  CHECK(rule.judge(ray, probe(cliff, ray, {0.5, Probe::slope}, 1)).action == Verdict::Action::retry);
}

TEST_CASE("weak Wolfe gives up after max_trials, and when its bracket has closed") {
  const Curve endless{"line", [](double t) { return -t; }, [](double) { return -1.0; }, 1};
  const Search found = from(endless, 1, {.max_trials = 7});
  CHECK(found.end == Search::End::gave_up);
  CHECK(found.trials() == 7);
  // A loss that rises although the slope says that it falls.
  const Curve wrong{"wrong", [](double t) { return 1 + t; }, [](double) { return -1.0; }, 1};
  const Search closed = from(wrong, 1);
  CHECK((closed.end == Search::End::gave_up || nearly_equal(closed.last().loss, 1)));
  CHECK(closed.trials() <= 40);
}

TEST_CASE("weak Wolfe suits a loss with a kink: it never asks for a small slope") {
  const Curve kink{"absolute", [](double t) { return std::abs(t - 1); }, [](double t) { return t < 1 ? -1.0 : 1.0; },
                   1};
  for (double first : {1e-6, 0.1, 0.9, 1.5, 3.0, 100.0}) {
    const Search found = from(kink, first);
    INFO("first step " << first);
    REQUIRE(found.end == Search::End::taken);
    CHECK(found.last().step >= 1);
    CHECK(found.last().step < 2);
  }
}

TEST_CASE("weak Wolfe asked twice gives the same, and each ray begins with an open bracket") {
  WeakWolfe rule;
  rule.state.step = 4;
  const Curve curve = parabola();
  const Ray ray = curve.ray();
  CHECK(rule.first(ray).step == 4);
  CHECK(rule.first(ray).with == Probe::slope);
  rule.judge(ray, probe(curve, ray, {4, Probe::slope}, 1));
  rule.judge(ray, {.step = 2, .loss = not_a_number});
  CHECK(rule.first(ray).step == 4);
  CHECK(rule.state.low.step == 0);
  CHECK(std::isinf(rule.state.high.step));
  CHECK_FALSE(rule.state.wall);
  CHECK(rule.first({.loss = 1, .slope = -1, .natural_step = 1}).step == 1);
}

TEST_CASE("a rollback shortens weak Wolfe's step by the factor; one that was taken at once is doubled next time") {
  WeakWolfe rule;
  rule.taken({.step = 3, .trials = 1});
  CHECK(rule.first({}).step == 6);
  rule.taken({.step = 3, .trials = 2});
  CHECK(rule.first({}).step == 3);
  const WeakWolfe copy = rule;
  rule.rolled_back(0.5);
  CHECK(rule.first({}).step == 1.5);
  CHECK(copy.state.step == 3);
}

TEST_CASE("weak Wolfe's parameters out of their ranges are refused by name, value and range") {
  CHECK_THROWS_WITH(validate_rule(WeakWolfe{.sufficient_decrease = 2}),
                    "sufficient_decrease = 2 of weak-wolfe is out of range: it must be in (0, 0.5)");
  for (double wrong : {0.0, -0.5, 1.0, 2.0, not_a_number, infinity}) {
    CHECK(mentions(thrown([&] { validate_rule(WeakWolfe{.curvature_condition = wrong}); }),
                   "curvature_condition = " + number(wrong) + " of weak-wolfe is out of range: it must be in ("));
  }
  CHECK_THROWS_WITH(validate_rule(WeakWolfe{.sufficient_decrease = 0.4, .curvature_condition = 0.3}),
                    "curvature_condition = 0.3 of weak-wolfe is out of range: it must be in (0.4, 1)");
  CHECK_THROWS_WITH(validate_rule(WeakWolfe{.max_trials = 0}),
                    "max_trials = 0 of weak-wolfe is out of range: it must be >= 1");
}
