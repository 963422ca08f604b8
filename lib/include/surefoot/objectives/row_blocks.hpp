/// How a pass reads a matrix: block of rows after block of rows, each small enough that the second use of a block (for
/// the gradient) finds it in the cache that the first (for the margins) has filled. Memory is then read once a pass.
///
/// The same functions for each layout: dense in either order, compressed sparse rows (CSR) and columns (CSC), double or
/// float. Sums are in double always.
///
///   for (first = 0; first < X.rows(); first += rows_per_block(X))     // the last block may be shorter
///     multiply_rows(X, first, count, w, offset, margins);             // margins  = X_block w + offset
///     add_rows(X, first, count, slopes, gradient);                    // gradient += X_blockᵀ slopes
#pragma once

#include <algorithm>
#include <cmath>
#include <type_traits>

#include "surefoot/passes/kernels.hpp"
#include "surefoot/vector.hpp"

namespace surefoot {

using Index = Eigen::Index;

template <class Matrix>
inline constexpr bool is_sparse = std::is_base_of_v<Eigen::SparseCompressedBase<Matrix>, Matrix>;

/// Stored numbers that can be read where they lie: an Eigen matrix, Map, Ref or block, but no unevaluated expression.
template <class Matrix>
inline constexpr bool is_stored_matrix = [] {
  if constexpr (is_sparse<Matrix>) {
    return true;
  } else if constexpr (std::is_base_of_v<Eigen::MatrixBase<Matrix>, Matrix>) {
    return bool(int(Matrix::Flags) & int(Eigen::DirectAccessBit));
  } else {
    return false;
  }
}();

/// Dense rows one after the other, which the compiled kernels read. (With an inner stride other than 1 they can't.)
template <class Matrix>
inline constexpr bool is_dense_rows = [] {
  if constexpr (is_sparse<Matrix>) {
    return false;
  } else {
    return bool(Matrix::IsRowMajor) && Matrix::InnerStrideAtCompileTime == 1;
  }
}();

/// A column of a column-major sparse matrix can't be entered at a row without a search, so there the whole matrix is
/// one block, which a pass reads twice.
template <class Matrix>
inline constexpr bool in_one_block = is_sparse<Matrix> && !bool(Matrix::IsRowMajor);

/// The bytes that a pass reads of a row.
template <class Matrix>
double bytes_per_row(const Matrix& X) {
  constexpr double value = sizeof(typename Matrix::Scalar);
  if constexpr (is_sparse<Matrix>) {
    constexpr double index = sizeof(typename Matrix::StorageIndex);
    return (value + index) * static_cast<double>(X.nonZeros()) / static_cast<double>(std::max<Index>(X.rows(), 1));
  } else {
    return value * static_cast<double>(X.cols());
  }
}

template <class Matrix>
Index rows_per_block(const Matrix& X) {
  if constexpr (in_one_block<Matrix>) {
    return std::max<Index>(X.rows(), 1);
  } else {
    // Of rows 16 KB of X stay in the first cache beside w and the gradient (measured: 8 to 48 KB differ by a few percent).
    // Of a column-major matrix a block takes a piece of each column; pieces under 2 KB cost more in fetches that nothing
    // foresees than the second use saves, and 128 KB stay in half of the smallest second cache.
    constexpr bool by_rows = is_sparse<Matrix> || Matrix::IsRowMajor;
    constexpr double block_bytes = (by_rows ? 16 : 128) * 1024, fewest_rows = by_rows ? 8 : 256;
    constexpr double most_rows = 1024;  // margins, slopes and targets of them are 24 KB
    const auto rows =
        static_cast<Index>(std::clamp(block_bytes / std::max(bytes_per_row(X), 1.0), fewest_rows, most_rows));
    return rows / 8 * 8;  // the kernels take rows by eights
  }
}

/// The matrix in double: itself, where it is that already.
template <class Matrix>
decltype(auto) in_double(const Matrix& X) {
  if constexpr (std::is_same_v<typename Matrix::Scalar, double>) {
    return (X);
  } else {
    return X.template cast<double>();
  }
}

/// `fetch`: the next block from memory meanwhile. (Not where this block is looked at again soon, class after class.)
template <class Matrix>
passes::DenseRows<typename Matrix::Scalar> dense_rows(const Matrix& X, Index first, Index count, bool fetch = true) {
  constexpr Index value = sizeof(typename Matrix::Scalar);
  // A block ahead, so that it has come whole; and no less than 32 KB, of wide rows 48 and of very wide ones 64 KB, since memory takes
  // its time and the second cache has room (measured).
  const Index row = X.cols() * value;
  const Index least = (row > passes::widest_kept_row ? 64 : row > passes::widest_short_row ? 48 : 32) * 1024;
  const Index ahead = std::max<Index>(count * X.outerStride(), least / value);
  return {X.data() + first * X.outerStride(), count, X.cols(), X.outerStride(), fetch ? ahead : 0};
}

/// The entries of a row of a CSR matrix.
template <class Matrix>
struct SparseRow {
  const typename Matrix::Scalar* values;
  const typename Matrix::StorageIndex* columns;
  Index count;

