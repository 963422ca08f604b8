#include "surefoot/steps/goldstein.hpp"

#include "catch.hpp"
#include "support/rule_laws.hpp"

using namespace surefoot;

static_assert(StepRule<Goldstein>);
static_assert(Goldstein::role == Role::judges);

namespace {

Search from(const Curve& curve, double first, Goldstein rule = {}) {
  rule.state.step = first;
  return search(rule, curve, curve.ray());
}

bool beside_a_wall(const Search& found) {
  for (const Trial& trial : found.tried) {
    if (!trial.finite() && trial.step <= 10 * found.last().step) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("Goldstein's search takes only steps that keep both of its inequalities, from first steps 1e-300 to 1e300") {
  for (double c : {0.05, 0.25, 0.4}) {
    const auto keeps = [&](const Ray& ray, const Search& found) {
      const Trial& taken = found.last();
      if (!laws::falls_enough(ray, taken, c, ray.loss)) return false;
      if (beside_a_wall(found)) return true;
      if (nearly_equal(taken.loss, ray.loss)) return taken.slope >= (1 - 2 * c) * ray.slope;
      return taken.loss >= ray.loss + (1 - c) * (taken.step * ray.slope);
    };
    laws::every_taken_step_keeps(Goldstein{.sufficient_decrease = c}, 101, keeps, 60);
  }
}

TEST_CASE("on a parabola Goldstein's inequalities hold from 2c to 2 − 2c of the minimiser, and nowhere else") {
  for (double c : {0.1, 0.25, 0.4}) {
    for (double size : {1e-100, 1.0, 1e100}) {
      const Curve curve = parabola(size);
      const Ray ray = curve.ray();
      for (double share : {0.5 * c, 1.99 * c, 2.01 * c, 1.0, 1.99 - 2 * c, 2.01 - 2 * c, 1.99, 5.0}) {
        Goldstein rule{.sufficient_decrease = c};
        rule.first(ray);
        const bool taken =
            rule.judge(ray, probe(curve, ray, {share * size, Probe::loss}, 1)).action == Verdict::Action::take;
        INFO("c " << c << ", size " << size << ", share " << share);
        CHECK(taken == (share > 2 * c && share < 2 - 2 * c));
      }
    }
  }
}

TEST_CASE("on a parabola Goldstein's second trial is the minimiser, whether the first was too short or too long") {
  for (double size : {1e-100, 1e-8, 1.0, 1e8, 1e100}) {
    for (double first : {0.11, 0.3, 0.45, 2.1, 4.0, 9.0}) {
      const Search found = from(parabola(size), first * size);
      INFO("size " << size << ", first step " << first << " of it");
      REQUIRE(found.end == Search::End::taken);
      CHECK(found.trials() == 2);
      CHECK(found.last().step == Approx(size));
    }
  }
}

TEST_CASE("beside a wall Goldstein's search takes a step that lowers the loss, although it is short") {
  // Falls straight towards a wall at 1: no step reaches the lower line.
  const Curve cliff{"cliff", [](double t) { return t < 1 ? -t : not_a_number; },
                    [](double t) { return t < 1 ? -1.0 : not_a_number; }, 1};
  for (double first : {0.01, 1.5, 5.0, 1e10, 1e300}) {
    const Search found = from(cliff, first);
    INFO("first step " << first);
    REQUIRE(found.end == Search::End::taken);
    CHECK(found.last().step >= 0.1);
    CHECK(found.last().step < 1);
    CHECK(found.trials() <= 30);
  }
}

TEST_CASE(
    "where losses are equal but for rounding, Goldstein's search demands of the slope what it means on a parabola") {
  const Curve flat = parabola(1, 1, 1e16);
  for (double first : {0.01, 0.1, 0.3, 0.49}) {
    const Search found = from(flat, first);
    INFO("first step " << first);
    REQUIRE(found.end == Search::End::taken);
    CHECK(found.last().step >= 0.5);
    CHECK(found.last().step <= 1.5);
  }
}

TEST_CASE("Goldstein's search reads the model decrease, so a proximal step is judged by its own promise") {
  const Ray ray{.loss = 10, .slope = -4};
  Goldstein rule;
  const auto taken = [&](double loss, double decrease) {
    rule.first(ray);
    const Trial trial{.step = 0.5, .loss = loss, .model_decrease = decrease};
    return rule.judge(ray, trial).action == Verdict::Action::take;
  };
  CHECK(taken(9.5, -1));
  CHECK_FALSE(taken(9.5, -2.1));
  CHECK_FALSE(taken(9.5, -0.6));
}

TEST_CASE("Goldstein's search gives up after max_trials, and when its bracket has closed") {
  const Curve endless{"line", [](double t) { return -t; }, [](double) { return -1.0; }, 1};
  const Search found = from(endless, 1, {.max_trials = 7});
  CHECK(found.end == Search::End::gave_up);
  CHECK(found.trials() == 7);
  const Search furthest = from(endless, 1);
  CHECK(furthest.end == Search::End::gave_up);
  CHECK(furthest.last().step <= largest_step);
  // A jump over everything between the lines: both ends close in on it.
  const Curve jump{"jump", [](double t) { return t < 1 ? -t : 1.0; }, [](double) { return -1.0; }, 1};
  const Search closed = from(jump, 0.7);
  CHECK(closed.end == Search::End::gave_up);
  CHECK(closed.trials() <= 60);
}

TEST_CASE("each of Goldstein's searches begins without a bracket, with the last step") {
  Goldstein rule;
  rule.taken({.step = 4, .trials = 1});
  const Curve curve = parabola();
  const Ray ray = curve.ray();
  CHECK(rule.first(ray).step == 4);
  CHECK(rule.first(ray).with == Probe::loss);
  rule.judge(ray, probe(curve, ray, {4, Probe::loss}, 1));
  CHECK(rule.state.high == 4);
  CHECK(rule.first(ray).step == 4);
  CHECK(std::isinf(rule.state.high));
}

TEST_CASE("Goldstein's search keeps the laws of rounding, units, walls, rollbacks and natural steps") {
  laws::lowers_a_loss_hidden_by_rounding(Goldstein{});
  laws::does_not_depend_on_units(Goldstein{}, 102);
  laws::backs_away_from_what_is_not_finite(Goldstein{});
  laws::rollback_shortens_exactly(Goldstein{}, 103);
  laws::first_may_be_asked_twice(Goldstein{}, 104);
  laws::tries_the_natural_step_first(Goldstein{});
}

TEST_CASE("Goldstein's search, written down and resumed, goes on bit for bit, and its copies are independent") {
  laws::resumes_bit_for_bit(Goldstein{}, 105);
  laws::copies_are_independent(Goldstein{}, 106);
}

TEST_CASE("Goldstein's parameters out of their ranges are refused by name, value and range") {
  for (double wrong : {0.0, 0.5, -1.0, 2.0, not_a_number, infinity}) {
    CHECK_THROWS_WITH(
        validate_rule(Goldstein{.sufficient_decrease = wrong}),
        "sufficient_decrease = " + number(wrong) + " of goldstein is out of range: it must be in (0, 0.5)");
  }
  CHECK_THROWS_WITH(validate_rule(Goldstein{.max_trials = 0}),
                    "max_trials = 0 of goldstein is out of range: it must be >= 1");
}
