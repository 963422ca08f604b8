// Free trials: objectives that can tell a loss along a ray for less than a call, and what a run makes of that.

#include <algorithm>
#include <array>
#include <functional>
#include <memory>
#include <random>
#include <stop_token>

#include "catch.hpp"
#include "support/allocations.hpp"
#include "support/minimized.hpp"
#include "support/objectives.hpp"
#include "surefoot/coordinates/gram.hpp"
#include "surefoot/directions/inferred.hpp"
#include "surefoot/directions/l_bfgs.hpp"
#include "surefoot/directions/nesterov.hpp"
#include "surefoot/directions/steepest.hpp"
#include "surefoot/loop/minimizer.hpp"
#include "surefoot/objectives/lasso.hpp"
#include "surefoot/objectives/linear.hpp"
#include "surefoot/registry.hpp"
#include "surefoot/steps/armijo.hpp"
#include "surefoot/steps/weak_wolfe.hpp"

using namespace surefoot;
using namespace surefoot::test;

namespace {

using OnRay = AnyWithRays::OnRay;

/// Any objective with rays by their definition, the loss at w + t d, so that the loop is compiled for one type. Counts what
/// it is asked. What a ray says may be made to differ from what the objective says.
struct Rayed {
  std::function<double(const Vector&, Vector&)> joint;
  std::function<void(const Vector&, const Vector&)> prepare{};  // unset: by definition
  std::function<OnRay(double)> look{};
  std::function<OnRay(double step, int number, OnRay truth)> spoil{};  // the ray's answers, from 1
  bool rays = true;

  int evaluations = 0, preparations = 0, looks = 0;
  Vector from{}, direction{}, gradient_there{};

  explicit Rayed(std::function<double(const Vector&, Vector&)> loss_and_gradient)
      : joint(std::move(loss_and_gradient)) {}
  template <class Linear>
  static Rayed over(Linear& model) {
    Rayed rayed([&](const Vector& w, Vector& gradient) { return model.loss(w, gradient); });
    rayed.prepare = [&](const Vector& w, const Vector& d) { model.along(w, d); };
    rayed.look = [&](double step) {
      const auto there = model.on_ray(step);
      return OnRay{there.value, there.slope};
    };
    return rayed;
  }

  double loss(const Vector& w, Vector& gradient) {
    ++evaluations;
    return joint(w, gradient);
  }
  bool has_ray() const { return rays; }
  void along(const Vector& w, const Vector& d) {
    ++preparations;
    if (prepare) return prepare(w, d);
    from = w;
    direction = d;
    gradient_there.resize(w.size());
  }
  OnRay on_ray(double step) {
    ++looks;
    OnRay there{};
    if (look) {
      there = look(step);
    } else {
      there.value = joint(from + step * direction, gradient_there);
      there.slope = gradient_there.dot(direction);
    }
    return spoil ? spoil(step, looks, there) : there;
  }
};
static_assert(HasRay<Rayed> && !HasRay<AnyObjective>);

/// Refuses so many trials of each search, each time with twice the step, then takes one.
struct Refusing {
  static constexpr std::string_view name = "refusing";
  int refusals = 0;
  double step = 1e-3;

  Ask first(const Ray&) { return {step, Probe::slope}; }
  Verdict judge(const Ray&, const Trial& trial) {
    if (trial.number > refusals) return Verdict::take();
    return Verdict::retry({2 * trial.step, Probe::slope});
  }
  void taken(const Move&) {}
  void rolled_back(double) {}
  void restarted(const Ray&) {}
  Learns learns() const { return Learns::nothing; }
  bool adapts() const { return false; }
  double given_step() const { return step; }
};

/// Answers what it is told to, trial by trial of the run; then takes.
struct Told {
  static constexpr std::string_view name = "told";
  double step = 1;
  std::vector<Verdict> answers{};
  std::size_t next = 0;

