/// Softmax regression (multinomial logistic): a margin for each of K classes, over the same matrices as linear.hpp.
///
///   Eigen::VectorXd y = …;                                       // the class of each row: 0 … K − 1
///   surefoot::Softmax model{X, y, 3, {.l2 = 1e-3}};
///   auto result = surefoot::minimize(model, Eigen::VectorXd::Zero((X.cols() + 1) * 3));
///   // result.w: the weights of the columns for class 0, for class 1, for class 2; then the three intercepts
///
/// The objective is   mean over rows of log Σ_k exp(z_k) − z_y  +  l2/2 |w|²,   z_k = x·w_k + b_k, the intercepts not
/// penalised. Weights of K · X.cols() entries are a model without intercepts. All classes have weights, none is left out
/// as a reference: with l2 > 0 the minimum is one point all the same.
#pragma once

#include <vector>

#include "surefoot/objectives/fitted_columns.hpp"

namespace surefoot {

template <class Matrix>
class Softmax {
 public:
  /// Throws std::invalid_argument for fewer than two classes, a target that is none of them, and as LinearOptions says.
  Softmax(const Matrix& X, const Vector& y, Index classes, const LinearOptions& options = {})
      : columns_(checked_rows(X, y), options),
        targets_(&y),
        row_weights_(options.row_weights),
        classes_(classes),
        l2_(options.l2),
        weight_of_rows_(options.row_weights.size() > 0 ? options.row_weights.sum() : static_cast<double>(X.rows())) {
    require("Softmax", "classes", static_cast<double>(classes), Range::at_least(2));
    for (Index i = 0; i < y.size() && !options.trusted; ++i) {
      if (!(y[i] >= 0 && y[i] < static_cast<double>(classes) && y[i] == std::floor(y[i]))) {
        reject_entry("y", i, y[i], "a whole number from 0 to " + std::to_string(classes - 1));
      }
    }
    buffers_.resize(static_cast<std::size_t>(columns_.pieces().count));
    for (Buffers& of_piece : buffers_) of_piece.margins.resize(std::min(columns_.block(), rows()), classes);
    raw_weights_.resize(columns_.scaled() ? columns() : 0, classes);
    offsets_.resize(classes);
  }

  // The model would look at a matrix that is gone.
  Softmax(const Matrix&&, const Vector&, Index, const LinearOptions& = {}) = delete;
  Softmax(const Matrix&, const Vector&&, Index, const LinearOptions& = {}) = delete;
  Softmax(const Matrix&&, const Vector&&, Index, const LinearOptions& = {}) = delete;

  double loss(const Vector& w) { return run(w, nullptr); }
  double loss(const Vector& w, Vector& gradient) {
    gradient.setZero(w.size());
    return run(w, &gradient);
  }

  /// The diagonal of the Hessian, the penalty included: what diagonal coordinates divide by. One read of X.
  void curvature(const Vector& w, Vector& diagonal) {
    const bool intercept = prepare(w);
    ++reads_;
    columns_.for_each_piece([&](Index piece, Index begin, Index end) {
      Buffers& buffers = buffers_[static_cast<std::size_t>(piece)];
      buffers.sum.setZero(columns() + 1, classes_);
      for (Index first = begin; first < end; first += columns_.block()) {
        add_curvatures(buffers, first, std::min(columns_.block(), end - first));
      }
    });
    Eigen::MatrixXd& sum = buffers_.front().sum;
    for (std::size_t piece = 1; piece < buffers_.size(); ++piece) sum += buffers_[piece].sum;
    const Index d = columns();
    diagonal.resize(w.size());
    for (Index k = 0; k < classes_; ++k) {
      columns_.finish_squares(sum.col(k).head(d), sum(d, k));
      diagonal.segment(k * d, d) = (sum.col(k).head(d).array() / weight_of_rows_ + l2_).matrix();
      if (intercept) diagonal[d * classes_ + k] = sum(d, k) / weight_of_rows_;
    }
  }

  double lower_bound() const { return 0; }
  Index rows() const { return columns_.rows(); }
  Index columns() const { return columns_.columns(); }
  Index classes() const { return classes_; }
  int threads() const { return columns_.pieces().threads; }
  /// Reads of X so far.
  long reads() const { return reads_; }

 private:
  struct Buffers {
    Eigen::MatrixXd margins{};  // of a block of rows: a column a class
    Eigen::MatrixXd sum{};      // of the gradient: a column a class, the last row its intercept
    double loss = 0;
  };

  double run(const Vector& w, Vector* gradient) {
    const bool intercept = prepare(w);
    ++reads_;
    columns_.for_each_piece([&](Index piece, Index begin, Index end) {
      Buffers& buffers = buffers_[static_cast<std::size_t>(piece)];
      buffers.loss = 0;
      if (gradient != nullptr) buffers.sum.setZero(columns() + 1, classes_);
      for (Index first = begin; first < end; first += columns_.block()) {
        visit(buffers, first, std::min(columns_.block(), end - first), gradient != nullptr);
      }
    });
    double sum = 0;
    for (std::size_t piece = 0; piece < buffers_.size(); ++piece) {
      sum += buffers_[piece].loss;
      if (gradient != nullptr && piece > 0) buffers_.front().sum += buffers_[piece].sum;
    }
    if (gradient != nullptr) finish_gradient(w, intercept, *gradient);
    return sum / weight_of_rows_ + (l2_ == 0 ? 0 : 0.5 * l2_ * w.head(classes_ * columns()).squaredNorm());
  }

