#include "surefoot/find_step.hpp"

#include <algorithm>

#include "catch.hpp"
#include "support/thrown.hpp"
#include "surefoot/objectives/functions.hpp"

using namespace surefoot;

namespace {

/// The largest loss of plain gradient descent over so many iterations (Inf where it is not finite).
template <class Function>
double highest_loss(const Function& function, Vector w, double step, int iterations = 1000) {
  Vector gradient(w.size());
  function.loss(w, gradient);
  double highest = -infinity;
  for (int i = 0; i < iterations; ++i) {
    w -= step * gradient;
    const double loss = function.loss(w, gradient);
    if (!std::isfinite(loss)) return infinity;
    highest = std::max(highest, loss);
  }
  return highest;
}

}  // namespace

TEST_CASE("on a quadratic the limit is 2/L, found from below within 5 %, and the suggestion half of it") {
  for (double curvature : {1e-150, 1e-8, 1e-3, 1.0, 37.0, 1e6, 1e150}) {
    const Quadratic line(Vector::Constant(1, curvature));
    const auto range = find_step(line, Vector::Constant(1, 3));
    INFO("curvature " << curvature);
    CHECK(range.limit * curvature <= 2);
    CHECK(range.limit * curvature >= 0.95 * 2);
    CHECK(range.suggestion == range.limit / 2);
  }
}

TEST_CASE("on a quadratic of many curvatures the largest decides, from any start") {
  for (double condition : {10.0, 1e3, 1e5}) {
    const Quadratic bowl = Quadratic::log_spaced(20, condition, Vector::LinSpaced(20, -3, 3));
    for (const Vector& w0 : {Vector(bowl.start()), Vector(Vector::Zero(20)), Vector(1e3 * Vector::Ones(20))}) {
      const auto range = find_step(bowl, w0);
      INFO("condition " << condition);
      CHECK(range.limit >= 0.95 * 2 / condition);
      // Over 1,000 iterations a step a hair above 2/L may still end below its start.
      CHECK(range.limit <= 1.005 * 2 / condition);
    }
  }
}

TEST_CASE("neither the start nor the objective is changed by the search for a step") {
  Rosenbrock valley(4);
  const Vector w0 = valley.start(), before = w0;
  const auto first = find_step(valley, w0), again = find_step(valley, w0);
  CHECK(w0 == before);
  CHECK(first.limit == again.limit);
  CHECK(first.curve == again.curve);
  const Rosenbrock constant(4);
  CHECK(find_step(constant, w0).limit == first.limit);
}

TEST_CASE("on Rosenbrock's function the limit keeps the loss down for 1,000 iterations, and 5 % more does not") {
  const Rosenbrock valley;
  for (const Vector& w0 : {Vector(valley.start()), Vector(Eigen::Vector2d(0, 0)), Vector(Eigen::Vector2d(2, -1))}) {
    Vector gradient(2);
    const double start = valley.loss(w0, gradient);
    const auto range = find_step(valley, w0);
    INFO("from " << w0.transpose() << ", limit " << range.limit);
    REQUIRE(range.limit > 0);
    CHECK(highest_loss(valley, w0, range.limit) <= start);
    CHECK(highest_loss(valley, w0, 1.05 * range.limit) > start);
  }
}

TEST_CASE("the curve has every step that was tried, ascending, from a finite loss below the start's to an explosion") {
  const Quadratic bowl = Quadratic::log_spaced(5, 100);
  const auto range = find_step(bowl, bowl.start());
  REQUIRE(range.curve.size() >= 4);
  CHECK(std::is_sorted(range.curve.begin(), range.curve.end()));
  CHECK(std::isfinite(range.curve.front().second));
  CHECK(range.curve.front().second < bowl.loss(bowl.start()));
  for (const auto& [step, loss] : range.curve) {
    INFO("step " << step << ", loss " << loss);
    CHECK(step > 0);
    if (step <= range.limit) CHECK(loss <= bowl.loss(bowl.start()));
    if (step > range.limit) CHECK_FALSE(loss <= bowl.loss(bowl.start()));
  }
  CHECK(range.evaluations > 0);
}

TEST_CASE("a loss that is NaN beyond a wall limits the step as a rise does") {
  const auto walled = [](const Vector& w, Vector& gradient) {
    gradient = w;
    return w[0] < -0.5 ? not_a_number : 0.5 * w.squaredNorm();
  };
  const auto range = find_step(walled, Vector::Constant(1, 1));  // from 1 a step t leads to 1 − t
  CHECK(range.limit <= 1.5);
  CHECK(range.limit >= 0.95 * 1.5);
}

TEST_CASE("a start that is not finite throws, and says what is not") {
  const auto nan_loss = [](const Vector& w, Vector& gradient) {
    gradient = w;
    return not_a_number;
  };
  CHECK(mentions(thrown([&] { find_step(nan_loss, Vector::Ones(2)); }), "the loss is NaN"));
  const auto nan_gradient = [](const Vector& w, Vector& gradient) {
    gradient = w;
    gradient[1] = not_a_number;
    return 1.0;
  };
  CHECK(mentions(thrown([&] { find_step(nan_gradient, Vector::Ones(2)); }), "entry 1 of the gradient is NaN"));
  const Quadratic bowl = Quadratic::log_spaced(2, 10);
  CHECK_THROWS_AS(find_step(bowl, Vector(Eigen::Vector2d(1, infinity))), std::invalid_argument);
}

TEST_CASE("where there is no slope there is no limit") {
  const Quadratic bowl = Quadratic::log_spaced(3, 10);
  const auto range = find_step(bowl, bowl.minimiser());
  CHECK(std::isnan(range.limit));
  CHECK(std::isnan(range.suggestion));
  CHECK(range.curve.empty());
}

TEST_CASE("a linear loss has no limit: the search ends at the longest step there is") {
  const auto slope = [](const Vector& w, Vector& gradient) {
    gradient = Vector::Constant(w.size(), 1e-20);
    return 1e-20 * w.sum();
  };
  const auto range = find_step(slope, Vector::Ones(1), {.iterations = 5});
  CHECK(range.limit >= 1e290);
}

TEST_CASE("the number of iterations must be at least 1") {
  const Quadratic bowl = Quadratic::log_spaced(3, 10);
  CHECK_THROWS_WITH(find_step(bowl, bowl.start(), {.iterations = 0}),
                    "iterations = 0 of find_step is out of range: it must be >= 1");
  CHECK(find_step(bowl, bowl.start(), {.iterations = 10}).limit >= 0.95 * 0.2);
}
