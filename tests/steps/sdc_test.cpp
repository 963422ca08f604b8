#include "surefoot/steps/sdc.hpp"

#include "catch.hpp"
#include "steps/descend.hpp"
#include "support/ray_driver.hpp"

using namespace surefoot;

static_assert(StepRule<SDC>);
static_assert(SDC::role == Role::proposes);

TEST_CASE("sdc takes its Cauchy steps, then one of Yuan's, which it keeps for as many steps as it was told") {
  constexpr unsigned seed = 841;
  std::mt19937 random(seed);
  const Vector curvatures = Vector::LinSpaced(30, 0, 2).unaryExpr([](double x) { return std::pow(10, x); });
  for (const auto& [cauchy_steps, constant_steps] : {std::pair(2, 1), std::pair(3, 5), std::pair(8, 6)}) {
    SDC rule{.cauchy_steps = cauchy_steps, .constant_steps = constant_steps};
    const auto run = test::descend(rule, test::bowl(curvatures), test::random_vector(random, 30), 1e-3, 43);
    REQUIRE(run.steps.size() == 43);
    const auto cauchy = [&](std::size_t k) {
      const Vector& g = run.gradients[k];
      return g.dot(g) / g.dot(curvatures.cwiseProduct(g));
    };
    for (std::size_t k = 1; k < run.steps.size(); ++k) {  // 0 is the opening's
      const int place = static_cast<int>(k - 1) % (cauchy_steps + constant_steps);
      const double ratio = run.gradients[k].norm() / run.gradients[k - 1].norm();
      INFO("seed " << seed << ", cycle " << cauchy_steps << " + " << constant_steps << ", k " << k);
      if (place < cauchy_steps) {
        CHECK(run.steps[k] == Approx(cauchy(k)).epsilon(1e-6));
      } else if (place == cauchy_steps) {
        CHECK(run.steps[k] == Approx(yuan_step(cauchy(k - 1), cauchy(k), ratio)).epsilon(1e-6));
      } else if (run.moves[k].trials == 1) {
        CHECK(run.steps[k] == run.steps[k - 1]);  // no probe
      } else {
        CHECK(run.steps[k] < run.steps[k - 1]);  // the loss would have risen
      }
    }
  }
}

TEST_CASE("a step that sdc keeps costs one trial, and one that would raise the loss is shortened") {
  SDC rule;
  rule.state = {.step = 1, .cycle = 5, .constant = 1};
  const Curve wide = parabola(1.5), narrow = parabola(0.1);
  CHECK_FALSE(probing(rule));
  const Search kept = search(rule, wide, wide.ray());
  CHECK(kept.trials() == 1);
  CHECK(kept.last().step == 1);
  const Search shortened = search(rule, narrow, narrow.ray());
  CHECK(shortened.tried.front().step == 1);
  CHECK(shortened.last().step < 0.2);
  CHECK(shortened.last().loss < narrow.ray().loss);
}

TEST_CASE("a rollback starts sdc's cycle anew at a share of the step that it would have tried") {
  for (int cycle : {0, 3, 4, 5, 7}) {
    SDC rule;
    rule.state = {.step = 3, .cycle = cycle, .constant = 5, .last = {.minimiser = 1, .gradient_norm = 1}};
    const double before = rule.first({.gradient_norm = 1}).step;
    CHECK(before == (cycle > 4 ? 5 : 3));
    rule.rolled_back(0.25);
    CHECK(rule.first({.gradient_norm = 1}).step == before / 4);
    CHECK(rule.first({.gradient_norm = 1}).with == Probe::slope);
    CHECK(probing(rule));
    CHECK(rule.state.cycle == 0);
  }
}

TEST_CASE("a ray on which no curvature was found starts sdc's cycle anew") {
  SDC rule;
  rule.state.cycle = 3;
  rule.taken({.step = 2});
  CHECK(rule.state.cycle == 0);
  CHECK(rule.first({}).step == 2);
}

TEST_CASE("sdc's loss falls with every step on a quadratic, also when the kept step is too long") {
  constexpr unsigned seed = 842;
  std::mt19937 random(seed);
  for (int round = 0; round < 20; ++round) {
    const Vector curvatures = (3 * test::random_vector(random, 12).array()).exp();
    SDC rule{.cauchy_steps = 2, .constant_steps = 9};
    const auto run = test::descend(rule, test::bowl(curvatures), test::random_vector(random, 12), 1e-4, 100);
    INFO("seed " << seed << ", round " << round);
    for (std::size_t k = 2; k < run.losses.size(); ++k) REQUIRE(run.losses[k] <= run.losses[k - 1]);
  }
}
