#include "surefoot/loop/monitor.hpp"

#include <random>

#include "catch.hpp"
#include "support/thrown.hpp"

using namespace surefoot;
using Action = Monitor::Action;

namespace {

Monitor begun(double loss, Monitor monitor = {}) {
  monitor.begin(loss);
  return monitor;
}

}  // namespace

TEST_CASE("the ceiling stands `rise` times the range of the last `memory` losses above the largest") {
  Monitor monitor = begun(100, {.rise = 3, .memory = 4});
  for (double loss : {10.0, 9.0, 8.0, 7.0}) REQUIRE(monitor.watch(loss).action == Action::carry_on);
  CHECK(monitor.ceiling() == Approx(10 + 3 * (10 - 7)));  // the 100 is forgotten
  REQUIRE(monitor.watch(6).action == Action::carry_on);   // and the 10
  CHECK(monitor.ceiling() == Approx(9 + 3 * (9 - 6)));
  CHECK(Monitor(monitor).watch(17.9).action == Action::carry_on);
  CHECK(Monitor(monitor).watch(18.1).action == Action::rollback);
}

TEST_CASE("no loss may rise above the start's, so a run that diverges can't carry its own ceiling up") {
  Monitor monitor = begun(10);
  for (double loss : {9.0, 1.0}) REQUIRE(monitor.watch(loss).action == Action::carry_on);
  CHECK(monitor.ceiling() == Approx(10));  // and not 10 + 10 · 9
  CHECK(Monitor(monitor).watch(9.99).action == Action::carry_on);
  CHECK(Monitor(monitor).watch(10.01).action == Action::rollback);
}

TEST_CASE("nothing may rise on the first step, beyond rounding, however large `rise` is") {
  for (double loss : {-1e100, -1.0, 0.0, 1.0, 1e100}) {
    const double above = loss == 0 ? 1e-300 : loss + 1e-10 * std::abs(loss);
    Monitor monitor = begun(loss, {.rise = 1e10});
    CHECK(monitor.watch(above).action == Action::rollback);
    Monitor equal = begun(loss, {.rise = 1e10});
    CHECK(equal.watch(loss).action == Action::carry_on);
    Monitor noise = begun(loss, {.rise = 1e10});
    CHECK(noise.watch(loss + 4 * epsilon * std::abs(loss)).action == Action::carry_on);
  }
}

TEST_CASE("a rise of 0 lets no loss pass above the largest of the recent ones") {
  Monitor monitor = begun(10, {.rise = 0});
  CHECK(monitor.watch(5).action == Action::carry_on);
  CHECK(monitor.watch(9.99).action == Action::carry_on);
  CHECK(monitor.watch(10.01).action == Action::rollback);
}

TEST_CASE("a loss that is NaN or infinite, of either sign, is rolled back as not finite") {
  for (double loss : {not_a_number, infinity, -infinity}) {
    Monitor monitor = begun(1);
    monitor.watch(0.5);
    const Monitor::Advice advice = monitor.watch(loss);
    INFO(loss);
    CHECK(advice.action == Action::rollback);
    CHECK(advice.cause == Cause::not_finite);
    CHECK(monitor.state.best == 0.5);
  }
}

TEST_CASE("rollbacks shrink by 1/2, 1/2, 1/4, 1/16, 1/256, and only a new best loss ends the row") {
  Monitor monitor = begun(1);
  for (double factor : {0.5, 0.5, 0.25, 1.0 / 16, 1.0 / 256}) {
    CHECK(monitor.watch(2).factor == factor);
    CHECK(monitor.watch(1).action == Action::carry_on);  // let pass, but no lower than the best
  }
  CHECK(monitor.watch(0.9).action == Action::carry_on);
  CHECK(monitor.watch(2e9).factor == 0.5);
}

