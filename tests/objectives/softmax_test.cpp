#include "surefoot/objectives/softmax.hpp"

#include <cmath>
#include <string>

#include "catch.hpp"
#include "support/allocations.hpp"
#include "support/differences.hpp"
#include "support/linear_data.hpp"
#include "support/minimized.hpp"
#include "support/thrown.hpp"
#include "surefoot/directions/steepest.hpp"
#include "surefoot/loop/minimizer.hpp"
#include "surefoot/objectives/lasso.hpp"
#include "surefoot/registry.hpp"

using namespace surefoot;
using namespace surefoot::test;

namespace {

// What a caller writes, deduced by both compilers.
static_assert(std::is_same_v<decltype(Softmax{std::declval<const DenseMatrix&>(), std::declval<Vector&>(), 3}),
                             Softmax<DenseMatrix>>);
static_assert(std::is_same_v<decltype(Softmax{std::declval<ColumnMajor&>(), std::declval<Vector&>(), 3, {.l2 = 1}}),
                             Softmax<ColumnMajor>>);

// A model of a matrix that is gone must not compile.
static_assert(std::is_constructible_v<Softmax<DenseMatrix>, DenseMatrix&, Vector&, Index>);
static_assert(!std::is_constructible_v<Softmax<DenseMatrix>, DenseMatrix, Vector&, Index>);
static_assert(!std::is_constructible_v<Softmax<DenseMatrix>, DenseMatrix&, Vector, Index>);
static_assert(!std::is_constructible_v<Softmax<DenseMatrix>, DenseMatrix, Vector, Index, LinearOptions>);
static_assert(!std::is_constructible_v<Softmax<DenseMatrix>, ColumnMajor&, Vector&, Index>,
              "it would look at a converted copy");

/// Each class in turn.
Vector classes_of(Index rows, Index classes) {
  return Vector::NullaryExpr(rows, [=](Index i) { return static_cast<double>((i * i + i / 3) % classes); });
}

struct Expected {
  double loss;
  Vector gradient;
};

/// The definition, row by row, in long double, from a standardised copy.
Expected softmax_by_definition(const ColumnMajor& X, const Vector& y, Index classes, const Vector& w,
                               const LinearOptions& options) {
  using LongVector = Eigen::Matrix<long double, Eigen::Dynamic, 1>;
  const Index d = X.cols();
  const bool intercept = w.size() > classes * d;
  LongVector x(d), z(classes), gradient = LongVector::Zero(w.size());
  long double sum = 0, all = 0;
  for (Index i = 0; i < X.rows(); ++i) {
    for (Index j = 0; j < d; ++j) {
      const long double centre = options.centre.size() > 0 ? options.centre[j] : 0;
      const long double scale = options.scale.size() > 0 ? options.scale[j] : 1;
      x[j] = (X(i, j) - centre) / scale;
    }
    for (Index k = 0; k < classes; ++k) {
      z[k] = x.dot(w.segment(k * d, d).cast<long double>()) + (intercept ? w[classes * d + k] : 0);
    }
    const auto own = static_cast<Index>(y[i]);
    const long double weight = options.row_weights.size() > 0 ? options.row_weights[i] : 1;
    const long double powers = z.array().exp().sum();
    all += weight;
    sum += weight * (std::log(powers) - z[own]);
    for (Index k = 0; k < classes; ++k) {
      const long double slope = weight * (std::exp(z[k]) / powers - (k == own ? 1 : 0));
      gradient.segment(k * d, d) += slope * x;
      if (intercept) gradient[classes * d + k] += slope;
    }
  }
  sum /= all;
  gradient /= all;
  const Vector of_columns = w.head(classes * d);
  sum += static_cast<long double>(options.l2) / 2 * of_columns.cast<long double>().squaredNorm();
  gradient.head(classes * d) += (options.l2 * of_columns).cast<long double>();
  return {static_cast<double>(sum), gradient.cast<double>()};
}

template <class Matrix>
void check_against_definition(const ColumnMajor& X, Index classes) {
  const Index rows = X.rows(), columns = X.cols();
  const Matrix in_its_layout = in_layout<Matrix>(X);
  const Vector y = classes_of(rows, classes);
  for (const LinearOptions& options : option_sets(rows, columns)) {
    Softmax<Matrix> model(in_its_layout, y, classes, options);
    for (const Index size : {classes * columns, classes * (columns + 1)}) {
      const Vector w = some_weights(size);
      const Expected expected = softmax_by_definition(X, y, classes, w, options);
      Vector gradient = Vector::Constant(size, not_a_number);
      INFO(rows << " x " << columns << ", " << classes << " classes, " << size << " weights, l2 " << options.l2
                << ", centred " << options.centre.size() << ", scaled " << options.scale.size() << ", weighted "
                << options.row_weights.size());
      CHECK(model.loss(w, gradient) == Approx(expected.loss).epsilon(1e-13));
      CHECK(model.loss(w) == model.loss(w, gradient));
      CHECK(largest(gradient - expected.gradient) <= 1e-13 * (1 + largest(expected.gradient)));
    }
  }
}

template <class Matrix>
void check_against_definition(Index rows, Index columns, Index classes) {
  check_against_definition<Matrix>(some_data(rows, columns).X, classes);
}

}  // namespace

