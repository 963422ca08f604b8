#include "surefoot/step_tuner.hpp"

#include <functional>

#include "catch.hpp"
#include "support/minimized.hpp"
#include "support/thrown.hpp"
#include "surefoot/directions/steepest.hpp"
#include "surefoot/loop/minimizer.hpp"
#include "surefoot/objectives/functions.hpp"
#include "surefoot/registry.hpp"
#include "surefoot/steps/armijo.hpp"
#include "surefoot/steps/barzilai_borwein.hpp"
#include "surefoot/steps/fixed.hpp"
#include "surefoot/steps/weak_wolfe.hpp"

using namespace surefoot;

namespace {

/// Somebody's own training loop, which keeps its vectors to itself. `spoil` may change a report before it is told.
struct OwnLoop {
  std::function<double(const Vector&, Vector&)> objective;
  Vector w;
  double tolerance = 1e-9;  // of the first |g|∞
  bool exact_pairs = false;
  std::optional<double> lower_bound{};
  std::function<void(int, Report&)> spoil = [](int, Report&) {};

  Vector best{}, gradient{};
  double loss = 0;
  std::vector<double> steps{};  // kept
  int tells = 0, restores = 0;
  bool converged = false, gave_up = false;

  template <class Rule>
  void run(StepTuner<Rule>& tuner, int most) {
    using Action = typename StepTuner<Rule>::Action;
    loss = objective(w, gradient);
    const double enough = tolerance * max_norm(gradient);
    best = w;
    double lowest = loss;
    for (int k = 0; k < most; ++k) {
      if (max_norm(gradient) <= enough) {
        converged = true;
        return;
      }
      double step = tuner.ask(
          {.loss = loss, .gradient_norm = norm(gradient), .weights_norm = norm(w), .lower_bound = lower_bound});
      for (;;) {
        REQUIRE(step > 0);
        REQUIRE(std::isfinite(step));
        const Vector next = w - step * gradient;
        Vector next_gradient(w.size());
        const double next_loss = objective(next, next_gradient);
        Report report{.loss = next_loss,
                      .gradient_norm = norm(next_gradient),
                      .slope = -next_gradient.dot(gradient),
                      .gradient_dot = next_gradient.dot(gradient)};
        if (exact_pairs) {
          const Vector s = next - w, y = next_gradient - gradient;
          report.displacement = norm(s);
          report.gradient_change = norm(y);
          report.cosine = cosine(s, y, norm(s), norm(y));
        }
        spoil(++tells, report);
        const auto advice = tuner.tell(report);
        REQUIRE_FALSE(advice.why.empty());
        if (advice.action == Action::retry) {
          step = advice.step;
          continue;
        }
        if (advice.action == Action::keep) {
          REQUIRE(std::isfinite(*report.loss));
          REQUIRE(advice.best == (next_loss < lowest));
          steps.push_back(step);
          w = next;
          gradient = next_gradient;
          loss = next_loss;
          if (advice.best) {
            best = w;
            lowest = loss;
          }
        } else {
          ++restores;
          w = best;
          loss = objective(w, gradient);
          if (advice.give_up) gave_up = true;
          if (gave_up) return;
        }
        break;
      }
    }
  }
};

template <class Function>
OwnLoop loop_over(const Function& function, const Vector& w0, double scale = 1) {
  return {.objective =
              [function, scale](const Vector& w, Vector& gradient) {
                const double loss = function.loss(w, gradient);
                gradient *= scale;
                return loss * scale;
              },
          .w = w0};
}

/// Every rule but those that keep gradients, which StepTuner refuses.
std::vector<std::string> rules_of_numbers() {
  std::vector<std::string> names;
  for (const auto& name : rule_names()) {
    if (!make_rule(name).needs_gradients()) names.push_back(name);
  }
  return names;
}

}  // namespace

