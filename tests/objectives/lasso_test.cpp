#include "surefoot/objectives/lasso.hpp"

#include "catch.hpp"
#include "surefoot/directions/steepest.hpp"
#include "surefoot/loop/minimizer.hpp"
#include "surefoot/minimize.hpp"
#include "surefoot/objectives/functions.hpp"
#include "surefoot/registry.hpp"
#include "surefoot/steps/armijo.hpp"

using namespace surefoot;

namespace {

/// ½ mean (x·w − y)², with a last column of ones: an intercept. Only three of the ten slopes are real.
struct SmallData {
  DenseMatrix x;
  Vector y;

  SmallData() : x(40, 11), y(40) {
    std::srand(5);
    x.setRandom();
    x.col(10).setOnes();
    y = 3 * x.col(0) - 2 * x.col(3) + 0.5 * x.col(7) + 0.1 * Vector::Random(40);
    y.array() += 4;
  }
  double loss(const Vector& w, Vector& gradient) const {
    const Vector residual = x * w - y;
    gradient = x.transpose() * residual / 40;
    return residual.squaredNorm() / 80;
  }
  double lower_bound() const { return 0; }

  /// The lasso by coordinate descent: each weight in turn at its minimum, until nothing moves.
  Vector coordinate_descent(double l1, Eigen::Index free) const {
    Vector w = Vector::Zero(11);
    for (int sweep = 0; sweep < 5000; ++sweep) {
      for (Eigen::Index j = 0; j < 11; ++j) {
        const double square = x.col(j).squaredNorm() / 40;
        const double pull = x.col(j).dot(y - x * w) / 40 + square * w[j];
        const double l = j < 11 - free ? l1 : 0;
        w[j] = (pull > l ? pull - l : pull < -l ? pull + l : 0) / square;
      }
    }
    return w;
  }
};

/// How far a point is from the conditions of a minimum: |g_j + l1 sign w_j|, or what |g_j| exceeds l1 by at w_j = 0.
double kkt_residual(const SmallData& data, const Vector& w, double l1, Eigen::Index free) {
  Vector gradient;
  data.loss(w, gradient);
  double worst = 0;
  for (Eigen::Index j = 0; j < w.size(); ++j) {
    const double l = j < w.size() - free ? l1 : 0;
    const double off = w[j] != 0 ? std::abs(gradient[j] + std::copysign(l, w[j])) : std::abs(gradient[j]) - l;
    worst = std::max(worst, off);
  }
  return worst;
}

}  // namespace

TEST_CASE("every rule that fits finds the lasso's solution, with its exact zeros") {
  SmallData data;
  const double l1 = 0.05;
  const Vector expected = data.coordinate_descent(l1, 1);
  REQUIRE((expected.array() == 0).count() >= 5);
  for (const auto& name : rule_names()) {
    const auto rule = make_rule(name);
    if (probes(rule) == Probe::slope) continue;
    INFO(name);
    WithL1 lasso(data, l1, 1);
    const auto result =
        Minimizer{SteepestDescent{}, rule, Monitor{}, Stop{.gradient = 1e-8, .max_iterations = 20000}}.run(
            lasso, Vector::Constant(11, 5.0));
    INFO(result.explain());
    CHECK(result.status == Status::converged);
    CHECK((result.w - expected).norm() < 1e-5);
    CHECK(((result.w.array() == 0) == (expected.array() == 0)).all());
    CHECK(kkt_residual(data, result.w, l1, 1) < 1e-6);
  }
}

TEST_CASE("minimize takes an L1 penalty as it comes, and its loss includes the penalty") {
  SmallData data;
  for (double l1 : {1e-4, 1e-2, 0.3}) {
    INFO("l1 = " << l1);
    WithL1 lasso(data, l1);
    const auto result = minimize(lasso, Vector::Zero(11));
    const Vector expected = data.coordinate_descent(l1, 0);
    INFO(result.explain());
    Vector scratch;
    CHECK((result.w - expected).norm() < 1e-5);
    CHECK(kkt_residual(data, result.w, l1, 0) < 1e-6);
    CHECK(result.loss == Approx(data.loss(expected, scratch) + l1 * expected.lpNorm<1>()));
  }
}

TEST_CASE("an L1 penalty above the largest useful one gives all zeros at once") {
  SmallData data;
  Vector gradient;
  data.loss(Vector::Zero(11), gradient);
  const double largest = gradient.lpNorm<Eigen::Infinity>();
  WithL1 lasso(data, 1.001 * largest);
  const auto stays = minimize(lasso, Vector::Zero(11));
  INFO(stays.explain());
  CHECK(stays.w == Vector::Zero(11));
  CHECK(stays.status == Status::converged);
  CHECK(stays.gradient_evaluations <= 3);
  const auto goes = minimize(lasso, Vector::Ones(11));
  INFO(goes.explain());
  CHECK(goes.w == Vector::Zero(11));
  CHECK(goes.status == Status::converged);
}

TEST_CASE("the soft threshold shrinks towards zero, leaves free weights alone and keeps a NaN") {
  Quadratic bowl = Quadratic::log_spaced(5, 1);
  WithL1 lasso(bowl, 2.0, 1);
  Vector w{{3, -0.5, -4, NAN, 0.1}};
  CHECK(std::isnan(lasso.proximal(w, 0.5)));
  CHECK(w[0] == 2);
  CHECK(w[1] == 0);
  CHECK(w[2] == -3);
  CHECK(std::isnan(w[3]));
  CHECK(w[4] == 0.1);
  Vector still{{1, -2, 3, 0, 9}};
  CHECK(lasso.proximal(still, 0) == 12);  // 2 (1 + 2 + 3)
  CHECK(still == Vector{{1, -2, 3, 0, 9}});
}

