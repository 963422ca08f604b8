#include "surefoot/loop/stop.hpp"

#include <random>
#include <stop_token>

#include "catch.hpp"
#include "support/minimized.hpp"
#include "support/thrown.hpp"
#include "surefoot/directions/steepest.hpp"
#include "surefoot/loop/minimizer.hpp"
#include "surefoot/objectives/functions.hpp"
#include "surefoot/steps/armijo.hpp"

using namespace surefoot;

namespace {

Result run(const Stop& stop, const Vector& w0 = Eigen::Vector3d(1, 1, 1)) {
  static const Quadratic bowl = Quadratic::log_spaced(3, 100);
  return test::AnyMinimizer{SteepestDescent{}, Armijo{}, Monitor{}, stop}.run(bowl, w0);
}

/// Iterations of a run that converges: after the k-th the loss is 2^−2k above the minimum, the gradient 2^−k.
Progress converging(int k, double scale = 1, double shift = 0) {
  const double excess = std::ldexp(1.0, -2 * k), length = std::ldexp(1.0, -k);
  return {.gradient_max = length * scale,
          .best = (shift + excess) * scale,
          .start = (shift + 1) * scale,
          .promise = excess * scale / 2,
          .step_length = length,
          .longest = 1,
          .size = 10};
}

/// When the test first holds: after how many iterations.
template <class Test>
int first_time(Test test, int most = 5000) {
  for (int k = 1; k <= most; ++k) {
    if (test(k)) return k;
  }
  return -1;
}

}  // namespace

TEST_CASE("the gradient criterion is relative to the start's") {
  const Result result = run({.gradient = 1e-3});
  CHECK(result.code == Code::gradient);
  CHECK(result.status == Status::converged);
  CHECK(result.gradient_norm <= 1e-3 * result.start_gradient_norm);
  CHECK(result.gradient_norm > 1e-6 * result.start_gradient_norm);  // and it did not go on for long
}

TEST_CASE("the absolute gradient criterion is as it was given") {
  const Result result = run({.absolute_gradient = 1e-2});
  CHECK(result.code == Code::gradient);
  CHECK(result.gradient_norm <= 1e-2);
  CHECK(run({.absolute_gradient = 1e9}).iterations == 0);
}

TEST_CASE("the decrease criterion fires when ten steps gained no more than that share of the run's gain") {
  const Result result = run({.decrease = 1e-2});
  CHECK(result.code == Code::decrease);
  CHECK(result.iterations >= 10);
  CHECK(result.loss < 0.1 * result.start_loss);
}

TEST_CASE("the target criterion fires at the first loss that is at or below it") {
  const Result result = run({.target = 1.0});
  CHECK(result.code == Code::target);
  CHECK(result.loss <= 1);
  CHECK(run({.target = 1e9}).iterations == 0);
  CHECK(run({.target = 1e9}).code == Code::target);
}

TEST_CASE("each budget ends the run, with the best point so far") {
  const Result iterations = run({.max_iterations = 3});
  CHECK(iterations.code == Code::iterations);
  CHECK(iterations.iterations == 3);
  const Result none = run({.max_iterations = 0});
  CHECK(none.code == Code::iterations);
  CHECK(none.loss == none.start_loss);
  const Result evaluations = run({.max_evaluations = 7});
  CHECK(evaluations.code == Code::evaluations);
  CHECK(evaluations.loss_evaluations + evaluations.gradient_evaluations == 7);
  const Result seconds = run({.max_seconds = 0.0});
  CHECK(seconds.code == Code::time);
  CHECK(seconds.loss <= seconds.start_loss);
}

TEST_CASE("a run that was cancelled says so") {
  std::stop_source source;
  source.request_stop();
  const Result result = run({.cancel = source.get_token()});
  CHECK(result.code == Code::cancelled);
  CHECK(result.status == Status::interrupted);
  CHECK(result.loss <= result.start_loss);
}

TEST_CASE("an unset criterion never fires: with no limit at all the default test ends the run") {
  const Result result = run({.max_iterations = {}});
  CHECK(result.status == Status::converged);
  CHECK(result.gradient_norm <= 1e-8 * result.start_gradient_norm);
}

TEST_CASE("10,000 iterations are the limit where none is set, and only there") {
  CHECK(Stop{}.iteration_limit() == 10000);
  CHECK(Stop{.gradient = 1e-3}.iteration_limit() == 10000);
  CHECK(Stop{.max_iterations = 50000}.iteration_limit() == 50000);
  CHECK(Stop{.max_seconds = 60}.iteration_limit() > 1000000);
  CHECK((Stop{.gradient = 1e-6} | Stop{.max_iterations = 50000}).iteration_limit() == 50000);
}

