// What a ray of a linear model costs, and for how long it lasts. (What it says: linear_test.cpp.)

#include <Eigen/Dense>
#include <stdexcept>
#include <vector>

#include "catch.hpp"
#include "support/dense_algebra.hpp"
#include "support/linear_data.hpp"

using namespace surefoot;
using namespace surefoot::test;

TEST_CASE("of the last three gradients two must lie on a ray, one of them at its start, for it to cost no read") {
  const Data data = some_data(300, 6);
  Logistic model(data.X, data.labels);
  const Vector w = some_weights(7), direction = some_weights(7, 12);
  Vector gradient(7);
  model.along(w, direction);  // from now on margins are kept
  const auto reads_after = [&](const std::vector<double>& visited, const Vector& along) {
    for (const double step : visited) model.loss(Vector(w + step * direction), gradient);
    const long before = model.reads();
    model.along(w, along);
    return model.reads() - before;
  };
  CHECK(reads_after({0, 0.5, 0.25}, direction) == 0);
  CHECK(reads_after({0, 0.5, 0.25}, Vector(1e-9 * direction)) == 0);
  CHECK(reads_after({0, 0.5, 0.25}, Vector(-direction)) == 1);
  CHECK(reads_after({0, 0.5, 0.25, 0.125}, direction) == 1);  // the start was too long ago
}

TEST_CASE("a ray that was prepared without a read says what one that was read says, also on the way to the minimum") {
  const Data data = some_data(300, 6);
  LeastSquares model(data.X, data.targets), reads(data.X, data.targets);
  const Vector minimiser = solution(data.X.transpose() * data.X, data.X.transpose() * data.targets);
  model.along(minimiser, some_weights(6));
  Vector gradient(6), unused(6);
  int differences = 0;
  for (double distance = 1; distance > 3e-13; distance /= 10) {
    const Vector w = minimiser + distance * some_weights(6, 13);
    model.loss(w, gradient);
    const Vector direction = -gradient;
    model.loss(Vector(w + 1e-3 * direction), unused);
    const long before = model.reads();
    model.along(w, direction);
    differences += model.reads() == before;
    reads.along(w, direction);
    const double slope = reads.on_ray(0).slope;
    INFO("at a distance of " << distance);
    CHECK(slope == Approx(-gradient.squaredNorm()).epsilon(1e-3));
    CHECK(model.on_ray(0).slope == Approx(slope).epsilon(1e-3));
    CHECK(model.on_ray(0.1).slope == Approx(reads.on_ray(0.1).slope).epsilon(1e-3).margin(1e-3 * -slope));
  }
  // Far out differences will do; in the end they would be rounding.
  CHECK(differences >= 4);
  CHECK(differences < 12);
}

TEST_CASE("while there are no rays no margins are kept, and the next ray is read") {
  const Data data = some_data(300, 6);
  Logistic model(data.X, data.labels);
  const Vector w = some_weights(7), direction = some_weights(7, 12), far = w + direction;
  Vector gradient(7);
  const auto reads_of_ray = [&] {
    model.loss(w, gradient);
    model.loss(far, gradient);
    const long before = model.reads();
    model.along(w, direction);
    return model.reads() - before;
  };
  CHECK(reads_of_ray() == 1);
  CHECK(reads_of_ray() == 0);
  for (int pass = 0; pass < 60; ++pass) model.loss(w, gradient);
  CHECK(reads_of_ray() == 1);
  CHECK(reads_of_ray() == 0);
}

TEST_CASE("loss and gradient are the same bits whether margins are kept or not") {
  const Data data = some_data(300, 6);
  Logistic model(data.X, data.labels, {.l2 = 0.1}), keeping = model;
  keeping.along(some_weights(7), some_weights(7, 12));
  Vector gradient(7), other(7);
  for (unsigned seed = 20; seed < 25; ++seed) {
    const Vector w = some_weights(7, seed);
    CHECK(model.loss(w, gradient) == keeping.loss(w, other));
    CHECK(gradient == other);
  }
}

namespace {

using SparseRowsOfDoubles = Eigen::SparseMatrix<double, Eigen::RowMajor>;

/// Makes what X stores visible: whoever reads it now sees other margins.
void double_all(SparseRowsOfDoubles& X) { X *= 2; }

}  // namespace

TEST_CASE(
    "the margins of a sparse model at a ray's last trial follow from the ray, but for their rounding as if read") {
  const Data data = some_data(300, 6);
  SparseRowsOfDoubles X = data.X.sparseView();
  Logistic model(X, data.labels, {.l2 = 0.1}), fresh = model;
  Vector w = some_weights(7), gradient(7), expected(7);
  for (unsigned seed = 30; seed < 60; ++seed) {  // many in a row: the rounding must not pile up
    const Vector direction = some_weights(7, seed);
    model.loss(w, gradient);
    model.along(w, direction);
    const double told = model.on_ray(0.3).value;
    w += 0.3 * direction;
    const double loss = model.loss(w, gradient);
    CHECK(loss == Approx(told).epsilon(1e-14));
    CHECK(loss == Approx(fresh.loss(w, expected)).epsilon(1e-14));
    CHECK((gradient - expected).norm() <= 1e-13 * expected.norm());
  }
}