TEST_CASE("a penalty of zero changes nothing") {
  Quadratic bowl = Quadratic::log_spaced(3, 10, Vector{{1, -2, 3}});
  WithL1 lasso(bowl, 0);
  const auto result = minimize(lasso, Vector::Zero(3));
  CHECK((result.w - bowl.centre).norm() < 1e-6);
  CHECK(lasso.lower_bound() == 0);
}

TEST_CASE("an L1 penalty and bounds hold together, the penalty around the box") {
  // ½ (w − c)² + |w| on [low, high]: c = 3 goes to 2, held at 1.5; c = -3 to -2; c = 0.4 to 0; c = 0.4 to its bound 0.2.
  Quadratic bowl(Vector::Ones(4), Vector{{3, -3, 0.4, 0.4}});
  Boxed box(bowl, Vector{{-9, -9, -9, 0.2}}, Vector{{1.5, 9, 9, 9}});
  WithL1 lasso(box, 1.0);
  const auto result = minimize(lasso, Vector::Constant(4, 5.0));
  INFO(result.explain());
  CHECK((result.w - Vector{{1.5, -2, 0, 0.2}}).norm() < 1e-7);
  CHECK(result.w[0] == 1.5);
  CHECK(result.w[2] == 0);
  CHECK(result.w[3] == 0.2);
}

TEST_CASE("an L1 penalty that is negative or not finite, or more free weights than there are, is refused and named") {
  Quadratic bowl = Quadratic::log_spaced(2, 1);
  CHECK_THROWS_WITH((WithL1(bowl, -1.0)), "l1 = -1 of WithL1 is out of range: it must be >= 0");
  CHECK_THROWS_WITH((WithL1(bowl, NAN)), "l1 = NaN of WithL1 is out of range: it must be >= 0");
  CHECK_THROWS_AS((WithL1(bowl, INFINITY)), std::invalid_argument);
  CHECK_THROWS_WITH((WithL1(bowl, 1.0, -1)), Catch::Matchers::ContainsSubstring("free = -1 of WithL1"));
  WithL1 too_free(bowl, 1.0, 3);
  CHECK_THROWS_WITH(minimize(too_free, Vector::Ones(2)), Catch::Matchers::ContainsSubstring("free = 3 of WithL1"));
}

TEST_CASE("a rule that judges by slopes is refused with an L1 penalty, with the reason") {
  Quadratic bowl = Quadratic::log_spaced(2, 1);
  WithL1 lasso(bowl, 1.0);
  CHECK_THROWS_WITH(
      (Minimizer{SteepestDescent{}, make_rule("weak-wolfe"), Monitor{}, Stop{}}.run(lasso, Vector::Ones(2))),
      Catch::Matchers::ContainsSubstring("no slopes along its path"));
}

TEST_CASE("a start that is the minimum but for rounding is seen as such before any step") {
  SmallData data;
  WithL1 lasso{data, 100.0, 1};  // no slope is worth that
  Vector start = Vector::Zero(11);
  start[10] = data.y.mean();
  const Minimizer minimizer{SteepestDescent{}, make_rule("armijo"), Monitor{},
                            Stop{.gradient = 1e-6, .absolute_gradient = 1e-14}};
  const Result result = minimizer.run(lasso, start);
  CHECK(result.code == Code::gradient);
  CHECK(result.iterations == 0);
  CHECK(result.gradient_evaluations == 1);
  CHECK(result.gradient_norm <= 1e-14);
}

TEST_CASE("a run that takes no step tells the proximal residual, not the gradient") {
  SmallData data;
  const double l1 = 0.05;
  WithL1 lasso{data, l1, 1};
  Vector start = Vector::Zero(11), gradient;
  start[10] = data.y.mean();
  data.loss(start, gradient);
  const double expected = max_norm(gradient.head(10)) - l1;
  REQUIRE(expected > std::abs(gradient[10]));
  const Minimizer minimizer{SteepestDescent{}, make_rule("armijo"), Monitor{}, Stop{.max_iterations = 0}};
  const Result result = minimizer.run(lasso, start);
  CHECK(result.code == Code::iterations);
  CHECK(result.gradient_norm == Approx(expected));
  CHECK(result.start_gradient_norm == Approx(expected));
}

TEST_CASE("the minimum without the penalty is not taken for the one with it, though its gradient is 0") {
  SmallData data;
  const double l1 = 0.05;
  const Vector smooth = data.coordinate_descent(0, 1);
  WithL1 lasso{data, l1, 1};
  const Minimizer minimizer{SteepestDescent{}, make_rule("armijo"), Monitor{},
                            Stop{.gradient = 1e-9, .absolute_gradient = 1e-9}};
  const Result result = minimizer.run(lasso, smooth);
  CHECK(result.start_gradient_norm == Approx(l1).epsilon(0.1));
  CHECK(result.code == Code::gradient);
  CHECK(kkt_residual(data, result.w, l1, 1) < 1e-8);
}

TEST_CASE("where the smooth part is flat, so that its gradient is exactly 0, the penalty alone leads on") {
  const auto hinge = [](const Vector& w, Vector& gradient) {
    const double missing = std::max(0.0, 1 - w[0]);
    gradient = Vector::Constant(1, -2 * missing);
    return missing * missing;
  };
  WithL1 penalised{hinge, 0.1};
  for (const std::string rule : {"armijo", "auto+nonmonotone", "bb+nonmonotone"}) {
    const Minimizer minimizer{SteepestDescent{}, make_rule(rule), Monitor{}, Stop{.gradient = 1e-8}};
    const Result result = minimizer.run(penalised, Vector::Constant(1, 5));
    INFO(rule);
    CHECK(result.status == Status::converged);
    CHECK(result.w[0] == Approx(0.95).epsilon(1e-6));
  }
}
