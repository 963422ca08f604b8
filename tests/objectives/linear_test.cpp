#include "surefoot/objectives/linear.hpp"

#include <Eigen/Dense>
#include <cmath>
#include <limits>
#include <random>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

#include "catch.hpp"
#include "support/allocations.hpp"
#include "support/differences.hpp"

using namespace surefoot;

namespace {

using ColumnMajor = Eigen::MatrixXd;
using SparseColumns = Eigen::SparseMatrix<double>;
constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

// What a caller writes, deduced by both compilers.
static_assert(std::is_same_v<decltype(Logistic{std::declval<const DenseMatrix&>(), std::declval<Vector&>()}),
                             Logistic<DenseMatrix>>);
static_assert(std::is_same_v<decltype(LeastSquares{std::declval<ColumnMajor&>(), std::declval<Vector&>(), {.l2 = 1}}),
                             LeastSquares<ColumnMajor>>);

// A model of a matrix that is gone must not compile.
static_assert(std::is_constructible_v<Logistic<DenseMatrix>, DenseMatrix&, Vector&>);
static_assert(!std::is_constructible_v<Logistic<DenseMatrix>, DenseMatrix, Vector&>);
static_assert(!std::is_constructible_v<Logistic<DenseMatrix>, const DenseMatrix, Vector&>);
static_assert(!std::is_constructible_v<Logistic<DenseMatrix>, DenseMatrix&, Vector>);
static_assert(!std::is_constructible_v<Logistic<DenseMatrix>, DenseMatrix, Vector, LinearOptions>);
static_assert(!std::is_constructible_v<Logistic<DenseMatrix>, ColumnMajor&, Vector&>,
              "it would look at a converted copy");
static_assert(!std::is_constructible_v<Logistic<DenseMatrix>, DenseMatrix&, Eigen::VectorXf&>);

struct Data {
  ColumnMajor X;
  Vector labels;   // 0 and 1
  Vector targets;  // any numbers
};

/// Columns of different scales, centres off zero, every third entry zero; labels that no plane separates.
Data some_data(Index rows, Index columns, unsigned seed = 7) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  Data data{ColumnMajor(rows, columns), Vector(rows), Vector(rows)};
  for (Index i = 0; i < rows; ++i) {
    for (Index j = 0; j < columns; ++j) {
      const bool zero = random() % 3 == 0;
      data.X(i, j) = zero ? 0 : std::pow(2.0, static_cast<double>(j % 4)) * (normal(random) + 0.5);
    }
    data.labels[i] = normal(random) + 0.1 * data.X(i, 0) > 0 ? 1 : 0;
    data.targets[i] = 2 * normal(random) + data.X(i, 0);
  }
  return data;
}

Vector some_weights(Index size, unsigned seed = 11) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal(0, 0.3);
  Vector w(size);
  for (double& value : w) value = normal(random);
  return w;
}

template <class Loss>
const Vector& target_of(const Data& data) {
  return std::is_same_v<Loss, LogisticLoss> ? data.labels : data.targets;
}

template <class Matrix>
Matrix in_layout(const ColumnMajor& X) {
  if constexpr (is_sparse<Matrix>) {
    return Matrix(X.sparseView());
  } else {
    return X;
  }
}

/// Unscaled, centred, scaled, both.
std::vector<LinearOptions> option_sets(Index columns) {
  const Vector centre = Vector::LinSpaced(columns, -1, 2);
  const Vector scale = Vector::LinSpaced(columns, 0.5, 20);
  return {{.l2 = 0},
          {.l2 = 0.3},
          {.l2 = 0.1, .centre = centre},
          {.l2 = 0.1, .scale = scale},
          {.l2 = 0.1, .centre = centre, .scale = scale}};
}