  Ask first(const Ray&) { return {step, Probe::slope}; }
  Verdict judge(const Ray&, const Trial&) { return next < answers.size() ? answers[next++] : Verdict::take(); }
  void taken(const Move&) {}
  void rolled_back(double) {}
  void restarted(const Ray&) {}
  Learns learns() const { return Learns::nothing; }
  bool adapts() const { return false; }
  double given_step() const { return step; }
};

/// Takes what is lower; else tries 2.5, then 0.5.
struct Lower {
  static constexpr std::string_view name = "lower";
  Ask first(const Ray&) { return {3, Probe::slope}; }
  Verdict judge(const Ray& ray, const Trial& trial) {
    if (trial.loss < ray.loss) return Verdict::take();
    return Verdict::retry({trial.step == 3 ? 2.5 : 0.5, Probe::slope});
  }
  void taken(const Move&) {}
  void rolled_back(double) {}
  void restarted(const Ray&) {}
  Learns learns() const { return Learns::nothing; }
  bool adapts() const { return false; }
  double given_step() const { return 3; }
};

auto by(AnyRule rule, const Stop& stop = {}) {
  return AnyMinimizer{SteepestDescent{}, std::move(rule), Monitor{}, stop};
}

double bowl(const Vector& w, Vector& gradient) {
  gradient = w;
  return 0.5 * w.squaredNorm();
}
double valley(const Vector& w, Vector& gradient) { return Rosenbrock(2).loss(w, gradient); }

long evaluations(const Result& result) { return result.loss_evaluations + result.gradient_evaluations; }

/// Logistic regression on many columns of different size, penalised.
struct Rows {
  DenseMatrix X{};
  Vector y{};
  LinearOptions options{.l2 = 1e-2};

  explicit Rows(unsigned seed, Eigen::Index rows = 300, Eigen::Index columns = 12) {
    std::mt19937 random(seed);
    std::normal_distribution<double> normal;
    X = DenseMatrix::NullaryExpr(rows, columns, [&](Eigen::Index, Eigen::Index j) {
      return (1 + static_cast<double>(j) / 2) * (normal(random) + 0.3);
    });
    y = Vector::NullaryExpr(rows, [&](Eigen::Index i) { return X.row(i).sum() + 8 * normal(random) > 3 ? 1.0 : 0.0; });
  }
  auto model() const { return Logistic<DenseMatrix>(X, y, options); }
};

}  // namespace

// --- what it costs ---------------------------------------------------------------------------------------------------

TEST_CASE("on a ray a search with any number of refusals costs one preparation and two evaluations") {
  for (const int refusals : {1, 2, 5, 20}) {
    INFO(refusals << " refusals");
    Rayed objective(bowl);
    const Result result =
        by(AnyRule(Refusing{refusals, 1e-8}), Stop{.max_iterations = 3}).run_on_rays(objective, Vector::Ones(4));
    CHECK(result.iterations == 3);
    CHECK(objective.evaluations == 1 + 3 * 2);
    CHECK(evaluations(result) == objective.evaluations);
    CHECK(objective.preparations == 3);
    CHECK(result.ray_trials == 3 * refusals);
    CHECK(objective.looks == result.ray_trials + 1);  // the first ray of a run is held against what is known
    CHECK(result.explain().find("free trial") != std::string::npos);
  }
}

TEST_CASE("a trial that is taken at once costs one evaluation, and no ray is prepared") {
  Rayed objective(bowl);
  const Result result = by(AnyRule(Refusing{0}), Stop{.max_iterations = 50}).run_on_rays(objective, Vector::Ones(4));
  CHECK(objective.evaluations == 51);
  CHECK(objective.preparations == 0);
  CHECK(result.ray_trials == 0);
}

TEST_CASE("searches that end with the second trial time after time have it evaluated, as they would without rays") {
  Rayed objective(bowl);
  by(AnyRule(Refusing{1, 1e-8}), Stop{.max_iterations = 50}).run_on_rays(objective, Vector::Ones(4));
  CHECK(objective.evaluations == 1 + 50 * 2);
  CHECK(objective.preparations == 3);
}

TEST_CASE(
    "an objective that says that it has no rays after all is evaluated at each trial, to the bit as one without") {
  for (const auto& rule : rule_names()) {
    INFO(rule);
    const Vector start = Rosenbrock(2).start();
    Rayed objective(valley);
    objective.rays = false;
    const Result with = by(make_rule(rule), Stop{.max_iterations = 40}).run_on_rays(objective, start);
    const Result without =
        AnyMinimizer{SteepestDescent{}, make_rule(rule), Monitor{}, Stop{.max_iterations = 40}}.run(valley, start);
    CHECK(with.w == without.w);
    CHECK(evaluations(with) == evaluations(without));
    CHECK(with.rollbacks == without.rollbacks);
    CHECK(objective.preparations + objective.looks == 0);
    CHECK(with.ray_trials == 0);
  }
}

