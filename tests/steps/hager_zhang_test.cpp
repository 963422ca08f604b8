#include "surefoot/steps/hager_zhang.hpp"

#include <map>

#include "catch.hpp"
#include "support/ray_driver.hpp"
#include "support/thrown.hpp"

using namespace surefoot;

static_assert(StepRule<HagerZhang>);
static_assert(HagerZhang::role == Role::judges);

namespace {

Search from(const Curve& curve, double last, HagerZhang rule = {}) {
  rule.state.step = last;
  return search(rule, curve, curve.ray());
}

Search naturally(const Curve& curve, double natural, HagerZhang rule = {}) {
  Ray ray = curve.ray();
  ray.natural_step = natural;
  return search(rule, curve, ray);
}

/// Wolfe's conditions, or the approximate ones, for a rule that has seen no other loss than the ray's.
bool keeps_a_promise(const HagerZhang& rule, const Ray& ray, const Trial& trial) {
  const double delta = rule.sufficient_decrease;
  if (!trial.finite() || !(trial.slope >= rule.curvature_condition * ray.slope)) return false;
  const bool wolfe = trial.loss - ray.loss <= delta * trial.step * ray.slope;
  const bool approximate =
      trial.slope <= (2 * delta - 1) * ray.slope && trial.loss <= ray.loss + rule.loss_noise * std::abs(ray.loss);
  return wolfe || approximate;
}

}  // namespace

TEST_CASE("Hager and Zhang's search ends with a step of its promise, from last or natural steps 1e-300 to 1e300") {
  constexpr unsigned seed = 71;
  std::mt19937 random(seed);
  std::map<std::string, int> taken_on;
  for (int round = 0; round < 600; ++round) {
    const Curve curve = random_curve(random);
    const Ray ray = curve.ray();
    for (const HagerZhang& rule : {HagerZhang{}, HagerZhang{.curvature_condition = 0.1},
                                   HagerZhang{.sufficient_decrease = 1e-4, .loss_noise = 1e-14}}) {
      for (double step : first_steps(curve.size)) {
        for (const Search& found : {from(curve, step, rule), naturally(curve, step, rule)}) {
          INFO(curve.name << " of size " << curve.size << ", seed " << seed << ", round " << round << ", step " << step
                          << ", trials " << found.trials());
          REQUIRE(found.end == Search::End::taken);
          REQUIRE(found.trials() <= 50);
          REQUIRE(keeps_a_promise(rule, ray, found.last()));
          ++taken_on[curve.name];
        }
      }
    }
  }
  CHECK(taken_on.size() == 6);  // every kind of curve
}

TEST_CASE("on a parabola the trial after Hager and Zhang's probe is the minimiser, whatever the last step") {
  for (double size : {1e-200, 1e-8, 1.0, 1e8, 1e200}) {
    for (double last : {0.01, 0.3, 1.0, 7.0, 19.0}) {  // the probe is a tenth of it
      const Search found = from(parabola(size), last * size);
      INFO("size " << size << ", last step " << last << " of it");
      REQUIRE(found.end == Search::End::taken);
      CHECK(found.trials() == 2);
      CHECK(found.tried[0].step == Approx(0.1 * last * size));
      CHECK(found.last().step == Approx(size));
    }
  }
}

TEST_CASE("where the probe rises, twice the last step is tried instead of a parabola's minimiser") {
  const Search found = from(parabola(), 25);  // the probe at 2.5 lies above the start
  REQUIRE(found.trials() >= 2);
  CHECK(found.tried[1].step == Approx(50));
  CHECK(found.end == Search::End::taken);
}

TEST_CASE("with a natural step Hager and Zhang's search begins there, without a probe") {
  const Search found = naturally(parabola(), 1);
  CHECK(found.trials() == 1);
  CHECK(found.last().step == 1);
  // Too long: the secant through both slopes is exact on a parabola.
  const Search long_one = naturally(parabola(), 4);
  CHECK(long_one.trials() == 2);
  CHECK(long_one.last().step == Approx(1));
}

TEST_CASE("where losses carry no digit of the decrease, Hager and Zhang's search still finds the minimum by slopes") {
  const Curve flat = parabola(1, 1, 1e16);  // one unit in the last place of the offset is 2
  for (double natural : {0.01, 0.3, 1.95, 5.0, 100.0}) {
    const Search found = naturally(flat, natural, {.curvature_condition = 0.1});
    INFO("natural step " << natural);
    REQUIRE(found.end == Search::End::taken);
    CHECK(found.last().slope >= -0.1);
    CHECK(found.last().slope <= 0.8);
    CHECK(found.trials() <= 6);
  }
}

