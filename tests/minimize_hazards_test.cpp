// The hazards on which minimisers were seen to fail, each as small as it can be, by minimize with nothing set.

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <set>
#include <stdexcept>

#include "catch.hpp"
#include "support/minimized.hpp"
#include "support/objectives.hpp"
#include "surefoot/objectives/more_garbow_hillstrom.hpp"

using namespace surefoot;
using test::minimized;

namespace {

Vector ones(Eigen::Index n) { return Vector::Ones(n); }
long calls_of(const Result& result) { return result.loss_evaluations + result.gradient_evaluations; }

/// Near the minimum of a smooth loss these are the true things to say.
bool at_the_minimum(const Result& result) {
  return result.status == Status::converged || result.code == Code::rounding_floor;
}

/// One coordinate's loss and slope, as an objective of one weight.
template <class Loss, class Slope>
auto of_one_weight(Loss loss, Slope slope) {
  return [=](const Vector& w, Vector& gradient) {
    gradient[0] = slope(w[0]);
    return loss(w[0]);
  };
}

Result from(double start, const test::AnyObjective& objective, const Stop& stop = {}) {
  return minimized(objective, Vector::Constant(1, start), {.stop = stop});
}

}  // namespace

// --- edges --------------------------------------------------------------------------------------------------------

TEST_CASE("a barrier with NaN beyond it costs minimize a handful of calls") {
  // Boost's L-BFGS ends at NaN after 41,000 calls here, CppNumericalSolvers' gradient descent after 23,024.
  const auto barrier = of_one_weight([](double x) { return -std::log(1 - x) - 3 * x; },  //
                                     [](double x) { return 1 / (1 - x) - 3; });
  for (const double start : {0.0, -1.0, -1e6, 0.999999}) {
    INFO("from " << start);
    const Result result = from(start, barrier);
    CHECK(at_the_minimum(result));
    CHECK(result.w[0] == Approx(2.0 / 3).epsilon(1e-7));
    CHECK(calls_of(result) <= 60);
  }
  CHECK(calls_of(from(0, barrier)) <= 20);
}

TEST_CASE("a loss that is NaN everywhere fails at its first call, with the start") {
  int calls = 0;
  const auto nothing = [&](const Vector& w, Vector& gradient) { return ++calls, gradient = w, not_a_number; };
  const Result result = minimized(nothing, ones(3));
  CHECK(result.status == Status::failed);
  CHECK(result.code == Code::start_not_finite);
  CHECK(calls == 1);
  CHECK(calls_of(result) == 1);
  CHECK(result.w == ones(3));
}

TEST_CASE("with NaN all around the start minimize says that the domain ends there") {
  const auto alone = [](const Vector& w, Vector& gradient) {
    gradient = w;
    return w == ones(w.size()) ? 1.0 : not_a_number;
  };
  for (const Eigen::Index n : {1, 2, 10}) {
    const Result result = minimized(alone, ones(n));
    CHECK(result.code == Code::domain_edge);
    CHECK(result.status == Status::stalled);
    CHECK(result.w == ones(n));
    CHECK(result.loss == 1);
  }
}

TEST_CASE("a minimum behind a wall of NaN or Inf is said to lie at the domain's edge, and the edge is reached") {
  for (const double beyond : {not_a_number, infinity}) {
    const auto walled = of_one_weight([=](double x) { return x <= 1 ? (x - 2) * (x - 2) : beyond; },
                                      [](double x) { return 2 * (x - 2); });
    const Result result = from(-1, walled);
    INFO("beyond it " << beyond << ": " << result.explain());
    CHECK(result.code == Code::domain_edge);
    CHECK(result.w[0] <= 1);
    CHECK(result.w[0] == Approx(1).epsilon(1e-6));
  }
}

TEST_CASE("a wall that minimize meets on its way costs it no minimum, or is named where it bars the way") {
  const Vector minimiser{{0.9, 0.09}};  // by the wall x + y < 1
  const Quadratic bowl(Vector{{1.0, 100.0}}, minimiser);
  const auto walled = [&](const Vector& w, Vector& gradient) {
    const double loss = bowl.loss(w, gradient);
    return w.sum() < 1 ? loss : not_a_number;
  };
  for (const Vector& start : {Vector{{-5, 5.9}}, Vector{{-100, 100}}, Vector{{-1, 1.5}}}) {
    const Result result = minimized(walled, start);
    CHECK(at_the_minimum(result));
    CHECK((result.w - minimiser).norm() < 1e-6);
    CHECK(calls_of(result) < 60);
  }
  // From here every way down is barred: the first coordinate would have to go before the second.
  const Result barred = minimized(walled, Vector{{5, -5}});
  INFO(barred.explain());
  CHECK((barred.code == Code::domain_edge || (barred.w - minimiser).norm() < 1e-6));
}