TEST_CASE("a | b fires when either does") {
  const auto joined = Stop{.gradient = 1e-6} | Stop{.max_seconds = 5};
  CHECK(joined.gradient == 1e-6);
  CHECK(joined.max_seconds == 5.0);
  CHECK_FALSE(joined.max_iterations.has_value());
  CHECK_FALSE(joined.target.has_value());

  const Stop loose{.gradient = 1e-2,
                   .absolute_gradient = 1e-9,
                   .decrease = 1e-2,
                   .target = 5.0,
                   .max_iterations = 100,
                   .max_evaluations = 10,
                   .max_seconds = 3};
  const Stop tight{.gradient = 1e-8,
                   .absolute_gradient = 1e-3,
                   .decrease = 1e-8,
                   .target = 1.0,
                   .max_iterations = 9,
                   .max_evaluations = 1000,
                   .max_seconds = 1};
  for (const Stop& both : {loose | tight, tight | loose}) {  // of each criterion the one that holds earlier
    CHECK(both.gradient == 1e-2);
    CHECK(both.absolute_gradient == 1e-3);
    CHECK(both.decrease == 1e-2);
    CHECK(both.target == 5.0);
    CHECK(both.max_iterations == 9);
    CHECK(both.max_evaluations == 10);
    CHECK(both.max_seconds == 1.0);
  }
}

TEST_CASE("a | b hears the cancellation of whichever can be cancelled") {
  std::stop_source source;
  const Stop left = Stop{.cancel = source.get_token()} | Stop{}, right = Stop{} | Stop{.cancel = source.get_token()};
  CHECK_FALSE(left.cancel.stop_requested());
  source.request_stop();
  CHECK(left.cancel.stop_requested());
  CHECK(right.cancel.stop_requested());
}

TEST_CASE("criteria out of their ranges are refused by name, value and range") {
  const auto refused = [](const Stop& stop) { validate(stop, Stop::name); };
  CHECK_THROWS_WITH(refused({.gradient = -1e-3}), "gradient = -0.001 of stop is out of range: it must be >= 0");
  CHECK(mentions(thrown([&] { refused({.gradient = not_a_number}); }), "gradient = NaN"));
  CHECK(mentions(thrown([&] { refused({.absolute_gradient = infinity}); }), "absolute_gradient = Inf"));
  CHECK(mentions(thrown([&] { refused({.decrease = -1.0}); }), "decrease = -1"));
  CHECK(mentions(thrown([&] { refused({.target = not_a_number}); }), "target = NaN"));
  CHECK(mentions(thrown([&] { refused({.max_iterations = -1}); }), "max_iterations = -1"));
  CHECK(mentions(thrown([&] { refused({.max_evaluations = 0}); }), "max_evaluations = 0"));
  CHECK(mentions(thrown([&] { refused({.max_seconds = -0.5}); }), "max_seconds = -0.5"));
  CHECK_NOTHROW(refused({}));
  CHECK_NOTHROW(refused({.gradient = 0.0, .target = -1e300, .max_iterations = 0}));
}

TEST_CASE("the default test holds after three iterations in a row that keep all its conditions") {
  const Progress done{.gradient_max = 1e-9, .best = 0, .start = 1, .promise = 1e-14, .step_length = 1e-7, .longest = 1};
  Settling settling(1);
  CHECK_FALSE(settling.converged(done));
  CHECK_FALSE(settling.converged(done));
  CHECK(settling.converged(done));

  Settling broken(1);
  broken.converged(done);
  broken.converged(done);
  Progress once = done;
  once.gradient_max = 1e-7;
  CHECK_FALSE(broken.converged(once));
  CHECK_FALSE(broken.converged(done));
  CHECK_FALSE(broken.converged(done));
  CHECK(broken.converged(done));
}

