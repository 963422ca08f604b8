/// Proximal Newton steps for an L1 fit over a copy of some columns, stored column after column: no metric of pairs of columns
/// is formed, so they may be many thousands.
///
///   ColumnNewton newton(problem, objective, columns);
///   newton.minimise(w, 1e-9, [] { return true; });         // w: all weights of the problem, those elsewhere 0
#pragma once

#include <functional>
#include <vector>

#include "fit/any_linear.hpp"
#include "fit/solve.hpp"

namespace surefoot::fitting {

/// Some columns of a problem, as they are fitted (centred, scaled), one after the other.
class StoredColumns {
 public:
  StoredColumns(const Problem& problem, const std::vector<Index>& columns);

  Index count() const { return sparse_ ? std::ssize(begin_) - 1 : dense_.cols(); }
  /// Numbers of column k.
  Index stored(Index k) const { return sparse_ ? end(k) - begin(k) : dense_.rows(); }

  /// Σ x_i v_i over a column's rows; Σ x_i² v_i; to_i += factor x_i; to_i += factor x_i v_i.
  double dot(Index k, const Vector& v) const;
  double squares(Index k, const Vector& v) const;
  void add(Index k, double factor, Vector& to) const;
  void add(Index k, double factor, const Vector& v, Vector& to) const;

 private:
  void copy(const DenseMatrix& x, const LinearOptions& options, const std::vector<Index>& columns);
  void copy(const SparseMatrix& x, const LinearOptions& options, const std::vector<Index>& columns);
  Index begin(Index k) const { return begin_[static_cast<std::size_t>(k)]; }
  Index end(Index k) const { return begin_[static_cast<std::size_t>(k) + 1]; }

  bool sparse_ = false;
  Eigen::MatrixXd dense_{};
  std::vector<Index> begin_{};
  std::vector<int> rows_{};
  std::vector<double> values_{};
};

/// newGLMNET (Yuan, Ho & Lin, 2012): the quadratic model of the loss at w plus the penalty is lowered by coordinate descent
/// that keeps the model's slope at every row; a line search takes the step. Columns that are at zero, and well inside what
/// keeps them there, are left out of an iteration's sweeps.
class ColumnNewton {
 public:
  ColumnNewton(const Problem& problem, AnyLinear& objective, std::vector<Index> columns);

  const std::vector<Index>& columns() const { return columns_; }
  /// To the minimum over these columns: until no condition is missed by more than `tolerance`, rounding hides the way, or
  /// `go_on` says no, which is asked before each sweep but the first. Returns by how much conditions are missed in the end.
  double minimise(Vector& w, double tolerance, const std::function<bool()>& go_on);
  /// Reads of the columns so far, as a share of reads of all the problem's.
  double passes() const { return passes_; }
  double stored_by_all() const { return stored_by_all_; }

 private:
  void enter(const Vector& w);
  double look(double last_worst);
  void lower_model(double tolerance, const std::function<bool()>& go_on);
  double sweep(const std::vector<Index>& over);
  bool take_step();
  double penalty(double share) const;
  void visited(Index k) { passes_ += static_cast<double>(stored_.stored(k)) / stored_by_all_; }

  AnyLinear* objective_;
  double l1_, l2_, stored_by_all_;
  bool intercept_;
  std::vector<Index> columns_;
  StoredColumns stored_;
  double passes_ = 0, loss_ = 0;
  // Of the columns, the intercept last where there is one: weights, their change, slopes of the loss, curvatures.
  Vector weights_{}, change_{}, gradient_{}, diagonal_{};
  // Of the rows, 24 bytes each: margins, slopes and curvatures. Sweeps make the model's slopes of the slopes; and a step, which
  // needs neither those nor the curvatures any more, has the margins' change and the trial in their places.
  Vector margins_{}, slopes_{}, curvatures_{};
  std::vector<Index> active_{}, moving_{};
};

}  // namespace surefoot::fitting
