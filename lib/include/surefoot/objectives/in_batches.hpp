/// A linear model, or softmax, in mini-batches of its rows.
///
///   surefoot::Logistic model{X, y, {.l2 = 1e-3}};
///   surefoot::InBatches batches{model, 256};             // of 256 rows at the most
///   auto result = surefoot::minimize(batches, Eigen::VectorXd::Zero(X.cols() + 1));
///
/// The rows are dealt out to the batches at random, once, by a seed; no two batches' sizes differ by more than one row. A batch's
/// loss is
///   batches / weight of all rows · Σ over its rows of weight · loss(x·w + b, y)  +  l2/2 |w|²,
/// so the mean over the batches is the loss over all rows, whatever the rows weigh. Columns are centred and scaled as the
/// model's are.
///
/// A batch that is selected is gathered into a buffer, where the same kernels read it as all rows; X is not copied. (Of sparse
/// columns it is kept which entries are whose: 4 bytes an entry and a row where indices are int.) All rows are read by the
/// model itself, which is looked at and must outlive the batches; its rows and their weights are taken to stay what they are.
#pragma once

#include <optional>

#include "surefoot/objectives/gathered_rows.hpp"
#include "surefoot/objectives/linear.hpp"
#include "surefoot/objectives/objective.hpp"
#include "surefoot/objectives/softmax.hpp"

namespace surefoot {

/// A model that can be had over other rows: see LinearObjective.
template <class M>
concept ModelOfRows = Objective<M> && requires(M& model, const Vector& of_rows, double weight) {
  { model.row_weights() } -> std::convertible_to<const Vector&>;
  { model.weight_of_rows() } -> std::convertible_to<double>;
  model.with_rows(model.matrix(), model.targets()).rows_changed(of_rows, weight);
};

template <ModelOfRows Model>
class InBatches {
  using Gathered = GatheredRows<std::remove_cvref_t<decltype(std::declval<const Model&>().matrix())>>;
  using BatchModel =
      decltype(std::declval<const Model&>().with_rows(std::declval<const typename Gathered::Rows&>(), Vector()));

 public:
  /// Throws std::invalid_argument unless batch_size >= 1. As many as the rows or more: all of them are one batch.
  InBatches(Model& model, Index batch_size, std::uint64_t seed = 1)
      : model_(&model), dealt_(model.rows(), checked(batch_size), seed) {
    if (batches() == 1) return;
    gathered_.emplace(model.matrix(), dealt_);
    targets_.resize(dealt_.largest());
    row_weights_.resize(dealt_.largest());
    gather(0);
    batch_.emplace(model.with_rows(gathered_->rows(), targets_));
    tell_batch();
  }
  InBatches(const InBatches&) = delete;  // the batch's model looks at the buffers
  InBatches& operator=(const InBatches&) = delete;

  double loss(const Vector& w) { return selected_ < 0 ? model_->loss(w) : batch_->loss(w); }
  double loss(const Vector& w, Vector& gradient) {
    return selected_ < 0 ? model_->loss(w, gradient) : batch_->loss(w, gradient);
  }
  /// Of every batch too; a bound other than 0 would not be one of a batch whose rows weigh more, or less, than others'.
  double lower_bound() requires HasLowerBound<Model> { return model_->lower_bound() == 0 ? 0 : -infinity; }

  int batches() const { return dealt_.count(); }
  /// −1: all rows. Throws std::invalid_argument where there is no such batch. Allocates nothing.
  void select(int batch) {
    require("InBatches", "batch", batch, Range::within(-1, batches() - 1));
    selected_ = batches() == 1 ? -1 : batch;
    if (selected_ < 0 || selected_ == held_) return;
    gather(selected_);
    tell_batch();
  }
  /// The rows of a batch, in ascending order.
  std::span<const Index> rows(int batch) const { return dealt_.rows(batch); }

  /// Reads of X so far, the model's own too. Of a batch, once to gather it and then each call, as a batch's share.
  double reads() const {
    const long of_batches = batch_ ? gathers_ + batch_->reads() : 0;
    return static_cast<double>(model_->reads()) + static_cast<double>(of_batches) / batches();
  }

 private:
  static Index checked(Index batch_size) {
    require("InBatches", "batch_size", static_cast<double>(batch_size), Range::at_least(1));
    return batch_size;
  }

  void gather(int batch) {
    gathered_->gather(batch);
    const std::span<const Index> which = dealt_.rows(batch);
    const Vector &targets = model_->targets(), &weights = model_->row_weights();
    row_weights_.setZero();  // that of a row which is there to fill the buffer
    targets_.setConstant(targets[which[0]]);
    for (std::size_t i = 0; i < which.size(); ++i) {
      targets_[static_cast<Index>(i)] = targets[which[i]];
      row_weights_[static_cast<Index>(i)] = weights.size() > 0 ? weights[which[i]] : 1;
    }
    held_ = batch;
    ++gathers_;
  }
  void tell_batch() { batch_->rows_changed(row_weights_, model_->weight_of_rows() / batches()); }

  Model* model_;
  RowBatches dealt_;
  std::optional<Gathered> gathered_{};
  Vector targets_{}, row_weights_{};  // of the batch that is held
  std::optional<BatchModel> batch_{};
  int selected_ = -1, held_ = -1;
  long gathers_ = 0;
};

}  // namespace surefoot
