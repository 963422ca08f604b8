#include "fit/column_newton.hpp"

#include <algorithm>
#include <cmath>

#include "surefoot/coordinates/coordinate_descent.hpp"

namespace surefoot::fitting {
namespace {

double stored_by(const Problem& problem) {
  return std::visit([](const auto* x) { return static_cast<double>(std::max<Index>(x->nonZeros(), 1)); }, problem.x);
}

double inverse_scale(const LinearOptions& options, Index column) {
  return options.scale.size() > 0 ? 1 / options.scale[column] : 1;
}

}  // namespace

StoredColumns::StoredColumns(const Problem& problem, const std::vector<Index>& columns) {
  std::visit([&](const auto* x) { copy(*x, problem.linear, columns); }, problem.x);
}

void StoredColumns::copy(const DenseMatrix& x, const LinearOptions& options, const std::vector<Index>& columns) {
  dense_.resize(x.rows(), std::ssize(columns));
  Index k = 0;
  for (const Index j : columns) {
    const double centre = options.centre.size() > 0 ? options.centre[j] : 0;
    dense_.col(k++) = (x.col(j).array() - centre) * inverse_scale(options, j);
  }
}

void StoredColumns::copy(const SparseMatrix& x, const LinearOptions& options, const std::vector<Index>& columns) {
  sparse_ = true;
  constexpr int absent = -1;
  std::vector<int> place(static_cast<std::size_t>(x.cols()), absent);
  int next = 0;
  for (const Index j : columns) place[static_cast<std::size_t>(j)] = next++;
  begin_.assign(columns.size() + 1, 0);
  const auto each_entry = [&](auto&& work) {
    for (Index i = 0; i < x.rows(); ++i) {
      const SparseRow row(x, i);
      for (Index k = 0; k < row.count; ++k) {
        const int to = place[static_cast<std::size_t>(row.columns[k])];
        if (to != absent) work(static_cast<std::size_t>(to), i, row.columns[k], row.values[k]);
      }
    }
  };
  each_entry([&](std::size_t to, Index, Index, double) { ++begin_[to + 1]; });
  for (std::size_t k = 1; k < begin_.size(); ++k) begin_[k] += begin_[k - 1];
  rows_.resize(static_cast<std::size_t>(begin_.back()));
  values_.resize(rows_.size());
  std::vector<Index> at(begin_.begin(), begin_.end() - 1);
  each_entry([&](std::size_t to, Index row, Index column, double value) {
    const auto place_of_entry = static_cast<std::size_t>(at[to]++);
    rows_[place_of_entry] = static_cast<int>(row);
    values_[place_of_entry] = value * inverse_scale(options, column);
  });
}

double StoredColumns::dot(Index k, const Vector& v) const {
  if (!sparse_) return dense_.col(k).dot(v);
  const int* const rows = rows_.data();
  const double* const values = values_.data();
  double sums[2] = {0, 0};
  Index at = begin(k);
  for (const Index last = end(k) - 1; at < last; at += 2) {
    sums[0] += values[at] * v[rows[at]];
    sums[1] += values[at + 1] * v[rows[at + 1]];
  }
  if (at < end(k)) sums[0] += values[at] * v[rows[at]];
  return sums[0] + sums[1];
}
double StoredColumns::squares(Index k, const Vector& v) const {
  if (!sparse_) return dense_.col(k).array().square().matrix().dot(v);
  double sum = 0;
  for (Index at = begin(k); at < end(k); ++at) {
    const double value = values_.data()[at];
    sum += value * value * v[rows_.data()[at]];
  }
  return sum;
}
void StoredColumns::add(Index k, double factor, Vector& to) const {
  if (!sparse_) {
    to.noalias() += factor * dense_.col(k);
    return;
  }
  for (Index at = begin(k); at < end(k); ++at) to[rows_.data()[at]] += factor * values_.data()[at];
}
void StoredColumns::add(Index k, double factor, const Vector& v, Vector& to) const {
  if (!sparse_) {
    to.array() += factor * dense_.col(k).array() * v.array();
    return;
  }
  for (Index at = begin(k); at < end(k); ++at) {
    const int row = rows_.data()[at];
    to[row] += factor * values_.data()[at] * v[row];
  }
}

ColumnNewton::ColumnNewton(const Problem& problem, AnyLinear& objective, std::vector<Index> columns)
    : objective_(&objective),
      l1_(problem.l1),
      l2_(problem.linear.l2),
      stored_by_all_(stored_by(problem)),
      intercept_(problem.intercept),
      columns_(std::move(columns)),
      stored_(problem, columns_) {
  const Index size = std::ssize(columns_) + (intercept_ ? 1 : 0);
  for (Vector* of_columns : {&weights_, &change_, &gradient_, &diagonal_}) of_columns->resize(size);
  for (Vector* of_rows : {&margins_, &slopes_, &curvatures_}) of_rows->resize(problem.y.size());
  active_.reserve(columns_.size());
  moving_.reserve(columns_.size());
}

double ColumnNewton::minimise(Vector& w, double tolerance, const std::function<bool()>& go_on) {
  enter(w);
  double worst = look(infinity);
  const double first = worst;
  for (int step = 0; step < 200 && worst > tolerance && (step == 0 || go_on()); ++step) {
    // Far from the minimum the model says little; near it, it is worth its minimum.
    const double forcing = std::clamp(worst / first, 0.1, 0.3);
    lower_model(std::max(0.3 * tolerance, forcing * worst), go_on);
    if (!take_step()) {
      // Rounding hides the way. From the start on: whoever called shall judge the step.
      if (step == 0) weights_ += change_;
      break;
    }
    worst = look(worst);
  }
  const Index count = stored_.count();
  w(columns_) = weights_.head(count);
  if (intercept_) w[w.size() - 1] = weights_[count];
  return worst;
}

void ColumnNewton::enter(const Vector& w) {
  const Index count = stored_.count();
  weights_.head(count) = w(columns_);
  if (intercept_) weights_[count] = w[w.size() - 1];
  margins_.setConstant(intercept_ ? weights_[count] : 0);
  for (Index k = 0; k < count; ++k) {
    if (weights_[k] == 0) continue;
    stored_.add(k, weights_[k], margins_);
    visited(k);
  }
}

/// Loss, slopes and curvatures at the margins; gradient and diagonal of the columns; which of them take part. Returns by how
/// much the conditions of a minimum are missed.
double ColumnNewton::look(double last_worst) {
  const Index count = stored_.count();
  loss_ = objective_->at_margins(margins_, &slopes_, &curvatures_) + penalty(0);
  double worst = 0;
  active_.clear();
  for (Index k = 0; k < count; ++k) {
    gradient_[k] = stored_.dot(k, slopes_) + l2_ * weights_[k];
    worst = std::max(worst, l1_violation(weights_[k], gradient_[k], l1_));
    visited(k);
    // Who is left out of this step's sweeps is looked at again before the next.
    if (weights_[k] == 0 && std::abs(gradient_[k]) < l1_ - std::min(last_worst, 0.3 * l1_)) continue;
    active_.push_back(k);
    diagonal_[k] = stored_.squares(k, curvatures_) + l2_;
  }
  if (intercept_) {
    gradient_[count] = slopes_.sum();
    diagonal_[count] = curvatures_.sum();
    worst = std::max(worst, std::abs(gradient_[count]));
  }
  return worst;
}

/// Coordinate descent on the model, until no weight's move changes its slope by more than `tolerance`: over all that take
/// part, then over those that are not at zero until these have settled, and again. The slopes become the model's.
void ColumnNewton::lower_model(double tolerance, const std::function<bool()>& go_on) {
  double flattest = 0;  // what keeps a flat direction from an endless step
  for (const Index k : active_) flattest = std::max(flattest, 1e-12 * diagonal_[k]);
  for (const Index k : active_) diagonal_[k] = std::max(diagonal_[k], flattest);
  change_.setZero();
  for (int round = 0; round < 30 && (round == 0 || go_on()); ++round) {
    if (!(sweep(active_) > tolerance)) return;
    moving_.clear();
    for (const Index k : active_) {
      if (weights_[k] + change_[k] != 0) moving_.push_back(k);
    }
    for (int inner = 0; inner < 10 && go_on(); ++inner) {
      if (!(sweep(moving_) > tolerance)) break;
    }
  }
}

/// Returns the largest change of a slope.
double ColumnNewton::sweep(const std::vector<Index>& over) {
  const Index count = stored_.count();
  double largest = 0;
  for (const Index k : over) {
    const double curvature = diagonal_[k], weight = weights_[k] + change_[k];
    const double slope = stored_.dot(k, slopes_) + l2_ * weight;
    visited(k);
    const double pull = curvature * weight - slope;
    const double moved = std::abs(pull) <= l1_ ? 0 : (pull - std::copysign(l1_, pull)) / curvature;
    const double by = moved - weight;
    if (by == 0) continue;
    change_[k] = moved - weights_[k];
    stored_.add(k, by, curvatures_, slopes_);
    largest = std::max(largest, std::abs(by) * curvature);
  }
  if (intercept_ && diagonal_[count] > 0) {
    const double slope = slopes_.sum(), by = -slope / diagonal_[count];
    change_[count] += by;
    slopes_ += by * curvatures_;
    largest = std::max(largest, std::abs(slope));
  }
  return largest;
}

/// The longest of 1, ½, ¼, … that lowers the loss by a share of what the change promises to first order. False: none does.
/// Slopes and curvatures are gone then: the next look computes them.
bool ColumnNewton::take_step() {
  const Index count = stored_.count();
  Vector &along = slopes_, &trial = curvatures_;
  along.setConstant(intercept_ ? change_[count] : 0);
  double promise = intercept_ ? gradient_[count] * change_[count] : 0;
  for (const Index k : active_) {
    if (change_[k] == 0) continue;
    stored_.add(k, change_[k], along);
    visited(k);
    promise += gradient_[k] * change_[k] + l1_ * (std::abs(weights_[k] + change_[k]) - std::abs(weights_[k]));
  }
  if (!(promise < -epsilon * std::abs(loss_))) return false;
  for (double share = 1; share > 1e-10; share /= 2) {
    trial = margins_ + share * along;
    const double there = objective_->at_margins(trial, nullptr, nullptr) + penalty(share);
    if (!(there <= loss_ + 1e-4 * share * promise)) continue;
    margins_.swap(trial);
    weights_ += share * change_;
    return true;
  }
  return false;
}

/// l1 |w|₁ + l2/2 |w|² after a share of the change.
double ColumnNewton::penalty(double share) const {
  double sum = 0, squares = 0;
  for (Index k = 0; k < stored_.count(); ++k) {
    const double weight = share == 0 ? weights_[k] : weights_[k] + share * change_[k];
    sum += std::abs(weight);
    squares += weight * weight;
  }
  return l1_ * sum + 0.5 * l2_ * squares;
}

}  // namespace surefoot::fitting
