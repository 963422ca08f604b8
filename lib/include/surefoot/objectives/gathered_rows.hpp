/// The rows of a matrix in batches, of which one at a time is gathered into a buffer, row after row, as a pass likes to read
/// them. The matrix is looked at, not copied.
///
///   RowBatches batches(X.rows(), 256, seed);
///   GatheredRows gathered(X, batches);
///   gathered.gather(3);                         // gathered.rows() are those that batches.rows(3) names
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <numeric>
#include <random>
#include <span>
#include <type_traits>
#include <vector>

#include "surefoot/objectives/row_blocks.hpp"

namespace surefoot {

/// Rows dealt out at random to as many batches as are needed for none to have more than `size` rows. Their sizes differ by no
/// more than one; the first is of the largest.
class RowBatches {
 public:
  /// At least one row, and a size of at least 1.
  RowBatches(Index rows, Index size, std::uint64_t seed) : rows_(static_cast<std::size_t>(rows)) {
    const Index batches = rows / size + (rows % size == 0 ? 0 : 1);
    count_ = static_cast<int>(std::min<Index>(batches, std::numeric_limits<int>::max()));
    std::iota(rows_.begin(), rows_.end(), Index{0});
    std::mt19937_64 random(seed);  // not std::shuffle: that differs from one library to another
    for (std::size_t k = rows_.size(); k > 1; --k) std::swap(rows_[k - 1], rows_[random() % k]);
    for (int batch = 0; batch < count_; ++batch) {  // as they lie in memory
      std::sort(rows_.begin() + begin_of(batch), rows_.begin() + begin_of(batch + 1));
    }
  }

  int count() const { return count_; }
  Index largest() const { return begin_of(1); }
  /// Which they are, in ascending order.
  std::span<const Index> rows(int batch) const {
    return {rows_.data() + begin_of(batch), rows_.data() + begin_of(batch + 1)};
  }

 private:
  Index begin_of(int batch) const {
    const auto rows = static_cast<Index>(rows_.size());
    return batch * (rows / count_) + std::min<Index>(batch, rows % count_);
  }

  std::vector<Index> rows_;  // batch after batch
  int count_ = 1;
};

/// Which entries of sparse columns are whose: no row can be found in them without a search. Takes a StorageIndex an entry and
/// one a row.
template <class Matrix>
class EntriesOfBatches {
  using Position = typename Matrix::StorageIndex;

 public:
  EntriesOfBatches(const Matrix& X, const RowBatches& batches)
      : matrix_(&X), place_(static_cast<std::size_t>(X.rows())), begin_(static_cast<std::size_t>(batches.count()) + 1) {
    std::vector<std::size_t> batch_of(place_.size());
    for (int batch = 0; batch < batches.count(); ++batch) {
      Position place = 0;
      for (const Index row : batches.rows(batch)) {
        batch_of[static_cast<std::size_t>(row)] = static_cast<std::size_t>(batch);
        place_[static_cast<std::size_t>(row)] = place++;
      }
    }
    const auto each_entry = [&](auto&& found) {
      for (Index j = 0; j < X.cols(); ++j) {
        const Position begin = X.outerIndexPtr()[j];
        const Position end = X.innerNonZeroPtr() == nullptr ? X.outerIndexPtr()[j + 1] : begin + X.innerNonZeroPtr()[j];
        for (Position entry = begin; entry < end; ++entry) {
          found(batch_of[static_cast<std::size_t>(X.innerIndexPtr()[entry])], entry);
        }
      }
    };
    each_entry([&](std::size_t batch, Position) { ++begin_[batch + 1]; });
    most_ = static_cast<Index>(*std::max_element(begin_.begin(), begin_.end()));
    std::partial_sum(begin_.begin(), begin_.end(), begin_.begin());
    entries_.resize(begin_.back());
    std::vector<std::size_t> next = begin_;
    each_entry([&](std::size_t batch, Position entry) { entries_[next[batch]++] = entry; });
  }

  /// The most that a batch has.
  Index most() const { return most_; }

