#include "surefoot/coordinates/hessian.hpp"

#include <cmath>

#include "catch.hpp"
#include "support/dense_algebra.hpp"

using namespace surefoot;

namespace {

using Matrix = Eigen::MatrixXd;

/// What is told of an objective: its Hessian, and how many rows it is of.
struct Told {
  Matrix H;
  int of_rows;
  void hessian(const Vector&, Matrix& to) const { to = H; }
  void curvature(const Vector&, Vector& diagonal) const { diagonal = H.diagonal(); }
  int rows() const { return of_rows; }
};

Matrix some_hessian(Eigen::Index size, double lean) {
  const Matrix x = Matrix::NullaryExpr(40, size, [=](Eigen::Index i, Eigen::Index j) {
    return std::cos(1.7 * static_cast<double>((i + 1) * (j + 2))) + lean;
  });
  return x.transpose() * x / 40;
}

/// An iteration divides the decrement by two. Four of them, after which 1/8 is left.
Pace halving() {
  Pace pace;
  for (const double decrement : {1.0, 0.5, 0.25}) pace.pays(decrement, 1e-3, 0);
  return pace;
}

}  // namespace

TEST_CASE("a sample's Hessian gets the diagonal of all rows, and says less of pairs the fewer rows it has") {
  const Matrix all = some_hessian(5, 0.5);
  Matrix sample = some_hessian(5, 0.2);
  sample.row(1) *= 3;  // too much of this column
  sample.col(1) *= 3;
  sample.row(3).setZero();  // nothing of that one
  sample.col(3).setZero();
  for (const int rows : {10, 1000}) {
    Told objective{all, 1'000'000}, of_sample{sample, rows};
    Matrix metric;
    sampled_hessian(objective, of_sample, Vector::Zero(5), metric);
    metric = Matrix(metric.selfadjointView<Eigen::Upper>());
    CHECK((metric.diagonal() - all.diagonal()).norm() < 1e-14);
    for (Eigen::Index j = 0; j < 5; ++j) {
      for (Eigen::Index i = 0; i < j; ++i) {
        CHECK(std::abs(metric(i, j)) <= std::abs(sample(i, j)) / (1 + 5.0 / rows) * (1 + 1e-14));
      }
    }
    CHECK(test::least_eigenvalue(metric) > 0);
  }
}

TEST_CASE("the metric is the objective's own, where it has one beside its Hessian") {
  struct Bent {
    static void hessian(const Vector&, Eigen::MatrixXd& to) { to = Eigen::MatrixXd::Constant(1, 1, 2); }
  };
  struct Flat : Bent {
    static void metric(const Vector&, Eigen::MatrixXd& to) { to = Eigen::MatrixXd::Constant(1, 1, 3); }
  };
  Bent bent;
  Flat flat;
  Eigen::MatrixXd found;
  find_metric(bent, Vector::Zero(1), found);
  CHECK(found(0, 0) == 2);
  find_metric(flat, Vector::Zero(1), found);
  CHECK(found(0, 0) == 3);
}

TEST_CASE("a fresh Hessian pays when what is left, at this pace, costs more than it and the iterations after it") {
  // The gradient is to fall to 1e-3 of the first, so the decrement from 1 to 1e-6: from 1/8, ln(125,000) / ln 2 = 16.9
  // halvings are left. A Hessian of 12.5 passes with 4 iterations after it costs less, one of 13.5 passes more.
  CHECK(halving().pays(0.125, 1e-3, 12.5));
  CHECK_FALSE(halving().pays(0.125, 1e-3, 13.5));
  CHECK(halving().refreshes() == 0);

  // The metric near the end lasts: from the second on it counts half of that.
  Pace pace = halving();
  pace.refreshed();
  CHECK(pace.refreshes() == 1);
  for (const double decrement : {1.0, 0.5, 0.25})
    CHECK_FALSE(pace.pays(decrement, 1e-3, 0));  // a new pace is to be seen
  CHECK(Pace(pace).pays(0.125, 1e-3, 29));       // 29 / 2 + 2 = 16.5
  CHECK_FALSE(Pace(pace).pays(0.125, 1e-3, 31));
}

TEST_CASE("what is not for sale is not bought, whatever the pace: slow, none, or backwards") {
  for (const double last : {0.125, 1.0, 8.0}) {
    Pace pace = halving();
    CHECK_FALSE(pace.pays_at(last, 1e-3, [](double) { return infinity; }));
    CHECK(halving().pays_at(last, 1e-3, [](double) { return 0; }));
  }
}

TEST_CASE("a fresh Hessian is not asked for before four iterations, at the goal, or where nothing is known") {
  Pace first;
  for (const double decrement : {1.0, 1.0, 1.0}) CHECK_FALSE(first.pays(decrement, 1e-3, 0));
  CHECK(first.pays(1.0, 1e-3, 1e6));             // no progress at all
  CHECK_FALSE(halving().pays(0.9e-6, 1e-3, 0));  // there
  CHECK_FALSE(halving().pays(not_a_number, 1e-3, 0));
  CHECK(halving().pays(2, 1e-3, 1e6));  // on the way up
}
