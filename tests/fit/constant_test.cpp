#include "fit/constant.hpp"

#include <boost/math/tools/minima.hpp>
#include <cmath>
#include <random>

#include "catch.hpp"
#include "fit/any_linear.hpp"
#include "surefoot/loop/numbers.hpp"

using namespace surefoot;
using namespace surefoot::fitting;

namespace {

constexpr unsigned seed = 17;
constexpr Index rows = 201;

struct Data {
  DenseMatrix x = DenseMatrix::Zero(rows, 2);  // no column tells anything
  Vector numbers{rows}, labels{rows}, counts{rows}, classes{rows}, weights{rows};

  Data() {
    std::mt19937_64 random(seed);
    std::normal_distribution<double> normal;
    for (Index i = 0; i < rows; ++i) {
      const double r = normal(random);
      numbers[i] = 5 + r * std::abs(r) * 3;  // long tails, and more of them on no side in particular
      labels[i] = normal(random) > 0.8 ? 1 : 0;
      counts[i] = std::floor(3 * std::abs(normal(random)));
      classes[i] = static_cast<double>(random() % 5 % 3);
      weights[i] = static_cast<double>(random() % 4) + 0.25;
    }
  }
};

Vector constant(const Data& data, const Vector& y, const AnyLoss& loss, const Vector& weights, Index classes = 1) {
  return best_constant({&data.x, y, loss, classes, {.row_weights = weights}, 0, true});
}

/// The loss of weights 0 and these intercepts.
double loss_at(const Data& data, const Vector& y, const AnyLoss& loss, const Vector& weights,
               const Vector& intercepts) {
  Vector w = Vector::Zero(3 * intercepts.size());
  w.tail(intercepts.size()) = intercepts;
  return make_linear(data.x, y, loss, intercepts.size(), {.row_weights = weights})->loss(w);
}

/// What Brent's method finds: the least loss, and where.
std::pair<double, double> minimum(const Data& data, const Vector& y, const AnyLoss& loss, const Vector& weights) {
  const auto value = [&](double b) { return loss_at(data, y, loss, weights, Vector::Constant(1, b)); };
  return boost::math::tools::brent_find_minima(value, -30.0, 30.0, 40);
}

}  // namespace

TEST_CASE("at the constant the losses and slopes are those of the model with weights 0") {
  Data data;
  const std::pair<AnyLoss, const Vector*> models[] = {{LeastSquaresLoss{}, &data.numbers},
                                                      {HuberLoss{}, &data.numbers},
                                                      {LogisticLoss{}, &data.labels},
                                                      {PoissonLoss{}, &data.counts}};
  data.x.setRandom();
  for (const auto& [loss, y] : models) {
    for (const Vector& weights : {Vector(), data.weights}) {
      for (const bool intercept : {true, false}) {
        const Problem problem{&data.x, *y, loss, 1, {.row_weights = weights}, 0, intercept};
        Vector w = Vector::Zero(problem.size()), gradient;
        if (intercept) w.tail<1>() = best_constant(problem);
        const double expected = make_linear(data.x, *y, loss, 1, {.row_weights = weights})->loss(w, gradient);
        const AtConstant found = at_constant(problem);
        const double weight = weights.size() > 0 ? weights.sum() : rows;
        CAPTURE(loss.index(), weights.size(), intercept);
        CHECK(found.loss == Approx(expected));
        CHECK((data.x.transpose() * found.slopes / weight - gradient.head(2)).norm() < 1e-13 * found.slopes.norm());
      }
    }
  }
}

TEST_CASE("the best constant minimises the loss over the intercept, with row weights and without") {
  const Data data;
  const std::pair<AnyLoss, const Vector*> models[] = {{LeastSquaresLoss{}, &data.numbers},
                                                      {LogisticLoss{}, &data.labels},
                                                      {PoissonLoss{}, &data.counts},
                                                      {SquaredHingeLoss{}, &data.labels}};
  for (const auto& [loss, y] : models) {
    for (const Vector& weights : {Vector(), data.weights}) {
      const auto [where, least] = minimum(data, *y, loss, weights);
      const Vector b = constant(data, *y, loss, weights);
      INFO(loss.index() << ", weighted " << weights.size() << ", seed " << seed);
      REQUIRE(b.size() == 1);
      CHECK(b[0] == Approx(where).margin(1e-5));  // Brent's method has half the digits
      CHECK(loss_at(data, *y, loss, weights, b) <= least + 1e-14);
      Vector gradient;
      make_linear(data.x, *y, loss, 1, {.row_weights = weights})->loss(Vector{{0, 0, b[0]}}, gradient);
      CHECK(std::abs(gradient[2]) < 1e-13);
    }
  }
}

