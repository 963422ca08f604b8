/// Linear models over Eigen matrices, dense (in either order) or sparse, of double or float:
///
///   Eigen::MatrixXd X = …;  Eigen::VectorXd y = …;         // a row an observation; y of 0 and 1 for Logistic
///   surefoot::Logistic model{X, y, {.l2 = 1e-3}};
///   auto result = surefoot::minimize(model, Eigen::VectorXd::Zero(X.cols() + 1));
///   double b = result.w[X.cols()];                         // the intercept
///
/// The objective is   mean over rows of loss(x·w + b, y)  +  l2/2 |w|²,   with its gradient; LinearOptions has what may be
/// set. Weights of X.cols() entries are a model without intercept; of one more, the last is the intercept b, which is
/// never penalised.
///
/// X and y are looked at, not copied: they must outlive the model, and a temporary is refused at compile time. A model
/// computes in buffers of its own (so a call allocates nothing) and is called by one thread at a time; a copy of it serves
/// another.
#pragma once

#include <algorithm>
#include <limits>
#include <optional>
#include <vector>

#include "surefoot/models/loss.hpp"
#include "surefoot/objectives/duality_gap.hpp"
#include "surefoot/objectives/fitted_columns.hpp"
#include "surefoot/objectives/gram_sums.hpp"
#include "surefoot/objectives/ray_margins.hpp"

namespace surefoot {

template <MarginLoss Loss, class Matrix>
class LinearObjective {
 public:
  LinearObjective(const Matrix& X, const Vector& y, const LinearOptions& options = {}, const Loss& loss = {})
      : LinearObjective(FittedColumns<Matrix>(checked_rows(X, y), options), y, options.l2, loss) {
    if (options.row_weights.size() > 0) rows_changed(options.row_weights, options.row_weights.sum());
    if constexpr (requires { Loss::parameters(loss_, [](auto&&...) {}); }) validate(loss_, Loss::name);
    if (!options.trusted) {
      for (Index i = 0; i < rows(); ++i) {
        if (!loss_.accepts(y[i])) reject_entry("y", i, y[i], Loss::targets);
      }
    }
  }

  // The model would look at a matrix that is gone.
  LinearObjective(const Matrix&&, const Vector&, const LinearOptions& = {}, const Loss& = {}) = delete;
  LinearObjective(const Matrix&, const Vector&&, const LinearOptions& = {}, const Loss& = {}) = delete;
  LinearObjective(const Matrix&&, const Vector&&, const LinearOptions& = {}, const Loss& = {}) = delete;

  double loss(const Vector& w) {
    const auto raw = in_raw_columns(w);
    return pass([&](Buffers& of_piece, Index first, Index count, double*) {
             multiply(raw, first, count, of_piece.margins.data());
             of_piece.sums += terms(of_piece.margins.data(), first, count, nullptr, nullptr);
           }).value /
               weight_of_rows_ +
           penalty(w);
  }

  double loss(const Vector& w, Vector& gradient) {
    const auto raw = in_raw_columns(w);
    gradient.setZero(w.size());
    double* curvatures = curvature_kept(w);
    // (Dense rows give their margins for little beside what it takes to fetch them.)
    const auto [kept, filled] = rays_.next(w, !is_dense_rows<Matrix>);
    const passes::RowSums sums = pass(
        [&, kept = kept, filled = filled](Buffers& of_piece, Index first, Index count, double* sum) {
          double* margins = kept == nullptr ? of_piece.margins.data() : kept + first;
          if (!filled) multiply(raw, first, count, margins);
          of_piece.sums += terms(margins, first, count, of_piece.slopes.data(),
                                 curvatures == nullptr ? nullptr : curvatures + first);
          if (kept != nullptr) of_piece.doubt += doubt(of_piece.slopes.data(), margins, count, raw.offset);
          add_rows(columns_.matrix(), first, count, of_piece.slopes.data(), sum, columns_.reading());
        },
        gradient.data());
    if (curvatures != nullptr) curvature_sum_ = sums.curvature;
    finish_gradient(w, sums.slope, gradient);
    if (kept != nullptr) rays_.keep(w, gradient, doubt());
    return sums.value / weight_of_rows_ + penalty(w);
  }

