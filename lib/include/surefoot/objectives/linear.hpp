/// Linear models over Eigen matrices, dense (in either order) or sparse:
///
///   Eigen::MatrixXd X = …;  Eigen::VectorXd y = …;         // a row an observation; y of 0 and 1 for Logistic
///   surefoot::Logistic model{X, y, {.l2 = 1e-3}};
///   auto result = surefoot::minimize(model, Eigen::VectorXd::Zero(X.cols() + 1));
///   double b = result.w[X.cols()];                         // the intercept
///
/// The objective is   mean over rows of loss(x·w + b, y)  +  l2/2 |w|²,   with its gradient. Weights of X.cols() entries
/// are a model without intercept; of one more, the last is the intercept b, which is never penalised.
///
/// X and y are looked at, not copied: they must outlive the model, and a temporary is refused at compile time. A model
/// computes in buffers of its own (so a call allocates nothing) and serves one thread; a copy of it serves another.
#pragma once

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>

#include "surefoot/loop/parameters.hpp"
#include "surefoot/models/least_squares.hpp"
#include "surefoot/models/logistic.hpp"
#include "surefoot/models/loss.hpp"
#include "surefoot/objectives/row_blocks.hpp"
#include "surefoot/vector.hpp"

namespace surefoot {

struct LinearOptions {
  double l2 = 0;  // >= 0; the penalty is l2/2 |w|², of the weights of the columns as they are fitted

  // With these the model is fitted as if column j were (x_j − centre_j) / scale_j, without a copy of X: standardised
  // columns for the price of O(columns) a pass. Either may be left empty (centre 0, scale 1).
  // The price is in digits: about eps |centre_j| / scale_j of a column are lost in its margins and gradient. Beyond a
  // ratio of 1e6 shift the column itself.
  Vector centre{};  // finite
  Vector scale{};   // > 0; Inf makes a column all zeros, exactly, which is what a constant column should be
};

template <MarginLoss Loss, class Matrix>
class LinearObjective {
  static_assert(
      is_stored_matrix<Matrix>,
      "surefoot: X must be a matrix in memory (Eigen::MatrixXd, SparseMatrix, Map, Ref, …), not an expression: "
      "store it in a matrix first");
  static_assert(std::is_same_v<typename Matrix::Scalar, double>, "surefoot: X must hold double: X.cast<double>()");

 public:
  LinearObjective(const Matrix& X, const Vector& y, const LinearOptions& options = {}, const Loss& loss = {})
      : matrix_(&X),
        targets_(&y),
        loss_(loss),
        l2_(options.l2),
        block_(rows_per_block(X)),
        shifted_(options.centre.size() > 0) {
    check(options);
    const Index margins = std::min(block_, rows());
    margins_.resize(margins);
    slopes_.resize(margins);
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
    raw_weights_.resize(inverse_scale_.size());
  }

  // The model would look at a matrix that is gone.
  LinearObjective(const Matrix&&, const Vector&, const LinearOptions& = {}, const Loss& = {}) = delete;
  LinearObjective(const Matrix&, const Vector&&, const LinearOptions& = {}, const Loss& = {}) = delete;
  LinearObjective(const Matrix&&, const Vector&&, const LinearOptions& = {}, const Loss& = {}) = delete;

  double loss(const Vector& w) {
    const Raw raw = in_raw_columns(w);
    double sum = 0;
    for (Index first = 0; first < rows(); first += block_) {
      const Index count = compute_margins(raw, first);
      double of_block = 0;  // summed by blocks: the rounding errors of the blocks do not add up row by row
      for (Index i = 0; i < count; ++i) of_block += loss_.value(margins_[i], (*targets_)[first + i]);
      sum += of_block;
    }
    return sum / count_of_rows() + penalty(w);
  }

  double loss(const Vector& w, Vector& gradient) {
    const Raw raw = in_raw_columns(w);
    gradient.setZero(w.size());
    double sum = 0;
    double slope_sum = 0;
    for (Index first = 0; first < rows(); first += block_) {
      const Index count = compute_margins(raw, first);
      double of_block = 0;
      double slopes_of_block = 0;
      for (Index i = 0; i < count; ++i) {
        const auto [value, slope] = loss_.at(margins_[i], (*targets_)[first + i]);
        of_block += value;
        slopes_of_block += slope;
        slopes_[i] = slope;
      }
      sum += of_block;
      slope_sum += slopes_of_block;
      add_rows(*matrix_, first, count, slopes_.head(count), gradient.head(columns()));
    }

    auto of_columns = gradient.head(columns()).array();
    if (scaled()) {
      if (shifted_) of_columns -= slope_sum * centre_.array();
      of_columns *= inverse_scale_.array();
    }
    of_columns = of_columns / count_of_rows() + l2_ * w.head(columns()).array();
    if (has_intercept(w)) gradient[columns()] = slope_sum / count_of_rows();
    return sum / count_of_rows() + penalty(w);
  }

  /// The diagonal of the Hessian, the penalty included: what diagonal coordinates divide by.
  void curvature(const Vector& w, Vector& diagonal) {
    const Raw raw = in_raw_columns(w);
    diagonal.setZero(w.size());
    double sum = 0;
    for (Index first = 0; first < rows(); first += block_) {
      const Index count = compute_margins(raw, first);
      for (Index i = 0; i < count; ++i) slopes_[i] = loss_.curvature(margins_[i], (*targets_)[first + i]);
      sum += slopes_.head(count).sum();
      add_squares(*matrix_, first, count, slopes_.head(count), centre_, diagonal.head(columns()));
    }

    auto of_columns = diagonal.head(columns()).array();
    // Only the expanded square of a sparse matrix can come out below zero, as rounding noise.
    of_columns = (of_columns < 0).select(0.0, of_columns);
    if (scaled()) of_columns *= inverse_scale_.array().square();
    of_columns = of_columns / count_of_rows() + l2_;
    if (has_intercept(w)) diagonal[columns()] = sum / count_of_rows();
  }

