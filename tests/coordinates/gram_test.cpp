#include "surefoot/coordinates/gram.hpp"

#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "catch.hpp"
#include "support/dense_algebra.hpp"
#include "support/minimized.hpp"
#include "support/thrown.hpp"
#include "surefoot/directions/inferred.hpp"
#include "surefoot/directions/l_bfgs.hpp"
#include "surefoot/directions/steepest.hpp"
#include "surefoot/objectives/functions.hpp"
#include "surefoot/objectives/linear.hpp"
#include "surefoot/steps/armijo.hpp"

using namespace surefoot;
using test::AnyMinimizer;

namespace {

using Matrix = Eigen::MatrixXd;

/// ½ (w − centre)ᵀ H (w − centre), which keeps a count of its calls.
struct Bowl {
  Matrix H;
  Vector centre;
  int evaluations = 0;

  double loss(const Vector& w, Vector& gradient) {
    ++evaluations;
    gradient.noalias() = H * (w - centre);
    return 0.5 * gradient.dot(w - centre);
  }
  void hessian(const Vector&, Matrix& to) const { to = H; }
};

Matrix random_matrix(Eigen::Index rows, Eigen::Index columns, unsigned seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  return Matrix::NullaryExpr(rows, columns, [&] { return normal(random); });
}

/// Curvatures 1 … condition in directions that no axis follows.
Bowl turned_bowl(Eigen::Index size, double condition) {
  const Vector curvatures = Quadratic::log_spaced(size, condition).curvatures;
  return {test::turned(curvatures, random_matrix(size, size, 3)), random_matrix(size, 1, 4)};
}

struct Table {
  Matrix X;
  Vector y;
};

/// Columns that lean on each other, in units from 1e-3 to 1e3.
Table table_in_odd_units(Eigen::Index rows, unsigned seed) {
  const Matrix mixing = random_matrix(8, 8, 1);
  Table table{random_matrix(rows, 8, seed) * mixing, Vector(rows)};
  const Vector noise = random_matrix(rows, 1, seed + 1);
  for (Eigen::Index i = 0; i < rows; ++i) table.y[i] = table.X(i, 0) - table.X(i, 2) + 2 * noise[i] > 0 ? 1 : 0;
  for (Eigen::Index j = 0; j < 8; ++j) table.X.col(j) *= std::pow(10.0, 3 - 6 * static_cast<double>(j) / 7);
  return table;
}

/// L-BFGS as `fit` runs it in these coordinates.
template <class O>
Result run(O& objective, const Vector& w0, const Stop& stop = {.gradient = 1e-9}) {
  return AnyMinimizer{Inferred{LBFGS{}}, LBFGS::home_rule(), Monitor{}, stop}.run(objective, w0, {.first_step = 1});
}

Vector gradient_at(auto& objective, const Vector& w) {
  Vector gradient(w.size());
  objective.loss(w, gradient);
  return gradient;
}

}  // namespace

TEST_CASE("a quadratic arrives in one step of 1, from anywhere, however ill-conditioned it is") {
  for (const double condition : {1.0, 1e3, 1e8}) {
    for (const double distance : {1e-3, 1.0, 1e6}) {
      Bowl bowl = turned_bowl(12, condition);
      Gram gram(bowl);
      const Vector w0 = bowl.centre + distance * random_matrix(12, 1, 9);
      const Result result =
          AnyMinimizer{SteepestDescent{}, Armijo{}, Monitor{}, Stop{.gradient = 1e-6}}.run(gram, w0, {.first_step = 1});
      INFO("condition " << condition << ", distance " << distance);
      CHECK(result.iterations == 1);
      CHECK(result.step == 1);
      CHECK(bowl.evaluations == 2);  // there and here
      CHECK((result.w - bowl.centre).norm() <= 1e-15 * condition * (distance + bowl.centre.norm()));
    }
  }
}

