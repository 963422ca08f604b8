/// Laws that every step rule with a `state.step` keeps, to be run over each of them.
///
///   TEST_CASE("…") { laws::resumes_bit_for_bit(ZhangHager{}, 81); }
///   laws::every_taken_step_keeps(Goldstein{}, 82, [](const Ray& ray, const Search& found) { return …; });
#pragma once

#include <array>
#include <map>
#include <string>
#include <vector>

#include "catch.hpp"
#include "support/ray_driver.hpp"

namespace surefoot::laws {

template <StepRule Rule>
Rule beginning_with(Rule rule, double first) {
  rule.state.step = first;
  return rule;
}

/// How the searches of a law went.
struct Tally {
  std::map<std::string, int> taken_on;  // by kind of curve
  int searches = 0, gave_up = 0;
};

/// From first steps 1e-300 to 1e300 on random curves every search ends within `most_trials`, and every step that is taken
/// is finite and `keeps(ray, found)`. From first steps within ten decades of the curve's own size one is always taken.
template <StepRule Rule, class Keeps>
Tally every_taken_step_keeps(const Rule& rule, unsigned seed, Keeps keeps, int most_trials = 100, int rounds = 300) {
  std::mt19937 random(seed);
  Tally tally;
  for (int round = 0; round < rounds; ++round) {
    const Curve curve = random_curve(random);
    const Ray ray = curve.ray();
    for (double first : first_steps(curve.size)) {
      Rule searching = beginning_with(rule, first);
      const Search found = search(searching, curve, ray);
      INFO(curve.name << " of size " << curve.size << ", seed " << seed << ", round " << round << ", first step "
                      << first << ", trials " << found.trials());
      REQUIRE(found.end != Search::End::bad_step);
      REQUIRE(found.end != Search::End::limit);
      REQUIRE(found.trials() <= most_trials);
      ++tally.searches;
      if (first >= 0.9e-10 * curve.size && first <= 1.1e10 * curve.size) REQUIRE(found.end == Search::End::taken);
      if (found.end != Search::End::taken) {
        ++tally.gave_up;
        continue;
      }
      ++tally.taken_on[curve.name];
      REQUIRE(found.last().finite());
      REQUIRE(keeps(ray, found));
    }
  }
  CHECK(tally.taken_on.size() == 6);  // every kind of curve
  return tally;
}

/// Armijo's inequality, or its slope form where losses are equal but for rounding.
inline bool falls_enough(const Ray& ray, const Trial& trial, double sufficient_decrease, double reference) {
  if (nearly_equal(trial.loss, ray.loss)) return trial.slope <= (2 * sufficient_decrease - 1) * 0.9 * ray.slope;
  return trial.loss <= reference + sufficient_decrease * (trial.step * ray.slope);
}

/// Walks along random curves, calling `each(rule, ray)` before every call of the rule: a history such as a run's, with
/// absurd first steps and failed rays in it. Returns every step asked for, and every verdict.
template <StepRule Rule, class Each>
std::vector<double> walk(Rule& rule, unsigned seed, int rays, Each each) {
  std::mt19937 random(seed);
  std::vector<double> asked;
  rule = beginning_with(rule, 1);
  for (int k = 0; k < rays; ++k) {
    const Curve curve = random_curve(random, 2);
    const Ray ray = curve.ray(k);
    if (k % 2 == 1) rule = beginning_with(rule, std::array{1e60, 1e-60, 1.0}[static_cast<std::size_t>(k / 2 % 3)]);
    each(rule, ray);
    Ask ask = rule.first(ray);
    for (int number = 1; number <= 100; ++number) {
      asked.push_back(ask.step);
      const Trial trial = probe(curve, ray, ask, number);
      each(rule, ray);
      const Verdict verdict = rule.judge(ray, trial);
      asked.push_back(static_cast<double>(verdict.action));
      if (verdict.action == Verdict::Action::retry) {
        ask = verdict.next;
        continue;
      }
      each(rule, ray);
      if (verdict.action == Verdict::Action::take && k % 7 != 6) {
        rule.taken({.step = trial.step, .displacement = trial.step, .loss = trial.loss, .trials = number});
      } else {
        rule.rolled_back(0.5);
      }
      break;
    }
  }
  return asked;
}

inline bool same(const RuleState& a, const RuleState& b) {
  const auto equal = [](double x, double y) { return x == y || (x != x && y != y); };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](const auto& x, const auto& y) {
    return x.first == y.first && std::equal(x.second.begin(), x.second.end(), y.second.begin(), y.second.end(), equal);
  });
}

/// A rule that is written down and resumed in a fresh one before every call goes on as if it never was.
template <StepRule Rule>
void resumes_bit_for_bit(const Rule& rule, unsigned seed) {
  INFO("seed " << seed);
  Rule plain = rule, reborn = rule;
  const auto once = walk(plain, seed, 150, [](Rule&, const Ray&) {});
  const auto again = walk(reborn, seed, 150, [&](Rule& living, const Ray&) {
    Rule fresh = rule;
    resume_state(fresh, write_state(living));
    living = fresh;
  });
  CHECK(once.size() > 300);
  CHECK(once == again);
  CHECK(same(write_state(plain), write_state(reborn)));
}

