// What a ray of a linear model costs, and for how long it lasts. (What it says: linear_test.cpp.)

#include <Eigen/Dense>
#include <stdexcept>
#include <vector>

#include "catch.hpp"
#include "objectives/linear_data.hpp"

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
  const Vector minimiser = (data.X.transpose() * data.X).ldlt().solve(data.X.transpose() * data.targets);
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
