/// XᵀDX of the fitted columns, summed block of rows after block of rows, without a copy of X: what a Hessian of a linear model
/// is made of. Each piece of a pass has sums of its own.
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "surefoot/objectives/fitted_columns.hpp"

namespace surefoot {

template <class Matrix>
class GramSums {
 public:
  /// `size`: the columns, and one more for an intercept.
  void begin(Index size, Index columns) {
    sum_.setZero(size, size);
    column_sums_.setZero(columns + 1);
  }

  /// Of `count` rows from `first`, each times its factor, which is not negative. `scratch` may be shared by sums that are added to in
  /// turn.
  void add(const FittedColumns<Matrix>& columns, Index first, Index count, const double* factors, Vector& scratch) {
    scratch.resize(is_sparse<Matrix> ? columns.columns() : passes::gram_scratch(sum_.rows()));
    if constexpr (is_dense_rows<Matrix>) {
      const double* centre = columns.shifted() ? columns.centre().data() : nullptr;
      passes::add_gram(
          passes::GramRows<typename Matrix::Scalar>{dense_rows(columns.matrix(), first, count), factors, centre,
                                                    columns.scale_or_null(), has_intercept(columns)},
          sum_.data(), scratch.data());
    } else if constexpr (is_sparse<Matrix>) {
      add_stored(columns, first, count, factors, scratch);
    } else {
      add_copied(columns, first, count, factors);
    }
  }

  /// How many pieces may have `matrices` sums of their own: those that take an eighth of what X does, or 16 MB.
  static Index most_pieces(Index size, const Matrix& X, Index matrices = 1) {
    const double each = sizeof(double) * static_cast<double>(size * matrices) * static_cast<double>(size),
                 may_take = std::max(bytes_per_row(X) * static_cast<double>(X.rows()) / 8, 16e6);
    return static_cast<Index>(std::clamp(may_take / each, 1.0, 1e6));
  }
  /// All pieces, in their order: the upper triangle, but for sparse X the whole.
  static void finish(std::vector<GramSums>& pieces, const FittedColumns<Matrix>& columns, Eigen::MatrixXd& to) {
    std::swap(to, pieces.front().sum_);
    for (std::size_t piece = 1; piece < pieces.size(); ++piece) {
      to += pieces[piece].sum_;
      if (is_large(to.rows())) pieces[piece].sum_.resize(0, 0);
    }
    if (is_large(to.rows())) pieces.front().sum_.resize(0, 0);
    if constexpr (is_sparse<Matrix>) {
      Vector sums = Vector::Zero(columns.columns() + 1);
      for (const GramSums& piece : pieces) sums += piece.column_sums_;
      fit_columns(columns, sums, to);
    }
  }

 private:
  /// So large that its memory is not kept.
  static bool is_large(Index size) { return size > 1024; }
  bool has_intercept(const FittedColumns<Matrix>& columns) const { return sum_.rows() > columns.columns(); }

  /// Of a sparse matrix in the scaled columns (products of numbers that are not scaled yet may leave the range of a double);
  /// `finish` centres them, once.
  void add_stored(const FittedColumns<Matrix>& columns, Index first, Index count, const double* factors,
                  Vector& scratch) {
    const Matrix& X = columns.matrix();
    if constexpr (Matrix::IsRowMajor) {
      for (Index i = 0; i < count; ++i) {
        const SparseRow row(X, first + i);
        const double* values = scaled_row(row, columns, scratch);
        for (Index a = 0; a < row.count; ++a) {
          const double value = factors[i] * values[a];
          double* column = sum_.data() + row.columns[a] * sum_.rows();
          for (Index b = 0; b <= a; ++b) column[row.columns[b]] += value * values[b];
          column_sums_[row.columns[a]] += value;
        }
        column_sums_[X.cols()] += factors[i];
      }
    } else {
      Eigen::SparseMatrix<double> scaled = in_double(X);
      if (columns.scaled()) scaled = scaled * columns.inverse_scale().asDiagonal();
      const Eigen::Map<const Vector> weights(factors, count);
      const Eigen::SparseMatrix<double> squares = scaled.transpose() * weights.asDiagonal() * scaled;
      sum_.topLeftCorner(X.cols(), X.cols()) += squares;
      column_sums_.head(X.cols()) += scaled.transpose() * weights;
      column_sums_[X.cols()] += weights.sum();
    }
  }
  static const double* scaled_row(const SparseRow<Matrix>& row, const FittedColumns<Matrix>& columns, Vector& scratch) {
    const double* scale = columns.scale_or_null();
    for (Index k = 0; k < row.count; ++k) {
      scratch[k] = static_cast<double>(row.values[k]) * (scale == nullptr ? 1 : scale[row.columns[k]]);
    }
    return scratch.data();
  }
  /// Of a dense matrix whose rows don't lie together.
  void add_copied(const FittedColumns<Matrix>& columns, Index first, Index count, const double* factors) {
    const auto rows = columns.matrix().middleRows(first, count);
    copy_ = in_double(rows);
    if (columns.shifted()) copy_.rowwise() -= columns.centre().transpose();
    if (columns.scaled()) copy_.array().rowwise() *= columns.inverse_scale().transpose().array();
    if (has_intercept(columns)) {
      copy_.conservativeResize(Eigen::NoChange, columns.columns() + 1);
      copy_.col(columns.columns()).setOnes();
    }
    const Eigen::Map<const Vector> weights(factors, count);
    sum_.noalias() += copy_.transpose() * weights.asDiagonal() * copy_;
  }

  /// From scaled columns to fitted ones; `sums` of the scaled columns, and last of the factors.
  static void fit_columns(const FittedColumns<Matrix>& columns, Vector& sums, Eigen::MatrixXd& to) {
    const Index d = columns.columns();
    const double total = sums[d];
    if (columns.shifted()) {
      const Vector c = columns.centre().cwiseProduct(columns.inverse_scale());
      for (Index j = 0; j < d; ++j) {
        for (Index i = 0; i < d; ++i) to(i, j) += total * c[i] * c[j] - sums[i] * c[j] - c[i] * sums[j];
      }
      sums.head(d) -= total * c;
    }
    if (to.rows() > d) {
      to.col(d).head(d) = sums.head(d);
      to(d, d) = total;
    }
  }

  Eigen::MatrixXd sum_{};  // its upper triangle in Eigen's order is the kernel's lower one
  Vector column_sums_{};   // of sparse columns, times the rows' factors; last the sum of the factors
  Eigen::MatrixXd copy_{};
};

}  // namespace surefoot
