#include "surefoot/directions/conjugate_gradient.hpp"

#include <Eigen/Dense>
#include <random>

#include "catch.hpp"
#include "support/minimized.hpp"
#include "support/objectives.hpp"
#include "surefoot/loop/minimizer.hpp"
#include "surefoot/steps/hager_zhang.hpp"
#include "surefoot/steps/strong_wolfe.hpp"

using namespace surefoot;
using Form = ConjugateGradient::Form;

static_assert(Direction<ConjugateGradient>);
static_assert(!follows_gradient<ConjugateGradient>());

namespace {

constexpr Form every_form[] = {Form::polak_ribiere, Form::hager_zhang, Form::dai_yuan};

Vector random_vector(std::mt19937& random, Eigen::Index n) {
  std::normal_distribution<double> normal;
  Vector v(n);
  for (double& x : v) x = normal(random);
  return v;
}

Point point_at(const Vector& w, const Vector& gradient) {
  Point point;
  point.w = w;
  point.gradient = gradient;
  point.gradient_norm = norm(gradient);
  point.sound = true;
  return point;
}

Vector aim(ConjugateGradient& direction, const Point& at) {
  Vector d(at.w.size());
  direction.aim(at, d);
  return d;
}

/// −g + β d_last by the textbook's products, none of which over- or underflows here.
Vector expected(Form form, const Vector& g, const Vector& last, const Vector& d) {
  const Vector y = g - last;
  double beta = 0;
  switch (form) {
    case Form::polak_ribiere:
      beta = std::max(0.0, g.dot(y) / last.squaredNorm());
      break;
    case Form::hager_zhang:
      beta = (y - 2 * d * y.squaredNorm() / d.dot(y)).dot(g) / d.dot(y);
      beta = std::max(beta, -1 / (d.norm() * std::min(0.01, last.norm())));
      break;
    case Form::dai_yuan:
      beta = g.squaredNorm() / d.dot(y);
      break;
  }
  return -g + beta * d;
}

Result run(ConjugateGradient direction, const test::AnyObjective& objective, const Vector& w0,
           int* restarts = nullptr) {
  return test::AnyMinimizer{direction, StrongWolfe{}, Monitor{}, Stop{.gradient = 1e-9, .max_evaluations = 20000}}.run(
      objective, w0, {}, [&](const Event& event) {
        if (restarts != nullptr && event.kind == Event::Kind::restart) ++*restarts;
        return true;
      });
}

}  // namespace

TEST_CASE("conjugate gradients begin along the negative gradient, without a natural step") {
  for (Form form : every_form) {
    ConjugateGradient direction{.form = form};
    Point at = point_at(Eigen::Vector2d(1, 2), Eigen::Vector2d(3, 4)), start;
    Vector d(2);
    CHECK(direction.origin(at, start) == Origin::here);
    CHECK(std::isnan(direction.aim(at, d)));
    CHECK(d == -at.gradient);
  }
}

TEST_CASE("with exact steps conjugate gradients of any form end a quadratic of n unknowns after n steps") {
  constexpr unsigned seed = 141;
  std::mt19937 random(seed);
  for (Form form : every_form) {
    for (Eigen::Index n = 1; n <= 12; ++n) {
      Eigen::MatrixXd root(n, n);
      for (Eigen::Index j = 0; j < n; ++j) root.col(j) = random_vector(random, n);
      const Eigen::MatrixXd hessian = root * root.transpose() + Eigen::MatrixXd::Identity(n, n);
      ConjugateGradient direction{.form = form};
      Vector w = random_vector(random, n);
      Point at = point_at(w, hessian * w);
      const double first = at.gradient_norm;
      std::vector<Vector> taken;
      for (Eigen::Index k = 0; k < n && at.gradient_norm > 1e-12 * first; ++k) {
        const Vector d = aim(direction, at);
        for (const Vector& before : taken) {  // conjugate to every one before
          const double product = d.dot(hessian * before);
          CHECK(std::abs(product) <= 1e-4 * std::sqrt(d.dot(hessian * d) * before.dot(hessian * before)));
        }
        taken.push_back(d);
        const double step = -at.gradient.dot(d) / d.dot(hessian * d);
        w = at.w + step * d;
        const Point next = point_at(w, hessian * w);
        direction.taken(at, next);
        at = next;
      }
      INFO("seed " << seed << ", n " << n);
      CHECK(at.gradient_norm <= 1e-8 * first);
    }
  }
}

TEST_CASE("away from quadratics each form is its textbook formula") {
  constexpr unsigned seed = 142;
  std::mt19937 random(seed);
  for (Form form : every_form) {
    int compared = 0;
    for (int round = 0; round < 300; ++round) {
      const Eigen::Index n = 5;
      ConjugateGradient direction{.form = form, .overlap = 1e300};
      Vector w = random_vector(random, n), last = random_vector(random, n).normalized(), d = -last;
      Point at = point_at(w, last);
      CHECK(aim(direction, at) == d);
      for (int k = 0; k < 3; ++k) {
        const Vector g = random_vector(random, n);
        const Point next = point_at(at.w + 0.1 * d, g);
        direction.taken(at, next);
        const bool restarts = form != Form::polak_ribiere && !(d.dot(g - at.gradient) > 0);
        const Vector wanted = restarts ? Vector(-g) : expected(form, g, at.gradient, d);
        const Vector found = aim(direction, next);
        INFO("seed " << seed << ", round " << round << ", step " << k);
        CHECK((found - wanted).norm() <= 1e-9 * wanted.norm());
        compared += restarts ? 0 : 1;
        d = found;
        at = next;
      }
    }
    CHECK(compared > 300);
  }
}

