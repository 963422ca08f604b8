/// A matrix whose columns are fitted centred and scaled, without a copy of it: a model in the fitted columns becomes one
/// in the stored columns before a pass, and the pass's gradient goes the other way after it, at O(columns) each.
#pragma once

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>

#include "surefoot/loop/parameters.hpp"
#include "surefoot/objectives/row_blocks.hpp"
#include "surefoot/passes/threads.hpp"

namespace surefoot {

struct LinearOptions {
  double l2 = 0;  // >= 0; the penalty is l2/2 |w|², of the weights of the columns as they are fitted

  // With these the model is fitted as if column j were (x_j − centre_j) / scale_j, without a copy of X: standardised
  // columns for the price of O(columns) a pass. Either may be left empty (centre 0, scale 1).
  // The price is in digits: about eps |centre_j| / scale_j of a column are lost in its margins and gradient. Beyond a
  // ratio of 1e6 shift the column itself.
  Vector centre{};  // finite
  Vector scale{};   // > 0; Inf makes a column all zeros, exactly, which is what a constant column should be

  Vector row_weights{};  // >= 0, one a row, not all 0: the mean over rows is weighted; empty: all rows alike
  int threads = 1;       // >= 0; 0: as many as pay. The same bits for the same number
  bool trusted =
      false;  // X and y were looked through already: they are not read once more to refuse what is not finite
};

[[noreturn]] inline void reject_entry(const char* field, Index at, double value, std::string_view range) {
  throw std::invalid_argument(std::string(field) + "[" + std::to_string(at) + "] = " + number(value) +
                              " is out of range: it must be " + std::string(range));
}

/// X, if y has an entry for each of its rows.
template <class Matrix>
const Matrix& checked_rows(const Matrix& X, const Vector& y) {
  if (X.rows() == 0 || X.rows() != y.size()) {
    throw std::invalid_argument("X has " + std::to_string(X.rows()) + " rows and y has " + std::to_string(y.size()) +
                                " entries: both must be the same number, and at least 1");
  }
  return X;
}

/// The pieces of a pass, each done by one thread with a buffer of its own.
struct PassPieces {
  int threads = 1;
  Index count = 1;
  Index rows = 0;  // of each but the last: whole blocks
};

/// Threads pay from about 100 µs a pass.
template <class Matrix>
bool threads_pay(const Matrix& X) {
  constexpr double nanoseconds_per_byte = is_sparse<Matrix> ? 0.2 : 0.05;
  return bytes_per_row(X) * static_cast<double>(X.rows()) * nanoseconds_per_byte >= 1e5;
}

/// How to share a pass over X; 0 threads: as many as pay. Four pieces a thread even out what else the machine does, where
/// adding up their gradients costs little beside reading their rows.
template <class Matrix>
PassPieces pieces_of(const Matrix& X, int threads, Index block) {
  PassPieces pieces;
  const Index rows = X.rows();
  pieces.rows = rows;
  if (in_one_block<Matrix> || rows <= block) return pieces;
  const double bytes = bytes_per_row(X) * static_cast<double>(rows);
  if (threads == 0) threads = threads_pay(X) ? passes::available_threads() : 1;
  if (threads <= 1) return pieces;
  const double gradient_bytes = 8.0 * static_cast<double>(X.cols());
  const Index wanted = bytes > 64 * gradient_bytes * threads ? 4 * threads : threads;
  const Index blocks = (rows + block - 1) / block, each = (blocks + wanted - 1) / wanted;
  pieces.threads = threads;
  pieces.rows = each * block;
  pieces.count = (rows + pieces.rows - 1) / pieces.rows;
  return pieces;
}

template <class Matrix>
class FittedColumns {
  static_assert(
      is_stored_matrix<Matrix>,
      "surefoot: X must be a matrix in memory (Eigen::MatrixXd, SparseMatrix, Map, Ref, …), not an expression: "
      "store it in a matrix first");
  static_assert(std::is_same_v<typename Matrix::Scalar, double> || std::is_same_v<typename Matrix::Scalar, float>,
                "surefoot: X must hold double or float: X.cast<double>()");

 public:
  FittedColumns(const Matrix& X, const LinearOptions& options)
      : matrix_(&X), shifted_(options.centre.size() > 0), block_(rows_per_block(X)) {
    check(options);
    pieces_ = pieces_of(X, options.threads, block_);
    ones_ = stores_ones(X);
    if (shifted_) {
      centre_ = options.centre;
    } else {
      centre_.setZero(columns());
    }
    if (options.scale.size() > 0) {
      inverse_scale_ = options.scale.cwiseInverse();
    } else if (shifted_) {
      inverse_scale_.setOnes(columns());
    }
  }

  /// The same columns of some of their rows, read by as many threads, or by one where so few don't pay for more.
  template <class All>
  FittedColumns(const Matrix& X, const FittedColumns<All>& all)
      : matrix_(&X),
        shifted_(all.shifted()),
        block_(rows_per_block(X)),
        ones_(all.reading().ones),
        pieces_(pieces_of(X, threads_pay(X) ? all.pieces().threads : 1, block_)),
        centre_(all.centre()),
        inverse_scale_(all.inverse_scale()) {}

