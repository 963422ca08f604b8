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

#include <cmath>
#include <limits>
#include <vector>

#include "surefoot/objectives/duality_gap.hpp"
#include "surefoot/objectives/fitted_columns.hpp"
#include "surefoot/objectives/gram_sums.hpp"

namespace surefoot {

template <class Matrix>
class Softmax {
 public:
  /// Throws std::invalid_argument for fewer than two classes, a target that is none of them, and as LinearOptions says.
  Softmax(const Matrix& X, const Vector& y, Index classes, const LinearOptions& options = {})
      : Softmax(FittedColumns<Matrix>(checked_rows(X, y), options), y, classes, options.l2) {
    if (options.row_weights.size() > 0) rows_changed(options.row_weights, options.row_weights.sum());
    for (Index i = 0; i < y.size() && !options.trusted; ++i) {
      if (!(y[i] >= 0 && y[i] < static_cast<double>(classes) && y[i] == std::floor(y[i]))) {
        reject_entry("y", i, y[i], "a whole number from 0 to " + std::to_string(classes - 1));
      }
    }
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
    each_block(true, [&](Buffers& buffers, Index first, Index count) { add_curvatures(buffers, first, count); });
    Eigen::MatrixXd& sum = buffers_.front().sum;
    const Index d = columns();
    diagonal.resize(w.size());
    for (Index k = 0; k < classes_; ++k) {
      columns_.finish_squares(sum.col(k).head(d), sum(d, k));
      diagonal.segment(k * d, d) = (sum.col(k).head(d).array() / weight_of_rows_ + l2_).matrix();
      if (intercept) diagonal[d * classes_ + k] = sum(d, k) / weight_of_rows_;
    }
  }

  /// The Hessian at w, its upper triangle, the penalty included: w.size() rows and columns. With K classes as much work as K (K + 1) / 2
  /// of a model of one margin.
  void hessian(const Vector& w, Eigen::MatrixXd& to) {
    const Index d = columns(), size = prepare(w) ? d + 1 : d, pairs = classes_ * (classes_ + 1) / 2;
    const Index most = GramSums<Matrix>::most_pieces(size, columns_.matrix(), pairs);
    std::vector<std::vector<GramSums<Matrix>>> sums(static_cast<std::size_t>(pairs));
    for (auto& of_pair : sums) of_pair.resize(static_cast<std::size_t>(columns_.pieces_within(most)));
    each_block(
        false,
        [&](Buffers& buffers, Index first, Index count) {
          compute_slopes(buffers, first, count);
          const auto piece = static_cast<std::size_t>(&buffers - buffers_.data());
          for (Index k = 0, pair = 0; k < classes_; ++k) {
            for (Index l = k; l < classes_; ++l, ++pair) {
              GramSums<Matrix>& gram = sums[static_cast<std::size_t>(pair)][piece];
              if (buffers.fresh) gram.begin(size, d);
              gram.add(columns_, first, count, curvatures_between(buffers, first, count, k, l), buffers.gram_scratch);
            }
          }
          buffers.fresh = false;
        },
        most);
    to.setZero(w.size(), w.size());
    Eigen::MatrixXd of_pair;
    for (Index k = 0, pair = 0; k < classes_; ++k) {
      for (Index l = k; l < classes_; ++l, ++pair) {
        GramSums<Matrix>::finish(sums[static_cast<std::size_t>(pair)], columns_, of_pair);
        of_pair.template triangularView<Eigen::StrictlyLower>() = of_pair.transpose();
        of_pair *= (k == l ? 1 : -1) / weight_of_rows_;
        to.block(k * d, l * d, d, d) = of_pair.topLeftCorner(d, d);
        if (size == d) continue;
        to.col(d * classes_ + l).segment(k * d, d) = of_pair.col(d).head(d);
        to.col(d * classes_ + k).segment(l * d, d) = of_pair.col(d).head(d);
        to(d * classes_ + k, d * classes_ + l) = of_pair(d, d);
      }
    }
    to.diagonal().head(d * classes_).array() += l2_;
  }

  /// Loss (without l1 |w|₁), gradient and the gap to a point of the dual problem (see duality_gap.hpp): of the slopes at w,
  /// those of class c's rows times a share s_c. Two to four reads of X.
  double loss(const Vector& w, Vector& gradient, double l1, DualPoint& dual) {
    const double value = loss(w, gradient);
    const bool intercept = prepare(w);
    const Vector shares = intercept ? balanced_shares() : Vector::Ones(classes_);
    Vector products(w.size());
    const double of_rows = gap_of_rows(shares, true);
    finish_gradient(Vector::Zero(w.size()), intercept, products);
    Vector& v = dual.correlations;
    v = products.head(classes_ * columns());
    const double largest = max_norm(v), scale = largest > l1 ? l1 / largest : 1;
    dual.gap = infinity;  // without l2 no column may pull harder than l1
    if (scale == 1 || l2_ > 0) dual.gap = of_rows + gap_of_weights(w, v, l1);
    if (scale == 1) return value;
    const double scaled_gap = gap_of_rows(scale * shares, false) + gap_of_weights(w, scale * v, l1);
    if (scaled_gap < dual.gap) {
      dual.gap = scaled_gap;
      v *= scale;
    }
    return value;
  }

