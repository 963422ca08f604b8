#include "surefoot/coordinates/diagonal.hpp"

#include "catch.hpp"
#include "support/minimized.hpp"
#include "surefoot/directions/inferred.hpp"
#include "surefoot/directions/l_bfgs.hpp"
#include "surefoot/directions/steepest.hpp"
#include "surefoot/objectives/functions.hpp"
#include "surefoot/registry.hpp"
#include "surefoot/steps/armijo.hpp"
#include "surefoot/steps/barzilai_borwein.hpp"

using namespace surefoot;
using test::AnyMinimizer;
using test::minimized;

namespace {

/// Σ exp(a_i x_i) − a_i x_i: curvature a_i² exp(a_i x_i), which changes a thousandfold on the way to the minimum at 0.
struct Changing {
  Vector a = Vector{{1, 10, 100}};
  double loss(const Vector& w, Vector& gradient) const {
    const Vector inner = a.cwiseProduct(w);
    gradient = a.array() * (inner.array().exp() - 1);
    return inner.array().exp().sum() - inner.sum();
  }
  void curvature(const Vector& w, Vector& diagonal) const {
    diagonal = a.array().square() * a.cwiseProduct(w).array().exp();
  }
};

/// Armijo that counts how often it hears `restarted`.
struct Listening : Armijo {
  int* heard = nullptr;
  void restarted(const Ray& ray) {
    ++*heard;
    Armijo::restarted(ray);
  }
};

}  // namespace

TEST_CASE("a diagonal quadratic in its own coordinates is round: a few steps do, however ill-conditioned it was") {
  Quadratic bowl = Quadratic::log_spaced(20, 1e8, Vector::Ones(20));
  Diagonal scaled(bowl);
  const auto result = AnyMinimizer{SteepestDescent{}, make_rule("bb1"), Monitor{}, Stop{.gradient = 1e-8}}.run(
      scaled, Vector::Zero(20));
  CHECK(result.iterations <= 4);
  CHECK((result.w - Vector::Ones(20)).norm() < 1e-6);  // in the user's own coordinates
}

TEST_CASE("the gradient test is in the user's coordinates, whatever those of the descent") {
  Quadratic bowl = Quadratic::log_spaced(10, 1e4, Vector::Ones(10));
  Diagonal scaled(bowl);
  const auto result = minimized(scaled, Vector::Zero(10), {.stop = {.gradient = 1e-6}});
  Vector gradient(10);
  bowl.loss(result.w, gradient);
  CHECK(result.start_gradient_norm == Approx(1e4));
  CHECK(result.gradient_norm == Approx(max_norm(gradient)).margin(1e-9));
}

TEST_CASE(
    "when the coordinates are refreshed in mid-run the rule hears `restarted`, and the run goes on from its point") {
  Changing objective;
  Diagonal scaled(objective);
  int heard = 0;
  Listening rule;
  rule.heard = &heard;
  double before = INFINITY;
  const auto result = AnyMinimizer{SteepestDescent{}, rule, Monitor{}, Stop{.gradient = 1e-10}}.run(
      scaled, Vector{{7, 0.7, 0.07}}, {}, [&](const Event& event) {
        if (event.kind == Event::Kind::step) {
          CHECK(event.loss <= before);  // a refresh does not move the point
          before = event.loss;
        }
      });
  CHECK(result.status == Status::converged);
  CHECK(result.w.norm() < 1e-6);
  CHECK(heard >= 1);
}

TEST_CASE("given scales are kept, and must be positive and as many as weights") {
  Quadratic bowl = Quadratic::log_spaced(3, 100);
  Diagonal given(bowl, Vector{{1, 0.1, 0.01}});
  CHECK(minimized(given, Vector::Ones(3)).status == Status::converged);
  CHECK(given.scale() == Vector{{1, 0.1, 0.01}});
  CHECK_THROWS_AS(Diagonal(bowl, Vector{{1, 0, 1}}), std::invalid_argument);
  Diagonal too_few(bowl, Vector::Ones(2));
  CHECK_THROWS_AS(minimized(too_few, Vector::Ones(3)), std::invalid_argument);
}

namespace {

/// A bowl that knows nothing of its curvature but its gradient.
struct PlainBowl {
  Vector curvatures;
  double loss(const Vector& w, Vector& gradient) const {
    gradient = curvatures.cwiseProduct(w);
    return 0.5 * w.dot(gradient);
  }
};

}  // namespace

