#include "surefoot/loop/rule.hpp"

#include <algorithm>
#include <random>

#include "catch.hpp"
#include "support/thrown.hpp"

using namespace surefoot;

namespace {

/// The example in rule.hpp, which says nothing beyond the concept.
struct Halving {
  double step = 1;
  Ask first(const Ray&) { return {step, Probe::loss}; }
  Verdict judge(const Ray& ray, const Trial& trial) {
    return trial.loss < ray.loss ? Verdict::take() : Verdict::retry({trial.step / 2, Probe::loss});
  }
  void taken(const Move& move) { step = move.step; }
  void rolled_back(double factor) { step *= factor; }
  void restarted(const Ray&) {}
  Learns learns() const { return Learns::nothing; }
};
static_assert(StepRule<Halving>);

struct NoJudge {
  Ask first(const Ray&) { return {}; }
  void taken(const Move&) {}
  void rolled_back(double) {}
  void restarted(const Ray&) {}
  Learns learns() const { return Learns::nothing; }
};
static_assert(!StepRule<NoJudge>);

struct StepOnly : Halving {
  double first(const Ray&) { return 1; }  // says how far, but not what it must see
};
static_assert(!StepRule<StepOnly>);

struct NotCopyable : Halving {
  NotCopyable() = default;
  NotCopyable(const NotCopyable&) = delete;
  NotCopyable& operator=(const NotCopyable&) = delete;
};
static_assert(!StepRule<NotCopyable>);
static_assert(!StepRule<int>);

/// One with all that can be said.
struct Talkative : Halving {
  static constexpr std::string_view name = "talkative";
  double parameter = 1;
  struct State {
    double a = 0;
    int b = 0;
    bool c = false;
    Ring ring{};
  } state{};
  template <class Self, class Each>
  static void parameters(Self& self, Each&& each) {
    each("parameter", self.parameter, Range::positive(), "something");
  }
  template <class Self, class Each>
  static void states(Self& self, Each&& each) {
    each("a", self.state.a);
    each("b", self.state.b);
    each("c", self.state.c);
    each("ring", self.state.ring);
  }
  Probe probes() const { return Probe::none; }
  bool adapts() const { return false; }
  double given_step() const { return 0.125; }
};
static_assert(StepRule<Talkative>);

}  // namespace

TEST_CASE("a rule that says nothing of itself probes losses, adapts, was given no step, and has nothing to validate") {
  const Halving rule;
  CHECK(probes(rule) == Probe::loss);
  CHECK(adapts(rule));
  CHECK(std::isnan(given_step(rule)));
  CHECK_NOTHROW(validate_rule(rule));
  CHECK(write_state(rule).empty());
}

TEST_CASE("what a rule says of itself is heard") {
  Talkative rule;
  CHECK(probes(rule) == Probe::none);
  CHECK_FALSE(adapts(rule));
  CHECK(given_step(rule) == 0.125);
  rule.parameter = 0;
  CHECK_THROWS_WITH(validate_rule(rule), "parameter = 0 of talkative is out of range: it must be > 0");
}

TEST_CASE("a ring holds the last values, as many as its capacity") {
  constexpr unsigned seed = 71;
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> uniform(-5, 5);
  for (int capacity : {1, 2, 3, 7, 20}) {
    Ring ring;
    std::vector<double> all;
    CHECK(ring.empty());
    for (int i = 0; i < 60; ++i) {
      all.push_back(uniform(random));
      ring.push(all.back(), capacity);
      const auto count = std::min<std::ptrdiff_t>(capacity, static_cast<std::ptrdiff_t>(all.size()));
      INFO("capacity " << capacity << ", seed " << seed << ", push " << i);
      CHECK(ring.max() == *std::max_element(all.end() - count, all.end()));
      CHECK(ring.min() == *std::min_element(all.end() - count, all.end()));
      CHECK(static_cast<std::ptrdiff_t>(ring.values().size()) == count);
    }
    ring.clear();
    CHECK(ring.empty());
    ring.push(3, capacity);
    CHECK(ring.max() == 3);
    CHECK(ring.min() == 3);
  }
}

TEST_CASE("a ring takes its memory at the first push and none after it") {
  Ring ring;
  ring.push(1, 50);
  const double* memory = ring.values().data();
  for (int i = 0; i < 200; ++i) ring.push(i, 50);
  ring.clear();
  for (int i = 0; i < 50; ++i) ring.push(i, 50);
  CHECK(ring.values().data() == memory);
}

TEST_CASE("a ring that was written down goes on as the original, in the middle of a turn") {
  Ring ring;
  for (int i = 0; i < 7; ++i) ring.push(i, 4);
  Ring other;
  other.assign(ring.values(), ring.next());
  for (int i = 0; i < 10; ++i) {
    ring.push(-i, 4);
    other.push(-i, 4);
    CHECK(ring.values() == other.values());
  }
}

TEST_CASE("a rule's state is written field by field and resumed bit for bit, NaN, Inf and subnormals too") {
  for (double value : {0.1, -0.0, 5e-324, 1e308, infinity, -infinity}) {
    Talkative rule;
    rule.state = {.a = value, .b = -7, .c = true};
    for (int i = 0; i < 5; ++i) rule.state.ring.push(value * i, 3);
    const RuleState written = write_state(rule);
    Talkative other;
    resume_state(other, written);
    CHECK(other.state.a == value);
    CHECK(std::signbit(other.state.a) == std::signbit(value));
    CHECK(other.state.b == -7);
    CHECK(other.state.c);
    CHECK(other.state.ring.next() == rule.state.ring.next());
    if (std::isfinite(value)) CHECK(write_state(other) == written);
  }
  Talkative rule, other;
  rule.state.a = not_a_number;
  resume_state(other, write_state(rule));
  CHECK(std::isnan(other.state.a));
}

TEST_CASE("an empty ring is written down and resumed as an empty one") {
  Talkative rule, other;
  other.state.ring.push(1, 3);
  resume_state(other, write_state(rule));
  CHECK(other.state.ring.empty());
}

TEST_CASE("a state that is not this rule's is refused, and the field that is missing named") {
  const RuleState written = write_state(Talkative{});
  Talkative rule;
  CHECK_THROWS_AS(resume_state(rule, {}), std::invalid_argument);
  CHECK(mentions(thrown([&] { resume_state(rule, {}); }), "'a'"));
  RuleState shorter = written;
  shorter.pop_back();
  CHECK(mentions(thrown([&] { resume_state(rule, shorter); }), "'ring'"));
  RuleState renamed = written;
  renamed[1].first = "beta";
  CHECK(mentions(thrown([&] { resume_state(rule, renamed); }), "'b'"));
  RuleState hollow = written;
  hollow[0].second.clear();
  CHECK_THROWS_AS(resume_state(rule, hollow), std::invalid_argument);
}

TEST_CASE("a state with more fields than this rule has is of another rule, and refused") {
  RuleState longer = write_state(Talkative{});
  longer.emplace_back("more", std::vector<double>{1});
  Talkative rule;
  CHECK_THROWS_AS(resume_state(rule, longer), std::invalid_argument);
}

TEST_CASE("a state that is refused leaves the rule as it was") {
  RuleState written = write_state(Talkative{});
  written[0].second = {42};
  written[2].first = "gamma";
  Talkative rule;
  rule.state.a = 1;
  CHECK_THROWS_AS(resume_state(rule, written), std::invalid_argument);
  CHECK(rule.state.a == 1);
}
