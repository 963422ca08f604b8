/// Is it going wrong? Numbers in, verdict out: so one monitor serves the loop, StepTuner, and whoever owns the training.
///
///   Monitor monitor{.rise = 1, .patience = 100};
///   monitor.begin(loss);
///   Monitor::Advice advice = monitor.watch(new_loss);    // carry_on, rollback (by advice.factor) or give_up
#pragma once

#include "surefoot/loop/event.hpp"
#include "surefoot/loop/rule.hpp"

namespace surefoot {

/// Keeps an eye on the accepted losses. A step above the ceiling, a value that is not finite, a ray on which nothing
/// lower was found, and a cycle (many steps without a new best) are undone: back to the best point, with a shorter step.
/// Rollbacks without a new best loss between them shrink by 1/2, 1/2, 1/4, 1/16, 1/256 …; their number from one and the
/// same best point is bounded.
struct Monitor {
  static constexpr std::string_view name = "monitor";

  double rise = 10;        // >= 0: the ceiling stands this many times the recent losses' range above their largest
  int memory = 20;         // >= 1: losses that count as recent
  int patience = 50;       // >= 1: steps without a new best loss after which it is a cycle
  int max_rollbacks = 40;  // >= 1: from one and the same best point; then it gives up
  int regrow_after = 25;   // >= 1: good steps after which the cap on a fixed step doubles

  enum class Action { carry_on, rollback, give_up };
  struct Advice {
    Action action = Action::carry_on;
    double factor = 1;  // with rollback: what to shrink the step by
    Cause cause = Cause::none;
  };

  /// How often what was undone.
  struct Counts {
    int rose = 0, not_finite = 0, failed_ray = 0, cycle = 0;
    int total() const { return rose + not_finite + failed_ray + cycle; }
  };

  struct State {
    double start = infinity;
    double best = infinity;
    double rise_scale = 1;  // halves with each cycle
    Ring recent{};
    int stale = 0;              // accepted steps since the best
    int row = 0;                // rollbacks without a new best between them (mini-batches: without an accepted step)
    int from_best = 0;          // rollbacks since the best
    double cap = infinity;      // on a rule that does not adapt
    int under_cap = 0;          // good steps (new best losses) since the cap last moved
    bool failed_again = false;  // the cap has been hit after it regrew
    Counts counts{};
    // mini-batches: exponentially smoothed loss and deviation
    double smoothed = not_a_number, deviation = 0, best_smoothed = infinity;
    int cooldown = 0;
  } state{};

  template <class Self, class Each>
  static void parameters(Self& self, Each&& each) {
    each("rise", self.rise, Range::at_least(0), "how far above the recent losses a loss may rise, in their own range");
    each("memory", self.memory, Range::within(1, 10000), "losses that count as recent");
    each("patience", self.patience, Range::at_least(1), "steps without a new best loss that count as a cycle");
    each("max_rollbacks", self.max_rollbacks, Range::at_least(1), "rollbacks to one point before it gives up");
    each("regrow_after", self.regrow_after, Range::at_least(1), "good steps after which a capped step may double");
  }

  /// A run begins at this loss (the best point so far).
  void begin(double loss) {
    state = {};
    state.start = state.best = loss;
    state.recent.push(loss, memory);
  }

  /// No accepted loss may lie above this: max + rise · (max − min) of the recent losses, nor above the start's. (Without
  /// the latter a run that diverges carries its own ceiling up, tenfold with each step.)
  double ceiling() const {
    const double high = state.recent.max(), low = state.recent.min();
    const double limit = std::min(high + rise * state.rise_scale * (high - low), state.start);
    return limit + 10 * epsilon * std::abs(limit);
  }

  /// A point that the rule wants to take has this loss.
  Advice watch(double loss) {
    if (!std::isfinite(loss)) return rollback(Cause::not_finite);
    if (!(loss <= ceiling())) return rollback(Cause::rose);
    state.recent.push(loss, memory);
    if (loss < state.best) {
      state.row = 0;
      state.best = loss;
      state.stale = state.from_best = 0;
      regrow();
    } else if (++state.stale >= patience) {
      state.rise_scale /= 2;
      forget_but_best();
      return rollback(Cause::cycle);
    }
    return {};
  }

  /// A ray on which no step was found.
  Advice failed_ray() {
    forget_but_best();
    return rollback(Cause::failed_ray);
  }

  /// Mini-batches: the loss of a fresh batch at the present point, `batches` to an epoch. Watches the smoothed loss.
  Advice watch_batch(double loss, int batches) {
    if (!std::isfinite(loss)) return restart_smoothing(Cause::not_finite);
    const double beta = 1 - 1.0 / std::clamp(batches, 2, 50);
    if (std::isnan(state.smoothed)) {
      state.smoothed = loss;
      return {};
    }
    state.smoothed = beta * state.smoothed + (1 - beta) * loss;
    state.deviation = beta * state.deviation + (1 - beta) * std::abs(loss - state.smoothed);
    state.row = 0;
    if (state.cooldown > 0) {
      --state.cooldown;
    } else if (state.smoothed > state.best_smoothed && state.smoothed > state.best_smoothed +
                                                                            std::abs(state.best_smoothed) +
                                                                            6 * state.deviation * std::sqrt(1 - beta)) {
      return restart_smoothing(Cause::rose);
    }
    state.best_smoothed = std::min(state.best_smoothed, state.smoothed);
    regrow();
    return {};
  }
  /// Mini-batches: a loss over all rows, at the end of an epoch.
  void full_loss(double loss) {
    if (!(loss < state.best)) return;
    state.best = loss;
    state.from_best = 0;
  }

  /// Holds a rule that does not adapt below a step that failed; regrows, at first with every good step, after a second
  /// failure after each `regrow_after`.
  void hold_below(double step) {
    if (state.under_cap > 0) state.failed_again = true;
    state.cap = step;
    state.under_cap = 0;
  }

 private:
  void forget_but_best() {
    state.recent.clear();
    state.recent.push(state.best, memory);
  }
  void regrow() {
    if (std::isinf(state.cap)) return;
    ++state.under_cap;
    if (state.failed_again && state.under_cap % regrow_after != 0) return;
    state.cap *= 2;
  }
  Advice restart_smoothing(Cause cause) {
    state.smoothed = not_a_number;
    state.deviation = 0;
    state.best_smoothed = infinity;
    state.cooldown = 5;
    return rollback(cause);
  }
  Advice rollback(Cause cause) {
    if (state.from_best >= max_rollbacks) return {Action::give_up, 1, cause};
    ++state.row;
    ++state.from_best;
    state.stale = 0;
    switch (cause) {
      case Cause::rose:
        ++state.counts.rose;
        break;
      case Cause::not_finite:
        ++state.counts.not_finite;
        break;
      case Cause::failed_ray:
        ++state.counts.failed_ray;
        break;
      default:
        ++state.counts.cycle;
        break;
    }
    const int halvings = state.row <= 2 ? 1 : 1 << std::min(state.row - 2, 9);
    return {Action::rollback, std::ldexp(1.0, -halvings), cause};
  }
};

}  // namespace surefoot
