#include "surefoot/loop/minimizer.hpp"

#include <memory>
#include <set>
#include <sstream>

#include "catch.hpp"
#include "support/allocations.hpp"
#include "support/minimized.hpp"
#include "support/objectives.hpp"
#include "surefoot/coordinates/diagonal.hpp"
#include "surefoot/directions/l_bfgs.hpp"
#include "surefoot/directions/nesterov.hpp"
#include "surefoot/directions/steepest.hpp"
#include "surefoot/objectives/box.hpp"
#include "surefoot/registry.hpp"
#include "surefoot/steps/armijo.hpp"
#include "surefoot/steps/barzilai_borwein.hpp"
#include "surefoot/steps/fixed.hpp"
#include "surefoot/steps/grow.hpp"
#include "surefoot/steps/joined.hpp"
#include "surefoot/steps/nonmonotone_armijo.hpp"
#include "surefoot/steps/weak_wolfe.hpp"

using namespace surefoot;
using test::AnyMinimizer;
using test::Recorded;

namespace {

/// Along steepest descent with a rule of the registry.
auto descent(const std::string& rule, const Stop& stop = {}) {
  return AnyMinimizer{SteepestDescent{}, make_rule(rule), Monitor{}, stop};
}
/// The same for an objective whose own type is the point: with bounds or batches, or in another form.
auto typed_descent(const std::string& rule, const Stop& stop = {}) {
  return Minimizer{SteepestDescent{}, make_rule(rule), Monitor{}, stop};
}

Vector ones(Eigen::Index n) { return Vector::Ones(n); }

}  // namespace

// --- what it costs --------------------------------------------------------------------------------------------------

TEST_CASE("a fixed step costs the start and one call a step") {
  const auto result = AnyMinimizer{SteepestDescent{}, Fixed{.step = 0.5}, Monitor{}, Stop{.max_iterations = 7}}.run(
      Quadratic(ones(3)), ones(3));
  CHECK(result.gradient_evaluations == 1 + 7);
  CHECK(result.loss_evaluations == 0);
  CHECK(result.w == Vector::Constant(3, std::pow(0.5, 7)));  // w halves with each step
}

TEST_CASE("on a quadratic whose minimiser is one step away the hint costs two calls, counted by hand") {
  // φ(t) = ½ (1 − t)²: the trial t = 1 gains half of what the slope promised, is taken, and has no gradient left.
  const auto result = descent("armijo").run(Quadratic(ones(2)), ones(2), {.first_step = 1.0});
  CHECK(result.gradient_evaluations == 2);
  CHECK(result.status == Status::converged);
  CHECK(result.loss == 0);
}

TEST_CASE("Barzilai–Borwein ends an equally curved quadratic with the first pair, after opening") {
  // Curvature 3 in every direction: the opening takes the hint, and the next step is exactly 1/3.
  const auto result = descent("bb1").run(Quadratic(Vector::Constant(5, 3.0)), ones(5), {.first_step = 0.1});
  CHECK(result.step == Approx(1.0 / 3).epsilon(1e-12));
  CHECK(result.iterations <= 3);  // the third where 1/3 is not exact
}

TEST_CASE("a start at the minimum costs one call") {
  const auto result = descent("bb1").run(Quadratic(ones(3)), Vector::Zero(3));
  CHECK(result.gradient_evaluations == 1);
  CHECK(result.status == Status::converged);
}

TEST_CASE("no point is visited twice, by any rule") {
  for (const auto& rule : rule_names()) {
    for (const double hint : {1e-8, 1.0, 1e8}) {
      INFO(rule << " from " << hint);
      Recorded<Rosenbrock> valley{Rosenbrock(4)};
      descent(rule, Stop{.max_iterations = 60}).run(valley, Rosenbrock(4).start(), {.first_step = hint});
      CHECK(valley.repeated_points() == 0);
    }
  }
  Recorded<Rosenbrock> valley{Rosenbrock(4)};
  AnyMinimizer{LBFGS{}, WeakWolfe{}, Monitor{}, Stop{}}.run(valley, Rosenbrock(4).start());
  CHECK(valley.repeated_points() == 0);
}

namespace {

/// Allocations after the first iteration of a run. The observer holds numbers only, so it allocates nothing itself.
template <class Minimizer, class Objective>
long allocations_later(const Minimizer& minimizer, Objective&& objective, const Vector& w0) {
  long at_first = -1, at_last = -1;
  minimizer.run(objective, w0, {}, [&](const Event& event) {
    if (event.kind != Event::Kind::step) return;
    if (at_first < 0 && event.iteration >= 1) at_first = allocations();
    at_last = allocations();
  });
  REQUIRE(at_first >= 0);
  return at_last - at_first;
}

}  // namespace

