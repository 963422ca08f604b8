/// How a pass reads a matrix: block of rows after block of rows, each small enough that the second use of a block (for
/// the gradient) finds it in the cache that the first (for the margins) has filled. Memory is then read once a pass.
///
/// The same four functions for each layout: dense in either order, compressed sparse rows (CSR) and columns (CSC).
///
///   for (first = 0; first < X.rows(); first += rows_per_block(X))    // the last block may be shorter
///     multiply_rows(X, first, count, w, margins);                    // margins  = X_block w
///     add_rows(X, first, count, slopes, gradient);                   // gradient += X_blockᵀ slopes
#pragma once

#include <algorithm>
#include <cmath>
#include <type_traits>

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

/// A column of a column-major sparse matrix can't be entered at a row without a search, so there the whole matrix is
/// one block, which a pass reads twice.
template <class Matrix>
inline constexpr bool in_one_block = is_sparse<Matrix> && !bool(Matrix::IsRowMajor);

template <class Matrix>
Index rows_per_block(const Matrix& X) {
  if constexpr (in_one_block<Matrix>) {
    return std::max<Index>(X.rows(), 1);
  } else {
    // 128 KB of X, and what belongs to it, stay in half of the smallest L2 in use (256 KB).
    constexpr double block_bytes = 128 * 1024;
    // Margins, slopes and targets of 1024 rows are 24 KB: they stay in L1.
    constexpr double most_rows = 1024;
    // The product for the gradient takes rows by fours. Of a column-major matrix a block takes a piece of each column;
    // pieces under 2 KB cost more in fetches that nothing foresees than the second use saves.
    constexpr double fewest_rows = is_sparse<Matrix> || Matrix::IsRowMajor ? 4 : 256;
    double row_bytes = 0;
    if constexpr (is_sparse<Matrix>) {
      row_bytes = 12.0 * static_cast<double>(X.nonZeros()) / static_cast<double>(std::max<Index>(X.rows(), 1));
    } else {
      row_bytes = 8.0 * static_cast<double>(X.cols());
    }
    return static_cast<Index>(std::clamp(block_bytes / std::max(row_bytes, 1.0), fewest_rows, most_rows));
  }
}

/// products = X_block w
template <class Matrix>
void multiply_rows(const Matrix& X, Index first, Index count, Eigen::Map<const Vector> w, Eigen::Ref<Vector> products) {
  if constexpr (!is_sparse<Matrix> && Matrix::IsRowMajor) {
    // Row by row, as memory is laid out: Eigen's product reads eight rows at once, eight short streams that the hardware
    // does not fetch ahead (9 against 24 GB/s at 100 columns).
    for (Index i = 0; i < count; ++i) products[i] = X.row(first + i).dot(w);
  } else if constexpr (!is_sparse<Matrix>) {
    products.noalias() = X.middleRows(first, count) * w;
  } else if constexpr (Matrix::IsRowMajor) {
    for (Index i = 0; i < count; ++i) {
      double sum = 0;
      for (typename Matrix::InnerIterator entry(X, first + i); entry; ++entry) sum += entry.value() * w[entry.col()];
      products[i] = sum;
    }
  } else {
    products.setZero();
    for (Index j = 0; j < X.cols(); ++j) {
      for (typename Matrix::InnerIterator entry(X, j); entry; ++entry) products[entry.row()] += entry.value() * w[j];
    }
  }
}

/// sum += X_blockᵀ factors
template <class Matrix>
void add_rows(const Matrix& X, Index first, Index count, Eigen::Ref<const Vector> factors, Eigen::Ref<Vector> sum) {
  if constexpr (!is_sparse<Matrix>) {
    sum.noalias() += X.middleRows(first, count).transpose() * factors;
  } else if constexpr (Matrix::IsRowMajor) {
    for (Index i = 0; i < count; ++i) {
      const double factor = factors[i];
      for (typename Matrix::InnerIterator entry(X, first + i); entry; ++entry)
        sum[entry.col()] += entry.value() * factor;
    }
  } else {
    for (Index j = 0; j < X.cols(); ++j) {
      double column = 0;
      for (typename Matrix::InnerIterator entry(X, j); entry; ++entry) column += entry.value() * factors[entry.row()];
      sum[j] += column;
    }
  }
}

/// sum_j += Σ_i factor_i (x_ij − centre_j)². Dense: the square of the difference, which keeps its digits. Sparse: the
/// zeros that are not stored count too, so the square is expanded, at a loss of eps (centre / deviation)²; a caller who
/// centres a sparse matrix must expect the sum of a nearly constant column to come out as noise, even below zero.
template <class Matrix>
void add_squares(const Matrix& X, Index first, Index count, Eigen::Ref<const Vector> factors, const Vector& centre,
                 Eigen::Ref<Vector> sum) {
  if constexpr (is_sparse<Matrix>) {
    sum.array() += factors.sum() * centre.array().square();
    const Index outer_begin = Matrix::IsRowMajor ? first : 0;
    const Index outer_end = Matrix::IsRowMajor ? first + count : X.cols();
    for (Index outer = outer_begin; outer < outer_end; ++outer) {
      for (typename Matrix::InnerIterator entry(X, outer); entry; ++entry) {
        const double x = entry.value();
        sum[entry.col()] += factors[entry.row() - first] * x * (x - 2 * centre[entry.col()]);
      }
    }
  } else if constexpr (Matrix::IsRowMajor) {
    for (Index i = 0; i < count; ++i) {
      sum.array() += factors[i] * (X.row(first + i).transpose().array() - centre.array()).square();
    }
  } else {
    for (Index j = 0; j < X.cols(); ++j) {
      sum[j] += (factors.array() * (X.col(j).segment(first, count).array() - centre[j]).square()).sum();
    }
  }
}

/// Calls `found(row, column, value)` for the first entry that is not finite, if there is one.
template <class Matrix, class Found>
void find_not_finite(const Matrix& X, Found&& found) {
  if constexpr (is_sparse<Matrix>) {
    for (Index outer = 0; outer < X.outerSize(); ++outer) {
      for (typename Matrix::InnerIterator entry(X, outer); entry; ++entry) {
        if (!std::isfinite(entry.value())) return found(entry.row(), entry.col(), entry.value());
      }
    }
  } else {
    // x − x is 0, or NaN where x is not finite: a sum that the compiler can vectorise, and the search only if it fails.
    if (X.size() == 0 || (X - X).sum() == 0) return;
    for (Index i = 0; i < X.rows(); ++i) {
      for (Index j = 0; j < X.cols(); ++j) {
        if (!std::isfinite(X(i, j))) return found(i, j, X(i, j));
      }
    }
  }
}

}  // namespace surefoot