  /// Loss, gradient and the Hessian's diagonal from one read of X.
  double loss(const Vector& w, Vector& gradient, Vector& diagonal) {
    const auto raw = in_raw_columns(w);
    gradient.setZero(w.size());
    diagonal.setZero(w.size());
    for (std::size_t piece = 1; piece < buffers_.size(); ++piece) buffers_[piece].squares.setZero(columns());
    const passes::RowSums sums = pass(
        [&](Buffers& of_piece, Index first, Index count, double* sum) {
          double* squares = &of_piece == &buffers_.front() ? diagonal.data() : of_piece.squares.data();
          multiply(raw, first, count, of_piece.margins.data());
          of_piece.curvatures.resize(of_piece.margins.size());
          of_piece.sums +=
              terms(of_piece.margins.data(), first, count, of_piece.slopes.data(), of_piece.curvatures.data());
          add_rows(columns_.matrix(), first, count, of_piece.slopes.data(), sum, columns_.reading());
          columns_.add_squares(first, count, of_piece.curvatures.data(), squares);
        },
        gradient.data());
    for (std::size_t piece = 1; piece < buffers_.size(); ++piece) diagonal.head(columns()) += buffers_[piece].squares;
    finish_diagonal(sums.curvature, diagonal);
    finish_gradient(w, sums.slope, gradient);
    return sums.value / weight_of_rows_ + penalty(w);
  }

  /// Loss (without l1 |w|₁), gradient and the gap to a point of the dual problem from one read of X. What is kept for it
  /// takes a number a row.
  double loss(const Vector& w, Vector& gradient, double l1, DualPoint& dual) requires HasConjugate<Loss> {
    const auto raw = in_raw_columns(w);
    gradient.setZero(w.size());
    dual.begin(rows(), columns());
    for (std::size_t piece = 1; piece < buffers_.size(); ++piece) buffers_[piece].squares.setZero(columns());
    const passes::RowSums sums = pass(
        [&](Buffers& of_piece, Index first, Index count, double* rising) {
          double* falling = &of_piece == &buffers_.front() ? dual.falling.data() : of_piece.squares.data();
          double* margins = dual.margins.data() + first;
          multiply(raw, first, count, margins);
          of_piece.curvatures.resize(of_piece.margins.size());
          of_piece.sums += terms(margins, first, count, of_piece.slopes.data(), nullptr);
          const auto slopes = of_piece.slopes.head(count);
          auto of_sign = of_piece.curvatures.head(count);
          of_sign = slopes.cwiseMax(0);
          of_piece.rising += of_sign.sum();
          add_rows(columns_.matrix(), first, count, of_sign.data(), rising, columns_.reading());
          of_sign = slopes.cwiseMin(0);
          of_piece.falling -= of_sign.sum();
          add_rows(columns_.matrix(), first, count, of_sign.data(), falling, columns_.reading());
        },
        dual.rising.data());
    dual.balance = has_intercept(w) ? balance() : Balance();
    for (std::size_t piece = 1; piece < buffers_.size(); ++piece) dual.falling += buffers_[piece].squares;
    gradient.head(columns()) = dual.rising + dual.falling;
    finish_gradient(w, sums.slope, gradient);
    finish_dual(w, sums.slope, l1, dual);
    return sums.value / weight_of_rows_ + penalty(w);
  }

