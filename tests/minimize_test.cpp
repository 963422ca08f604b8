#include "surefoot/minimize.hpp"

#include "catch.hpp"
#include "support/minimized.hpp"
#include "support/objectives.hpp"
#include "surefoot/objectives/box.hpp"

using namespace surefoot;

TEST_CASE("minimize needs nothing but an objective and a start") {
  const auto result = minimize(Rosenbrock(10), Rosenbrock(10).start());
  CHECK(result.status == Status::converged);
  CHECK((result.w - Vector::Ones(10)).norm() < 1e-5);
}

TEST_CASE("minimize takes a stop, a first step and an observer") {
  int steps = 0;
  const auto result = minimize(
      Rosenbrock(2), Rosenbrock(2).start(),
      {.stop = {.gradient = 1e-10, .max_iterations = 500}, .first_step = 1e-6, .observer = [&](const Event& event) {
         steps += event.kind == Event::Kind::step ? 1 : 0;
         return true;
       }});
  CHECK(result.gradient_norm <= 1e-10 * result.start_gradient_norm);
  CHECK(steps >= 10);
  CHECK_THROWS_AS(minimize(Rosenbrock(2), Rosenbrock(2).start(), {.first_step = 0.0}), std::invalid_argument);
}

TEST_CASE("on a convex bowl minimize reaches the minimum from any scale of the loss") {
  for (const double factor : {1e-150, 1e-30, 1.0, 1e30, 1e150}) {
    INFO(factor);
    const test::Transformed<Quadratic> bowl{Quadratic::log_spaced(30, 1e6), factor, 0};
    const auto result = test::minimized(bowl, Vector::Ones(30));
    CHECK(result.status == Status::converged);
    CHECK(result.w.norm() < 1e-6);
  }
}

TEST_CASE("minimize solves the hazards on which other minimisers were seen to fail") {
  SECTION("a logarithmic barrier with NaN beyond it") {
    const auto barrier = [](const Vector& w, Vector& gradient) {
      gradient[0] = 1 / (1 - w[0]) - 3;
      return -std::log(1 - w[0]) - 3 * w[0];
    };
    const auto result = test::minimized(barrier, Vector::Zero(1));
    CHECK(result.status == Status::converged);
    CHECK(result.w[0] == Approx(2.0 / 3).epsilon(1e-8));
    CHECK(result.gradient_evaluations < 30);
  }
  SECTION("a loss that is NaN everywhere") {
    const auto nothing = [](const Vector& w, Vector& gradient) { return gradient = w, std::nan(""); };
    const auto result = test::minimized(nothing, Vector::Ones(2));
    CHECK(result.status == Status::failed);
    CHECK(result.code == Code::start_not_finite);
  }
  SECTION("a condition of 1e12") {
    const auto result = test::minimized(Quadratic(Vector{{1e12, 1.0}}), Vector::Ones(2));
    CHECK(result.status == Status::converged);
    CHECK(result.loss < 1e-6);
  }
  SECTION("a start at the minimum costs one call") {
    const auto result = test::minimized(Quadratic::log_spaced(5, 10), Vector::Zero(5));
    CHECK(result.gradient_evaluations == 1);
    CHECK(result.status == Status::converged);
  }
}

TEST_CASE("an objective with bounds is minimised within them") {
  Quadratic bowl = Quadratic::log_spaced(6, 100, Vector::Constant(6, 2.0));
  Boxed bounded(bowl, Vector::Zero(6), Vector{{1, 1, 1, 3, 3, 3}});
  const auto result = minimize(bounded, Vector::Constant(6, 9.0));
  CHECK(result.status == Status::converged);
  CHECK((result.w - Vector{{1, 1, 1, 2, 2, 2}}).norm() < 1e-6);
}