TEST_CASE("each condition of the default test alone forbids convergence") {
  const Progress done{.gradient_max = 1e-9, .best = 0, .start = 1, .promise = 1e-14, .step_length = 1e-7, .longest = 1};
  const auto ever = [&](auto change) {
    Progress now = done;
    change(now);
    Settling settling(1);
    return first_time([&](int) { return settling.converged(now); }, 20) > 0;
  };
  CHECK(ever([](Progress&) {}));
  CHECK_FALSE(ever([](Progress& p) { p.gradient_max = 1.1e-8; }));
  CHECK_FALSE(ever([](Progress& p) { p.promise = 1.1e-13; }));
  CHECK_FALSE(ever([](Progress& p) { p.step_length = 1.1e-6; }));
  CHECK_FALSE(ever([](Progress& p) { p.informed = false; }));
  CHECK_FALSE(ever([](Progress& p) { p.best = 1; }));  // nothing was gained
  CHECK_FALSE(ever([](Progress& p) { p.gradient_max = not_a_number; }));
  CHECK_FALSE(ever([](Progress& p) { p.promise = not_a_number; }));
}

TEST_CASE("the default test and the decrease test do not change with the loss's scale or an added constant") {
  const auto converged = [](double scale, double shift) {
    Settling settling(scale);
    return first_time([&](int k) { return settling.converged(converging(std::min(k, 500), scale, shift)); });
  };
  const auto decreased = [](double scale, double shift) {
    Settling settling(scale);
    return first_time(
        [&](int k) { return settling.decreased_enough(converging(k, scale, shift), std::ldexp(1.0, -10)); });
  };
  const int plain = converged(1, 0), slow = decreased(1, 0);
  CHECK(plain > 20);
  CHECK(slow == 15);  // k − 10 = 5: there 2^−10 of the gain was left
  for (double scale : {std::ldexp(1.0, -300), std::ldexp(1.0, 300)}) {
    CHECK(converged(scale, 0) == plain);
    CHECK(decreased(scale, 0) == slow);
  }
  // A shift by a small power of two keeps the first iterations exact; the decrease test fires among them.
  for (double shift : {-2.0, 4.0, 16.0}) {
    CHECK(decreased(1, shift) == slow);
    CHECK(converged(1, shift) == plain);
  }
}

TEST_CASE("'nothing changed' is not a decrease that has become small") {
  Settling settling(1);
  const Progress stuck{.gradient_max = 1, .best = 1, .start = 1, .promise = 1};
  CHECK(first_time([&](int) { return settling.decreased_enough(stuck, 0.1); }, 100) == -1);
  Settling later(1);
  for (int k = 1; k < 10; ++k) later.decreased_enough(converging(k), 1e-9);
  Progress same = converging(10);
  CHECK(first_time([&](int) { return later.decreased_enough(same, 1e-9); }, 100) != 1);
}

TEST_CASE("the rounding floor is reached when nothing was gained for long and nothing is promised") {
  for (long size : {1L, 10L, 1000L}) {
    Settling settling(1);
    Progress stuck{.gradient_max = 1e-7, .best = 1, .start = 2, .promise = 1e-20, .size = size};
    const int when = first_time([&](int) { return settling.at_floor(stuck); });
    INFO("size " << size);
    CHECK(when > 20);
    CHECK(when <= 110);
    // Where steps still promise something it waits longer, but not for ever.
    Settling patient(1);
    stuck.promise = 1;
    const int later = first_time([&](int) { return patient.at_floor(stuck); });
    CHECK(later > 100);
    CHECK(later <= 510);
  }
}

TEST_CASE("as long as the loss or the gradient falls visibly there is no floor") {
  Settling falling(1);
  CHECK(first_time([&](int k) {
          return falling.at_floor({.gradient_max = 1, .best = 1 - 1e-14 * k, .start = 2, .promise = 0, .size = 1});
        }) == -1);
  Settling flattening(1);
  CHECK(first_time(
            [&](int k) {
              return flattening.at_floor(
                  {.gradient_max = std::pow(0.85, k), .best = 1, .start = 2, .promise = 0, .size = 1});
            },
            4000) == -1);
  // Noise of one unit in the last place is no fall.
  Settling noisy(1);
  CHECK(first_time([&](int k) {
          return noisy.at_floor(
              {.gradient_max = 1, .best = 1 + (k % 2) * epsilon, .start = 2, .promise = 0, .size = 1});
        }) > 0);
}

TEST_CASE("the floor does not change with the loss's scale") {
  const auto when = [](double scale) {
    Settling settling(scale);
    return first_time([&](int k) {
      Progress now = converging(std::min(k, 26), scale, 1);
      return settling.at_floor(now);
    });
  };
  CHECK(when(1) > 26);
  CHECK(when(std::ldexp(1.0, 400)) == when(1));
  CHECK(when(std::ldexp(1.0, -400)) == when(1));
}
