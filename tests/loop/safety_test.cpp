// The safety promises, tried on every rule of the registry (so that a new rule gets these tests for nothing) and on the
// directions that bring their own: the weights that come back are finite and no worse than the start; what is not
// finite is never accepted; any first step will do.

#include <array>
#include <functional>
#include <memory>

#include "catch.hpp"
#include "support/minimized.hpp"
#include "support/objectives.hpp"
#include "surefoot/directions/l_bfgs.hpp"
#include "surefoot/directions/nesterov.hpp"
#include "surefoot/directions/steepest.hpp"
#include "surefoot/loop/minimizer.hpp"
#include "surefoot/minimize.hpp"
#include "surefoot/objectives/linear.hpp"
#include "surefoot/registry.hpp"
#include "surefoot/steps/armijo.hpp"

using namespace surefoot;
using namespace surefoot::test;

namespace {

using Run = std::function<Result(const AnyObjective& objective, const Vector& w0, std::optional<double> first_step,
                                 const Stop& stop)>;

/// Runs `check(name, run)` for every rule along steepest descent, and for L-BFGS and Nesterov;
/// run(objective, w0, first_step, stop) is a run of that kind.
void for_every_way(const std::function<void(const std::string& name, const Run& run)>& check) {
  const auto with = [](auto minimizer) {
    return [minimizer](const AnyObjective& objective, const Vector& w0, std::optional<double> first_step,
                       const Stop& stop) mutable {
      minimizer.stop = stop;
      return minimizer.run(objective, w0, {.first_step = first_step});
    };
  };
  for (const auto& rule : rule_names())
    check(rule, with(AnyMinimizer{SteepestDescent{}, make_rule(rule), Monitor{}, Stop{}}));
  check("l-bfgs", with(AnyMinimizer{LBFGS{}, WeakWolfe{}, Monitor{}, Stop{}}));
  check("nesterov", with(AnyMinimizer{Nesterov{}, Armijo{}, Monitor{}, Stop{}}));
}

/// A small logistic regression on separable-looking but penalised data.
struct SmallLogistic {
  DenseMatrix X = DenseMatrix::NullaryExpr(40, 5, [](Eigen::Index i, Eigen::Index j) {
    return std::sqrt(2.0) * std::cos(1.3 * double(i + 1) * double(j + 1) + double(i));
  });
  Vector y = Vector::NullaryExpr(40, [](Eigen::Index i) { return std::cos(7.0 * double(i + 1)) > 0 ? 1.0 : 0.0; });
  Logistic<DenseMatrix> model{X, y, {.l2 = 1e-2}};
  double loss(const Vector& w, Vector& gradient) { return model.loss(w, gradient); }
};

/// exp(Σ …) overflows a little way out; the minimum of Σ exp(x) − 3x is at log 3.
struct Overflowing {
  double loss(const Vector& w, Vector& gradient) const {
    gradient = w.array().exp() - 3;
    return w.array().exp().sum() - 3 * w.sum();
  }
};

template <class Objective>
void any_first_step(const char* name, Objective objective, const Vector& w0, double minimum) {
  Vector gradient(w0.size());
  const double start = objective.loss(w0, gradient);
  for_every_way([&](const std::string& way, const Run& run) {
    for (const double step : {1e-300, 1e-100, 1e-20, 1e-5, 1.0, 1e5, 1e20, 1e100, 1e300}) {
      INFO(name << " by " << way << " from a first step of " << step);
      const Result result = run(objective, w0, step, Stop{.gradient = 1e-7, .max_iterations = 20000});
      REQUIRE(result.w.allFinite());
      REQUIRE(std::isfinite(result.loss));
      REQUIRE(result.loss <= start);
      if (way == "fixed") continue;  // keeps the step that it was given, unless it must shrink
      CHECK(result.loss - minimum <= 1e-6 * (start - minimum));
    }
  });
}

}  // namespace

TEST_CASE("whatever first step is given, a run on a convex objective ends at the same loss") {
  SECTION("quadratic") { any_first_step("quadratic", Quadratic::log_spaced(10, 100), Vector::Ones(10), 0); }
  SECTION("exponentials that overflow") {
    any_first_step("exponentials", Overflowing{}, Vector::Zero(3), 3 * (3 - 3 * std::log(3.0)));
  }
  SECTION("logistic regression") {
    auto model = std::make_unique<SmallLogistic>();
    const Result reference = minimized(*model, Vector::Zero(6), {.stop = {.gradient = 1e-12}});
    struct ByReference {
      SmallLogistic* model;
      double loss(const Vector& w, Vector& gradient) { return model->loss(w, gradient); }
    };
    any_first_step("logistic", ByReference{model.get()}, Vector::Zero(6), reference.loss);
  }
}

TEST_CASE(
    "a fault at any call of a run is survived: the point that comes back was visited, finite and no worse than the "
    "start") {
  const Vector start = Rosenbrock(2).start();
  Vector gradient(2);
  const double start_loss = Rosenbrock(2).loss(start, gradient);
  for_every_way([&](const std::string& way, const Run& run) {
    const Stop stop{.max_iterations = 25};
    Recorded<Rosenbrock> clean{Rosenbrock(2)};
    run(clean, start, {}, stop);
    for (const Fault fault : every_fault) {
      for (int k = 1; k <= clean.calls; ++k) {
        INFO(way << ", fault " << static_cast<int>(fault) << " at call " << k << " of " << clean.calls);
        Recorded<Rosenbrock> valley{Rosenbrock(2), k, fault};
        const Result result = run(valley, start, {}, stop);
        if (k == 1) {
          REQUIRE(result.status == Status::failed);
          REQUIRE(result.code == Code::start_not_finite);
          REQUIRE(result.w == start);
          continue;
        }
        REQUIRE(result.w.allFinite());
        REQUIRE(result.loss <= start_loss);
        REQUIRE(valley.vouches_for(result.w));
        REQUIRE(result.loss == Rosenbrock(2).loss(result.w));
        REQUIRE(result.status != Status::failed);
        if (way != "fixed") REQUIRE(result.loss < start_loss);
      }
    }
  });
}