TEST_CASE("nothing is allocated after the first iteration") {
  if (!allocations_are_counted()) {
    WARN("allocations can't be counted in this build (sanitizers): skipped");
    return;
  }
  const Stop stop{.max_iterations = 80};
  const Quadratic bowl = Quadratic::log_spaced(30, 1e3);
  for (const auto& rule : rule_names()) {
    if (rule.starts_with("lmsd")) continue;  // it factors a matrix now and then
    INFO(rule);
    CHECK(allocations_later(descent(rule, stop), bowl, ones(30)) == 0);
  }
  CHECK(allocations_later(AnyMinimizer{LBFGS{.memory = 5}, WeakWolfe{}, Monitor{}, stop}, bowl, ones(30)) == 0);
  CHECK(allocations_later(AnyMinimizer{Nesterov{}, Armijo{}, Monitor{}, stop}, bowl, ones(30)) == 0);
  const Joined<BarzilaiBorwein, NonmonotoneArmijo> joined;
  CHECK(allocations_later(AnyMinimizer{SteepestDescent{}, joined, Monitor{}, stop}, bowl, ones(30)) == 0);
  // With rollbacks and NaN on the way, within bounds, and in other coordinates.
  CHECK(allocations_later(AnyMinimizer{SteepestDescent{}, Fixed{.step = 3e-3}, Monitor{}, stop}, bowl, ones(30)) == 0);
  const Quadratic off_centre = Quadratic::log_spaced(30, 1e3, ones(30));
  Boxed bounded(off_centre, Vector::Constant(30, -1.0), Vector::Constant(30, 0.5));
  CHECK(allocations_later(typed_descent("armijo", {.gradient = 0, .max_iterations = 80}), bounded, Vector::Zero(30)) ==
        0);
  Diagonal scaled(bowl, Vector::LinSpaced(30, 1, 0.1));
  CHECK(allocations_later(descent("armijo", stop), scaled, ones(30)) == 0);
}

// --- the ways out -----------------------------------------------------------------------------------------------------

TEST_CASE("each stop criterion ends the run and says so") {
  const Quadratic bowl = Quadratic::log_spaced(20, 100);
  const auto end_of = [&](const Stop& stop) { return descent("bb1", stop).run(bowl, ones(20)); };
  SECTION("relative gradient") {
    const auto result = end_of({.gradient = 1e-5});
    CHECK(result.code == Code::gradient);
    CHECK(result.gradient_norm <= 1e-5 * result.start_gradient_norm);
  }
  SECTION("absolute gradient") {
    const auto result = end_of({.absolute_gradient = 1e-3});
    CHECK(result.code == Code::gradient);
    CHECK(result.gradient_norm <= 1e-3);
  }
  SECTION("target") {
    const auto result = end_of({.target = 0.5});
    CHECK(result.code == Code::target);
    CHECK(result.loss <= 0.5);
  }
  SECTION("decrease") {
    const auto result = end_of({.decrease = 1e-3});
    CHECK(result.code == Code::decrease);
    CHECK(result.loss < 0.01 * bowl.loss(ones(20)));
  }
  SECTION("iterations") {
    const auto result = end_of({.max_iterations = 3});
    CHECK(result.code == Code::iterations);
    CHECK(result.status == Status::budget);
    CHECK(result.iterations == 3);
  }
  SECTION("evaluations") {
    const auto result = end_of({.max_evaluations = 5});
    CHECK(result.code == Code::evaluations);
    CHECK(result.gradient_evaluations == 5);
  }
  SECTION("time") {
    const auto result = end_of({.max_seconds = 0});
    CHECK(result.code == Code::time);
    CHECK(result.w.allFinite());
  }
  SECTION("cancelled before it began: the start comes back") {
    std::stop_source source;
    source.request_stop();
    const auto result = end_of({.cancel = source.get_token()});
    CHECK(result.code == Code::cancelled);
    CHECK(result.status == Status::interrupted);
    CHECK(result.w == ones(20));
  }
}

TEST_CASE("a stop that is asked for in mid-run ends it between two evaluations with the best point") {
  std::stop_source source;
  int calls = 0;
  const Quadratic bowl = Quadratic::log_spaced(20, 1e4);
  const auto objective = [&](const Vector& w, Vector& gradient) {
    if (++calls == 30) source.request_stop();
    return bowl.loss(w, gradient);
  };
  const auto result = descent("bb1", {.cancel = source.get_token()}).run(objective, ones(20));
  CHECK(calls == 30);
  CHECK(result.code == Code::cancelled);
  CHECK(result.loss < bowl.loss(ones(20)));
}

