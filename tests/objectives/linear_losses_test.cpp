// Every loss over every layout of X, in double and in float, against the definition.

#include "catch.hpp"
#include "support/differences.hpp"
#include "support/linear_data.hpp"

using namespace surefoot;
using namespace surefoot::test;

namespace {

/// Loss, gradient, Hessian and its diagonal and products, with and without intercept, at each set of options.
template <class Matrix, class Loss>
void check_against_definition(const Loss& loss, const Data& data) {
  const Index rows = data.X.rows(), columns = data.X.cols();
  const Matrix X = in_layout<Matrix>(data.X);
  for (const LinearOptions& options : option_sets(rows, columns)) {
    LinearObjective<Loss, Matrix> model(X, target_of<Loss>(data), options, loss);
    for (const Index size : {columns, columns + 1}) {
      const Vector w = some_weights(size), v = some_weights(size, 12);
      const Answer expected = by_definition(loss, data, w, options);
      INFO(Loss::name << ", " << rows << " x " << columns << ", " << size << " weights, l2 " << options.l2
                      << ", centred " << options.centre.size() << ", scaled " << options.scale.size() << ", weighted "
                      << options.row_weights.size());

      Vector gradient = Vector::Constant(size, not_a_number), diagonal = gradient, product = gradient;
      CHECK(model.loss(w, gradient) == Approx(expected.loss).epsilon(1e-13));
      CHECK(model.loss(w) == model.loss(w, gradient));
      CHECK(largest(gradient - expected.gradient) <= 1e-13 * (1 + largest(expected.gradient)));

      const double of_curvatures = 1e-13 * (1 + expected.hessian.cwiseAbs().maxCoeff());
      model.curvature(w, diagonal);
      CHECK(largest(diagonal - expected.hessian.diagonal()) <= of_curvatures);
      ColumnMajor hessian;
      model.hessian(w, hessian);
      CHECK((symmetric(hessian) - expected.hessian).cwiseAbs().maxCoeff() <= of_curvatures);
      model.hessian_times(w, v, product);
      CHECK(largest(product - expected.hessian * v) <= of_curvatures * v.lpNorm<1>());

      Vector joint_gradient = Vector::Constant(size, not_a_number), joint_diagonal = joint_gradient;
      CHECK(model.loss(w, joint_gradient, joint_diagonal) == model.loss(w));
      CHECK(joint_gradient == gradient);
      CHECK(joint_diagonal == diagonal);
    }
  }
}

template <class Matrix, class Loss>
void check_against_definition(const Loss& loss, Index rows, Index columns) {
  check_against_definition<Matrix>(loss, some_data(rows, columns));
}

template <class Loss>
void check_layouts(const Loss& loss) {
  check_against_definition<DenseMatrix>(loss, 37, 6);
  check_against_definition<ColumnMajor>(loss, 37, 6);
  check_against_definition<SparseMatrix>(loss, 37, 6);
  check_against_definition<SparseColumns>(loss, 37, 6);
  check_against_definition<DenseFloats>(loss, 37, 6);
  check_against_definition<ColumnMajorFloats>(loss, 37, 6);
  check_against_definition<SparseFloats>(loss, 37, 6);
  check_against_definition<SparseColumnsOfFloats>(loss, 37, 6);
}

template <class Loss>
void check_differences(const Loss& loss) {
  const Data data = some_data(37, 6);
  for (const LinearOptions& options : option_sets(37, 6)) {
    for (const Index size : {6, 7}) {
      const Vector w = some_weights(size);
      const Answer answer = by_definition(loss, data, w, options);
      const auto value = [&](const Vector& at) { return by_definition(loss, data, at, options).loss; };
      CHECK(largest(gradient_by_differences(value, w, 2e-4) - answer.gradient) <=
            1e-9 * (1 + largest(answer.gradient)));
      for (Index j = 0; j < size; ++j) {
        const auto slope = [&](const Vector& at) { return by_definition(loss, data, at, options).gradient[j]; };
        const Vector column = gradient_by_differences(slope, w, 2e-4);
        CHECK(largest(column - answer.hessian.col(j)) <= 1e-9 * (1 + largest(answer.hessian.col(j))));
      }
    }
  }
}

}  // namespace

TEST_CASE("least squares follows its definition in every layout, in double and float, scaled or not, weighted or not") {
  check_layouts(LeastSquaresLoss{});
}
TEST_CASE("Huber's loss follows its definition in every layout, in double and float") { check_layouts(HuberLoss{}); }
TEST_CASE("the quantile loss follows its definition in every layout, in double and float") {
  check_layouts(QuantileLoss{.level = 0.3, .width = 0.5});
}
TEST_CASE("the logistic loss follows its definition in every layout, in double and float") {
  check_layouts(LogisticLoss{});
}
TEST_CASE("Poisson's loss follows its definition in every layout, in double and float") {
  check_layouts(PoissonLoss{});
}
TEST_CASE("the squared hinge follows its definition in every layout, in double and float") {
  check_layouts(SquaredHingeLoss{});
}

TEST_CASE("the definition that models are held against has the derivatives that differences say") {
  check_differences(LeastSquaresLoss{});
  check_differences(LogisticLoss{});
  check_differences(PoissonLoss{});
}

TEST_CASE("a model of one row or one column follows the definition") {
  check_against_definition<DenseMatrix>(LogisticLoss{}, 1, 3);
  check_against_definition<ColumnMajor>(LogisticLoss{}, 9, 1);
  check_against_definition<SparseMatrix>(LeastSquaresLoss{}, 1, 1);
}

TEST_CASE("rows beyond one block, the last one short, count like the first") {
  check_against_definition<DenseMatrix>(LogisticLoss{}, 2051, 3);
  check_against_definition<ColumnMajor>(LeastSquaresLoss{}, 2051, 3);
  check_against_definition<SparseMatrix>(LogisticLoss{}, 2051, 3);
  check_against_definition<DenseFloats>(LogisticLoss{}, 1203, 17);
}

TEST_CASE(
    "a sparse matrix of ones, whose values need not be read, follows the definition, and one that is nearly so too") {
  Data data = some_data(37, 6);
  data.X = (data.X.array() != 0).cast<double>();
  check_against_definition<SparseMatrix>(LogisticLoss{}, data);
  check_against_definition<SparseFloats>(LogisticLoss{}, data);
  data.X(36, 5) = 2;  // the last that is stored
  check_against_definition<SparseMatrix>(LogisticLoss{}, data);
  data.X.setZero();
  check_against_definition<SparseMatrix>(LogisticLoss{}, data);
}