TEST_CASE("a proximal path is not straight: no rays are asked for there") {
  Rayed objective(bowl);
  WithL1 penalised(objective, 0.1);
  static_assert(!HasRay<decltype(penalised)>);
  const Result result = Minimizer{SteepestDescent{}, make_rule("armijo"), Monitor{}, Stop{.max_iterations = 30}}.run(
      penalised, Vector::Ones(4));
  CHECK(result.ray_trials == 0);
  CHECK(objective.looks == 0);
}

TEST_CASE("nothing is allocated once a ray has been prepared") {
  if (!allocations_are_counted()) {
    WARN("allocations can't be counted in this build (sanitizers): skipped");
    return;
  }
  const Rows rows(3);
  auto model = rows.model();
  long at_first = -1, at_last = -1;
  const auto watch = [&](const Event& event) {
    if (event.kind != Event::Kind::step) return;
    if (at_first < 0 && event.iteration >= 1) at_first = allocations();
    at_last = allocations();
  };
  // From an absurd step the first ray is prepared.
  const Result result = by(make_rule("strong-wolfe"), Stop{.max_iterations = 40})
                            .run_on_rays(model, Vector::Zero(13), {.first_step = 1e-9}, watch);
  const long made = at_last - at_first;
  CHECK(result.ray_trials > 3);
  CHECK(made == 0);
}

// --- that it changes nothing else --------------------------------------------------------------------------------------

namespace {

/// A run over a linear model and the passes that it took, with rays or without.
template <class Model>
std::pair<Result, double> counted_run(Model& model, const std::string& rule, bool rays, const RunOptions& options) {
  Rayed objective = Rayed::over(model);
  objective.rays = rays;
  const long before = model.reads();
  const Stop stop{.gradient = 1e-5, .max_iterations = 3000};
  const Vector start = Vector::Zero(model.columns() + 1);
  Result result = by(make_rule(rule), stop).run_on_rays(objective, start, options);
  CHECK(result.status == Status::converged);
  return {result, static_cast<double>(model.reads() - before)};
}

}  // namespace

TEST_CASE(
    "over a linear model every rule ends at the same loss with rays and without, and an absurd first step is cheap") {
  const Rows rows(1);
  auto model = rows.model();
  for (const auto& rule : rule_names()) {
    if (rule == "fixed") continue;  // never searches
    for (const double first_step : {1e-60, 1e60}) {
      INFO(rule << " from " << first_step);
      const auto [with, passes_with] = counted_run(model, rule, true, {.first_step = first_step});
      const auto [without, passes_without] = counted_run(model, rule, false, {.first_step = first_step});
      CHECK(with.loss == Approx(without.loss).epsilon(1e-8));
      CHECK((with.w - without.w).norm() <= 1e-3 * without.w.norm());
      CHECK(with.ray_trials >= 3);
      CHECK(passes_with <= 1.02 * passes_without);
      for (const char* search : {"armijo", "weak-wolfe", "strong-wolfe", "hager-zhang", "more-thuente"}) {
        if (rule == search) CHECK(passes_with < passes_without);
      }
    }
  }
}

TEST_CASE("searches for almost the exact minimiser, of three trials and more, cost two passes each") {
  // A line parts the classes, so the loss is an exponential rather than a parabola.
  Rows rows(6);
  for (Eigen::Index i = 0; i < rows.y.size(); ++i) rows.y[i] = rows.X.row(i).sum() > 0 ? 1 : 0;
  rows.options.l2 = 1e-6;
  auto model = rows.model();
  for (const char* rule : {"strong-wolfe:curvature_condition=1e-3", "more-thuente:curvature_condition=1e-3"}) {
    INFO(rule);
    const auto [with, passes_with] = counted_run(model, rule, true, {});
    const auto [without, passes_without] = counted_run(model, rule, false, {});
    CHECK(with.loss == Approx(without.loss).epsilon(1e-5));
    CHECK(passes_with <= 2.05 * with.iterations + 5);
    CHECK(passes_with <= 0.9 * passes_without);
  }
}