TEST_CASE("an observer's wish ends the run") {
  const auto result = descent("bb1").run(Rosenbrock(2), Rosenbrock(2).start(), {},
                                         [](const Event& event) { return event.iteration < 4; });
  CHECK(result.code == Code::cancelled);
  CHECK(result.iterations == 5);  // the first is number 0
}

TEST_CASE("a start that is not finite is an outcome of its own and names the entry") {
  const auto gradient_nan = [](const Vector& w, Vector& gradient) {
    gradient = w;
    gradient[3] = std::nan("");
    return 1.0;
  };
  const auto result = descent("armijo").run(gradient_nan, ones(5));
  CHECK(result.status == Status::failed);
  CHECK(result.code == Code::start_not_finite);
  CHECK(result.reason == "the start is not finite: entry 3 of the gradient is NaN");
  CHECK(result.w == ones(5));

  const auto loss_inf = [](const Vector&, Vector& gradient) { return gradient.setZero(), INFINITY; };
  CHECK(descent("bb1").run(loss_inf, ones(2)).reason == "the start is not finite: the loss is Inf");

  Vector bad = ones(3);
  bad[1] = INFINITY;
  int calls = 0;
  const auto counted = [&](const Vector& w, Vector& gradient) { return ++calls, gradient = w, 0.5 * w.squaredNorm(); };
  CHECK(descent("bb1").run(counted, bad).reason == "the start is not finite: entry 1 of the weights is Inf");
  CHECK(calls == 0);
}

TEST_CASE("an entry of the gradient that was left unfilled is named, at the start and later") {
  int calls = 0, forget_from = 1;
  const auto forgetful = [&](const Vector& w, Vector& gradient) {
    const bool forgets = ++calls >= forget_from;
    for (Eigen::Index i = 0; i < w.size(); ++i) {
      if (!(forgets && i == 2)) gradient[i] = w[i];
    }
    return 0.5 * w.squaredNorm();
  };
  const auto at_once = descent("armijo").run(forgetful, ones(4));
  CHECK(at_once.code == Code::gradient_not_filled);
  CHECK(at_once.reason == "the objective did not fill entry 2 of the gradient");

  calls = 0;
  forget_from = 2;
  const auto later = descent("armijo").run(forgetful, ones(4));
  CHECK(later.code == Code::gradient_not_filled);
  CHECK(later.w.allFinite());

  const auto adds = [](const Vector& w, Vector& gradient) { return gradient += w, 0.5 * w.squaredNorm(); };
  CHECK(descent("armijo").run(adds, ones(3)).reason == "the objective did not fill entry 0 of the gradient and 2 more");

  const auto resizes = [](const Vector& w, Vector& gradient) { return gradient = w.head(2), 0.5 * w.squaredNorm(); };
  CHECK(descent("armijo").run(resizes, ones(3)).reason == "the objective gave a gradient of 2 entries for 3 weights");
}

TEST_CASE("a gradient with its sign flipped is recognised") {
  const auto flipped = [](const Vector& w, Vector& gradient) { return gradient = -2 * w, w.squaredNorm(); };
  for (const auto& rule : {"armijo", "nonmonotone", "weak-wolfe", "grow", "bb1", "bb1+armijo"}) {
    INFO(rule);
    const auto result = descent(rule).run(flipped, ones(3));
    CHECK(result.code == Code::gradient_disagrees);
    CHECK(result.w == ones(3));
  }
}

TEST_CASE("a loss that falls without end is said to be unbounded below") {
  const auto slope = [](const Vector& w, Vector& gradient) { return gradient.setConstant(-1), -w.sum(); };
  CHECK(descent("armijo").run(slope, ones(2)).code == Code::unbounded_below);
  const auto concave = [](const Vector& w, Vector& gradient) { return gradient = -2 * w, -w.squaredNorm(); };
  const auto result = AnyMinimizer{LBFGS{}, WeakWolfe{}, Monitor{}, Stop{}}.run(concave, ones(2));
  CHECK(result.code == Code::unbounded_below);
  CHECK(std::isfinite(result.loss));
}

TEST_CASE("a minimum beyond the edge of the domain is said to lie there") {
  // −x for x <= 1, NaN beyond: the descent runs into the wall.
  const auto walled = [](const Vector& w, Vector& gradient) {
    gradient.setConstant(-1);
    return w[0] <= 1 ? -w[0] : std::nan("");
  };
  const auto result = descent("armijo").run(walled, Vector::Zero(1));
  CHECK(result.code == Code::domain_edge);
  CHECK(result.w[0] == Approx(1).epsilon(1e-6));
}