  // Other rows, as of LinearObjective.
  const Matrix& matrix() const { return columns_.matrix(); }
  const Vector& targets() const { return *targets_; }
  const Vector& row_weights() const { return row_weights_; }
  double weight_of_rows() const { return weight_of_rows_; }
  template <class Rows>
  Softmax<Rows> with_rows(const Rows& X, const Vector& y) const {
    return {FittedColumns<Rows>(X, columns_), y, classes_, l2_};
  }
  void rows_changed(const Vector& row_weights, double weight) {
    row_weights_ = row_weights;
    weight_of_rows_ = weight;
  }

  double lower_bound() const { return 0; }
  Index rows() const { return columns_.rows(); }
  Index columns() const { return columns_.columns(); }
  Index classes() const { return classes_; }
  int threads() const { return columns_.pieces().threads; }
  /// Reads of X so far.
  long reads() const { return reads_; }

 private:
  template <class>
  friend class Softmax;

  struct Buffers {
    Eigen::MatrixXd margins{};         // of a block of rows: a column a class
    Eigen::MatrixXd sum{};             // of the gradient: a column a class, the last row its intercept
    Eigen::MatrixXd rates{};           // the slopes by each class of the rows of each class
    Vector of_pair{}, gram_scratch{};  // of the Hessian: the rows' curvatures between two classes
    double loss = 0;
    bool fresh = true;  // no block of the piece has been visited
  };

  /// All rows alike.
  Softmax(FittedColumns<Matrix> columns, const Vector& y, Index classes, double l2)
      : columns_(std::move(columns)),
        targets_(&y),
        classes_(classes),
        l2_(l2),
        weight_of_rows_(static_cast<double>(rows())) {
    require("Softmax", "classes", static_cast<double>(classes), Range::at_least(2));
    buffers_.resize(static_cast<std::size_t>(columns_.pieces().count));
    for (Buffers& of_piece : buffers_) of_piece.margins.resize(std::min(columns_.block(), rows()), classes);
    raw_weights_.resize(columns_.scaled() ? this->columns() : 0, classes);
    offsets_.resize(classes);
  }

  double run(const Vector& w, Vector* gradient) {
    const bool intercept = prepare(w);
    const double sum = each_block(gradient != nullptr, [&](Buffers& buffers, Index first, Index count) {
      buffers.loss += compute_slopes(buffers, first, count);
      if (gradient != nullptr) add_slopes(buffers, first, count);
    });
    if (gradient != nullptr) finish_gradient(w, intercept, *gradient);
    return sum / weight_of_rows_ + (l2_ == 0 ? 0 : 0.5 * l2_ * w.head(classes_ * columns()).squaredNorm());
  }

  /// One read of X: block(buffers, first, count). Returns the sum of the pieces' losses; their sums, where those are wanted,
  /// are added up in the first buffers.
  template <class Block>
  double each_block(bool with_sums, Block&& block, Index most = std::numeric_limits<Index>::max()) {
    ++reads_;
    columns_.for_each_piece(
        [&](Index piece, Index begin, Index end) {
          Buffers& buffers = buffers_[static_cast<std::size_t>(piece)];
          buffers.loss = 0;
          buffers.fresh = true;
          if (with_sums) buffers.sum.setZero(columns() + 1, classes_);
          for (Index first = begin; first < end; first += columns_.block()) {
            block(buffers, first, std::min(columns_.block(), end - first));
          }
        },
        most);
    double sum = 0;
    const auto pieces = static_cast<std::size_t>(columns_.pieces_within(most));
    for (std::size_t piece = 0; piece < pieces; ++piece) {
      sum += buffers_[piece].loss;
      if (with_sums && piece > 0) buffers_.front().sum += buffers_[piece].sum;
    }
    return sum;
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

  void add_slopes(Buffers& buffers, Index first, Index count) {
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
        const double weight = weight_of(first + i), slope = std::abs(curvatures[i]);
        curvatures[i] = weight > 0 ? slope * (1 - slope / weight) : 0;
      }
      columns_.add_squares(first, count, curvatures.data(), buffers.sum.col(k).data());
      buffers.sum(columns(), k) += curvatures.sum();
    }
  }

