#include "surefoot/objectives/linear.hpp"

#include <Eigen/Dense>
#include <cmath>
#include <functional>
#include <limits>
#include <random>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

#include "catch.hpp"
#include "support/allocations.hpp"
#include "support/dense_algebra.hpp"
#include "support/linear_data.hpp"
#include "support/minimized.hpp"

using namespace surefoot;
using namespace surefoot::test;

namespace {

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

std::string why_refused(const ColumnMajor& X, const Vector& y, const LinearOptions& options = {}) {
  try {
    Logistic{X, y, options};
  } catch (const std::invalid_argument& refusal) {
    return refusal.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("all layouts agree to 1e-13, where blocks are few rows of many columns too") {
  const Index columns = 6000;
  const Data data = some_data(11, columns);
  const DenseMatrix rows = data.X;
  const SparseMatrix sparse_rows = data.X.sparseView();
  const SparseColumns sparse_columns = data.X.sparseView();
  REQUIRE(rows_per_block(rows) < 11);

  const LinearOptions options = option_sets(11, columns).back();
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
  const Vector w = solution(normal, with_ones.transpose() * data.targets / 200);

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

TEST_CASE("a call allocates nothing, nor do rays and Hessian products after the first of them, in any layout") {
  if (!allocations_are_counted()) return;
  const Data data = some_data(3000, 40);
  const auto check = [](auto model) {
    const Vector w = some_weights(41), v = some_weights(41, 12);
    Vector gradient(41), diagonal(41), product(41);
    ColumnMajor hessian(41, 41);
    const auto call_all = [&] {
      double sum = model.loss(w) + model.loss(w, gradient) + model.loss(w, gradient, diagonal);
      model.curvature(w, diagonal);
      model.hessian_times(w, v, product);
      model.along(w, v);
      for (const double step : {0.0, 0.3, 2.0}) sum += model.on_ray(step).value;
      return sum;
    };
    double sum = 0;
    const long at_first = allocations();
    for (int round = 0; round < 2; ++round) {
      sum += model.loss(w) + model.loss(w, gradient);
      model.curvature(w, diagonal);
    }
    const long made_at_first = allocations() - at_first;
    CHECK(made_at_first == 0);
    for (int round = 0; round < 3; ++round) sum += call_all();  // by then two points are kept for the next ray
    const long before = allocations();
    sum += call_all();
    const long made = allocations() - before;
    CHECK(made == 0);
    CHECK(std::isfinite(sum));
  };
  const DenseMatrix rows = data.X;
  const SparseMatrix sparse_rows = data.X.sparseView();
  const SparseColumns sparse_columns = data.X.sparseView();
  const DenseFloats floats = data.X.cast<float>();
  for (const LinearOptions& options : option_sets(3000, 40)) {
    check(Logistic{rows, data.labels, options});
    check(LeastSquares{data.X, data.targets, options});
    check(Logistic{sparse_rows, data.labels, options});
    check(LeastSquares{sparse_columns, data.targets, options});
    check(Poisson{floats, data.counts, options});
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

TEST_CASE("rows so few that threads don't pay are read by one") {
  const DenseMatrix X = DenseMatrix::Random(60'000, 10);  // 4.8 MB: a pass of 240 µs
  const FittedColumns<DenseMatrix> all(X, {.threads = 3});
  REQUIRE(all.pieces().threads == 3);
  const DenseMatrix few = X.topRows(2'000), many = X.topRows(30'000);
  CHECK(FittedColumns<DenseMatrix>(few, all).pieces().threads == 1);
  CHECK(FittedColumns<DenseMatrix>(many, all).pieces().threads == 3);
}

TEST_CASE("a model whose rows change forgets what it knew of the last ones") {
  const Data data = some_data(30, 3);
  ColumnMajor X = data.X;
  Logistic model{X, data.labels};
  const Vector w = some_weights(4), v = some_weights(4, 12);
  Vector gradient(4), product(4), expected(4);
  model.keep_curvature();
  model.loss(w, gradient);
  model.along(w, v);
  REQUIRE(model.on_ray(0).value == Approx(model.loss(w)));

  X *= 2;
  const Vector weights = some_row_weights(30);
  model.rows_changed(weights, 17);
  CHECK_THROWS_AS(model.on_ray(0), std::logic_error);
  Logistic fresh{X, data.labels, {.row_weights = weights}};
  fresh.hessian_times(w, v, expected);
  model.hessian_times(w, v, product);
  CHECK(largest(product - expected * (weights.sum() / 17)) <= 1e-14);
  model.along(w, v);
  CHECK(model.on_ray(0.5).value == Approx(model.loss(w + 0.5 * v)).epsilon(1e-13));
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

namespace {

/// The rows of `data`, row i as many times as `times` says.
Data repeated(const Data& data, const Vector& times) {
  std::vector<Index> rows;
  for (Index i = 0; i < times.size(); ++i) rows.insert(rows.end(), static_cast<std::size_t>(times[i]), i);
  return {data.X(rows, Eigen::all), data.labels(rows), data.targets(rows), data.counts(rows)};
}

/// Two models with the same answers, to rounding.
template <class Model, class Other>
void check_alike(Model&& model, Other&& other, Index size) {
  const Vector w = some_weights(size), v = some_weights(size, 12);
  Vector gradient(size), expected(size);
  CHECK(model.loss(w, gradient) == Approx(other.loss(w, expected)).epsilon(1e-13));
  CHECK(largest(gradient - expected) <= 1e-13 * (1 + largest(expected)));
  model.curvature(w, gradient);
  other.curvature(w, expected);
  CHECK(largest(gradient - expected) <= 1e-13 * (1 + largest(expected)));
  model.hessian_times(w, v, gradient);
  other.hessian_times(w, v, expected);
  CHECK(largest(gradient - expected) <= 1e-13 * (1 + largest(expected)));
  ColumnMajor hessian, expected_hessian;
  model.hessian(w, hessian);
  other.hessian(w, expected_hessian);
  CHECK((symmetric(hessian) - symmetric(expected_hessian)).norm() <= 1e-12 * expected_hessian.norm());
  model.along(w, v);
  other.along(w, v);
  const passes::RowSums ray = model.on_ray(0.3), expected_ray = other.on_ray(0.3);
  CHECK(ray.value == Approx(expected_ray.value).epsilon(1e-13));
  CHECK(ray.slope == Approx(expected_ray.slope).epsilon(1e-12).margin(1e-13));
  CHECK(ray.curvature == Approx(expected_ray.curvature).epsilon(1e-12));
}

template <class Matrix>
void check_repeated(const Vector& times) {
  const Data data = some_data(40, 5), longer = repeated(data, times);
  const Matrix X = in_layout<Matrix>(data.X), longer_x = in_layout<Matrix>(longer.X);
  LinearOptions options = option_sets(40, 5)[4];
  LinearOptions weighted = options;
  weighted.row_weights = times;
  check_alike(Logistic{X, data.labels, weighted}, Logistic{longer_x, longer.labels, options}, 6);
  check_alike(Poisson{X, data.counts, weighted}, Poisson{longer_x, longer.counts, options}, 5);
}

}  // namespace

TEST_CASE("a row of weight 3 counts like three rows, one of weight 0 as if it were not there") {
  const Vector times = Vector::NullaryExpr(40, [](Index i) { return static_cast<double>(i * i % 4); });
  const Vector some = Vector::NullaryExpr(40, [](Index i) { return i % 3 == 0 ? 1.0 : 0.0; });
  for (const Vector& weights : {times, some}) {
    check_repeated<DenseMatrix>(weights);
    check_repeated<ColumnMajor>(weights);
    check_repeated<SparseMatrix>(weights);
    check_repeated<SparseColumns>(weights);
  }
}

TEST_CASE("row weights are shares: a thousand times each of them is the same model") {
  const Data data = some_data(40, 5);
  const Vector weights = some_row_weights(40);
  check_alike(Logistic{data.X, data.labels, {.l2 = 0.1, .row_weights = 1000 * weights}},
              Logistic{data.X, data.labels, {.l2 = 0.1, .row_weights = weights}}, 6);
  check_alike(Logistic{data.X, data.labels, {.l2 = 0.1, .row_weights = Vector::Constant(40, 1e-200)}},
              Logistic{data.X, data.labels, {.l2 = 0.1}}, 6);
}

TEST_CASE("row weights and threads that can't be are refused by name, value and range") {
  const Data data = some_data(4, 3);
  const auto why = [&](const Vector& weights) { return why_refused(data.X, data.labels, {.row_weights = weights}); };
  CHECK(why(Vector{{1, 1, -0.5, 1}}) == "row_weights[2] = -0.5 is out of range: it must be >= 0 and finite");
  CHECK(why(Vector{{1, not_a_number, 1, 1}}) == "row_weights[1] = NaN is out of range: it must be >= 0 and finite");
  CHECK(why(Vector{{1, 1, 1, infinity}}) == "row_weights[3] = Inf is out of range: it must be >= 0 and finite");
  CHECK(why(Vector::Zero(4)) == "row_weights are all 0: at least one row must count");
  CHECK(why(Vector::Ones(3)) ==
        "row_weights of LinearOptions has 3 entries: it must have one for each of the 4 rows of X, or none at all");
  CHECK(why(Vector{{0, 0, 1e-300, 0}}) == "accepted");
  CHECK(why_refused(data.X, data.labels, {.threads = -1}) ==
        "threads = -1 of LinearOptions is out of range: it must be >= 0");
}

TEST_CASE("row weights whose sum is not finite are refused") {
  const Data data = some_data(6, 3);
  CHECK(why_refused(data.X, data.labels, {.row_weights = Vector::Constant(6, 1e308)}) ==
        "row_weights are too large: their sum must be finite");
}

TEST_CASE("trusted data are not looked through, sizes and options are") {
  Data data = some_data(6, 3);
  data.X(4, 2) = not_a_number;
  data.labels[1] = 2;
  CHECK(why_refused(data.X, data.labels, {.trusted = true}) == "accepted");
  CHECK(why_refused(data.X, data.labels.head(5), {.trusted = true}) ==
        "X has 6 rows and y has 5 entries: both must be the same number, and at least 1");
  CHECK(why_refused(data.X, data.labels, {.l2 = -1, .trusted = true}) ==
        "l2 = -1 of LinearOptions is out of range: it must be >= 0");
  CHECK(why_refused(data.X, data.labels, {.row_weights = Vector::Zero(6), .trusted = true}) ==
        "row_weights are all 0: at least one row must count");
}

namespace {

using AnswerAt = std::function<Answer(const Vector& w)>;

/// At steps of a ray: the loss there, the gradient times the direction, and the Hessian between two directions.
template <class Model>
void check_ray(Model& model, const AnswerAt& expected_at, const Vector& w, const Vector& direction,
               const LinearOptions& options, double digits) {
  for (const double step : {0.0, 0.25, 1.0, -0.5, 3.0}) {
    const Answer expected = expected_at(w + step * direction);
    const passes::RowSums at = model.on_ray(step);
    INFO("step " << step << ", " << w.size() << " weights, l2 " << options.l2 << ", centred " << options.centre.size()
                 << ", scaled " << options.scale.size());
    const double sizes = expected.gradient.cwiseAbs().dot(direction.cwiseAbs());
    CHECK(at.value == Approx(expected.loss).epsilon(digits));
    CHECK(std::abs(at.slope - expected.gradient.dot(direction)) <= digits * (1 + sizes));
    CHECK(at.curvature == Approx(direction.dot(expected.hessian * direction)).epsilon(digits));
  }
}

template <class Loss>
void check_rays(const Loss& loss) {
  const Data data = some_data(300, 6);
  const DenseMatrix X = data.X;
  for (const LinearOptions& options : option_sets(300, 6)) {
    for (const Index size : {6, 7}) {
      LinearObjective<Loss, DenseMatrix> model(X, target_of<Loss>(data), options, loss);
      const AnswerAt expected_at = [&](const Vector& w) { return by_definition(loss, data, w, options); };
      const Vector w = some_weights(size), direction = some_weights(size, 12), other = some_weights(size, 13);
      INFO(Loss::name);
      model.along(w, direction);
      check_ray(model, expected_at, w, direction, options, 1e-12);
      model.along(other, w);
      check_ray(model, expected_at, other, w, options, 1e-12);
    }
  }
}

}  // namespace

TEST_CASE("along a ray the trials are the losses there, with the slope and the curvature by the step") {
  check_rays(LeastSquaresLoss{});
  check_rays(LogisticLoss{});
  check_rays(PoissonLoss{});
  check_rays(HuberLoss{});
  check_rays(SquaredHingeLoss{});
}

TEST_CASE("a ray between the last two points whose gradients were computed costs no read, and is as exact") {
  const Data data = some_data(300, 6);
  const DenseMatrix X = data.X;
  for (const LinearOptions& options : option_sets(300, 6)) {
    for (const bool far_point_first : {false, true}) {
      LinearObjective<LogisticLoss, DenseMatrix> model(X, data.labels, options);
      const Vector w = some_weights(7), direction = some_weights(7, 12), far = w + 0.5 * direction;
      Vector gradient(7);
      model.along(w, direction);  // from now on there are rays
      model.loss(far_point_first ? far : w, gradient);
      model.loss(far_point_first ? w : far, gradient);
      const long before = model.reads();
      model.along(w, direction);
      CHECK(model.reads() == before);
      const AnswerAt expected_at = [&](const Vector& at) { return by_definition(LogisticLoss{}, data, at, options); };
      check_ray(model, expected_at, w, direction, options, 1e-12);
    }
  }
}

TEST_CASE("a ray elsewhere than through the points that were visited is read anew") {
  const Data data = some_data(300, 6);
  const DenseMatrix X = data.X;
  const Vector w = some_weights(7), direction = some_weights(7, 12);
  const auto check = [&](const Vector& one, const Vector& two, const Vector& along) {
    LinearObjective<LogisticLoss, DenseMatrix> model(X, data.labels);
    Vector gradient;
    model.along(w, direction);
    model.loss(one, gradient);
    model.loss(two, gradient);
    const long before = model.reads();
    model.along(w, along);
    CHECK(model.reads() == before + 1);
    const AnswerAt expected_at = [&](const Vector& at) { return by_definition(LogisticLoss{}, data, at, {}); };
    check_ray(model, expected_at, w, along, {}, 1e-12);
  };
  Vector aside = w + direction;
  aside[3] += 1e-6;
  check(w, aside, direction);
  check(w, w - direction, direction);                    // behind it
  check(w, w, direction);                                // no ray
  check(w + direction, w + 0.5 * direction, direction);  // w itself was not visited
  check(w, w + direction, some_weights(7, 13));
  check(w, w + 1e-14 * direction, direction);  // so near that the difference is rounding
  check(w.head(6), w + direction, direction);  // a model without intercept
  check(w + direction, w.head(6), direction);
  check(w, w + 1e308 * direction, direction);  // so far that its margins are infinite
}

TEST_CASE("there are no rays where the margins that they keep would be large beside the data") {
  const Vector y = Vector::Zero(1'500'000);
  const auto has_ray = [&](Index rows, Index columns) {
    // All rows at one place: how many there are counts, not what they hold.
    const std::vector<double> row(static_cast<std::size_t>(columns), 1.0);
    using Rows = Eigen::Map<const DenseMatrix, 0, Eigen::OuterStride<>>;
    const Rows X(row.data(), rows, columns, Eigen::OuterStride<>(0));
    const Vector targets = y.head(rows);
    return LeastSquares{X, targets}.has_ray();
  };
  CHECK(has_ray(1000, 2));
  CHECK_FALSE(has_ray(1'500'000, 2));
  CHECK(has_ray(1'500'000, 24));
}

TEST_CASE("each read of the data is counted, and a trial on a ray is none") {
  const Data data = some_data(50, 4);
  Logistic model{data.X, data.labels};
  const Vector w = some_weights(5), v = some_weights(5, 12);
  Vector gradient(5), diagonal(5);
  ColumnMajor hessian;
  const auto reads_of = [&](auto&& call) {
    const long before = model.reads();
    call();
    return model.reads() - before;
  };
  CHECK(model.reads() == 0);
  CHECK(reads_of([&] { model.loss(w); }) == 1);
  CHECK(reads_of([&] { model.loss(w, gradient); }) == 1);
  CHECK(reads_of([&] { model.loss(w, gradient, diagonal); }) == 1);
  CHECK(reads_of([&] { model.curvature(w, diagonal); }) == 1);
  CHECK(reads_of([&] { model.hessian(w, hessian); }) == 1);
  CHECK(reads_of([&] { model.along(w, v); }) == 1);
  CHECK(reads_of([&] { model.on_ray(0.5); }) == 0);
  CHECK(reads_of([&] { model.hessian_times(w, v, gradient); }) == 2);  // the rows' curvatures, then the product
  CHECK(reads_of([&] { model.hessian_times(w, w, gradient); }) == 1);
  model.keep_curvature();
  CHECK(reads_of([&] { model.loss(v, gradient); }) == 1);
  CHECK(reads_of([&] { model.hessian_times(v, w, gradient); }) == 1);
  CHECK(reads_of([&] { model.hessian_times(w, w, gradient); }) == 2);
}

TEST_CASE("the Hessian's diagonal is the same from curvatures that a pass has kept, in any layout") {
  const Data data = some_data(700, 5);
  const LinearOptions options = option_sets(700, 5)[4];
  const auto check = [&](const auto& X) {
    LinearObjective<LogisticLoss, std::decay_t<decltype(X)>> keeping(X, data.labels, options), other = keeping;
    const Vector w = some_weights(6);
    Vector gradient(6), kept(6), computed(6);
    keeping.keep_curvature();
    keeping.loss(w, gradient);
    keeping.curvature(w, kept);
    other.curvature(w, computed);
    CHECK(largest(kept - computed) <= 1e-13 * largest(computed));
    keeping.curvature(some_weights(6, 3), kept);  // at another point they are of no use
    other.curvature(some_weights(6, 3), computed);
    CHECK(largest(kept - computed) <= 1e-13 * largest(computed));
  };
  check(in_layout<DenseMatrix>(data.X));
  check(in_layout<ColumnMajor>(data.X));
  check(in_layout<SparseMatrix>(data.X));
}

TEST_CASE("a product with the Hessian is right whichever point, with or without intercept, was visited before") {
  const Data data = some_data(60, 4);
  const LinearOptions options = option_sets(60, 4)[4];
  const auto check = [&](LinearObjective<LogisticLoss, ColumnMajor>& model, const Vector& w) {
    const Vector v = some_weights(w.size(), 12);
    Vector product;
    model.hessian_times(w, v, product);
    const Vector expected = by_definition(LogisticLoss{}, data, w, options).hessian * v;
    CHECK(largest(product - expected) <= 1e-13 * (1 + largest(expected)));
  };
  LinearObjective<LogisticLoss, ColumnMajor> model(data.X, data.labels, options);
  Vector gradient;
  model.keep_curvature();
  check(model, some_weights(5));  // kept, and not yet visited
  model.loss(some_weights(4), gradient);
  check(model, some_weights(4));
  check(model, some_weights(5));  // the last point had one weight fewer
  model.loss(some_weights(5, 99), gradient);
  check(model, some_weights(5));
  model.loss(some_weights(5));  // a loss alone keeps nothing
  check(model, some_weights(5, 99));
}

TEST_CASE("directions of another size than the weights are refused before they are read") {
  const Data data = some_data(20, 3);
  Logistic model{data.X, data.labels};
  const Vector w = Vector::Zero(4);
  Vector product;
  CHECK_THROWS_WITH(model.along(w, Vector::Zero(3)), "direction has 3 entries: it must have as many as w, 4");
  CHECK_THROWS_WITH(model.hessian_times(w, Vector::Zero(9), product), "v has 9 entries: it must have as many as w, 4");
}

TEST_CASE(
    "a column near the ends of double, scaled, curves like one near 1: its numbers are scaled before they are "
    "squared") {
  const Data data = some_data(300, 3);
  LinearOptions options = option_sets(300, 3)[4], far = options;
  // Powers of two: the fitted columns are the same to the last bit.
  const Vector powers = Eigen::Vector3d(0x1p+700, 0x1p-700, 1);
  far.centre.array() *= powers.array();
  far.scale.array() *= powers.array();
  const ColumnMajor moved = data.X * powers.asDiagonal();
  const Vector w = some_weights(4);
  const auto check = [&]<class Matrix>(const Matrix& X, const Matrix& far_out, bool centred) {
    if (!centred) options.centre.resize(0);
    if (!centred) far.centre.resize(0);
    LinearObjective<LogisticLoss, Matrix> near(X, data.labels, options), there(far_out, data.labels, far);
    Vector expected(4), diagonal(4);
    near.curvature(w, expected);
    there.curvature(w, diagonal);
    CHECK(diagonal == expected);
    ColumnMajor of_near, of_there;
    near.hessian(w, of_near);
    there.hessian(w, of_there);
    CHECK(symmetric(of_near) == symmetric(of_there));
  };
  for (const bool centred : {true, false}) {
    check(in_layout<DenseMatrix>(data.X), in_layout<DenseMatrix>(moved), centred);
    check(data.X, moved, centred);
    check(in_layout<SparseMatrix>(data.X), in_layout<SparseMatrix>(moved), centred);
    check(in_layout<SparseColumns>(data.X), in_layout<SparseColumns>(moved), centred);
  }
}

TEST_CASE("a column of infinite scale is 0 in the Hessian but for its penalty, or for a 1 that makes it regular") {
  const Data data = some_data(50, 3);
  for (const double l2 : {0.0, 0.5}) {
    Logistic model{data.X, data.labels, {.l2 = l2, .scale = Eigen::Vector3d(1, infinity, 1)}};
    ColumnMajor hessian;
    model.hessian(some_weights(4), hessian);
    hessian = symmetric(hessian);
    CHECK(hessian(1, 1) == (l2 == 0 ? 1 : l2));
    hessian(1, 1) = 0;
    CHECK(largest(hessian.col(1)) == 0);
    CHECK(hessian(3, 3) > 0);
  }
}

TEST_CASE("a metric is the Hessian; of a loss that is flat in parts a row counts a little everywhere") {
  const Data data = some_data(50, 3);
  const LinearOptions options = option_sets(50, 3).back();
  const Vector w = some_weights(4);
  ColumnMajor hessian, metric;
  Logistic logistic{data.X, data.labels, options};
  logistic.hessian(w, hessian);
  logistic.metric(w, metric);
  CHECK(metric == hessian);

  // Every row is far beyond delta: no curvature at all, and in the metric half that of its majorant, a weight of its square.
  const Vector far = Vector::Constant(50, 1e6), targets = data.targets;
  const HuberLoss loss;
  Huber huber{data.X, far, options, loss};
  huber.hessian(w, hessian);
  CHECK(symmetric(hessian) == ColumnMajor(Vector{{0.1, 0.1, 0.1, 0}}.asDiagonal()));  // the penalty
  huber.metric(w, metric);
  LinearOptions of_majorants = options;
  of_majorants.l2 = 0;
  for (Index i = 0; i < 50; ++i) {
    double margin = w[3];
    for (Index j = 0; j < 3; ++j) margin += w[j] * (data.X(i, j) - options.centre[j]) / options.scale[j];
    of_majorants.row_weights[i] *= loss.majorant(margin, far[i]);
  }
  LeastSquares{data.X, far, of_majorants}.hessian(w, hessian);
  ColumnMajor expected = 0.5 * of_majorants.row_weights.sum() / options.row_weights.sum() * symmetric(hessian);
  expected.diagonal().head(3).array() += 0.1;
  CHECK((symmetric(metric) - expected).norm() <= 1e-14 * expected.norm());

  // Where they curve more than that they count as they do.
  Huber near{data.X, targets, options, {.delta = 1e6}};
  near.metric(w, metric);
  near.hessian(w, hessian);
  CHECK(metric == hessian);
}

TEST_CASE("the optimum over floats is that over doubles, to 1e-6 of the loss and of the weights") {
  std::mt19937_64 random(7);
  std::normal_distribution<double> normal;
  const DenseMatrix X = DenseMatrix::NullaryExpr(400, 8, [&] { return normal(random); });
  const DenseFloats floats = X.cast<float>();
  REQUIRE(floats.cast<double>() != X);
  Vector y(400), counts(400);
  for (Index i = 0; i < 400; ++i) {
    y[i] = X(i, 0) - X(i, 3) + normal(random) > 0.2 ? 1 : 0;
    counts[i] = std::floor(std::exp(0.3 * X(i, 1) + 0.5) * std::abs(normal(random)));
  }
  const auto check = [](auto of_doubles, auto of_floats) {
    const MinimizeOptions options{.stop = {.gradient = 1e-10}};
    const Result expected = minimized(of_doubles, Vector::Zero(9), options);
    const Result result = minimized(of_floats, Vector::Zero(9), options);
    CHECK(result.loss == Approx(expected.loss).epsilon(1e-6));
    CHECK(of_doubles.loss(result.w) == Approx(expected.loss).epsilon(1e-12));
    CHECK(largest(result.w - expected.w) <= 1e-6 * largest(expected.w));
  };
  const LinearOptions options{.l2 = 1e-3};
  check(Logistic{X, y, options}, Logistic{floats, y, options});
  check(Poisson{X, counts, options}, Poisson{floats, counts, options});
  check(LeastSquares{X, counts, options}, LeastSquares{floats, counts, options});
}