TEST_CASE("a kink ends in giving up, or at the rounding floor, never in convergence") {
  const auto kink = [](const Vector& w, Vector& gradient) {
    for (Eigen::Index i = 0; i < w.size(); ++i) gradient[i] = w[i] > 0 ? 1 : -3;
    return (w.array() > 0).select(w, -3 * w).sum() + 1;
  };
  const auto result = descent("armijo").run(kink, Vector::Constant(2, 0.3));
  CHECK(result.status != Status::converged);
  CHECK(result.status != Status::failed);
  CHECK(result.loss < 1.6);
}

TEST_CASE("'converged' is never said because nothing changed") {
  // A fixed step too short to move a weight.
  const auto result = descent("fixed:step=1e-30").run(Quadratic(ones(2)), ones(2));
  CHECK(result.status == Status::stalled);
  CHECK(result.code == Code::gave_up);
  CHECK(result.reason.find("too small to change any weight") != std::string::npos);
}

TEST_CASE("where rounding hides what is left, the run ends there and says so") {
  // 1e9 + ½ Σ w²: below |w| ~ 1e-4 the loss can't tell.
  const test::Transformed<Quadratic> offset{Quadratic::log_spaced(10, 10), 1, 1e9};
  const auto result = descent("armijo", {.absolute_gradient = 1e-300}).run(offset, ones(10));
  CHECK(result.code == Code::rounding_floor);
  CHECK(result.gradient_norm < 1e-3);
}

// --- what the monitor does in the loop -----------------------------------------------------------------------------------

TEST_CASE("a fixed step that is too large is saved, and the result says how often") {
  const Quadratic bowl = Quadratic::log_spaced(10, 10);  // stable below 0.2
  for (const double step : {1.0, 1e3, 1e10, 1e300}) {
    INFO(step);
    const auto result =
        AnyMinimizer{SteepestDescent{}, Fixed{.step = step}, Monitor{}, Stop{.gradient = 1e-6}}.run(bowl, ones(10));
    CHECK(result.status == Status::converged);
    CHECK(result.rollbacks + result.trials_not_finite > 0);
    CHECK(result.explain().find(result.rollbacks > 0 ? "the monitor went back" : "met NaN or Inf") !=
          std::string::npos);
  }
}

TEST_CASE("a fixed step that is far too small is kept, and the result says by how much") {
  const auto result = AnyMinimizer{SteepestDescent{}, Fixed{.step = 1e-6}, Monitor{}, Stop{.max_iterations = 50}}.run(
      Quadratic(Vector::Constant(4, 10.0)), ones(4));
  CHECK(result.step == 1e-6);
  CHECK(result.step_too_small == Approx(1e5).epsilon(1e-6));  // 1/L = 0.1
  CHECK(result.explain().find("times too small") != std::string::npos);
}

TEST_CASE("a rise beyond the ceiling is undone: the best point is what the run goes on from") {
  Recorded<Quadratic> bowl{Quadratic::log_spaced(10, 100)};
  double best = INFINITY;
  bool undone = false;
  AnyMinimizer{SteepestDescent{}, Fixed{.step = 0.021}, Monitor{}, Stop{.max_iterations = 300}}.run(
      bowl, ones(10), {}, [&](const Event& event) {
        if (event.kind == Event::Kind::step) best = std::min(best, event.loss);
        if (event.kind != Event::Kind::rollback) return;
        undone = true;
        CHECK(event.previous_loss == best);
        CHECK(event.factor < 1);
      });
  CHECK(undone);
}

TEST_CASE("a rule that wants to take NaN is not obeyed") {
  struct TakesAll {
    Ask first(const Ray&) { return {1e3, Probe::none}; }
    Verdict judge(const Ray&, const Trial&) { return Verdict::take(); }
    void taken(const Move&) {}
    void rolled_back(double) {}
    void restarted(const Ray&) {}
    Learns learns() const { return Learns::nothing; }
  };
  const auto walled = [](const Vector& w, Vector& gradient) {
    gradient = w;
    return w.norm() > 2 ? std::nan("") : 0.5 * w.squaredNorm();
  };
  const auto result =
      Minimizer{SteepestDescent{}, TakesAll{}, Monitor{}, Stop{.max_iterations = 20}}.run(walled, ones(2));
  CHECK(std::isfinite(result.loss));
  CHECK(result.loss <= 1);
  CHECK(result.trials_not_finite > 0);
}

