/// An L1 fit of many columns by working sets: proximal Newton steps over a copy of the few columns that matter, all columns
/// looked at once a round.
///
///   WorkingSets lasso(objective, problem, {.gradient = 1e-8});
///   minimizer.run(lasso, w0, {.first_step = 1});           // an iteration is a round
///   if (lasso.gave_up()) …                                 // too many columns matter: the plain proximal path from there
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

#include "fit/column_newton.hpp"
#include "fit/some_columns.hpp"
#include "surefoot/coordinates/gram_l1.hpp"

namespace surefoot::fitting {

struct WorkingSetOptions {
  double accuracy = 1e-6;  // by how much the proximal residual is to fall
  double gradient = 0;     // > 0: or to what size
  double rounding = 0;     // below which it need not fall
  Index most = 1024;       // columns of a set
  std::optional<double> max_seconds{};
  std::stop_token cancel{};
};

/// A proximal objective whose step goes to the minimum over a working set, the other weights zero: the columns that are not
/// zero, and beside them those whose gradient is largest, twice as many in all as are not zero (Massias, Gramfort & Salmon,
/// 2018; Johnson & Guestrin, 2015); where a set has been filled and thousands seem to matter, all that do. The loop that
/// takes these steps then looks at the gradient of all columns, so its stop test, the proximal residual, is over all of
/// them. The minimum over a set is found as well as it pays: to a small part of the residual over all columns.
///
/// A set is fitted in the metric of all its pairs of columns (GramL1) where a sweep over that is cheaper than one over what
/// the columns store, else by ColumnNewton.
class WorkingSets {
 public:
  WorkingSets(AnyLinear& objective, const Problem& problem, const WorkingSetOptions& options);

  double loss(const Vector& w, Vector& gradient);
  double loss(const Vector& w) { return penalised_.loss(w); }
  double lower_bound() { return penalised_.lower_bound(); }
  double proximal(Vector& w, double step) { return penalised_.proximal(w, step); }
  /// To the minimum over a working set at step 1; to that share of the way there at a shorter one.
  double proximal_step(const Vector& w, const Vector& gradient, double step, Vector& to);

  /// The columns that matter don't fit into a set: the last step led nowhere.
  bool gave_up() const { return gave_up_; }
  /// The duality gap at w, where it is known without a pass.
  std::optional<double> gap_at(const Vector& w) const;
  /// Of the sets: their copies, and the reads of those, as shares of reads of all columns.
  double passes() const;
  Index columns_in_set() const { return std::ssize(in_set_); }

 private:
  void solve(const Vector& w, const Vector& gradient);
  void solve_in_metric(const Vector& w, const Vector& gradient, double tolerance);
  void solve_by_columns(const Vector& w, double tolerance);
  bool holds_all(const Vector& w, const Vector& gradient, double tolerance) const;
  bool choose(const Vector& w, const Vector& gradient);
  std::vector<Index> largest(const Vector& w, const Vector& gradient, Index size) const;
  std::vector<Index> all_that_matter(const Vector& w, const Vector& gradient) const;
  void count_stored();
  double stored_by(const std::vector<Index>& columns) const;
  std::optional<double> seconds_left() const;
  bool may_go_on() const;

  AnyLinear* objective_;
  const Problem* problem_;
  WorkingSetOptions options_;
  WithL1<AnyLinear> penalised_;
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  std::vector<double> stored_{};  // by each column of a sparse matrix
  std::vector<Index> in_set_{};
  std::unique_ptr<SomeColumns> set_{};  // these two
  std::unique_ptr<GramL1<AnyLinear>> in_metric_{};
  std::unique_ptr<ColumnNewton> by_columns_{};  // or this one
  double goal_ = 0;                             // for the residual
  double passes_of_past_sets_ = 0;
  bool slow_ = false;  // sweeps over columns were
  bool all_matter_ = false, gave_up_ = false, may_be_last_ = false;
  DualPoint dual_{};
  Vector dual_at_{};
  Vector at_{}, found_{}, within_{};  // the iterate, where the set's minimum is, and the set's own weights
};

}  // namespace surefoot::fitting