TEST_CASE("where no digits are lost, a run on rays takes the very steps that it takes without them") {
  // Halves, quarters, … of whole numbers: everything is exact.
  const auto exact = [](const Vector& w, Vector& gradient) {
    gradient = Vector(w.size());
    gradient << w[0], 4 * w[1];
    return 0.5 * (w[0] * w[0] + 4 * w[1] * w[1]);
  };
  const Vector start = Vector::Constant(2, 16);
  for (const int refusals : {1, 3}) {
    const auto steps = [&](bool rays) {
      Rayed objective(exact);
      objective.rays = rays;
      std::vector<double> told;
      const auto watch = [&](const Event& event) {
        if (event.kind == Event::Kind::trial || event.kind == Event::Kind::step) {
          for (double value : {event.step, event.loss, event.previous_loss}) told.push_back(value);
        }
      };
      by(AnyRule(Refusing{refusals, 1.0 / 64}), Stop{.max_iterations = 3}).run_on_rays(objective, start, {}, watch);
      return told;
    };
    INFO(refusals << " refusals");
    CHECK(steps(true) == steps(false));
  }
}

TEST_CASE("a ray whose losses end in NaN or Inf leads to a shorter step, at no evaluation more") {
  // −log(1 − w) − 3 w on each entry, NaN past 1: the minimum is at 2/3.
  const auto barrier = [](const Vector& w, Vector& gradient) {
    gradient = ((1 - w.array()).inverse() - 3).matrix();
    return (-(1 - w.array()).log()).sum() - 3 * w.sum();
  };
  for (const auto& rule : rule_names()) {
    if (rule == "fixed") continue;
    INFO(rule);
    Rayed objective(barrier);
    const Result result = by(make_rule(rule)).run_on_rays(objective, Vector::Zero(3), {.first_step = 1e9});
    CHECK(result.loss == Approx(3 * (std::log(3.0) - 2)).epsilon(1e-9));
    CHECK(result.trials_not_finite > 2);
    CHECK(result.ray_trials > 2);
  }
}

TEST_CASE("L-BFGS with inferred steps, and Nesterov, end on rays where they end without them") {
  const Rows rows(2);
  auto model = rows.model();
  const auto compare = [&](const auto& direction, const char* rule, auto hidden) {
    Rayed objective = Rayed::over(model);
    const Stop stop{.gradient = 1e-8};
    const RunOptions options{.first_step = 1e9};
    const Result with =
        AnyMinimizer{direction, make_rule(rule), Monitor{}, stop}.run_on_rays(objective, Vector::Zero(13), options);
    const Result without = hidden.run(model, Vector::Zero(13), options);
    CHECK(with.loss == Approx(without.loss).epsilon(1e-12));
    CHECK(with.ray_trials > 0);
    CHECK(evaluations(with) < evaluations(without));
  };
  const Stop stop{.gradient = 1e-8};
  compare(Inferred{LBFGS{}}, "weak-wolfe", AnyMinimizer{Inferred{LBFGS{}}, WeakWolfe{}, Monitor{}, stop});
  compare(Nesterov{}, "armijo", AnyMinimizer{Nesterov{}, Armijo{}, Monitor{}, stop});
}

TEST_CASE("in other coordinates a ray is one in the user's own, with the same losses and slopes") {
  const Rows rows(4);
  auto model = rows.model();
  const auto check = [&](auto& seen) {
    Vector v(13), direction(13), gradient(13);
    seen.enter(Vector::LinSpaced(13, -0.5, 0.5), v);
    direction = Vector::LinSpaced(13, 1, -2);
    REQUIRE(has_ray(seen));
    seen.along(v, direction);
    const std::array steps{0.0, 1e-3, 0.3, 2.0};
    std::array<OnRay, steps.size()> told{};
    std::transform(steps.begin(), steps.end(), told.begin(), [&](double step) {
      const auto there = seen.on_ray(step);
      return OnRay{there.value, there.slope};
    });
    for (std::size_t i = 0; i < steps.size(); ++i) {
      const double step = steps[i];
      const OnRay there = told[i];
      const double loss = seen.loss(Vector(v + step * direction), gradient);
      INFO("step " << step);
      CHECK(there.value == Approx(loss).epsilon(1e-12));
      CHECK(there.slope == Approx(gradient.dot(direction)).epsilon(1e-11));
    }
  };
  Diagonal diagonal(model);
  check(diagonal);
  Diagonal given(model, Vector::LinSpaced(13, 0.1, 3));
  check(given);
  Gram gram(model);
  check(gram);

  Rayed hidden = Rayed::over(model);
  hidden.rays = false;
  CHECK_FALSE(has_ray(Diagonal(hidden)));
}