TEST_CASE("a rule that answers nonsense neither hangs the run nor spoils the point") {
  struct Nonsense {
    double answer;
    Ask first(const Ray&) { return {answer, Probe::loss}; }
    Verdict judge(const Ray&, const Trial&) { return Verdict::retry({answer, Probe::loss}); }
    void taken(const Move&) {}
    void rolled_back(double) {}
    void restarted(const Ray&) {}
    Learns learns() const { return Learns::nothing; }
  };
  for (const double answer : {0.0, -1.0, std::nan(""), double(INFINITY), 1e-320}) {
    INFO(answer);
    const AnyRule rule{Nonsense{answer}, "nonsense"};
    const auto result =
        AnyMinimizer{SteepestDescent{}, rule, Monitor{}, Stop{.max_iterations = 200}}.run(Quadratic(ones(2)), ones(2));
    CHECK(std::isfinite(result.loss));
    CHECK(result.loss <= 1);
    CHECK(result.gradient_evaluations < 30000);
  }
}

TEST_CASE("what comes back is the lowest point visited, also one that the rule refused") {
  struct Waves {  // many minima: a trial may land in a deeper one than where the run ends
    double loss(const Vector& w, Vector& gradient) const {
      gradient = (8 * (8 * w.array()).cos() + 0.2 * w.array()).matrix();
      return (8 * w.array()).sin().sum() + 0.1 * w.squaredNorm();
    }
  };
  const auto check = [](const auto& minimizer, double start) {
    Recorded<Waves> waves{Waves{}};
    const auto result = minimizer.run(waves, Vector::Constant(1, start));
    double lowest = INFINITY;
    Vector unused(1);
    for (const Vector& w : waves.visited) lowest = std::min(lowest, Waves{}.loss(w, unused));
    INFO("from " << start);
    CHECK(nearly_equal(result.loss, lowest));
    CHECK(result.status == Status::converged);
  };
  for (int i = 0; i <= 200; ++i) {
    const double start = -5 + 0.05 * i;
    check(AnyMinimizer{LBFGS{}, WeakWolfe{}, Monitor{}, Stop{}}, start);
    check(descent("armijo"), start);
    check(descent("bb1+nonmonotone"), start);
  }
}

TEST_CASE("a limit on evaluations is never passed, and still gives the lowest point visited") {
  for (int most = 1; most <= 60; ++most) {
    INFO(most);
    const Stop stop{.max_evaluations = most};
    const auto check = [&](const auto& minimizer, auto inner, const Vector& w0) {
      Recorded<decltype(inner)> recorded{inner};
      const auto result = minimizer.run(recorded, w0);
      CHECK(recorded.calls <= most);
      CHECK(result.loss_evaluations + result.gradient_evaluations <= most);
      double lowest = INFINITY;
      Vector unused(w0.size());
      for (const Vector& w : recorded.visited) lowest = std::min(lowest, inner.loss(w, unused));
      CHECK(result.loss == lowest);
    };
    const Rosenbrock valley(2);
    check(AnyMinimizer{LBFGS{}, WeakWolfe{}, Monitor{}, stop}, valley, valley.start());
    check(AnyMinimizer{Nesterov{}, Armijo{}, Monitor{}, stop}, valley, valley.start());
    for (const auto& rule : rule_names()) check(descent(rule, stop), valley, valley.start());
    const test::Transformed<Quadratic> bowl{Quadratic::log_spaced(5, 10), 1, 0};
    check(descent("armijo", stop), bowl, ones(5));
    int calls = 0;
    const auto flipped = [&](const Vector& w, Vector& gradient) { return ++calls, gradient = -2 * w, w.squaredNorm(); };
    descent("armijo", stop).run(flipped, ones(3));
    CHECK(calls <= most);
  }
}

TEST_CASE("an absurd first step on a loss without a minimum is a step too far, not a loss that falls without end") {
  const auto softplus = [](const Vector& w, Vector& gradient) {
    const double u = std::exp(-std::abs(w[0]));
    gradient[0] = w[0] > 0 ? -u / (1 + u) : -1 / (1 + u);
    return std::log1p(u) + std::max(-w[0], 0.0);
  };
  for (const double step : {1e-300, 1e160, 1e300}) {
    INFO(step);
    const auto result = descent("armijo", {.max_iterations = 500}).run(softplus, Vector::Zero(1), {.first_step = step});
    CHECK(result.code != Code::unbounded_below);
    CHECK(result.loss < 1e-2);
  }
}

