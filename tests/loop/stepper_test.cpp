#include "surefoot/loop/stepper.hpp"

#include "catch.hpp"
#include "support/ray_driver.hpp"
#include "surefoot/steps/armijo.hpp"
#include "surefoot/steps/barzilai_borwein.hpp"
#include "surefoot/steps/fixed.hpp"

using namespace surefoot;
using Take = Verdict::Action;

namespace {

Ray ray(int k = 0) {
  return {
      .k = k, .loss = 1, .slope = -1, .gradient_norm = 1, .gradient_max = 1, .direction_norm = 1, .iterate_norm = 1};
}

/// Answers what it was told to, however unreasonable.
struct Stubborn {
  double step = 1;
  Verdict answer = Verdict::take();
  int told = 0;
  double factors = 1;
  Ask first(const Ray&) { return {step, Probe::none}; }
  Verdict judge(const Ray&, const Trial&) { return answer; }
  void taken(const Move&) { ++told; }
  void rolled_back(double factor) { factors *= factor; }
  void restarted(const Ray&) {}
  Learns learns() const { return Learns::nothing; }
};

/// Past its opening: the first step was 1, from a loss of 1 to 0.5.
template <class Rule>
Stepper<Rule> opened(Rule rule, Monitor monitor = {}) {
  Stepper<Rule> stepper(rule, monitor, not_a_number);
  stepper.monitor().begin(1);
  Ray first = ray();
  stepper.begin(first);
  stepper.settle({.step = 1, .displacement = 1, .gradient_change = 1, .cosine = 1, .loss = 0.5, .trials = 1});
  return stepper;
}

const std::vector<Trial> not_finite{{.step = 1, .loss = not_a_number},
                                    {.step = 1, .loss = infinity},
                                    {.step = 1, .loss = -infinity},
                                    {.step = 1, .loss = 0.1, .sound = false}};

}  // namespace

TEST_CASE("a trial that is not finite is never taken, whatever the rule answers") {
  for (const Verdict& answer : {Verdict::take(), Verdict::give_up(), Verdict::retry({5, Probe::none}),
                                Verdict::retry({1, Probe::none}), Verdict::retry({-1, Probe::none}),
                                Verdict::retry({not_a_number, Probe::none}), Verdict::retry({infinity, Probe::none})}) {
    for (const Trial& trial : not_finite) {
      auto stepper = opened(Stubborn{.answer = answer});
      const Verdict verdict = stepper.weigh(ray(1), trial);
      REQUIRE(verdict.action == Take::retry);
      CHECK(verdict.next.step > 0);
      CHECK(verdict.next.step < 1);
      CHECK(stepper.not_finite() == 1);
    }
  }
}

TEST_CASE("a shorter step that the rule itself answers to a trial that is not finite is respected") {
  auto stepper = opened(Stubborn{.answer = Verdict::retry({0.7, Probe::slope})});
  const Verdict verdict = stepper.weigh(ray(1), not_finite[0]);
  CHECK(verdict.next.step == 0.7);
  CHECK(verdict.next.with == Probe::slope);
}

TEST_CASE("a ray on which nothing is finite ends within 100 trials, from any step") {
  for (double step : {1e-300, 1e-100, 1.0, 1e100, 1e300}) {
    auto stepper = opened(Stubborn{.step = step});
    Ray at = ray(1);
    Ask ask = stepper.begin(at);
    int number = 1;
    for (;; ++number) {
      const Verdict verdict = stepper.weigh(at, {.step = ask.step, .loss = not_a_number, .number = number});
      if (verdict.action == Take::give_up) break;
      REQUIRE(verdict.action == Take::retry);
      REQUIRE(verdict.next.step < ask.step);
      REQUIRE(verdict.next.step >= smallest_step);
      ask = verdict.next;
      REQUIRE(number < 200);
    }
    CHECK(number <= 100);
  }
}

TEST_CASE("a rule that is never content is stopped after 100 trials") {
  auto stepper = opened(Stubborn{.answer = Verdict::retry({0.5, Probe::loss})});
  CHECK(stepper.weigh(ray(1), {.step = 1, .loss = 0.9, .number = 99}).action == Take::retry);
  CHECK(stepper.weigh(ray(1), {.step = 1, .loss = 0.9, .number = 100}).action == Take::give_up);
}

TEST_CASE("a rule that asks for the same step again, or for none, gives up") {
  for (double next : {1.0, 0.0, -3.0, not_a_number}) {
    auto stepper = opened(Stubborn{.answer = Verdict::retry({next, Probe::loss})});
    CHECK(stepper.weigh(ray(1), {.step = 1, .loss = 0.9}).action == Take::give_up);
  }
}

TEST_CASE("every step lies within [1e-300, 1e300], whatever the rule asks for") {
  for (double step : {0.0, -1.0, 5e-324, 1e-305, 1.0, 1e305, infinity, not_a_number}) {
    auto stepper = opened(Stubborn{.step = step});
    Ray at = ray(1);
    const double asked = stepper.begin(at).step;
    INFO("the rule asks for " << step);
    CHECK(asked >= smallest_step);
    CHECK(asked <= largest_step);
  }
  auto stepper = opened(Stubborn{.answer = Verdict::retry({infinity, Probe::loss})});
  CHECK(stepper.weigh(ray(1), {.step = 1, .loss = 0.9}).next.step == largest_step);
}