TEST_CASE("every rule drives a quadratic to its minimum by numbers alone") {
  const Quadratic bowl = Quadratic::log_spaced(10, 30, Vector::LinSpaced(10, -2, 3));
  for (const auto& name : rules_of_numbers()) {
    OwnLoop loop = loop_over(bowl, bowl.start());
    loop.tolerance = 1e-6;
    StepTuner tuner{make_rule(name)};
    loop.run(tuner, 5000);
    INFO(name << ": loss " << loop.loss << " after " << loop.steps.size() << " steps, " << loop.restores
              << " restores");
    CHECK(loop.converged);
    CHECK((loop.w - bowl.centre).norm() < 1e-4);
  }
}

TEST_CASE("every rule drives Rosenbrock's function to its minimum by numbers alone") {
  for (const auto& name : rules_of_numbers()) {
    if (name == "fixed") continue;  // plain descent with one step crawls there for 10⁵ steps: see the next test
    const Rosenbrock valley;
    OwnLoop loop = loop_over(valley, valley.start());
    loop.tolerance = 1e-5;
    StepTuner tuner{make_rule(name)};
    loop.run(tuner, 30000);
    INFO(name << ": loss " << loop.loss << " after " << loop.steps.size() << " steps, " << loop.restores
              << " restores");
    CHECK(loop.converged);
    CHECK((loop.w - valley.minimiser()).norm() < 0.1);
  }
}

TEST_CASE("a fixed step, however long, stays finite and lowers Rosenbrock's function") {
  for (double first : {1e-3, 1.0, 1e10, 1e300}) {
    const Rosenbrock valley;
    OwnLoop loop = loop_over(valley, valley.start());
    StepTuner tuner{Fixed{}, Monitor{}, first};
    loop.run(tuner, 3000);
    INFO("first step " << first << ", loss " << loop.loss);
    CHECK(loop.loss < 5);  // from 24.2
  }
}

TEST_CASE("first steps from 1e-300 to 1e300 lead every rule to the same minimum") {
  const Quadratic bowl = Quadratic::log_spaced(6, 30);
  for (const auto& name : rules_of_numbers()) {
    if (name == "fixed") continue;  // keeps the step that it was given
    for (double first : {1e-300, 1e-10, 1.0, 1e10, 1e300}) {
      OwnLoop loop = loop_over(bowl, bowl.start());
      loop.tolerance = 1e-6;
      StepTuner tuner{make_rule(name), Monitor{}, first};
      loop.run(tuner, 5000);
      INFO(name << " from " << first << ": loss " << loop.loss);
      CHECK(loop.converged);
    }
  }
}

TEST_CASE("the tuner takes the same steps as the loop, with every rule") {
  const auto compare = [](const auto& function, const Vector& w0, int most) {
    for (const auto& name : rules_of_numbers()) {
      std::vector<double> steps;
      test::AnyMinimizer minimizer{SteepestDescent{}, make_rule(name), Monitor{},
                                   Stop{.gradient = 1e-9, .max_iterations = most}};
      minimizer.run(function, w0, {}, [&](const Event& event) {
        if (event.kind == Event::Kind::step) steps.push_back(event.step);
      });
      OwnLoop loop = loop_over(function, w0);
      loop.exact_pairs = true;
      loop.lower_bound = function.lower_bound();
      StepTuner tuner{make_rule(name)};
      loop.run(tuner, most);
      INFO(name << " on " << function.name() << ", step " << steps.size() << " against " << loop.steps.size());
      REQUIRE(steps.size() >= 5);
      REQUIRE(loop.steps.size() == steps.size());
      for (std::size_t k = 0; k < steps.size(); ++k) {
        INFO("step " << k << ": " << steps[k] << " against " << loop.steps[k]);
        REQUIRE(std::abs(loop.steps[k] - steps[k]) <= 1e-9 * steps[k]);
      }
    }
  };
  const Quadratic bowl = Quadratic::log_spaced(5, 20);
  compare(bowl, bowl.start(), 12);
  compare(Rosenbrock{}, Rosenbrock{}.start(), 12);
}

TEST_CASE("a Barzilai–Borwein pair from the gradients' product is the pair of the vectors") {
  const Quadratic bowl = Quadratic::log_spaced(5, 20);
  OwnLoop exact = loop_over(bowl, bowl.start()), product = exact;
  exact.exact_pairs = true;
  StepTuner one{BarzilaiBorwein{}}, other{BarzilaiBorwein{}};
  exact.run(one, 10);
  product.run(other, 10);
  REQUIRE(exact.steps.size() == product.steps.size());
  for (std::size_t k = 0; k < exact.steps.size(); ++k) CHECK(product.steps[k] == Approx(exact.steps[k]).epsilon(1e-9));
}