TEST_CASE("a step that is fallen back on is told with its own length") {
  struct Wanders {  // tries 0.4, then two that are worse, then gives up
    int tries = 0;
    std::vector<double>* told = nullptr;
    Ask first(const Ray&) { return tries = 0, Ask{0.4, Probe::loss}; }
    Verdict judge(const Ray&, const Trial&) {
      const double next[] = {0.01, 1e-290};
      return tries < 2 ? Verdict::retry({next[tries++], Probe::loss}) : Verdict::give_up();
    }
    void taken(const Move& move) { told->push_back(move.displacement / (move.step * 2)); }
    void rolled_back(double) {}
    void restarted(const Ray&) {}
    Learns learns() const { return Learns::nothing; }
  };
  std::vector<double> told;
  Wanders rule;
  rule.told = &told;
  // |d| = 2 at the start of ½ w² from w = 2.
  AnyMinimizer{SteepestDescent{}, AnyRule{rule, "wanders"}, Monitor{}, Stop{.max_iterations = 2}}.run(
      Quadratic(ones(1)), Vector::Constant(1, 2.0), {.first_step = 0.3});
  REQUIRE(told.size() == 2);
  CHECK(told[1] == Approx(0.7));  // of the second step, from w = 1.4: 0.4 · 1.4 / (0.4 · 2)
}

TEST_CASE("rules whose steps are meant for the negative gradient are refused along other directions, with the reason") {
  for (const auto& rule : {"bb1", "bb2+nonmonotone"}) {
    CHECK_THROWS_WITH(
        (AnyMinimizer{LBFGS{}, make_rule(rule), Monitor{}, Stop{}}.run(Rosenbrock(2), Rosenbrock(2).start())),
        Catch::Matchers::ContainsSubstring("negative gradient"));
  }
}

// --- options ------------------------------------------------------------------------------------------------------------

TEST_CASE("an option out of its range throws before any work, and names field, value and range") {
  int calls = 0;
  const auto objective = [&](const Vector& w, Vector& gradient) {
    return ++calls, gradient = w, 0.5 * w.squaredNorm();
  };
  const auto message = [&](const auto& minimizer, const RunOptions& options = {}) -> std::string {
    try {
      minimizer.run(objective, ones(2), options);
    } catch (const std::invalid_argument& error) {
      return error.what();
    }
    return "nothing was thrown";
  };
  using Catch::Matchers::ContainsSubstring;
  CHECK_THAT(message(AnyMinimizer{SteepestDescent{}, Armijo{.sufficient_decrease = 2}, Monitor{}, Stop{}}),
             ContainsSubstring("sufficient_decrease") && ContainsSubstring("2") && ContainsSubstring("(0, 0.5)"));
  CHECK_THAT(message(AnyMinimizer{SteepestDescent{}, Fixed{.step = -1}, Monitor{}, Stop{}}),
             ContainsSubstring("step = -1") && ContainsSubstring("in [1e-300, 1e+300]"));
  CHECK_THAT(message(AnyMinimizer{LBFGS{.memory = -3}, WeakWolfe{}, Monitor{}, Stop{}}),
             ContainsSubstring("memory = -3"));
  CHECK_THAT(message(AnyMinimizer{SteepestDescent{}, Armijo{}, Monitor{.patience = 0}, Stop{}}),
             ContainsSubstring("patience = 0"));
  CHECK_THAT(message(AnyMinimizer{SteepestDescent{}, Armijo{}, Monitor{}, Stop{.gradient = -1e-3}}),
             ContainsSubstring("gradient"));
  for (const double step : {0.0, -1.0, std::nan(""), double(INFINITY)}) {
    CHECK_THAT(message(AnyMinimizer{SteepestDescent{}, Armijo{}, Monitor{}, Stop{}}, {.first_step = step}),
               ContainsSubstring("first_step = " + number(step)));
  }
  CHECK_THROWS_AS(descent("bb1").run(objective, Vector()), std::invalid_argument);
  CHECK(calls == 0);
}

TEST_CASE("an exception of the objective passes through, and everything is destroyed properly") {
  auto held = std::make_shared<int>(1);
  int calls = 0;
  const auto throws = [held, &calls](const Vector& w, Vector& gradient) {
    if (++calls == 5) throw std::runtime_error("out of licences");
    gradient = w;
    return 0.5 * w.squaredNorm() + std::cos(3 * w.sum());
  };
  CHECK_THROWS_WITH(descent("bb1").run(throws, ones(3)), "out of licences");
  CHECK(held.use_count() == 2);  // `held` and the lambda's
}

