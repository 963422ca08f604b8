#include "fit/sample.hpp"

#include <algorithm>
#include <array>
#include <random>
#include <set>

#include "catch.hpp"
#include "support/dense_algebra.hpp"
#include "surefoot/coordinates/gram.hpp"
#include "surefoot/loop/numbers.hpp"

using namespace surefoot;
using namespace surefoot::fitting;

namespace {

constexpr unsigned seed = 3;

// The model looks at the sample's rows where they lie.
static_assert(!std::is_copy_constructible_v<Sample>);
static_assert(!std::is_move_constructible_v<Sample>);

struct Data {
  DenseMatrix x{60, 5};
  SparseMatrix sparse{};
  Vector y{60}, weights{60};  // 0, 1, 2: targets that every loss takes (for two classes: their halves)

  Data() {
    std::mt19937_64 random(seed);
    std::normal_distribution<double> normal;
    for (Index i = 0; i < 60; ++i) {
      for (Index j = 0; j < 5; ++j) x(i, j) = random() % 2 == 0 ? 0 : normal(random);
      y[i] = static_cast<double>(random() % 3);
      weights[i] = static_cast<double>(random() % 3);
    }
    sparse = x.sparseView();
  }
  LinearOptions options(bool weighted) const {
    return {.l2 = 0.1,
            .centre = Vector::LinSpaced(5, -1, 1),
            .scale = Vector::LinSpaced(5, 0.5, 2),
            .row_weights = weighted ? weights : Vector(),
            .threads = 2};
  }
};

const std::vector<AnyLoss> losses{LeastSquaresLoss{}, HuberLoss{},   QuantileLoss{},    LogisticLoss{},
                                  SoftmaxLoss{},      PoissonLoss{}, SquaredHingeLoss{}};

template <class Matrix>
void check_rows(const Data& data, const Matrix& x) {
  const std::vector<Index> rows{0, 3, 4, 17, 31, 58, 59};
  for (const AnyLoss& loss : losses) {
    const bool two_classes = std::visit([]<class Loss>(const Loss&) { return is_binary<Loss>; }, loss);
    const Index classes = std::holds_alternative<SoftmaxLoss>(loss) ? 3 : 1;
    const Vector y = two_classes ? Vector(data.y.cwiseMin(1)) : data.y;
    for (const bool weighted : {false, true}) {
      const Problem problem{&x, y, loss, classes, data.options(weighted), 0, true, {}};
      Sample sample(problem, rows);

      // The same model over those rows, picked out here.
      const DenseMatrix picked = data.x(rows, Eigen::all);
      const Vector picked_y = y(rows);
      LinearOptions options = data.options(false);
      if (weighted) options.row_weights = data.weights(rows);
      const auto expected_model = make_linear(picked, picked_y, loss, classes, options);

      const Vector w = Vector::LinSpaced(6 * classes, -0.5, 0.7);
      Vector gradient, expected;
      INFO(loss.index() << ", weighted " << weighted << ", seed " << seed);
      CHECK(sample.rows() == 7);
      CHECK(sample.objective().rows() == 7);
      CHECK(sample.objective().threads() == 1);
      CHECK(sample.objective().loss(w, gradient) == Approx(expected_model->loss(w, expected)).epsilon(1e-14));
      CHECK(max_norm(gradient - expected) < 1e-14);
    }
  }
}

}  // namespace

TEST_CASE("a sample of rows is the same model over those rows, of every loss, dense and sparse, weighted or not") {
  const Data data;
  check_rows(data, data.x);
  check_rows(data, data.sparse);
  SparseMatrix loose = data.sparse;
  loose.uncompress();
  REQUIRE_FALSE(loose.isCompressed());
  check_rows(data, loose);
}