TEST_CASE("a run in other coordinates has free trials, and ends at the same loss") {
  const Rows rows(5);
  auto model = rows.model();
  const Result plain = minimized(model, Vector::Zero(13), {.stop = {.gradient = 1e-10}});
  const auto check = [&](auto&& seen) {
    const Result result =
        by(make_rule("weak-wolfe"), Stop{.gradient = 1e-7}).run(seen, Vector::Zero(13), {.first_step = 1e-6});
    CHECK(result.loss == Approx(plain.loss).epsilon(1e-10));
    CHECK(result.ray_trials > 3);
  };
  check(Diagonal(model));
  check(Gram(model));
}

// --- limits ----------------------------------------------------------------------------------------------------------

TEST_CASE("a limit on evaluations counts evaluations only, and is never passed") {
  for (int most = 1; most <= 40; ++most) {
    for (const auto& rule : rule_names()) {
      INFO(rule << ", at most " << most);
      Rayed objective(valley);
      const Result result =
          by(make_rule(rule), Stop{.max_evaluations = most}).run_on_rays(objective, Rosenbrock(2).start());
      Vector gradient(2);
      REQUIRE(objective.evaluations <= most);
      REQUIRE(evaluations(result) == objective.evaluations);
      REQUIRE(result.loss == valley(result.w, gradient));
      REQUIRE(max_norm(gradient) == result.gradient_norm);
    }
  }
}

TEST_CASE("a run that is cancelled between two free trials ends there, with a point that was evaluated") {
  for (int at = 2; at <= 8; ++at) {  // the first look is no trial
    INFO("at look " << at);
    std::stop_source source;
    Recorded<Rosenbrock> recorded{Rosenbrock(2)};
    Rayed objective([&](const Vector& w, Vector& gradient) { return recorded.loss(w, gradient); });
    objective.look = [&](double step) {
      if (objective.looks == at) source.request_stop();
      Vector gradient(2);
      const double loss = valley(objective.from + step * objective.direction, gradient);
      return OnRay{loss, gradient.dot(objective.direction)};
    };
    const Result result = by(make_rule("strong-wolfe"), Stop{.cancel = source.get_token()})
                              .run_on_rays(objective, Rosenbrock(2).start(), {.first_step = 1e-9});
    CHECK(result.code == Code::cancelled);
    CHECK(objective.looks == at);
    CHECK(recorded.vouches_for(result.w));
  }
}

TEST_CASE("observers hear of free trials as of any other, and evaluations count none of them") {
  Rayed objective(bowl);
  int trials = 0;
  long last = 0;
  const auto watch = [&](const Event& event) {
    trials += event.kind == Event::Kind::trial;
    last = event.evaluations;
  };
  by(AnyRule(Refusing{7, 1e-6}), Stop{.max_iterations = 4}).run_on_rays(objective, Vector::Ones(2), {}, watch);
  CHECK(trials == 4 * 7);
  CHECK(last == objective.evaluations);
}

TEST_CASE("a free trial that was refused and lies lowest of all is evaluated before the run ends, and comes back") {
  Rayed objective(bowl);
  // The minimum of the ray is at step 1: the third trial.
  const Told rule{1.0 / 1024,
                  {Verdict::retry({0.25, Probe::slope}), Verdict::retry({1, Probe::slope}),
                   Verdict::retry({0.5, Probe::slope}), Verdict::take()}};
  const Result result = by(AnyRule(rule), Stop{.max_iterations = 1}).run_on_rays(objective, Vector::Ones(2));
  CHECK(result.loss == 0);
  CHECK(result.gradient_norm == 0);
  CHECK(objective.evaluations == 4);  // the start, the first trial, the one taken, and this
  const Result poor =
      by(AnyRule(rule), Stop{.max_iterations = 1, .max_evaluations = 3}).run_on_rays(objective, Vector::Ones(2));
  CHECK(evaluations(poor) <= 3);
  CHECK(poor.loss == 0.25);
}

