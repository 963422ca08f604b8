#include "surefoot/objectives/duality_gap.hpp"

#include <random>

#include "catch.hpp"
#include "surefoot/coordinates/gram_l1.hpp"
#include "surefoot/directions/steepest.hpp"
#include "surefoot/loop/minimizer.hpp"
#include "surefoot/objectives/linear.hpp"
#include "surefoot/steps/armijo.hpp"

using namespace surefoot;

namespace {

struct Data {
  DenseMatrix X;
  Vector y, row_weights;
};

/// Twelve columns, each like its neighbour; the first and the fifth make the target. A few rows don't count.
template <class Loss>
Data some_data(Index rows) {
  std::mt19937_64 random(7);
  std::normal_distribution<double> normal;
  Data data{DenseMatrix(rows, 12), Vector(rows), Vector(rows)};
  for (Index i = 0; i < rows; ++i) {
    double last = 0;
    for (double& x : data.X.row(i)) x = last = 0.6 * last + normal(random);
    const double z = data.X(i, 0) - data.X(i, 4) + 0.5 * normal(random);
    data.y[i] = Loss::accepts(-0.5)  ? 5 + z
                : Loss::accepts(0.5) ? std::floor(std::exp(0.5 * z))
                                     : static_cast<double>(z > 0.4);
    data.row_weights[i] = i % 7 == 0 ? 0 : 0.5 + static_cast<double>(i % 3);
  }
  return data;
}

Vector some_weights(Index size, unsigned seed, double length) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  Vector w(size);
  for (double& entry : w) entry = length * normal(random);
  return w;
}

/// Many proximal Newton steps, to as small a residual as rounding allows.
template <class Model>
Vector minimiser(Model& model, double l1, Index size) {
  GramL1 penalised{model, l1, size - 12};
  const Minimizer newton{SteepestDescent{}, Armijo{}, Monitor{},
                         Stop{.absolute_gradient = 1e-13, .max_iterations = 200}};
  return newton.run(penalised, Vector::Zero(size), {.first_step = 1}).w;
}

/// With and without intercept, l2, row weights, standardised columns, threads.
template <class Loss, class Check>
void for_all_fits(const Loss& loss, double l1, Check&& check) {
  const Data data = some_data<Loss>(400);
  const Vector centre = data.X.colwise().mean(), scale = Vector::LinSpaced(12, 0.5, 2);
  for (const LinearOptions& options :
       {LinearOptions{}, LinearOptions{.l2 = 0.05}, LinearOptions{.row_weights = data.row_weights},
        LinearOptions{.l2 = 1e-9, .centre = centre, .scale = scale, .threads = 2}}) {
    LinearObjective<Loss, DenseMatrix> model(data.X, data.y, options, loss);
    for (const Index size : {12, 13}) {
      INFO(Loss::name << ", l2 = " << options.l2 << ", " << size
                      << " weights, row weights: " << options.row_weights.size());
      check(model, l1, size);
    }
  }
}

template <class Check>
void for_all_models(Check&& check) {
  for_all_fits(LeastSquaresLoss{}, 0.2, check);
  for_all_fits(HuberLoss{.delta = 0.7}, 0.05, check);
  for_all_fits(QuantileLoss{.level = 0.7, .width = 0.5}, 0.03, check);
  for_all_fits(LogisticLoss{}, 0.05, check);
  for_all_fits(SquaredHingeLoss{}, 0.1, check);
  for_all_fits(PoissonLoss{}, 0.1, check);
}

/// `smooth` + l1 |w|₁
double penalised_loss(double smooth, const Vector& w, double l1) { return smooth + l1 * w.head(12).lpNorm<1>(); }

}  // namespace

