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

#include "fit/some_columns.hpp"
#include "surefoot/coordinates/gram_l1.hpp"
#include "surefoot/loop/stop.hpp"

namespace surefoot::fitting {

struct WorkingSetOptions {
  double accuracy = 1e-6;  // by how much the proximal residual is to fall
  double gradient = 0;     // > 0: or to what size
  Index most = 1024;       // columns of a set
  std::optional<double> max_seconds{};
  std::stop_token cancel{};
};

/// A proximal objective whose step goes to the minimum over a working set, the other weights zero: the columns that are not
/// zero, and beside them those whose gradient is largest, twice as many in all as are not zero (Massias, Gramfort & Salmon,
/// 2018; Johnson & Guestrin, 2015). The loop that takes these steps then looks at the gradient of all columns, so its stop
/// test, the proximal residual, is over all of them. The minimum over a set is found as well as it pays: to a small part
/// of the residual over all columns.
class WorkingSets {
 public:
  WorkingSets(AnyLinear& objective, const Problem& problem, const WorkingSetOptions& options);

  double loss(const Vector& w, Vector& gradient);
  double loss(const Vector& w) { return penalised_.loss(w); }
  double lower_bound() { return penalised_.lower_bound(); }
  double proximal(Vector& w, double step) { return penalised_.proximal(w, step); }
  /// To the minimum over a working set at step 1; to that share of the way there at a shorter one.
  double proximal_step(const Vector& w, const Vector& gradient, double step, Vector& to);

  /// The columns that matter don't fit into a set (or rounding ends what a set can do); the last step led nowhere then.
  bool gave_up() const { return gave_up_; }
  /// The duality gap at w, where it is known without a pass.
  std::optional<double> gap_at(const Vector& w) const;
  /// Of the sets: their copies, and the reads of those, as shares of reads of all columns.
  double passes() const;
  Index columns_in_set() const { return set_ ? std::ssize(set_->columns()) : 0; }

 private:
  void solve(const Vector& w, const Vector& gradient);
  bool choose(const Vector& w, const Vector& gradient, double tolerance);
  Stop inner_stop(double tolerance) const;

  AnyLinear* objective_;
  const Problem* problem_;
  WorkingSetOptions options_;
  WithL1<AnyLinear> penalised_;
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  std::unique_ptr<SomeColumns> set_{};
  std::unique_ptr<GramL1<AnyLinear>> newton_{};
  Index most_ = 0;
  double goal_ = 0;  // for the residual
  double passes_of_past_sets_ = 0;
  bool gave_up_ = false, may_be_last_ = false;
  DualPoint dual_{};
  Vector dual_at_{};
  Vector at_{}, found_{}, within_{};  // the iterate, where the set's minimum is, and the set's own weights
};

}  // namespace surefoot::fitting