TEST_CASE("softmax and its gradient follow the definition in every layout, in double and float, scaled or not") {
  check_against_definition<DenseMatrix>(37, 6, 3);
  check_against_definition<ColumnMajor>(37, 6, 3);
  check_against_definition<SparseMatrix>(37, 6, 3);
  check_against_definition<SparseColumns>(37, 6, 3);
  check_against_definition<DenseFloats>(37, 6, 3);
  check_against_definition<ColumnMajorFloats>(37, 6, 3);
  check_against_definition<SparseFloats>(37, 6, 3);
  check_against_definition<SparseColumnsOfFloats>(37, 6, 3);
}

TEST_CASE("softmax of two classes or ten, of one row or column, of rows beyond a block follows the definition") {
  check_against_definition<DenseMatrix>(40, 5, 2);
  check_against_definition<DenseMatrix>(40, 5, 10);
  check_against_definition<DenseMatrix>(1, 4, 3);
  check_against_definition<DenseMatrix>(9, 1, 3);
  check_against_definition<DenseMatrix>(1203, 17, 4);
  check_against_definition<SparseMatrix>(2051, 3, 3);
  check_against_definition<ColumnMajor>(2051, 3, 3);
}

TEST_CASE("softmax over a sparse matrix of ones, whose values need not be read, follows the definition") {
  ColumnMajor X = (some_data(37, 6).X.array() != 0).cast<double>();
  check_against_definition<SparseMatrix>(X, 3);
  X(36, 5) = 2;
  check_against_definition<SparseMatrix>(X, 3);
}

TEST_CASE("the softmax gradient is what differences of its loss say") {
  const ColumnMajor X = some_data(37, 6).X;
  const Vector y = classes_of(37, 3);
  for (const LinearOptions& options : option_sets(37, 6)) {
    Softmax model{X, y, 3, options};
    const Vector w = some_weights(21);
    Vector gradient;
    model.loss(w, gradient);
    const Vector expected = gradient_by_differences([&](const Vector& at) { return model.loss(at); }, w, 1e-3);
    CHECK(largest(gradient - expected) <= 1e-9 * (1 + largest(expected)));
  }
}

TEST_CASE("the softmax Hessian, and its diagonal alone, are what differences of its gradient say, in every layout") {
  const ColumnMajor X = some_data(37, 6).X;
  const Vector y = classes_of(37, 3);
  const DenseMatrix rows = X;
  const SparseMatrix sparse = X.sparseView();
  const auto check = [&](auto&& model, Index size) {
    const Vector w = some_weights(size);
    Vector diagonal, up, down;
    Eigen::MatrixXd hessian;
    model.curvature(w, diagonal);
    model.hessian(w, hessian);
    REQUIRE(diagonal.size() == size);
    REQUIRE(hessian.rows() == size);
    REQUIRE(hessian.cols() == size);
    for (Index i = 0; i < size; ++i) {
      constexpr double step = 1e-5;
      Vector at = w;
      at[i] = w[i] + step;
      model.loss(at, up);
      at[i] = w[i] - step;
      model.loss(at, down);
      INFO("weight " << i << " of " << size);
      const Vector column = (up - down) / (2 * step);
      CHECK(diagonal[i] == Approx(column[i]).epsilon(1e-7).margin(1e-9));
      CHECK((hessian.col(i).head(i + 1) - column.head(i + 1)).cwiseAbs().maxCoeff() <= 1e-7 * column.norm() + 1e-9);
    }
  };
  for (const LinearOptions& options : option_sets(37, 6)) {
    for (const Index size : {18, 21}) {
      check(Softmax(rows, y, 3, options), size);
      check(Softmax(X, y, 3, options), size);
      check(Softmax(sparse, y, 3, options), size);
    }
  }
}