// --- gradients that are wrong ---------------------------------------------------------------------------------------

TEST_CASE("a gradient with its sign flipped is named, and the start comes back") {
  const auto flipped = [](const auto& inner, const Vector& start) {
    const auto objective = [&](const Vector& w, Vector& gradient) {
      const double loss = inner.loss(w, gradient);
      gradient = -gradient;
      return loss;
    };
    return minimized(objective, start);
  };
  const auto check = [](const Result& result, const Vector& start) {
    INFO(result.explain());
    CHECK(result.code == Code::gradient_disagrees);
    CHECK(result.status == Status::stalled);
    CHECK(result.w == start);
    CHECK(calls_of(result) < 200);
  };
  check(flipped(Quadratic(ones(3)), ones(3)), ones(3));
  check(flipped(Quadratic::log_spaced(20, 1e4), ones(20)), ones(20));
  const Rosenbrock valley(10);
  check(flipped(valley, valley.start()), valley.start());
  for (const double factor : {1e-150, 1e150}) {
    check(flipped(test::Transformed<Quadratic>{Quadratic::log_spaced(4, 10), factor, 0}, ones(4)), ones(4));
  }
}

TEST_CASE("a gradient that is wrong in one coordinate is named") {
  const auto spoilt = [](const auto& inner, const Vector& start, auto spoil) {
    const auto objective = [&](const Vector& w, Vector& gradient) {
      const double loss = inner.loss(w, gradient);
      gradient[2] = spoil(gradient[2]);
      return loss;
    };
    const Result result = minimized(objective, start);
    INFO(result.explain());
    CHECK(result.code == Code::gradient_disagrees);
    Vector gradient(start.size());
    CHECK(result.loss <= inner.loss(start, gradient));
  };
  const auto flip = [](double g) { return -g; };
  const auto shift = [](double g) { return g + 10; };
  spoilt(Quadratic::log_spaced(5, 100), ones(5), flip);
  spoilt(Quadratic::log_spaced(5, 100), ones(5), shift);
  spoilt(Rosenbrock(10), Rosenbrock(10).start(), flip);
  spoilt(Rosenbrock(10), Rosenbrock(10).start(), shift);
}

TEST_CASE("an entry of the gradient that is never written is named by minimize") {
  const auto forgetful = [](const Vector& w, Vector& gradient) {
    gradient.head(2) = w.head(2);
    return 0.5 * w.squaredNorm();
  };
  const Result result = minimized(forgetful, ones(3));
  CHECK(result.code == Code::gradient_not_filled);
  CHECK(result.reason.find("entry 2") != std::string::npos);
}

TEST_CASE("what the objective throws comes through minimize, whichever call it is") {
  const Rosenbrock valley(4);
  for (int at = 1; at <= 20; ++at) {
    int calls = 0;
    const auto throws = [&](const Vector& w, Vector& gradient) {
      if (++calls == at) throw std::domain_error("out of the lab");
      return valley.loss(w, gradient);
    };
    CHECK_THROWS_AS(minimized(throws, valley.start()), std::domain_error);
    CHECK(calls == at);
  }
}

// --- nothing to do, and too much asked --------------------------------------------------------------------------------

TEST_CASE("at the minimum minimize makes one call, whatever it is asked for") {
  const Quadratic bowl = Quadratic::log_spaced(10, 1e6, ones(10));
  for (const Stop& stop : {Stop{}, Stop{.gradient = 1e-12}, Stop{.absolute_gradient = 1e-3}, Stop{.decrease = 1e-9},
                           Stop{.target = 1.0}, Stop{.max_iterations = 10}}) {
    const Result result = minimized(bowl, ones(10), {.stop = stop});
    CHECK(calls_of(result) == 1);
    CHECK(result.status == Status::converged);
    CHECK(result.w == ones(10));
  }
}

