#include "surefoot/steps/silver.hpp"

#include "catch.hpp"
#include "steps/descend.hpp"

using namespace surefoot;

static_assert(StepRule<Silver>);

namespace {
const double rho = 1 + std::sqrt(2.0);

/// The first `count` steps.
std::vector<double> schedule(Silver rule, int count) {
  std::vector<double> steps;
  for (int i = 0; i < count; ++i) {
    steps.push_back(rule.first({}).step);
    rule.taken({.step = steps.back()});
  }
  return steps;
}
}  // namespace

TEST_CASE("the silver schedule begins sqrt2, 2, sqrt2, 1 + ρ, sqrt2, 2, sqrt2, 1 + ρ² over L") {
  const double root = std::sqrt(2.0);
  const double expected[] = {root, 2, root, 1 + rho, root, 2, root, 1 + rho * rho};
  const auto steps = schedule({.lipschitz = 4}, 8);
  for (std::size_t i = 0; i < 8; ++i) CHECK(steps[i] == Approx(expected[i] / 4));
}

TEST_CASE("the first 2^k − 1 silver steps sum to (ρ^k − 1)/L") {
  const auto steps = schedule({.lipschitz = 0.5}, (1 << 14) - 1);
  double sum = 0;
  int k = 1;
  for (int i = 1; i <= static_cast<int>(steps.size()); ++i) {
    sum += steps[static_cast<std::size_t>(i - 1)];
    if (i != (1 << k) - 1) continue;
    CHECK(sum == Approx((std::pow(rho, k) - 1) / 0.5).epsilon(1e-11));
    ++k;
  }
  CHECK(k == 15);
}

TEST_CASE("after 2^k − 1 silver steps the loss of Huber functions keeps the bound of Altschuler and Parrilo") {
  for (int k = 1; k <= 7; ++k) {
    const int count = (1 << k) - 1;
    const double bound = 1 / (1 + std::sqrt(4 * std::pow(rho, 2 * k) - 3));  // L = |w0 − w*| = 1
    double worst = 0;
    for (double width = 1e-4; width <= 1.0; width *= 1.02) {
      const test::Function huber = [=](const Vector& w, Vector& gradient) {
        gradient = w.cwiseMax(-width).cwiseMin(width);
        const double size = std::abs(w[0]);
        return size <= width ? 0.5 * size * size : width * (size - 0.5 * width);
      };
      Silver rule{.lipschitz = 1};
      const auto run = test::descend(rule, huber, Vector::Ones(1), std::sqrt(2.0), count);
      INFO("k " << k << ", width " << width);
      REQUIRE(run.losses.back() <= bound * (1 + 1e-9));
      worst = std::max(worst, run.losses.back());
    }
    // Where w never leaves the straight part, width (1 − width Σt) − width²/2, greatest at width = 1/(1 + 2 Σt).
    CHECK(worst == Approx(0.5 / (2 * std::pow(rho, k) - 1)).epsilon(1e-3));
  }
}

TEST_CASE("after 2^k − 1 silver steps the loss of quadratics keeps the bound of Altschuler and Parrilo") {
  constexpr unsigned seed = 891;
  std::mt19937 random(seed);
  for (int round = 0; round < 50; ++round) {
    const Vector curvatures = (2 * test::random_vector(random, 10).array()).exp();
    const double largest = curvatures.maxCoeff();
    Silver rule{.lipschitz = largest};
    const Vector start = test::random_vector(random, 10);
    const auto run = test::descend(rule, test::bowl(curvatures), start, std::sqrt(2.0) / largest, 63);
    for (int k = 1; k <= 6 && run.losses.size() == 64; ++k) {
      const double bound = largest * start.squaredNorm() / (1 + std::sqrt(4 * std::pow(rho, 2 * k) - 3));
      INFO("seed " << seed << ", round " << round << ", k " << k);
      CHECK(run.losses[static_cast<std::size_t>((1 << k) - 1)] <= bound);
    }
  }
}

TEST_CASE("without L the silver schedule takes the run's first step for sqrt2 / L") {
  Silver rule;
  CHECK(adapts(rule));
  CHECK(std::isnan(rule.given_step()));
  rule.taken({.step = 0.1});
  const auto rest = schedule(rule, 30);
  const auto whole = schedule({.lipschitz = std::sqrt(2.0) / 0.1}, 31);
  for (std::size_t i = 0; i < rest.size(); ++i) CHECK(rest[i] == Approx(whole[i + 1]).epsilon(1e-13));
}

TEST_CASE("without L a silver step that had to be shortened, or was rolled back, shortens all that follow") {
  Silver rule;
  rule.taken({.step = 0.1});
  const auto plain = schedule(rule, 9);
  Silver shortened = rule;
  shortened.taken({.step = plain[0] / 2});
  CHECK(shortened.first({}).step == Approx(plain[1] / 2));
  Silver undone = rule;
  const double before = undone.first({}).step;
  undone.rolled_back(0.25);
  CHECK(undone.first({}).step == before / 4);
  CHECK(schedule(undone, 9)[7] == Approx(plain[7] / 4));
}

TEST_CASE("with L given the silver schedule goes on as it was, whatever became of a step") {
  Silver rule{.lipschitz = 2};
  const auto plain = schedule(rule, 9);
  CHECK_FALSE(adapts(rule));
  CHECK(rule.given_step() == plain[0]);
  rule.taken({.step = 1e-9});  // under the monitor's cap
  CHECK(rule.first({}).step == plain[1]);
  rule.rolled_back(0.5);
  CHECK(rule.first({}).step == plain[1]);
  rule.restarted({});
  CHECK(rule.first({}).step == plain[0]);
}

TEST_CASE("silver steps are finite after any number of them and at any scale") {
  for (double largest : {1e-300, 1.0, 1e300}) {
    for (int taken : {0, (1 << 29) - 1, (1 << 30) - 2, (1 << 30) - 1}) {
      Silver rule{.lipschitz = largest};
      rule.state.taken = taken;
      CHECK(rule.first({}).step > 0);
      CHECK(rule.first({}).step <= largest_step);
      rule.taken({.step = 1});
      CHECK(rule.first({}).step <= largest_step);
    }
  }
  CHECK_THROWS_AS(validate_rule(Silver{.lipschitz = 0}), std::invalid_argument);
  CHECK_THROWS_AS(validate_rule(Silver{.lipschitz = -1}), std::invalid_argument);
}
