#include "surefoot/coordinates/gram_l1.hpp"

#include <random>

#include "catch.hpp"
#include "surefoot/directions/steepest.hpp"
#include "surefoot/loop/minimizer.hpp"
#include "surefoot/objectives/linear.hpp"
#include "surefoot/objectives/softmax.hpp"
#include "surefoot/registry.hpp"
#include "surefoot/steps/armijo.hpp"

using namespace surefoot;

namespace {

struct Data {
  DenseMatrix X;
  Vector numbers, labels, counts;
};

/// Columns of very different scale, each like its neighbour; a target that a few of them make.
Data some_data(Index rows, Index columns) {
  std::mt19937_64 random(5);
  std::normal_distribution<double> normal;
  Data data{DenseMatrix(rows, columns), Vector(rows), Vector(rows), Vector(rows)};
  for (Index i = 0; i < rows; ++i) {
    double last = 0;
    for (Index j = 0; j < columns; ++j) {
      last = 0.7 * last + normal(random);
      data.X(i, j) = std::pow(3.0, static_cast<double>(j % 3)) * last;
    }
    const double z = data.X(i, 0) - data.X(i, 4) / 3 + 0.5 * normal(random);
    data.numbers[i] = z;
    data.labels[i] = z > 0.3 ? 1 : 0;
    data.counts[i] = std::floor(std::exp(0.3 * std::tanh(z)) + std::abs(normal(random)));
  }
  return data;
}

const Minimizer newton{SteepestDescent{}, Armijo{}, Monitor{}, Stop{.gradient = 1e-9}};

/// By how much the conditions of a minimum are missed: |g_j| <= l1 where w_j is 0, g_j = −l1 sign(w_j) elsewhere, and 0 for
/// the intercept.
template <class Model>
double missed(Model& model, const Vector& w, double l1) {
  Vector gradient(w.size());
  model.loss(w, gradient);
  double worst = std::abs(gradient[w.size() - 1]);
  for (Index j = 0; j + 1 < w.size(); ++j) {
    const double off =
        w[j] == 0 ? std::max(0.0, std::abs(gradient[j]) - l1) : std::abs(gradient[j] + (w[j] > 0 ? l1 : -l1));
    worst = std::max(worst, off);
  }
  return worst;
}

}  // namespace

TEST_CASE("proximal Newton steps end where the conditions of an L1 minimum hold, with exact zeros, for every loss") {
  const Data data = some_data(300, 12);
  const auto check = [](auto model, double l1) {
    GramL1 penalised{model, l1, 1};
    const Result result = newton.run(penalised, Vector::Zero(13), {.first_step = 1});
    INFO(result.explain());
    CHECK(result.ok());
    Vector at_start(13);
    model.loss(Vector::Zero(13), at_start);
    CHECK(missed(model, result.w, l1) <= 1e-7 * max_norm(at_start));
    const auto zeros = (result.w.head(12).array() == 0).count();
    CHECK(zeros > 0);
    CHECK(zeros < 12);
  };
  check(LeastSquares{data.X, data.numbers}, 0.3);
  check(LeastSquares{data.X, data.numbers, {.l2 = 0.1}}, 0.3);
  check(Huber{data.X, data.numbers, {.l2 = 1e-3}, {.delta = 0.5}}, 0.1);
  check(Logistic{data.X, data.labels, {.l2 = 1e-3}}, 0.1);
  check(SquaredHinge{data.X, data.labels, {.l2 = 1e-3}}, 0.2);
  check(Poisson{data.X, data.counts, {.l2 = 1e-3}}, 0.05);
}

TEST_CASE("of a least squares lasso one proximal Newton step is nearly all") {
  const Data data = some_data(300, 12);
  LeastSquares model{data.X, data.numbers};
  GramL1 penalised{model, 0.3, 1, {.first = 1e-9}};
  const Result result = newton.run(penalised, Vector::Zero(13), {.first_step = 1});
  CHECK(result.ok());
  CHECK(result.gradient_evaluations <= 4);
}