  double lower_bound() const { return Loss::lower_bound; }
  Index rows() const { return matrix_->rows(); }
  Index columns() const { return matrix_->cols(); }

 private:
  // The model in the columns as they are stored: margin = x·weights + offset.
  struct Raw {
    Eigen::Map<const Vector> weights;
    double offset;
  };

  Raw in_raw_columns(const Vector& w) {
    if (w.size() != columns() && w.size() != columns() + 1) {
      const auto d = static_cast<long>(columns());
      throw std::invalid_argument("w has " + std::to_string(w.size()) + " entries and X has " + std::to_string(d) +
                                  " columns: w must have " + std::to_string(d) + " entries (no intercept) or " +
                                  std::to_string(d + 1) + " (the last is the intercept)");
    }
    const double intercept = has_intercept(w) ? w[columns()] : 0;
    if (!scaled()) return {{w.data(), columns()}, intercept};
    raw_weights_ = w.head(columns()).cwiseProduct(inverse_scale_);
    return {{raw_weights_.data(), columns()}, shifted_ ? intercept - centre_.dot(raw_weights_) : intercept};
  }

  Index compute_margins(const Raw& raw, Index first) {
    const Index count = std::min(block_, rows() - first);
    multiply_rows(*matrix_, first, count, raw.weights, margins_.head(count));
    margins_.head(count).array() += raw.offset;
    return count;
  }

  double penalty(const Vector& w) const { return l2_ == 0 ? 0 : 0.5 * l2_ * w.head(columns()).squaredNorm(); }
  bool has_intercept(const Vector& w) const { return w.size() > columns(); }
  bool scaled() const { return inverse_scale_.size() > 0; }
  double count_of_rows() const { return static_cast<double>(rows()); }

  void check(const LinearOptions& options) const {
    if (rows() == 0 || rows() != targets_->size()) {
      throw std::invalid_argument("X has " + std::to_string(rows()) + " rows and y has " +
                                  std::to_string(targets_->size()) +
                                  " entries: both must be the same number, and at least 1");
    }
    find_not_finite(*matrix_, [](Index row, Index column, double value) {
      throw std::invalid_argument("X(" + std::to_string(row) + ", " + std::to_string(column) + ") = " + number(value) +
                                  ": every entry of X must be finite (row and column are counted from 0)");
    });
    for (Index i = 0; i < rows(); ++i) {
      if (!loss_.accepts((*targets_)[i])) reject("y", i, (*targets_)[i], Loss::targets);
    }
    require("LinearOptions", "l2", options.l2, Range::at_least(0));
    check_size("centre", options.centre);
    check_size("scale", options.scale);
    for (Index j = 0; j < options.centre.size(); ++j) {
      if (!std::isfinite(options.centre[j])) reject("centre", j, options.centre[j], "finite");
    }
    for (Index j = 0; j < options.scale.size(); ++j) {
      // Below 1e-300 the reciprocal would leave the range of double.
      if (!(options.scale[j] >= 1e-300)) reject("scale", j, options.scale[j], ">= 1e-300");
    }
  }

  void check_size(const char* field, const Vector& values) const {
    if (values.size() == 0 || values.size() == columns()) return;
    throw std::invalid_argument(std::string(field) + " of LinearOptions has " + std::to_string(values.size()) +
                                " entries: it must have one for each of the " + std::to_string(columns()) +
                                " columns of X, or none at all");
  }

  [[noreturn]] static void reject(const char* field, Index at, double value, std::string_view range) {
    throw std::invalid_argument(std::string(field) + "[" + std::to_string(at) + "] = " + number(value) +
                                " is out of range: it must be " + std::string(range));
  }

  const Matrix* matrix_;
  const Vector* targets_;
  Loss loss_;
  double l2_;
  Index block_;
  bool shifted_;
  Vector centre_;         // zeros where nothing is shifted: `curvature` wants one
  Vector inverse_scale_;  // empty: the columns are fitted as they are
  Vector raw_weights_;    // w / scale
  Vector margins_;        // of one block of rows
  Vector slopes_;         // of the same; curvatures while `curvature` runs
};

/// ½ (x·w + b − y)², averaged over the rows.
template <class Matrix>
class LeastSquares : public LinearObjective<LeastSquaresLoss, Matrix> {
 public:
  using LinearObjective<LeastSquaresLoss, Matrix>::LinearObjective;
};

/// log(1 + exp(−(2y − 1)(x·w + b))), averaged over the rows; y is 0 or 1.
template <class Matrix>
class Logistic : public LinearObjective<LogisticLoss, Matrix> {
 public:
  using LinearObjective<LogisticLoss, Matrix>::LinearObjective;
};

// Spelled out: inherited constructors deduce nothing in C++20.
template <class Matrix>
LeastSquares(const Matrix&, const Vector&) -> LeastSquares<Matrix>;
template <class Matrix>
LeastSquares(const Matrix&, const Vector&, const LinearOptions&) -> LeastSquares<Matrix>;
template <class Matrix>
Logistic(const Matrix&, const Vector&) -> Logistic<Matrix>;
template <class Matrix>
Logistic(const Matrix&, const Vector&, const LinearOptions&) -> Logistic<Matrix>;

}  // namespace surefoot