TEST_CASE("a condition of 1e12 leaves minimize no coordinate behind") {
  for (const Eigen::Index n : {2, 13}) {
    const Quadratic bowl = Quadratic::log_spaced(n, 1e12);
    const Vector start = bowl.curvatures.cwiseSqrt().cwiseInverse();  // each coordinate has its share in the loss
    for (const Vector& w0 : {start, ones(n)}) {
      const Result result = minimized(bowl, w0);
      INFO(n << " weights: " << result.explain());
      CHECK(at_the_minimum(result));
      CHECK(result.loss <= 1e-9 * bowl.loss(start));
    }
  }
}

TEST_CASE("a gradient test that rounding makes unreachable ends at the floor, not in an error") {
  const Quadratic bowl = Quadratic::log_spaced(10, 1e3, Vector::LinSpaced(10, 0.1, 0.9));
  const test::Transformed<Quadratic> lifted{bowl, 1, 1e6};
  const Rosenbrock valley(6);
  const auto barrier = of_one_weight([](double x) { return -std::log(1 - x) - 3 * x; },  //
                                     [](double x) { return 1 / (1 - x) - 3; });
  const auto ends_well = [](const Result& result) {
    INFO(result.explain());
    CHECK(at_the_minimum(result));
    CHECK(calls_of(result) < 1000);
  };
  for (const Stop& stop : {Stop{.absolute_gradient = 1e-300}, Stop{.gradient = 0}, Stop{.target = -1e-3}}) {
    ends_well(minimized(bowl, Vector::Zero(10), {.stop = stop}));
    ends_well(minimized(valley, valley.start(), {.stop = stop}));
    ends_well(from(0, barrier, {.gradient = stop.gradient, .absolute_gradient = stop.absolute_gradient}));
  }
  ends_well(minimized(lifted, Vector::Zero(10), {.stop = {.absolute_gradient = 1e-300}}));
}

TEST_CASE("a loss in single precision ends minimize at its rounding floor, near the minimum") {
  // Loss and gradient carry an error of 6e-8, which no search can see through.
  const Vector minimiser = Vector::LinSpaced(8, -1, 1);
  const Quadratic bowl = Quadratic::log_spaced(8, 50, minimiser);
  const auto rough = [&](const Vector& w, Vector& gradient) {
    const double loss = bowl.loss(w, gradient) + 3;
    gradient = gradient.cast<float>().cast<double>();
    return static_cast<double>(static_cast<float>(loss));
  };
  const Result result = minimized(rough, Vector::Constant(8, 4));
  INFO(result.explain());
  CHECK(at_the_minimum(result));
  CHECK(result.loss - 3 <= 1e-6);
  CHECK(calls_of(result) < 1000);
}

TEST_CASE("noise in the loss ends minimize near the minimum, and is not taken for a wrong gradient") {
  const Quadratic bowl = Quadratic::log_spaced(6, 100);
  for (const double noise : {1e-12, 1e-9, 1e-6}) {
    int calls = 0;
    const auto noisy = [&](const Vector& w, Vector& gradient) {
      return bowl.loss(w, gradient) + noise * std::sin(12345.0 * ++calls);
    };
    const Result result = minimized(noisy, ones(6), {.stop = {.max_evaluations = 5000}});
    INFO("noise " << noise << ": " << result.explain());
    CHECK(result.code != Code::gradient_disagrees);
    CHECK(result.status != Status::failed);
    CHECK(bowl.loss(result.w) <= 10 * noise);
    CHECK(calls_of(result) < 5000);
  }
}

TEST_CASE("where the weights' own digits end, so does minimize, and it says nothing false") {
  // Near 1e17 neighbouring numbers are 16 apart: the minimum 1e17 + 5 lies between two of them.
  const auto bowl = [](const Vector& w, Vector& gradient) {
    gradient = ((w.array() - 1e17) - 5).matrix();
    return 0.5 * gradient.squaredNorm();
  };
  const Result result = minimized(bowl, Vector::Constant(3, 1e17 + 16000));
  INFO(result.explain());
  CHECK(result.loss <= 0.5 * 3 * 11 * 11);
  CHECK(result.code != Code::gradient_disagrees);
  CHECK(result.status != Status::failed);
  CHECK(calls_of(result) < 1000);
}