TEST_CASE("the softmax Hessian is the same from several threads, whose pieces are added up") {
  const DenseMatrix X = some_data(3000, 8).X;
  const Vector y = classes_of(3000, 4), w = some_weights(36);
  Softmax one(X, y, 4, {.l2 = 0.1}), three(X, y, 4, {.l2 = 0.1, .threads = 3});
  Eigen::MatrixXd expected, hessian;
  one.hessian(w, expected);
  three.hessian(w, hessian);
  CHECK((hessian - expected).triangularView<Eigen::Upper>().toDenseMatrix().norm() <= 1e-13 * expected.norm());
}

TEST_CASE("softmax of two classes is logistic regression with the difference of their weights") {
  const Data data = some_data(50, 4);
  const LinearOptions options{
      .centre = Vector::Constant(4, 0.3), .scale = Vector::Constant(4, 2), .row_weights = some_row_weights(50)};
  Softmax two{data.X, data.labels, 2, options};
  Logistic one{data.X, data.labels, options};
  const auto check = [&](const Vector& w, const Vector& difference, const auto& of_class) {
    Vector gradient, expected;
    CHECK(two.loss(w, gradient) == Approx(one.loss(difference, expected)).epsilon(1e-13));
    CHECK(largest(of_class(gradient, 1) - expected) <= 1e-13 * (1 + largest(expected)));
    CHECK(largest(of_class(gradient, 0) + expected) <= 1e-13 * (1 + largest(expected)));
  };
  const auto columns_of = [](const Vector& w, Index k) { return Vector(w.segment(4 * k, 4)); };
  const auto all_of = [&](const Vector& w, Index k) {
    Vector of_class(5);
    of_class << columns_of(w, k), w[8 + k];
    return of_class;
  };
  const Vector w = some_weights(10);
  check(w.head(8), columns_of(w, 1) - columns_of(w, 0), columns_of);
  check(w, all_of(w, 1) - all_of(w, 0), all_of);
}

TEST_CASE("a row of weight 3 counts like three rows in softmax, one of weight 0 as if it were not there") {
  const ColumnMajor X = some_data(30, 4).X;
  const Vector y = classes_of(30, 3);
  const Vector times = Vector::NullaryExpr(30, [](Index i) { return static_cast<double>(i * i % 4); });
  std::vector<Index> rows;
  for (Index i = 0; i < 30; ++i) rows.insert(rows.end(), static_cast<std::size_t>(times[i]), i);
  const ColumnMajor repeated = X(rows, Eigen::all);
  const Vector repeated_y = y(rows);
  Softmax weighted{X, y, 3, {.l2 = 0.1, .row_weights = times}};
  Softmax longer{repeated, repeated_y, 3, {.l2 = 0.1}};
  const Vector w = some_weights(15);
  Vector gradient, expected;
  CHECK(weighted.loss(w, gradient) == Approx(longer.loss(w, expected)).epsilon(1e-13));
  CHECK(largest(gradient - expected) <= 1e-13);
}

TEST_CASE("the same weights added to every class change the penalty and nothing else") {
  const ColumnMajor X = some_data(30, 4).X;
  const Vector y = classes_of(30, 3);
  Softmax model{X, y, 3};
  const Vector w = some_weights(15);
  Vector moved = w;
  for (Index k = 0; k < 3; ++k) moved.segment(4 * k, 4) += Vector{{1, -2, 0.5, 3}};
  moved.tail(3).array() += 7;
  Vector gradient, expected;
  CHECK(model.loss(moved, gradient) == Approx(model.loss(w, expected)).epsilon(1e-12));
  CHECK(largest(gradient - expected) < 1e-12);
  // So the classes' gradients add up to nothing.
  CHECK(largest(gradient.head(4) + gradient.segment(4, 4) + gradient.segment(8, 4)) < 1e-13 * largest(X.reshaped()));
  CHECK(std::abs(gradient.tail(3).sum()) < 1e-14);
}

TEST_CASE("the intercepts of softmax are never penalised") {
  const ColumnMajor X = ColumnMajor::Zero(3, 2);
  const Vector y{{0, 1, 2}};
  Softmax model{X, y, 3, {.l2 = 100}};
  Vector w = Vector::Zero(9), gradient;
  w.tail(3).setConstant(1e3);
  CHECK(model.loss(w, gradient) == Approx(std::log(3.0)).epsilon(1e-14));
  CHECK(largest(gradient) < 1e-15);
  w[0] = 2;
  CHECK(model.loss(w) == Approx(std::log(3.0) + 200).epsilon(1e-14));
}

