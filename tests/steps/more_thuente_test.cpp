#include "surefoot/steps/more_thuente.hpp"

#include "catch.hpp"
#include "support/rule_laws.hpp"

using namespace surefoot;

static_assert(StepRule<MoreThuente>);
static_assert(MoreThuente::role == Role::judges);

namespace {

Search from(const Curve& curve, double first, MoreThuente rule = {}) {
  rule.state.step = first;
  return search(rule, curve, curve.ray());
}

// The functions of Moré & Thuente (1994), section 5.

/// (5.1): concave to the right of its minimiser √2.
Curve far_off() {
  constexpr double b = 2;
  return {"5.1", [](double a) { return -a / (a * a + b); },
          [](double a) { return (a * a - b) / ((a * a + b) * (a * a + b)); }, 1};
}
/// (5.2): concave to the left of its minimiser 1.596, and almost flat at the start.
Curve flat_start() {
  constexpr double b = 0.004;
  return {"5.2", [](double a) { return std::pow(a + b, 5) - 2 * std::pow(a + b, 4); },
          [](double a) { return 5 * std::pow(a + b, 4) - 8 * std::pow(a + b, 3); }, 1};
}
/// (5.3): |a − 1|, rounded off over 2b, with 39 quarter waves to the minimiser.
Curve wavy() {
  constexpr double b = 0.01, l = 39;
  const double pi = std::acos(-1.0);
  return {"5.3",
          [=](double a) {
            const double round = (a - 1) * (a - 1) / (2 * b) + b / 2;
            const double trunk = std::abs(a - 1) >= b ? std::abs(a - 1) : round;
            return trunk + 2 * (1 - b) / (l * pi) * std::sin(l * pi / 2 * a);
          },
          [=](double a) {
            const double trunk = std::abs(a - 1) >= b ? std::copysign(1.0, a - 1) : (a - 1) / b;
            return trunk + (1 - b) * std::cos(l * pi / 2 * a);
          },
          1};
}
/// (5.4), Yanai, Ozawa & Kaneko's: two rounded kinks, at 0 and at 1.
Curve kinks(double b1, double b2) {
  const auto gamma = [](double b) { return std::sqrt(1 + b * b) - b; };
  const double g1 = gamma(b1), g2 = gamma(b2);
  return {"5.4", [=](double a) { return g1 * std::hypot(1 - a, b2) + g2 * std::hypot(a, b1); },
          [=](double a) { return -g1 * (1 - a) / std::hypot(1 - a, b2) + g2 * a / std::hypot(a, b1); }, 1};
}

/// A table of the paper: the first steps 1e-3, 1e-1, 10 and 1000; evaluations, step and slope at the end as an independent
/// source quotes them.
struct Row {
  int evaluations;
  double step, digit;    // and the unit of its last printed digit
  double slope, figure;  // likewise
};
struct Table {
  const char* name;
  Curve curve;
  double mu, eta;
  std::vector<Row> rows;
};
std::vector<Table> tables() {
  return {
      {"I",
       far_off(),
       1e-3,
       0.1,
       {{6, 1.4, 0.1, -9.2e-3, 1e-4}, {3, 1.4, 0.1, 4.7e-3, 1e-4}, {1, 10, 1, 9.4e-3, 1e-4}, {4, 37, 1, 7.3e-4, 1e-5}}},
      {"II",
       flat_start(),
       0.1,
       0.1,
       // The paper prints slopes of 1e-8 and less here: rounding, which depends on the order of the arithmetic.
       {{12, 1.6, 0.1, 0, 2e-7}, {8, 1.6, 0.1, 0, 2e-7}, {8, 1.6, 0.1, 0, 2e-7}, {11, 1.6, 0.1, 0, 2e-7}}},
      {"III",
       wavy(),
       0.1,
       0.1,
       {{12, 1, 0.1, -5.1e-5, 1e-6},
        {12, 1, 0.1, -1.9e-4, 1e-5},
        {10, 1, 0.1, -2.0e-6, 1e-7},
        {13, 1, 0.1, -1.6e-5, 1e-6}}},
      {"IV",
       kinks(1e-3, 1e-3),
       1e-3,
       1e-3,
       // From 1e-3 the step is 0.085 exactly (0.001, 0.005, 0.021, 0.085), which the paper prints as 0.08.
       {{4, 0.085, 1e-3, -6.9e-5, 1e-6},
        {1, 0.1, 0.01, -4.9e-5, 1e-6},
        {3, 0.35, 0.01, -2.9e-6, 1e-7},
        {4, 0.83, 0.01, 1.6e-5, 1e-6}}},
      {"V",
       kinks(1e-2, 1e-3),
       1e-3,
       1e-3,
       {{6, 0.075, 1e-3, 1.9e-4, 1e-5},
        {3, 0.078, 1e-3, 7.4e-4, 1e-5},
        {7, 0.073, 1e-3, -2.6e-4, 1e-5},
        {8, 0.076, 1e-3, 4.5e-4, 1e-5}}},
      {"VI",
       kinks(1e-3, 1e-2),
       1e-3,
       1e-3,
       {{13, 0.93, 0.01, 5.2e-4, 1e-5},
        {11, 0.93, 0.01, 8.4e-5, 1e-6},
        {8, 0.92, 0.01, -2.4e-4, 1e-5},
        {11, 0.92, 0.01, -3.2e-4, 1e-5}}},
  };
}

}  // namespace