TEST_CASE("a rollback always shrinks and never to nothing, however long the row") {
  Monitor monitor = begun(1, {.max_rollbacks = 1000});
  for (int i = 0; i < 1000; ++i) {
    const Monitor::Advice advice = i % 3 == 0   ? monitor.watch(2)
                                   : i % 3 == 1 ? monitor.watch(not_a_number)
                                                : monitor.failed_ray();
    REQUIRE(advice.action == Action::rollback);
    REQUIRE(advice.factor > 0);
    REQUIRE(advice.factor <= 0.5);
  }
}

TEST_CASE(
    "`patience` accepted steps without a new best loss are a cycle: rolled back, and a lower ceiling from then on") {
  Monitor monitor = begun(100, {.patience = 5});
  REQUIRE(monitor.watch(5).action == Action::carry_on);
  for (int i = 0; i < 4; ++i) REQUIRE(monitor.watch(6).action == Action::carry_on);
  const Monitor::Advice advice = monitor.watch(6);
  CHECK(advice.action == Action::rollback);
  CHECK(advice.cause == Cause::cycle);
  CHECK(advice.factor == 0.5);
  CHECK(monitor.ceiling() == Approx(5));  // the recent losses are the best alone
  REQUIRE(monitor.watch(4).action == Action::carry_on);
  CHECK(monitor.ceiling() == Approx(5 + 0.5 * 10 * (5 - 4)));
}

TEST_CASE("a new best loss ends the wait for a cycle") {
  Monitor monitor = begun(1001, {.patience = 3});
  for (double loss = 1000; loss > 900; --loss) {
    REQUIRE(monitor.watch(loss).action == Action::carry_on);
    REQUIRE(monitor.watch(loss + 0.01).action == Action::carry_on);
    REQUIRE(monitor.watch(loss + 0.01).action == Action::carry_on);
  }
}

TEST_CASE("after a failed ray only the best counts as recent") {
  Monitor monitor = begun(10);
  monitor.watch(5);
  const Monitor::Advice advice = monitor.failed_ray();
  CHECK(advice.action == Action::rollback);
  CHECK(advice.cause == Cause::failed_ray);
  CHECK(monitor.ceiling() == Approx(5));
}

TEST_CASE("the monitor gives up after `max_rollbacks` returns to one point, and a new best starts the count again") {
  Monitor monitor = begun(10, {.max_rollbacks = 3});
  for (int i = 0; i < 3; ++i) CHECK(monitor.watch(20).action == Action::rollback);
  CHECK(monitor.watch(20).action == Action::give_up);

  Monitor renewed = begun(10, {.max_rollbacks = 3});
  for (int round = 0; round < 10; ++round) {
    for (int i = 0; i < 3; ++i) CHECK(renewed.watch(1e9).action == Action::rollback);
    CHECK(renewed.watch(9 - round).action == Action::carry_on);
  }
}

TEST_CASE("steps that are accepted but bring no new best do not put off the end") {
  Monitor monitor = begun(10, {.max_rollbacks = 5});
  monitor.watch(1);
  int rollbacks = 0;
  for (int i = 0; i < 100; ++i) {
    const Action action = monitor.watch(1e9).action;
    if (action == Action::give_up) break;
    ++rollbacks;
    monitor.watch(1.5);
  }
  CHECK(rollbacks == 5);
}

TEST_CASE("the monitor counts what it undid, by cause") {
  Monitor monitor = begun(10, {.patience = 2});
  monitor.watch(11);
  monitor.watch(not_a_number);
  monitor.watch(not_a_number);
  monitor.failed_ray();
  monitor.watch(10);
  monitor.watch(10);
  CHECK(monitor.state.counts.rose == 1);
  CHECK(monitor.state.counts.not_finite == 2);
  CHECK(monitor.state.counts.failed_ray == 1);
  CHECK(monitor.state.counts.cycle == 1);
  CHECK(monitor.state.counts.total() == 5);
}