TEST_CASE("softmax margins of ±700 lose what they should, and keep the digits of a tiny loss") {
  const ColumnMajor X = ColumnMajor::Ones(1, 1);
  const Vector y{{1}};
  Softmax model{X, y, 3};
  Vector gradient;
  CHECK(model.loss(Vector{{0, 700, 0}}, gradient) == Approx(2 * std::exp(-700.0)).epsilon(1e-12));
  CHECK(gradient[1] == Approx(-2 * std::exp(-700.0)).epsilon(1e-12).margin(0));
  CHECK(gradient[2] == Approx(std::exp(-700.0)).epsilon(1e-12).margin(0));
  CHECK(model.loss(Vector{{700, -700, 0}}, gradient) == 1400);
  CHECK(gradient == Vector{{1, -1, std::exp(-700.0)}});
  CHECK(model.loss(Vector{{1e300, 0, 0}}, gradient) == 1e300);
  CHECK(gradient == Vector{{1, -1, 0}});
}

TEST_CASE("softmax weights that are not finite give a loss that is not finite") {
  const ColumnMajor X = some_data(30, 3).X;
  const Vector y = classes_of(30, 3);
  Softmax model{X, y, 3};
  Vector gradient;
  for (const double bad : {not_a_number, infinity, -infinity}) {
    for (const Index at : {0, 4, 11}) {
      Vector w = some_weights(12);
      w[at] = bad;
      INFO("w[" << at << "] = " << bad);
      CHECK_FALSE(std::isfinite(model.loss(w)));
      CHECK_FALSE(std::isfinite(model.loss(w, gradient)));
    }
  }
}

TEST_CASE("a minimum of softmax has each class's mean prediction at its share of the rows") {
  const ColumnMajor X = some_data(60, 3).X;
  const Vector y = classes_of(60, 3);
  Softmax model{X, y, 3, {.l2 = 0.01}};
  const Result result = minimized(model, Vector::Zero(12), {.stop = {.gradient = 1e-10}});
  REQUIRE(result.status == Status::converged);
  const ColumnMajor margins = (X * result.w.head(9).reshaped(3, 3)).rowwise() + Eigen::RowVector3d(result.w.tail<3>());
  const ColumnMajor powers = margins.array().exp();
  const ColumnMajor shares = powers.array().colwise() / powers.rowwise().sum().array();
  for (Index k = 0; k < 3; ++k) {
    const double share = (y.array() == static_cast<double>(k)).cast<double>().mean();
    CHECK(shares.col(k).mean() == Approx(share).epsilon(1e-7));
  }
}

TEST_CASE("data, classes and weights that softmax can't use are refused by name, value and range") {
  const ColumnMajor X = some_data(4, 3).X;
  const auto why = [&](const Vector& y, Index classes, const LinearOptions& options = {}) {
    return thrown([&] { Softmax(X, y, classes, options); });
  };
  CHECK(why(Vector{{0, 1, 3, 0}}, 3) == "y[2] = 3 is out of range: it must be a whole number from 0 to 2");
  CHECK(why(Vector{{0, -1, 2, 0}}, 3) == "y[1] = -1 is out of range: it must be a whole number from 0 to 2");
  CHECK(why(Vector{{0.5, 1, 2, 0}}, 3) == "y[0] = 0.5 is out of range: it must be a whole number from 0 to 2");
  CHECK(why(Vector{{0, 1, 2, not_a_number}}, 3) == "y[3] = NaN is out of range: it must be a whole number from 0 to 2");
  CHECK(why(Vector::Zero(4), 1) == "classes = 1 of Softmax is out of range: it must be >= 2");
  CHECK(why(Vector::Zero(4), -3) == "classes = -3 of Softmax is out of range: it must be >= 2");
  CHECK(why(Vector::Zero(5), 3) == "X has 4 rows and y has 5 entries: both must be the same number, and at least 1");
  CHECK(why(Vector::Zero(4), 3, {.row_weights = Vector{{1, 1, 1, -1}}}) ==
        "row_weights[3] = -1 is out of range: it must be >= 0 and finite");

  const Vector y = Vector::Zero(4);
  Softmax model{X, y, 3};
  Vector gradient;
  const std::string message =
      "w has 10 entries for 3 classes and 3 columns: it must have 9 (no intercepts) or 12 (the last are the "
      "intercepts)";
  CHECK(thrown([&] { model.loss(Vector::Zero(10)); }) == message);
  CHECK(thrown([&] { model.loss(Vector::Zero(10), gradient); }) == message);
}

