/// A linear objective over some of a problem's columns, copied: what a pass costs then is their share of it.
#pragma once

#include <memory>
#include <vector>

#include "fit/any_linear.hpp"
#include "fit/solve.hpp"

namespace surefoot::fitting {

class SomeColumns {
 public:
  /// `columns` ascend.
  SomeColumns(const Problem& problem, std::vector<Index> columns);
  // The objective looks at the columns where they lie.
  SomeColumns(const SomeColumns&) = delete;
  SomeColumns& operator=(const SomeColumns&) = delete;

  AnyLinear& objective() { return *objective_; }
  const std::vector<Index>& columns() const { return columns_; }

  /// The weights of these columns, and the intercept.
  void enter(const Vector& all, Vector& some) const;
  /// The other way: zero outside.
  void leave(const Vector& some, Vector& all) const;

  /// What they store, as a share of what all columns do.
  double share() const { return share_; }
  /// What it took to copy them, in passes.
  double copy_cost() const { return copy_cost_; }

 private:
  std::vector<Index> columns_;
  Index all_, free_;  // columns of the problem; weights that are not penalised
  std::variant<DenseMatrix, SparseMatrix> x_{};
  std::unique_ptr<AnyLinear> objective_{};
  double share_ = 0, copy_cost_ = 0;
};

}  // namespace surefoot::fitting