TEST_CASE("a rule that gives up gets the lowest free trial, evaluated") {
  Rayed objective(bowl);
  const Told rule{1.0 / 1024,
                  {Verdict::retry({0.5, Probe::slope}), Verdict::retry({0.25, Probe::slope}), Verdict::give_up()}};
  const Result result = by(AnyRule(rule), Stop{.max_iterations = 1}).run_on_rays(objective, Vector::Ones(2));
  CHECK(result.loss == 0.25);
  CHECK(result.step == 0.5);
  CHECK(objective.evaluations == 3);
}

// --- rays that lie, and faults -------------------------------------------------------------------------------------------

namespace {

/// Finite, evaluated, as answered, and no worse than the start.
template <class Inner>
void check_promises(const Result& result, const Recorded<Inner>& recorded, double start_loss) {
  REQUIRE(result.w.allFinite());
  REQUIRE(result.loss <= start_loss);
  REQUIRE(recorded.vouches_for(result.w));
  Vector gradient(result.w.size());
  REQUIRE(result.loss == recorded.inner.loss(result.w, gradient));
  REQUIRE(result.gradient_norm == max_norm(gradient));
}

/// Runs `check(name, run)` for every rule along steepest descent, and for directions with ways of their own.
void for_every_way(
    const std::function<void(const std::string&, const std::function<Result(Rayed&, const Stop&)>&)>& check) {
  const auto with = [](auto minimizer) {
    return [minimizer](Rayed& objective, const Stop& stop) mutable {
      minimizer.stop = stop;
      return minimizer.run_on_rays(objective, Rosenbrock(2).start());
    };
  };
  for (const auto& rule : rule_names()) check(rule, with(by(make_rule(rule))));
  check("l-bfgs inferred", with(AnyMinimizer{Inferred{LBFGS{}}, make_rule("weak-wolfe"), Monitor{}, Stop{}}));
  check("nesterov", with(AnyMinimizer{Nesterov{}, make_rule("armijo"), Monitor{}, Stop{}}));
}

}  // namespace

TEST_CASE("a ray that lies breaks no promise: what comes back was evaluated, is finite and no worse than the start") {
  std::mt19937 random(20);
  std::normal_distribution<double> normal;
  const std::vector<std::pair<const char*, std::function<OnRay(double, int, OnRay)>>> lies{
      {"too low",
       [](double, int, OnRay t) {
         return OnRay{t.value - 100, t.slope};
       }},
      {"too high",
       [](double, int, OnRay t) {
         return OnRay{t.value + 100, t.slope};
       }},
      {"too low after a while",
       [](double, int n, OnRay t) {
         return OnRay{t.value - (n > 3 ? 100 : 0), t.slope};
       }},
      {"too high after a while",
       [](double, int n, OnRay t) {
         return OnRay{t.value + (n > 3 ? 100 : 0), t.slope};
       }},
      {"slopes flipped",
       [](double, int, OnRay t) {
         return OnRay{t.value, -t.slope};
       }},
      {"slopes zero",
       [](double, int, OnRay t) {
         return OnRay{t.value, 0};
       }},
      {"falls for ever",
       [](double step, int n, OnRay t) {
         return n > 1 ? OnRay{-1e3 * step, -1e3} : t;
       }},
      {"NaN",
       [](double, int, OnRay) {
         return OnRay{not_a_number, not_a_number};
       }},
      {"NaN after a while",
       [](double, int n, OnRay t) {
         return n > 3 ? OnRay{not_a_number, 1} : t;
       }},
      {"slopes NaN",
       [](double, int, OnRay t) {
         return OnRay{t.value, not_a_number};
       }},
      {"-Inf",
       [](double, int n, OnRay t) {
         return n > 1 ? OnRay{-infinity, -1} : t;
       }},
      {"beyond measure",
       [](double, int n, OnRay t) {
         return n > 1 ? OnRay{-1e300, -1} : t;
       }},
      {"noise",
       [&](double, int, OnRay t) {
         return OnRay{t.value * (1 + 0.1 * normal(random)), t.slope + normal(random)};
       }},
      {"slight noise",
       [&](double, int, OnRay t) {
         return OnRay{t.value * (1 + 1e-8 * normal(random)), t.slope};
       }},
  };
  const Vector start = Rosenbrock(2).start();
  Vector gradient(2);
  const double start_loss = valley(start, gradient);
  for_every_way([&](const std::string& way, const auto& run) {
    for (const auto& [name, lie] : lies) {
      INFO(way << ", " << name << " (seed 20)");
      Recorded<Rosenbrock> recorded{Rosenbrock(2)};
      Rayed objective([&](const Vector& w, Vector& g) { return recorded.loss(w, g); });
      objective.spoil = lie;
      objective.look = [&](double step) {  // not written down
        Vector g(2);
        const double loss = valley(objective.from + step * objective.direction, g);
        return OnRay{loss, g.dot(objective.direction)};
      };
      const Result result = run(objective, Stop{.max_iterations = 60});
      check_promises(result, recorded, start_loss);
      if (way != "fixed") REQUIRE(result.loss < start_loss);
    }
  });
}

