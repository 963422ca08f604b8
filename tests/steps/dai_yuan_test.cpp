#include "surefoot/steps/dai_yuan.hpp"

#include "catch.hpp"
#include "steps/descend.hpp"
#include "surefoot/steps/cauchy.hpp"

using namespace surefoot;

static_assert(StepRule<DaiYuan>);
static_assert(DaiYuan::role == Role::proposes);

TEST_CASE("on a quadratic of two unknowns a Cauchy step, Yuan's and a Cauchy step end at the minimiser") {
  constexpr unsigned seed = 831;
  std::mt19937 random(seed);
  for (int round = 0; round < 200; ++round) {
    const Vector curvatures = (2 * test::random_vector(random, 2).array()).exp();
    Vector w = test::random_vector(random, 2);
    const auto gradient = [&] { return Vector(curvatures.cwiseProduct(w)); };
    const auto cauchy = [&](const Vector& g) { return g.dot(g) / g.dot(curvatures.cwiseProduct(g)); };
    const Vector g0 = gradient();
    w -= cauchy(g0) * g0;
    const Vector g1 = gradient();
    w -= yuan_step(cauchy(g0), cauchy(g1), g1.norm() / g0.norm()) * g1;
    const Vector g2 = gradient();
    w -= cauchy(g2) * g2;
    INFO("seed " << seed << ", round " << round << ", curvatures " << curvatures.transpose());
    CHECK(gradient().norm() <= 1e-10 * g0.norm());
  }
}

TEST_CASE("Dai and Yuan's rule ends on a quadratic of two unknowns with the first Cauchy step after Yuan's") {
  constexpr unsigned seed = 832;
  std::mt19937 random(seed);
  for (int round = 0; round < 100; ++round) {
    const Vector curvatures = (2 * test::random_vector(random, 2).array()).exp();
    DaiYuan rule;
    // The opening's step, two of Cauchy's, two of Yuan's (the second keeps the gradient along one axis), one of Cauchy's.
    const auto run = test::descend(rule, test::bowl(curvatures), test::random_vector(random, 2), 0.01, 6);
    INFO("seed " << seed << ", round " << round << ", curvatures " << curvatures.transpose());
    CHECK(run.gradients.back().norm() <= 1e-7 * run.gradients.front().norm());
  }
}

TEST_CASE("Dai and Yuan's steps are two of Cauchy's and two of Yuan's, in turn") {
  constexpr unsigned seed = 833;
  std::mt19937 random(seed);
  const Vector curvatures = (2 * test::random_vector(random, 9).array()).exp();
  DaiYuan rule;
  const auto run = test::descend(rule, test::bowl(curvatures), test::random_vector(random, 9), 0.01, 41);
  REQUIRE(run.steps.size() == 41);
  const auto cauchy = [&](std::size_t k) {
    const Vector& g = run.gradients[k];
    return g.dot(g) / g.dot(curvatures.cwiseProduct(g));
  };
  for (std::size_t k = 1; k < run.steps.size(); ++k) {  // 0 is the opening's
    const bool yuans = (k - 1) % 4 >= 2;
    const double ratio = run.gradients[k].norm() / run.gradients[k - 1].norm();
    const double expected = yuans ? yuan_step(cauchy(k - 1), cauchy(k), ratio) : cauchy(k);
    INFO("seed " << seed << ", k " << k);
    CHECK(run.steps[k] == Approx(expected).epsilon(1e-6));
  }
}

TEST_CASE("under Dai and Yuan's rule the loss of a quadratic never rises, and falls far faster than under Cauchy's") {
  const Vector curvatures = Vector::LinSpaced(40, 0, 3).unaryExpr([](double x) { return std::pow(10, x); });
  const Vector start = Vector::Ones(40);
  DaiYuan rule;
  Cauchy plain;
  const auto run = test::descend(rule, test::bowl(curvatures), start, 1e-3, 200);
  const auto slow = test::descend(plain, test::bowl(curvatures), start, 1e-3, 200);
  for (std::size_t k = 2; k < run.losses.size(); ++k) CHECK(run.losses[k] <= run.losses[k - 1]);
  CHECK(run.losses.back() < 1e-6 * slow.losses.back());
}

TEST_CASE("a rollback starts Dai and Yuan's cycle anew, with a shorter first probe") {
  DaiYuan rule;
  rule.state.turn = 2;
  rule.state.last = {.minimiser = 1, .gradient_norm = 1};
  rule.taken({.step = 2});  // a ray without a known minimiser
  CHECK(rule.state.turn == 0);
  rule.state.turn = 3;
  rule.rolled_back(0.25);
  CHECK(rule.first({.gradient_norm = 1}).step == 0.5);
  CHECK(rule.state.turn == 0);
  CHECK(rule.state.last.yuan(7) == 7);
  CHECK(probes(rule) == Probe::slope);
  CHECK(probing(rule));
}