  /// At margins that somebody else has computed: the mean loss, without the penalty, and, where they are wanted, slopes and
  /// curvatures (as of `metric`) of the rows as shares of the mean's. No read of X.
  double at_margins(const Vector& margins, Vector* slopes, Vector* curvatures) {
    const double of_rows = 1 / weight_of_rows_;
    const Index size = std::max<Index>(columns_.block(), 1024);
    const passes::RowSums sums = each_block(size, [&](Buffers& of_piece, Index first, Index count, double*) {
      of_piece.sums += terms(margins.data() + first, first, count, slopes == nullptr ? nullptr : slopes->data() + first,
                             curvatures == nullptr ? nullptr : curvatures->data() + first);
    });
    if (slopes != nullptr) *slopes *= of_rows;
    if (curvatures != nullptr) {
      if constexpr (HasMajorant<Loss>) blend(margins.data(), 0, *curvatures);
      *curvatures *= of_rows;
    }
    return sums.value * of_rows;
  }

  /// The diagonal of the Hessian, the penalty included: what diagonal coordinates divide by.
  void curvature(const Vector& w, Vector& diagonal) {
    const auto raw = in_raw_columns(w);
    diagonal.setZero(w.size());
    if (curvatures_.size() == rows() && same(curvature_at_, w)) {  // half a read
      const auto add = [&](Buffers&, Index first, Index count, double* squares) {
        columns_.add_squares(first, count, curvatures_.data() + first, squares);
      };
      pass(add, diagonal.data());
      return finish_diagonal(curvature_sum_, diagonal);
    }
    const auto add = [&](Buffers& of_piece, Index first, Index count, double* squares) {
      multiply(raw, first, count, of_piece.margins.data());
      of_piece.sums += terms(of_piece.margins.data(), first, count, nullptr, of_piece.slopes.data());
      columns_.add_squares(first, count, of_piece.slopes.data(), squares);
    };
    const double sum = pass(add, diagonal.data()).curvature;
    finish_diagonal(sum, diagonal);
  }

  // --- rays: once the margins along one are known, every trial costs O(rows) and no pass --------------------------------

  /// Not where the margins that rays keep, 24 bytes a row and more, would take an eighth of what X takes, and more than 32 MB: a pass
  /// over so few columns costs hardly more than a trial, and a fit shall not need much memory beside its data.
  bool has_ray() const {
    const double places =
        RayMargins::places + (curvatures_.size() > 0 ? 3 : 0);  // those too, and two for `sum_product`
    const double kept = places * sizeof(double), of_all = kept * static_cast<double>(rows());
    return 8 * kept <= bytes_per_row(columns_.matrix()) || of_all <= 32e6;
  }

  /// Prepares the ray w + t direction; it lasts until the next loss with its gradient. Where that was computed at w and at
  /// a point of the ray shortly before, the difference of their margins is all that it takes; else one read of X. Allocates
  /// at the first call only.
  void along(const Vector& w, const Vector& direction) { set_out(w, direction, nullptr); }
  /// The direction to come gains `step` times the v of the last product with the Hessian; `anew`: from 0 on.
  void sum_product(double step, bool anew) {
    if (anew) {
      summed_ = step * of_product_;
    } else {
      summed_ += step * of_product_;
    }
  }
  /// The same as `along`, of the direction that was summed so: its margins are known.
  void along_sum(const Vector& w, const Vector& direction) {
    if (summed_.size() != rows()) throw std::logic_error("along_sum: no product with the Hessian has been summed");
    set_out(w, direction, &summed_);
  }
  bool sums_products() const { return of_product_.size() > 0; }
  /// The loss at a step along the ray that was prepared, and its first two derivatives by the step. Throws std::logic_error
  /// where there is none.
  passes::RowSums on_ray(double step) {
    if (!rays_.ready())
      throw std::logic_error("on_ray: no ray is prepared; it ends with the next call of loss(w, gradient)");
    const double *margins = rays_.origin(), *change = rays_.change();
    rays_.tried(step);
    const Index size = std::max<Index>(columns_.block(), 1024);  // blocks of rows that are not read need not be small
    const passes::RowSums sums = each_block(size, [&](Buffers& of_piece, Index first, Index count, double*) {
      of_piece.sums += kernel_.along(
          loss_, {margins + first, change + first, targets_->data() + first, weights_from(first), count, step});
    });
    const double of_rows = 1 / weight_of_rows_;
    return {
        sums.value * of_rows + ray_penalty_.value + step * (ray_penalty_.slope + 0.5 * step * ray_penalty_.curvature),
        sums.slope * of_rows + ray_penalty_.slope + step * ray_penalty_.curvature,
        sums.curvature * of_rows + ray_penalty_.curvature};
  }

