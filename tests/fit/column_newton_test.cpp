#include "fit/column_newton.hpp"

#include <numeric>
#include <random>

#include "catch.hpp"
#include "surefoot/coordinates/coordinate_descent.hpp"

using namespace surefoot;
using namespace surefoot::fitting;

namespace {

constexpr Index rows = 200, columns = 30;

struct Data {
  std::variant<DenseMatrix, SparseMatrix> x{};
  Vector numbers = Vector(rows), labels = Vector(rows), counts = Vector(rows), row_weights = Vector(rows);
  Vector centre = Vector::LinSpaced(columns, -0.3, 0.3), scale = Vector::LinSpaced(columns, 0.5, 2);

  explicit Data(bool sparse) {
    std::mt19937_64 random(17);
    std::normal_distribution<double> normal;
    DenseMatrix all(rows, columns);
    for (Index i = 0; i < rows; ++i) {
      double last = 0;
      for (Index j = 0; j < columns; ++j) {
        last = 0.6 * last + normal(random);
        all(i, j) = sparse && std::abs(last) < 0.8 ? 0 : last;
      }
      const double z = all(i, 0) - all(i, 4) + 0.5 * all(i, 29) + 0.7 * normal(random);
      numbers[i] = z;
      labels[i] = z > 0.3 ? 1 : 0;
      counts[i] = std::floor(std::exp(std::tanh(z)));
      row_weights[i] = static_cast<double>(i % 3);
    }
    if (sparse) {
      x = SparseMatrix(all.sparseView());
    } else {
      x = all;
    }
    scale[11] = infinity;  // a constant column, say
  }
};

Problem problem_of(const Data& data, const AnyLoss& loss, const Vector& y, double l2, bool intercept, bool weighted) {
  Problem problem{.x = {},
                  .y = y,
                  .loss = loss,
                  .classes = 1,
                  .linear = {.l2 = l2, .scale = data.scale},
                  .l1 = 0.05,
                  .intercept = intercept,
                  .start = {}};
  std::visit([&](const auto& x) { problem.x = &x; }, data.x);
  if (std::holds_alternative<DenseMatrix>(data.x)) problem.linear.centre = data.centre;
  if (weighted) problem.linear.row_weights = data.row_weights;
  return problem;
}

std::unique_ptr<AnyLinear> objective_of(const Problem& problem) {
  return std::visit([&](const auto* x) { return make_linear(*x, problem.y, problem.loss, 1, problem.linear); },
                    problem.x);
}

std::vector<Index> all_columns() {
  std::vector<Index> all(columns);
  std::iota(all.begin(), all.end(), Index{0});
  return all;
}

const auto go_on = [] { return true; };

// A problem looks at its loss.
const AnyLoss logistic = LogisticLoss{}, poisson = PoissonLoss{};

}  // namespace

TEST_CASE("coordinate descent by columns ends where the conditions of an L1 minimum hold, for every loss") {
  for (const bool sparse : {false, true}) {
    const Data data(sparse);
    const auto check = [&](const AnyLoss& loss, const Vector& y) {
      for (const bool intercept : {true, false}) {
        for (const double l2 : {0.0, 0.05}) {
          const Problem problem = problem_of(data, loss, y, l2, intercept, l2 == 0);
          const auto objective = objective_of(problem);
          ColumnNewton newton(problem, *objective, all_columns());
          Vector w = Vector::Zero(problem.size()), gradient(problem.size());
          const double missed = newton.minimise(w, 1e-7, go_on);
          objective->loss(w, gradient);
          INFO(ModelChoice{loss}.name() << ", sparse: " << sparse << ", intercept: " << intercept << ", l2 = " << l2);
          CHECK(missed <= 1e-7);
          CHECK(l1_violation(w, gradient, problem.l1, problem.free()) <= 1.1e-7);
          CHECK((w.head(columns).array() == 0).count() > 5);
          CHECK((w.head(columns).array() != 0).count() > 1);
          CHECK(w[11] == 0);
        }
      }
    };
    check(LeastSquaresLoss{}, data.numbers);
    check(HuberLoss{.delta = 0.5}, data.numbers);
    check(QuantileLoss{.level = 0.6, .width = 0.5}, data.numbers);
    check(LogisticLoss{}, data.labels);
    check(SquaredHingeLoss{}, data.labels);
    check(PoissonLoss{}, data.counts);
  }
}

TEST_CASE("of the columns that are not among its own coordinate descent changes nothing, and needs nothing") {
  const Data data(true);
  const Problem problem = problem_of(data, logistic, data.labels, 0, true, false);
  const auto objective = objective_of(problem);
  ColumnNewton some(problem, *objective, {0, 4, 7});
  Vector w = Vector::Zero(columns + 1), gradient(columns + 1);
  some.minimise(w, 1e-8, go_on);
  objective->loss(w, gradient);
  for (const Index j : {0, 4, 7}) CHECK(l1_violation(w[j], gradient[j], problem.l1) <= 1e-8);
  CHECK((w.array() != 0).count() <= 4);
  CHECK(some.passes() > 0);
}

TEST_CASE("coordinate descent by columns stops when it is told to, at a point no worse than its start") {
  const Data data(false);
  const Problem problem = problem_of(data, poisson, data.counts, 0, true, false);
  const auto objective = objective_of(problem);
  ColumnNewton newton(problem, *objective, all_columns());
  Vector w = Vector::Constant(columns + 1, 0.2), gradient(columns + 1);
  const auto penalised = [&] { return objective->loss(w, gradient) + problem.l1 * w.head(columns).lpNorm<1>(); };
  double last = penalised();
  for (int round = 0; round < 3; ++round) {
    int steps = 0;
    newton.minimise(w, 1e-12, [&] { return steps++ < 5; });
    CHECK(penalised() < last);
    last = penalised();
  }
}

TEST_CASE("a tolerance below what rounding allows ends too") {
  const Data data(false);
  const Problem problem = problem_of(data, logistic, data.labels, 0, true, false);
  const auto objective = objective_of(problem);
  ColumnNewton newton(problem, *objective, all_columns());
  Vector w = Vector::Zero(columns + 1);
  CHECK(newton.minimise(w, 0, go_on) < 1e-6);
}