TEST_CASE("every form of an objective is understood") {
  const Vector w0 = ones(2);
  struct Const {
    double loss(const Vector& w) const { return w.squaredNorm(); }
    double loss(const Vector& w, Vector& gradient) const { return gradient = 2 * w, loss(w); }
  };
  struct Counting {
    int calls = 0;
    double loss(const Vector& w, Vector& gradient) { return ++calls, gradient = 2 * w, w.squaredNorm(); }
  };
  const auto minimizer = typed_descent("bb1");
  CHECK(minimizer.run(Const{}, w0).loss == 0);
  const Const object;
  CHECK(minimizer.run(object, w0).loss == 0);
  Counting counting;
  const auto result = minimizer.run(counting, w0);
  CHECK(result.gradient_evaluations == counting.calls);
  const auto lambda = [](const Vector& w, Vector& gradient) { return gradient = 2 * w, w.squaredNorm(); };
  CHECK(minimizer.run(lambda, w0).loss == 0);
  auto mutates = [calls = 0](const Vector& w, Vector& gradient) mutable {
    return ++calls, gradient = 2 * w, w.squaredNorm();
  };
  CHECK(minimizer.run(mutates, w0).loss == 0);
  const std::function<double(const Vector&, Vector&)> function = lambda;
  CHECK(minimizer.run(function, w0).loss == 0);
}

TEST_CASE("the same run twice gives the same bits") {
  for (const auto& rule : rule_names()) {
    const auto minimizer = descent(rule, {.max_iterations = 200});
    const auto once = minimizer.run(Rosenbrock(10), Rosenbrock(10).start());
    const auto again = minimizer.run(Rosenbrock(10), Rosenbrock(10).start());
    CHECK(once.w == again.w);
    CHECK(once.gradient_evaluations == again.gradient_evaluations);
  }
}

TEST_CASE("observers hear of the start, every trial that was refused, every step, and the end") {
  std::vector<Event> events;
  const auto result = descent("armijo").run(Rosenbrock(2), Rosenbrock(2).start(), {}, TraceRecorder{&events});
  int trials = 0, steps = 0;
  for (const auto& event : events) {
    trials += event.kind == Event::Kind::trial ? 1 : 0;
    steps += event.kind == Event::Kind::step ? 1 : 0;
  }
  CHECK(events.front().kind == Event::Kind::start);
  CHECK(events.back().kind == Event::Kind::end);
  CHECK(1 + trials + steps == result.gradient_evaluations);
}

// --- five spikes through the same concepts ------------------------------------------------------------------------------

TEST_CASE("L-BFGS with a weak Wolfe search solves the Rosenbrock valley") {
  const auto result = AnyMinimizer{LBFGS{}, WeakWolfe{}, Monitor{}, Stop{}}.run(Rosenbrock(50), Rosenbrock(50).start());
  CHECK(result.status == Status::converged);
  CHECK((result.w - Rosenbrock(50).minimiser()).norm() < 1e-5);
  CHECK(result.gradient_evaluations < 300);
}

TEST_CASE("Nesterov's ray starts elsewhere, and needs far fewer steps than plain descent on an ill-conditioned bowl") {
  const Quadratic bowl = Quadratic::log_spaced(50, 1e4);
  const Stop stop{.target = 1e-6 * bowl.loss(ones(50)), .max_iterations = 50000};
  const auto plain = AnyMinimizer{SteepestDescent{}, Fixed{.step = 1e-4}, Monitor{}, stop}.run(bowl, ones(50));
  const auto nesterov = AnyMinimizer{Nesterov{}, Fixed{.step = 1e-4}, Monitor{}, stop}.run(bowl, ones(50));
  CHECK(nesterov.code == Code::target);
  CHECK(nesterov.iterations < plain.iterations / 10);
  // At most two calls a step: one where the ray starts, one at the point taken.
  CHECK(nesterov.gradient_evaluations <= 1 + 2 * nesterov.iterations);
}

TEST_CASE("Nesterov falls back to the iterate where its look ahead leaves the domain") {
  const auto walled = [](const Vector& w, Vector& gradient) {  // −log(1 − x) − 3x: minimum 2/3, a wall at 1
    gradient[0] = 1 / (1 - w[0]) - 3;
    return -std::log(1 - w[0]) - 3 * w[0];
  };
  const auto result = AnyMinimizer{Nesterov{}, Armijo{}, Monitor{}, Stop{}}.run(walled, Vector::Zero(1));
  CHECK(result.w[0] == Approx(2.0 / 3).epsilon(1e-6));
}

