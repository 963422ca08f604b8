/// The columns as they are fitted: standardised in passing.
#pragma once

#include <string>
#include <vector>

#include "surefoot/vector.hpp"

namespace surefoot::fitting {

struct Columns {
  Vector centre{}, scale{};    // empty: as they are
  DenseMatrix shifted_copy{};  // where shifting in passing would cost digits
};

/// Columns of a table: centred, and divided by their population standard deviation.
Columns standardise(const DenseMatrix& x, std::vector<std::string>& notes, int threads);
/// Columns of a LIBSVM file: divided by their largest |x|.
Columns standardise(const SparseMatrix& x, std::vector<std::string>& notes, int threads);

}  // namespace surefoot::fitting