TEST_CASE("once the loss hardly changes any more, Hager and Zhang's search judges by slopes alone") {
  const Ray ray{.loss = 1, .slope = -1, .natural_step = 1};
  // Low enough for Wolfe's first condition, but beyond the minimum by more than its mirror image allows.
  const Trial beyond{.step = 1, .loss = 0.5, .slope = 0.9, .model_decrease = -1};
  HagerZhang fresh, settled;
  settled.first({.loss = 1.0005, .slope = -1});
  settled.taken({.step = 1, .loss = 1});
  fresh.first({.loss = 2, .slope = -1});
  fresh.taken({.step = 1, .loss = 1});
  for (auto* rule : {&fresh, &settled}) rule->first(ray);
  CHECK(fresh.judge(ray, beyond).action == Verdict::Action::take);
  CHECK(settled.judge(ray, beyond).action == Verdict::Action::retry);
  settled.rolled_back(0.5);  // forgets the path
  settled.first(ray);
  CHECK(settled.judge(ray, beyond).action == Verdict::Action::take);
}

TEST_CASE("the noise that Hager and Zhang allow is a share of the losses' running mean") {
  HagerZhang rule{.loss_noise = 1e-3};
  rule.first({.loss = 8, .slope = -1});
  rule.taken({.step = 1, .loss = -3});
  // Q: 1, 1.7. C: 8, 8 + (3 − 8)/1.7.
  const double size = 8 - 5 / 1.7;
  const Ray ray{.loss = -3, .slope = -1, .natural_step = 1};
  rule.first(ray);
  rule.first(ray);  // asked twice: counted once
  CHECK(rule.state.size == Approx(size));
  Trial trial{.step = 1, .loss = -3 + 0.99e-3 * size, .slope = 0.1, .model_decrease = -1};
  CHECK(rule.judge(ray, trial).action == Verdict::Action::take);
  rule.first(ray);
  trial.loss = -3 + 1.01e-3 * size;
  CHECK(rule.judge(ray, trial).action == Verdict::Action::retry);
}

TEST_CASE("Hager and Zhang's search closes in on a wall with a minimum before it, from far beyond") {
  const Curve barrier{"barrier", [](double t) { return t < 1 ? -std::log1p(-t) - 3 * t : not_a_number; },
                      [](double t) { return t < 1 ? 1 / (1 - t) - 3 : not_a_number; }, 1};
  for (double natural : {1.0, 2.0, 50.0, 1e6, 1e300}) {
    const Search found = naturally(barrier, natural, {.curvature_condition = 0.1});
    INFO("natural step " << natural);
    REQUIRE(found.end == Search::End::taken);
    CHECK(found.last().slope >= -0.2);
    CHECK(found.trials() <= 40);
  }
}

TEST_CASE("Hager and Zhang's search gives up after max_trials, and on a loss that its slopes contradict") {
  const Curve endless{"line", [](double t) { return -t; }, [](double) { return -1.0; }, 1};
  const Search found = naturally(endless, 1, {.max_trials = 7});
  CHECK(found.end == Search::End::gave_up);
  CHECK(found.trials() == 7);
  const Curve wrong{"wrong", [](double t) { return 1 + t; }, [](double) { return -1.0; }, 1};
  const Search contradicted = naturally(wrong, 1);
  CHECK(contradicted.end == Search::End::gave_up);
  CHECK(contradicted.trials() <= 50);
}

TEST_CASE("Hager and Zhang's search asked twice gives the same, and each ray begins anew") {
  HagerZhang rule;
  rule.state.step = 4;
  const Curve curve = parabola();
  const Ray ray = curve.ray();
  const double probe_at = rule.first(ray).step;
  CHECK(probe_at == Approx(0.4));
  CHECK(rule.first(ray).with == Probe::slope);
  rule.judge(ray, probe(curve, ray, {probe_at, Probe::slope}, 1));
  rule.judge(ray, {.step = 2, .loss = not_a_number, .number = 2});
  CHECK(std::isfinite(rule.state.wall));
  CHECK(rule.first(ray).step == probe_at);
  CHECK(std::isinf(rule.state.wall));
  CHECK(rule.state.phase == HagerZhang::Phase::quad);
}

TEST_CASE("a rollback shortens Hager and Zhang's step by the factor, and a copy is independent") {
  HagerZhang rule;
  rule.taken({.step = 3, .loss = 1, .trials = 1});
  CHECK(rule.first({}).step == Approx(0.3));
  const HagerZhang copy = rule;
  rule.rolled_back(0.5);
  CHECK(rule.first({}).step == Approx(0.15));
  CHECK(copy.state.step == 3);
}

TEST_CASE("Hager and Zhang's parameters out of their ranges are refused by name, value and range") {
  CHECK_NOTHROW(validate_rule(HagerZhang{.curvature_condition = 0.1}));  // as low as sufficient_decrease
  CHECK_THROWS_WITH(validate_rule(HagerZhang{.curvature_condition = 0.09}),
                    "curvature_condition = 0.09 of hager-zhang is out of range: it must be in [0.1, 1)");
  CHECK_THROWS_WITH(validate_rule(HagerZhang{.sufficient_decrease = 2}),
                    "sufficient_decrease = 2 of hager-zhang is out of range: it must be in (0, 0.5)");
  CHECK_THROWS_WITH(validate_rule(HagerZhang{.loss_noise = 0}),
                    "loss_noise = 0 of hager-zhang is out of range: it must be > 0");
  CHECK_THROWS_WITH(validate_rule(HagerZhang{.max_trials = 0}),
                    "max_trials = 0 of hager-zhang is out of range: it must be >= 1");
}