namespace {

/// Two halves of one least-squares problem, which agree on the minimiser.
struct TwoBatches {
  Quadratic first = Quadratic(Vector::LinSpaced(10, 1, 10), ones(10));
  Quadratic second = Quadratic(Vector::LinSpaced(10, 8, 2), ones(10));
  int selected = -1;
  std::vector<int> seen{};
  int poisoned_call = 0, calls = 0;

  int batches() const { return 2; }
  void select(int batch) { selected = batch; }
  double loss(const Vector& w, Vector& gradient) {
    seen.push_back(selected);
    ++calls;
    double value = 0;
    if (selected == 0) value = first.loss(w, gradient);
    if (selected == 1) value = second.loss(w, gradient);
    if (selected == -1) {
      Vector other(w.size());
      value = (first.loss(w, gradient) + second.loss(w, other)) / 2;
      gradient = (gradient + other) / 2;
    }
    return calls == poisoned_call ? std::nan("") : value;
  }
};

}  // namespace

TEST_CASE("with two batches a ray stays on one, each comes in turn, and the best is judged by all rows") {
  for (const auto& rule : rule_names()) {
    INFO(rule);
    TwoBatches batches;
    const auto result = typed_descent(rule, {.gradient = 1e-6, .max_iterations = 2000}).run(batches, Vector::Zero(10));
    // A curvature step that nothing judges is one batch's curvature on the other's rays: safe, but no way to arrive.
    const auto known =
        std::find_if(registry().begin(), registry().end(), [&](const RuleEntry& entry) { return entry.name == rule; });
    const bool alone = known != registry().end() && known->role == Role::proposes && rule != "auto";
    const bool mixes_batches = rule.starts_with("lmsd");
    if (!alone && !mixes_batches) {
      CHECK(result.status == Status::converged);
      CHECK((result.w - ones(10)).norm() < 1e-4);
    }
    CHECK(std::set<int>(batches.seen.begin(), batches.seen.end()) == std::set<int>{-1, 0, 1});
    TwoBatches fresh;  // the loss that comes back is the whole one
    Vector gradient(10);
    CHECK(result.loss == fresh.loss(result.w, gradient));
    CHECK(result.loss < fresh.loss(Vector::Zero(10), gradient));
  }
}

TEST_CASE("with batches, a direction that learns works with a rule that does not") {
  TwoBatches batches;
  const auto result =
      Minimizer{LBFGS{}, Fixed{.step = 0.1}, Monitor{}, Stop{.gradient = 1e-6, .max_iterations = 2000}}.run(
          batches, Vector::Zero(10));
  CHECK((result.w - ones(10)).norm() < 1e-3);
}

TEST_CASE("with batches, a fixed step that is far too small is said to be, and limits hold") {
  TwoBatches batches;
  const auto slow = typed_descent("fixed:step=1e-6", {.max_iterations = 40}).run(batches, Vector::Zero(10));
  CHECK(slow.step_too_small > 1e4);
  for (int most = 1; most < 40; ++most) {
    TwoBatches counted;
    typed_descent("armijo", {.max_evaluations = most}).run(counted, Vector::Zero(10));
    CHECK(counted.calls <= most);
  }
}

TEST_CASE("batches may have a proximal part: its value is in every loss") {
  struct BoundedBatches : TwoBatches {  // 0.5 |w|₁ beside the loss, by soft thresholding
    double proximal(Vector& w, double step) const {
      w = w.array().sign() * (w.array().abs() - 0.5 * step).max(0.0);
      return 0.5 * w.lpNorm<1>();
    }
  };
  BoundedBatches batches;
  const auto result = typed_descent("armijo", {.max_iterations = 400}).run(batches, Vector::Constant(10, 3.0));
  BoundedBatches fresh;
  Vector gradient(10), w = result.w;
  CHECK(result.loss == Approx(fresh.loss(result.w, gradient) + fresh.proximal(w, 0)));
  CHECK(result.loss < 8);  // 5 at |w|₁ = 10; from 15 + a large smooth part
}

TEST_CASE("with batches, a NaN at any call is survived") {
  for (const auto& rule : {"fixed:step=0.1", "bb2", "armijo", "grow"}) {
    for (int k = 2; k < 40; ++k) {
      INFO(rule << " at call " << k);
      TwoBatches batches;
      batches.poisoned_call = k;
      const auto result =
          typed_descent(rule, {.gradient = 1e-4, .max_iterations = 1000}).run(batches, Vector::Zero(10));
      CHECK(std::isfinite(result.loss));
      TwoBatches fresh;
      Vector gradient(10);
      CHECK(result.loss <= fresh.loss(Vector::Zero(10), gradient));
    }
  }
}