TEST_CASE("the duality gap is never below the true excess, far from the minimum and near it") {
  for_all_models([](auto& model, double l1, Index size) {
    const Vector best = minimiser(model, l1, size);
    const double least = penalised_loss(model.loss(best), best, l1);
    Vector gradient(size);
    DualPoint dual;
    for (const double off : {1.0, 0.1, 1e-3, 1e-6}) {
      const Vector w = best + some_weights(size, 3, off);
      const double excess = penalised_loss(model.loss(w, gradient, l1, dual), w, l1) - least;
      INFO("off by " << off << ": excess " << excess << ", gap " << dual.gap);
      CHECK(dual.gap >= excess - 1e-14 * std::abs(least));
      CHECK(std::isfinite(dual.gap));
    }
  });
}

TEST_CASE("the duality gap is 0 at the minimum but for rounding, and falls on the way there") {
  for_all_models([](auto& model, double l1, Index size) {
    const Vector best = minimiser(model, l1, size);
    Vector gradient(size);
    DualPoint dual;
    const double least = penalised_loss(model.loss(best, gradient, l1, dual), best, l1);
    // What rounding of the loss leaves of the slopes, times how far weights reach; and by as much all slopes are scaled.
    const double left = l1_violation(best, gradient, l1, size - 12);
    CHECK(left < 1e-7);
    CHECK(dual.gap >= 0);
    CHECK(dual.gap <= 1e-12 * std::max(1.0, std::abs(least)) + 3 * left * (1 + best.lpNorm<1>() + 10 / l1));
    double last = infinity;
    for (const double off : {0.3, 0.01, 1e-4}) {
      const Vector w = best + some_weights(size, 4, off);
      model.loss(w, gradient, l1, dual);
      CHECK(dual.gap < 0.3 * last);
      last = dual.gap;
    }
  });
}

TEST_CASE("the dual point is feasible: no correlation is beyond l1 without l2, and the intercept's column has none") {
  const Data data = some_data<LogisticLoss>(400);
  LinearObjective<LogisticLoss, DenseMatrix> model(data.X, data.y);
  const Vector w = some_weights(13, 5, 1);
  Vector gradient(13);
  DualPoint dual;
  model.loss(w, gradient, 0.02, dual);
  CHECK(max_norm(dual.correlations) <= 0.02 * (1 + 1e-15));
  double sum = 0, total = 0;
  for (Index i = 0; i < data.y.size(); ++i) {
    const double slope = LogisticLoss{}.at(dual.margins[i], data.y[i]).slope;
    sum += dual.balance.of(slope) * slope;
    total += std::abs(slope);
  }
  CHECK(std::abs(sum) <= 1e-14 * total);
}

TEST_CASE("the pass for the dual point gives the loss and the gradient that a pass without it gives") {
  for_all_models([](auto& model, double l1, Index size) {
    const Vector w = some_weights(size, 6, 0.3);
    Vector expected(size), gradient(size);
    DualPoint dual;
    const double loss = model.loss(w, expected);
    CHECK(model.loss(w, gradient, l1, dual) == Approx(loss).epsilon(1e-13));
    CHECK((gradient - expected).norm() <= 1e-12 * (1 + expected.norm()));
  });
}

TEST_CASE("a sparse matrix has the duality gap of the dense one") {
  const Data data = some_data<LeastSquaresLoss>(100);
  const DenseMatrix thinned = data.X.unaryExpr([](double x) { return std::abs(x) > 1 ? x : 0.0; });
  const SparseMatrix sparse = thinned.sparseView();
  const LinearOptions options{.centre = thinned.colwise().mean(), .scale = Vector::Constant(12, 0.7)};
  LinearObjective<LeastSquaresLoss, DenseMatrix> one(thinned, data.y, options);
  LinearObjective<LeastSquaresLoss, SparseMatrix> other(sparse, data.y, options);
  const Vector w = some_weights(13, 8, 0.5);
  Vector gradient(13);
  DualPoint of_dense, of_sparse;
  one.loss(w, gradient, 0.1, of_dense);
  other.loss(w, gradient, 0.1, of_sparse);
  CHECK(of_sparse.gap == Approx(of_dense.gap).epsilon(1e-12));
}