TEST_CASE("a first step that changes no weight is no hindrance") {
  const Quadratic bowl = Quadratic::log_spaced(10, 100);
  for (const double first_step : {1e-300, 1e-200, 1e-50, 1e-20}) {
    const Result result = minimized(bowl, ones(10), {.first_step = first_step});
    CHECK(result.status == Status::converged);
    CHECK(result.loss <= 1e-12);
    CHECK(calls_of(result) <= 60);
  }
}

TEST_CASE("minimize keeps to any number of calls, and returns the best of them") {
  const Rosenbrock valley(4);
  for (long limit = 1; limit <= 80; ++limit) {
    test::Recorded<Rosenbrock> recorded{valley};
    const Result result = minimized(recorded, valley.start(), {.stop = {.max_evaluations = limit}});
    CHECK(recorded.calls <= limit);
    double best = INFINITY;
    for (const Vector& w : recorded.visited) best = std::min(best, valley.loss(w));
    CHECK(result.loss == best);
    CHECK(recorded.vouches_for(result.w));
  }
}

// --- scale ---------------------------------------------------------------------------------------------------------

TEST_CASE("a loss times 1e300 or 1e-300 is minimised as it is at 1") {
  const Quadratic bowl = Quadratic::log_spaced(8, 100);
  for (const double factor : {1e-300, 1e300}) {
    INFO("times " << factor);
    const test::Transformed<Quadratic> scaled{bowl, factor, 0};
    const Result result = minimized(scaled, ones(8));
    CHECK(at_the_minimum(result));
    CHECK(bowl.loss(result.w) <= 1e-9 * bowl.loss(ones(8)));
    CHECK(calls_of(result) <= calls_of(minimized(bowl, ones(8))) + 10);
  }
}

TEST_CASE("exponentials, whose steps never shrink, are not taken for a minimum on the way") {
  // Σ cosh(x) from 1e65: each Newton step is 1 long and gains a factor e.
  const auto cosh = [](const Vector& w, Vector& gradient) {
    gradient = w.array().sinh().matrix();
    return w.array().cosh().sum();
  };
  for (const double start : {30.0, 150.0, 600.0}) {
    const Result result = minimized(cosh, Vector::LinSpaced(20, start, start + 5));
    INFO("from " << start << ": " << result.explain());
    CHECK(at_the_minimum(result));
    CHECK(result.loss == Approx(20).epsilon(1e-9));
  }
}

TEST_CASE("a huge first gradient does not pass for convergence") {
  // A wall of 1e12 (x/10)^20 beside a small valley, whose loss matters only once the wall is behind.
  const auto objective = [](const Vector& w, Vector& gradient) {
    const double x = w[0], y = w[1];
    gradient[0] = 20e12 * std::pow(x / 10, 19) / 10 + 2 * (x - 1);
    gradient[1] = 2 * 1e-3 * (y - 7);
    return 1e12 * std::pow(x / 10, 20) + (x - 1) * (x - 1) + 1e-3 * (y - 7) * (y - 7);
  };
  const Result result = minimized(objective, Vector{{15, 0}});
  INFO(result.explain());
  CHECK(at_the_minimum(result));
  CHECK(result.w[0] == Approx(1).epsilon(1e-3));
  CHECK(result.w[1] == Approx(7).epsilon(1e-3));
}

// --- no minimum -----------------------------------------------------------------------------------------------------

TEST_CASE("minimize says soon that -x, -x^2, -exp(x) and a saddle fall without end") {
  const auto check = [](const Result& result) {
    INFO(result.explain());
    CHECK(result.code == Code::unbounded_below);
    CHECK(result.status == Status::stalled);
    CHECK(result.w.allFinite());
    CHECK(std::isfinite(result.loss));
    CHECK(calls_of(result) <= 200);
  };
  check(from(1, of_one_weight([](double x) { return -x; }, [](double) { return -1.0; })));
  check(from(1, of_one_weight([](double x) { return -x * x; }, [](double x) { return -2 * x; })));
  check(from(0, of_one_weight([](double x) { return -std::exp(x); }, [](double x) { return -std::exp(x); })));
  check(minimized([](const Vector& w, Vector& g) { return g = -2 * w, -w.squaredNorm(); }, ones(10)));
  // A saddle: down one way, up the other.
  check(minimized(
      [](const Vector& w, Vector& g) {
        return g = Vector{{2 * w[0], -2 * w[1]}}, w[0] * w[0] - w[1] * w[1];
      },
      Vector{{3, 1e-3}}));
}