TEST_CASE("a ray that is found out by its first answer is not asked again, and the run goes on as it would without") {
  for (const double off : {100.0, -100.0, not_a_number}) {
    INFO("off by " << off);
    Rayed objective(valley);
    objective.spoil = [off](double, int, OnRay truth) { return OnRay{truth.value + off, truth.slope}; };
    const Stop stop{.gradient = 1e-6};
    const Result with = by(make_rule("strong-wolfe"), stop).run_on_rays(objective, Rosenbrock(2).start());
    const Result without =
        AnyMinimizer{SteepestDescent{}, make_rule("strong-wolfe"), Monitor{}, stop}.run(valley, Rosenbrock(2).start());
    CHECK(objective.looks == 1);
    CHECK(with.w == without.w);
    CHECK(evaluations(with) == evaluations(without));
  }
}

TEST_CASE("a free trial that turns out higher than the ray had said is judged again, not taken") {
  Rayed objective(bowl);
  // Beyond the minimum by as much as it was before it, and a little: higher than the start.
  objective.spoil = [](double, int number, OnRay truth) {
    return number == 2 ? OnRay{0.1, 0} : truth;  // 1: the check of the first ray
  };
  std::vector<double> refused;
  const Result result = by(AnyRule(Lower{}), Stop{.max_iterations = 1})
                            .run_on_rays(objective, Vector::Ones(2), {}, [&](const Event& event) {
                              if (event.kind == Event::Kind::trial) refused.push_back(event.loss);
                            });
  CHECK(result.step == 0.5);
  CHECK(result.loss == 0.25);
  CHECK(refused == std::vector<double>{4, 2.25});  // what the objective says, not the ray
  CHECK(objective.evaluations == 4);               // the start, steps 3, 2.5 and 0.5: the ray is not believed any more
}

TEST_CASE("a free trial that the rule gives up on, and that turns out not to be finite, does not end the search") {
  // The gradient is NaN beyond 0.6 of the way; the ray knows losses only.
  Rayed objective([](const Vector& w, Vector& gradient) {
    bowl(w, gradient);
    if (w[0] < 0.4) gradient[0] = not_a_number;
    return 0.5 * w.squaredNorm();
  });
  objective.look = [&](double step) {
    const Vector w = objective.from + step * objective.direction;
    return OnRay{0.5 * w.squaredNorm(), w.dot(objective.direction)};
  };
  const Told rule{1.0 / 1024, {Verdict::retry({0.75, Probe::slope}), Verdict::give_up(), Verdict::give_up()}};
  const Result result = by(AnyRule(rule), Stop{.max_iterations = 1}).run_on_rays(objective, Vector::Ones(2));
  CHECK(std::isfinite(result.gradient_norm));
  CHECK(result.loss < 0.999);
  CHECK(result.w[0] >= 0.4);
  CHECK(result.trials_not_finite >= 1);
}

