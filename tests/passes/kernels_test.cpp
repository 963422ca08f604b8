#include "surefoot/passes/kernels.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "passes/instruction_sets.hpp"
#include "support/guarded.hpp"
#include "surefoot/loop/numbers.hpp"
#include "surefoot/vector.hpp"

using namespace surefoot;
using namespace surefoot::passes;
using surefoot::test::Guarded;
using surefoot::test::on_each_instruction_set;

namespace {

using Index = passes::Index;
constexpr unsigned seed = 2024;
constexpr long double eps = std::numeric_limits<double>::epsilon();

/// Rows that end where memory does, with NaN between one row's end and the next row.
template <class Value>
struct Block {
  Index rows, columns, stride;
  Guarded<Value> values;

  Block(Index rows_, Index columns_, Index stride_, std::mt19937_64& random)
      : rows(rows_),
        columns(columns_),
        stride(stride_),
        values(rows == 0 ? 0 : (rows - 1) * stride + columns, std::numeric_limits<Value>::quiet_NaN()) {
    std::normal_distribution<double> normal;
    for (Index i = 0; i < rows; ++i) {
      for (Index j = 0; j < columns; ++j) values[i * stride + j] = static_cast<Value>(normal(random));
    }
  }
  long double operator()(Index i, Index j) const { return static_cast<long double>(values[i * stride + j]); }
  DenseRows<Value> view() const { return {values.data(), rows, columns, stride}; }
};

void fill_randomly(Guarded<double>& values, std::mt19937_64& random) {
  std::normal_distribution<double> normal;
  for (double& value : values) value = normal(random);
}

void multiply_with(const Kernels& kernel, const DenseRows<double>& x, const double* w, double offset, double* margins) {
  kernel.multiply(x, w, offset, margins);
}
void multiply_with(const Kernels& kernel, const DenseRows<float>& x, const double* w, double offset, double* margins) {
  kernel.multiply_floats(x, w, offset, margins);
}
void accumulate_with(const Kernels& kernel, const DenseRows<double>& x, const double* factors, double* sum) {
  kernel.accumulate(x, factors, sum);
}
void accumulate_with(const Kernels& kernel, const DenseRows<float>& x, const double* factors, double* sum) {
  kernel.accumulate_floats(x, factors, sum);
}
void multiply_with(const Kernels& kernel, const SparseRows<double>& x, const double* w, double offset,
                   double* margins) {
  kernel.multiply_sparse(x, w, offset, margins);
}
void multiply_with(const Kernels& kernel, const SparseRows<float>& x, const double* w, double offset, double* margins) {
  kernel.multiply_sparse_floats(x, w, offset, margins);
}
void accumulate_with(const Kernels& kernel, const SparseRows<double>& x, const double* factors, double* sum) {
  kernel.accumulate_sparse(x, factors, sum);
}
void accumulate_with(const Kernels& kernel, const SparseRows<float>& x, const double* factors, double* sum) {
  kernel.accumulate_sparse_floats(x, factors, sum);
}
void squares_with(const Kernels& kernel, const DenseRows<double>& x, const double* factors, const double* centre,
                  const double* inverse_scale, double* sum) {
  kernel.squares(x, factors, centre, inverse_scale, sum);
}
void squares_with(const Kernels& kernel, const DenseRows<float>& x, const double* factors, const double* centre,
                  const double* inverse_scale, double* sum) {
  kernel.squares_floats(x, factors, centre, inverse_scale, sum);
}
void gram_with(const Kernels& kernel, const GramRows<double>& x, double* gram, double* scratch) {
  kernel.gram(x, gram, scratch);
}
void gram_with(const Kernels& kernel, const GramRows<float>& x, double* gram, double* scratch) {
  kernel.gram_floats(x, gram, scratch);
}

/// How far `value` is from the sum, in units of what adding `terms` products in any order may lose. NaN: infinitely.
double error_of(double value, long double sum, long double sum_of_sizes, Index terms) {
  const long double error = std::abs(static_cast<long double>(value) - sum);
  const auto may_lose = static_cast<long double>(terms + 1) * eps * sum_of_sizes;
  if (error == 0) return 0;
  return error <= may_lose ? static_cast<double>(error / may_lose) : infinity;
}

/// Sparse rows of 0 to 13 entries that end where memory does; if they are spaced, with room after each row whose columns
/// are far beyond the last.
template <class Value>
struct SparseBlock {
  static constexpr Index columns = 40, room = 3;
  Index rows;
  bool spaced;
  std::vector<Index> lengths{};
  Guarded<std::int32_t> begin, counts, places;
  Guarded<Value> values;