TEST_CASE("the first ray belongs to the opening; the rule learns of the step that it found") {
  Stepper stepper(Stubborn{.step = 77, .answer = Verdict::retry({5, Probe::loss})}, Monitor{}, 0.5);
  stepper.monitor().begin(1);
  CHECK(stepper.opening());
  Ray at = ray();
  CHECK(stepper.begin(at).step == 0.5);  // the hint, not the rule's 77
  CHECK(stepper.weigh(at, {.step = 0.5, .loss = 0.75, .model_decrease = -0.5}).action == Take::take);
  CHECK(stepper.settle({.step = 0.5, .loss = 0.75}).action == Monitor::Action::carry_on);
  CHECK(stepper.rule().told == 1);
  CHECK_FALSE(stepper.opening());
  CHECK(stepper.begin(at).step == 77);
}

TEST_CASE("a step that the monitor undoes is not learnt; the rule is rolled back by the same factor") {
  auto stepper = opened(Stubborn{});
  REQUIRE(stepper.rule().told == 1);
  const Monitor::Advice advice = stepper.settle({.step = 1, .loss = 1e9});
  CHECK(advice.action == Monitor::Action::rollback);
  CHECK(stepper.rule().told == 1);
  CHECK(stepper.rule().factors == advice.factor);
  stepper.failed_ray(1);
  CHECK(stepper.rule().factors == advice.factor * 0.5);
}

TEST_CASE("before any step was taken a rollback shortens the opening's start, so it can't go round in a circle") {
  Stepper stepper(BarzilaiBorwein{}, Monitor{}, 8.0);
  stepper.monitor().begin(1);
  Ray at = ray();
  CHECK(stepper.begin(at).step == 8);
  stepper.failed_ray(8);
  CHECK(stepper.opening());
  CHECK(stepper.begin(at).step == 4);
}

TEST_CASE("a fixed step needs no opening: its own step, or the run's first step, is tried as it is") {
  Stepper own(Fixed{.step = 0.3}, Monitor{}, not_a_number);
  own.monitor().begin(1);
  Ray at = ray();
  CHECK_FALSE(own.opening());
  CHECK(own.begin(at).step == 0.3);

  Stepper hinted(Fixed{}, Monitor{}, 0.7);
  hinted.monitor().begin(1);
  Ray another = ray();
  CHECK_FALSE(hinted.opening());
  CHECK(hinted.begin(another).step == 0.7);

  Stepper neither(Fixed{}, Monitor{}, not_a_number);
  CHECK(neither.opening());
}

TEST_CASE("a fixed step that failed is held below the monitor's cap, and comes back with good steps") {
  Stepper stepper(Fixed{.step = 8}, Monitor{}, not_a_number);
  stepper.monitor().begin(1);
  Ray at = ray();
  CHECK(stepper.begin(at).step == 8);
  CHECK(stepper.settle({.step = 8, .loss = 50}).action == Monitor::Action::rollback);
  CHECK(stepper.begin(at).step == 4);
  CHECK(stepper.settle({.step = 4, .loss = 50}).action == Monitor::Action::rollback);
  CHECK(stepper.begin(at).step == 2);
  CHECK(stepper.settle({.step = 2, .loss = 0.5}).action == Monitor::Action::carry_on);
  CHECK(stepper.begin(at).step == 4);
  CHECK(stepper.settle({.step = 4, .loss = 0.25}).action == Monitor::Action::carry_on);
  CHECK(stepper.begin(at).step == 8);
  CHECK(stepper.settle({.step = 8, .loss = 0.1}).action == Monitor::Action::carry_on);
  CHECK(stepper.begin(at).step == 8);  // never above what was given
}

TEST_CASE("a fixed step that met NaN goes on from the shorter step, not from the one that failed") {
  Stepper stepper(Fixed{.step = 1}, Monitor{}, not_a_number);
  stepper.monitor().begin(1);
  Ray at = ray();
  stepper.begin(at);
  const Verdict verdict = stepper.weigh(at, not_finite[0]);
  REQUIRE(verdict.action == Take::retry);
  CHECK(stepper.monitor().state.cap <= verdict.next.step);
}

TEST_CASE("in other coordinates the scale of a step is unknown again: the opening comes back") {
  auto stepper = opened(Armijo{});
  CHECK_FALSE(stepper.opening());
  stepper.reopen();
  CHECK(stepper.opening());
  Ray at = ray(1);
  CHECK(stepper.begin(at).step == Approx(0.01));
  auto fixed = opened(Fixed{.step = 1});
  fixed.reopen();
  CHECK_FALSE(fixed.opening());
}

TEST_CASE(
    "where the direction or the metric knows its step there is no opening, unless another first step was asked for") {
  Stepper stepper(Armijo{}, Monitor{}, not_a_number);
  Ray at = ray();
  at.natural_step = 1;
  CHECK(stepper.begin(at).step == 1);
  CHECK_FALSE(stepper.opening());
  stepper.reopen();
  CHECK(stepper.begin(at).step == 1);
  Stepper asked(Armijo{}, Monitor{}, 0.3);
  CHECK(asked.begin(at).step == 0.3);
  CHECK(asked.opening());
}

TEST_CASE("the stepper speaks for its rule") {
  const Stepper stepper(BarzilaiBorwein{}, Monitor{}, not_a_number);
  CHECK(stepper.learns() == Learns::pair);
  CHECK(stepper.rule_probe() == Probe::none);
  CHECK(stepper.rule_adapts());
}
