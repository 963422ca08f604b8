/// A rule that proposes, joined with one that only shrinks: the proposer's step is tried first, the judge shortens it
/// until its condition holds.
///
///   Joined{BarzilaiBorwein{}, NonmonotoneArmijo{.memory = 5}}      // on the command line: bb+nonmonotone:memory=5
#pragma once

#include "surefoot/loop/rule.hpp"

namespace surefoot {

/// May this rule stand second in a pair? One that says nothing of its role is taken at its user's word.
template <class Judge>
constexpr bool only_shrinks() {
  if constexpr (requires { Judge::role; }) {
    return Judge::role == Role::shrinks;
  } else {
    return true;
  }
}

/// Proposer and judge as one rule. The judge's own memory of steps is not used; both learn from the step really taken,
/// so a shortened step still gives a correct Barzilai–Borwein pair. A judge that may lengthen a step (a Wolfe search)
/// would undo the proposer's deliberate ones: that pair does not compile, and the registry refuses it.
/// After Raydan (1997), who joined Barzilai–Borwein with the nonmonotone search of Grippo, Lampariello & Lucidi (1986).
template <StepRule Proposer, StepRule Judge>
struct Joined {
  Proposer proposer{};
  Judge judge_rule{};

  static_assert(only_shrinks<Judge>(),
                "Joined<Proposer, Judge>: the judge must be a rule that only shrinks (Armijo, NonmonotoneArmijo); one "
                "that may lengthen a step would undo the proposer's deliberate ones");

  static constexpr Role role = Role::judges;
  static constexpr std::string_view name = "joined";

  Ask first(const Ray& ray) {
    const Ask proposed = proposer.first(ray);
    const Ask judged = judge_rule.first(ray);  // its trial count and brackets start anew; its step is not used
    return {proposed.step, std::max(proposed.with, judged.with)};
  }
  Verdict judge(const Ray& ray, const Trial& trial) {
    if (probing()) {
      const Verdict verdict = proposer.judge(ray, trial);
      if (verdict.action != Verdict::Action::take) return verdict;  // what it takes by the way is judged as well
    }
    return judge_rule.judge(ray, trial);
  }
  bool probing() const { return surefoot::probing(proposer); }
  void taken(const Move& move) {
    proposer.taken(move);
    judge_rule.taken(move);
  }
  void taken(const Move& move, const Vector& from, const Vector& to) {
    learn(proposer, move, from, to);
    learn(judge_rule, move, from, to);
  }
  bool needs_gradients() const { return surefoot::needs_gradients(proposer) || surefoot::needs_gradients(judge_rule); }
  void rolled_back(double factor) {
    proposer.rolled_back(factor);
    judge_rule.rolled_back(factor);
  }
  void restarted(const Ray& ray) {
    proposer.restarted(ray);
    judge_rule.restarted(ray);
  }
  Learns learns() const { return std::max(proposer.learns(), judge_rule.learns()); }
  Probe probes() const { return std::max(surefoot::probes(proposer), surefoot::probes(judge_rule)); }
  bool needs_gradient_direction() const { return surefoot::needs_gradient_direction(proposer); }
  double given_step() const { return surefoot::given_step(proposer); }

  void validate() const {
    validate_rule(proposer);
    validate_rule(judge_rule);
  }
  RuleState write() const {
    RuleState both = write_state(proposer);
    for (auto& field : write_state(judge_rule)) both.push_back(std::move(field));
    return both;
  }
  void resume(const RuleState& written) {
    const auto cut = static_cast<std::ptrdiff_t>(std::min(write_state(proposer).size(), written.size()));
    Joined resumed = *this;  // so that a state that is refused half-way leaves no half behind
    resume_state(resumed.proposer, {written.begin(), written.begin() + cut});
    resume_state(resumed.judge_rule, {written.begin() + cut, written.end()});
    *this = std::move(resumed);
  }
};

template <class Proposer, class Judge>
Joined(Proposer, Judge) -> Joined<Proposer, Judge>;  // clang 14 has no deduction for aggregates

}  // namespace surefoot
