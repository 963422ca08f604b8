/// Are we there? Every criterion is optional; the first that holds ends the run and says so.
///
///   Stop{.gradient = 1e-10, .max_iterations = 500}
///   Stop{.gradient = 1e-6} | Stop{.max_seconds = 5}
#pragma once

#include <array>
#include <limits>
#include <optional>
#include <stop_token>
#include <utility>

#include "surefoot/loop/result.hpp"

namespace surefoot {

/// When to stop. With none of gradient, absolute_gradient, decrease and target set, the default test applies: the
/// gradient has fallen to 1e-8 of its first size, and what the model still promises is negligible beside what was
/// gained (a huge first gradient must not pass for convergence). Multiplying the loss or shifting it changes nothing.
struct Stop {
  static constexpr std::string_view name = "stop";

  std::optional<double> gradient{};           // |g|∞ <= gradient · |g₀|∞
  std::optional<double> absolute_gradient{};  // |g|∞ <= absolute_gradient
  std::optional<double> decrease{};  // the last 10 steps lowered the loss by <= decrease · what the whole run gained
  std::optional<double> target{};    // loss <= target
  std::optional<int> max_iterations{};    // 10,000 where no limit is set at all
  std::optional<long> max_evaluations{};  // calls of the objective, of either kind
  std::optional<double> max_seconds{};
  std::stop_token cancel{};  // asked between two evaluations

  template <class Self, class Each>
  static void parameters(Self& self, Each&& each) {
    each("gradient", self.gradient, Range::at_least(0), "largest gradient entry, relative to the start's");
    each("absolute_gradient", self.absolute_gradient, Range::at_least(0), "largest gradient entry");
    each("decrease", self.decrease, Range::at_least(0), "decrease over 10 steps, relative to the whole run's");
    each("target", self.target, Range{}, "loss");
    each("max_iterations", self.max_iterations, Range::at_least(0), "iterations");
    each("max_evaluations", self.max_evaluations, Range::at_least(1), "calls of the objective");
    each("max_seconds", self.max_seconds, Range::at_least(0), "seconds");
  }

  int iteration_limit() const {
    const bool none = !max_iterations && !max_evaluations && !max_seconds;
    return none ? 10000 : max_iterations.value_or(std::numeric_limits<int>::max());
  }
  bool tests_convergence() const { return gradient || absolute_gradient || decrease || target; }
};

/// Whichever of the two fires first: of a criterion that both set, the one that holds earlier. (Of two stop tokens only
/// the first can be listened to.)
inline Stop operator|(const Stop& a, const Stop& b) {
  const auto earlier = [](const auto& x, const auto& y, auto before) {
    if (!x || !y) return x ? x : y;
    return before(*x, *y) ? x : y;
  };
  const auto larger = [](auto x, auto y) { return x > y; };
  const auto smaller = [](auto x, auto y) { return x < y; };
  return {.gradient = earlier(a.gradient, b.gradient, larger),
          .absolute_gradient = earlier(a.absolute_gradient, b.absolute_gradient, larger),
          .decrease = earlier(a.decrease, b.decrease, larger),
          .target = earlier(a.target, b.target, larger),
          .max_iterations = earlier(a.max_iterations, b.max_iterations, smaller),
          .max_evaluations = earlier(a.max_evaluations, b.max_evaluations, smaller),
          .max_seconds = earlier(a.max_seconds, b.max_seconds, smaller),
          .cancel = a.cancel.stop_possible() ? a.cancel : b.cancel};
}

/// The numbers of one iteration that the convergence tests read, losses in the run's unit (see numbers.hpp).
struct Progress {
  double gradient_max = not_a_number;  // at the best point
  double best = not_a_number;          // its loss
  double here = not_a_number;          // the iterate's; NaN: the same
  double start = not_a_number;         // the start's
  double promise = not_a_number;       // the decrease that the next step promises to first order, halved
  double step_length = not_a_number;   // |t d| of the next step
  double longest = 0;                  // the longest step taken
  bool informed = true;                // the direction has learnt something (L-BFGS with an empty memory has not)
  long size = 1;                       // of w
  bool entries_settled = true;         // each entry of the gradient has fallen far below its start
};

/// What a number was n calls ago; NaN before that.
template <std::size_t n>
class Past {
 public:
  Past() { values_.fill(not_a_number); }
  double exchange(double now) {
    std::swap(now, values_[at_]);
    at_ = (at_ + 1) % n;
    return now;
  }

 private:
  std::array<double, n> values_{};
  std::size_t at_ = 0;
};

/// The convergence tests that need memory: the default one, `decrease`, and the rounding floor.
/// The default test and the floor are ours (measured on 250 problems; docs/design.md has the reasons).
class Settling {
 public:
  explicit Settling(double first_gradient_max) : first_gradient_max_(first_gradient_max), least_(first_gradient_max) {}

  /// The default test's bound on the gradient.
  bool small(double gradient_max) const { return gradient_max <= 1e-8 * first_gradient_max_; }

  /// Does the default test hold? Three times in a row, with little promised beside what came in lately: a start that was
  /// far out makes anything look small. A method whose steps all bring alike never gets there: then 100 times in a row.
  bool converged(const Progress& now) {
    const double gained = now.start - now.best, lately = twenty_ago_.exchange(now.best) - now.best;
    const bool holds = now.informed && small(now.gradient_max) && now.promise <= 1e-13 * gained &&
                       now.step_length <= 1e-6 * now.longest && now.entries_settled;
    in_a_row_ = holds ? in_a_row_ + 1 : 0;
    const bool slowing = !(now.promise > 1e-4 * lately) || lately <= 4 * epsilon * std::abs(now.best);
    return in_a_row_ >= (slowing ? 3 : 100);
  }

  /// Has the loss stopped falling by more than `share` of the whole gain over 10 steps?
  bool decreased_enough(const Progress& now, double share) {
    const double gained = now.start - now.best;
    const double before = ten_ago_.exchange(now.best);
    return gained > 0 && before > now.best && before - now.best <= share * gained;
  }

  /// Nothing has been gained for so long, beyond what rounding hides, that nothing will be.
  bool at_floor(const Progress& now) {
    const bool lower = now.best < best_ - 4 * epsilon * std::abs(best_);
    const bool flatter = now.gradient_max < 0.9 * least_;
    if (lower || flatter || std::isnan(best_)) {
      best_ = std::isnan(best_) ? now.best : std::min(best_, now.best);
      least_ = std::min(least_, now.gradient_max);
      idle_ = unresolved_ = 0;
      return false;
    }
    // Losses that differ from the best by more than any rounding are a cycle or a hill, and the monitor's business.
    const bool elsewhere = std::abs(now.here - now.best) > 1e-4 * std::abs(now.best);
    const bool hidden = now.promise <= epsilon * std::abs(now.best) + 1e-17 * (now.start - now.best);
    idle_ = elsewhere ? 0 : idle_ + 1;
    unresolved_ = hidden && !elsewhere ? unresolved_ + 1 : 0;
    return unresolved_ > 20 + std::min<long>(now.size, 80) || idle_ > 100 + std::min<long>(now.size, 400);
  }

 private:
  double first_gradient_max_;
  int in_a_row_ = 0;
  Past<10> ten_ago_{};  // the best losses
  Past<20> twenty_ago_{};
  double best_ = not_a_number, least_;
  long idle_ = 0, unresolved_ = 0;
};

}  // namespace surefoot
