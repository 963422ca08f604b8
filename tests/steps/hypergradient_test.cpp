#include "surefoot/steps/hypergradient.hpp"

#include "catch.hpp"
#include "steps/descend.hpp"

using namespace surefoot;

static_assert(StepRule<Hypergradient>);
static_assert(Hypergradient::role == Role::proposes);

namespace {

double next(const Vector& before, const Vector& after, double step, bool tell_the_norm = true) {
  Hypergradient rule{.rate = 0.3};
  rule.first({.gradient_norm = before.norm()});
  Move move = test::move_between(step, -step * before, after - before, 0, after.norm(), 1);
  if (!tell_the_norm) move.gradient_norm = not_a_number;
  rule.taken(move);
  return rule.first({}).step;
}

}  // namespace

TEST_CASE("a hypergradient step is 1 + rate · cos(g+, g) times the last, the cosine from vectors") {
  constexpr unsigned seed = 881;
  std::mt19937 random(seed);
  for (int round = 0; round < 300; ++round) {
    const Vector before = test::random_vector(random, 4),
                 after = std::pow(10, round % 7 - 3) * test::random_vector(random, 4);
    const double expected = 0.7 * (1 + 0.3 * before.dot(after) / (before.norm() * after.norm()));
    INFO("seed " << seed << ", round " << round);
    CHECK(next(before, after, 0.7) == Approx(expected).epsilon(1e-10));
    CHECK(next(before, after, 0.7, false) == Approx(expected).epsilon(1e-8));
  }
}

TEST_CASE("gradients that agree lengthen the step by its rate, opposite ones shorten it, orthogonal ones keep it") {
  const Vector g = Eigen::Vector2d(3, 4), across = Eigen::Vector2d(-4, 3);
  CHECK(next(g, 2 * g, 1) == Approx(1.3));
  CHECK(next(g, g, 1) == Approx(1.3));
  CHECK(next(g, -0.5 * g, 1) == Approx(0.7));
  CHECK(next(g, across, 1) == Approx(1).epsilon(1e-12));
  CHECK(next(g, Vector::Zero(2), 1) == 1);
}

TEST_CASE("the cosine of two gradients does not depend on their scale, however extreme") {
  const Vector g = Eigen::Vector2d(3, 4), other = Eigen::Vector2d(5, 1);
  const double plain = next(g, other, 1);
  for (double scale : {0x1p-500, 0x1p500}) {
    Hypergradient rule{.rate = 0.3};
    rule.first({.gradient_norm = scale * g.norm()});
    Move move = test::move_between(1, -g, other - g, 0, other.norm(), 1);
    move.displacement *= scale;
    move.gradient_change *= scale;
    move.gradient_norm *= scale;
    rule.taken(move);
    CHECK(rule.first({}).step == plain);
  }
}

TEST_CASE("on a parabola of one unknown the hypergradient step grows to the rim of 2/L and is turned back there") {
  Hypergradient rule{.rate = 0.1};
  const auto run = test::descend(rule, test::bowl(Vector::Constant(1, 1)), Vector::Constant(1, 1), 1e-3, 150);
  // Below 1/L successive gradients agree, above it they are opposite.
  for (std::size_t k = 0; k + 1 < run.steps.size(); ++k) {
    CHECK(run.steps[k + 1] == Approx(run.steps[k] * (run.steps[k] < 1 ? 1.1 : 0.9)));
  }
  CHECK(std::abs(run.points.back()[0]) < 1e-6);
}

TEST_CASE("a hypergradient step stays within its rate of the last whatever it is told") {
  const double numbers[] = {0, 5e-324, 1e-300, 1, 1e300, 1.7e308};
  for (double before : numbers) {
    for (double after : numbers) {
      for (double change : numbers) {
        Hypergradient rule{.rate = 0.5};
        rule.first({.gradient_norm = before});
        rule.taken({.step = 2, .displacement = 2, .gradient_change = change, .cosine = 0.5, .gradient_norm = after});
        INFO(before << ", " << after << ", " << change);
        CHECK(rule.first({}).step >= 1);
        CHECK(rule.first({}).step <= 3);
      }
    }
  }
}

TEST_CASE("a rollback shortens the hypergradient step, which needs no probe and learns from pairs") {
  Hypergradient rule;
  rule.taken({.step = 2, .displacement = 2, .gradient_change = 0, .cosine = 0, .gradient_norm = 1});
  CHECK(rule.first({}).step == Approx(2.04));
  const double before = rule.first({}).step;
  rule.rolled_back(0.25);
  CHECK(rule.first({}).step == before / 4);
  CHECK(rule.first({}).with == Probe::none);
  CHECK(rule.learns() == Learns::pair);
  CHECK_THROWS_AS(validate_rule(Hypergradient{.rate = 1}), std::invalid_argument);
  CHECK_THROWS_AS(validate_rule(Hypergradient{.rate = 0}), std::invalid_argument);
}
