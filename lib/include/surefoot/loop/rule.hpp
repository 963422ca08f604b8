/// The contract of a step rule: a small state machine over numbers. Ten lines make one:
///
///   struct Halving {
///     double step = 1;
///     Ask first(const Ray&) { return {step, Probe::loss}; }
///     Verdict judge(const Ray& ray, const Trial& trial) {
///       return trial.loss < ray.loss ? Verdict::take() : Verdict::retry({trial.step / 2, Probe::loss});
///     }
///     void taken(const Move& move) { step = move.step; }
///     void rolled_back(double factor) { step *= factor; }
///     void restarted(const Ray&) {}
///     Learns learns() const { return Learns::nothing; }
///   };
///
/// The loop (or StepTuner) does the rest: it refuses trials that are not finite, keeps steps within [1e-300, 1e300],
/// finds the scale of the very first step, counts, limits, and watches.
#pragma once

#include <concepts>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "surefoot/loop/numbers.hpp"
#include "surefoot/loop/parameters.hpp"
#include "surefoot/vector.hpp"

namespace surefoot {

template <class R>
concept StepRule = std::copyable<R> &&
    requires(R rule, const R& same, const Ray& ray, const Trial& trial, const Move& move) {
  { rule.first(ray) } -> std::same_as<Ask>;             // the step to try first; may be asked twice at one iterate
  { rule.judge(ray, trial) } -> std::same_as<Verdict>;  // what to do with what came back
  rule.taken(move);                                     // learn from a step that was taken; move.step is authoritative
  rule.rolled_back(0.5);                                // the monitor undid it: shrink by this factor, forget that path
  rule.restarted(ray);  // the direction restarted or the metric changed: what was learnt is stale
  { same.learns() } -> std::same_as<Learns>;
};

/// How a rule behaves towards others: what may be joined with what (see steps/joined.hpp).
enum class Role {
  judges,    // a search of its own: lengthens or shortens
  shrinks,   // only ever shortens what it is handed, so it may guard a proposer
  proposes,  // has a step and takes it
};

// What a rule may say of itself beyond the concept; the defaults suit a rule that a user writes.

/// The most that it asks a trial to carry. A proximal run has no slopes, so it refuses rules that need them.
template <class R>
Probe probes(const R& rule) {
  if constexpr (requires {
                  { rule.probes() } -> std::same_as<Probe>;
                }) {
    return rule.probes();
  } else {
    return Probe::loss;
  }
}

/// Is its step meant for d = −g alone (the Barzilai–Borwein family)? Then other directions are refused.
template <class R>
bool needs_gradient_direction(const R& rule) {
  if constexpr (requires {
                  { rule.needs_gradient_direction() } -> std::same_as<bool>;
                }) {
    return rule.needs_gradient_direction();
  } else {
    return false;
  }
}

/// Does it find its own step? One that does not (a fixed step) is held under the monitor's cap instead, and its first
/// step is tried as it was given, without the opening.
template <class R>
bool adapts(const R& rule) {
  if constexpr (requires {
                  { rule.adapts() } -> std::same_as<bool>;
                }) {
    return rule.adapts();
  } else {
    return true;
  }
}

/// A proposer that tries the ray before it knows its step (cauchy and its kin): while it does, its own judge answers,
/// also where it stands in a pair.
template <class R>
bool probing(const R& rule) {
  if constexpr (requires {
                  { rule.probing() } -> std::same_as<bool>;
                }) {
    return rule.probing();
  } else {
    return false;
  }
}

/// Numbers are all that a rule is told, with one exception: one that keeps gradients (lmsd) has a `taken` that is handed
/// those at both ends of the step.
template <class R>
concept KeepsGradients = requires(R rule, const Move& move, const Vector& gradient) {
  rule.taken(move, gradient, gradient);
};
template <class R>
void learn(R& rule, const Move& move, const Vector& from, const Vector& to) {
  if constexpr (KeepsGradients<R>) {
    rule.taken(move, from, to);
  } else {
    rule.taken(move);
  }
}
/// Is it of no use without them? Then whoever has numbers only (StepTuner) refuses it.
template <class R>
bool needs_gradients(const R& rule) {
  if constexpr (requires {
                  { rule.needs_gradients() } -> std::same_as<bool>;
                }) {
    return rule.needs_gradients();
  } else {
    return KeepsGradients<R>;
  }
}

/// The step that it was given and wants to keep, or NaN.
template <class R>
double given_step(const R& rule) {
  if constexpr (requires {
                  { rule.given_step() } -> std::same_as<double>;
                }) {
    return rule.given_step();
  } else {
    return not_a_number;
  }
}

/// Throws std::invalid_argument unless the rule's parameters lie in their ranges.
template <class R>
void validate_rule(const R& rule) {
  if constexpr (requires { rule.validate(); }) {
    rule.validate();
  } else if constexpr (requires { R::parameters(rule, [](auto&&...) {}); }) {
    validate(rule, R::name);
  }
}

/// Losses of the last steps, oldest overwritten first. Its memory is set once, at the first push, so that a run
/// allocates nothing after its first iteration.
class Ring {
 public:
  void push(double value, int capacity) {
    const auto size = static_cast<std::size_t>(capacity);
    if (values_.capacity() < size) values_.reserve(size);
    if (values_.size() < size) {
      values_.push_back(value);
    } else {
      values_[next_ % size] = value;
    }
    next_ = (next_ + 1) % size;
  }
  void clear() {
    values_.clear();
    next_ = 0;
  }
  bool empty() const { return values_.empty(); }
  double max() const {
    return extreme([](double a, double b) { return a > b; });
  }
  double min() const {
    return extreme([](double a, double b) { return a < b; });
  }