TEST_CASE("a loss or gradient that is not finite at the k-th tell is never kept, for every k and rule") {
  const Quadratic bowl = Quadratic::log_spaced(4, 20);
  const std::vector<std::function<void(Report&)>> faults{
      [](Report& report) { report.loss = not_a_number; }, [](Report& report) { report.loss = infinity; },
      [](Report& report) { report.loss = -infinity; }, [](Report& report) { report.gradient_norm = not_a_number; },
      [](Report& report) { report.gradient_norm = infinity; }};
  for (const auto& name : rules_of_numbers()) {
    for (std::size_t fault = 0; fault < faults.size(); ++fault) {
      for (int k = 1; k <= 25; ++k) {
        OwnLoop loop = loop_over(bowl, bowl.start());
        loop.tolerance = 1e-6;
        StepTuner tuner{make_rule(name)};
        bool kept = false;
        std::size_t before = 0;
        loop.spoil = [&](int tell, Report& report) {
          if (tell == k + 1) kept = loop.steps.size() != before;
          if (tell != k) return;
          before = loop.steps.size();
          faults[fault](report);
        };
        // OwnLoop itself requires that what is kept has a finite loss.
        loop.run(tuner, 3000);
        INFO(name << ", fault " << fault << " at tell " << k << ", loss " << loop.loss);
        REQUIRE_FALSE(kept);
        REQUIRE(loop.loss < bowl.loss(bowl.start()));
        if (name != "fixed" && !name.starts_with("silver"))
          REQUIRE(loop.converged);  // shortened for nothing, they may crawl
      }
    }
  }
}

TEST_CASE("after a tell that was not finite the step is shorter") {
  for (const auto& name : rules_of_numbers()) {
    StepTuner tuner{make_rule(name), Monitor{}, 1.0};
    double step = tuner.ask({.loss = 1, .gradient_norm = 1});
    for (int i = 0; i < 8; ++i) {
      const auto advice = tuner.tell({.loss = i % 2 ? not_a_number : infinity});
      INFO(name << ", try " << i);
      REQUIRE(advice.action == StepTuner<AnyRule>::Action::retry);
      REQUIRE(advice.step > 0);
      REQUIRE(advice.step < step);
      CHECK(mentions(advice.why, "not finite"));
      step = advice.step;
    }
  }
}

TEST_CASE("a slope, product or length that is reported as not finite is as little kept as such a loss") {
  const std::vector<std::function<void(Report&)>> faults{[](Report& report) { report.slope = not_a_number; },
                                                         [](Report& report) { report.gradient_dot = not_a_number; },
                                                         [](Report& report) { report.gradient_dot = infinity; },
                                                         [](Report& report) { report.displacement = infinity; },
                                                         [](Report& report) {
                                                           report.gradient_change = not_a_number;
                                                           report.cosine = 0.5;
                                                         },
                                                         [](Report& report) {
                                                           report.gradient_change = 1;
                                                           report.cosine = not_a_number;
                                                         }};
  for (const char* name : {"armijo", "bb1", "weak-wolfe"}) {
    for (std::size_t fault = 0; fault < faults.size(); ++fault) {
      StepTuner tuner{make_rule(name), Monitor{}, 1.0};
      tuner.ask({.loss = 1, .gradient_norm = 1});
      Report report{.loss = 0.5, .gradient_norm = 0.1, .slope = -0.1, .gradient_dot = 0.1};
      faults[fault](report);
      INFO(name << ", fault " << fault);
      CHECK(tuner.tell(report).action != StepTuner<AnyRule>::Action::keep);
    }
  }
}