TEST_CASE("where a median or a quantile is taken the loss is as near the least as the losses' shapes promise") {
  const Data data;
  for (const Vector& weights : {Vector(), data.weights}) {
    for (const double width : {1e-6, 0.01, 1.0}) {
      for (const double level : {0.1, 0.5, 0.9}) {
        // At most width / 4 above the pinball loss, whose minimum a quantile is.
        const AnyLoss loss = QuantileLoss{.level = level, .width = width};
        const Vector b = constant(data, data.numbers, loss, weights);
        const double least = minimum(data, data.numbers, loss, weights).second;
        CHECK(loss_at(data, data.numbers, loss, weights, b) <= least + width / 4);
      }
      // Between delta |r| − delta²/2 and delta |r|, whose minimum a median is.
      const AnyLoss huber = HuberLoss{.delta = width};
      const Vector b = constant(data, data.numbers, huber, weights);
      const double least = minimum(data, data.numbers, huber, weights).second;
      CHECK(loss_at(data, data.numbers, huber, weights, b) <= least + width * width / 2);
    }
  }
}

TEST_CASE("a quantile has that share of the rows' weight on either side, ties and ends included") {
  const Data data;
  const auto check = [&](const Vector& y, const Vector& weights, double level) {
    const double b = constant(data, y, QuantileLoss{.level = level}, weights)[0];
    const Vector counts = weights.size() > 0 ? weights : Vector::Ones(y.size());
    const double below = (y.array() < b).select(counts.array(), 0.0).sum(),
                 up_to = (y.array() <= b).select(counts.array(), 0.0).sum(), all = counts.sum();
    CHECK(below <= level * all * (1 + 1e-12));
    CHECK(up_to >= level * all * (1 - 1e-12));
  };
  for (const double level : {0.001, 0.1, 0.25, 0.5, 0.7, 0.999}) {
    for (const Vector& weights : {Vector(), data.weights}) {
      check(data.numbers, weights, level);
      check(data.counts, weights, level);
    }
    const Vector few{{3, 1, 2, 2}};
    check(few, {}, level);
    check(few, Vector{{1, 0, 5, 0}}, level);
    check(Vector::Ones(1), {}, level);
  }
}

TEST_CASE("softmax begins at the classes' shares, weighted where there are weights") {
  const Data data;
  for (const Vector& weights : {Vector(), data.weights}) {
    const Vector b = constant(data, data.classes, SoftmaxLoss{}, weights, 3);
    REQUIRE(b.size() == 3);
    Vector w = Vector::Zero(9), gradient;
    w.tail(3) = b;
    make_linear(data.x, data.classes, SoftmaxLoss{}, 3, {.row_weights = weights})->loss(w, gradient);
    CHECK(max_norm(gradient) < 1e-14);
  }
}

TEST_CASE("one class only, or no event at all, begins at a number, not at minus infinity") {
  const Data data;
  const Vector none = Vector::Zero(rows), all = Vector::Ones(rows);
  for (const Vector& y : {none, all}) {
    for (const AnyLoss& loss : {AnyLoss(LogisticLoss{}), AnyLoss(PoissonLoss{}), AnyLoss(SquaredHingeLoss{})}) {
      const double b = constant(data, y, loss, {})[0];
      CHECK(std::isfinite(b));
      CHECK(std::abs(b) < 20);
    }
  }
  CHECK(constant(data, none, LogisticLoss{}, {})[0] < -10);
  CHECK(constant(data, all, LogisticLoss{}, {})[0] > 10);
  CHECK(constant(data, none, PoissonLoss{}, {})[0] < -10);
  CHECK(constant(data, none, SoftmaxLoss{}, {}, 2).allFinite());
}