TEST_CASE("on the functions of its authors' paper Moré and Thuente's search ends where and when their tables say") {
  const std::vector<double> first{1e-3, 1e-1, 10, 1000};
  for (const Table& table : tables()) {
    for (std::size_t i = 0; i < first.size(); ++i) {
      const Row& row = table.rows[i];
      const Search found =
          from(table.curve, first[i], {.sufficient_decrease = table.mu, .curvature_condition = table.eta});
      INFO("table " << table.name << ", first step " << first[i]);
      REQUIRE(found.end == Search::End::taken);
      CHECK(found.trials() == row.evaluations);
      CHECK(found.last().step == Approx(row.step).epsilon(0).margin(0.501 * row.digit));
      CHECK(found.last().slope == Approx(row.slope).epsilon(0).margin(0.501 * row.figure));
    }
  }
}

TEST_CASE("Moré and Thuente's search goes out as their paper tells: each time four times as far as the last time") {
  const Search found = from(far_off(), 1e-3, {.sufficient_decrease = 1e-3});
  const std::vector<double> told{0.001, 0.005, 0.021, 0.085, 0.341, 1.365};
  REQUIRE(found.tried.size() == told.size());
  for (std::size_t i = 0; i < told.size(); ++i) CHECK(found.tried[i].step == Approx(told[i]));
  // "If we choose mu = eta = 0.1 the algorithm ends with 1.6 after 3 evaluations from 10 and 7 from 1000."
  CHECK(from(far_off(), 10, {.sufficient_decrease = 0.1, .curvature_condition = 0.1}).trials() == 3);
  CHECK(from(far_off(), 1000, {.sufficient_decrease = 0.1, .curvature_condition = 0.1}).trials() == 7);
}

TEST_CASE("Moré and Thuente's search takes only steps that keep both inequalities, from first steps 1e-300 to 1e300") {
  for (double c2 : {0.1, 0.5, 0.9}) {
    int content = 0;
    const auto keeps = [&](const Ray& ray, const Search& found) {
      const Trial& taken = found.last();
      if (!laws::falls_enough(ray, taken, 1e-4, ray.loss)) return false;
      if (std::abs(taken.slope) <= c2 * std::abs(ray.slope)) return true;
      ++content;
      return found.trials() >= 40;  // as announced
    };
    const auto tally = laws::every_taken_step_keeps(MoreThuente{.curvature_condition = c2}, 111, keeps, 50, 500);
    CHECK(content < tally.searches / 500);
    CHECK(tally.gave_up == 0);
  }
}

