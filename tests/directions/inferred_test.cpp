#include "surefoot/directions/inferred.hpp"

#include "catch.hpp"
#include "support/minimized.hpp"
#include "support/objectives.hpp"
#include "surefoot/directions/conjugate_gradient.hpp"
#include "surefoot/directions/l_bfgs.hpp"
#include "surefoot/loop/minimizer.hpp"
#include "surefoot/objectives/functions.hpp"
#include "surefoot/steps/strong_wolfe.hpp"
#include "surefoot/steps/weak_wolfe.hpp"

using namespace surefoot;

static_assert(InferringDirection<Inferred<LBFGS>>);
static_assert(!InferringDirection<LBFGS>);
static_assert(learns_curvature<Inferred<LBFGS>>());

namespace {

/// One ray of a bowl, tried at t, its losses multiplied by `unit` as the loop does.
struct TriedRay {
  Quadratic bowl = Quadratic::log_spaced(5, 100);
  Point from{}, next{};
  Vector d{};
  Ray ray{};
  Trial trial{};

  TriedRay(Inferred<LBFGS>& direction, double t, double unit = 1) {
    Vector w(5);
    w << 1, -2, 3, 0.5, 4;
    from = test::evaluated(bowl, w);
    Point start;
    direction.origin(from, start);
    d.resize(5);
    direction.aim(from, d);
    next = test::evaluated(bowl, w + t * d);
    ray = {.loss = unit * from.loss, .slope = unit * from.gradient.dot(d), .unit = unit};
    trial = {.step = t, .loss = unit * next.loss, .slope = unit * next.gradient.dot(d)};
  }
};

}  // namespace

TEST_CASE("on a bowl one trial gives point, loss and gradient of the ray's minimiser, whatever the unit of loss") {
  for (const double unit : {1.0, std::ldexp(1.0, 100), std::ldexp(1.0, -100)}) {
    for (const double t : {0.001, 0.01, 0.3}) {
      Inferred direction{LBFGS{}};
      TriedRay tried(direction, t, unit);
      REQUIRE(direction.infers(tried.ray, tried.trial, false));
      direction.taken(tried.from, tried.next);
      Point start;
      REQUIRE(direction.origin(tried.next, start) == Origin::known);
      CHECK(start.inferred);
      const double exact = -tried.from.gradient.dot(tried.d) / tried.d.dot(tried.bowl.curvatures.cwiseProduct(tried.d));
      CHECK(direction.inferred_step() == Approx(exact));
      const Point truth = test::evaluated(tried.bowl, tried.from.w + exact * tried.d);
      INFO("t " << t << ", unit " << unit);
      CHECK((start.w - truth.w).norm() <= 1e-12 * truth.w.norm());
      CHECK((start.gradient - truth.gradient).norm() <= 1e-10 * truth.gradient.norm());
      CHECK(start.loss == Approx(truth.loss).epsilon(1e-12));
    }
  }
}

TEST_CASE("the inferred point serves for one ray, and the direction learns from the point that was evaluated") {
  Inferred direction{LBFGS{}};
  TriedRay tried(direction, 0.01);
  LBFGS plain = direction.inner;
  REQUIRE(direction.infers(tried.ray, tried.trial, false));
  direction.taken(tried.from, tried.next);
  plain.taken(tried.from, tried.next);
  Point start;
  CHECK(direction.origin(tried.next, start) == Origin::known);
  CHECK(direction.origin(tried.next, start) == Origin::here);
  Vector inferring(5), plainly(5);
  direction.aim(tried.next, inferring);
  plain.aim(tried.next, plainly);
  CHECK(inferring == plainly);
}

