#include "surefoot/steps/cauchy.hpp"

#include "catch.hpp"
#include "steps/descend.hpp"
#include "support/ray_driver.hpp"
#include "surefoot/steps/armijo.hpp"
#include "surefoot/steps/joined.hpp"

using namespace surefoot;

static_assert(StepRule<Cauchy>);
static_assert(Cauchy::role == Role::proposes);

TEST_CASE("Cauchy's step is g·g / g·Ag on a quadratic, with one probe") {
  constexpr unsigned seed = 821;
  std::mt19937 random(seed);
  const Vector curvatures = (3 * test::random_vector(random, 7).array()).exp();
  Cauchy rule;
  const auto run = test::descend(rule, test::bowl(curvatures), test::random_vector(random, 7), 1e-3, 40);
  REQUIRE(run.steps.size() == 40);
  for (std::size_t k = 1; k < run.steps.size(); ++k) {
    const Vector& g = run.gradients[k];
    INFO("seed " << seed << ", k " << k);
    CHECK(run.steps[k] == Approx(g.dot(g) / g.dot(curvatures.cwiseProduct(g))).epsilon(1e-8));
    CHECK(run.moves[k].trials <= 2);
  }
}

TEST_CASE("from its worst start Cauchy's step lowers the loss by ((κ − 1)/(κ + 1))² each time, as Kantorovich has it") {
  const double kappa = 20;
  Cauchy rule;
  const Vector curvatures = Eigen::Vector2d(1, kappa), worst = Eigen::Vector2d(kappa, 1);
  // The first step is the exact one too, so that the path is the worst one from the start.
  const auto run = test::descend(rule, test::bowl(curvatures), worst, 2 / (1 + kappa), 30);
  const double rate = (kappa - 1) / (kappa + 1);
  for (std::size_t k = 0; k + 1 < run.losses.size(); ++k) {
    CHECK(run.losses[k + 1] / run.losses[k] == Approx(rate * rate).epsilon(1e-6));
  }
}

TEST_CASE("a probe of Cauchy's rule is not taken, however low it lies, also where Armijo's judge stands behind it") {
  Joined rule{Cauchy{}, Armijo{}};
  rule.proposer.state.step = 0.1;
  const Curve curve = parabola(1);
  const Ray ray = curve.ray();
  const Ask ask = rule.first(ray);
  CHECK(ask.with == Probe::slope);
  CHECK(rule.probing());
  const Trial low = probe(curve, ray, ask, 1);
  CHECK(low.loss < ray.loss + 1e-4 * low.model_decrease);  // Armijo would take it
  const Verdict verdict = rule.judge(ray, low);
  CHECK(verdict.action == Verdict::Action::retry);
  CHECK(verdict.next.step == Approx(1));
  CHECK_FALSE(rule.probing());
  CHECK(rule.judge(ray, probe(curve, ray, verdict.next, 2)).action == Verdict::Action::take);
}

TEST_CASE("the next ray of Cauchy's rule is probed at the step that was taken, shorter after a rollback") {
  Cauchy rule;
  rule.taken({.step = 3});
  CHECK(rule.first({}).step == 3);
  CHECK(rule.first({}).step == 3);
  rule.rolled_back(0.25);
  CHECK(rule.first({}).step == 0.75);
  rule.restarted({});
  CHECK(rule.first({}).step == 0.75);
  rule.restarted({.natural_step = 2});
  CHECK(rule.first({}).step == 2);
  CHECK(probes(rule) == Probe::slope);
  CHECK(rule.learns() == Learns::nothing);
  CHECK(needs_gradient_direction(rule));
}