  SparseRow(const Matrix& X, Index row) {
    const auto begin = X.outerIndexPtr()[row];
    values = X.valuePtr() + begin;
    columns = X.innerIndexPtr() + begin;
    count = X.innerNonZeroPtr() == nullptr ? X.outerIndexPtr()[row + 1] - begin : X.innerNonZeroPtr()[row];
  }
};

/// `ones`: all that X stores is 1.
template <class Matrix>
passes::SparseRows<typename Matrix::Scalar, typename Matrix::StorageIndex> sparse_rows(const Matrix& X, Index first,
                                                                                       Index count, bool ones) {
  return {ones ? nullptr : X.valuePtr(), X.innerIndexPtr(), X.outerIndexPtr() + first,
          X.isCompressed() ? nullptr : X.innerNonZeroPtr() + first, count};
}

/// How a block is to be read.
struct Reading {
  bool fetch = true;  // the next block from memory meanwhile (not where this one is looked at again soon)
  bool ones = false;  // of a sparse matrix: all that it stores is 1, so its values need not be read
};

/// Is 1 all that a sparse matrix stores?
template <class Matrix>
bool stores_ones(const Matrix& X) {
  if constexpr (is_sparse<Matrix> && bool(Matrix::IsRowMajor)) {
    for (Index i = 0; i < X.rows(); ++i) {
      const SparseRow row(X, i);
      for (Index k = 0; k < row.count; ++k) {
        if (row.values[k] != 1) return false;
      }
    }
    return true;
  }
  return false;
}

/// margins = X_block w + offset
template <class Matrix>
void multiply_rows(const Matrix& X, Index first, Index count, const double* w, double offset, double* margins,
                   Reading how = {}) {
  if constexpr (is_dense_rows<Matrix>) {
    passes::multiply(dense_rows(X, first, count, how.fetch), w, offset, margins);
  } else if constexpr (!is_sparse<Matrix>) {
    Eigen::Map<Vector> products(margins, count);
    const auto rows = X.middleRows(first, count);
    products.noalias() = in_double(rows) * Eigen::Map<const Vector>(w, X.cols());
    products.array() += offset;
  } else if constexpr (Matrix::IsRowMajor) {
    passes::multiply(sparse_rows(X, first, count, how.ones), w, offset, margins);
  } else {
    std::fill_n(margins, count, offset);
    for (Index j = 0; j < X.cols(); ++j) {
      for (typename Matrix::InnerIterator entry(X, j); entry; ++entry)
        margins[entry.row()] += static_cast<double>(entry.value()) * w[j];
    }
  }
}

/// sum += X_blockᵀ factors
template <class Matrix>
void add_rows(const Matrix& X, Index first, Index count, const double* factors, double* sum, Reading how = {}) {
  if constexpr (is_dense_rows<Matrix>) {
    passes::accumulate(dense_rows(X, first, count, how.fetch), factors, sum);
  } else if constexpr (!is_sparse<Matrix>) {
    const auto rows = X.middleRows(first, count);
    Eigen::Map<Vector>(sum, X.cols()).noalias() +=
        in_double(rows).transpose() * Eigen::Map<const Vector>(factors, count);
  } else if constexpr (Matrix::IsRowMajor) {
    passes::accumulate(sparse_rows(X, first, count, how.ones), factors, sum);
  } else {
    for (Index j = 0; j < X.cols(); ++j) {
      double column = 0;
      for (typename Matrix::InnerIterator entry(X, j); entry; ++entry)
        column += static_cast<double>(entry.value()) * factors[entry.row()];
      sum[j] += column;
    }
  }
}

/// sum_j += Σ_i factor_i ((x_ij − centre_j) s_j)², s_j = inverse_scale_j, or 1 where that is null. (Squares of numbers that
/// are not scaled yet may leave the range of a double.) Dense: the square of the difference, which keeps its digits. Sparse:
/// the zeros that are not stored count too, so the square is expanded, and (centre_j s_j)² Σ_i factor_i is left to the
/// caller, who adds it once, not with each block. That loses eps (centre / deviation)²; a caller who centres a sparse matrix
/// must expect the sum of a nearly constant column to come out as noise, even below zero.
template <class Matrix>
void add_squares(const Matrix& X, Index first, Index count, const double* factors, const double* centre,
                 const double* inverse_scale, double* sum) {
  if constexpr (is_dense_rows<Matrix>) {
    passes::add_squares(dense_rows(X, first, count), factors, centre, inverse_scale, sum);
  } else if constexpr (is_sparse<Matrix>) {
    const Index outer_begin = Matrix::IsRowMajor ? first : 0;
    const Index outer_end = Matrix::IsRowMajor ? first + count : X.cols();
    for (Index outer = outer_begin; outer < outer_end; ++outer) {
      for (typename Matrix::InnerIterator entry(X, outer); entry; ++entry) {
        const auto x = static_cast<double>(entry.value());
        const double scale = inverse_scale == nullptr ? 1 : inverse_scale[entry.col()];
        sum[entry.col()] += factors[entry.row() - first] * (x * scale) * ((x - 2 * centre[entry.col()]) * scale);
      }
    }
  } else {
    const Eigen::Map<const Vector> weights(factors, count);
    for (Index j = 0; j < X.cols(); ++j) {
      const auto column = X.col(j).segment(first, count);
      const double scale = inverse_scale == nullptr ? 1 : inverse_scale[j];
      sum[j] += (weights.array() * ((in_double(column).array() - centre[j]) * scale).square()).sum();
    }
  }
}

/// Calls `found(row, column, value)` for the first entry that is not finite, if there is one.
template <class Matrix, class Found>
void find_not_finite(const Matrix& X, Found&& found) {
  if constexpr (is_sparse<Matrix>) {
    for (Index outer = 0; outer < X.outerSize(); ++outer) {
      for (typename Matrix::InnerIterator entry(X, outer); entry; ++entry) {
        if (!std::isfinite(entry.value())) return found(entry.row(), entry.col(), static_cast<double>(entry.value()));
      }
    }
  } else {
    // x − x is 0, or NaN where x is not finite: a sum that the compiler can vectorise, and the search only if it fails.
    if (X.size() == 0 || (X - X).sum() == 0) return;
    for (Index i = 0; i < X.rows(); ++i) {
      for (Index j = 0; j < X.cols(); ++j) {
        if (!std::isfinite(X(i, j))) return found(i, j, static_cast<double>(X(i, j)));
      }
    }
  }
}

}  // namespace surefoot
