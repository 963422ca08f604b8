/// The best model without columns: where every fit begins.
#pragma once

#include "fit/solve.hpp"

namespace surefoot::fitting {

/// The intercepts, one a margin, of the model whose weights are all 0; 0 where there are none.
Vector best_constant(const Problem& problem);

/// The rows' losses there, of one margin: their mean, and their slopes, each times the row's weight.
struct AtConstant {
  double loss = 0;
  Vector slopes{};
};
AtConstant at_constant(const Problem& problem);

/// The mean curvature of the rows' losses at that constant margin, by some of the rows; 1 where that is no number above 0. Of
/// losses of one margin.
double curvature_at(double constant, const Problem& problem);

/// What rounding leaves of an entry of the gradient that is zero at the constant model (weights 0, then the intercepts). Of the
/// fitted columns, whose entries are about 1 at most; by some of the rows.
double gradient_rounding(const Vector& constant, const Problem& problem);

}  // namespace surefoot::fitting