  // --- the Hessian -------------------------------------------------------------------------------------------------------

  /// The Hessian at w, its upper triangle, the penalty included: w.size() rows and columns. O(rows · columns²).
  void hessian(const Vector& w, Eigen::MatrixXd& to) { sum_curvatures(w, false, to); }
  /// The same as a metric to descend in: of a loss that is flat in parts (Huber, quantile) a row counts with half its own
  /// curvature and half its majorant's, since which rows curve changes from step to step. (The majorant alone takes a fifth
  /// more passes, the curvature alone up to ten times as many: measured on five tables, ours.)
  void metric(const Vector& w, Eigen::MatrixXd& to) {
    if constexpr (HasMajorant<Loss>) {
      sum_curvatures(w, true, to);
    } else {
      hessian(w, to);
    }
  }

  /// From now on a pass for loss and gradient keeps the rows' curvatures, for `hessian_times`; and that the margins of its v,
  /// where there are rays, for `sum_product`.
  void keep_curvature() {
    curvatures_.resize(rows());
    if (!has_ray()) return;
    of_product_.resize(rows());
    rays_.expect(rows());
  }
  /// product = H(w) v, at the w of the last pass that kept its curvatures; at another after a read of X. One read of X.
  void hessian_times(const Vector& w, const Vector& v, Vector& product) {
    check_size("v", v, w);
    if (curvatures_.size() != rows() || !same(curvature_at_, w)) compute_curvatures(w);
    const auto raw = columns_.to_raw(v.data(), has_intercept(v) ? v[columns()] : 0, raw_direction_);
    product.setZero(v.size());
    const passes::RowSums sums = pass(
        [&](Buffers& of_piece, Index first, Index count, double* sum) {
          double* margins = sums_products() ? of_product_.data() + first : of_piece.margins.data();
          multiply(raw, first, count, margins);
          Eigen::Map<Eigen::ArrayXd> change(of_piece.margins.data(), count);
          change = Eigen::Map<const Eigen::ArrayXd>(margins, count) *
                   Eigen::Map<const Eigen::ArrayXd>(curvatures_.data() + first, count);
          of_piece.sums.slope += change.sum();
          add_rows(columns_.matrix(), first, count, of_piece.margins.data(), sum, columns_.reading());
        },
        product.data());
    finish_gradient(v, sums.slope, product);
  }

  // --- other rows: what InBatches builds on ----------------------------------------------------------------------------

  const Matrix& matrix() const { return columns_.matrix(); }
  const Vector& targets() const { return *targets_; }
  const Vector& row_weights() const { return row_weights_; }  // empty: all 1
  double weight_of_rows() const { return weight_of_rows_; }   // what the sum over the rows is divided by

  /// The same loss, columns and l2 over other rows, which are looked at, not copied, and trusted.
  template <class Rows>
  LinearObjective<Loss, Rows> with_rows(const Rows& X, const Vector& y) const {
    return {FittedColumns<Rows>(X, columns_), y, l2_, loss_};
  }
  /// X and y hold other rows than before, as many, with these weights; the sum over them is divided by `weight`. What was kept
  /// of the last ones is forgotten. Allocates nothing where there were weights before.
  void rows_changed(const Vector& row_weights, double weight) {
    row_weights_ = row_weights;
    weight_of_rows_ = weight;
    rays_.forget();
    curvature_at_.setConstant(std::numeric_limits<double>::quiet_NaN());
  }

  double lower_bound() const { return Loss::lower_bound; }
  Index rows() const { return columns_.rows(); }
  Index columns() const { return columns_.columns(); }
  int threads() const { return columns_.pieces().threads; }
  double l2() const { return l2_; }
  /// Reads of X so far, that of `along` too.
  long reads() const { return reads_; }

