/// How a run ended, and what it found.
///
///   auto result = surefoot::minimize(objective, w0);
///   if (result.status != surefoot::Status::converged) std::cerr << result.explain() << '\n';
#pragma once

#include <string>
#include <vector>

#include "surefoot/loop/event.hpp"
#include "surefoot/loop/monitor.hpp"
#include "surefoot/vector.hpp"

namespace surefoot {

enum class Status { converged, stalled, budget, interrupted, failed };
enum class Code {
  gradient,            // converged: the gradient is small enough
  decrease,            // converged: the loss hardly falls any more
  target,              // converged: the loss is at or below the target
  rounding_floor,      // stalled: the loss can't resolve the decrease that is left
  gave_up,             // stalled: nothing lower was found; the reason says what is known
  gradient_disagrees,  // stalled: the loss does not fall along the negative gradient
  domain_edge,         // stalled: beyond this point the loss is not finite
  unbounded_below,     // stalled: the loss falls without end
  iterations,          // budget
  evaluations,         // budget
  time,                // budget
  cancelled,           // interrupted
  start_not_finite,    // failed
  gradient_not_filled  // failed
};

constexpr Status status_of(Code code) {
  switch (code) {
    case Code::gradient:
    case Code::decrease:
    case Code::target:
      return Status::converged;
    case Code::rounding_floor:
    case Code::gave_up:
    case Code::gradient_disagrees:
    case Code::domain_edge:
    case Code::unbounded_below:
      return Status::stalled;
    case Code::iterations:
    case Code::evaluations:
    case Code::time:
      return Status::budget;
    case Code::cancelled:
      return Status::interrupted;
    case Code::start_not_finite:
    case Code::gradient_not_filled:
      return Status::failed;
  }
  return Status::failed;
}

constexpr const char* to_string(Status status) {
  switch (status) {
    case Status::converged:
      return "converged";
    case Status::stalled:
      return "stalled";
    case Status::budget:
      return "budget";
    case Status::interrupted:
      return "interrupted";
    case Status::failed:
      return "failed";
  }
  return "failed";
}

constexpr const char* to_string(Code code) {
  switch (code) {
    case Code::gradient:
      return "gradient";
    case Code::decrease:
      return "decrease";
    case Code::target:
      return "target";
    case Code::rounding_floor:
      return "rounding_floor";
    case Code::gave_up:
      return "gave_up";
    case Code::gradient_disagrees:
      return "gradient_disagrees";
    case Code::domain_edge:
      return "domain_edge";
    case Code::unbounded_below:
      return "unbounded_below";
    case Code::iterations:
      return "iterations";
    case Code::evaluations:
      return "evaluations";
    case Code::time:
      return "time";
    case Code::cancelled:
      return "cancelled";
    case Code::start_not_finite:
      return "start_not_finite";
    case Code::gradient_not_filled:
      return "gradient_not_filled";
  }
  return "gave_up";
}

/// An entry of a gradient beside what differences of the loss say.
struct GradientEntry {
  Eigen::Index index = -1;
  double given = not_a_number;              // the gradient's entry
  double expected = not_a_number;           // by differences of the loss
  double error_of_expected = not_a_number;  // an estimate of how far those may be off
};

/// How differently the loss curves along the weights, by how far the gradient's entries moved for how far the weights did.
/// A ratio of 1e8 means units that are 1e4 apart.
struct ScaleSpread {
  Eigen::Index sharpest = -1, flattest = -1;  // entries of w; −1: not known
  double ratio = 1;                           // of the curvatures along them

  bool bad() const { return ratio >= 1e8; }
};

/// What a run found: always the best point seen, finite unless the start itself was not.
struct Result {
  Vector w{};
  double loss = not_a_number;
  double gradient_norm =
      not_a_number;  // |g|∞ at w; for a proximal run that of the proximal residual (w − prox(w − t g)) / t
  Status status = Status::failed;
  Code code = Code::gave_up;
  std::string reason{};  // one sentence
  int iterations = 0;
  long loss_evaluations = 0;      // calls of loss(w)
  long gradient_evaluations = 0;  // joint calls
  long ray_trials = 0;            // trials on a ray that was prepared: no calls
  long hessian_products = 0;      // of a direction that asks for them: no calls either
  int rollbacks = 0;
  double step = not_a_number;  // the last one taken
  double seconds = 0;

  Monitor::Counts rolled_back_for{};  // the rollbacks, by cause
  std::vector<Event> events{};        // rollbacks, retreats, restarts and changes of the cap: the first 64
  long diagnosis_evaluations = 0;     // of all, those that only looked for a reason: what they saw is not a candidate
  std::vector<GradientEntry> wrong_gradient{};  // with gradient_disagrees: the entries at fault that were found
  ScaleSpread scale{};
  double start_loss = not_a_number;
  double start_gradient_norm = not_a_number;
  int trials_not_finite = 0;  // trials refused for NaN or Inf
  double step_too_small =
      not_a_number;  // a fixed step: how many times longer the curvature seen would allow (where > 100)