TEST_CASE("on a parabola Moré and Thuente's search ends at the minimiser, by secants, in three trials at most") {
  for (double size : {1e-200, 1e-8, 1.0, 1e8, 1e200}) {
    for (double first : {0.2, 0.5, 0.95, 1.3, 1.9, 3.0, 9.0, 100.0}) {
      const Search found = from(parabola(size), first * size);
      INFO("size " << size << ", first step " << first << " of it");
      REQUIRE(found.end == Search::End::taken);
      CHECK(found.trials() <= 3);
      if (found.trials() > 1) CHECK(found.last().step == Approx(size));
    }
  }
}

TEST_CASE("a trial that is not finite counts for Moré and Thuente's search as one that is far too high") {
  const Curve barrier{"barrier", [](double t) { return t < 1 ? -std::log1p(-t) - 3 * t : not_a_number; },
                      [](double t) { return t < 1 ? 1 / (1 - t) - 3 : not_a_number; }, 1};
  for (double first : {0.1, 1.0, 2.0, 50.0, 1e6, 1e300}) {
    const Search found = from(barrier, first);  // the minimum lies at 2/3
    INFO("first step " << first);
    REQUIRE(found.end == Search::End::taken);
    CHECK(std::abs(found.last().slope) <= 0.2);
    CHECK(found.last().step == Approx(2.0 / 3).epsilon(0.05));
  }
}

TEST_CASE("where the losses are equal to the last digit, Moré and Thuente's search finds the minimum by the slopes") {
  const Curve flat = parabola(1, 1, 1e16);
  for (double first : {1e-3, 0.1, 0.5, 1.5, 1.8}) {
    const Search found = from(flat, first);
    INFO("first step " << first);
    REQUIRE(found.end == Search::End::taken);
    CHECK(std::abs(found.last().step - 1) <= 0.1);
    CHECK(found.trials() <= 9);  // from 1e-3 six of them go out
  }
}

TEST_CASE("where losses are nothing but noise, Moré and Thuente's search still finds the minimum by the slopes") {
  for (int seed = 0; seed < 20; ++seed) {
    const Curve noisy{"noisy", [=](double t) { return 1e16 + 4 * std::round(2 * std::sin(1e3 * t + seed)); },
                      [](double t) { return t - 1; }, 1};
    for (double first : {1e-3, 0.1, 0.5, 1.5, 1.8}) {
      const Search found = from(noisy, first);
      INFO("seed " << seed << ", first step " << first);
      REQUIRE(found.end == Search::End::taken);
      CHECK(std::abs(found.last().step - 1) <= 0.1);
      CHECK(found.trials() <= 9);
    }
  }
}

TEST_CASE("without a bracket Moré and Thuente's next step is at least 1.1 times as far from the best as the last was") {
  MoreThuente rule = laws::beginning_with(MoreThuente{}, 1);
  const Ray ray{.loss = 0, .slope = -1};
  rule.first(ray);
  const Trial straight{.step = 1, .loss = -1, .slope = -1, .model_decrease = -1, .number = 1};
  CHECK(rule.judge(ray, straight).next.step == Approx(5));
  // The parabola through both has its minimum at 6, nearer than 5 + 1.1 (5 − 1).
  const Trial bent{.step = 5, .loss = -3.4, .slope = -0.2, .model_decrease = -5, .number = 2};
  CHECK(rule.judge(ray, bent).next.step == Approx(9.4));
}

