#include "surefoot/steps/lmsd.hpp"

#include <algorithm>
#include <random>

#include "catch.hpp"
#include "surefoot/any_rule.hpp"
#include "surefoot/directions/steepest.hpp"
#include "surefoot/loop/minimizer.hpp"
#include "surefoot/objectives/functions.hpp"
#include "surefoot/step_tuner.hpp"
#include "surefoot/steps/joined.hpp"
#include "surefoot/steps/nonmonotone_armijo.hpp"

using namespace surefoot;

namespace {

/// Steepest descent on ½ Σ λ_i w_i², driven by hand: the gradient of a step t is multiplied by 1 − t λ.
struct Descended {
  Vector curvatures;
  Vector gradient;

  Vector step(double t) {
    Vector before = gradient;
    gradient = gradient.cwiseProduct((1 - t * curvatures.array()).matrix());
    return before;
  }
  double loss() const { return 0.5 * gradient.cwiseAbs2().cwiseQuotient(curvatures).sum(); }
};

Move move_of(const Vector& from, const Vector& to, double step, double loss) {
  const Vector s = -step * from, y = to - from;
  return {.step = step,
          .displacement = norm(s),
          .gradient_change = norm(y),
          .cosine = cosine(s, y, norm(s), norm(y)),
          .loss = loss,
          .gradient_norm = norm(to)};
}

/// A step of the rule's own choice.
void follow(LMSD& rule, Descended& run) {
  const double step = rule.first({}).step;
  const Vector from = run.step(step);
  rule.taken(move_of(from, run.gradient, step, run.loss()), from, run.gradient);
}

LMSD started(Descended& run, double step, int memory) {
  LMSD rule{.memory = memory};
  const Vector from = run.step(step);
  rule.taken(move_of(from, run.gradient, step, run.loss()), from, run.gradient);
  return rule;
}

}  // namespace

TEST_CASE("with as many gradients as there are eigenvalues the Ritz values are these") {
  Vector curvatures(5);
  curvatures << 1, 3, 10, 40, 100;
  Descended run{curvatures, Vector::Constant(5, 2.0)};
  std::vector<Vector> gradients;
  std::vector<double> steps{0.3, 0.05, 0.2, 0.012, 0.7};
  for (const double step : steps) gradients.push_back(run.step(step));
  const Eigen::VectorXd found = LMSD::ritz_values(gradients, steps, run.gradient);
  REQUIRE(found.size() == 5);
  for (Eigen::Index i = 0; i < 5; ++i) CHECK(found[i] == Approx(curvatures[i]).epsilon(1e-6));
}

TEST_CASE("the Ritz values do not depend on the scale of the loss or of the weights") {
  Vector curvatures(4);
  curvatures << 1, 5, 20, 90;
  const auto values = [&](double gradient_scale, double curvature_scale) -> Eigen::VectorXd {
    Descended run{curvatures * curvature_scale, Vector::Constant(4, gradient_scale)};
    std::vector<Vector> gradients;
    std::vector<double> steps;
    for (const double step : {0.1, 0.03, 0.015}) {
      steps.push_back(step / curvature_scale);
      gradients.push_back(run.step(steps.back()));
    }
    return LMSD::ritz_values(gradients, steps, run.gradient) / curvature_scale;
  };
  const Eigen::VectorXd plain = values(1, 1);
  for (const auto& [gradient, curvature] : {std::pair{1e150, 1.0}, {1e-150, 1.0}, {1.0, 1e100}, {1e-50, 1e-100}}) {
    CHECK((values(gradient, curvature) - plain).norm() <= 1e-9 * plain.norm());
  }
}

TEST_CASE("Ritz values lie between the least and the largest curvature of a quadratic") {
  constexpr unsigned seed = 5;
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> uniform;
  for (int round = 0; round < 200; ++round) {
    Vector curvatures(8);
    for (double& c : curvatures) c = std::pow(10, 3 * uniform(random));
    Descended run{curvatures, Vector::Constant(8, 1.0)};
    std::vector<Vector> gradients;
    std::vector<double> steps;
    for (int j = 0; j < 4; ++j) {
      steps.push_back(1 / curvatures[static_cast<Eigen::Index>(8 * uniform(random))]);
      gradients.push_back(run.step(steps.back()));
    }
    INFO("seed " << seed << ", round " << round);
    for (const double value : LMSD::ritz_values(gradients, steps, run.gradient)) {
      CHECK(value >= curvatures.minCoeff() * (1 - 1e-6));
      CHECK(value <= curvatures.maxCoeff() * (1 + 1e-6));
    }
  }
}

TEST_CASE("gradients that say the same twice give no spurious Ritz value") {
  Descended run{Vector::Constant(6, 7.0), Vector::LinSpaced(6, 1, 2)};  // one curvature: all gradients are parallel
  std::vector<Vector> gradients;
  const std::vector<double> steps{0.1, 0.2, 0.05};
  for (const double step : steps) gradients.push_back(run.step(step));
  const Eigen::VectorXd found = LMSD::ritz_values(gradients, steps, run.gradient);
  REQUIRE(found.size() == 1);
  CHECK(found[0] == Approx(7));
}

TEST_CASE("with one gradient in memory the rule is the long Barzilai-Borwein step") {
  Vector curvatures(3);
  curvatures << 1, 4, 9;
  Descended run{curvatures, Vector::Constant(3, 1.0)};
  LMSD rule{.memory = 1};
  for (const double step : {0.05, 0.3, 0.11}) {
    const Vector from = run.step(step);
    const Move move = move_of(from, run.gradient, step, run.loss());
    rule.taken(move, from, run.gradient);
    CHECK(rule.first({}).step == Approx(move.displacement / move.gradient_change / move.cosine));
  }
}