 private:
  template <MarginLoss, class>
  friend class LinearObjective;
  using Raw = typename FittedColumns<Matrix>::Raw;

  /// All rows alike.
  LinearObjective(FittedColumns<Matrix> columns, const Vector& y, double l2, const Loss& loss)
      : columns_(std::move(columns)),
        targets_(&y),
        loss_(loss),
        kernel_(passes::loss_kernels<Loss>()),
        l2_(l2),
        weight_of_rows_(static_cast<double>(rows())) {
    raw_weights_.resize(columns_.scaled() ? this->columns() : 0);
    buffers_.resize(static_cast<std::size_t>(columns_.pieces().count));
    for (Buffers& of_piece : buffers_) {
      of_piece.margins.resize(std::min(gram_rows(), rows()));
      of_piece.slopes.resize(of_piece.margins.size());
    }
  }

  struct Buffers {
    Vector margins{}, slopes{}, curvatures{};  // of one block of rows; slopes may be curvatures
    Vector sum{}, squares{};                   // of the piece's rows, but for the first piece
    Vector gram_scratch{};
    passes::RowSums sums{};
    double doubt = 0;
    double rising = 0, falling = 0;  // the slopes above 0, and those below without their sign
    bool fresh = true;

    void begin() {
      sums = {};
      doubt = rising = falling = 0;
      fresh = true;
    }
  };

  static void check_size(const char* name, const Vector& values, const Vector& w) {
    if (values.size() == w.size()) return;
    throw std::invalid_argument(std::string(name) + " has " + std::to_string(values.size()) +
                                " entries: it must have as many as w, " + std::to_string(w.size()));
  }

  /// `known_change`: what the margins change by along the ray, where that is known.
  void set_out(const Vector& w, const Vector& direction, const Vector* known_change) {
    const auto here = in_raw_columns(w);
    check_size("direction", direction, w);
    const auto [origin, change] = rays_.set_out(w, direction, rows(), known_change);
    if (origin != nullptr || change != nullptr) {
      const auto there = columns_.to_raw(direction.data(), has_intercept(w) ? direction[columns()] : 0, raw_direction_);
      pass([&, origin = origin, change = change](Buffers&, Index first, Index count, double*) {
        if (origin != nullptr) multiply(here, first, count, origin + first);
        if (change != nullptr) multiply(there, first, count, change + first);
      });
    }
    const auto w_columns = w.head(columns()), d_columns = direction.head(columns());
    ray_penalty_ = {0.5 * l2_ * w_columns.squaredNorm(), l2_ * w_columns.dot(d_columns), l2_ * d_columns.squaredNorm()};
  }

  Raw in_raw_columns(const Vector& w) {
    if (w.size() != columns() && w.size() != columns() + 1) {
      const auto d = static_cast<long>(columns());
      throw std::invalid_argument("w has " + std::to_string(w.size()) + " entries and X has " + std::to_string(d) +
                                  " columns: w must have " + std::to_string(d) + " entries (no intercept) or " +
                                  std::to_string(d + 1) + " (the last is the intercept)");
    }
    return columns_.to_raw(w.data(), has_intercept(w) ? w[columns()] : 0, raw_weights_);
  }

  /// Of a block, for a Gram matrix: as many as its kernel takes at once.
  Index gram_rows() const { return std::max(columns_.block(), passes::gram_rows(columns() + 1)); }