  bool ok() const { return status != Status::failed; }

  /// Why it ended, the evidence, and the next move, in a few lines.
  std::string explain() const;
};

namespace detail {

/// "1 step", "2 steps".
inline std::string counted(long count, const std::string& thing) {
  return std::to_string(count) + " " + thing + (count == 1 ? "" : "s");
}

inline const char* next_move(const Result& result) {
  if (status_of(result.code) == Status::budget && result.scale.bad()) {
    return "give the weights units of like size (see above), or wrap the objective in Diagonal; then raise the limit";
  }
  if (status_of(result.code) == Status::budget && result.step_too_small > 0) {
    return "give a longer step, or take a rule that finds its own";
  }
  switch (result.code) {
    case Code::gradient:
      if (result.gradient_norm == 0) return "nothing";
      return "nothing; for more digits ask for a smaller gradient";
    case Code::decrease:
      return "nothing; for more digits ask for a smaller decrease";
    case Code::target:
      return "nothing; for less loss ask for a lower target";
    case Code::rounding_floor:
      if (std::abs(result.loss) > 1e3 * (result.start_loss - result.loss)) {
        return "nothing: these are the digits that the loss has; subtract the large constant in it if you need more";
      }
      return "nothing: these are the digits that the loss has";
    case Code::gave_up:
      return "check the gradient and the loss near this point: a kink, or noise, stops any search";
    case Code::gradient_disagrees:
      return "compare your gradient with differences of your loss, coordinate by coordinate, at the point returned";
    case Code::domain_edge:
      return "the minimum seems to lie on or beyond the edge of where the loss is finite: bound the weights, or start "
             "elsewhere";
    case Code::unbounded_below:
      return "check the sign of the loss, or add a penalty or bounds";
    case Code::iterations:
      return "raise max_iterations, or start again from the point returned";
    case Code::evaluations:
      return "raise max_evaluations, or start again from the point returned";
    case Code::time:
      return "raise max_seconds, or start again from the point returned";
    case Code::cancelled:
      return "start again from the point returned";
    case Code::start_not_finite:
      return "start where loss and gradient are finite";
    case Code::gradient_not_filled:
      return "write every entry of the gradient in each call, not add to it";
  }
  return "";
}

}  // namespace detail

inline std::string Result::explain() const {
  using detail::counted;
  std::string text = std::string(to_string(status)) + " (" + to_string(code) + "): " + reason + ".\n";
  const bool looks_equal = start_loss > loss && number(start_loss) == number(loss);
  text += "  loss " + number(start_loss) + " -> " + number(loss) +
          (looks_equal ? " (" + number(start_loss - loss) + " lower)" : "") + ", largest gradient entry " +
          number(start_gradient_norm) + " -> " + number(gradient_norm) + ", " + counted(iterations, "iteration") +
          ", " + counted(loss_evaluations + gradient_evaluations, "evaluation") +
          (ray_trials > 0 ? ", " + counted(ray_trials, "free trial") : "") +
          (hessian_products > 0 ? ", " + counted(hessian_products, "Hessian product") : "") +
          (std::isnan(step) ? std::string(", no step taken") : ", last step " + number(step)) + ".\n";
  if (rollbacks > 0) {
    text += "  the monitor went back to the best point " + counted(rollbacks, "time") + ":";
    const char* separator = " ";
    const auto list = [&](int count, const char* cause) {
      if (count == 0) return;
      text += separator + std::to_string(count) + " " + cause;
      separator = ", ";
    };
    list(rolled_back_for.rose, "for a loss that rose too far");
    list(rolled_back_for.not_finite, "for a value that was not finite");
    list(rolled_back_for.failed_ray, "for a direction along which nothing lower was found");
    list(rolled_back_for.cycle, "for many steps without a new best");
    text += ".\n";
  }
  if (trials_not_finite > 0) {
    text += "  " + counted(trials_not_finite, "trial") + " met NaN or Inf and led to a shorter step.\n";
  }
  for (std::size_t i = 0; i < wrong_gradient.size() && i < 10; ++i) {
    const GradientEntry& entry = wrong_gradient[i];
    text += "  entry " + std::to_string(entry.index) + " of the gradient is " + number(entry.given) +
            ", differences of the loss say " + number(entry.expected) + ".\n";
  }
  if (wrong_gradient.size() > 10) text += "  … and " + std::to_string(wrong_gradient.size() - 10) + " more.\n";
  if (scale.bad() && status != Status::converged) {
    text += "  badly scaled: the loss curves " + number(scale.ratio) + " times as sharply along weight " +
            std::to_string(scale.sharpest) + " as along weight " + std::to_string(scale.flattest) + "; units " +
            number(std::sqrt(scale.ratio)) + " times apart would make them alike.\n";
  }
  if (step_too_small > 0) {
    text += "  the fixed step looks about " + number(step_too_small) + " times too small for the curvature seen.\n";
  }
  text += std::string("  next: ") + detail::next_move(*this) + ".\n";
  return text;
}

}  // namespace surefoot