TEST_CASE("a quadratic whose gradient is huge or tiny arrives in one step too, by L-BFGS as by the gradient") {
  for (const double distance : {1e-120, 1e100, 1e140}) {
    Bowl bowl = turned_bowl(12, 10);
    bowl.centre.setZero();
    Gram gram(bowl);
    const Result result = AnyMinimizer{Inferred{LBFGS{}}, LBFGS::home_rule(), Monitor{}, Stop{.gradient = 1e-6}}.run(
        gram, distance * random_matrix(12, 1, 9));
    INFO("distance " << distance << ": " << result.explain());
    CHECK(result.iterations == 1);
    CHECK(bowl.evaluations == 2);
  }
}

TEST_CASE("a logistic regression in odd units needs a few passes in Gram coordinates, many without") {
  const Table table = table_in_odd_units(400, 21);
  Logistic model{table.X, table.y, {.l2 = 1e-6}};
  Gram gram(model);
  const Result with = run(gram, Vector::Zero(9));
  const Result without = test::minimized(model, Vector::Zero(9), {.stop = {.gradient = 1e-9}});
  CHECK(with.status == Status::converged);
  CHECK(with.gradient_evaluations <= 20);
  CHECK(without.gradient_evaluations > 3 * with.gradient_evaluations);
  CHECK(with.loss <= without.loss * (1 + 1e-12));
}

TEST_CASE("weights and gradients come back in the user's coordinates") {
  const Table table = table_in_odd_units(300, 21);
  Logistic model{table.X, table.y, {.l2 = 1e-3}};
  Gram gram(model);
  const Vector w0 = Vector::Constant(9, 1e-3);
  const Result result = run(gram, w0, {.gradient = 1e-6});
  const Vector start = gradient_at(model, w0), end = gradient_at(model, result.w);
  CHECK(result.loss == Approx(model.loss(result.w)).epsilon(1e-13));
  CHECK(result.start_gradient_norm == Approx(max_norm(start)).epsilon(1e-9));
  CHECK(result.gradient_norm == Approx(max_norm(end)).margin(1e-12 * max_norm(start)));
  CHECK(result.code == Code::gradient);
  CHECK(max_norm(end) <= 1e-6 * max_norm(start));  // where the stop test is measured
}

TEST_CASE("a gradient in the metric is the gradient by its coordinates, and its largest entry that of the user's") {
  Bowl bowl = turned_bowl(7, 1e4);
  Gram gram(bowl);
  Vector v(7), gradient(7), w(7), unseen(7);
  const Vector w0 = random_matrix(7, 1, 5);
  gram.enter(w0, v);
  gram.leave(v, w);
  CHECK((w - w0).norm() < 1e-10);
  const double value = gram.loss(v, gradient);
  CHECK(gram.user_gradient_max(gradient) == Approx(max_norm(gradient_at(bowl, w0))).epsilon(1e-9));
  // In these coordinates the bowl is round: loss = ½ |gradient|², and a step back along it is the minimum.
  CHECK(value == Approx(0.5 * gradient.squaredNorm()).epsilon(1e-9));
  gram.leave(v - gradient, w);
  CHECK((w - bowl.centre).norm() < 1e-9);
  // Of another gradient than the last one too.
  const Vector other = gradient;
  gram.loss(2 * v, unseen);
  CHECK(gram.user_gradient_max(other) == Approx(max_norm(gradient_at(bowl, w0))).epsilon(1e-9));
}

TEST_CASE("a ray in the metric is one in the user's coordinates, with the same losses") {
  const Table table = table_in_odd_units(200, 21);
  Logistic model{table.X, table.y, {.l2 = 1e-3}};
  Gram gram(model);
  Vector v(9), gradient(9);
  gram.enter(Vector::Constant(9, 1e-3), v);
  const Vector direction = random_matrix(9, 1, 6);
  gram.along(v, direction);
  for (const double step : {0.0, 0.3, -0.1}) {
    const Vector there = v + step * direction;
    const double value = gram.loss(there, gradient);
    gram.along(v, direction);
    CHECK(gram.on_ray(step).value == Approx(value).epsilon(1e-11));
    CHECK(gram.on_ray(step).slope == Approx(gradient.dot(direction)).epsilon(1e-8));
  }
}