TEST_CASE("from its 40th trial on Moré and Thuente's search takes any step that lowers the loss enough") {
  MoreThuente rule = laws::beginning_with(MoreThuente{}, 1);
  const Ray ray{.loss = 1, .slope = -1};
  Trial steep{.step = 1, .loss = 0.5, .slope = -0.9, .model_decrease = -1, .number = 39};
  rule.first(ray);
  CHECK(rule.judge(ray, steep).action == Verdict::Action::retry);
  steep.number = 40;
  rule.first(ray);
  CHECK(rule.judge(ray, steep).action == Verdict::Action::take);
  steep.loss = 1.5;
  CHECK(rule.judge(ray, steep).action == Verdict::Action::retry);
}

TEST_CASE("Moré and Thuente's search gives up after max_trials, on a loss that its slopes contradict, and at a kink") {
  const Curve endless{"line", [](double t) { return -t; }, [](double) { return -1.0; }, 1};
  const Search found = from(endless, 1, {.max_trials = 7});
  CHECK(found.end == Search::End::gave_up);
  CHECK(found.trials() == 7);
  CHECK(from(endless, 1, {.max_trials = 25}).last().step <= largest_step);
  const Curve wrong{"wrong", [](double t) { return 1 + t; }, [](double) { return -1.0; }, 1};
  CHECK(from(wrong, 1).end == Search::End::gave_up);
  const Curve kink{"absolute", [](double t) { return std::abs(t - 1); }, [](double t) { return t < 1 ? -1.0 : 1.0; },
                   1};
  const Search closed = from(kink, 0.3, {.bracket_tolerance = 1e-3});
  CHECK(closed.end == Search::End::gave_up);
  CHECK(std::abs(closed.last().step - 1) < 1e-2);
}

TEST_CASE("each of Moré and Thuente's searches begins without a bracket, with the last step") {
  MoreThuente rule;
  rule.taken({.step = 4, .trials = 1});
  const Curve curve = parabola();
  const Ray ray = curve.ray();
  CHECK(rule.first(ray).step == 4);
  CHECK(rule.first(ray).with == Probe::slope);
  rule.judge(ray, probe(curve, ray, {4, Probe::slope}, 1));
  CHECK(rule.state.bracketed);
  CHECK(rule.first(ray).step == 4);
  CHECK_FALSE(rule.state.bracketed);
  CHECK(rule.state.best.step == 0);
}

TEST_CASE("Moré and Thuente's search keeps the laws of rounding, units, walls, rollbacks and natural steps") {
  laws::lowers_a_loss_hidden_by_rounding(MoreThuente{});
  laws::does_not_depend_on_units(MoreThuente{}, 112);
  laws::backs_away_from_what_is_not_finite(MoreThuente{});
  laws::rollback_shortens_exactly(MoreThuente{}, 113);
  laws::first_may_be_asked_twice(MoreThuente{}, 114);
  laws::tries_the_natural_step_first(MoreThuente{});
}

TEST_CASE("Moré and Thuente's search, written down and resumed, goes on bit for bit, and its copies are independent") {
  laws::resumes_bit_for_bit(MoreThuente{}, 115);
  laws::copies_are_independent(MoreThuente{}, 116);
}

TEST_CASE("Moré and Thuente's parameters out of their ranges are refused by name, value and range") {
  CHECK_THROWS_WITH(validate_rule(MoreThuente{.sufficient_decrease = 2}),
                    "sufficient_decrease = 2 of more-thuente is out of range: it must be in (0, 0.5)");
  CHECK_THROWS_WITH(validate_rule(MoreThuente{.sufficient_decrease = 0.4}),
                    "curvature_condition = 0.1 of more-thuente is out of range: it must be in (0.4, 1)");
  CHECK_THROWS_WITH(validate_rule(MoreThuente{.bracket_tolerance = 0}),
                    "bracket_tolerance = 0 of more-thuente is out of range: it must be in (0, 1)");
  CHECK_THROWS_WITH(validate_rule(MoreThuente{.max_trials = 0}),
                    "max_trials = 0 of more-thuente is out of range: it must be >= 1");
}