TEST_CASE("a loss that falls ever more slowly without end comes back far out, and is not called converged") {
  struct Falling {
    const char* name;
    double (*loss)(double);
    double (*slope)(double);
  };
  const Falling falling[] = {
      {"-log(1 + e^x)", [](double x) { return -std::max(x, 0.0) - std::log1p(std::exp(-std::abs(x))); },
       [](double x) { return -1 / (1 + std::exp(-x)); }},
      {"-sqrt(1 + x)", [](double x) { return -std::sqrt(1 + x); }, [](double x) { return -0.5 / std::sqrt(1 + x); }},
      {"-log(1 + x)", [](double x) { return -std::log1p(x); }, [](double x) { return -1 / (1 + x); }}};
  for (const Falling& f : falling) {
    const Result result = from(0, of_one_weight(f.loss, f.slope));
    INFO(f.name << ": " << result.explain());
    CHECK(result.w[0] > 1e20);
    CHECK(std::isfinite(result.loss));
    CHECK(result.status != Status::converged);
    CHECK(result.status != Status::failed);
    CHECK(result.code != Code::gradient_disagrees);
  }
}

// --- kinks and jumps --------------------------------------------------------------------------------------------------

TEST_CASE("a kink ends minimize near it, as a kink and not as a wrong gradient") {
  const auto sign = [](double x) { return x > 0 ? 1.0 : -1.0; };
  SECTION("|x|") {
    const auto kink = of_one_weight([](double x) { return std::abs(x); }, sign);
    for (const double start : {0.3, 1.0, 1e6}) {
      const Result result = from(start, kink);
      INFO(result.explain());
      CHECK(result.status == Status::stalled);
      CHECK(result.code != Code::gradient_disagrees);
      CHECK(result.loss <= 1e-9 * start);
    }
  }
  SECTION("|x - 1|") {
    const auto kink = of_one_weight([](double x) { return std::abs(x - 1); }, [=](double x) { return sign(x - 1); });
    const Result result = from(4, kink);
    INFO(result.explain());
    CHECK(result.code != Code::gradient_disagrees);
    CHECK(result.status != Status::failed);
    CHECK(result.loss <= 1e-9);
  }
  SECTION("|x| + 100 |y|") {
    const auto kinks = [=](const Vector& w, Vector& g) {
      g = Vector{{sign(w[0]), 100 * sign(w[1])}};
      return std::abs(w[0]) + 100 * std::abs(w[1]);
    };
    const Result result = minimized(kinks, Vector{{1.0, 0.7}}, {.stop = {.max_evaluations = 20000}});
    INFO(result.explain());
    CHECK(result.code != Code::gradient_disagrees);
    CHECK(result.status != Status::failed);
    CHECK(result.status != Status::converged);
    CHECK(result.loss <= 1e-2);
  }
}

TEST_CASE("a jump in the loss ends minimize with the lower side of it") {
  // Lower by 5 beyond x < 1/2, where the slope goes on as before.
  const auto jump = of_one_weight([](double x) { return x * x - (x < 0.5 ? 5 : 0); }, [](double x) { return 2 * x; });
  const Result lower = from(3, jump);
  CHECK(lower.status == Status::converged);
  CHECK(lower.loss == Approx(-5));
  // Higher by 50 there: the edge is as far as a descent goes.
  const auto step = of_one_weight([](double x) { return x * x + (x < 0.5 ? 50 : 0); }, [](double x) { return 2 * x; });
  const Result edge = from(3, step);
  INFO(edge.explain());
  CHECK(edge.status == Status::stalled);
  CHECK(edge.w[0] == Approx(0.5).epsilon(1e-6));
  CHECK(calls_of(edge) < 500);
}

// --- ends ----------------------------------------------------------------------------------------------------------

TEST_CASE(
    "a loss of minus infinity is never returned, and is said to fall "
    "without end") {
  const auto hole = [](const Vector& w, Vector& gradient) {
    gradient = w;
    return w.norm() < 0.5 ? -INFINITY : 0.5 * w.squaredNorm();
  };
  const Result result = minimized(hole, ones(2));
  INFO(result.explain());
  CHECK(result.code == Code::unbounded_below);
  CHECK(std::isfinite(result.loss));
}

