/// How much each row counts.
#pragma once

#include "fit/target.hpp"

namespace surefoot::fitting {

/// The weights for the loss: the table's, times those of the classes; empty where all rows count the same. Throws
/// std::invalid_argument for weights that are none, and class weights where there are no classes.
Vector row_weights(const Table& table, const Target& target, const FitOptions& options);

/// Mean and population deviation of `values`, weighted where `weights` is not empty; for values of any magnitude.
struct Spread {
  double mean = 0, deviation = 0;
};
Spread spread_of(const Vector& values, const Vector& weights);

}  // namespace surefoot::fitting