TEST_CASE("a singular Hessian still makes a metric: columns that repeat, that add up, that are zero") {
  Table table = table_in_odd_units(200, 21);
  Matrix twice(200, 10);
  twice << table.X, table.X.col(2), Vector::Zero(200);
  Matrix one_hot = Matrix::Zero(200, 4);  // they add up to the intercept's column
  for (Eigen::Index i = 0; i < 200; ++i) one_hot(i, i % 4) = 1;
  for (const Matrix& X : {twice, one_hot}) {
    Logistic model{X, table.y};
    const Eigen::Index size = X.cols() + 1;
    Gram gram(model);
    const Result result = run(gram, Vector::Zero(size));
    INFO(result.explain());
    CHECK(result.w.allFinite());
    CHECK(result.code == Code::gradient);
    CHECK(max_norm(gradient_at(model, result.w)) <= 1e-9 * max_norm(gradient_at(model, Vector::Zero(size))));
    CHECK(result.gradient_evaluations <= 20);
  }
}

TEST_CASE("a metric from some of the rows arrives too, though a column is not in the sample at all") {
  Table table = table_in_odd_units(2000, 21);
  table.X.col(4).setZero();
  for (Eigen::Index i = 500; i < 2000; i += 50) table.X(i, 4) = 3;  // rare, and in none of the first rows
  const Matrix first_x = table.X.topRows(200);
  const Vector first_y = table.y.head(200);
  const LinearOptions options{.l2 = 1e-6};
  Logistic model{table.X, table.y, options}, sample{first_x, first_y, options};
  Gram sampled(model, sample), whole(model);
  const Result result = run(sampled, Vector::Zero(9)), expected = run(whole, Vector::Zero(9));
  INFO(result.explain());
  CHECK(result.code == Code::gradient);
  CHECK(result.loss == Approx(expected.loss).epsilon(1e-12));
  CHECK(result.gradient_evaluations <= 30);
}

TEST_CASE("a sample that tells another story is given up for the Hessian of all rows, and no point moves") {
  const Table table = table_in_odd_units(2000, 21);
  // The sample's columns are the table's in reverse: what it takes for small is large.
  const Matrix wrong_x = table.X.topRows(100).rowwise().reverse();
  const Vector wrong_y = table.y.head(100);
  const LinearOptions options{.l2 = 1e-9};

  /// Rows without a diagonal of their own, so that nothing is put right.
  struct NoDiagonal {
    Logistic<Matrix>& model;
    double loss(const Vector& w, Vector& gradient) { return model.loss(w, gradient); }
    void hessian(const Vector& w, Matrix& to) { model.hessian(w, to); }
  };
  Logistic all{table.X, table.y, options}, wrong{wrong_x, wrong_y, options};
  NoDiagonal model{all}, sample{wrong};
  Gram gram(model, sample, {.cost = 5, .accuracy = 1e-9});
  double before = infinity;
  int restarts = 0;
  const Result result =
      AnyMinimizer{Inferred{LBFGS{}}, LBFGS::home_rule(), Monitor{}, Stop{.gradient = 1e-9, .max_iterations = 500}}.run(
          gram, Vector::Zero(9), {.first_step = 1}, [&](const Event& event) {
            if (event.kind == Event::Kind::step) {
              CHECK(event.loss <= before * (1 + 1e-6));  // a step may be taken for its slopes, a refresh moves nothing
              before = event.loss;
            }
            restarts += event.kind == Event::Kind::restart && event.cause == Cause::coordinates ? 1 : 0;
            return true;
          });
  INFO(result.explain());
  CHECK(gram.refreshes() >= 1);
  CHECK(restarts == gram.refreshes());
  CHECK(result.code == Code::gradient);
  Gram whole(all);
  CHECK(result.loss == Approx(run(whole, Vector::Zero(9)).loss).epsilon(1e-10));
}

TEST_CASE("a good metric is kept: a quadratic's is never computed anew") {
  Bowl bowl = turned_bowl(12, 1e4);
  Gram gram(bowl, {.cost = 0});
  run(gram, Vector::Zero(12));
  CHECK(gram.refreshes() == 0);
}

