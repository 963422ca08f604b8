#include "surefoot/objectives/box.hpp"

#include <optional>

#include "catch.hpp"
#include "support/minimized.hpp"
#include "surefoot/directions/steepest.hpp"
#include "surefoot/loop/minimizer.hpp"
#include "surefoot/minimize.hpp"
#include "surefoot/objectives/functions.hpp"
#include "surefoot/registry.hpp"

using namespace surefoot;

TEST_CASE("every rule that fits keeps every trial within the box and finds the bounded minimum") {
  // Minimum at 2 in each of 8 coordinates; the box ends at 1 for the first half.
  Quadratic bowl = Quadratic::log_spaced(8, 100, Vector::Constant(8, 2.0));
  const Vector low = Vector::Constant(8, -1.0);
  Vector high = Vector::Constant(8, 5.0);
  high.head(4).setOnes();
  for (const auto& name : rule_names()) {
    const auto rule = make_rule(name);
    if (probes(rule) == Probe::slope) continue;
    INFO(name);
    const test::Loss watched = [&](const Vector& w, Vector& gradient) {
      REQUIRE((w.array() >= low.array()).all());
      REQUIRE((w.array() <= high.array()).all());
      return bowl.loss(w, gradient);
    };
    Boxed box(watched, low, high);
    const auto result =
        Minimizer{SteepestDescent{}, rule, Monitor{}, Stop{.gradient = 1e-7, .max_iterations = 20000}}.run(
            box, Vector::Constant(8, 30.0));
    CHECK(result.status == Status::converged);
    CHECK((result.w.head(4) - Vector::Ones(4)).norm() < 1e-5);
    CHECK((result.w.tail(4) - Vector::Constant(4, 2.0)).norm() < 1e-5);
    CHECK(result.gradient_norm <= 1e-7 * result.start_gradient_norm);  // of the proximal residual
  }
}

TEST_CASE("a rule that judges by slopes is refused in a box, with the reason") {
  Quadratic bowl = Quadratic::log_spaced(2, 1);
  Boxed box(bowl, Vector::Zero(2), Vector::Ones(2));
  CHECK_THROWS_WITH(
      (Minimizer{SteepestDescent{}, make_rule("weak-wolfe"), Monitor{}, Stop{}}.run(box, Vector::Zero(2))),
      Catch::Matchers::ContainsSubstring("no slopes along its path"));
}

TEST_CASE("bounds that are empty or of the wrong number are refused and named") {
  Quadratic bowl = Quadratic::log_spaced(2, 1);
  CHECK_THROWS_WITH((Boxed(bowl, Vector{{0, 3}}, Vector{{1, 2}})),
                    Catch::Matchers::ContainsSubstring("bound 1 is empty"));
  CHECK_THROWS_AS((Boxed(bowl, Vector::Zero(3), Vector::Ones(2))), std::invalid_argument);
}

TEST_CASE("a start at the bounded minimum stays there and says so") {
  Quadratic bowl = Quadratic::log_spaced(2, 1, Vector::Constant(2, 9.0));
  Boxed box(bowl, Vector::Zero(2), Vector::Ones(2));
  const auto result = Minimizer{SteepestDescent{}, make_rule("bb1"), Monitor{}, Stop{}}.run(box, Vector::Ones(2));
  CHECK(result.w == Vector::Ones(2));
  CHECK(result.status == Status::converged);
}

TEST_CASE("a box is solved from any first step, also where the loss is straight along a weight") {
  const test::Loss linear_beside_a_bowl = [](const Vector& w, Vector& gradient) {
    gradient = Eigen::Vector2d(-10, w[1] - 0.3);
    return -10 * w[0] + 0.5 * (w[1] - 0.3) * (w[1] - 0.3);
  };
  for (const std::optional<double> first_step : {std::optional<double>{}, {1e-300}, {1e-6}, {1.0}, {1e6}, {1e300}}) {
    Boxed boxed(linear_beside_a_bowl, Vector::Constant(2, -1.0), Vector::Constant(2, 1.0));
    const auto result = minimize(boxed, Vector::Constant(2, -1.0), {.first_step = first_step});
    INFO("first step " << first_step.value_or(0) << ": " << result.explain());
    CHECK(result.status == Status::converged);
    CHECK((result.w - Eigen::Vector2d(1, 0.3)).norm() < 1e-7);
    CHECK(result.gradient_evaluations <= 20);
  }
}

TEST_CASE("the gradient that a bounded run is tested by does not shrink with the length of its first step") {
  const test::Loss bowl = [](const Vector& w, Vector& gradient) {
    gradient = w - Vector::Constant(3, 0.5);
    return 0.5 * gradient.squaredNorm();
  };
  for (const double first_step : {1.0, 1e100, 1e300}) {
    Boxed boxed(bowl, Vector::Constant(3, -1.0), Vector::Constant(3, 1.0));
    const auto result = minimize(boxed, Vector::Constant(3, -1.0), {.first_step = first_step});
    CHECK(result.start_gradient_norm > 0.1);
    CHECK((result.w - Vector::Constant(3, 0.5)).norm() < 1e-6);
  }
}

TEST_CASE("a bounded run that ends in rounding has converged: against a bound the gradient itself never falls") {
  const Eigen::Index n = 20;
  const test::Loss rough = [](const Vector& w, Vector& gradient) {  // a gradient whose last digits are noise
    double loss = 0;
    for (Eigen::Index i = 0; i < n; ++i) {
      const double k = static_cast<double>(i + 1), z = w[i] - 3 * std::sin(k);
      loss += k * std::cosh(z);
      gradient[i] = k * std::sinh(z) + 1e-7 * (1.5 + std::sin(1e12 * w[i]));
    }
    return loss;
  };
  Boxed boxed(rough, Vector::Constant(n, -1.0), Vector::Ones(n));
  const auto result = minimize(boxed, Vector::Zero(n));
  INFO(result.explain());
  CHECK(result.status == Status::converged);
  CHECK(result.gradient_norm > 0);
  CHECK(result.gradient_norm <= 1e-8 * result.start_gradient_norm);
}