  /// One read of X.
  template <class Block>
  passes::RowSums pass(Block&& block, double* to = nullptr) {
    ++reads_;
    return each_block(columns_.block(), block, to);
  }
  /// One visit to each block of `size` rows: block(buffers, first, count, sum). Each piece has a `sum` of its own, of the size of
  /// a gradient's columns, where `to` is given; they are added into `to` in their order. No more than `most` pieces.
  template <class Block>
  passes::RowSums each_block(Index size, Block&& block, double* to = nullptr,
                             Index most = std::numeric_limits<Index>::max()) {
    columns_.for_each_piece(
        [&](Index piece, Index begin, Index end) {
          Buffers& buffers = buffers_[static_cast<std::size_t>(piece)];
          buffers.begin();
          double* sum = to;
          if (to != nullptr && piece > 0) {
            buffers.sum.setZero(columns());
            sum = buffers.sum.data();
          }
          for (Index first = begin; first < end; first += size) block(buffers, first, std::min(size, end - first), sum);
        },
        most);
    passes::RowSums total;
    const auto pieces = static_cast<std::size_t>(columns_.pieces_within(most));
    for (std::size_t piece = 0; piece < pieces; ++piece) {
      total += buffers_[piece].sums;
      if (to != nullptr && piece > 0) Eigen::Map<Vector>(to, columns()) += buffers_[piece].sum;
    }
    return total;
  }

  void multiply(const Raw& raw, Index first, Index count, double* margins) {
    multiply_rows(columns_.matrix(), first, count, raw.weights, raw.offset, margins, columns_.reading());
  }

  passes::RowSums terms(const double* margins, Index first, Index count, double* slopes, double* curvatures) const {
    return kernel_.terms(loss_, {margins, targets_->data() + first, weights_from(first), count, slopes, curvatures});
  }
  const double* weights_from(Index first) const {
    return row_weights_.size() > 0 ? row_weights_.data() + first : nullptr;
  }

  void finish_gradient(const Vector& w, double slope_sum, Vector& gradient) const {
    columns_.to_gradient(gradient.head(columns()), slope_sum, 1 / weight_of_rows_, l2_, w.head(columns()));
    if (has_intercept(w)) gradient[columns()] = slope_sum / weight_of_rows_;
  }

  Balance balance() const {
    double rising = 0, falling = 0;
    for (const Buffers& of_piece : buffers_) {
      rising += of_piece.rising;
      falling += of_piece.falling;
    }
    return {rising, falling};
  }
  void finish_dual(const Vector& w, double slope_sum, double l1, DualPoint& dual) {
    Vector& v = dual.correlations;
    v = dual.balance.rising * dual.rising + dual.balance.falling * dual.falling;
    columns_.to_fitted(v, has_intercept(w) ? 0 : slope_sum);
    v /= weight_of_rows_;
    const double largest = max_norm(v), scale = largest > l1 ? l1 / largest : 1;
    if (l2_ > 0) dual.gap = gap_at(w, l1, 1, dual);
    if (l2_ > 0 && (scale == 1 || dual.gap <= gap_at(w, l1, scale, dual))) return;
    dual.gap = gap_at(w, l1, scale, dual);
    v *= scale;
  }
  /// The gap to the point of the margins' slopes, balanced and scaled.
  double gap_at(const Vector& w, double l1, double scale, const DualPoint& dual) {
    double of_weights = 0;
    for (Index j = 0; j < columns(); ++j) of_weights += gap_of_weight(w[j], scale * dual.correlations[j], l1, l2_);
    const passes::RowSums of_rows =
        each_block(columns_.block(), [&](Buffers& of_piece, Index first, Index count, double*) {
          const double* slopes = of_piece.slopes.data();
          terms(dual.margins.data() + first, first, count, of_piece.slopes.data(), nullptr);
          for (Index i = 0; i < count; ++i) {
            const Index row = first + i;
            const double weight = row_weights_.size() > 0 ? row_weights_[row] : 1;
            if (weight == 0) continue;
            const double slope = scale * dual.balance.of(slopes[i]) * (slopes[i] / weight);
            of_piece.sums.value += weight * gap_of_row(loss_, dual.margins[row], (*targets_)[row], slope);
          }
        });
    return of_weights + of_rows.value / weight_of_rows_;
  }

  void finish_diagonal(double curvature_sum, Vector& diagonal) const {
    auto of_columns = diagonal.head(columns());
    columns_.finish_squares(of_columns, curvature_sum);
    of_columns = (of_columns.array() / weight_of_rows_ + l2_).matrix();
    if (has_intercept(diagonal)) diagonal[columns()] = curvature_sum / weight_of_rows_;
  }

