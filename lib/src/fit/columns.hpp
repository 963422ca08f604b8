/// The columns as they are fitted: standardised in passing.
#pragma once

#include <string>
#include <vector>

#include "surefoot/vector.hpp"

namespace surefoot::fitting {

struct Columns {
  Vector centre{}, scale{};    // empty: as they are
  DenseMatrix shifted_copy{};  // where shifting in passing would cost digits
  Vector products{};           // of the fitted columns with the factors that were given: Σ factor_i x_ij; else empty
};

/// Columns of a table: centred, and divided by their population standard deviation. `factors`, one a row or none, are
/// multiplied with the columns in the same read.
Columns standardise(const DenseMatrix& x, std::vector<std::string>& notes, int threads, const Vector& factors = {});
/// Columns of a LIBSVM file: divided by their largest |x|.
Columns standardise(const SparseMatrix& x, std::vector<std::string>& notes, int threads, const Vector& factors = {});

}  // namespace surefoot::fitting
