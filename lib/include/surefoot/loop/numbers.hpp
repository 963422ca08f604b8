/// What a step rule is told and what it answers: numbers only, never a vector and never the objective.
///
///   Ask ask = rule.first(ray);                  // "try this step"
///   Verdict verdict = rule.judge(ray, trial);   // "take it", "try that one instead", "I give up"
///   rule.taken(move);                           // "this step was taken: learn"
///
/// Units. Steps, norms and distances are the user's own. Losses and slopes are in the run's unit: the user's loss times
/// a power of two that makes the first gradient's largest entry about 1, so that no product over- or underflows for a
/// loss near 1e150 or 1e-150. A rule that compares losses only with losses and slopes never notices.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

namespace surefoot {

inline constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
inline constexpr double infinity = std::numeric_limits<double>::infinity();
inline constexpr double epsilon = std::numeric_limits<double>::epsilon();

/// The range that every step is kept in, whatever a rule asks for.
inline constexpr double smallest_step = 1e-300;
inline constexpr double largest_step = 1e300;

/// What a trial must carry before the rule can judge it.
enum class Probe { none, loss, slope };

/// What a rule wants to be told of a step that was taken (pair: |s|, |y| and their cosine, both on one batch).
enum class Learns { nothing, loss, pair };

/// "Try this step, and let me see this much of it."
struct Ask {
  double step = 0;
  Probe with = Probe::loss;
};

/// A rule's answer to a trial.
struct Verdict {
  enum class Action { take, retry, give_up };
  Action action = Action::give_up;
  Ask next{};  // only with retry

  static constexpr Verdict take() { return {Action::take, {}}; }
  static constexpr Verdict retry(Ask next) { return {Action::retry, next}; }
  static constexpr Verdict give_up() { return {Action::give_up, {}}; }
};

/// The half-line w + t d, t > 0, as numbers: φ(t) is the loss on it.
struct Ray {
  int k = 0;                             // which iterate; the same k may come twice (after a rollback)
  double loss = not_a_number;            // φ(0)
  double slope = not_a_number;           // φ'(0) = g·d < 0
  double gradient_norm = not_a_number;   // |g|
  double gradient_max = not_a_number;    // |g|∞
  double direction_norm = not_a_number;  // |d|
  double iterate_norm = not_a_number;    // |w|
  double iterate_max = not_a_number;     // |w|∞
  double start_norm = not_a_number;      // |w0|
  double distance = not_a_number;        // |w − w0|
  double towards_start = not_a_number;   // g·(w0 − w), in the user's units
  double natural_step = not_a_number;    // the direction's own step, where it has one (1 for L-BFGS); else NaN
  double lower_bound = -infinity;        // of the loss, where the objective knows one
  double batch_share = 1;                // of the rows
  double progress = 0;                   // epochs done, where batches are drawn
  double unit = 1;                       // the run's loss over the user's
  bool inferred = false;  // it starts at a point that was not evaluated: φ(0) is known less well than φ'(0)
};

/// One point tried on a ray.
struct Trial {
  double step = not_a_number;
  double loss = not_a_number;   // φ(t)
  double slope = not_a_number;  // φ'(t), where it was asked for
  double model_decrease =
      not_a_number;   // t φ'(0), or g·s + h(w+) − h(w) for a proximal step: negative. Every test of sufficient
                      // decrease reads this, so that there is one code path.
  int number = 1;     // which try on this ray, from 1
  bool sound = true;  // false: an entry of the weights or of the gradient there is NaN or Inf

  bool finite() const { return sound && std::isfinite(loss); }
};

/// A step that was taken: s = w+ − w, y = g+ − g.
struct Move {
  double step = not_a_number;
  double displacement = not_a_number;     // |s|
  double gradient_change = not_a_number;  // |y|, where the rule learns pairs
  double cosine = not_a_number;           // s·y / |s||y|, where the rule learns pairs
  double loss = not_a_number;             // after it
  double slope = not_a_number;            // φ'(t) at its end, where known
  double gradient_norm = not_a_number;    // |g+|
  int trials = 1;                         // tries that it took
};

/// Are two losses equal but for a few units in the last place? Then only slopes can tell up from down. (Sums over some
/// thousand rows differ by that much from one order to another; 4 units left searches near a minimum without an end.)
inline bool nearly_equal(double loss, double other, double units = 16) {
  const double larger = std::max(std::abs(loss), std::abs(other));
  return std::isfinite(larger) && std::abs(loss - other) <= units * epsilon * larger;
}

/// The run's unit of loss: a power of two that makes the first gradient's size about 1, unless the loss would become
/// too large.
inline double unit_of_loss(double loss, double gradient) {
  int exponent = gradient > 0 ? -std::ilogb(gradient) : 0;
  if (loss != 0) exponent = std::min(exponent, 900 - std::ilogb(loss));
  return std::ldexp(1.0, std::clamp(exponent, -1000, 1000));
}

/// What a step is measured by: |w|, or 1 where all weights are 0.
inline double size_of(double weights_norm) { return weights_norm > 0 ? weights_norm : 1; }

/// sqrt(a b) for a, b > 0, where a b itself may over- or underflow.
inline double geometric_mean(double a, double b) { return std::sqrt(a) * std::sqrt(b); }

}  // namespace surefoot