  /// The weights in the stored columns. True: with intercepts.
  bool prepare(const Vector& w) {
    const Index d = columns();
    if (w.size() != d * classes_ && w.size() != (d + 1) * classes_) {
      throw std::invalid_argument("w has " + std::to_string(w.size()) + " entries for " + std::to_string(classes_) +
                                  " classes and " + std::to_string(d) + " columns: it must have " +
                                  std::to_string(d * classes_) + " (no intercepts) or " +
                                  std::to_string((d + 1) * classes_) + " (the last are the intercepts)");
    }
    const bool intercept = w.size() > d * classes_;
    weights_.resize(static_cast<std::size_t>(classes_));
    for (Index k = 0; k < classes_; ++k) {
      const double* of_class = w.data() + k * d;
      offsets_[k] = intercept ? w[d * classes_ + k] : 0;
      if (columns_.scaled()) {
        raw_weights_.col(k) = Eigen::Map<const Vector>(of_class, d).cwiseProduct(columns_.inverse_scale());
        if (columns_.shifted()) offsets_[k] -= columns_.centre().dot(raw_weights_.col(k));
        of_class = raw_weights_.col(k).data();
      }
      weights_[static_cast<std::size_t>(k)] = of_class;
    }
    return intercept;
  }

  /// The losses of a block of rows; its margins become slopes, times the rows' weights.
  double compute_slopes(Buffers& buffers, Index first, Index count) {
    const Index stride = buffers.margins.rows();
    double* margins = buffers.margins.data();
    for (Index k = 0; k < classes_; ++k) {
      multiply_rows(columns_.matrix(), first, count, weights_[static_cast<std::size_t>(k)], offsets_[k],
                    margins + k * stride, {.fetch = k == 0, .ones = columns_.reading().ones});
    }
    const double* weights = row_weights_.size() > 0 ? row_weights_.data() + first : nullptr;
    return passes::softmax({margins, stride, classes_, targets_->data() + first, weights, count});
  }

  void visit(Buffers& buffers, Index first, Index count, bool with_gradient) {
    buffers.loss += compute_slopes(buffers, first, count);
    if (!with_gradient) return;
    for (Index k = 0; k < classes_; ++k) {
      const auto slopes = buffers.margins.col(k).head(count);
      add_rows(columns_.matrix(), first, count, slopes.data(), buffers.sum.col(k).data(),
               {.fetch = k == 0, .ones = columns_.reading().ones});
      buffers.sum(columns(), k) += slopes.sum();
    }
  }

  /// By the margin of class k a row of weight 1 curves by p (1 − p), p its probability of the class: its slope there is p, or
  /// p − 1 in its own class, so both are |slope| (1 − |slope|).
  void add_curvatures(Buffers& buffers, Index first, Index count) {
    compute_slopes(buffers, first, count);
    for (Index k = 0; k < classes_; ++k) {
      auto curvatures = buffers.margins.col(k).head(count);
      for (Index i = 0; i < count; ++i) {
        const double weight = row_weights_.size() > 0 ? row_weights_[first + i] : 1, slope = std::abs(curvatures[i]);
        curvatures[i] = weight > 0 ? slope * (1 - slope / weight) : 0;
      }
      columns_.add_squares(first, count, curvatures.data(), buffers.sum.col(k).data());
      buffers.sum(columns(), k) += curvatures.sum();
    }
  }

  void finish_gradient(const Vector& w, bool intercept, Vector& gradient) {
    const Index d = columns();
    Eigen::MatrixXd& sum = buffers_.front().sum;
    for (Index k = 0; k < classes_; ++k) {
      columns_.to_fitted(sum.col(k).head(d), sum(d, k));
      gradient.segment(k * d, d) = sum.col(k).head(d) / weight_of_rows_ + l2_ * w.segment(k * d, d);
      if (intercept) gradient[d * classes_ + k] = sum(d, k) / weight_of_rows_;
    }
  }

  FittedColumns<Matrix> columns_;
  const Vector* targets_;
  Vector row_weights_;
  Index classes_;
  double l2_;
  double weight_of_rows_;
  std::vector<Buffers> buffers_{};
  Eigen::MatrixXd raw_weights_{};
  Vector offsets_{};
  std::vector<const double*> weights_{};
  long reads_ = 0;
};

template <class Matrix>
Softmax(const Matrix&, const Vector&, Index) -> Softmax<Matrix>;
template <class Matrix>
Softmax(const Matrix&, const Vector&, Index, const LinearOptions&) -> Softmax<Matrix>;

}  // namespace surefoot
