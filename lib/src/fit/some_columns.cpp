#include "fit/some_columns.hpp"

#include <algorithm>

namespace surefoot::fitting {
namespace {

DenseMatrix copied(const DenseMatrix& x, const std::vector<Index>& columns) {
  DenseMatrix some(x.rows(), std::ssize(columns));
  for (Index i = 0; i < x.rows(); ++i) {
    const double* const from = x.data() + i * x.cols();
    double* to = some.data() + i * some.cols();
    for (const Index j : columns) *to++ = from[j];
  }
  return some;
}
SparseMatrix copied(const SparseMatrix& x, const std::vector<Index>& columns) {
  constexpr int absent = -1;
  std::vector<int> place(static_cast<std::size_t>(x.cols()), absent);
  int next = 0;
  for (const Index j : columns) place[static_cast<std::size_t>(j)] = next++;
  SparseMatrix some(x.rows(), std::ssize(columns));
  for (Index i = 0; i < x.rows(); ++i) {
    some.startVec(i);
    const SparseRow row(x, i);
    for (Index k = 0; k < row.count; ++k) {
      const int to = place[static_cast<std::size_t>(row.columns[k])];
      if (to != absent) some.insertBack(i, to) = row.values[k];
    }
  }
  some.finalize();
  return some;
}

double stored(const DenseMatrix& x) { return static_cast<double>(x.size()); }
double stored(const SparseMatrix& x) { return static_cast<double>(x.nonZeros()); }

Vector some_of(const Vector& all, const std::vector<Index>& columns) {
  return all.size() > 0 ? Vector(all(columns)) : Vector();
}

}  // namespace

SomeColumns::SomeColumns(const Problem& problem, std::vector<Index> columns)
    : columns_(std::move(columns)), all_(problem.columns()), free_(problem.free()) {
  LinearOptions options = problem.linear;
  options.centre = some_of(problem.linear.centre, columns_);
  options.scale = some_of(problem.linear.scale, columns_);
  std::visit(
      [&]<class Matrix>(const Matrix* x) {
        x_ = copied(*x, columns_);
        const Matrix& some = std::get<Matrix>(x_);
        share_ = stored(some) / std::max(stored(*x), 1.0);
        // Of sparse rows every column number is read; of dense ones the lines of memory that a column is in.
        copy_cost_ = is_sparse<Matrix> ? 1 : std::min(1.0, 8 * share_);
        objective_ = make_linear(some, problem.y, problem.loss, problem.classes, options);
      },
      problem.x);
}

void SomeColumns::enter(const Vector& all, Vector& some) const {
  const Index count = std::ssize(columns_);
  some.resize(count + free_);
  some.head(count) = all(columns_);
  some.tail(free_) = all.tail(free_);
}

void SomeColumns::leave(const Vector& some, Vector& all) const {
  all.setZero(all_ + free_);
  all(columns_) = some.head(std::ssize(columns_));
  all.tail(free_) = some.tail(free_);
}

}  // namespace surefoot::fitting