TEST_CASE("softmax says what it is of, counts its reads, and a copy computes in buffers of its own") {
  const ColumnMajor X = some_data(30, 3).X;
  const Vector y = classes_of(30, 4);
  Softmax model{X, y, 4, {.l2 = 0.1, .scale = Vector::Constant(3, 2)}};
  CHECK(model.rows() == 30);
  CHECK(model.columns() == 3);
  CHECK(model.classes() == 4);
  CHECK(model.lower_bound() == 0);
  CHECK(model.reads() == 0);
  const Vector w = some_weights(16);
  Vector gradient;
  const double expected = model.loss(w);
  model.loss(w, gradient);
  CHECK(model.reads() == 2);
  auto copy = model;
  copy.loss(some_weights(16, 99), gradient);
  CHECK(model.loss(w) == expected);
  CHECK(copy.loss(w) == expected);
}

TEST_CASE("a call of softmax allocates nothing after the first, in any layout") {
  if (!allocations_are_counted()) return;
  const ColumnMajor X = some_data(3000, 40).X;
  const Vector y = classes_of(3000, 5);
  const auto check = [](auto model) {
    const Vector w = some_weights(5 * 41);
    Vector gradient(w.size());
    double sum = model.loss(w, gradient);
    const long before = allocations();
    for (int round = 0; round < 2; ++round) sum += model.loss(w) + model.loss(w, gradient);
    const long made = allocations() - before;
    CHECK(made == 0);
    CHECK(std::isfinite(sum));
  };
  const DenseMatrix rows = X;
  const SparseMatrix sparse_rows = X.sparseView();
  const DenseFloats floats = X.cast<float>();
  for (const LinearOptions& options : option_sets(3000, 40)) {
    check(Softmax{X, y, 5, options});
    check(Softmax{rows, y, 5, options});
    check(Softmax{sparse_rows, y, 5, options});
    check(Softmax{floats, y, 5, options});
  }
}

TEST_CASE("the duality gap of softmax bounds the excess from above, and goes to 0 with it") {
  const ColumnMajor X = some_data(60, 5).X;
  const DenseMatrix rows = X;
  const SparseMatrix sparse = X.sparseView();
  const Vector y = classes_of(60, 4);
  const auto check = [&](auto&& model, double l1, bool intercept) {
    const Index free = intercept ? 4 : 0, size = 20 + free;
    WithRays<std::remove_reference_t<decltype(model)>> seen(model);
    AnyWithRays& any = seen;  // so that the loop is compiled for one type
    WithL1 penalised(any, l1, free);
    const Minimizer minimizer{SteepestDescent{}, make_rule("auto+nonmonotone"), Monitor{},
                              Stop{.gradient = 1e-12, .max_iterations = 20000}};
    const Vector best = minimizer.run(penalised, Vector::Zero(size)).w;
    Vector gradient;
    DualPoint dual;
    const auto whole = [&](const Vector& w) {
      const double smooth = model.loss(w, gradient, l1, dual);
      return smooth + l1 * w.head(20).lpNorm<1>();
    };
    const double least = whole(best);
    INFO("l1 " << l1 << ", intercept " << intercept);
    CHECK(dual.gap >= 0);
    CHECK(dual.gap <= 1e-7 * least);
    for (const double share : {0.0, 0.3, 0.9, 0.999, 1.5}) {
      const double loss = whole(share * best + (1 - share) * some_weights(size));
      INFO("at " << share);
      CHECK(loss - least <= dual.gap * (1 + 1e-12));
      CHECK(std::isfinite(dual.gap));
    }
  };
  for (const double l2 : {0.0, 1e-12, 1e-2}) {
    for (const double l1 : {0.05, 1e-3}) {
      for (const bool intercept : {false, true}) {
        LinearOptions options{.l2 = l2};
        check(Softmax(rows, y, 4, options), l1, intercept);
        options.row_weights = Vector::LinSpaced(60, 0, 2);
        options.centre = X.colwise().mean();
        options.scale = Vector::LinSpaced(5, 0.5, 2);
        check(Softmax(rows, y, 4, options), l1, intercept);
        check(Softmax(sparse, y, 4, options), l1, intercept);
      }
    }
  }
}
