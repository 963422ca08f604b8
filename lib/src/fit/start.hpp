/// Between the weights of a run, in the fitted columns, and a model in the user's own units.
#pragma once

#include "fit/columns.hpp"
#include "fit/target.hpp"

namespace surefoot::fitting {

/// The weights that are `model` in the fitted columns. Throws std::invalid_argument that says why, where it is another
/// kind of model, or of other columns or classes.
Vector weights_of(const LinearModel& model, const Table& table, const Target& target, const Columns& columns,
                  bool intercept);

/// The other way: sets the coefficients and intercepts of `model`, whose kind and classes are known.
void set_coefficients(const Vector& weights, const Columns& columns, bool intercept, LinearModel& model);

}  // namespace surefoot::fitting