  /// What an error of one unit in the last place of every margin would do to the sum of losses. (A large offset comes with
  /// terms that it cancels.)
  static double doubt(const double* slopes, const double* margins, Index count, double offset) {
    const Eigen::Map<const Eigen::ArrayXd> s(slopes, count), m(margins, count);
    return (s.abs() * (m.abs() + 2 * std::abs(offset))).sum();
  }
  double doubt() const {
    double sum = 0;
    for (const Buffers& of_piece : buffers_) sum += of_piece.doubt;
    return sum * std::numeric_limits<double>::epsilon() / weight_of_rows_;
  }

  // --- the Hessian -------------------------------------------------------------------------------------------------------

  /// `blended`: as of `metric`.
  void sum_curvatures(const Vector& w, bool blended, Eigen::MatrixXd& to) {
    const auto raw = in_raw_columns(w);
    const Index size = w.size();
    const Index most_pieces = GramSums<Matrix>::most_pieces(size, columns_.matrix());
    gram_.resize(static_cast<std::size_t>(columns_.pieces_within(most_pieces)));
    ++reads_;
    each_block(
        gram_rows(),
        [&](Buffers& of_piece, Index first, Index count, double*) {
          GramSums<Matrix>& gram = gram_[static_cast<std::size_t>(&of_piece - buffers_.data())];
          if (of_piece.fresh) gram.begin(size, columns());
          of_piece.fresh = false;
          multiply(raw, first, count, of_piece.margins.data());
          terms(of_piece.margins.data(), first, count, nullptr, of_piece.slopes.data());
          if constexpr (HasMajorant<Loss>) {
            if (blended) blend(of_piece.margins.data(), first, of_piece.slopes.head(count));
          }
          gram.add(columns_, first, count, of_piece.slopes.data(), of_piece.gram_scratch);
        },
        nullptr, most_pieces);
    GramSums<Matrix>::finish(gram_, columns_, to);
    to /= weight_of_rows_;
    to.diagonal().head(columns()).array() += l2_;
    if (columns_.scaled()) {  // a column that is all zeros by its infinite scale
      for (Index j = 0; j < columns(); ++j) {
        if (columns_.inverse_scale()[j] == 0 && l2_ == 0) to(j, j) = 1;
      }
    }
  }
  /// Half of each row's curvature becomes half its majorant's, so that no row counts for nothing.
  void blend(const double* margins, Index first, Eigen::Ref<Vector> curvatures) const requires HasMajorant<Loss> {
    const double *weights = weights_from(first), *targets = targets_->data() + first;
    for (Index i = 0; i < curvatures.size(); ++i) {
      const double weight = weights == nullptr ? 1 : weights[i];
      if (weight == 0) continue;  // its margin may be anything
      curvatures[i] = 0.5 * (curvatures[i] + weight * loss_.majorant(margins[i], targets[i]));
    }
  }

  double* curvature_kept(const Vector& w) {
    if (curvatures_.size() == 0) return nullptr;
    curvature_at_ = w;
    return curvatures_.data();
  }
  void compute_curvatures(const Vector& w) {
    const auto raw = in_raw_columns(w);
    keep_curvature();
    curvature_sum_ = pass([&](Buffers& of_piece, Index first, Index count, double*) {
                       multiply(raw, first, count, of_piece.margins.data());
                       of_piece.sums +=
                           terms(of_piece.margins.data(), first, count, nullptr, curvatures_.data() + first);
                     }).curvature;
    curvature_at_ = w;
  }

  double penalty(const Vector& w) const { return l2_ == 0 ? 0 : 0.5 * l2_ * w.head(columns()).squaredNorm(); }
  bool has_intercept(const Vector& w) const { return w.size() > columns(); }

