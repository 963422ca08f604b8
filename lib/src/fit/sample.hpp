/// A linear objective over some of a problem's rows, copied: a rough start, and a rough metric, for a small part of what all
/// rows cost.
#pragma once

#include <memory>
#include <vector>

#include "fit/any_linear.hpp"
#include "fit/solve.hpp"

namespace surefoot::fitting {

/// Some rows of a problem, the same ones for the same seed, in their order.
class Sample {
 public:
  Sample(const Problem& problem, std::vector<Index> rows);
  // The objective looks at the rows where they lie.
  Sample(const Sample&) = delete;
  Sample& operator=(const Sample&) = delete;

  AnyLinear& objective() { return *objective_; }
  Index rows() const { return y_.size(); }

  /// What the Hessian's diagonal over all rows is at w: by that the sample's own is put right in `hessian`. (Rare columns may
  /// hardly be in the sample at all.)
  void expect(const Vector& w, const Vector& diagonal_of_all);
  /// The sample's Hessian, its upper triangle, as a metric for all rows: scaled down where the sample has too much of a
  /// column, lifted on the diagonal where it has too little; off the diagonal it counts 1/(1 + columns/rows), for what it
  /// says of pairs of columns is partly chance.
  void hessian(const Vector& w, Eigen::MatrixXd& to);

 private:
  std::variant<DenseMatrix, SparseMatrix> x_{};
  Vector y_{};
  std::unique_ptr<AnyLinear> objective_{};
  Vector too_little_{};  // the diagonal over all rows, divided by the sample's
  Vector unseen_{};      // the diagonal over all rows of columns that the sample has nothing of; else 0
};

/// Two sets of rows that have none in common, of `first` and `second` rows.
std::pair<std::vector<Index>, std::vector<Index>> draw_rows(Index rows, Index first, Index second);

}  // namespace surefoot::fitting