  const Matrix& matrix() const { return *matrix_; }
  Index rows() const { return matrix_->rows(); }
  Index columns() const { return matrix_->cols(); }
  Index block() const { return block_; }
  const PassPieces& pieces() const { return pieces_; }
  Reading reading() const { return {.fetch = true, .ones = ones_}; }
  bool scaled() const { return inverse_scale_.size() > 0; }
  bool shifted() const { return shifted_; }
  const Vector& centre() const { return centre_; }                // zeros where nothing is shifted
  const Vector& inverse_scale() const { return inverse_scale_; }  // empty: the columns are fitted as they are
  /// The same as kernels take it.
  const double* scale_or_null() const { return scaled() ? inverse_scale_.data() : nullptr; }

  /// A model in the columns as they are stored: margin = x·weights + offset.
  struct Raw {
    const double* weights;
    double offset;
  };
  /// `w` has `columns()` entries; `store` keeps what is computed.
  Raw to_raw(const double* w, double intercept, Vector& store) const {
    if (!scaled()) return {w, intercept};
    store = Eigen::Map<const Vector>(w, columns()).cwiseProduct(inverse_scale_);
    return {store.data(), shifted_ ? intercept - centre_.dot(store) : intercept};
  }
  /// Xᵀ slopes of the stored columns becomes that of the fitted ones, in place.
  template <class Columns>
  void to_fitted(Columns&& sums, double slope_sum) const {
    if (!scaled()) return;
    if (shifted_) sums -= slope_sum * centre_;
    sums = sums.cwiseProduct(inverse_scale_);
  }
  /// The same, times `share`, plus l2 w: a gradient, in one go over its entries (beside a sparse pass they count).
  template <class Columns, class Weights>
  void to_gradient(Columns&& sums, double slope_sum, double share, double l2, const Weights& w) const {
    if (!scaled()) {
      sums = share * sums + l2 * w;
    } else if (!shifted_) {
      sums = share * sums.cwiseProduct(inverse_scale_) + l2 * w;
    } else {
      sums = share * (sums - slope_sum * centre_).cwiseProduct(inverse_scale_) + l2 * w;
    }
  }

  /// squares += Σ_i factor_i x_i² of the fitted columns, over some rows; `finish_squares` once after all of them.
  void add_squares(Index first, Index count, const double* factors, double* squares) const {
    surefoot::add_squares(*matrix_, first, count, factors, centre_.data(), scale_or_null(), squares);
  }
  template <class Columns>
  void finish_squares(Columns&& squares, double factor_sum) const {
    if (is_sparse<Matrix> && shifted_) squares += factor_sum * centre_.cwiseProduct(inverse_scale_).cwiseAbs2();
    squares =
        squares.cwiseMax(0.0);  // only the expanded square of a sparse matrix can come out below, as rounding noise
  }

  /// The pieces of a pass, or fewer and larger ones: no more than `most`.
  Index pieces_within(Index most) const { return (pieces_.count + joined(most) - 1) / joined(most); }
  /// Calls work(piece, first, end) for each of them.
  template <class Work>
  void for_each_piece(Work&& work, Index most = std::numeric_limits<Index>::max()) const {
    const Index each = joined(most) * pieces_.rows;
    passes::for_each_piece(pieces_.threads, pieces_within(most), [&](Index piece) {
      const Index first = piece * each;
      work(piece, first, std::min(first + each, rows()));
    });
  }

 private:
  /// Of so many pieces one is made.
  Index joined(Index most) const { return pieces_.count / most + (pieces_.count % most != 0); }

  void check(const LinearOptions& options) const {
    if (!options.trusted) {
      find_not_finite(*matrix_, [](Index row, Index column, double value) {
        throw std::invalid_argument("X(" + std::to_string(row) + ", " + std::to_string(column) +
                                    ") = " + number(value) +
                                    ": every entry of X must be finite (row and column are counted from 0)");
      });
    }
    require("LinearOptions", "l2", options.l2, Range::at_least(0));
    require("LinearOptions", "threads", options.threads, Range::at_least(0));
    check_size("centre", options.centre, columns(), "columns");
    check_size("scale", options.scale, columns(), "columns");
    check_size("row_weights", options.row_weights, rows(), "rows");
    for (Index j = 0; j < options.centre.size(); ++j) {
      if (!std::isfinite(options.centre[j])) reject_entry("centre", j, options.centre[j], "finite");
    }
    for (Index j = 0; j < options.scale.size(); ++j) {
      // Below 1e-300 the reciprocal would leave the range of double.
      if (!(options.scale[j] >= 1e-300)) reject_entry("scale", j, options.scale[j], ">= 1e-300");
    }
    for (Index i = 0; i < options.row_weights.size(); ++i) {
      const double weight = options.row_weights[i];
      if (!(weight >= 0) || !std::isfinite(weight)) reject_entry("row_weights", i, weight, ">= 0 and finite");
    }
    if (options.row_weights.size() > 0 && !(options.row_weights.maxCoeff() > 0)) {
      throw std::invalid_argument("row_weights are all 0: at least one row must count");
    }
    if (!std::isfinite(options.row_weights.sum())) {
      throw std::invalid_argument("row_weights are too large: their sum must be finite");
    }
  }

  static void check_size(const char* field, const Vector& values, Index size, const char* what) {
    if (values.size() == 0 || values.size() == size) return;
    throw std::invalid_argument(std::string(field) + " of LinearOptions has " + std::to_string(values.size()) +
                                " entries: it must have one for each of the " + std::to_string(size) + " " + what +
                                " of X, or none at all");
  }

  const Matrix* matrix_;
  bool shifted_;
  Index block_;
  bool ones_ = false;
  PassPieces pieces_{};
  Vector centre_{}, inverse_scale_{};
};

}  // namespace surefoot
