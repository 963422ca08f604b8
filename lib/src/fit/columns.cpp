#include "fit/columns.hpp"

#include "surefoot/loop/numbers.hpp"
#include "surefoot/objectives/fitted_columns.hpp"

namespace surefoot::fitting {

using Index = Eigen::Index;

namespace {

/// Σ x_j, Σ (x_j − shift_j)² and Σ factor_i x_ij (where there are factors), for one read of x.
struct Moments {
  Vector sums{}, squares{}, products{};
};
Moments moments(const DenseMatrix& x, const Vector& shift, int threads, const Vector& factors) {
  const Index block = rows_per_block(x);
  const PassPieces pieces = pieces_of(x, threads, block);
  std::vector<Moments> of_pieces(static_cast<std::size_t>(pieces.count));
  const Vector ones = Vector::Ones(block);
  passes::for_each_piece(pieces.threads, pieces.count, [&](Index piece) {
    Moments& own = of_pieces[static_cast<std::size_t>(piece)];
    own.sums.setZero(x.cols());
    own.squares.setZero(x.cols());
    own.products.setZero(factors.size() > 0 ? x.cols() : 0);
    const Index end = std::min((piece + 1) * pieces.rows, x.rows());
    for (Index first = piece * pieces.rows; first < end; first += block) {
      const Index count = std::min(block, end - first);
      add_squares(x, first, count, ones.data(), shift.data(), nullptr, own.squares.data());
      add_rows(x, first, count, ones.data(), own.sums.data(), {.fetch = false});
      if (factors.size() > 0) {
        add_rows(x, first, count, factors.data() + first, own.products.data(), {.fetch = false});
      }
    }
  });
  for (std::size_t piece = 1; piece < of_pieces.size(); ++piece) {
    of_pieces[0].sums += of_pieces[piece].sums;
    of_pieces[0].squares += of_pieces[piece].squares;
    of_pieces[0].products += of_pieces[piece].products;
  }
  return std::move(of_pieces[0]);
}

/// Close to the columns' means: the squares about it keep their digits.
Vector guess_of_mean(const DenseMatrix& x) {
  Vector sum = Vector::Zero(x.cols());
  constexpr Index looked_at = 64;
  const Index stride = std::max<Index>(1, x.rows() / looked_at);
  double count = 0;
  for (Index i = 0; i < x.rows(); i += stride, ++count) sum += x.row(i).transpose();
  return sum / count;
}

}  // namespace

Columns standardise(const DenseMatrix& x, std::vector<std::string>& notes, int threads, const Vector& factors) {
  Columns columns;
  const auto n = static_cast<double>(x.rows());
  Vector shift = guess_of_mean(x), mean, variance;
  const auto look = [&] {
    Moments found = moments(x, shift, threads, factors);
    mean = found.sums / n;
    columns.products = std::move(found.products);
    variance = (found.squares / n - (mean - shift).cwiseAbs2()).cwiseMax(0.0);
  };
  look();
  if (((mean - shift).cwiseAbs2().array() > 1e3 * variance.array()).any()) {  // a guess that was far off costs digits
    shift = mean;
    look();
  }
  columns.scale = variance.cwiseSqrt();
  for (Index j = 0; j < x.cols(); ++j) {
    if (well_scaled(variance[j] * n)) continue;
    // Values near 1e±200: their sums or squares leave the range of a double, so they are taken of the shares.
    const double largest = x.col(j).cwiseAbs().maxCoeff();
    if (largest == 0) continue;
    const Vector shares = x.col(j) / largest;
    mean[j] = largest * shares.mean();
    columns.scale[j] = largest * std::sqrt((shares.array() - shares.mean()).square().mean());
  }
  int hardly_vary = 0;
  double most_digits = 0;
  for (Index j = 0; j < x.cols(); ++j) {
    // Spread by rounding only, or too little to divide by.
    if (columns.scale[j] <= 1e-12 * std::abs(mean[j]) || columns.scale[j] < 1e-300) {
      columns.scale[j] = infinity;
      if (x.col(j).maxCoeff() > x.col(j).minCoeff()) ++hardly_vary;  // of constant ones the reader tells
    } else {
      most_digits = std::max(most_digits, std::abs(mean[j]) / columns.scale[j]);
    }
  }
  if (hardly_vary > 0) {
    notes.push_back(std::to_string(hardly_vary) + (hardly_vary == 1 ? " column varies" : " columns vary") +
                    " by too little beside the size of the numbers: no coefficient can be told");
  }
  columns.centre = mean;
  if (factors.size() > 0) columns.products = (columns.products - factors.sum() * mean).cwiseQuotient(columns.scale);
  if (most_digits > 1e5) columns.shifted_copy = x.rowwise() - mean.transpose();
  return columns;
}

Columns standardise(const SparseMatrix& x, std::vector<std::string>&, int, const Vector&) {
  Columns columns;
  columns.scale.setZero(x.cols());
  for (Index i = 0; i < x.outerSize(); ++i) {
    for (SparseMatrix::InnerIterator entry(x, i); entry; ++entry) {
      columns.scale[entry.col()] = std::max(columns.scale[entry.col()], std::abs(entry.value()));
    }
  }
  columns.scale = (columns.scale.array() < 1e-300).select(1.0, columns.scale);  // or its inverse would be Inf
  return columns;
}

}  // namespace surefoot::fitting
