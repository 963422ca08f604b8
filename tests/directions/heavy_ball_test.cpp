#include "surefoot/directions/heavy_ball.hpp"

#include "catch.hpp"
#include "support/minimized.hpp"
#include "support/objectives.hpp"
#include "surefoot/directions/steepest.hpp"
#include "surefoot/loop/minimizer.hpp"
#include "surefoot/steps/armijo.hpp"
#include "surefoot/steps/fixed.hpp"
#include "surefoot/steps/grow.hpp"
#include "surefoot/steps/hager_zhang.hpp"
#include "surefoot/steps/nonmonotone_armijo.hpp"
#include "surefoot/steps/strong_wolfe.hpp"
#include "surefoot/steps/weak_wolfe.hpp"

using namespace surefoot;

static_assert(Direction<HeavyBall>);
static_assert(!follows_gradient<HeavyBall>());

namespace {

const Quadratic bowl{Eigen::Vector3d(1, 5, 10)};

Point point_at(const Vector& w) { return test::evaluated(bowl, w); }

}  // namespace

TEST_CASE("with a constant step the heavy ball rolls as Polyak's two-term recursion does") {
  const double t = 0.05, momentum = 0.8;
  HeavyBall direction{.momentum = momentum};
  Vector w = Eigen::Vector3d(1, -2, 3), last = w, d(3);
  Point at = point_at(w), start;
  for (int k = 0; k < 60; ++k) {
    CHECK(direction.origin(at, start) == Origin::here);
    CHECK(std::isnan(direction.aim(at, d)));
    const Point next = point_at(at.w + t * d);
    direction.taken(at, next);
    at = next;
    const Vector rolled = w - t * bowl.curvatures.cwiseProduct(w) + momentum * (w - last);
    last = w;
    w = rolled;
    INFO("step " << k);
    CHECK((at.w - w).norm() <= 1e-12);
  }
}

TEST_CASE("the heavy ball's direction is −g + (momentum/t_last) (w − w_last), whatever steps were taken") {
  const double momentum = 0.9;
  HeavyBall direction{.momentum = momentum};
  Point at = point_at(Eigen::Vector3d(1, 1, 1));
  Vector d(3), last = at.w;
  double t = 0;
  for (int k = 0; k < 20; ++k) {
    direction.aim(at, d);
    const Vector expected = k == 0 ? Vector(-at.gradient) : Vector(-at.gradient + momentum / t * (at.w - last));
    INFO("step " << k);
    CHECK((d - expected).norm() <= 1e-12 * (1 + expected.norm()));
    t = 0.01 * (1 + k % 5);
    const Point next = point_at(at.w + t * d);
    direction.taken(at, next);
    last = at.w;
    at = next;
  }
}

TEST_CASE("without momentum the heavy ball is steepest descent, bit for bit") {
  const Rosenbrock valley;
  const Stop stop{.gradient = 1e-6, .max_iterations = 500};
  const Result ball =
      test::AnyMinimizer{HeavyBall{.momentum = 0}, Armijo{}, Monitor{}, stop}.run(valley, valley.start());
  const Result plain = test::AnyMinimizer{SteepestDescent{}, Armijo{}, Monitor{}, stop}.run(valley, valley.start());
  CHECK(ball.w == plain.w);
  CHECK(ball.gradient_evaluations == plain.gradient_evaluations);
}

TEST_CASE("a restarted heavy ball, or one whose step was not taken, goes along the negative gradient") {
  HeavyBall direction;
  const Point at = point_at(Eigen::Vector3d(1, 1, 1)), next = point_at(Eigen::Vector3d(0.9, 0.5, 0.2));
  Vector d(3);
  direction.aim(at, d);
  direction.aim(next, d);  // nothing was taken in between
  CHECK(d == -next.gradient);
  direction.taken(next, at);
  HeavyBall copy = direction;
  direction.aim(at, d);
  CHECK(d != -at.gradient);
  copy.restart();
  copy.aim(at, d);
  CHECK(d == -at.gradient);
}

TEST_CASE("momentum is worth a factor three or more on a stiff bowl, under a rule that judges by losses alone") {
  const Quadratic stiff = Quadratic::log_spaced(100, 1e4);
  const Stop stop{.target = 1e-6 * stiff.loss(stiff.start()), .max_evaluations = 50000};
  const Result ball = test::AnyMinimizer{HeavyBall{}, Armijo{}, Monitor{}, stop}.run(stiff, stiff.start());
  const Result plain = test::AnyMinimizer{SteepestDescent{}, Armijo{}, Monitor{}, stop}.run(stiff, stiff.start());
  CHECK(ball.code == Code::target);
  INFO(ball.gradient_evaluations << " and " << plain.gradient_evaluations << " calls");
  CHECK(3 * ball.gradient_evaluations <= plain.gradient_evaluations);
}

TEST_CASE("the heavy ball arrives with every rule that judges along a ray, and restarts where it rolls uphill") {
  const Rosenbrock valley;
  int restarts = 0;
  const auto arrives = [&](const auto& rule) {
    const Result result =
        test::AnyMinimizer{HeavyBall{}, rule, Monitor{}, Stop{.gradient = 1e-6, .max_evaluations = 20000}}.run(
            valley, valley.start(), {}, [&](const Event& event) {
              restarts += event.kind == Event::Kind::restart ? 1 : 0;
              return true;
            });
    INFO(rule.name << ": " << result.reason);
    CHECK(result.code == Code::gradient);
    CHECK((result.w - valley.minimiser()).norm() <= 1e-2);
  };
  arrives(Armijo{});
  arrives(NonmonotoneArmijo{});
  arrives(Grow{});
  arrives(WeakWolfe{});
  arrives(StrongWolfe{});
  arrives(HagerZhang{});
  arrives(Fixed{.step = 1e-3});
  CHECK(restarts > 0);
}

TEST_CASE("losses times 1e±150 give the heavy ball the same path, bit for bit") {
  const Rosenbrock valley;
  const test::AnyMinimizer minimizer{HeavyBall{}, Armijo{}, Monitor{},
                                     Stop{.gradient = 1e-5, .max_evaluations = 20000}};
  const Result plain = minimizer.run(valley, valley.start());
  CHECK(plain.code == Code::gradient);
  for (int exponent : {-500, 500}) {  // 2^500 is about 3e150
    const Result result = minimizer.run(test::Transformed{valley, std::ldexp(1.0, exponent), 0.0}, valley.start());
    INFO("times 2^" << exponent);
    CHECK(result.w == plain.w);
    CHECK(result.gradient_evaluations == plain.gradient_evaluations);
  }
}

TEST_CASE("the heavy ball's momentum must lie in [0, 1)") {
  for (double wrong : {-0.1, 1.0, 2.0}) {
    CHECK_THROWS_WITH(validate(HeavyBall{.momentum = wrong}, HeavyBall::name),
                      "momentum = " + number(wrong) + " of heavy-ball is out of range: it must be in [0, 1)");
  }
  CHECK_NOTHROW(validate(HeavyBall{.momentum = 0}, HeavyBall::name));
}