  // As plain numbers, for writing down and resuming.
  const std::vector<double>& values() const { return values_; }
  std::size_t next() const { return next_; }
  void assign(const std::vector<double>& values, std::size_t next) {
    values_ = values;
    next_ = next;
  }

 private:
  template <class Before>
  double extreme(Before before) const {
    double found = values_.front();
    for (double value : values_) found = before(value, found) ? value : found;
    return found;
  }

  std::vector<double> values_;
  std::size_t next_ = 0;
};

/// The state of a rule, written down: each field by its name.
using RuleState = std::vector<std::pair<std::string, std::vector<double>>>;

/// Writes a rule's state down: whatever its `states` visitor lists, or what its own `write` gives.
template <class R>
RuleState write_state(const R& rule) {
  RuleState written;
  if constexpr (requires {
                  { rule.write() } -> std::same_as<RuleState>;
                }) {
    written = rule.write();
  } else if constexpr (requires { R::states(rule, [](auto&&...) {}); }) {
    R::states(rule, [&](std::string_view name, const auto& value) {
      std::vector<double> numbers;
      if constexpr (std::is_same_v<std::remove_cvref_t<decltype(value)>, Ring>) {
        numbers = value.values();
        numbers.push_back(static_cast<double>(value.next()));
      } else {
        numbers = {static_cast<double>(value)};
      }
      written.emplace_back(std::string(name), std::move(numbers));
    });
  }
  return written;
}

/// Goes on from a written state, bit for bit. Throws std::invalid_argument if it is not one of this rule, and then leaves
/// the rule as it was.
template <class R>
void resume_state(R& rule, const RuleState& written) {
  const auto refuse = [](const std::string& why) {
    throw std::invalid_argument("the written state is of another rule or version: " + why);
  };
  if constexpr (requires { rule.resume(written); }) {
    rule.resume(written);
  } else if constexpr (requires { R::states(rule, [](auto&&...) {}); }) {
    R resumed = rule;
    std::size_t field = 0;
    R::states(resumed, [&](std::string_view name, auto& value) {
      if (field >= written.size() || written[field].first != name || written[field].second.empty()) {
        refuse("it has no field '" + std::string(name) + "' in its place");
      }
      const auto& numbers = written[field++].second;
      using Field = std::remove_cvref_t<decltype(value)>;
      if constexpr (std::is_same_v<Field, Ring>) {
        value.assign({numbers.begin(), numbers.end() - 1}, static_cast<std::size_t>(numbers.back()));
      } else {
        value = static_cast<Field>(numbers.front());
      }
    });
    if (field != written.size()) refuse("it has a field '" + written[field].first + "' too many");
    rule = std::move(resumed);
  }
}

}  // namespace surefoot
