// The short version of tests/soak.cpp: some thousand random runs in which something goes wrong on purpose, over every
// rule × direction × coordinates × landscape (support/fault_injection.hpp). What a run is held against is there, in
// Judge; here is also shown that Judge has eyes.

#include "support/fault_injection.hpp"

#include "catch.hpp"

using namespace surefoot;
using namespace surefoot::test::soak;

namespace {

constexpr std::uint64_t seed = 20240;

/// A clean run of a bowl that ends well, to be spoiled by hand.
Plan sound_plan() {
  Plan plan;
  plan.rule = "armijo";
  plan.landscape.size = 3;
  plan.landscape.a = Vector::LinSpaced(3, 1, 4);
  plan.landscape.b = Vector::Ones(3);
  plan.start = Vector::Zero(3);
  plan.stop.max_evaluations = 60;
  return plan;
}

void survive(std::uint64_t with_seed, std::uint64_t runs) {
  Watchdog watchdog(with_seed, 20);
  std::uint64_t refused = 0, thrown = 0, flawed = 0, clean = 0, lower = 0;
  for (std::uint64_t index = 0; index < runs; ++index) {
    watchdog.begin(index);
    const Plan plan = draw_plan(with_seed, index);
    const Outcome outcome = carry_out(plan);
    const std::string broken = find_violation(plan, outcome);
    if (!broken.empty()) FAIL_CHECK(broken << "\n" << describe(plan));
    refused += outcome.kind == Outcome::Kind::refused ? 1 : 0;
    thrown += outcome.kind == Outcome::Kind::thrown ? 1 : 0;
    flawed += outcome.witness.flawed > 0 ? 1 : 0;
    if (plan.clean() && outcome.kind == Outcome::Kind::returned && outcome.result.start_gradient_norm > 0) {
      ++clean;
      lower += outcome.result.loss < outcome.result.start_loss ? 1 : 0;
    }
  }
  // The generator still does what it is for.
  CHECK(refused > runs / 100);
  CHECK(refused < runs / 10);
  CHECK(thrown > runs / 50);
  CHECK(flawed > runs / 3);
  CHECK(clean > runs / 10);
  CHECK(lower > clean * 3 / 4);
}

}  // namespace

TEST_CASE(
    "whatever goes wrong at whatever call, a run returns the best finite point it saw within its budget, or lets the "
    "objective's exception through") {
  survive(seed, 10'000);
}

TEST_CASE("whatever goes wrong, a run keeps its promises, over and over under the sanitizers", "[.long]") {
  survive(seed + 2, 200'000);
}

TEST_CASE("a random run with a fault takes the same way to the bit when it is run again") {
  for (std::uint64_t index = 0; index < 300; ++index) {
    const Plan plan = draw_plan(seed + 1, index), again = draw_plan(seed + 1, index);
    REQUIRE(describe(plan) == describe(again));
    INFO(describe(plan));
    CHECK(same_bits(carry_out(plan), carry_out(again)));
  }
}

TEST_CASE("the judge of random runs finds nothing to blame in a sound run, and whatever is broken on purpose") {
  const Plan plan = sound_plan();
  const Outcome sound = carry_out(plan);
  REQUIRE(sound.kind == Outcome::Kind::returned);
  REQUIRE(find_violation(plan, sound) == "");

  const auto blames = [&](auto spoil) {
    Plan spoiled_plan = plan;
    Outcome spoiled = sound;
    spoil(spoiled_plan, spoiled);
    return !find_violation(spoiled_plan, spoiled).empty();
  };
  CHECK(blames([](Plan&, Outcome& o) { o.result.w[1] = not_a_number; }));
  CHECK(blames([](Plan&, Outcome& o) { o.result.w[1] += 1e-9; }));  // nobody visited that
  CHECK(blames([](Plan&, Outcome& o) { o.result.loss = infinity; }));
  CHECK(blames([](Plan&, Outcome& o) { o.result.loss -= 1e-9; }));  // nobody answered that
  CHECK(blames([](Plan&, Outcome& o) { o.result.gradient_norm = not_a_number; }));
  CHECK(blames([](Plan&, Outcome& o) { o.result.gradient_norm *= 1.5; }));
  CHECK(blames([](Plan&, Outcome& o) {  // the start, though better was seen
    o.result.w = o.witness.points.front();
    o.result.loss = o.witness.calls.front().loss;
    o.result.gradient_norm = o.witness.calls.front().gradient_max;
    o.result.code = Code::gave_up;
    o.result.status = Status::stalled;
  }));
  CHECK(blames([](Plan&, Outcome& o) {  // worse than the start
    o.witness.points.push_back(Vector::Constant(3, -1));
    o.witness.calls.push_back({.loss = 20, .gradient_max = 8, .joint = true, .sound = true});
    o.result.w = o.witness.points.back();
    o.result.loss = 20;
    o.result.gradient_norm = 8;
    ++o.result.gradient_evaluations;
    ++o.heard.evaluations;
  }));
  CHECK(blames([](Plan&, Outcome& o) { ++o.result.gradient_evaluations; }));
  CHECK(blames([](Plan&, Outcome& o) { ++o.result.rollbacks; }));
  CHECK(blames([](Plan& p, Outcome&) { p.stop.max_evaluations = 2; }));
  CHECK(blames([](Plan& p, Outcome&) { p.cancel_at = 2; }));
  CHECK(blames([](Plan& p, Outcome&) { p.throws_at = 1; }));  // swallowed by somebody
  CHECK(blames([](Plan& p, Outcome& o) {
    p.flaw = Flaw::thrown;
    o.witness.flawed = 1;
  }));
  CHECK(blames([](Plan& p, Outcome&) { p.misuse = Misuse::stop; }));  // it was not refused
  CHECK(blames([](Plan&, Outcome& o) { o.kind = Outcome::Kind::refused; }));
  CHECK(blames([](Plan&, Outcome& o) { o.kind = Outcome::Kind::ran_away; }));
  CHECK(blames([](Plan&, Outcome& o) {
    o.kind = Outcome::Kind::thrown;
    o.thrown = Thrown{0, 0, 3, false};  // nobody threw it
  }));
  CHECK(blames([](Plan&, Outcome& o) { o.left_alive = 1; }));
  CHECK(blames([](Plan&, Outcome& o) { o.result.status = Status::failed; }));
  CHECK(blames([](Plan&, Outcome& o) { o.result.code = Code::target; }));
  CHECK(blames([](Plan&, Outcome& o) { o.result.reason.clear(); }));
  CHECK(blames([](Plan&, Outcome& o) { o.heard.ends = 2; }));
  CHECK(blames([](Plan&, Outcome& o) { o.witness.calls.front().sound = false; }));  // a start that is not finite
}