TEST_CASE("numbers that are missing are named") {
  StepTuner tuner{BarzilaiBorwein{}};
  CHECK(mentions(thrown([&] { tuner.ask({.gradient_norm = 1}); }), ".loss"));
  CHECK(mentions(thrown([&] { tuner.ask({.loss = 1}); }), ".gradient_norm"));
  CHECK(mentions(thrown([&] { tuner.ask({.loss = not_a_number, .gradient_norm = 1}); }), "NaN"));
  CHECK(mentions(thrown([&] { tuner.ask({.loss = 1, .gradient_norm = infinity}); }), "Inf"));
  CHECK_THROWS_AS(tuner.tell({.loss = 1}), std::logic_error);  // nothing was asked

  tuner.ask({.loss = 1, .gradient_norm = 1});
  CHECK(mentions(thrown([&] { tuner.tell({.gradient_norm = 1}); }), ".loss"));
  const std::string pair = thrown([&] { tuner.tell({.loss = 0.9925}); });  // 0.01 of a slope of 1, bent by a quarter
  INFO(pair);
  CHECK(mentions(pair, "bb"));
  CHECK(mentions(pair, ".gradient_dot"));
  CHECK(mentions(pair, ".gradient_change"));
}

TEST_CASE("a rule that judges by slopes says that it needs them, by its name") {
  StepTuner tuner{make_rule("weak-wolfe")};
  tuner.ask({.loss = 1, .gradient_norm = 1});
  REQUIRE(tuner.tell({.loss = 0.9925}).action == StepTuner<AnyRule>::Action::keep);  // the opening needs none
  tuner.ask({.loss = 0.9925, .gradient_norm = 0.5});
  const std::string text = thrown([&] { tuner.tell({.loss = 0.9}); });
  INFO(text);
  CHECK(mentions(text, "weak-wolfe"));
  CHECK(mentions(text, ".slope"));
  // Told that it is not finite there, nobody asks for its slope.
  CHECK(tuner.tell({.loss = not_a_number}).action == StepTuner<AnyRule>::Action::retry);
}

TEST_CASE(
    "a tell that lacked a number changes nothing: told again in full, the tuner goes on as if never asked wrongly") {
  const auto opened = [] {
    StepTuner tuner{WeakWolfe{}};
    tuner.ask({.loss = 1, .gradient_norm = 1});
    tuner.tell({.loss = 0.9925});
    tuner.ask({.loss = 0.9925, .gradient_norm = 0.5});
    return tuner;
  };
  auto whole = opened(), twice = opened();
  const Report report{.loss = 0.985, .gradient_norm = 0.1, .slope = -0.01};
  CHECK_THROWS_AS(twice.tell({.loss = 0.985}), std::invalid_argument);
  CHECK(whole.tell(report).action == twice.tell(report).action);
  CHECK(whole.ask({.loss = 0.985, .gradient_norm = 0.1}) == twice.ask({.loss = 0.985, .gradient_norm = 0.1}));
}

TEST_CASE("a rule that needs no slopes and no pairs is content with losses and a gradient norm") {
  // ½ w² by hand: the owner reports nothing else.
  double w = 10;
  StepTuner tuner{Armijo{}};
  for (int k = 0; k < 200 && std::abs(w) > 1e-8; ++k) {
    double step = tuner.ask({.loss = w * w / 2, .gradient_norm = std::abs(w)});
    for (;;) {
      const double next = w - step * w;
      const auto advice = tuner.tell({.loss = next * next / 2});
      if (advice.action == StepTuner<Armijo>::Action::retry) {
        step = advice.step;
        continue;
      }
      REQUIRE(advice.action == StepTuner<Armijo>::Action::keep);
      w = next;
      break;
    }
  }
  CHECK(std::abs(w) <= 1e-8);
}

TEST_CASE("restore is said after a rise beyond the ceiling, with the reason, and the next step is shorter") {
  using Tuner = StepTuner<BarzilaiBorwein>;
  Tuner tuner{BarzilaiBorwein{}};
  tuner.ask({.loss = 1, .gradient_norm = 1});
  REQUIRE(tuner.tell({.loss = 0.9925, .gradient_norm = 0.75, .gradient_dot = 0.75}).best);
  const double step = tuner.ask({.loss = 0.9925, .gradient_norm = 0.75});
  const auto advice = tuner.tell({.loss = 100, .gradient_norm = 20, .gradient_dot = -10});
  CHECK(advice.action == Tuner::Action::restore);
  CHECK_FALSE(advice.give_up);
  CHECK(mentions(advice.why, "back to the best point"));
  CHECK(mentions(advice.why, "rose from 0.9925 to 100"));
  CHECK(tuner.restored_for().rose == 1);
  CHECK(tuner.ask({.loss = 0.9925, .gradient_norm = 0.75}) == Approx(step / 2));
}

