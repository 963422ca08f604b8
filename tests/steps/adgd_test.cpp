#include "surefoot/steps/adgd.hpp"

#include "catch.hpp"
#include "steps/descend.hpp"

using namespace surefoot;

static_assert(StepRule<AdGD> && StepRule<AdGD2>);
static_assert(AdGD::role == Role::proposes && AdGD2::role == Role::proposes);

namespace {

/// The step after two steps `before`, `last`, of which the last met the curvature |y|/|s|; before = 0: it was the first.
template <class Rule>
double next(double before, double last, double curvature) {
  Rule rule;
  if (before > 0) rule.taken({.step = before, .displacement = 1, .gradient_change = 1, .cosine = 1});
  rule.taken({.step = last, .displacement = 3, .gradient_change = 3 * curvature, .cosine = 1});
  return rule.first({}).step;
}

}  // namespace

TEST_CASE("adgd's step is the smaller of sqrt(1 + θ) times the last and |s| / 2|y|") {
  CHECK(next<AdGD>(0.2, 0.1, 1e-3) == Approx(0.1 * std::sqrt(1.5)));
  CHECK(next<AdGD>(0.1, 0.3, 1e-3) == Approx(0.3 * 2));
  CHECK(next<AdGD>(0.2, 0.1, 1e3) == Approx(0.5e-3));
  CHECK(next<AdGD>(0.2, 0.1, 4.5) == Approx(1 / 9.0));
}

TEST_CASE("adgd's second step is the curvature's alone, however far from the first") {
  CHECK(next<AdGD>(0, 1e-6, 0.5) == Approx(1));
  CHECK(next<AdGD>(0, 1e6, 0.5) == Approx(1));
}

TEST_CASE("adgd2's step is the smaller of sqrt(2/3 + θ) times the last and t / sqrt(2 t² L² − 1)") {
  CHECK(next<AdGD2>(0.2, 0.1, 1) == Approx(0.1 * std::sqrt(2.0 / 3 + 0.5)));
  CHECK(next<AdGD2>(0.1, 0.3, 1) == Approx(0.3 * std::sqrt(2.0 / 3 + 3)));
  CHECK(next<AdGD2>(0.1, 1, 3) == Approx(1 / std::sqrt(17.0)));
  CHECK(next<AdGD2>(1, 1, 1) == Approx(1));  // 2 − 1 = 1, below sqrt(5/3)
}

TEST_CASE("adgd2 begins with θ = 1/3, so its second step is no longer than the first") {
  CHECK(next<AdGD2>(0, 0.1, 0.001) == Approx(0.1));
  CHECK(next<AdGD2>(0, 10, 1) == Approx(10 / std::sqrt(199.0)));
}

TEST_CASE("the energy in the proof of Malitsky and Mishchenko (2020) never rises under adgd on convex losses") {
  constexpr unsigned seed = 851;
  std::mt19937 random(seed);
  for (int round = 0; round < 20; ++round) {
    const bool quadratic = round % 2 == 0;
    const Vector curvatures = (2 * test::random_vector(random, 6).array()).exp();
    const test::Function f = quadratic ? test::bowl(curvatures) : test::logistic(random, 40, 6, 0.01);
    Vector least = Vector::Zero(6), gradient(6);
    for (int k = 0; k < 20000 && !quadratic; ++k) {  // plain descent with a safe step: L <= largest |x|²/4
      f(least, gradient);
      least -= 0.1 * gradient;
    }
    const double floor = f(least, gradient);
    AdGD rule;
    const auto run = test::descend(rule, f, test::random_vector(random, 6), 1e-4, 60);
    // |w_{k+1} − w*|² + |s_k|²/2 + 2 t_k (1 + θ_k) (f_k − f*) <= |w_k − w*|² + |s_{k−1}|²/2 + 2 t_k θ_k (f_{k−1} − f*)
    for (std::size_t k = 1; k < run.steps.size(); ++k) {
      const double t = run.steps[k], theta = t / run.steps[k - 1];
      const auto distance = [&](std::size_t i) { return (run.points[i] - least).squaredNorm(); };
      const auto moved = [&](std::size_t i) { return (run.points[i + 1] - run.points[i]).squaredNorm() / 2; };
      const double after = distance(k + 1) + moved(k) + 2 * t * (1 + theta) * (run.losses[k] - floor);
      const double before = distance(k) + moved(k - 1) + 2 * t * theta * (run.losses[k - 1] - floor);
      INFO("seed " << seed << ", round " << round << ", k " << k);
      REQUIRE(after <= before * (1 + 1e-9) + 1e-9);
    }
  }
}