  FittedColumns<Matrix> columns_;
  const Vector* targets_;
  Vector row_weights_{};
  Loss loss_;
  passes::LossKernels<Loss> kernel_;
  double l2_;
  double weight_of_rows_;  // their number, where all count alike
  std::vector<Buffers> buffers_{};
  std::vector<GramSums<Matrix>> gram_{};
  Vector raw_weights_{}, raw_direction_{};
  passes::RowSums ray_penalty_{};
  RayMargins rays_{};
  Vector curvatures_{}, curvature_at_{};
  double curvature_sum_ = 0;        // of the curvatures that are kept
  Vector of_product_{}, summed_{};  // margins of the last product's v, and of a sum of such v
  long reads_ = 0;
};

/// ½ (x·w + b − y)², averaged over the rows.
template <class Matrix>
class LeastSquares : public LinearObjective<LeastSquaresLoss, Matrix> {
 public:
  using LinearObjective<LeastSquaresLoss, Matrix>::LinearObjective;
};

/// ½ r² of a small residual, linear beyond HuberLoss::delta (the fourth argument); averaged over the rows.
template <class Matrix>
class Huber : public LinearObjective<HuberLoss, Matrix> {
 public:
  using LinearObjective<HuberLoss, Matrix>::LinearObjective;
};

/// The pinball loss of QuantileLoss::level (the fourth argument), its kink rounded off; averaged over the rows.
template <class Matrix>
class Quantile : public LinearObjective<QuantileLoss, Matrix> {
 public:
  using LinearObjective<QuantileLoss, Matrix>::LinearObjective;
};

/// log(1 + exp(−(2y − 1)(x·w + b))), averaged over the rows; y is 0 or 1.
template <class Matrix>
class Logistic : public LinearObjective<LogisticLoss, Matrix> {
 public:
  using LinearObjective<LogisticLoss, Matrix>::LinearObjective;
};

/// exp(x·w + b) − y (x·w + b), averaged over the rows; y >= 0.
template <class Matrix>
class Poisson : public LinearObjective<PoissonLoss, Matrix> {
 public:
  using LinearObjective<PoissonLoss, Matrix>::LinearObjective;
};

/// max(0, 1 − (2y − 1)(x·w + b))², averaged over the rows; y is 0 or 1.
template <class Matrix>
class SquaredHinge : public LinearObjective<SquaredHingeLoss, Matrix> {
 public:
  using LinearObjective<SquaredHingeLoss, Matrix>::LinearObjective;
};

// Spelled out: inherited constructors deduce nothing in C++20.
template <class Matrix>
LeastSquares(const Matrix&, const Vector&) -> LeastSquares<Matrix>;
template <class Matrix>
LeastSquares(const Matrix&, const Vector&, const LinearOptions&) -> LeastSquares<Matrix>;
template <class Matrix>
Huber(const Matrix&, const Vector&) -> Huber<Matrix>;
template <class Matrix>
Huber(const Matrix&, const Vector&, const LinearOptions&) -> Huber<Matrix>;
template <class Matrix>
Huber(const Matrix&, const Vector&, const LinearOptions&, const HuberLoss&) -> Huber<Matrix>;
template <class Matrix>
Quantile(const Matrix&, const Vector&) -> Quantile<Matrix>;
template <class Matrix>
Quantile(const Matrix&, const Vector&, const LinearOptions&) -> Quantile<Matrix>;
template <class Matrix>
Quantile(const Matrix&, const Vector&, const LinearOptions&, const QuantileLoss&) -> Quantile<Matrix>;
template <class Matrix>
Logistic(const Matrix&, const Vector&) -> Logistic<Matrix>;
template <class Matrix>
Logistic(const Matrix&, const Vector&, const LinearOptions&) -> Logistic<Matrix>;
template <class Matrix>
Poisson(const Matrix&, const Vector&) -> Poisson<Matrix>;
template <class Matrix>
Poisson(const Matrix&, const Vector&, const LinearOptions&) -> Poisson<Matrix>;
template <class Matrix>
SquaredHinge(const Matrix&, const Vector&) -> SquaredHinge<Matrix>;
template <class Matrix>
SquaredHinge(const Matrix&, const Vector&, const LinearOptions&) -> SquaredHinge<Matrix>;

}  // namespace surefoot
