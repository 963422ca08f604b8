/// Where a run begins: the best constant model, a fit to some of the rows, or a model that was given; and what is known there
/// before the first pass.
#pragma once

#include <cmath>

#include "fit/plan.hpp"
#include "fit/sample.hpp"
#include "surefoot/loop/stop.hpp"

namespace surefoot::fitting {

/// How small the largest entry of the gradient is to become.
struct Goal {
  double tolerance = 0;         // as a share of
  double first = not_a_number;  // this; NaN: of where the run begins
  double rounding = 0;          // or so small, beside what rounding makes of it
  /// Without rounding; 0: not known yet.
  double gradient() const { return std::isfinite(first) ? tolerance * first : 0; }
  void set(Stop& stop) const;
};

struct Beginning {
  Vector start{};
  Goal goal{};
  // Of the constant model, where they were computed; else empty and NaN.
  Vector constant{}, diagonal{};  // its weights; the Hessian's diagonal
  double loss = not_a_number, gradient_max = not_a_number;

  Way first_metric = Way::gram;      // of Gram coordinates: none or the diagonal, or one of pairs of columns at once
  double curvature = 0;              // with none: along every weight, nearly an upper bound
  std::vector<Index> metric_rows{};  // of the first metric of pairs; empty: all
  bool late = false;                 // the metric comes once it pays
  std::string why{};                 // the coordinates, in a phrase: the plan's reason, or what was found here
  double passes = 0;                 // reads of samples, as a share of all rows

  /// Nearly an upper bound of the Hessian.
  Vector steep_diagonal() const;
};

Beginning begin(const Problem& problem, const Facts& facts, const Plan& plan, AnyLinear& objective,
                const FitOptions& options);

/// An observer, or one that is content.
inline std::function<bool(const Event&)> observed(const std::function<bool(const Event&)>& observer) {
  return observer ? observer : [](const Event&) { return true; };
}

}  // namespace surefoot::fitting
