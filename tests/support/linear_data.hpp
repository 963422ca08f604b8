/// Data for tests of linear models, and what a model of it should answer, by definition, in long double.
#pragma once

#include <Eigen/Dense>
#include <functional>
#include <type_traits>
#include <vector>

#include "surefoot/loop/numbers.hpp"
#include "surefoot/objectives/linear.hpp"

namespace surefoot::test {

using ColumnMajor = Eigen::MatrixXd;
using SparseColumns = Eigen::SparseMatrix<double>;
using DenseFloats = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using ColumnMajorFloats = Eigen::MatrixXf;
using SparseFloats = Eigen::SparseMatrix<float, Eigen::RowMajor>;
using SparseColumnsOfFloats = Eigen::SparseMatrix<float>;

struct Data {
  ColumnMajor X;
  Vector labels;   // 0 and 1
  Vector targets;  // any numbers
  Vector counts;   // 0, 1, 2, …
};

/// Columns of different scales, centres off zero, every third entry zero; labels that no plane separates. Each number of X
/// is one that a float holds.
Data some_data(Index rows, Index columns, unsigned seed = 7);

Vector some_weights(Index size, unsigned seed = 11);

/// What a loss may have as targets.
template <class Loss>
const Vector& target_of(const Data& data) {
  if constexpr (std::is_same_v<Loss, LogisticLoss> || std::is_same_v<Loss, SquaredHingeLoss>) {
    return data.labels;
  } else if constexpr (std::is_same_v<Loss, PoissonLoss>) {
    return data.counts;
  } else {
    return data.targets;
  }
}

template <class Matrix>
Matrix in_layout(const ColumnMajor& X) {
  if constexpr (is_sparse<Matrix>) {
    return X.sparseView().template cast<typename Matrix::Scalar>();
  } else {
    return X.cast<typename Matrix::Scalar>();
  }
}

/// Weights 0, ½, 1, 1½ … of the rows, again and again.
Vector some_row_weights(Index rows);

/// Unscaled, centred, scaled, both; with row weights.
std::vector<LinearOptions> option_sets(Index rows, Index columns);

// --- the losses by their definitions -----------------------------------------------------------------------------------

using Exact = Terms<long double>;

Exact by_definition(const LeastSquaresLoss&, long double z, long double y);
Exact by_definition(const HuberLoss& loss, long double z, long double y);
Exact by_definition(const QuantileLoss& loss, long double z, long double y);
Exact by_definition(const LogisticLoss&, long double z, long double y);
Exact by_definition(const PoissonLoss&, long double z, long double y);
Exact by_definition(const SquaredHingeLoss&, long double z, long double y);

/// Loss, gradient and Hessian of a model.
struct Answer {
  double loss;
  Vector gradient;
  ColumnMajor hessian;
};

/// The mean over rows of `loss_of_row(margin, target)`, row by row, from a standardised copy.
Answer by_definition(const std::function<Exact(long double, long double)>& loss_of_row, const Vector& y,
                     const ColumnMajor& X, const Vector& w, const LinearOptions& options);

template <class Loss>
Answer by_definition(const Loss& loss, const Data& data, const Vector& w, const LinearOptions& options) {
  return by_definition([&](long double z, long double y) { return by_definition(loss, z, y); }, target_of<Loss>(data),
                       data.X, w, options);
}

inline double largest(const Vector& values) { return max_norm(values); }

/// A symmetric matrix from its upper triangle.
inline ColumnMajor symmetric(const ColumnMajor& upper) { return upper.selfadjointView<Eigen::Upper>(); }

}  // namespace surefoot::test