TEST_CASE("restores are bounded: after the monitor's limit the tuner gives up and says so") {
  using Tuner = StepTuner<BarzilaiBorwein>;
  Tuner tuner{BarzilaiBorwein{}, {.max_rollbacks = 3}};
  tuner.ask({.loss = 1, .gradient_norm = 1});
  tuner.tell({.loss = 0.9925, .gradient_norm = 0.75, .gradient_dot = 0.75});
  for (int i = 0;; ++i) {
    REQUIRE(i < 10);
    tuner.ask({.loss = 0.9925, .gradient_norm = 0.75});
    const auto advice = tuner.tell({.loss = 100, .gradient_norm = 20, .gradient_dot = -10});
    REQUIRE(advice.action == Tuner::Action::restore);
    if (!advice.give_up) continue;
    CHECK(i == 3);
    CHECK(mentions(advice.why, "nothing lower"));
    break;
  }
}

TEST_CASE("a tell's answer says what happened to the step") {
  StepTuner tuner{Armijo{}, Monitor{}, 0.5};
  tuner.ask({.loss = 1, .gradient_norm = 1});
  const auto kept = tuner.tell({.loss = 0.7});
  CHECK(kept.why == "step 0.5 taken");
  CHECK(kept.best);
  tuner.ask({.loss = 0.7, .gradient_norm = 1});
  const auto refused = tuner.tell({.loss = 2});
  CHECK(refused.action == StepTuner<Armijo>::Action::retry);
  CHECK(mentions(refused.why, "step 1 -> "));
  CHECK(mentions(refused.why, "the loss rose from 0.7 to 2"));
}

TEST_CASE("a first step, rule or monitor out of its range throws before any work") {
  for (double wrong : {0.0, -1.0, not_a_number, infinity, -infinity, 1e301, 1e-301}) {
    const std::string text = thrown([&] { StepTuner(Armijo{}, Monitor{}, wrong); });
    INFO(text);
    CHECK(mentions(text, "first_step = " + number(wrong)));
    CHECK(mentions(text, "[1e-300, 1e+300]"));
  }
  CHECK(mentions(thrown([] { StepTuner(Armijo{.sufficient_decrease = 2}); }), "sufficient_decrease = 2"));
  CHECK(mentions(thrown([] { StepTuner(Armijo{}, Monitor{.patience = 0}); }), "patience = 0"));
  CHECK(mentions(thrown([] { StepTuner(Fixed{.step = -1.0}); }), "step = -1"));
}

TEST_CASE("losses near 1e150 and 1e-150 make no difference") {
  const Quadratic bowl = Quadratic::log_spaced(6, 20);
  for (const auto& name : rules_of_numbers()) {
    for (double scale : {std::ldexp(1.0, -498), std::ldexp(1.0, 498)}) {  // about 1e±150
      OwnLoop loop = loop_over(bowl, bowl.start(), scale);
      loop.tolerance = 1e-6;
      StepTuner tuner{make_rule(name)};
      loop.run(tuner, 3000);
      INFO(name << ", scale " << scale << ", loss " << loop.loss << " after " << loop.steps.size());
      CHECK(loop.converged);
    }
  }
}

TEST_CASE("a direction of one's own is told by its slope and length") {
  // d = −H⁻¹ g: the step 1 is exact, and the slope −g·H⁻¹g is not −|g|².
  StepTuner tuner{Armijo{}, Monitor{}, 1.0};
  const double step = tuner.ask({.loss = 50, .gradient_norm = 100, .slope = -100, .direction_norm = 1});
  CHECK(step == 1);  // φ(t) = 50 (1 − t)²
  CHECK(tuner.tell({.loss = 0}).action == StepTuner<Armijo>::Action::keep);
}