TEST_CASE("out of turn only a sample's metric is refreshed; points and gradients are carried over, weights kept") {
  const Table table = table_in_odd_units(500, 21);
  const Matrix first_x = table.X.topRows(60);
  const Vector first_y = table.y.head(60);
  Logistic model{table.X, table.y, {.l2 = 1e-4}}, sample{first_x, first_y, {.l2 = 1e-4}};
  Gram gram(model, sample);
  const Vector w0 = Vector::Constant(9, 1e-4);
  Vector v(9), w(9), gradient(9);
  gram.enter(w0, v);
  gram.loss(v, gradient);
  REQUIRE(gram.refresh(-1, v));
  gram.recast(v, gradient);
  gram.leave(v, w);
  CHECK((w - w0).norm() <= 1e-9 * w0.norm());
  const Vector in_user_coordinates = gradient_at(model, w0);
  CHECK(gram.user_gradient_max(gradient) == Approx(max_norm(in_user_coordinates)).epsilon(1e-9));
  Vector computed(9);
  gram.loss(v, computed);
  CHECK((computed - gradient).norm() <= 1e-8 * computed.norm());
  CHECK(gram.refreshes() == 1);
  CHECK_FALSE(gram.refresh(-1, v));  // it is of all rows now
  CHECK(gram.refreshes() == 1);

  gram.enter(w0, v);  // another run begins with the sample again
  CHECK(gram.refreshes() == 0);
  CHECK(gram.refresh(-1, v));
}

namespace {

/// A bowl with a Hessian that is not to be trusted.
struct Liar {
  Matrix told;
  double loss(const Vector& w, Vector& gradient) const {
    gradient = w;
    return 0.5 * w.squaredNorm();
  }
  void hessian(const Vector&, Matrix& to) const { to = told; }
};

}  // namespace

namespace {

/// Begins in a diagonal metric, which may be none.
struct DiagonalLiar : Liar {
  Vector diagonal;
  bool told = false;
  bool diagonal_metric(const Vector&, Vector& to) {
    if (std::exchange(told, true)) return false;
    to = diagonal;
    return true;
  }
};

}  // namespace

TEST_CASE("a direction along which the loss does not change is not walked for a pivot that is mere rounding") {
  // Two columns that are one, but for a digit of the Hessian and two of the gradient.
  struct Twins : Liar {
    double loss(const Vector& w, Vector& gradient) const {
      constexpr double eps = std::numeric_limits<double>::epsilon();
      const double rest = w[0] + w[1] - 1;
      gradient = Vector{{rest, rest * (1 + 4 * eps)}};
      return 0.5 * rest * rest;
    }
  };
  Twins twins{{Matrix{{1, 1}, {1, 1 + std::numeric_limits<double>::epsilon()}}}};
  REQUIRE(Eigen::LLT<Matrix>(twins.told).info() == Eigen::Success);
  Gram gram(twins);
  const Result result = run(gram, Vector::Zero(2), {.gradient = 1e-10});
  CHECK(result.status == Status::converged);
  CHECK(std::abs(result.w[0] - result.w[1]) < 1.5);
}

TEST_CASE("a diagonal first metric is used as it is where it is one, and does no harm where it is not") {
  const Vector w0{{1, -2, 0.5, 3}};
  for (const double first : {1.0, 0.0, -1.0, infinity, not_a_number, 1e300, 1e-300}) {
    for (const double other : {1.0, 0.0}) {
      DiagonalLiar liar{{Matrix::Identity(4, 4)}, Vector{{first, other, other, other}}};
      Gram gram(liar);
      const Result result = run(gram, w0, {.gradient = 1e-6});
      INFO(first << ", " << other << '\n' << result.explain());
      CHECK(result.status == Status::converged);
      CHECK(result.loss <= result.start_loss);
    }
  }
}

