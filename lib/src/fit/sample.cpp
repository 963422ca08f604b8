#include "fit/sample.hpp"

#include <algorithm>
#include <random>

#include "surefoot/coordinates/hessian.hpp"

namespace surefoot::fitting {
namespace {

DenseMatrix some_rows(const DenseMatrix& x, const std::vector<Index>& rows) {
  DenseMatrix some(std::ssize(rows), x.cols());
  for (Index i = 0; i < some.rows(); ++i) some.row(i) = x.row(rows[static_cast<std::size_t>(i)]);
  return some;
}
SparseMatrix some_rows(const SparseMatrix& x, const std::vector<Index>& rows) {
  SparseMatrix some(std::ssize(rows), x.cols());
  Index stored = 0;
  for (const Index row : rows) stored += SparseRow(x, row).count;
  some.reserve(stored);
  for (Index i = 0; i < some.rows(); ++i) {
    some.startVec(i);
    const SparseRow row(x, rows[static_cast<std::size_t>(i)]);
    for (Index k = 0; k < row.count; ++k) some.insertBack(i, row.columns[k]) = row.values[k];
  }
  some.finalize();
  return some;
}

}  // namespace

Sample::Sample(const Problem& problem, std::vector<Index> rows) {
  const auto count = std::ssize(rows);
  y_.resize(count);
  LinearOptions options = problem.linear;
  options.threads = 1;
  Vector& weights = options.row_weights;
  for (Index i = 0; i < count; ++i) {
    const Index row = rows[static_cast<std::size_t>(i)];
    y_[i] = problem.y[row];
    if (weights.size() > 0) weights[i] = problem.linear.row_weights[row];
  }
  if (weights.size() > 0) {
    weights.conservativeResize(count);
    if (!(weights.maxCoeff() > 0)) weights = {};
  }
  std::visit(
      [&]<class Matrix>(const Matrix* x) {
        x_ = some_rows(*x, rows);
        objective_ = make_linear(std::get<Matrix>(x_), y_, problem.loss, problem.classes, options);
      },
      problem.x);
}

void Sample::expect(const Vector& w, const Vector& diagonal_of_all) {
  Vector own(w.size());
  objective_->curvature(w, own);
  const auto seen = own.array() > 1e-12 * diagonal_of_all.array();
  too_little_ = seen.select(diagonal_of_all.cwiseQuotient(own), 1.0);
  unseen_ = seen.select(0.0, diagonal_of_all);
}

void Sample::hessian(const Vector& w, Eigen::MatrixXd& to) {
  objective_->hessian(w, to);
  discount_pairs(rows(), to);
  // As put_right does, which would read all rows for their diagonal at w: how the sample's differs is carried over from the constant.
  const Vector diagonal = to.diagonal();
  if (too_little_.size() != diagonal.size()) return;
  const Vector scale = too_little_.cwiseMin(1.0).cwiseSqrt();
  to = scale.asDiagonal() * to * scale.asDiagonal();
  to.diagonal() = diagonal.cwiseProduct(too_little_) + unseen_;
}

std::pair<std::vector<Index>, std::vector<Index>> draw_rows(Index rows, Index first, Index second) {
  // Floyd's method would do with less memory; the set is a small part of the rows either way.
  std::mt19937_64 random(20'260'101);
  std::vector<Index> all(static_cast<std::size_t>(first + second));
  std::vector<bool> drawn(static_cast<std::size_t>(rows));
  std::uniform_int_distribution<Index> any(0, rows - 1);
  for (Index& row : all) {
    do {
      row = any(random);
    } while (drawn[static_cast<std::size_t>(row)]);
    drawn[static_cast<std::size_t>(row)] = true;
  }
  std::vector<Index> a(all.begin(), all.begin() + first), b(all.begin() + first, all.end());
  std::sort(a.begin(), a.end());
  std::sort(b.begin(), b.end());
  return {std::move(a), std::move(b)};
}

}  // namespace surefoot::fitting
