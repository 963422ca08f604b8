#include "fit/some_columns.hpp"

#include <algorithm>

namespace surefoot::fitting {
namespace {

// Into a matrix that is there already: Eigen 3.4 copies a sparse one where it seems to move it.
void copy(const DenseMatrix& x, const std::vector<Index>& columns, DenseMatrix& some) {
  some.resize(x.rows(), std::ssize(columns));
  for (Index i = 0; i < x.rows(); ++i) {
    const double* const from = x.data() + i * x.cols();
    double* to = some.data() + i * some.cols();
    for (const Index j : columns) *to++ = from[j];
  }
}
void copy(const SparseMatrix& x, const std::vector<Index>& columns, SparseMatrix& some) {
  constexpr int absent = -1;
  std::vector<int> place(static_cast<std::size_t>(x.cols()), absent);
  int next = 0;
  for (const Index j : columns) place[static_cast<std::size_t>(j)] = next++;
  const auto each_entry = [&](Index i, auto&& work) {
    const SparseRow row(x, i);
    for (Index k = 0; k < row.count; ++k) {
      const int to = place[static_cast<std::size_t>(row.columns[k])];
      if (to != absent) work(to, row.values[k]);
    }
  };
  // Counted first: a matrix that grows as it is filled takes up to twice what it holds, and more while it grows.
  Index count = 0;
  for (Index i = 0; i < x.rows(); ++i) each_entry(i, [&](int, double) { ++count; });
  some.resize(x.rows(), std::ssize(columns));
  some.reserve(count);
  for (Index i = 0; i < x.rows(); ++i) {
    some.startVec(i);
    each_entry(i, [&](int to, double value) { some.insertBack(i, to) = value; });
  }
  some.finalize();
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
        Matrix& some = x_.template emplace<Matrix>();
        copy(*x, columns_, some);
        share_ = stored(some) / std::max(stored(*x), 1.0);
        // Of sparse rows every column number is read twice, 8 of an entry's 12 bytes; of dense ones the lines of memory that
        // a column is in.
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