TEST_CASE("a fault at every call from some call on ends the run, with the best point so far") {
  const Vector start = Rosenbrock(2).start();
  for_every_way([&](const std::string& way, const Run& run) {
    for (const int from : {2, 3, 8, 15}) {
      INFO(way << " from call " << from);
      int calls = 0;
      double best = INFINITY;
      auto fails = [&](const Vector& w, Vector& gradient) {
        const double loss = Rosenbrock(2).loss(w, gradient);
        if (++calls >= from) return std::nan("");
        best = std::min(best, loss);
        return loss;
      };
      const Result result = run(fails, start, {}, Stop{});
      REQUIRE(result.status == Status::stalled);
      REQUIRE(result.loss == best);
      REQUIRE(calls < 50 * Stepper<Armijo>::max_trials);
    }
  });
}

TEST_CASE("a loss near 1e150 or 1e-150 takes the same path as one near 1") {
  const Vector start = Vector::Zero(12);
  const Quadratic bowl = Quadratic::log_spaced(12, 100, Vector::Ones(12));
  for_every_way([&](const std::string& way, const Run& run) {
    if (way == "fixed") return;  // its step is in the user's units
    const Stop stop{.gradient = 1e-6, .max_iterations = 5000};
    Transformed<Quadratic> plain{bowl, 1, 0};
    const Result expected = run(plain, start, {}, stop);
    CHECK(expected.status == Status::converged);
    for (const int exponent : {-600, -498, 498, 600}) {  // 2^498 is about 1e150
      INFO(way << " times 2^" << exponent);
      Transformed<Quadratic> scaled{bowl, std::ldexp(1.0, exponent), 0};
      const Result result = run(scaled, start, {}, stop);
      CHECK(result.w == expected.w);  // powers of two: to the bit
      CHECK(result.gradient_evaluations == expected.gradient_evaluations);
    }
  });
}

TEST_CASE("weights near 1e50 or 1e-50 are as good as weights near 1") {
  for_every_way([&](const std::string& way, const Run& run) {
    if (way == "fixed") return;
    for (const double scale : {1e-50, 1e50}) {
      INFO(way << " scale " << scale);
      auto bowl = [&](const Vector& w, Vector& gradient) {
        const Vector v = w / scale;
        gradient = Vector::LinSpaced(8, 1, 20).cwiseProduct(v) / scale;
        return 0.5 * v.dot(Vector::LinSpaced(8, 1, 20).cwiseProduct(v));
      };
      const Result result = run(bowl, Vector::Constant(8, scale), {}, Stop{.gradient = 1e-6, .max_iterations = 5000});
      CHECK(result.status == Status::converged);
    }
  });
}

TEST_CASE("other units of the loss or the weights, or a shift of the loss, leave every rule's steps as they were") {
  const Vector curvatures = Vector::LinSpaced(8, 1, 20);
  for (const auto& name : rule_names()) {
    if (name == "fixed") continue;  // its step is in the user's units
    const auto steps = [&](double loss_unit, double weight_unit, double shift) {
      const auto bowl = [&](const Vector& w, Vector& gradient) {
        const Vector v = w / weight_unit;
        gradient = curvatures.cwiseProduct(v) * (loss_unit / weight_unit);
        return loss_unit * (0.5 * v.dot(curvatures.cwiseProduct(v)) + shift);
      };
      std::vector<double> taken;
      AnyMinimizer{SteepestDescent{}, make_rule(name), Monitor{}, Stop{.max_iterations = 12}}.run(
          bowl, Vector::Constant(8, weight_unit), {}, [&](const Event& event) {
            if (event.kind == Event::Kind::step) taken.push_back(event.step * loss_unit / weight_unit / weight_unit);
          });
      return taken;
    };
    const auto plain = steps(1, 1, 0);
    CHECK(plain.size() >= 5);
    for (const auto& [loss, weight, shift] :
         {std::array{1e100, 1.0, 0.0}, {1e-100, 1.0, 0.0}, {1.0, 1e50, 0.0}, {1.0, 1e-50, 0.0}, {1.0, 1.0, 3.0}}) {
      const auto other = steps(loss, weight, shift);
      INFO(name << ", loss times " << loss << ", weights times " << weight << ", shift " << shift);
      REQUIRE(other.size() == plain.size());
      for (std::size_t i = 0; i < plain.size(); ++i) {
        INFO("step " << i);
        CHECK(other[i] == Approx(plain[i]).epsilon(1e-5));
      }
    }
  }
}

TEST_CASE("a NaN wall around the start does not stop a run that can go on inside") {
  const auto walled = [](const Vector& w, Vector& gradient) {
    const Vector shifted = w - Vector::Constant(w.size(), 0.5);
    gradient = 50 * shifted;
    return w.norm() > 2.0 ? std::nan("") : 25 * shifted.squaredNorm();
  };
  for_every_way([&](const std::string& way, const Run& run) {
    if (way == "fixed") return;
    for (const double step : {1e-10, 1.0, 1e10}) {
      INFO(way << " from " << step);
      auto objective = walled;
      const Result result =
          run(objective, Vector::Constant(4, 0.99), step, Stop{.gradient = 1e-6, .max_iterations = 5000});
      CHECK((result.w - Vector::Constant(4, 0.5)).norm() < 1e-4);
    }
  });
}