/// What happens to a copy, the rule it was made from never notices.
template <StepRule Rule>
void copies_are_independent(const Rule& rule, unsigned seed) {
  INFO("seed " << seed);
  Rule plain = rule, copied = rule;
  const auto once = walk(plain, seed, 60, [](Rule&, const Ray&) {});
  const auto again = walk(copied, seed, 60, [&](const Rule& living, const Ray&) {
    Rule copy = living;
    walk(copy, seed + 1, 2, [](Rule&, const Ray&) {});
  });
  CHECK(once == again);
}

/// The first step, asked for twice at one iterate, is the same, and so is what the rule remembers.
template <StepRule Rule>
void first_may_be_asked_twice(const Rule& rule, unsigned seed) {
  INFO("seed " << seed);
  Rule walked = rule;
  walk(walked, seed, 60, [](Rule& living, const Ray& ray) {
    Rule twice = living;
    const double step = twice.first(ray).step;
    const RuleState once = write_state(twice);
    REQUIRE(twice.first(ray).step == step);
    REQUIRE(same(write_state(twice), once));
  });
}

/// After a rollback the next first step is exactly the factor times what it would have been.
template <StepRule Rule>
void rollback_shortens_exactly(const Rule& rule, unsigned seed) {
  INFO("seed " << seed);
  Rule walked = rule;
  walk(walked, seed, 60, [](Rule& living, const Ray& ray) {
    for (double factor : {0.5, 0.25, 1.0 / 256}) {
      Rule before = living, after = living;
      after.rolled_back(factor);
      REQUIRE(after.first(ray).step == before.first(ray).step * factor);
    }
  });
}

/// The direction's own step, where it has one, is tried before the rule's.
template <StepRule Rule>
void tries_the_natural_step_first(const Rule& rule) {
  Rule asked = beginning_with(rule, 3);
  CHECK(asked.first({.loss = 1, .slope = -1}).step == 3);
  CHECK(asked.first({.loss = 1, .slope = -1, .natural_step = 1.05}).step == 1.05);
}

/// Losses and lengths in other units, by powers of two, give the same trials in those units, to the last bit.
template <StepRule Rule>
void does_not_depend_on_units(const Rule& rule, unsigned seed) {
  std::mt19937 random(seed);
  for (int round = 0; round < 100; ++round) {
    const Curve curve = random_curve(random, 3);
    const double first =
        curve.size * std::pow(10, std::uniform_real_distribution<double>(-6, 2)(random));  // no overflow
    for (double height : {0x1p-200, 1.0, 0x1p200}) {
      for (double length : {0x1p-100, 1.0, 0x1p100}) {
        const Curve scaled{curve.name, [&](double t) { return height * curve.loss(t / length); },
                           [&](double t) { return height / length * curve.slope(t / length); }, curve.size * length};
        Rule one = beginning_with(rule, first), other = beginning_with(rule, first * length);
        const Search a = search(one, curve, curve.ray()), b = search(other, scaled, scaled.ray());
        INFO(curve.name << ", seed " << seed << ", round " << round << ", height " << height << ", length " << length);
        REQUIRE(a.end == b.end);
        REQUIRE(a.trials() == b.trials());
        for (int i = 0; i < a.trials(); ++i) {
          const auto at = static_cast<std::size_t>(i);
          REQUIRE(b.tried[at].step == a.tried[at].step * length);
        }
      }
    }
  }
}

/// Where all losses are equal to the last digit, the step that is taken lowers the exact loss, as slopes tell.
template <StepRule Rule>
void lowers_a_loss_hidden_by_rounding(const Rule& rule) {
  const Curve flat = parabola(1, 1, 1e16);  // one unit in the last place of the offset is 2
  for (double first : {0.5, 1.0, 1.5, 1.8, 2.5, 5.0, 1e3, 1e6, 1e10}) {
    Rule searching = beginning_with(rule, first);
    const Search found = search(searching, flat, flat.ray());
    INFO("first step " << first);
    REQUIRE(found.end == Search::End::taken);
    CHECK(found.last().step > 0);
    CHECK(found.last().step < 2);
    CHECK(found.trials() <= 40);
  }
}

/// A trial that is not finite, in loss or in the gradient, is never taken; the next is shorter, and they get short enough
/// for any wall within 100 trials.
template <StepRule Rule>
void backs_away_from_what_is_not_finite(const Rule& rule) {
  const Ray ray{.loss = 1, .slope = -1, .gradient_norm = 1, .direction_norm = 1};
  for (double loss : {not_a_number, infinity, -infinity, 0.5}) {
    Rule asked = beginning_with(rule, 1e300);
    double step = asked.first(ray).step;
    for (int number = 1; step > 1e-300; ++number) {
      const Trial trial{
          .step = step, .loss = loss, .model_decrease = -step, .number = number, .sound = !std::isfinite(loss)};
      INFO("loss " << loss << ", trial " << number << ", step " << step);
      const Verdict verdict = asked.judge(ray, trial);
      REQUIRE(verdict.action == Verdict::Action::retry);
      REQUIRE(verdict.next.step < step);
      REQUIRE(verdict.next.step >= 0);
      REQUIRE(number <= 100);
      step = verdict.next.step;
    }
  }
}

}  // namespace surefoot::laws