TEST_CASE("at an L1 penalty above the largest useful one every weight is exactly zero") {
  const Data data = some_data(300, 12);
  Logistic model{data.X, data.labels};
  const double share = data.labels.mean();
  Vector constant = Vector::Zero(13), gradient(13);
  constant[12] = std::log(share / (1 - share));
  model.loss(constant, gradient);
  GramL1 penalised{model, 1.001 * max_norm(gradient.head(12)), 1};
  const Result result = newton.run(penalised, Vector::Zero(13), {.first_step = 1});
  CHECK((result.w.head(12).array() == 0).all());
  CHECK(result.w[12] == Approx(constant[12]).epsilon(1e-6));
}

TEST_CASE("a metric from a sample that has next to nothing of a column leads to the same L1 minimum") {
  Data data = some_data(400, 12);
  data.X.col(3).head(40).setZero();
  const DenseMatrix few = data.X.topRows(40);
  const Vector their_labels = data.labels.head(40);
  Logistic model{data.X, data.labels, {.l2 = 1e-3}}, sample{few, their_labels, {.l2 = 1e-3}};
  GramL1 whole{model, 0.05, 1}, sampled{model, sample, 0.05, 1};
  const Result expected = newton.run(whole, Vector::Zero(13), {.first_step = 1});
  const Result result = newton.run(sampled, Vector::Zero(13), {.first_step = 1});
  CHECK(result.loss == Approx(expected.loss).epsilon(1e-12));
  CHECK((result.w - expected.w).norm() < 1e-5 * expected.w.norm());
}

TEST_CASE("an L1 penalty or a share of free weights out of range is refused for proximal Newton steps too") {
  const Data data = some_data(20, 6);
  LeastSquares model{data.X, data.numbers};
  CHECK_THROWS_AS((GramL1{model, -1.0}), std::invalid_argument);
  CHECK_THROWS_AS((GramL1{model, 0.1, -1}), std::invalid_argument);
  CHECK_THROWS_AS((GramL1{model, 0.1, 1, {.cost = -1}}), std::invalid_argument);
}

TEST_CASE(
    "where few rows curve, so that the Hessian is flat along most ways, proximal Newton steps arrive all the same") {
  const Data data = some_data(25, 15);
  SquaredHinge model{data.X, data.labels};
  for (const double l1 : {0.03, 0.003}) {
    GramL1 penalised{model, l1, 1};
    WithL1 plain{model, l1, 1};
    const Result result = newton.run(penalised, Vector::Zero(16), {.first_step = 1});
    const Minimizer slow{SteepestDescent{}, make_rule("auto+nonmonotone"), Monitor{},
                         Stop{.gradient = 1e-9, .max_iterations = 100'000}};
    INFO("l1 " << l1);
    CHECK(result.ok());
    CHECK(result.gradient_evaluations < 500);
    CHECK(result.loss <= slow.run(plain, Vector::Zero(16)).loss * (1 + 1e-6));
  }
}

TEST_CASE("softmax with an L1 penalty arrives by proximal Newton steps where plain ones do, in a tenth of the reads") {
  const Data data = some_data(300, 6);
  const Vector classes = data.counts.cwiseMin(2);
  Softmax model{data.X, classes, 3};
  GramL1 penalised{model, 0.01, 3};
  const Result result = newton.run(penalised, Vector::Zero(21), {.first_step = 1});
  const long reads = model.reads();
  WithL1 plain{model, 0.01, 3};
  const Minimizer slow{SteepestDescent{}, make_rule("auto+nonmonotone"), Monitor{}, Stop{.gradient = 1e-9}};
  const Result expected = slow.run(plain, Vector::Zero(21));
  CHECK(result.status == Status::converged);
  CHECK(result.loss == Approx(expected.loss).epsilon(1e-9));
  CHECK(10 * reads <= model.reads() - reads);
  CHECK((result.w.head(18).array() == 0).count() > 0);
}

TEST_CASE("a column in units a hundred million times smaller keeps no proximal Newton step from the minimum") {
  // With next to no l1 the minimum is the same in any units.
  const Data data = some_data(60, 6);
  LeastSquares model{data.X, data.numbers};
  GramL1 penalised{model, 1e-12, 1};
  const Result expected = newton.run(penalised, Vector::Zero(7), {.first_step = 1});
  DenseMatrix scaled = data.X;
  scaled.col(2) *= 1e8;
  LeastSquares other{scaled, data.numbers};
  GramL1 in_other_units{other, 1e-12, 1};
  CHECK(newton.run(in_other_units, Vector::Zero(7), {.first_step = 1}).loss == Approx(expected.loss).epsilon(1e-6));
}
