#include "fit/columns.hpp"

#include "catch.hpp"
#include "surefoot/loop/numbers.hpp"

using namespace surefoot;
using namespace surefoot::fitting;

TEST_CASE("what is multiplied with the columns while they are standardised is as if they had been before") {
  const DenseMatrix x = DenseMatrix::Random(3000, 50).array() * 3 + 10;
  const Vector factors = Vector::Random(3000);
  std::vector<std::string> notes;
  for (const int threads : {1, 2}) {
    const Columns columns = standardise(x, notes, threads, factors);
    const DenseMatrix standard = (x.rowwise() - columns.centre.transpose()) * columns.scale.cwiseInverse().asDiagonal();
    CHECK(standard.colwise().mean().cwiseAbs().maxCoeff() < 1e-13);
    CHECK((standard.colwise().squaredNorm() / 3000).isOnes(1e-12));
    CHECK((columns.products - standard.transpose() * factors).norm() < 1e-11 * factors.norm());
    CHECK(standardise(x, notes, threads).products.isZero());
  }
}

TEST_CASE("a column that does not vary has an infinite scale, and no product") {
  DenseMatrix x = DenseMatrix::Random(40, 3);
  x.col(1).setConstant(7);
  std::vector<std::string> notes;
  const Columns columns = standardise(x, notes, 1, Vector::Random(40));
  CHECK(columns.scale[1] == infinity);
  CHECK(columns.products[1] == 0);
}