TEST_CASE("a Hessian that is no metric does no harm: NaN, infinite, zero, indefinite, negative") {
  const Matrix one = Matrix::Identity(4, 4);
  std::vector<Matrix> hessians{not_a_number * Matrix::Ones(4, 4),
                               infinity * Matrix::Ones(4, 4),
                               Matrix::Zero(4, 4),
                               -one,
                               Matrix::Ones(4, 4) - one,
                               1e300 * one,
                               1e-300 * one};
  for (const double bad : {not_a_number, infinity, -infinity, 1e200}) {
    for (const Eigen::Index at : {0, 2, 3}) {
      hessians.push_back(one);
      if (bad != 1e200) hessians.back()(at, at) = bad;
      hessians.push_back(one);
      hessians.back()(std::min<Eigen::Index>(at, 1), 3) = bad;
    }
  }
  for (const Matrix& hessian : hessians) {
    Liar liar{hessian};
    Gram gram(liar);
    const Vector w0{{1, -2, 0.5, 3}};
    const Result result = run(gram, w0, {.gradient = 1e-6});
    INFO(hessian << '\n' << result.explain());
    CHECK(result.w.allFinite());
    CHECK(result.loss <= result.start_loss);
    CHECK(result.status == Status::converged);
  }
}

TEST_CASE("a valley that is not convex everywhere is no place that Gram coordinates can't start from") {
  struct Valley : Rosenbrock {
    void hessian(const Vector& w, Matrix& to) const {
      to.setZero(2, 2);
      to(0, 0) = 1200 * w[0] * w[0] - 400 * w[1] + 2;
      to(0, 1) = -400 * w[0];
      to(1, 1) = 200;
    }
  };
  Valley valley;
  for (const Vector& w0 : {valley.start(), Vector{{0, 3}}, Vector{{0.1, 5}}}) {  // at the last two: no minimum nearby
    Gram gram(valley);
    const Result result = run(gram, w0, {.gradient = 1e-8, .max_iterations = 1000});
    INFO(result.explain());
    CHECK(result.status == Status::converged);
    CHECK((result.w - Vector::Ones(2)).norm() < 1e-5);
  }
}

TEST_CASE("a start whose margins overflow is told as any other: the run fails and says so") {
  const Table table = table_in_odd_units(50, 21);
  Poisson model{table.X, table.y};
  Gram gram(model);
  const Result result = run(gram, Vector::Constant(9, 1e6));
  CHECK(result.status == Status::failed);
  CHECK(result.code == Code::start_not_finite);
}

TEST_CASE("options of Gram that can't be are refused by name, value and range") {
  Bowl bowl = turned_bowl(2, 1);
  const auto why = [&](const GramOptions& options) { return thrown([&] { Gram(bowl, options); }); };
  CHECK(why({.cost = -1}) == "cost = -1 of Gram is out of range: it must be >= 0");
  CHECK(why({.cost = not_a_number}) == "cost = NaN of Gram is out of range: it must be >= 0");
  CHECK(why({.accuracy = 0}) == "accuracy = 0 of Gram is out of range: it must be > 0");
  CHECK(why({.gradient = -1}) == "gradient = -1 of Gram is out of range: it must be >= 0");
  CHECK(thrown([&] { Gram(bowl, bowl, {.cost = -1}); }) == "cost = -1 of Gram is out of range: it must be >= 0");
}

TEST_CASE("a column that is there twice, beside others a hundred million times smaller, leaves these their metric") {
  // Told exactly, the Hessian is singular, and what it needs more must not drown the small columns.
  DenseMatrix X(60, 4);
  Vector y(60);
  for (Eigen::Index i = 0; i < 60; ++i) {
    const double t = static_cast<double>(i);
    X.row(i) << std::cos(t), std::sin(2 * t), 1e8 * std::cos(3 * t), 1e8 * std::cos(3 * t);
    y[i] = X(i, 0) - 2 * X(i, 1) + std::sin(5 * t);
  }
  LeastSquares model{X, y};
  const DenseMatrix small = X.leftCols(3);
  LeastSquares without{small, y};
  Gram gram(model), plain_gram(without);
  const Result result = run(gram, Vector::Zero(5), {.gradient = 1e-12});
  CHECK(result.loss == Approx(run(plain_gram, Vector::Zero(4), {.gradient = 1e-12}).loss).epsilon(1e-8));
  CHECK(result.gradient_evaluations < 10);
}