/// The definition, row by row, in long double, from a standardised copy.
template <class Loss>
double loss_by_definition(const Data& data, const Vector& w, const LinearOptions& options) {
  const Vector& y = target_of<Loss>(data);
  const Index columns = data.X.cols();
  long double sum = 0;
  for (Index i = 0; i < data.X.rows(); ++i) {
    long double z = w.size() > columns ? w[columns] : 0;
    for (Index j = 0; j < columns; ++j) {
      const long double centre = options.centre.size() > 0 ? options.centre[j] : 0;
      const long double scale = options.scale.size() > 0 ? options.scale[j] : 1;
      z += (data.X(i, j) - centre) / scale * w[j];
    }
    if (std::is_same_v<Loss, LogisticLoss>) {
      sum += std::log1p(std::exp((1 - 2 * static_cast<long double>(y[i])) * z));
    } else {
      sum += (z - y[i]) * (z - y[i]) / 2;
    }
  }
  long double penalty = 0;
  for (Index j = 0; j < columns; ++j) penalty += static_cast<long double>(w[j]) * w[j];
  return static_cast<double>(sum / data.X.rows() + options.l2 / 2 * penalty);
}

double largest(const Vector& values) { return values.lpNorm<Eigen::Infinity>(); }

template <class Loss, class Matrix>
void check_against_definition(Index rows, Index columns) {
  const Data data = some_data(rows, columns);
  const Matrix X = in_layout<Matrix>(data.X);
  for (const LinearOptions& options : option_sets(columns)) {
    LinearObjective<Loss, Matrix> model(X, target_of<Loss>(data), options);
    for (Index size : {columns, columns + 1}) {
      const Vector w = some_weights(size);
      Vector gradient = Vector::Constant(size, not_a_number);
      Vector diagonal = Vector::Constant(size, not_a_number);
      const double loss = model.loss(w, gradient);
      model.curvature(w, diagonal);
      INFO(rows << " x " << columns << ", " << size << " weights, l2 " << options.l2 << ", centred "
                << options.centre.size() << ", scaled " << options.scale.size());

      CHECK(loss == Approx(loss_by_definition<Loss>(data, w, options)).epsilon(1e-13));
      CHECK(model.loss(w) == loss);

      const auto by_definition = [&](const Vector& at) { return loss_by_definition<Loss>(data, at, options); };
      const Vector expected = gradient_by_differences(by_definition, w, 2e-4);
      CHECK(largest(gradient - expected) <= 1e-9 * (1 + largest(expected)));

      Vector expected_diagonal(size);
      for (Index j = 0; j < size; ++j) {
        const auto slope_along_j = [&](const Vector& at) {
          Vector its_gradient(size);
          model.loss(at, its_gradient);
          return its_gradient[j];
        };
        expected_diagonal[j] = gradient_by_differences(slope_along_j, w, 2e-4)[j];
      }
      CHECK(largest(diagonal - expected_diagonal) <= 1e-9 * (1 + largest(expected_diagonal)));
    }
  }
}