  template <class Rows>
  void gather(int batch, Rows& to) const {
    const auto at = static_cast<std::size_t>(batch);
    const std::span<const Position> entries(entries_.data() + begin_[at], entries_.data() + begin_[at + 1]);
    const auto row_of = [&](Position entry) {
      return place_[static_cast<std::size_t>(matrix_->innerIndexPtr()[entry])];
    };
    to.resizeNonZeros(static_cast<Index>(entries.size()));
    std::fill_n(to.outerIndexPtr(), to.rows() + 1, Position{0});
    Position* next = to.outerIndexPtr() + 1;  // where each row begins, then goes on, and in the end where it ends
    for (const Position entry : entries) {
      if (row_of(entry) + 1 < to.rows()) ++next[row_of(entry) + 1];
    }
    std::partial_sum(next, next + to.rows(), next);
    Position column = 0;
    for (const Position entry : entries) {
      while (entry >= matrix_->outerIndexPtr()[column + 1]) ++column;
      const Position place = next[row_of(entry)]++;
      to.valuePtr()[place] = matrix_->valuePtr()[entry];
      to.innerIndexPtr()[place] = column;
    }
  }

 private:
  const Matrix* matrix_;
  std::vector<Position> place_;      // of each row in its batch
  std::vector<std::size_t> begin_;   // of each batch in entries_
  std::vector<Position> entries_{};  // batch after batch, each as they lie in memory
  Index most_ = 0;
};

/// The same of sparse rows, which are where their index says.
template <class Matrix>
class SparseRowsOfBatches {
 public:
  SparseRowsOfBatches(const Matrix& X, const RowBatches& batches) : matrix_(&X), batches_(&batches) {}

  Index most() const {
    Index most = 0;
    for (int batch = 0; batch < batches_->count(); ++batch) most = std::max(most, entries_of(batch));
    return most;
  }

  template <class Rows>
  void gather(int batch, Rows& to) const {
    to.resizeNonZeros(entries_of(batch));
    auto* end = to.outerIndexPtr();
    *end = 0;
    for (const Index which : batches_->rows(batch)) {
      const SparseRow row(*matrix_, which);
      std::copy_n(row.values, row.count, to.valuePtr() + *end);
      std::copy_n(row.columns, row.count, to.innerIndexPtr() + *end);
      end[1] = *end + static_cast<typename Matrix::StorageIndex>(row.count);
      ++end;
    }
    std::fill(end, to.outerIndexPtr() + to.rows() + 1, *end);
  }

 private:
  Index entries_of(int batch) const {
    Index entries = 0;
    for (const Index row : batches_->rows(batch)) entries += SparseRow(*matrix_, row).count;
    return entries;
  }

  const Matrix* matrix_;
  const RowBatches* batches_;
};

template <class Matrix>
class DenseRowsOfBatches {
 public:
  DenseRowsOfBatches(const Matrix& X, const RowBatches& batches) : matrix_(&X), batches_(&batches) {}

  template <class Rows>
  void gather(int batch, Rows& to) const {
    const std::span<const Index> which = batches_->rows(batch);
    const auto count = static_cast<Index>(which.size());
    if constexpr (Matrix::IsRowMajor) {
      for (Index i = 0; i < count; ++i) to.row(i) = matrix_->row(which[static_cast<std::size_t>(i)]);
    } else {
      for (Index j = 0; j < to.cols(); ++j) {
        for (Index i = 0; i < count; ++i) to(i, j) = (*matrix_)(which[static_cast<std::size_t>(i)], j);
      }
    }
    to.bottomRows(to.rows() - count).setZero();
  }

 private:
  const Matrix* matrix_;
  const RowBatches* batches_;
};

/// X and batches must outlive it.
template <class Matrix>
class GatheredRows {
  using Scalar = typename Matrix::Scalar;
  using Sparse = std::conditional_t<in_one_block<Matrix>, EntriesOfBatches<Matrix>, SparseRowsOfBatches<Matrix>>;

 public:
  using Rows =
      std::conditional_t<is_sparse<Matrix>, Eigen::SparseMatrix<Scalar, Eigen::RowMajor, typename Matrix::StorageIndex>,
                         Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>;

  GatheredRows(const Matrix& X, const RowBatches& batches) : source_(X, batches), rows_(batches.largest(), X.cols()) {
    if constexpr (is_sparse<Matrix>) rows_.reserve(source_.most());
  }

  /// Allocates nothing.
  void gather(int batch) { source_.gather(batch, rows_); }
  /// As many for each batch: where one has a row less, the last is all zeros.
  const Rows& rows() const { return rows_; }

 private:
  std::conditional_t<is_sparse<Matrix>, Sparse, DenseRowsOfBatches<Matrix>> source_;
  Rows rows_;
};

}  // namespace surefoot