TEST_CASE("nothing is inferred where the loss is no parabola, does not bend, or the trial is there already") {
  Inferred direction{LBFGS{}};
  TriedRay tried(direction, 0.01);
  Trial trial = tried.trial;
  trial.loss += 0.01 * std::abs(trial.loss - tried.ray.loss);
  CHECK_FALSE(direction.infers(tried.ray, trial, true));
  trial = tried.trial;
  trial.slope = 1.1 * tried.ray.slope;
  CHECK_FALSE(direction.infers(tried.ray, trial, true));
  trial = tried.trial;
  trial.slope = not_a_number;  // a rule that asks for no slopes
  CHECK_FALSE(direction.infers(tried.ray, trial, true));
  trial = {.step = 1, .loss = tried.ray.loss + 0.505 * tried.ray.slope, .slope = 0.01 * tried.ray.slope};
  CHECK_FALSE(direction.infers(tried.ray, trial, true));  // a hundredth of the slope is left
  CHECK(direction.infers(tried.ray, trial, false));       // unless the rule would go on
}

TEST_CASE("what was inferred is dropped by a restart, and by forgo, which also keeps the next rays from it") {
  Inferred direction{LBFGS{}};
  Point start;
  {
    TriedRay tried(direction, 0.01);
    REQUIRE(direction.infers(tried.ray, tried.trial, false));
    direction.taken(tried.from, tried.next);
    direction.restart();
    CHECK(direction.origin(tried.next, start) == Origin::here);
  }
  direction.forgo(3);
  for (int ray = 0; ray < 3; ++ray) {
    TriedRay tried(direction, 0.01);
    CHECK(direction.infers(tried.ray, tried.trial, false) == (ray == 2));  // an aim uses one up
  }
}

TEST_CASE("with inference L-BFGS ends a bowl of n curvatures in about n calls, as conjugate gradients would in 2 n") {
  const Quadratic bowl = Quadratic::log_spaced(20, 1e3);
  const Stop stop{.gradient = 1e-8};
  const auto with = test::AnyMinimizer{Inferred{LBFGS{}}, WeakWolfe{}, Monitor{}, stop}.run(bowl, bowl.start());
  const auto without = test::AnyMinimizer{LBFGS{}, WeakWolfe{}, Monitor{}, stop}.run(bowl, bowl.start());
  CHECK(with.code == Code::gradient);
  CHECK(with.gradient_evaluations <= 32);
  CHECK(10 * without.gradient_evaluations >= 13 * with.gradient_evaluations);
}

TEST_CASE("an inferred point is never returned: what comes back was evaluated") {
  for (const int budget : {2, 3, 4, 5, 7, 10, 15, 20, 30}) {
    test::Recorded<Rosenbrock> recorded{Rosenbrock(6)};
    const auto result =
        test::AnyMinimizer{Inferred{LBFGS{}}, WeakWolfe{}, Monitor{}, Stop{.max_evaluations = budget}}.run(
            recorded, recorded.inner.start());
    CHECK(recorded.vouches_for(result.w));
    CHECK(recorded.calls <= budget);
  }
}

TEST_CASE("a step taken for its slopes is told as such, with the step that was inferred") {
  const Quadratic bowl = Quadratic::log_spaced(10, 100);
  std::vector<Event> events;
  test::AnyMinimizer{Inferred{LBFGS{}}, WeakWolfe{}, Monitor{}, Stop{}}.run(bowl, bowl.start(), {},
                                                                            TraceRecorder{&events});
  int inferred = 0;
  for (const Event& event : events) {
    if (event.kind != Event::Kind::step || event.cause != Cause::inferred) continue;
    ++inferred;
    CHECK(event.next_step > 0);
  }
  CHECK(inferred >= 5);
}

TEST_CASE("any direction may infer: conjugate gradients too need fewer calls") {
  const Quadratic bowl = Quadratic::log_spaced(30, 1e3);
  const Stop stop{.gradient = 1e-8};
  const StrongWolfe search{.curvature_condition = 0.1};
  const auto with = Minimizer{Inferred{ConjugateGradient{}}, search, Monitor{}, stop}.run(bowl, bowl.start());
  const auto without = Minimizer{ConjugateGradient{}, search, Monitor{}, stop}.run(bowl, bowl.start());
  CHECK(with.code == Code::gradient);
  CHECK(with.gradient_evaluations < without.gradient_evaluations);
}

TEST_CASE("the tolerance of inference must not be negative") {
  CHECK_THROWS_WITH(validate(Inferred{LBFGS{}, -1.0}, LBFGS::name), Catch::Matchers::ContainsSubstring("tolerance"));
}
