/// How good a fit is on the rows that it was fitted on.
#pragma once

#include "fit/target.hpp"

namespace surefoot::fitting {

/// Fills in those measures of `fit` that apply to its model, the rows weighted as the table has them.
void measure(Fit& fit, const Table& table, const Target& target);

}  // namespace surefoot::fitting
