#include "fit/some_columns.hpp"

#include "catch.hpp"

using namespace surefoot;
using namespace surefoot::fitting;

namespace {

const AnyLoss logistic = LogisticLoss{};  // a problem looks at its loss

/// Fifty rows of sixty columns, standardised in passing; rows count differently.
template <class Matrix>
void check_copy(const Matrix& x, const Vector& centre) {
  Vector y(50), row_weights(50);
  for (Index i = 0; i < 50; ++i) {
    y[i] = i % 3 == 0 ? 1 : 0;
    row_weights[i] = 0.5 + static_cast<double>(i % 4);
  }
  const Problem problem{
      .x = &x,
      .y = y,
      .loss = logistic,
      .classes = 1,
      .linear = {.l2 = 0.3, .centre = centre, .scale = Vector::LinSpaced(60, 0.5, 2), .row_weights = row_weights},
      .l1 = 0.1,
      .intercept = true,
      .start = {}};
  const auto whole = make_linear(x, y, logistic, 1, problem.linear);
  SomeColumns some(problem, {3, 7, 20, 59});
  Vector w = Vector::Zero(61), within, of_set(5), back, gradient(61), expected;
  w[3] = 1;
  w[20] = -0.5;
  w[59] = 0.2;
  w[60] = 0.7;
  some.enter(w, within);
  CHECK(within.size() == 5);
  some.leave(within, back);
  CHECK(back == w);
  CHECK(some.objective().loss(within, of_set) == Approx(whole->loss(w, gradient)).epsilon(1e-14));
  some.enter(gradient, expected);
  CHECK((of_set - expected).norm() <= 1e-13 * expected.norm());
  CHECK(some.share() > 0);
  CHECK(some.share() < 0.2);
  CHECK(some.copy_cost() <= 1);
}

}  // namespace

TEST_CASE("a copy of some columns has the loss and the gradient that those columns have among all") {
  const DenseMatrix dense = DenseMatrix::Random(50, 60);
  check_copy(dense, Vector::LinSpaced(60, -1, 1));
  const DenseMatrix thinned = dense.unaryExpr([](double x) { return std::abs(x) > 0.7 ? x : 0.0; });
  const SparseMatrix sparse = thinned.sparseView();
  check_copy(sparse, {});
}