  static Index total(const std::vector<Index>& lengths, bool spaced) {
    Index sum = 0;
    for (std::size_t i = 0; i < lengths.size(); ++i) sum += lengths[i] + (spaced && i + 1 < lengths.size() ? room : 0);
    return sum;
  }
  SparseBlock(std::vector<Index> lengths_, bool spaced_, bool ones, std::mt19937_64& random)
      : rows(std::ssize(lengths_)),
        spaced(spaced_),
        lengths(std::move(lengths_)),
        begin(rows + (spaced ? 0 : 1), 0),
        counts(rows, 0),
        places(total(lengths, spaced), 1 << 30),
        values(places.size(), std::numeric_limits<Value>::quiet_NaN()) {
    std::normal_distribution<double> normal;
    std::vector<std::int32_t> all(columns);
    std::iota(all.begin(), all.end(), 0);
    std::int32_t at = 0;
    for (Index i = 0; i < rows; ++i) {
      const auto length = static_cast<std::int32_t>(lengths[static_cast<std::size_t>(i)]);
      begin[i] = at;
      counts[i] = length;
      std::shuffle(all.begin(), all.end(), random);
      for (std::int32_t k = 0; k < length; ++k) {
        places[at + k] = all[static_cast<std::size_t>(k)];
        values[at + k] = static_cast<Value>(ones ? 1 : normal(random));
      }
      at += length + (spaced && i + 1 < rows ? static_cast<std::int32_t>(room) : 0);
    }
    if (!spaced) begin[rows] = at;
  }
  SparseRows<Value> view(bool ones) const {
    return {ones ? nullptr : values.data(), places.data(), begin.data(), spaced ? counts.data() : nullptr, rows};
  }
};

template <class Value>
void for_sparse_blocks(const std::function<void(const SparseBlock<Value>&, const SparseRows<Value>&)>& check) {
  std::mt19937_64 random(seed);
  std::vector<Index> lengths(14);
  std::iota(lengths.begin(), lengths.end(), 0);
  for (int round = 0; round < 8; ++round) {
    for (const bool ones : {false, true}) {
      for (const bool spaced : {false, true}) {
        INFO("ones " << ones << ", spaced " << spaced << ", seed " << seed << ", round " << round);
        const SparseBlock<Value> x(lengths, spaced, ones, random);
        check(x, x.view(ones));
      }
    }
    std::shuffle(lengths.begin(), lengths.end(), random);
  }
  const SparseBlock<Value> nothing({}, false, false, random);
  check(nothing, nothing.view(false));
}

template <class Value>
void check_multiply_sparse() {
  std::mt19937_64 random(seed);
  for_sparse_blocks<Value>([&](const SparseBlock<Value>& x, const SparseRows<Value>& rows) {
    Guarded<double> w(x.columns, 0), margins(x.rows, 0);
    fill_randomly(w, random);
    const double offset = 0.7;
    on_each_instruction_set([&](const Kernels& kernel) {
      margins.fill(not_a_number);
      multiply_with(kernel, rows, w.data(), offset, margins.data());
      double worst = 0;
      for (Index i = 0; i < x.rows; ++i) {
        long double sum = offset, sizes = offset;
        for (Index k = 0; k < x.counts[i]; ++k) {
          const long double term = static_cast<long double>(x.values[x.begin[i] + k]) * w[x.places[x.begin[i] + k]];
          sum += term;
          sizes += std::abs(term);
        }
        worst = std::max(worst, error_of(margins[i], sum, sizes, x.counts[i]));
      }
      CHECK(worst <= 1);
    });
  });
}

template <class Value>
void check_accumulate_sparse() {
  std::mt19937_64 random(seed);
  for_sparse_blocks<Value>([&](const SparseBlock<Value>& x, const SparseRows<Value>& rows) {
    Guarded<double> factors(x.rows, 0), before(x.columns, 0), sum(x.columns, 0);
    fill_randomly(factors, random);
    fill_randomly(before, random);
    if (x.rows > 0) factors[x.rows / 2] = 0;
    on_each_instruction_set([&](const Kernels& kernel) {
      std::copy(before.begin(), before.end(), sum.begin());
      accumulate_with(kernel, rows, factors.data(), sum.data());
      std::vector<long double> expected(before.begin(), before.end()), sizes(expected.size());
      for (Index i = 0; i < x.rows; ++i) {
        for (Index k = 0; k < x.counts[i]; ++k) {
          const auto j = static_cast<std::size_t>(x.places[x.begin[i] + k]);
          const long double term = static_cast<long double>(x.values[x.begin[i] + k]) * factors[i];
          expected[j] += term;
          sizes[j] += std::abs(term);
        }
      }
      double worst = 0;
      for (std::size_t j = 0; j < expected.size(); ++j) {
        const double at = before[static_cast<Index>(j)];
        worst = std::max(worst, error_of(sum[static_cast<Index>(j)], expected[j], sizes[j] + std::abs(at), x.rows));
      }
      CHECK(worst <= 1);
    });
  });
}

/// Every width up to the point where a row no longer stays in registers, on each side of a whole number of packs, and a
/// few wide ones.
std::vector<Index> widths() {
  std::vector<Index> columns{63, 64, 65, 66, 67, 100, 500};
  for (Index j = 0; j <= 40; ++j) columns.push_back(j);
  return columns;
}

template <class Check>
void for_shapes(Check&& check) {
  for (const Index columns : widths()) {
    for (const Index stride : {columns, columns + 1, columns + 7}) {
      for (Index rows = 0; rows <= 20; ++rows) {
        INFO(rows << " rows of " << columns << " columns, " << stride << " apart, seed " << seed);
        check(rows, columns, stride);
      }
    }
  }
}

template <class Value>
void check_multiply() {
  std::mt19937_64 random(seed);
  for_shapes([&](Index rows, Index columns, Index stride) {
    const Block<Value> x(rows, columns, stride, random);
    Guarded<double> w(columns, 0), margins(rows, 0);
    fill_randomly(w, random);
    const double offset = 0.7;
    on_each_instruction_set([&](const Kernels& kernel) {
      margins.fill(not_a_number);
      multiply_with(kernel, x.view(), w.data(), offset, margins.data());
      double worst = 0;
      for (Index i = 0; i < rows; ++i) {
        long double sum = offset, sizes = offset;
        for (Index j = 0; j < columns; ++j) {
          sum += x(i, j) * w[j];
          sizes += std::abs(x(i, j) * w[j]);
        }
        worst = std::max(worst, error_of(margins[i], sum, sizes, columns));
      }
      CHECK(worst <= 1);
    });
  });
}

template <class Value>
void check_accumulate() {
  std::mt19937_64 random(seed);
  for_shapes([&](Index rows, Index columns, Index stride) {
    const Block<Value> x(rows, columns, stride, random);
    Guarded<double> factors(rows, 0), before(columns, 0), sum(columns, 0);
    fill_randomly(factors, random);
    fill_randomly(before, random);
    on_each_instruction_set([&](const Kernels& kernel) {
      std::copy(before.begin(), before.end(), sum.begin());
      accumulate_with(kernel, x.view(), factors.data(), sum.data());
      double worst = 0;
      for (Index j = 0; j < columns; ++j) {
        long double expected = before[j], sizes = std::abs(before[j]);
        for (Index i = 0; i < rows; ++i) {
          expected += x(i, j) * factors[i];
          sizes += std::abs(x(i, j) * factors[i]);
        }
        worst = std::max(worst, error_of(sum[j], expected, sizes, rows));
      }
      CHECK(worst <= 1);
    });
  });
}

template <class Value>
void check_squares() {
  std::mt19937_64 random(seed);
  for_shapes([&](Index rows, Index columns, Index stride) {
    const Block<Value> x(rows, columns, stride, random);
    Guarded<double> factors(rows, 0), centre(columns, 0), scale(columns, 0), before(columns, 0), sum(columns, 0);
    for (Guarded<double>* values : {&factors, &centre, &scale, &before}) fill_randomly(*values, random);
    const bool scaled = rows % 2 == 0;
    on_each_instruction_set([&](const Kernels& kernel) {
      std::copy(before.begin(), before.end(), sum.begin());
      squares_with(kernel, x.view(), factors.data(), centre.data(), scaled ? scale.data() : nullptr, sum.data());
      double worst = 0;
      for (Index j = 0; j < columns; ++j) {
        long double expected = before[j], sizes = std::abs(before[j]);
        for (Index i = 0; i < rows; ++i) {
          const long double difference = (x(i, j) - centre[j]) * (scaled ? scale[j] : 1.0L),
                            term = factors[i] * difference * difference;
          expected += term;
          sizes += std::abs(term);
        }
        worst = std::max(worst, error_of(sum[j], expected, sizes, rows + 6));
      }
      CHECK(worst <= 1);
    });
  });
}

/// What a Gram matrix is made of; each may be missing.
struct Fitting {
  bool centre, scale, intercept;
};
constexpr Fitting every_fitting[] = {{false, false, false}, {false, false, true}, {true, false, false},
                                     {true, true, true},    {false, true, true},  {true, true, false}};

using LongMatrix = Eigen::Matrix<long double, Eigen::Dynamic, Eigen::Dynamic>;
using LongVector = Eigen::Matrix<long double, Eigen::Dynamic, 1>;

/// The rows as they are fitted, rounded nowhere.
template <class Value>
LongMatrix fitted(const Block<Value>& x, const Guarded<double>& centre, const Guarded<double>& scale, Fitting fitting) {
  LongMatrix rows(x.rows, x.columns + (fitting.intercept ? 1 : 0));
  rows.setOnes();
  for (Index i = 0; i < x.rows; ++i) {
    for (Index j = 0; j < x.columns; ++j) {
      rows(i, j) = x(i, j);
      if (fitting.centre) rows(i, j) -= centre[j];
      if (fitting.scale) rows(i, j) *= scale[j];
    }
  }
  return rows;
}

template <class Value>
void check_gram(Index rows, Index columns, Fitting fitting) {
  INFO(rows << " rows of " << columns << " columns, centre " << fitting.centre << ", scale " << fitting.scale
            << ", intercept " << fitting.intercept << ", seed " << seed);
  std::mt19937_64 random(seed);
  const Block<Value> x(rows, columns, columns + 3, random);
  Guarded<double> factors(rows, 0), centre(columns, 0), scale(columns, 0);
  fill_randomly(factors, random);
  fill_randomly(centre, random);
  fill_randomly(scale, random);
  for (double& factor : factors) factor = factor < -1 ? 0 : factor * factor;  // some rows count nothing

  const LongMatrix fitted_rows = fitted(x, centre, scale, fitting);
  const LongVector weights = Eigen::Map<const Vector>(factors.data(), rows).cast<long double>();
  const LongMatrix sum = fitted_rows.transpose() * weights.asDiagonal() * fitted_rows,
                   sizes = fitted_rows.cwiseAbs().transpose() * weights.asDiagonal() * fitted_rows.cwiseAbs();

  const Index size = fitted_rows.cols();
  Guarded<double> before(size * size, 0), gram(size * size, 0), scratch(gram_scratch(size), 0);
  fill_randomly(before, random);
  on_each_instruction_set([&](const Kernels& kernel) {
    std::copy(before.begin(), before.end(), gram.begin());
    scratch.fill(not_a_number);
    gram_with(kernel,
              GramRows<Value>{x.view(), factors.data(), fitting.centre ? centre.data() : nullptr,
                              fitting.scale ? scale.data() : nullptr, fitting.intercept},
              gram.data(), scratch.data());
    double worst = 0;
    for (Index i = 0; i < size; ++i) {
      for (Index j = 0; j <= i; ++j) {
        const double at = before[i * size + j];
        // Each factor of a product was rounded three times on its way.
        worst = std::max(worst, error_of(gram[i * size + j], sum(i, j) + at, sizes(i, j) + std::abs(at), rows + 8));
      }
    }
    CHECK(worst <= 1);
  });
}

template <class Value>
void check_grams() {
  for (const Fitting fitting : every_fitting) {
    for (Index columns = 1; columns <= 40; ++columns) {
      for (const Index rows : {0, 1, 2, 7, 20}) check_gram<Value>(rows, columns, fitting);
    }
    check_gram<Value>(60, 100, fitting);
  }
}

}  // namespace