TEST_CASE(
    "a loss that falls without end at the edge of its domain comes back "
    "finite and honest") {
  // log x: falls to -Inf at 0, NaN beyond.
  const Result result = from(1, of_one_weight([](double x) { return std::log(x); }, [](double x) { return 1 / x; }));
  INFO(result.explain());
  CHECK(std::isfinite(result.loss));
  CHECK(result.w[0] > 0);
  CHECK((result.code == Code::domain_edge || result.code == Code::unbounded_below));
  CHECK(calls_of(result) < 1000);
}

TEST_CASE("minimize does not say converged where an unknown was never moved") {
  const Rosenbrock valley(2);
  for (const double size : {1e4, 1e5, 1e6, 1e7, 1e8}) {
    const Vector unit{{size, 1 / size}};
    const auto objective = [&](const Vector& w, Vector& g) {
      const double loss = valley.loss(w.cwiseQuotient(unit), g);
      g = g.cwiseQuotient(unit);
      return loss;
    };
    for (const std::optional<double> first_step : {std::optional<double>{}, {1e-300}, {1e-10}, {1e10}, {1e300}}) {
      const Result result = minimized(objective, valley.start().cwiseProduct(unit), {.first_step = first_step});
      INFO(size << " from a first step of " << first_step.value_or(0) << ": " << result.explain());
      CHECK((result.status != Status::converged || result.loss < 1e-6));
    }
  }
}

TEST_CASE("least squares of a few columns that are 1e16 apart in size come to their minimum") {
  std::mt19937 random(5);
  std::normal_distribution<double> normal;
  int there = 0, false_alarms = 0;
  constexpr int runs = 60;
  for (int k = 0; k < runs; ++k) {
    const Eigen::Index n = 2 + k % 4;
    const auto draw = [&] { return normal(random); };
    Eigen::MatrixXd X = Eigen::MatrixXd::NullaryExpr(4 * n, n, draw);
    const Vector y = X * Vector::NullaryExpr(n, draw);
    X.col(0) *= 1e-8;
    X.col(n - 1) *= 1e8;
    const auto squares = [&](const Vector& w, Vector& g) {
      const Vector residual = X * w - y;
      g = X.transpose() * residual;
      return 0.5 * residual.squaredNorm();
    };
    const Result result = minimized(squares, Vector::Zero(n));
    const bool reached = result.loss <= 1e-6 * result.start_loss;
    there += reached ? 1 : 0;
    false_alarms += !reached && result.status == Status::converged ? 1 : 0;
  }
  CHECK(there >= runs - 5);
  CHECK(false_alarms <= 2);
}

TEST_CASE("minimize ends soon after the last bit is reached") {
  for (const TestProblem& problem : {mgh::gaussian(), mgh::watson(9), mgh::watson(12)}) {
    test::Recorded<TestProblem> recorded{problem};
    const Result result = minimized(recorded, problem.start, {.stop = {.max_evaluations = 20000}});
    long there = 0;  // the first call within a few units in the last place of the end
    for (const Vector& w : recorded.visited) {
      ++there;
      if (problem.loss(w) - result.loss <= 1e-14 * problem.loss(problem.start)) break;
    }
    INFO(problem.name << " n = " << problem.size << ": there after " << there << " of " << recorded.calls << " calls");
    CHECK(recorded.calls <= there + 40);
  }
}

TEST_CASE("a start whose loss and gradient are 1e43 times too large does not make the rest pass for converged") {
  const Rosenbrock valley(2);
  const auto far_out = [&](const Vector& w, Vector& gradient) {
    Vector inner(2);
    const double loss = std::exp(w[0]) - w[0] + valley.loss(w.tail(2), inner);
    gradient[0] = std::exp(w[0]) - 1;
    gradient.tail(2) = inner;
    return loss;
  };
  const Result result = minimized(far_out, Eigen::Vector3d(100, -3000, 1));
  INFO(result.explain());
  CHECK(result.loss - 1 < 1e-3);  // the minimum is 1
}

TEST_CASE("a wall of NaN behind a steep slope is named as the edge that it is") {
  const auto walled =
      of_one_weight([](double x) { return x < 1 ? NAN : std::exp(x) + x; }, [](double x) { return std::exp(x) + 1; });
  const Result result = from(20, walled);
  INFO(result.explain());
  CHECK(result.code == Code::domain_edge);
}