std::string why_refused(const ColumnMajor& X, const Vector& y, const LinearOptions& options = {}) {
  try {
    Logistic{X, y, options};
  } catch (const std::invalid_argument& refusal) {
    return refusal.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE(
    "loss, gradient and curvature follow the definition, in every layout, scaled or not, with and without intercept") {
  check_against_definition<LogisticLoss, DenseMatrix>(37, 6);
  check_against_definition<LogisticLoss, ColumnMajor>(37, 6);
  check_against_definition<LogisticLoss, SparseMatrix>(37, 6);
  check_against_definition<LogisticLoss, SparseColumns>(37, 6);
  check_against_definition<LeastSquaresLoss, DenseMatrix>(37, 6);
  check_against_definition<LeastSquaresLoss, ColumnMajor>(37, 6);
  check_against_definition<LeastSquaresLoss, SparseMatrix>(37, 6);
  check_against_definition<LeastSquaresLoss, SparseColumns>(37, 6);
}

TEST_CASE("a model of one row or one column follows the definition") {
  check_against_definition<LogisticLoss, DenseMatrix>(1, 3);
  check_against_definition<LogisticLoss, ColumnMajor>(9, 1);
  check_against_definition<LeastSquaresLoss, SparseMatrix>(1, 1);
}

TEST_CASE("rows beyond one block, the last one short, count like the first") {
  check_against_definition<LogisticLoss, DenseMatrix>(2051, 3);
  check_against_definition<LeastSquaresLoss, ColumnMajor>(2051, 3);
  check_against_definition<LogisticLoss, SparseMatrix>(2051, 3);
}

TEST_CASE("all layouts agree to 1e-13, where blocks are few rows of many columns too") {
  const Index columns = 6000;
  const Data data = some_data(11, columns);
  const DenseMatrix rows = data.X;
  const SparseMatrix sparse_rows = data.X.sparseView();
  const SparseColumns sparse_columns = data.X.sparseView();
  REQUIRE(rows_per_block(rows) < 11);

  const LinearOptions options = option_sets(columns).back();
  const Vector w = some_weights(columns + 1) / 10;
  Vector expected(w.size());
  const double loss = Logistic{rows, data.labels, options}.loss(w, expected);

  const auto check = [&](auto model) {
    Vector gradient(w.size());
    CHECK(model.loss(w, gradient) == Approx(loss).epsilon(1e-13));
    CHECK(largest(gradient - expected) <= 1e-13 * largest(expected));
  };
  check(Logistic{data.X, data.labels, options});
  check(Logistic{sparse_rows, data.labels, options});
  check(Logistic{sparse_columns, data.labels, options});
}

TEST_CASE("a matrix is read where it lies: a map, a block, a sparse matrix that is not compressed") {
  const Data data = some_data(20, 4);
  const DenseMatrix rows = data.X;
  const Vector w = some_weights(5);
  const double expected = Logistic{data.X, data.labels}.loss(w);

  const Eigen::Map<const DenseMatrix> map(rows.data(), rows.rows(), rows.cols());
  CHECK(Logistic{map, data.labels}.loss(w) == Approx(expected).epsilon(1e-14));

  ColumnMajor wider(25, 9);
  wider.setConstant(3);
  wider.block(2, 5, 20, 4) = data.X;
  const auto block = wider.block(2, 5, 20, 4);
  CHECK(Logistic{block, data.labels}.loss(w) == Approx(expected).epsilon(1e-14));

  // Every second column of a wider table: neither rows nor columns lie together.
  DenseMatrix table(20, 8);
  table.setConstant(3);
  const Eigen::Map<DenseMatrix, 0, Eigen::Stride<8, 2>> strided(table.data(), 20, 4);
  Eigen::Map<DenseMatrix, 0, Eigen::Stride<8, 2>>(table.data(), 20, 4) = rows;
  Vector gradient(5);
  Vector expected_gradient(5);
  Logistic{data.X, data.labels}.loss(w, expected_gradient);
  CHECK(Logistic{strided, data.labels}.loss(w, gradient) == Approx(expected).epsilon(1e-14));
  CHECK(largest(gradient - expected_gradient) < 1e-14);

  SparseMatrix sparse(20, 4);
  sparse.reserve(Eigen::VectorXi::Constant(20, 4));
  for (Index i = 0; i < 20; ++i) {
    for (Index j = 0; j < 4; ++j) sparse.insert(i, j) = data.X(i, j);
  }
  REQUIRE_FALSE(sparse.isCompressed());
  CHECK(Logistic{sparse, data.labels}.loss(w) == Approx(expected).epsilon(1e-14));
}

TEST_CASE("least squares has no slope where the normal equations put the minimum") {
  const Data data = some_data(200, 5);
  const double l2 = 0.25;
  ColumnMajor with_ones(200, 6);
  with_ones << data.X, Vector::Ones(200);
  ColumnMajor normal = with_ones.transpose() * with_ones / 200;
  normal.diagonal().head(5).array() += l2;  // not the intercept's
  const Vector w = normal.ldlt().solve(with_ones.transpose() * data.targets / 200);

  LeastSquares model{data.X, data.targets, {.l2 = l2}};
  Vector gradient(6);
  const double loss = model.loss(w, gradient);
  CHECK(largest(gradient) < 1e-12);
  for (Index j = 0; j < 6; ++j) {
    Vector aside = w;
    aside[j] += 1e-3;
    CHECK(model.loss(aside) > loss);
  }
}

TEST_CASE("the intercept is never penalised") {
  const ColumnMajor X = ColumnMajor::Zero(4, 2);
  const Vector y = Vector::Constant(4, 1e6);
  LeastSquares model{X, y, {.l2 = 100}};
  Vector gradient(3);
  CHECK(model.loss(Eigen::Vector3d(0, 0, 1e6), gradient) == 0);
  CHECK(largest(gradient) == 0);
  CHECK(model.loss(Eigen::Vector3d(2, 0, 1e6)) == 200);  // 100/2 · 2²
}

TEST_CASE("logistic margins of 700 and 800 lose what they should") {
  const ColumnMajor X = ColumnMajor::Ones(1, 1);
  const Vector one = Vector::Ones(1);
  Logistic model{X, one};
  Vector w(1);
  Vector gradient(1);
  const auto at = [&](double margin) {
    w[0] = margin;
    return model.loss(w, gradient);
  };
  CHECK(at(-800) == 800);
  CHECK(gradient[0] == -1);
  CHECK(at(-700) == 700);
  CHECK(gradient[0] == -1);
  CHECK(at(700) == std::exp(-700.0));
  CHECK(gradient[0] == -std::exp(-700.0));
  CHECK(at(800) == 0);
  CHECK(gradient[0] == 0);
}

TEST_CASE("weights that are not finite give a loss that is not finite, never a number that looks fine") {
  const Data data = some_data(30, 3);
  Logistic model{data.X, data.labels};
  Vector gradient(4);
  for (double bad : {not_a_number, infinity, -infinity}) {
    Vector w = some_weights(4);
    w[1] = bad;
    CHECK_FALSE(std::isfinite(model.loss(w)));
    CHECK_FALSE(std::isfinite(model.loss(w, gradient)));
  }
}

TEST_CASE("a column of infinite scale is all zeros, to the last bit, however large its numbers") {
  Data data = some_data(50, 3);
  data.X.col(1).setConstant(123456789.1);
  const LinearOptions options{.l2 = 0.5,
                              .centre = Eigen::Vector3d(0, 123456789.0, 0),  // a mean that was rounded
                              .scale = Eigen::Vector3d(1, infinity, 1)};
  Logistic model{data.X, data.labels, options};
  Vector w = some_weights(4);
  Vector gradient(4);
  Vector diagonal(4);
  const double loss = model.loss(w, gradient);
  model.curvature(w, diagonal);
  CHECK(gradient[1] == options.l2 * w[1]);
  CHECK(diagonal[1] == options.l2);

  w[1] = 0;
  CHECK(model.loss(w) == Approx(loss - 0.25 * some_weights(4)[1] * some_weights(4)[1]).epsilon(1e-14));
}

TEST_CASE("standardising loses eps |centre| / scale, as the header says, and the curvature of dense columns nothing") {
  Data data = some_data(100, 2);
  const ColumnMajor small = data.X;
  const double shift = 1048576;  // 2^20: adding it keeps all but the last 20 bits of a number
  for (double& x : data.X.reshaped()) x = std::ldexp(std::round(std::ldexp(x, 20)), -20);
  const ColumnMajor plain = data.X;
  data.X.array() += shift;

  Logistic shifted{data.X, data.labels, {.centre = Vector::Constant(2, shift)}};
  Logistic as_it_is{plain, data.labels};
  const Vector w = some_weights(3);
  Vector gradient(3);
  Vector expected(3);
  const double eps = std::numeric_limits<double>::epsilon();
  CHECK(shifted.loss(w, gradient) == Approx(as_it_is.loss(w, expected)).epsilon(4 * eps * shift));
  CHECK(largest(gradient - expected) < 4 * eps * shift);

  shifted.curvature(Vector::Zero(3), gradient);  // all curvatures 1/4 there, so that only the squares round
  as_it_is.curvature(Vector::Zero(3), expected);
  CHECK(largest(gradient - expected) < 10 * eps * largest(expected));
}

TEST_CASE("a call allocates nothing, in any layout") {
  if (!allocations_are_counted()) return;
  const Data data = some_data(3000, 40);
  const auto check = [&](auto model) {
    const Vector w = some_weights(41);
    Vector gradient(41);
    Vector diagonal(41);
    const long before = allocations();
    double sum = 0;
    for (int round = 0; round < 2; ++round) {
      sum += model.loss(w) + model.loss(w, gradient);
      model.curvature(w, diagonal);
    }
    const long made = allocations() - before;
    CHECK(made == 0);
    CHECK(std::isfinite(sum));
  };
  const DenseMatrix rows = data.X;
  const SparseMatrix sparse_rows = data.X.sparseView();
  const SparseColumns sparse_columns = data.X.sparseView();
  for (const LinearOptions& options : option_sets(40)) {
    check(Logistic{rows, data.labels, options});
    check(LeastSquares{data.X, data.targets, options});
    check(Logistic{sparse_rows, data.labels, options});
    check(LeastSquares{sparse_columns, data.targets, options});
  }
}

TEST_CASE("a copy of a model computes in buffers of its own") {
  const Data data = some_data(30, 3);
  const LinearOptions options{.l2 = 0.1, .scale = Vector::Constant(3, 2)};
  Logistic model{data.X, data.labels, options};
  const Vector w = some_weights(4);
  const double expected = model.loss(w);

  auto copy = model;
  copy.loss(some_weights(4, 99));
  CHECK(model.loss(w) == expected);
  CHECK(copy.loss(w) == expected);
  CHECK(model.rows() == 30);
  CHECK(model.columns() == 3);
  CHECK(model.lower_bound() == 0);
}

TEST_CASE("weights of another size than the columns allow are refused, with both numbers") {
  const Data data = some_data(10, 3);
  LeastSquares model{data.X, data.targets};
  Vector gradient(5);
  const std::string message =
      "w has 5 entries and X has 3 columns: w must have 3 entries (no intercept) or 4 (the last is the intercept)";
  CHECK_THROWS_AS(model.loss(Vector::Zero(5)), std::invalid_argument);
  CHECK_THROWS_WITH(model.loss(Vector::Zero(5)), message);
  CHECK_THROWS_WITH(model.loss(Vector::Zero(5), gradient), message);
  CHECK_THROWS_WITH(model.curvature(Vector::Zero(5), gradient), message);
  CHECK_THROWS_AS(model.loss(Vector::Zero(2)), std::invalid_argument);
}

TEST_CASE("data and options that can't be are refused before any work, by name, value and range") {
  const Data data = some_data(6, 3);

  CHECK(why_refused(data.X, Vector::Zero(5)) ==
        "X has 6 rows and y has 5 entries: both must be the same number, and at least 1");
  CHECK(why_refused(ColumnMajor(0, 3), Vector(0)) ==
        "X has 0 rows and y has 0 entries: both must be the same number, and at least 1");

  Vector labels = data.labels;
  labels[4] = 2;
  CHECK(why_refused(data.X, labels) == "y[4] = 2 is out of range: it must be 0 or 1");
  labels[4] = not_a_number;
  CHECK(why_refused(data.X, labels) == "y[4] = NaN is out of range: it must be 0 or 1");

  for (double l2 : {-1.0, infinity, not_a_number}) {
    CHECK(why_refused(data.X, data.labels, {.l2 = l2}) ==
          "l2 = " + number(l2) + " of LinearOptions is out of range: it must be >= 0");
  }

  CHECK(why_refused(data.X, data.labels, {.centre = Vector::Zero(2)}) ==
        "centre of LinearOptions has 2 entries: it must have one for each of the 3 columns of X, or none at all");
  CHECK(why_refused(data.X, data.labels, {.centre = Eigen::Vector3d(0, 0, infinity)}) ==
        "centre[2] = Inf is out of range: it must be finite");
  CHECK(why_refused(data.X, data.labels, {.scale = Eigen::Vector3d(1, 0, 1)}) ==
        "scale[1] = 0 is out of range: it must be >= 1e-300");
  CHECK(why_refused(data.X, data.labels, {.scale = Eigen::Vector3d(1, 1, not_a_number)}) ==
        "scale[2] = NaN is out of range: it must be >= 1e-300");
}

TEST_CASE("an entry of X that is not finite is named by row and column, in every layout") {
  const auto check = [](const auto& X, const std::string& value) {
    const Vector y = Vector::Zero(6);
    CHECK_THROWS_WITH((LeastSquares{X, y}),
                      "X(4, 2) = " + value + ": every entry of X must be finite (row and column are counted from 0)");
  };
  Data data = some_data(6, 3);
  for (double bad : {not_a_number, infinity, -infinity}) {
    data.X(4, 2) = bad;
    check(data.X, number(bad));
    check(in_layout<DenseMatrix>(data.X), number(bad));
    check(in_layout<SparseMatrix>(data.X), number(bad));
    check(in_layout<SparseColumns>(data.X), number(bad));
  }
}

TEST_CASE("numbers near the ends of double are no reason to refuse a matrix") {
  ColumnMajor X(2, 2);
  X << 1e308, -1e308, 1e308, 1e308;
  const Vector y = Vector::Zero(2);
  CHECK_NOTHROW(LeastSquares{X, y});
}