TEST_CASE("rows are drawn once each, in order, in two sets that share none, and always the same ones") {
  for (const auto& [rows, first, second] :
       {std::array<Index, 3>{10, 3, 4}, {1000, 100, 500}, {1000, 0, 10}, {1000, 10, 0}, {7, 3, 4}, {5, 0, 0}}) {
    const auto [a, b] = draw_rows(rows, first, second);
    INFO(rows << " rows, " << first << " and " << second);
    CHECK(std::ssize(a) == first);
    CHECK(std::ssize(b) == second);
    CHECK(std::is_sorted(a.begin(), a.end()));
    CHECK(std::is_sorted(b.begin(), b.end()));
    std::set<Index> all(a.begin(), a.end());
    all.insert(b.begin(), b.end());
    CHECK(std::ssize(all) == first + second);
    CHECK((all.empty() || (*all.begin() >= 0 && *all.rbegin() < rows)));
    CHECK(draw_rows(rows, first, second) == std::pair(a, b));
  }
}

TEST_CASE("rows are drawn evenly: a tenth of them has a tenth of each tenth, about") {
  const auto [a, b] = draw_rows(100'000, 10'000, 10'000);
  for (const auto& set : {a, b}) {
    for (Index tenth = 0; tenth < 10; ++tenth) {
      const auto in = std::count_if(set.begin(), set.end(), [=](Index row) { return row / 10'000 == tenth; });
      CHECK(std::abs(static_cast<double>(in) - 1000) < 150);  // five standard deviations
    }
  }
}

TEST_CASE("a sample of rows that all have weight 0 is one of rows that count alike") {
  Data data;
  data.weights.setZero();
  data.weights[59] = 1;
  const AnyLoss loss = LeastSquaresLoss{};
  const Problem problem{&data.x, data.y, loss, 1, data.options(true), 0, true, {}};
  CHECK(std::isfinite(Sample(problem, {0, 1, 2}).objective().loss(Vector::Ones(6))));
}

TEST_CASE("a sample's metric has the diagonal of all rows, also in columns that the sample lacks or that are zero") {
  Data data;
  data.x.col(2).setZero();  // a column of zeros
  data.x.col(3).setZero();
  data.x(50, 3) = 2;  // a rare one
  const AnyLoss loss = LogisticLoss{};
  const Vector y = data.y.cwiseMin(1);
  for (const double l2 : {0.0, 0.1}) {
    const Problem problem{&data.x, y, loss, 1, {.l2 = l2}, 0, true, {}};
    Sample sample(problem, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15});
    const auto all = make_linear(data.x, y, loss, 1, {.l2 = l2});
    const Vector w = Vector::Constant(6, 0.1);
    Vector diagonal(6);
    all->curvature(w, diagonal);
    sample.expect(w, diagonal);
    Eigen::MatrixXd metric, of_sample;
    sample.hessian(w, metric);
    INFO(metric);
    for (Index j = 0; j < 6; ++j) CHECK(metric(j, j) == Approx(diagonal[j]).epsilon(1e-12));
    // What pairs of columns have in common is less than the sample says, by 1 + 6 columns / 16 rows at least.
    sample.objective().hessian(w, of_sample);
    for (Index j = 0; j < 6; ++j) {
      for (Index i = 0; i < j; ++i) {
        CHECK(std::abs(metric(i, j)) <= std::abs(of_sample(i, j)) / (1 + 6.0 / 16) * (1 + 1e-12));
        CHECK(metric(i, j) * of_sample(i, j) >= 0);
      }
    }
    // It is a metric: no direction curves downwards.
    const Eigen::MatrixXd whole = metric.selfadjointView<Eigen::Upper>();
    CHECK(test::least_eigenvalue(whole) >= -1e-12);
  }
}

TEST_CASE("a column of infinite scale, without a penalty, leaves the sample's metric of the others as it is") {
  const Data data;
  const AnyLoss loss = LogisticLoss{};
  const Vector y = data.y.cwiseMin(1);
  LinearOptions options;
  options.scale = Vector{{1, 1, infinity, 1, 1}};
  const Problem problem{&data.x, y, loss, 1, options, 0, true, {}};
  Sample sample(problem, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15});
  const Vector w = Vector::Constant(6, 0.1);
  Vector diagonal(6);
  make_linear(data.x, y, loss, 1, options)->curvature(w, diagonal);
  sample.expect(w, diagonal);
  Eigen::MatrixXd metric;
  sample.hessian(w, metric);
  INFO(metric);
  for (const Index j : {0, 1, 3, 4, 5}) CHECK(metric(j, j) == Approx(diagonal[j]).epsilon(1e-12));
  CHECK(metric(2, 2) > 0);
}
