/// Which step is the longest that is stable? Grow until divergence, as learning-rate finders do, but to a number.
///
///   auto range = surefoot::find_step(objective, w0);
///   std::cout << "use " << range.suggestion << ", never more than " << range.limit << '\n';
#pragma once

#include <utility>
#include <vector>

#include "surefoot/loop/opening.hpp"
#include "surefoot/loop/oracle.hpp"

namespace surefoot {

struct StepRange {
  double limit = not_a_number;       // the longest stable constant step, within 2 % below; NaN: the start has no slope
  double suggestion = not_a_number;  // half of it: 1/L on a quadratic
  std::vector<std::pair<double, double>> curve{};  // every step tried, ascending, and the loss that it led to
  long evaluations = 0;
};

struct FindStepOptions {
  int iterations = 1000;  // >= 1: for how long a step must keep the loss at or below its start

  template <class Self, class Each>
  static void parameters(Self& self, Each&& each) {
    each("iterations", self.iterations, Range::at_least(1), "for how long a step must keep the loss down");
  }
};

/// The longest constant step with which plain gradient descent from `w0` keeps the loss at or below its start for 1,000
/// iterations; on a quadratic 2/L. Grows by doubling until that fails, then bisects geometrically. Neither `w0` nor the
/// objective is changed. Throws std::invalid_argument if loss or gradient are not finite at `w0`.
/// In the spirit of learning-rate range tests (Smith 2017).
template <class ObjectiveType>
requires Objective<std::remove_reference_t<ObjectiveType>> StepRange find_step(ObjectiveType&& objective,
                                                                               const Vector& w0,
                                                                               const FindStepOptions& options = {}) {
  using Bare = std::remove_reference_t<ObjectiveType>;
  static_assert(
      !Proximal<Bare> && !Coordinates<Bare> && !Batched<Bare>,
      "find_step is for plain gradient descent: give it the objective itself, without bounds, coordinates or batches");
  validate(options, "find_step");
  if (w0.size() == 0) throw std::invalid_argument("w0 has no entries: there is nothing to descend over");
  Oracle<Bare> oracle(objective);
  Point start, at;
  start.w = w0;
  oracle.evaluate(start);
  if (!start.sound) {
    throw std::invalid_argument("find_step: the start is not finite: " + oracle.what_is_not_finite(start));
  }

  StepRange range;
  const auto stable = [&](double step) {  // and notes what the step led to
    at = start;
    bool holds = true;
    for (int i = 0; i < options.iterations && holds; ++i) {
      at.w -= step * at.gradient;
      if (!at.w.allFinite()) {
        at.loss = infinity;
        holds = false;
        break;
      }
      oracle.evaluate(at);
      holds = at.sound && at.loss <= start.loss;
      if (at.gradient_norm <= 1e-12 * start.gradient_norm) break;  // it has arrived
    }
    range.curve.emplace_back(step, at.loss);
    return holds;
  };

  if (start.gradient_norm > 0) {
    double good = 0, bad = infinity;
    double step =
        std::clamp(Opening::share * (size_of(norm(start.w)) / start.gradient_norm), smallest_step, largest_step);
    while (good == 0 || std::isinf(bad)) {
      if (stable(step)) {
        good = step;
        if (step >= largest_step) break;
        step = std::min(2 * step, largest_step);
      } else {
        bad = step;
        if (step <= smallest_step) break;
        step = std::max(step / 8, smallest_step);
      }
    }
    while (good > 0 && std::isfinite(bad) && bad > 1.02 * good) {
      step = geometric_mean(good, bad);
      (stable(step) ? good : bad) = step;
    }
    if (good > 0) {
      range.limit = good;
      range.suggestion = good / 2;
    }
    std::sort(range.curve.begin(), range.curve.end());
  }
  range.evaluations = oracle.evaluations();
  return range;
}

}  // namespace surefoot