TEST_CASE("scales are learnt from gradients alone: a bowl of weights in units 1e-3 … 1e3 needs far fewer steps") {
  PlainBowl bowl{Vector(13)};
  for (int i = 0; i < 13; ++i) bowl.curvatures[i] = std::pow(10.0, 6 - i);
  const Vector w0 = bowl.curvatures.cwiseSqrt().cwiseInverse();
  const AnyMinimizer minimizer{SteepestDescent{}, Joined{BarzilaiBorwein{}, NonmonotoneArmijo{}}, Monitor{},
                               Stop{.gradient = 1e-8, .max_iterations = 5000}};
  Diagonal scaled{bowl};
  const auto with = minimizer.run(scaled, w0);
  const auto without = minimizer.run(bowl, w0);
  CHECK(with.code == Code::gradient);
  CHECK(with.gradient_evaluations < 400);
  CHECK(without.gradient_evaluations > 2 * with.gradient_evaluations);
  const Vector tuned = scaled.scale().cwiseProduct(bowl.curvatures.cwiseSqrt());  // 1 but for a common factor
  CHECK(tuned.maxCoeff() / tuned.minCoeff() < 1e3);
  CHECK((with.w.cwiseProduct(bowl.curvatures.cwiseSqrt())).norm() < 1e-3);  // in the user's own coordinates
}

namespace {

/// Σ (1 + p q + q²/2) over the cells of a net, q the squared slope in a cell, fixed at the border to a wave: what fields look
/// like. From a flat start nothing in the middle has a gradient until, a cell a step, news of the border has come there.
struct Net {
  Eigen::Index size;
  double height, bend;

  double at(const Vector& w, Eigen::Index i, Eigen::Index j) const {
    if (i >= 0 && j >= 0 && i < size && j < size) return w[i * size + j];
    const double width = static_cast<double>(size + 1);
    return height * std::sin(3 * static_cast<double>(i + 1) / width) * std::cos(2 * static_cast<double>(j + 1) / width);
  }
  double loss(const Vector& w, Vector& gradient) const {
    gradient.setZero(w.size());
    const auto pull = [&](Eigen::Index i, Eigen::Index j, double by) {
      if (i >= 0 && j >= 0 && i < size && j < size) gradient[i * size + j] += by;
    };
    const auto scale = static_cast<double>(size + 1);
    double sum = 0;
    for (Eigen::Index i = -1; i < size; ++i) {
      for (Eigen::Index j = -1; j < size; ++j) {
        const double right = scale * (at(w, i + 1, j) - at(w, i, j)), up = scale * (at(w, i, j + 1) - at(w, i, j));
        const double q = right * right + up * up, slope = (1 + 2 * bend * q) / scale;
        sum += (q / 2 + bend * q * q / 2) / scale / scale;
        pull(i + 1, j, slope * right);
        pull(i, j + 1, slope * up);
        pull(i, j, -slope * (right + up));
      }
    }
    return sum;
  }
};

}  // namespace

namespace {

/// Σ hypot(w, 1e-8), with its curvature: at weights of 1e110 that is 1e-346, too small for a double.
struct Rounded {
  double loss(const Vector& w, Vector& gradient) const {
    gradient = w.unaryExpr([](double x) { return x / std::hypot(x, 1e-8); });
    return w.unaryExpr([](double x) { return std::hypot(x, 1e-8); }).sum();
  }
  void curvature(const Vector& w, Vector& diagonal) const {
    diagonal = w.unaryExpr([](double x) { return 1e-16 * std::pow(std::hypot(x, 1e-8), -3); });
  }
};

}  // namespace

TEST_CASE("a curvature that underflows gives finite scales, and finite weights come back") {
  for (const Vector& w0 : {Vector{{1e110, -1e110, 3e109}}, Vector{{1e101, 1e110, -1e108}}, Vector{{1, 1e120, 1e-9}}}) {
    Rounded rounded;
    Diagonal scaled(rounded);
    const auto result = minimized(scaled, w0, {.stop = {.max_evaluations = 160}});
    INFO(w0.transpose());
    CHECK(result.w.allFinite());
    CHECK(result.loss <= result.start_loss);
    CHECK(scaled.scale().allFinite());
    CHECK(scaled.scale().minCoeff() > 0);
  }
}

TEST_CASE("a field that starts flat is no matter of units: minimize keeps its coordinates, and its pace") {
  for (const double height : {0.1, 1.0, 10.0}) {
    for (const double bend : {0.0, 0.5}) {
      const Net net{20, height, bend};
      const Vector flat = Vector::Zero(net.size * net.size);
      int switched = 0;
      MinimizeOptions options;
      options.observer = [&](const Event& event) {
        switched += event.kind == Event::Kind::restart && event.cause == Cause::coordinates ? 1 : 0;
        return true;
      };
      const auto with = minimized(net, flat, options);
      const auto plain = AnyMinimizer{Inferred{LBFGS{}}, LBFGS::home_rule(), Monitor{}, Stop{}}.run(net, flat);
      INFO("height " << height << ", bend " << bend << ": " << with.explain());
      CHECK(with.status == Status::converged);
      CHECK(switched == 0);
      CHECK(5 * with.gradient_evaluations <= 6 * plain.gradient_evaluations);
    }
  }
}
