#include <boost/math/differentiation/finite_difference.hpp>
#include <stdexcept>

#include "catch.hpp"
#include "support/minimized.hpp"
#include "surefoot/minimize.hpp"
#include "surefoot/objectives/differences.hpp"
#include "surefoot/objectives/functions.hpp"

using namespace surefoot;

TEST_CASE("differences of a loss agree with the gradient derived by hand") {
  const Rosenbrock valley{6};
  Differences objective{[&](const Vector& w) { return valley.loss(w); }};
  std::srand(7);
  Vector by_hand, by_differences;
  for (int k = 0; k < 20; ++k) {  // the first looks for steps, the others use them
    const Vector w = 2 * Vector::Random(6);
    const double loss = objective.loss(w, by_differences);
    CHECK(loss == valley.loss(w, by_hand));
    CHECK((by_differences - by_hand).norm() <= 1e-7 * by_hand.norm());
  }
}

TEST_CASE("differences of a loss are as good as Boost.Math's where its fixed step suits") {
  Differences objective{[](const Vector& w) { return std::exp(w[0]) * std::cos(w[0]); }};
  Vector gradient;
  for (double x : {-2.0, -0.3, 0.4, 1.0, 2.5}) {
    objective.loss(Vector{{x}}, gradient);
    const auto along = [](double t) { return std::exp(t) * std::cos(t); };
    const double boost =
        boost::math::differentiation::finite_difference_derivative<decltype(along), double, 6>(along, x);
    CHECK(gradient[0] == Approx(boost).epsilon(1e-7));
  }
}

TEST_CASE("differences find a step in any unit of weights and loss") {
  for (double unit : {1e-50, 1e-8, 1.0, 1e20, 1e50}) {
    for (double factor : {1e-100, 1.0, 1e100}) {
      INFO("weights in " << unit << ", loss times " << factor);
      Differences objective{[&](const Vector& w) { return factor * std::exp(w[0] / unit); }};
      Vector gradient;
      for (double x : {0.5, 1.0, -1.0}) {
        objective.loss(Vector{{x * unit}}, gradient);
        CHECK(gradient[0] / (factor / unit * std::exp(x)) == Approx(1).epsilon(1e-7));
      }
    }
  }
}

TEST_CASE("differences follow a weight that becomes a million times smaller or larger") {
  Differences objective{[](const Vector& w) { return -std::log(w[0]) + 1e-9 * w[0] * w[0]; }};
  Vector gradient;
  for (double x : {1.0, 1e4, 1e-2, 1e-8, 1e3}) {
    objective.loss(Vector{{x}}, gradient);
    CHECK(gradient[0] == Approx(-1 / x + 2e-9 * x).epsilon(1e-5));
  }
}

TEST_CASE("a gradient by differences costs 2 n calls beside the loss, once steps are known") {
  Differences objective{[](const Vector& w) { return w.array().cosh().sum(); }};
  Vector gradient;
  const Vector w{{0.5, -1, 2}};
  objective.loss(w, gradient);
  const long first = objective.calls();
  CHECK(first == 1 + 6 * 3);
  objective.loss(1.1 * w, gradient);
  CHECK(objective.calls() - first == 1 + 2 * 3);
  CHECK(objective.loss(w) == w.array().cosh().sum());
  CHECK(objective.calls() - first == 2 + 2 * 3);
}

TEST_CASE("a loss without a gradient is minimised by differences") {
  const Rosenbrock valley{4};
  Differences objective{[&](const Vector& w) { return valley.loss(w); }};
  const auto result = test::minimized(objective, valley.start());
  INFO(result.explain());
  CHECK((result.w - Vector::Ones(4)).norm() < 1e-5);
  CHECK(result.status != Status::failed);  // it may well say that the last digits can't be had
  CHECK(result.status != Status::budget);
}

TEST_CASE("outside the domain a gradient by differences is NaN, costs one call, and a run gets by") {
  Differences objective{[](const Vector& w) { return -std::log(1 - w[0]) - 3 * w[0]; }};
  Vector gradient;
  CHECK(std::isnan(objective.loss(Vector{{2.0}}, gradient)));
  CHECK(std::isnan(gradient[0]));
  CHECK(objective.calls() == 1);
  // 1/(1 − x) = 3
  CHECK(test::minimized(objective, Vector{{0.0}}).w[0] == Approx(2.0 / 3).epsilon(1e-6));
}

TEST_CASE("differences look at a named loss and keep a temporary, and pass a lower bound on") {
  struct Bowl {
    int calls = 0;
    double loss(const Vector& w) { return ++calls, w.squaredNorm(); }
    double lower_bound() const { return 0; }
  } bowl;
  Differences looking{bowl};
  Vector gradient;
  looking.loss(Vector::Ones(2), gradient);
  CHECK(bowl.calls == looking.calls());
  CHECK(looking.lower_bound() == 0);
  Differences keeping{Bowl{}};
  static_assert(!std::is_reference_v<decltype(keeping)>);
  keeping.loss(Vector::Ones(2), gradient);
  CHECK(gradient[0] == Approx(2));
}

TEST_CASE("a loss that throws within differences lets its exception through, and the next call is right") {
  int calls = 0;
  Differences objective{[&](const Vector& w) {
    if (++calls == 5) throw std::runtime_error("no licence");
    return w.squaredNorm();
  }};
  Vector gradient;
  CHECK_THROWS_WITH(objective.loss(Vector{{1, 2}}, gradient), "no licence");
  objective.loss(Vector{{1, 2}}, gradient);
  CHECK(gradient[1] == Approx(4));
}

TEST_CASE("a slope by differences says how far it may be off, and means it") {
  // exp at 1: the truth is e.
  Vector w{{1.0}};
  const auto slope = slope_by_differences([](const Vector& v) { return std::exp(v[0]); }, w, 0, std::exp(1.0));
  REQUIRE(slope.found());
  CHECK(std::abs(slope.value - std::exp(1.0)) <= slope.error);
  CHECK(slope.error < 1e-5);
  CHECK(w[0] == 1);
}

TEST_CASE("no slope is found by differences where the loss itself is not finite") {
  Vector w{{1.0}};
  for (double middle : {std::nan(""), static_cast<double>(INFINITY)}) {
    CHECK_FALSE(slope_by_differences([](const Vector& v) { return v[0]; }, w, 0, middle).found());
  }
}