TEST_CASE("the plainest kernels come first, the best of this machine are the ones in use") {
  int count = 0;
  const Kernels* const* all = all_kernels(count);
  REQUIRE(count >= 1);
  CHECK(std::string(all[0]->name) == "plain");
  CHECK(&kernels() == all[count - 1]);
#if defined(__x86_64__)
  CHECK((count > 1) == (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")));
#endif
}

TEST_CASE("margins are the sums of products, whatever the width and the stride, and nothing beyond a row is read") {
  check_multiply<double>();
  check_multiply<float>();
}

TEST_CASE("the gradient gains the sums of products, and nothing beyond its end is written") {
  check_accumulate<double>();
  check_accumulate<float>();
}

TEST_CASE("margins and gradients of sparse rows are the sums over what is stored, and nothing beside it is read") {
  check_multiply_sparse<double>();
  check_multiply_sparse<float>();
  check_accumulate_sparse<double>();
  check_accumulate_sparse<float>();
}

TEST_CASE("a weight that is not finite shows in the margins of the sparse rows that have its column, and in no other") {
  std::mt19937_64 random(seed);
  for (const double bad : {infinity, not_a_number}) {
    for (std::int32_t column : {0, 7, 39}) {
      for_sparse_blocks<double>([&](const SparseBlock<double>& x, const SparseRows<double>& rows) {
        Guarded<double> w(x.columns, 0.5), margins(x.rows, 0);
        w[column] = bad;
        on_each_instruction_set([&](const Kernels& kernel) {
          kernel.multiply_sparse(rows, w.data(), 0, margins.data());
          for (Index i = 0; i < x.rows; ++i) {
            double sum = 0;
            for (Index k = x.begin[i]; k < x.begin[i] + x.counts[i]; ++k) sum += x.values[k] * w[x.places[k]];
            CHECK(std::isnan(margins[i]) == std::isnan(sum));
            CHECK(std::isinf(margins[i]) == std::isinf(sum));
          }
        });
      });
    }
  }
}

TEST_CASE("the Hessian's diagonal gains the squares about the centre, which keep their digits") {
  check_squares<double>();
  check_squares<float>();
}

TEST_CASE("the Gram matrix is that of the fitted rows in long double, in every size, and its scratch is enough") {
  check_grams<double>();
  check_grams<float>();
}

TEST_CASE("rows that fill several blocks of the Gram kernel count like the first") {
  for (const Fitting fitting : every_fitting) {
    check_gram<double>(1000, 5, fitting);
    check_gram<float>(300, 37, fitting);
  }
  check_gram<double>(17, 1540, {true, false, true});  // so wide that a block is the fewest rows
}

TEST_CASE("a Gram matrix of a scale that is infinite has zeros, to the bit, in that column") {
  std::mt19937_64 random(seed);
  const Block<double> x(30, 9, 9, random);
  const Vector factors = Vector::Ones(30), centre = Vector::Constant(9, 0.1);
  Vector inverse_scale = Vector::Constant(9, 0.5);
  inverse_scale[4] = 0;
  Eigen::MatrixXd gram(9, 9);
  Vector scratch(gram_scratch(9));
  on_each_instruction_set([&](const Kernels& kernel) {
    gram.setZero();
    kernel.gram({x.view(), factors.data(), centre.data(), inverse_scale.data(), false}, gram.data(), scratch.data());
    for (Index j = 0; j < 9; ++j) {
      CHECK(gram(std::min<Index>(j, 4), std::max<Index>(j, 4)) == 0);
    }
    CHECK(gram(3, 3) > 0);
  });
}

TEST_CASE("where the numbers lie in memory changes no bit of a sum") {
  std::mt19937_64 random(seed);
  for (const Index columns : {1, 7, 16, 33, 67, 500}) {
    const Index rows = 19;
    const Block<double> x(rows, columns, columns, random);
    Guarded<double> w(columns, 0), factors(rows, 0);
    fill_randomly(w, random);
    fill_randomly(factors, random);
    on_each_instruction_set([&](const Kernels& kernel) {
      Vector margins(rows), sum = Vector::Zero(columns);
      kernel.multiply(x.view(), w.data(), 1, margins.data());
      kernel.accumulate(x.view(), factors.data(), sum.data());
      for (std::size_t shift = 1; shift < 8; ++shift) {
        std::vector<double> moved(shift + static_cast<std::size_t>(rows * columns));
        std::copy(x.values.begin(), x.values.end(), moved.begin() + static_cast<std::ptrdiff_t>(shift));
        const DenseRows<double> there{moved.data() + shift, rows, columns, columns};
        Vector margins_there(rows), sum_there = Vector::Zero(columns);
        kernel.multiply(there, w.data(), 1, margins_there.data());
        kernel.accumulate(there, factors.data(), sum_there.data());
        INFO(columns << " columns, moved by " << shift << ", seed " << seed);
        CHECK(margins == margins_there);
        CHECK(sum == sum_there);
      }
    });
  }
}

TEST_CASE("a number that is not finite spoils the margin of its own row and no other") {
  std::mt19937_64 random(seed);
  for (const Index columns : {3, 8, 20, 45, 100}) {
    Block<double> x(17, columns, columns, random);
    const Vector w = Vector::Ones(columns);
    for (const Index row : {0, 5, 15, 16}) {
      for (const Index column : {Index(0), columns - 1}) {
        const double kept = x.values[row * columns + column];
        for (const double bad : {not_a_number, infinity}) {
          x.values[row * columns + column] = bad;
          on_each_instruction_set([&](const Kernels& kernel) {
            Vector margins(17);
            kernel.multiply(x.view(), w.data(), 0, margins.data());
            INFO("row " << row << ", column " << column << " of " << columns << " is " << bad);
            for (Index i = 0; i < 17; ++i) CHECK(std::isfinite(margins[i]) == (i != row));
            CHECK(std::isnan(margins[row]) == std::isnan(bad));
          });
        }
        x.values[row * columns + column] = kept;
      }
    }
  }
}