TEST_CASE("gradients that overlap too much restart conjugate gradients, by Powell's test") {
  for (Form form : every_form) {
    for (const auto& [share, restarts] : {std::pair(0.19, false), {0.21, true}, {-0.19, false}, {-0.21, true}}) {
      ConjugateGradient direction{.form = form};
      const Point at = point_at(Eigen::Vector2d(0, 0), Eigen::Vector2d(1, 0));
      const Vector first = aim(direction, at);
      // g·g_last = share |g|²: with |g| = 2, g·(1, 0) = 4 share.
      const double along = 4 * share;
      const Point next = point_at(0.1 * first, Eigen::Vector2d(along, std::sqrt(4 - along * along)));
      direction.taken(at, next);
      INFO("share " << share);
      CHECK((aim(direction, next) == -next.gradient) == restarts);
    }
  }
}

TEST_CASE("the natural step of conjugate gradients promises as much as the last step did") {
  constexpr unsigned seed = 143;
  std::mt19937 random(seed);
  for (Form form : every_form) {
    ConjugateGradient direction{.form = form};
    Point at = point_at(random_vector(random, 4), random_vector(random, 4));
    Vector d(4);
    direction.aim(at, d);
    double promised = not_a_number;
    for (int k = 0; k < 20; ++k) {
      const double step = 0.01 * (k + 1);
      promised = step * at.gradient.dot(d);
      const Point next = point_at(at.w + step * d, random_vector(random, 4));
      direction.taken(at, next);
      at = next;
      const double natural = direction.aim(at, d);
      const double slope = at.gradient.dot(d);
      INFO("seed " << seed << ", step " << k);
      if (slope < 0) {
        CHECK(natural * slope == Approx(promised));
      } else {  // not downhill: the loop restarts
        CHECK(std::isnan(natural));
        direction.restart();
        CHECK(std::isnan(direction.aim(at, d)));
      }
    }
  }
}

TEST_CASE("after a restart conjugate gradients have forgotten: the negative gradient, no natural step") {
  ConjugateGradient direction;
  const Point at = point_at(Eigen::Vector2d(0, 0), Eigen::Vector2d(1, 0));
  const Vector first = aim(direction, at);
  const Point next = point_at(first, Eigen::Vector2d(0.01, 1));
  direction.taken(at, next);
  ConjugateGradient copy = direction;
  CHECK(aim(copy, next) != -next.gradient);
  direction.restart();
  Vector d(2);
  CHECK(std::isnan(direction.aim(next, d)));
  CHECK(d == -next.gradient);
}

TEST_CASE("losses times 1e±150 give conjugate gradients the same path, bit for bit") {
  const Rosenbrock valley{10};
  for (Form form : every_form) {
    const Result plain = run({.form = form}, valley, valley.start());
    CHECK(plain.code == Code::gradient);
    for (int exponent : {-500, -100, 100, 500}) {  // 2^500 is about 3e150
      test::Transformed scaled{valley, std::ldexp(1.0, exponent), 0.0};
      const Result result = run({.form = form}, scaled, valley.start());
      INFO("times 2^" << exponent);
      CHECK(result.w == plain.w);
      CHECK(result.gradient_evaluations == plain.gradient_evaluations);
      CHECK(result.code == plain.code);
    }
  }
}

TEST_CASE("conjugate gradients with strong Wolfe pass Rosenbrock's valley, Powell's singular floor and a stiff bowl") {
  for (Form form : every_form) {
    for (Eigen::Index n : {2, 100}) {
      const Rosenbrock valley{n};
      int restarts = 0;
      const Result result = run({.form = form}, valley, valley.start(), &restarts);
      INFO("n " << n << ": " << result.reason << ", " << result.gradient_evaluations << " calls");
      CHECK(result.code == Code::gradient);
      CHECK((result.w - valley.minimiser()).norm() <= 1e-4);
      CHECK(result.gradient_evaluations <= 200);
    }
    const PowellSingular flat{8};
    CHECK(run({.form = form}, flat, flat.start()).code == Code::gradient);
    // Chebyshev's bound for exact conjugate gradients: |g_k| <= 2 √κ |g_0| ((√κ − 1)/(√κ + 1))^k.
    const double condition = 1e4, root = std::sqrt(condition);
    const Quadratic bowl = Quadratic::log_spaced(100, condition);
    const Result result = run({.form = form}, bowl, bowl.start());
    INFO(result.reason << ", " << result.iterations << " iterations");
    CHECK(result.code == Code::gradient);
    CHECK(result.iterations <= root / 2 * std::log(2 * root / 1e-9));
  }
}

TEST_CASE("conjugate gradients with Hager and Zhang's search pass Rosenbrock's valley") {
  const Rosenbrock valley{20};
  for (Form form : every_form) {
    test::AnyMinimizer minimizer{ConjugateGradient{.form = form}, HagerZhang{.curvature_condition = 0.1}, Monitor{},
                                 Stop{.gradient = 1e-8, .max_evaluations = 5000}};
    const Result result = minimizer.run(valley, valley.start());
    INFO(result.reason << ", " << result.gradient_evaluations << " calls");
    CHECK(result.code == Code::gradient);
  }
}

TEST_CASE("conjugate gradients' overlap must be positive") {
  CHECK_THROWS_WITH(validate(ConjugateGradient{.overlap = 0}, ConjugateGradient::name),
                    "overlap = 0 of cg is out of range: it must be > 0");
}