TEST_CASE("begin forgets the run before") {
  Monitor monitor = begun(1, {.patience = 7});
  monitor.watch(2);
  monitor.hold_below(0.1);
  monitor.begin(50);
  CHECK(monitor.patience == 7);
  CHECK(monitor.state.best == 50);
  CHECK(monitor.state.counts.total() == 0);
  CHECK(std::isinf(monitor.state.cap));
  CHECK(monitor.ceiling() == Approx(50));
}

TEST_CASE("the monitor's judgement does not depend on the scale of the loss") {
  constexpr unsigned seed = 91;
  for (double scale : {std::ldexp(1.0, -400), std::ldexp(1.0, 400)}) {
    std::mt19937 random(seed);
    std::uniform_real_distribution<double> uniform(0, 1);
    Monitor one = begun(1), scaled = begun(scale);
    for (int i = 0; i < 2000; ++i) {
      const double loss = std::pow(uniform(random), 3) * (uniform(random) < 0.1 ? 100 : 1) / (1 + i);
      const auto a = one.watch(loss), b = scaled.watch(loss * scale);
      REQUIRE(a.action == b.action);
      REQUIRE(a.factor == b.factor);
    }
  }
}

TEST_CASE("the cap on a fixed step regrows with every good step after a first failure") {
  Monitor monitor = begun(10);
  monitor.hold_below(0.5);
  CHECK(monitor.state.cap == 0.5);
  double loss = 10;
  for (double cap : {1.0, 2.0, 4.0, 8.0}) {
    monitor.watch(--loss);
    CHECK(monitor.state.cap == cap);
  }
}

TEST_CASE("the cap on a fixed step that failed again regrows after `regrow_after` good steps only") {
  Monitor monitor = begun(1000, {.regrow_after = 4});
  double loss = 1000;
  monitor.hold_below(0.5);
  monitor.watch(--loss);    // cap 1
  monitor.hold_below(0.5);  // failed again
  for (int round = 0; round < 3; ++round) {
    const double cap = monitor.state.cap;
    for (int i = 0; i < 3; ++i) {
      monitor.watch(--loss);
      CHECK(monitor.state.cap == cap);
    }
    monitor.watch(--loss);
    CHECK(monitor.state.cap == 2 * cap);
  }
}

TEST_CASE("failures in a row, with no good step between them, count as the first") {
  Monitor monitor = begun(10);
  for (double step : {8.0, 4.0, 2.0, 1.0}) monitor.hold_below(step);
  monitor.watch(9);
  CHECK(monitor.state.cap == 2);
}

TEST_CASE("steps that bring no new best loss do not lift the cap on a fixed step") {
  Monitor monitor = begun(10);
  monitor.watch(1);
  monitor.hold_below(0.5);
  for (int i = 0; i < 10; ++i) monitor.watch(2);
  CHECK(monitor.state.cap == 0.5);
  monitor.watch(0.9);
  CHECK(monitor.state.cap == 1);
}

TEST_CASE("a monitor without a cap never makes one") {
  Monitor monitor = begun(10);
  for (int i = 1; i < 100; ++i) monitor.watch(10.0 / i);
  CHECK(std::isinf(monitor.state.cap));
}

TEST_CASE("mini-batches: noise alone never raises an alarm") {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    for (int batches : {10, 63, 1000}) {
      std::mt19937 random(seed);
      std::normal_distribution<double> normal;
      Monitor monitor = begun(10);
      int alarms = 0;
      for (int i = 0; i < 5000; ++i) {
        const double loss = 1 + 9 * std::exp(-i / 300.0) + 0.3 * normal(random);
        alarms += monitor.watch_batch(loss, batches).action != Action::carry_on;
      }
      INFO("seed " << seed << ", batches " << batches);
      CHECK(alarms == 0);
    }
  }
}

TEST_CASE("mini-batches: two halves of the data whose losses differ raise no alarm") {
  Monitor monitor = begun(10);
  for (int i = 0; i < 1000; ++i) {
    const double loss = (1 + 9 * std::exp(-i / 100.0)) * (i % 2 == 0 ? 1.3 : 0.7);
    REQUIRE(monitor.watch_batch(loss, 2).action == Action::carry_on);
  }
}

