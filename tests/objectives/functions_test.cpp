#include "surefoot/objectives/functions.hpp"

#include <random>
#include <stdexcept>

#include "catch.hpp"
#include "support/differences.hpp"

using namespace surefoot;

namespace {

template <class Function>
void check_gradient_at_random_points(const Function& function) {
  constexpr unsigned seed = 20;
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> entry(-2, 2);
  for (int round = 0; round < 25; ++round) {
    Vector w = function.start();
    for (double& value : w) value = entry(random);
    Vector gradient(w.size());
    const double loss = function.loss(w, gradient);
    const Vector expected = gradient_by_differences([&](const Vector& at) { return function.loss(at); }, w);
    INFO(Function::name() << ", seed " << seed << ", round " << round);
    // The loss itself is rounded: that much of it, divided by the step, is the noise of a difference.
    CHECK((gradient - expected).lpNorm<Eigen::Infinity>() <= 1e-9 * (1 + expected.lpNorm<Eigen::Infinity>() + loss));
    CHECK(loss == function.loss(w));
    CHECK(loss >= function.minimum());
  }
}

template <class Function>
void check_minimum(const Function& function) {
  const Vector w = function.minimiser();
  Vector gradient(w.size());
  INFO(Function::name());
  CHECK(function.loss(w, gradient) == function.minimum());
  CHECK(gradient.lpNorm<Eigen::Infinity>() == 0);
  CHECK(function.loss(function.start()) > function.minimum());
}

}  // namespace

TEST_CASE("the gradients of the standard functions agree with differences of their losses") {
  check_gradient_at_random_points(Quadratic::log_spaced(5, 1e3, Vector::LinSpaced(5, -1, 1)));
  check_gradient_at_random_points(Rosenbrock{});
  check_gradient_at_random_points(Rosenbrock{6});
  check_gradient_at_random_points(Beale{});
  check_gradient_at_random_points(PowellSingular{});
  check_gradient_at_random_points(PowellSingular{8});
}

TEST_CASE("the standard functions have their minimum, and no slope, at the minimiser that they name") {
  check_minimum(Quadratic::log_spaced(5, 1e3));
  check_minimum(Quadratic::log_spaced(3, 10, Eigen::Vector3d(1, -2, 1e6)));
  check_minimum(Rosenbrock{});
  check_minimum(Rosenbrock{50});
  check_minimum(Beale{});
  check_minimum(PowellSingular{});
  check_minimum(PowellSingular{12});
}

TEST_CASE("the standard functions have at their start the loss that the literature gives") {
  // Moré, Garbow & Hillstrom (1981): |residuals|² at the standard starts.
  CHECK(Rosenbrock{}.loss(Rosenbrock{}.start()) == Approx(24.2).epsilon(1e-14));
  CHECK(Rosenbrock{10}.loss(Rosenbrock{10}.start()) == Approx(5 * 24.2).epsilon(1e-14));
  CHECK(Beale{}.loss(Beale{}.start()) == Approx(14.203125).epsilon(1e-14));
  CHECK(PowellSingular{}.loss(PowellSingular{}.start()) == Approx(215).epsilon(1e-14));
  CHECK(PowellSingular{8}.loss(PowellSingular{8}.start()) == Approx(430).epsilon(1e-14));
}

TEST_CASE("a log-spaced quadratic has curvatures from 1 to its condition, in equal ratios") {
  const Quadratic quadratic = Quadratic::log_spaced(4, 1000);
  const Vector expected = Eigen::Vector4d(1, 10, 100, 1000);
  CHECK((quadratic.curvatures - expected).lpNorm<Eigen::Infinity>() < 1e-12);
  CHECK(Quadratic::log_spaced(1, 1000).curvatures[0] == 1);

  Vector diagonal(4);
  quadratic.curvature(Vector::Zero(4), diagonal);
  CHECK(diagonal == quadratic.curvatures);
}

TEST_CASE("a standard function refuses a size that it cannot have") {
  CHECK_THROWS_AS(Rosenbrock{3}, std::invalid_argument);
  CHECK_THROWS_AS(Rosenbrock{0}, std::invalid_argument);
  CHECK_THROWS_AS(PowellSingular{6}, std::invalid_argument);
  CHECK_THROWS_AS(Quadratic::log_spaced(0, 10), std::invalid_argument);
  CHECK_THROWS_AS(Quadratic::log_spaced(3, 0.5), std::invalid_argument);
  CHECK_THROWS_AS(Quadratic(Eigen::Vector2d(1, -1)), std::invalid_argument);
  CHECK_THROWS_AS(Quadratic(Eigen::Vector2d(1, 1), Eigen::Vector3d(0, 0, 0)), std::invalid_argument);
  CHECK_THROWS_WITH(Beale{}.loss(Vector::Zero(3)), "w has 3 entries: beale takes 2");
}