TEST_CASE("a free trial that turned out not to be finite is not gone back to") {
  // The gradient is NaN past a step of 0.3, whatever the ray says.
  Rayed objective([](const Vector& w, Vector& gradient) {
    const double loss = bowl(w, gradient);
    if (w[0] < 0.7) gradient[0] = not_a_number;
    return loss;
  });
  objective.look = [&](double step) {
    const Vector w = objective.from + step * objective.direction;
    return OnRay{0.5 * w.squaredNorm(), w.dot(objective.direction)};
  };
  const Verdict lower = Verdict::retry({0.5, Probe::slope}), shorter = Verdict::retry({0.25, Probe::slope});
  const Told rule{1.0 / 1024, {lower, shorter, lower, Verdict::take(), lower, lower, lower, shorter}};
  const Result result = by(AnyRule(rule), Stop{.max_iterations = 2}).run_on_rays(objective, Vector::Ones(2));
  CHECK(std::isfinite(result.gradient_norm));
  CHECK(result.w[0] >= 0.7);
  CHECK(result.loss < 1);
}

TEST_CASE("a fault at any call of a run on rays, or at any look along one, is survived") {
  const Vector start = Rosenbrock(2).start();
  Vector gradient(2);
  const double start_loss = valley(start, gradient);
  const Stop stop{.max_iterations = 12};
  for_every_way([&](const std::string& way, const auto& run) {
    const auto tried = [&](int call, int look, Fault fault) {
      Recorded<Rosenbrock> recorded{Rosenbrock(2), call, fault};
      Rayed objective([&](const Vector& w, Vector& g) { return recorded.loss(w, g); });
      objective.look = [&](double step) {
        Vector g(2);
        OnRay there{valley(objective.from + step * objective.direction, g), 0};
        there.slope = g.dot(objective.direction);
        if (objective.looks != look) return there;
        if (fault == Fault::nan_loss) there.value = not_a_number;
        if (fault == Fault::infinite_loss) there.value = infinity;
        if (fault == Fault::minus_infinite_loss) there.value = -infinity;
        if (fault == Fault::nan_gradient) there.slope = not_a_number;
        if (fault == Fault::infinite_gradient) there.slope = infinity;
        return there;
      };
      const Result result = run(objective, stop);
      if (call != 1) {
        check_promises(result, recorded, start_loss);
        REQUIRE(result.status != Status::failed);
        if (way != "fixed") REQUIRE(result.loss < start_loss);
      }
      return std::pair(objective.evaluations, objective.looks);
    };
    const auto [calls, looks] = tried(0, 0, Fault::nan_loss);
    for (const Fault fault : every_fault) {
      for (int call = 1; call <= calls; ++call) {
        INFO(way << ", fault " << static_cast<int>(fault) << " at call " << call << " of " << calls);
        tried(call, 0, fault);
      }
      for (int look = 1; look <= looks; ++look) {
        INFO(way << ", fault " << static_cast<int>(fault) << " at look " << look << " of " << looks);
        tried(0, look, fault);
      }
    }
  });
}

TEST_CASE("with mini-batches a ray is of its batch, and its trials are free too") {
  struct Halves : Rayed {  // the bowl around (1, 1) and around (−1, −1)
    int batch = -1;
    Halves() : Rayed(nullptr) {
      joint = [this](const Vector& w, Vector& g) {
        const double centre = batch < 0 ? 0 : batch == 0 ? 1 : -1;
        g = (w.array() - centre).matrix();
        return 0.5 * g.squaredNorm() + (batch < 0 ? 1 : 0);
      };
    }
    int batches() const { return 2; }
    void select(int b) { batch = b; }
  } halves;
  const Result result = Minimizer{SteepestDescent{}, make_rule("armijo"), Monitor{}, Stop{.max_iterations = 60}}.run(
      halves, Vector::Constant(2, 30), {.first_step = 1e-7});
  Vector gradient(2);
  halves.select(-1);
  CHECK(result.ray_trials > 0);
  CHECK(result.loss == halves.joint(result.w, gradient));
  CHECK(result.loss < 10);
}