TEST_CASE("a sweep takes the shortest of its steps first and then the longer ones") {
  Vector curvatures(6);
  curvatures << 1, 2, 5, 11, 30, 70;
  Descended run{curvatures, Vector::Constant(6, 1.0)};
  LMSD rule = started(run, 0.01, 4);
  for (int j = 0; j < 12; ++j) {
    follow(rule, run);
    CHECK(std::is_sorted(rule.state.sweep.rbegin(), rule.state.sweep.rend()));
    CHECK(rule.first({}).step == rule.state.sweep.back());
  }
}

TEST_CASE("a quadratic with as many eigenvalues as the memory holds is ended by one sweep of their inverses") {
  Vector curvatures(9);
  curvatures << 2, 2, 2, 15, 15, 15, 100, 100, 100;
  Descended run{curvatures, Vector::LinSpaced(9, 1, 3)};
  LMSD rule = started(run, 0.004, 3);
  const double loss = run.loss();
  int steps = 0;
  while (run.loss() > 1e-12 * loss && ++steps < 100) follow(rule, run);
  CHECK(steps <= 12);
}

TEST_CASE("a loss that rises ends the sweep, and the next one is made of the gradients since") {
  Vector curvatures(4);
  curvatures << 1, 4, 20, 60;
  Descended run{curvatures, Vector::Constant(4, 1.0)};
  LMSD rule = started(run, 0.005, 4);
  while (rule.state.sweep.size() < 3) follow(rule, run);
  const double step = rule.first({}).step;
  const Vector from = run.step(step);
  LMSD fallen = rule, risen = rule;
  fallen.taken(move_of(from, run.gradient, step, rule.state.loss / 2), from, run.gradient);
  risen.taken(move_of(from, run.gradient, step, rule.state.loss * 2), from, run.gradient);
  CHECK(fallen.state.sweep.size() == rule.state.sweep.size() - 1);
  CHECK(risen.state.sweep.size() >= 3);
  CHECK(risen.first({}).step <= fallen.first({}).step);  // it begins with its shortest
}

TEST_CASE("where the curvature is negative lmsd takes longer steps, so that it can't crawl") {
  Descended run{Vector::Constant(2, -3.0), Vector::Constant(2, 1.0)};
  LMSD rule = started(run, 1e-5, 5);
  CHECK(rule.first({}).step == Approx(1.0 / 3));  // |s|/|y|
  run = {Vector::Constant(2, -3.0), Vector::Constant(2, 1.0)};
  rule = started(run, 2, 5);
  CHECK(rule.first({}).step == Approx(6));  // three times the last
}

TEST_CASE("lmsd forgets its gradients at a rollback and a restart, and shrinks its step by the factor") {
  Vector curvatures(3);
  curvatures << 1, 6, 30;
  Descended run{curvatures, Vector::Constant(3, 1.0)};
  LMSD rule = started(run, 0.01, 3);
  for (int j = 0; j < 4; ++j) follow(rule, run);
  const double before = rule.first({}).step;
  rule.rolled_back(0.25);
  CHECK(rule.first({}).step == before / 4);
  CHECK(rule.state.gradients.empty());
  CHECK(rule.state.sweep.empty());
  rule.restarted({.natural_step = 2});
  CHECK(rule.first({}).step == 2);
}

TEST_CASE("lmsd goes on from its written state bit for bit, in the middle of a sweep") {
  Vector curvatures(5);
  curvatures << 1, 3, 10, 40, 100;
  Descended run{curvatures, Vector::LinSpaced(5, 1, 2)};
  LMSD rule = started(run, 0.003, 4);
  for (int j = 0; j < 5; ++j) follow(rule, run);
  LMSD other{.memory = 4};
  other.resume(rule.write());
  Descended same = run;
  for (int j = 0; j < 20; ++j) {
    follow(rule, run);
    follow(other, same);
    REQUIRE(other.first({}).step == rule.first({}).step);
  }
  CHECK(other.write() == rule.write());
  CHECK_THROWS_AS(other.resume({}), std::invalid_argument);
  CHECK_THROWS_AS(other.resume({{"step", {1.0}}}), std::invalid_argument);
}

TEST_CASE("lmsd keeps no more gradients than its memory, and its parameter is checked") {
  Vector curvatures(3);
  curvatures << 1, 6, 30;
  Descended run{curvatures, Vector::Constant(3, 1.0)};
  LMSD rule = started(run, 0.01, 2);
  for (int j = 0; j < 10; ++j) follow(rule, run);
  CHECK(rule.state.gradients.size() == 2);
  CHECK_THROWS_AS(validate_rule(LMSD{.memory = 0}), std::invalid_argument);
}

TEST_CASE("a pair hands lmsd its gradients, and an AnyRule does") {
  const Quadratic bowl = Quadratic::log_spaced(100, 1e4);
  const Stop stop{.target = 1e-6 * bowl.loss(bowl.start()), .max_evaluations = 3000};
  const auto calls = [&](const AnyRule& rule) {
    const Result result = Minimizer{SteepestDescent{}, rule, Monitor{}, stop}.run(bowl, bowl.start());
    INFO(result.explain());
    CHECK(result.code == Code::target);
    return result.gradient_evaluations;
  };
  CHECK(calls(LMSD{}) < 1000);
  CHECK(calls(Joined<LMSD, NonmonotoneArmijo>{}) < 1000);
}

TEST_CASE("whoever has numbers only is told that lmsd keeps gradients") {
  CHECK_THROWS_AS(StepTuner{LMSD{}}, std::invalid_argument);
  CHECK_THROWS_AS((StepTuner{Joined<LMSD, NonmonotoneArmijo>{}}), std::invalid_argument);
  CHECK_THROWS_AS(StepTuner{AnyRule(LMSD{})}, std::invalid_argument);
}