  /// The size of a row's second derivative by the margins of classes k and l: of two classes −p_k p_l, of one p (1 − p).
  const double* curvatures_between(Buffers& buffers, Index first, Index count, Index k, Index l) {
    buffers.of_pair.resize(count);
    for (Index i = 0; i < count; ++i) {
      const double weight = weight_of(first + i);
      const auto probability = [&](Index of) {
        const double share = buffers.margins(i, of) / weight;
        return std::max(0.0, class_of(first + i) == of ? 1 + share : share);
      };
      const double p = weight > 0 ? probability(k) : 0, other = weight > 0 && k != l ? probability(l) : 1 - p;
      buffers.of_pair[i] = weight * p * other;
    }
    return buffers.of_pair.data();
  }

  // --- a point of the dual problem ------------------------------------------------------------------------------------

  /// Shares s, the largest 1, with which the rows' slopes add up to 0 in every class, as free intercepts demand:
  /// Σ_c s_c M_ck = 0, where M_ck sums the slopes by class k of the rows of class c. Off its diagonal M is not negative and its
  /// rows add up to 0, so s is the stationary distribution of a Markov chain with these rates; by state reduction, which
  /// subtracts nothing (Grassmann, Taksar & Heyman, 1985). All 0 where a class has no slopes left.
  Vector balanced_shares() {
    for (Buffers& of_piece : buffers_) of_piece.rates.setZero(classes_, classes_);
    each_block(false, [&](Buffers& buffers, Index first, Index count) {
      compute_slopes(buffers, first, count);
      for (Index i = 0; i < count; ++i) buffers.rates.row(class_of(first + i)) += buffers.margins.row(i);
    });
    Eigen::MatrixXd rates = Eigen::MatrixXd::Zero(classes_, classes_);
    for (const Buffers& of_piece : buffers_) rates += of_piece.rates;
    for (Index n = classes_ - 1; n > 0; --n) {
      const double out = rates.row(n).head(n).sum();
      if (!(out > 0)) return Vector::Zero(classes_);
      rates.col(n).head(n) /= out;
      rates.topLeftCorner(n, n) += rates.col(n).head(n) * rates.row(n).head(n);
    }
    Vector shares = Vector::Ones(classes_);
    for (Index n = 1; n < classes_; ++n) shares[n] = shares.head(n).dot(rates.col(n).head(n));
    const double largest = shares.maxCoeff();
    return std::isfinite(largest) ? Vector(shares / largest) : Vector(Vector::Zero(classes_));
  }

  /// What the rows add to the gap at their slopes times their class's share; `with_sums`: these slopes' products too.
  double gap_of_rows(const Vector& shares, bool with_sums) {
    const double sum = each_block(with_sums, [&](Buffers& buffers, Index first, Index count) {
      compute_slopes(buffers, first, count);
      for (Index i = 0; i < count; ++i) {
        const Index own = class_of(first + i);
        const double weight = weight_of(first + i);
        if (weight > 0) buffers.loss += weight * gap_of_row(buffers.margins.row(i) / weight, own, shares[own]);
        buffers.margins.row(i) *= shares[own];
      }
      if (with_sums) add_slopes(buffers, first, count);
    });
    return sum / weight_of_rows_;
  }
  double gap_of_weights(const Vector& w, const Vector& v, double l1) const {
    double sum = 0;
    for (Index j = 0; j < v.size(); ++j) sum += gap_of_weight(w[j], v[j], l1, l2_);
    return sum;
  }

  /// loss(z) + loss*(θ) − θ·z at θ = share · slopes, where loss* is the negative entropy of θ plus the own class: with the
  /// probabilities p of the slopes and p' = share p + (1 − share) of the own class
  ///   Σ p' log p' − share Σ p log p − (1 − share) log p_own,   never below 0.
  template <class Slopes>
  static double gap_of_row(const Slopes& slopes, Index own, double share) {
    if (share == 1) return 0;
    const auto entropy = [](double p) { return p > 0 ? p * std::log(p) : 0; };
    double gap = 0;
    for (Index k = 0; k < slopes.size(); ++k) {
      if (k != own) gap += entropy(share * slopes[k]) - share * entropy(slopes[k]);
    }
    // p_own is 1 less the others; rounding may leave nothing of it, and its logarithm is then taken to be as bad as can be.
    const double others = -slopes[own], p = std::max(1 - others, std::numeric_limits<double>::min());
    return std::max(0.0, gap + entropy(1 - share * others) - share * entropy(p) - (1 - share) * std::log(p));
  }

  double weight_of(Index row) const { return row_weights_.size() > 0 ? row_weights_[row] : 1; }
  Index class_of(Index row) const { return static_cast<Index>((*targets_)[row]); }

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
  Vector row_weights_{};
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
