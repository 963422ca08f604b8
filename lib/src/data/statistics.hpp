/// Smallest, largest, mean and deviation of columns, whatever their magnitude.
#pragma once

#include <vector>

#include "surefoot/vector.hpp"

namespace surefoot::data {

struct Statistics {
  double min = 0;
  double max = 0;
  double mean = 0;
  double deviation = 0;  ///< population
  long count = 0;
};

/// Of columns `wanted` of a row-major array; NaN is passed over.
std::vector<Statistics> statistics_of(const double* values, Eigen::Index rows, Eigen::Index stride,
                                      const std::vector<Eigen::Index>& wanted);

/// Of all columns of a sparse matrix, absent entries being zeros.
std::vector<Statistics> statistics_of(const SparseMatrix& matrix);

}  // namespace surefoot::data