TEST_CASE("mini-batches: a blow-up raises an alarm within a smoothing length") {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    std::mt19937 random(seed);
    std::normal_distribution<double> normal;
    Monitor monitor = begun(1);
    for (int i = 0; i < 500; ++i) REQUIRE(monitor.watch_batch(1 + 0.2 * normal(random), 50).action == Action::carry_on);
    double loss = 1;
    int steps = 0;
    Monitor::Advice advice;
    while (advice.action == Action::carry_on && steps < 1000) {
      loss *= 1.5;
      ++steps;
      advice = monitor.watch_batch(loss, 50);
    }
    INFO("seed " << seed);
    CHECK(advice.action == Action::rollback);
    CHECK(advice.cause == Cause::rose);
    CHECK(advice.factor == 0.5);
    CHECK(steps <= 50);
  }
}

TEST_CASE("mini-batches: a loss that is not finite raises an alarm at once, and the smoothing begins anew") {
  for (double loss : {not_a_number, infinity, -infinity}) {
    Monitor monitor = begun(1);
    for (int i = 0; i < 10; ++i) monitor.watch_batch(1, 10);
    const Monitor::Advice advice = monitor.watch_batch(loss, 10);
    CHECK(advice.action == Action::rollback);
    CHECK(advice.cause == Cause::not_finite);
    CHECK(monitor.watch_batch(1e6, 10).action == Action::carry_on);  // the first after it is the new level
    CHECK(std::isfinite(monitor.state.smoothed));
  }
}

TEST_CASE("mini-batches: after an alarm five steps pass before the next") {
  Monitor monitor = begun(1);
  for (int i = 0; i < 20; ++i) monitor.watch_batch(1, 10);
  while (monitor.watch_batch(100, 10).action == Action::carry_on) continue;
  monitor.watch_batch(1, 10);
  int quiet = 0;
  while (monitor.watch_batch(1e6, 10).action == Action::carry_on && quiet < 100) ++quiet;
  CHECK(quiet >= 5);
}

TEST_CASE("mini-batches: alarms without a better full loss between them end in giving up") {
  Monitor monitor = begun(1, {.max_rollbacks = 4});
  for (int i = 0; i < 4; ++i) CHECK(monitor.watch_batch(not_a_number, 10).action == Action::rollback);
  monitor.full_loss(2);  // no better
  CHECK(monitor.watch_batch(not_a_number, 10).action == Action::give_up);
  Monitor better = begun(1, {.max_rollbacks = 4});
  for (int i = 0; i < 4; ++i) better.watch_batch(not_a_number, 10);
  better.full_loss(0.5);
  CHECK(better.state.best == 0.5);
  CHECK(better.watch_batch(not_a_number, 10).action == Action::rollback);
}

TEST_CASE("the monitor's parameters out of their ranges are refused by name, value and range") {
  const auto refused = [](const Monitor& monitor) { validate(monitor, Monitor::name); };
  CHECK_THROWS_WITH(refused({.rise = -1}), "rise = -1 of monitor is out of range: it must be >= 0");
  CHECK(mentions(thrown([&] { refused({.rise = not_a_number}); }), "rise = NaN"));
  CHECK(mentions(thrown([&] { refused({.rise = infinity}); }), "rise = Inf"));
  CHECK(mentions(thrown([&] { refused({.memory = 0}); }), "memory = 0"));
  CHECK(mentions(thrown([&] { refused({.patience = 0}); }), "patience = 0"));
  CHECK(mentions(thrown([&] { refused({.max_rollbacks = 0}); }), "max_rollbacks = 0"));
  CHECK(mentions(thrown([&] { refused({.regrow_after = 0}); }), "regrow_after = 0"));
  CHECK_NOTHROW(refused({}));
  CHECK_NOTHROW(refused({.rise = 0}));
}