TEST_CASE("only at that point do they follow from the ray, and not more than eight times in a row") {
  const Data data = some_data(300, 6);
  const Vector direction = some_weights(7, 12);
  const auto is_read = [&](double tried, const Vector& off) {
    SparseRowsOfDoubles X = data.X.sparseView();
    Logistic model(X, data.labels);
    const Vector w = some_weights(7);
    model.along(w, direction);
    model.on_ray(0.5);
    model.on_ray(tried);
    Vector gradient(7);
    double_all(X);
    const double loss = model.loss(Vector(w + 0.5 * direction + off), gradient);
    Logistic doubled(X, data.labels);
    return loss == doubled.loss(Vector(w + 0.5 * direction + off));
  };
  CHECK_FALSE(is_read(0.5, Vector::Zero(7)));
  CHECK(is_read(0.25, Vector::Zero(7)));
  CHECK(is_read(0.5, Vector::Constant(7, 1e-9)));

  SparseRowsOfDoubles X = data.X.sparseView();
  Logistic model(X, data.labels);
  Vector w = some_weights(7), gradient(7);
  model.along(w, direction);
  model.loss(w, gradient);
  double_all(X);
  int steps = 0;
  for (bool read = false; !read; ++steps) {
    model.along(w, direction);  // the margins at its start are known, those of the direction are read
    model.on_ray(0);            // a step of 0: to the same margins
    read = model.loss(w, gradient) == Logistic(X, data.labels).loss(w);
  }
  CHECK(steps == 9);
}

TEST_CASE(
    "margins that have become far smaller along the ray are read afresh, for their rounding would be the larger "
    "one's") {
  const Data data = some_data(300, 6);
  SparseRowsOfDoubles X = data.X.sparseView();
  LeastSquares model(X, data.targets), fresh = model;
  const Vector w = 1e6 * some_weights(7), near = some_weights(7, 12), direction = near - w;
  Vector gradient(7), expected(7);
  model.along(w, direction);
  model.on_ray(1);
  const Vector there = w + direction;
  CHECK(model.loss(there, gradient) == fresh.loss(there, expected));
  CHECK(gradient == expected);
}

TEST_CASE("a model without columns has rays like any other") {
  const DenseMatrix X(3, 0);
  const Vector y{{0, 1, 1}};
  Logistic model(X, y);
  model.along(Vector(0), Vector(0));
  CHECK(model.on_ray(0.5).value == Approx(std::log(2.0)));
}

TEST_CASE("the ray of a sum of Hessian products' vectors says what the ray of that direction says, for no read") {
  const Data data = some_data(300, 6);
  SparseRowsOfDoubles X = data.X.sparseView();
  Logistic model(X, data.labels, {.l2 = 0.1}), reads = model;
  CHECK_THROWS_AS(model.along_sum(some_weights(7), some_weights(7)), std::logic_error);
  model.keep_curvature();
  const Vector w = some_weights(7), a = some_weights(7, 12), b = some_weights(7, 13);
  Vector gradient(7), product(7);
  model.loss(w, gradient);
  for (int round = 0; round < 2; ++round) {  // the second begins anew
    model.hessian_times(w, a, product);
    model.sum_product(2, true);
    model.hessian_times(w, b, product);
    model.sum_product(-0.5, false);
    const Vector direction = 2 * a - 0.5 * b;
    const long before = model.reads();
    model.along_sum(w, direction);
    CHECK(model.reads() == before);
    reads.along(w, direction);
    for (const double step : {0.0, 0.7, -2.0}) {
      const auto told = model.on_ray(step), read = reads.on_ray(step);
      CHECK(told.value == Approx(read.value));
      CHECK(told.slope == Approx(read.slope));
      CHECK(told.curvature == Approx(read.curvature));
    }
  }
}

TEST_CASE("a ray ends with the next gradient, of its own model, not of a copy; to look along none is refused") {
  const Data data = some_data(300, 6);
  Logistic model(data.X, data.labels);
  const Vector w = some_weights(7), direction = some_weights(7, 12);
  Vector gradient(7);
  CHECK_THROWS_AS(model.on_ray(1), std::logic_error);
  model.along(w, direction);
  const double told = model.on_ray(0.5).value;
  Logistic copy = model;
  model.loss(w);
  CHECK(model.on_ray(0.5).value == told);
  model.loss(w, gradient);
  CHECK_THROWS_AS(model.on_ray(0.5), std::logic_error);
  model.along(w, Vector(-direction));
  CHECK(copy.on_ray(0.5).value == told);
}
