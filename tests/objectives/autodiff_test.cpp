#include "surefoot/objectives/autodiff.hpp"

#include "catch.hpp"
#include "support/minimized.hpp"
#include "surefoot/check_gradient.hpp"
#include "surefoot/minimize.hpp"
#include "surefoot/objectives/functions.hpp"

using namespace surefoot;

namespace {

// Rosenbrock's chain of pairs, for any number type.
const auto rosenbrock = [](const auto& w) {
  auto sum = 0 * w[0];
  for (Eigen::Index i = 0; i < w.size(); i += 2) {
    const auto rise = w[i + 1] - w[i] * w[i];
    sum += 100 * rise * rise + (1 - w[i]) * (1 - w[i]);
  }
  return sum;
};

}  // namespace

TEST_CASE("automatic differentiation gives the gradient derived by hand") {
  const Rosenbrock by_hand{6};
  Autodiff objective{rosenbrock};
  std::srand(11);
  Vector expected, gradient;
  for (int k = 0; k < 20; ++k) {
    const Vector w = 2 * Vector::Random(6);
    const double loss = by_hand.loss(w, expected);
    CHECK(objective.loss(w, gradient) == Approx(loss).epsilon(1e-14));
    CHECK(objective.loss(w) == Approx(loss).epsilon(1e-14));
    CHECK((gradient - expected).norm() <= 1e-13 * expected.norm());
  }
}

TEST_CASE("automatic differentiation knows the functions of cmath") {
  Autodiff objective{[](const auto& w) {
    using std::atan, std::exp, std::log, std::pow, std::sin, std::sqrt, std::tanh;
    return exp(w[0]) * sin(w[1]) + log(w[2]) * sqrt(w[0]) + tanh(w[1] * w[2]) + atan(w[0]) + pow(w[2], 3);
  }};
  const double a = 0.7, b = -1.3, c = 2.1;
  Vector gradient;
  objective.loss(Vector{{a, b, c}}, gradient);
  const double bell = 1 / std::pow(std::cosh(b * c), 2);
  CHECK(gradient[0] == Approx(std::exp(a) * std::sin(b) + std::log(c) / (2 * std::sqrt(a)) + 1 / (1 + a * a)));
  CHECK(gradient[1] == Approx(std::exp(a) * std::cos(b) + c * bell));
  CHECK(gradient[2] == Approx(std::sqrt(a) / c + b * bell + 3 * c * c));
  CHECK(check_gradient(objective, Vector{{a, b, c}}).ok);
}

TEST_CASE("automatic differentiation goes through Eigen's own expressions") {
  Autodiff objective{[](const auto& w) { return 2.0 * w.squaredNorm() + w.array().exp().sum() - w.dot(w) * w[0]; }};
  const Vector w{{0.5, -1, 0.25}};
  Vector gradient;
  objective.loss(w, gradient);
  Vector expected = (4 * w.array() + w.array().exp() - 2 * w[0] * w.array()).matrix();
  expected[0] -= w.squaredNorm();
  CHECK((gradient - expected).norm() < 1e-13);
}

TEST_CASE("automatic differentiation follows the branch that was taken") {
  Autodiff objective{[](const auto& w) {
    auto sum = 0 * w[0];
    for (const auto& x : w) sum += x < 0 ? -x : 3 * x;
    return sum;
  }};
  Vector gradient;
  objective.loss(Vector{{-1, 2}}, gradient);
  CHECK(gradient == Vector{{-1, 3}});
}

TEST_CASE("a loss without a gradient is minimised by automatic differentiation") {
  Autodiff objective{rosenbrock};
  const auto result = test::minimized(objective, Rosenbrock{8}.start());
  INFO(result.explain());
  CHECK(result.status == Status::converged);
  CHECK((result.w - Vector::Ones(8)).norm() < 1e-6);
}

TEST_CASE("a gradient by automatic differentiation costs n passes") {
  int passes = 0;
  Autodiff objective{[&passes](const auto& w) {
    ++passes;
    return w[0] * w[1] + w[2];
  }};
  Vector gradient;
  objective.loss(Vector{{1, 2, 3}}, gradient);
  CHECK(passes == 3);
  CHECK(gradient == Vector{{2, 1, 1}});
  objective.loss(Vector{{1, 2, 3}});
  CHECK(passes == 4);
}
