#include "surefoot/objectives/gram_sums.hpp"

#include "catch.hpp"
#include "surefoot/objectives/linear.hpp"

using namespace surefoot;

TEST_CASE("the sums of all pieces together take an eighth of the data or 16 MB, however many threads there are") {
  const DenseMatrix small = DenseMatrix::Zero(2'000, 10), middle = DenseMatrix::Zero(17'000, 1'000);
  for (const Index size : {1, 11, 101, 501, 1001, 1025, 3001}) {
    const double each = 8.0 * static_cast<double>(size) * static_cast<double>(size);
    for (const DenseMatrix* X : {&small, &middle}) {
      const double may_take = std::max(static_cast<double>(X->size()), 16e6);  // an eighth of 8 bytes each
      const Index pieces = GramSums<DenseMatrix>::most_pieces(size, *X);
      INFO(size << " weights, " << X->rows() << " rows");
      CHECK(pieces >= 1);
      CHECK((pieces == 1 || static_cast<double>(pieces) * each <= may_take));
    }
  }
  CHECK(GramSums<DenseMatrix>::most_pieces(1001, middle) == 2);  // of two threads each has one
  CHECK(GramSums<DenseMatrix>::most_pieces(101, small) >= 100);
}