TEST_CASE("adgd and adgd2 keep to what their papers prove of the steps on a convex quadratic, and arrive") {
  constexpr unsigned seed = 852;
  std::mt19937 random(seed);
  const auto check = [&](auto rule, double least_share, double constant) {
    Vector curvatures = (1.5 * test::random_vector(random, 8).array()).exp();
    const double largest = curvatures.maxCoeff(), t0 = 1e-6 / largest;
    const Vector start = test::random_vector(random, 8);
    const auto run = test::descend(rule, test::bowl(curvatures), start, t0, 3000);
    INFO("seed " << seed << ", largest curvature " << largest);
    CHECK(run.losses.back() < 1e-10 * run.losses.front());
    for (std::size_t k = 1; k < run.steps.size() && run.losses[k] > 1e-200; ++k) {  // then squares underflow
      const double theta = k > 1 ? run.steps[k - 1] / run.steps[k - 2] : 1 / 3.0;
      const double growth = std::min(1.0, std::sqrt(constant + theta));  // adgd2's "growth" may be below 1
      const double shortest = std::min(growth * run.steps[k - 1], least_share / largest);
      REQUIRE(run.steps[k] >= shortest * (1 - 1e-9));
      REQUIRE(run.points[k].norm() <= 2 * start.norm());
    }
  };
  for (int round = 0; round < 10; ++round) {
    check(AdGD{}, 0.5, 1);
    check(AdGD2{}, 1 / std::sqrt(2), 2 / 3.0);
  }
}

TEST_CASE("where the gradient did not change, adgd grows as far as it may") {
  AdGD rule;
  rule.taken({.step = 1, .displacement = 1, .gradient_change = 0});
  CHECK(rule.first({}).step == 4);
  rule.taken({.step = 4, .displacement = 1, .gradient_change = 0});
  CHECK(rule.first({}).step == Approx(4 * std::sqrt(5.0)));
}

TEST_CASE("the steps of adgd and adgd2 stay positive and finite whatever they are told") {
  const double numbers[] = {0, 5e-324, 1e-300, 1e-10, 1, 1e10, 1e300, 1.7e308};
  const auto check = [&](auto fresh) {
    for (double s : numbers) {
      for (double y : numbers) {
        for (double first : {1e-300, 1.0, 1e300}) {
          for (double second : {1e-300, 1.0, 1e300}) {
            auto rule = fresh;
            for (double step : {first, second}) {
              rule.taken({.step = step, .displacement = s, .gradient_change = y, .cosine = 1});
              INFO("s " << s << ", y " << y << ", steps " << first << ", " << second);
              REQUIRE(rule.first({}).step > 0);
              REQUIRE(rule.first({}).step <= largest_step);
            }
          }
        }
      }
    }
  };
  check(AdGD{});
  check(AdGD2{});
}

TEST_CASE("a rollback shortens the step of adgd and adgd2 and lets θ begin anew") {
  AdGD first;
  first.taken({.step = 1, .displacement = 1, .gradient_change = 1});
  first.rolled_back(0.25);
  CHECK(first.first({}).step == 0.125);
  first.taken({.step = 0.125, .displacement = 1, .gradient_change = 0.1});
  CHECK(first.first({}).step == Approx(5));  // the curvature's, no bound on growth
  AdGD2 second;
  second.taken({.step = 1, .displacement = 1, .gradient_change = 1});
  const double before = second.first({}).step;
  second.rolled_back(0.25);
  CHECK(second.first({}).step == before / 4);
  second.taken({.step = 0.125, .displacement = 1, .gradient_change = 0.1});
  CHECK(second.first({}).step == Approx(0.125));
  second.restarted({.natural_step = 7});
  CHECK(second.first({}).step == 7);
  CHECK(second.learns() == Learns::pair);
  CHECK(probes(second) == Probe::none);
}