TEST_CASE("what rounding leaves of a gradient is above that at the best constant, and far below that of any column") {
  Data data;
  const std::pair<AnyLoss, const Vector*> models[] = {{LeastSquaresLoss{}, &data.numbers},
                                                      {LogisticLoss{}, &data.labels},
                                                      {SquaredHingeLoss{}, &data.labels},
                                                      {PoissonLoss{}, &data.counts},
                                                      {SoftmaxLoss{}, &data.classes}};
  for (const auto& [loss, y] : models) {
    const Index classes = std::holds_alternative<SoftmaxLoss>(loss) ? 3 : 1;
    for (const Vector& weights : {Vector(), data.weights}) {
      const Problem problem{&data.x, *y, loss, classes, {.row_weights = weights}, 0, true};
      const Vector intercepts = best_constant(problem);
      Vector w = Vector::Zero(3 * classes), gradient(3 * classes);
      w.tail(classes) = intercepts;
      make_linear(data.x, *y, loss, classes, {.row_weights = weights})->loss(w, gradient);
      DenseMatrix ones = DenseMatrix::Ones(rows, 2);
      const double rounding =
          gradient_rounding(intercepts, {&ones, *y, loss, classes, {.row_weights = weights}, 0, true});
      CHECK(max_norm(gradient) <= rounding);
      CHECK(rounding <= 1e-13 * (1 + max_norm(*y)));
    }
  }
}

TEST_CASE("rounding is measured in the target's unit, and in that of columns smaller than 1") {
  Data data;
  const auto rounding = [&](const DenseMatrix& x, const Vector& y) {
    return gradient_rounding(Vector::Constant(1, y.mean()), {&x, y, LeastSquaresLoss{}, 1, {}, 0, true});
  };
  const DenseMatrix ones = DenseMatrix::Ones(rows, 2);
  const double expected = rounding(ones, data.numbers);
  CHECK(expected > 0);
  CHECK(rounding(ones, 1e-50 * data.numbers) == Approx(1e-50 * expected));
  CHECK(rounding(1e-20 * ones, data.numbers) == Approx(1e-20 * expected));
  CHECK(rounding(1e20 * ones, data.numbers) == expected);
}

TEST_CASE("of many rows, in the order of their classes, the gradient at the constant is rounding and known as such") {
  const Index many = 600'000, first = 200'003;
  const DenseMatrix ones = DenseMatrix::Ones(many, 1);
  Vector y = Vector::Zero(many);
  y.head(first).setOnes();
  for (const AnyLoss& loss : {AnyLoss{LogisticLoss{}}, AnyLoss{SquaredHingeLoss{}}, AnyLoss{LeastSquaresLoss{}}}) {
    const Problem problem{&ones, y, loss, 1, {}, 0, true};
    Vector w = Vector::Zero(2), gradient(2);
    w.tail<1>() = best_constant(problem);
    make_linear(ones, y, loss, 1, {})->loss(w, gradient);
    CHECK(max_norm(gradient) <= gradient_rounding(w, problem));
    CHECK(gradient_rounding(w, problem) <= 4e-12);
  }
}

TEST_CASE("what a margin's last digit changes in a slope counts as rounding: of a target far from zero") {
  Data data;
  const Vector far = data.numbers.array() + 1e12;
  const Problem problem{&data.x, far, LeastSquaresLoss{}, 1, {}, 0, true};
  Vector w = Vector::Zero(3);
  w.tail<1>() = best_constant(problem);
  const double rounding = gradient_rounding(w, problem);
  CHECK(rounding >= 0.5 * epsilon * 1e12);
  CHECK(rounding <= 2 * epsilon * 1e12);
}

TEST_CASE("of many rows that are all alike the constant is that number, to its last digits") {
  const Index many = 1'000'003;
  const DenseMatrix x = DenseMatrix::Zero(many, 1);
  const Vector y = Vector::Constant(many, 0.1);
  for (const Vector& weights : {Vector(), Vector(Vector::Constant(many, 0.7))}) {
    const Problem problem{&x, y, LeastSquaresLoss{}, 1, {.row_weights = weights}, 0, true};
    CHECK(std::abs(best_constant(problem)[0] - 0.1) <= epsilon * 0.1);
  }
}
