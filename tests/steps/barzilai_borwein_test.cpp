#include "surefoot/steps/barzilai_borwein.hpp"

#include <random>

#include "catch.hpp"
#include "surefoot/vector.hpp"

using namespace surefoot;
using Form = BarzilaiBorwein::Form;

static_assert(StepRule<BarzilaiBorwein>);
static_assert(BarzilaiBorwein::role == Role::proposes);

namespace {

Move pair(double step, const Vector& s, const Vector& y) {
  return {
      .step = step, .displacement = s.norm(), .gradient_change = y.norm(), .cosine = s.dot(y) / (s.norm() * y.norm())};
}

double next(Form form, const Move& move) {
  BarzilaiBorwein rule{.form = form};
  rule.taken(move);
  return rule.first({}).step;
}

}  // namespace

TEST_CASE("Barzilai–Borwein steps are s·s / s·y and s·y / y·y on a quadratic") {
  constexpr unsigned seed = 31;
  std::mt19937 random(seed);
  std::normal_distribution<double> normal;
  for (int round = 0; round < 200; ++round) {
    Vector s(6), curvatures(6);
    for (double& x : s) x = normal(random);
    for (double& x : curvatures) x = std::exp(2 * normal(random));
    const Vector y = curvatures.cwiseProduct(s);
    INFO("seed " << seed << ", round " << round);
    CHECK(next(Form::long_step, pair(1, s, y)) == Approx(s.dot(s) / s.dot(y)).epsilon(1e-13));
    CHECK(next(Form::short_step, pair(1, s, y)) == Approx(s.dot(y) / y.dot(y)).epsilon(1e-13));
    CHECK(next(Form::short_step, pair(1, s, y)) <= next(Form::long_step, pair(1, s, y)) * (1 + 1e-15));
    // Both lie between the inverses of the largest and the smallest curvature.
    CHECK(next(Form::long_step, pair(1, s, y)) <= 1 / curvatures.minCoeff() * (1 + 1e-12));
    CHECK(next(Form::short_step, pair(1, s, y)) >= 1 / curvatures.maxCoeff() * (1 - 1e-12));
  }
}

TEST_CASE("the alternating form takes the long step at odd iterations and the short one at even ones") {
  const Vector s = Eigen::Vector2d(1, 1), y = Eigen::Vector2d(1, 3);
  BarzilaiBorwein rule{.form = Form::alternate};
  for (int k = 1; k <= 6; ++k) {
    rule.taken(pair(1, s, y));
    CHECK(rule.first({}).step == Approx(k % 2 == 1 ? 0.5 : 0.4));  // 2/4 and 4/10
  }
}

TEST_CASE("negative or no curvature gives |s|/|y|, in every form") {
  for (Form form : {Form::long_step, Form::short_step, Form::alternate}) {
    CHECK(next(form, {.step = 1, .displacement = 3, .gradient_change = 2, .cosine = -0.7}) == 1.5);
    CHECK(next(form, {.step = 1, .displacement = 3, .gradient_change = 2, .cosine = 0}) == 1.5);
    CHECK(next(form, {.step = 1, .displacement = 3, .gradient_change = 2, .cosine = -1}) == 1.5);
  }
}

TEST_CASE("where the gradient did not change, or nothing moved, the step grows fourfold") {
  for (Form form : {Form::long_step, Form::short_step}) {
    CHECK(next(form, {.step = 0.5, .displacement = 1, .gradient_change = 0, .cosine = 0}) == 2);
    CHECK(next(form, {.step = 0.5, .displacement = 0, .gradient_change = 1, .cosine = 0}) == 2);
    CHECK(next(form, {.step = 0.5, .displacement = 0, .gradient_change = 0, .cosine = 0}) == 2);
  }
}

TEST_CASE("a step is at most 1e10 times longer or shorter than the last, at any scale") {
  for (double last : {1e-250, 1e-3, 1.0, 1e3, 1e250}) {
    CHECK(next(Form::long_step, {.step = last, .displacement = 1e30 * last, .gradient_change = 1, .cosine = 1}) ==
          Approx(1e10 * last));
    CHECK(next(Form::long_step, {.step = last, .displacement = 1e-30 * last, .gradient_change = 1, .cosine = 1}) ==
          Approx(1e-10 * last));
    CHECK(next(Form::long_step, {.step = last, .displacement = last, .gradient_change = 1, .cosine = 1e-40}) ==
          Approx(1e10 * last));
    CHECK(next(Form::short_step, {.step = last, .displacement = last, .gradient_change = 1, .cosine = 1e-40}) ==
          Approx(1e-10 * last));
  }
}

TEST_CASE("whatever pair it is told, a Barzilai–Borwein step stays positive and not NaN") {
  const double numbers[] = {0, 5e-324, 1e-300, 1e-10, 1, 1e10, 1e300, 1.7e308};
  for (double s : numbers) {
    for (double y : numbers) {
      for (double cosine : {-1.0, -1e-300, 0.0, 1e-300, 0.5, 1.0}) {
        for (double step : {1e-290, 1.0, 1e290}) {
          for (Form form : {Form::long_step, Form::short_step}) {
            const double found = next(form, {.step = step, .displacement = s, .gradient_change = y, .cosine = cosine});
            INFO("s " << s << ", y " << y << ", cosine " << cosine << ", step " << step);
            REQUIRE(found > 0);
            REQUIRE(std::isfinite(found));
          }
        }
      }
    }
  }
}

TEST_CASE(
    "Barzilai–Borwein with long steps converges on a 2-d quadratic, superlinearly as Barzilai and Borwein proved") {
  Vector w = Eigen::Vector2d(1, 1);
  const Vector curvatures = Eigen::Vector2d(1, 10);
  BarzilaiBorwein rule;
  rule.state.step = 0.1;
  for (int k = 0; k < 25; ++k) {
    const Vector g = curvatures.cwiseProduct(w);
    if (g.norm() < 1e-100) break;
    const double step = rule.first({}).step;
    const Vector s = -step * g, y = curvatures.cwiseProduct(s);
    w += s;
    rule.taken(pair(step, s, y));
  }
  CHECK(w.norm() < 1e-8);
}

TEST_CASE("Barzilai–Borwein takes what it asked for, without a probe, and learns from pairs") {
  BarzilaiBorwein rule;
  rule.state.step = 3;
  CHECK(rule.first({}).step == 3);
  CHECK(rule.first({}).step == 3);
  CHECK(rule.first({}).with == Probe::none);
  CHECK(rule.judge({}, {.step = 3, .loss = 1e9}).action == Verdict::Action::take);
  CHECK(rule.learns() == Learns::pair);
  CHECK(probes(rule) == Probe::none);
}

TEST_CASE("a rollback shortens the Barzilai–Borwein step, and other coordinates give it a new one") {
  BarzilaiBorwein rule;
  rule.state.step = 3;
  const BarzilaiBorwein copy = rule;
  rule.rolled_back(0.25);
  CHECK(rule.first({}).step == 0.75);
  rule.restarted({});
  CHECK(rule.first({}).step == 0.75);
  rule.restarted({.natural_step = 0.1});
  CHECK(rule.first({}).step == 0.1);
  CHECK(copy.state.step == 3);
}
