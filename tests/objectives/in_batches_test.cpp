#include "surefoot/objectives/in_batches.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>
#include <string>
#include <type_traits>
#include <vector>

#include "catch.hpp"
#include "support/allocations.hpp"
#include "support/linear_data.hpp"
#include "support/thrown.hpp"
#include "surefoot/check_gradient.hpp"
#include "surefoot/minimize.hpp"

using namespace surefoot;
using namespace surefoot::test;

namespace {

// What a caller writes, deduced by both compilers.
static_assert(
    std::is_same_v<decltype(InBatches{std::declval<Logistic<ColumnMajor>&>(), 256}), InBatches<Logistic<ColumnMajor>>>);
static_assert(std::is_same_v<decltype(InBatches{std::declval<Softmax<SparseMatrix>&>(), 256, 7}),
                             InBatches<Softmax<SparseMatrix>>>);

// What Diagonal, Gram, WithL1, Boxed and find_step refuse.
static_assert(Batched<InBatches<Logistic<DenseMatrix>>> && !Batched<Logistic<DenseMatrix>>);
static_assert(HasLoss<InBatches<Softmax<DenseMatrix>>> && HasJointLoss<InBatches<Softmax<DenseMatrix>>>);

static_assert(!std::is_constructible_v<InBatches<Logistic<DenseMatrix>>, Logistic<DenseMatrix>, Index>,
              "it would look at a model that is gone");
static_assert(!std::is_copy_constructible_v<InBatches<Logistic<DenseMatrix>>>);

std::vector<int> all_batches(int count) {
  std::vector<int> all(static_cast<std::size_t>(count));
  std::iota(all.begin(), all.end(), 0);
  return all;
}

/// The mean of the batches' losses and gradients is that of all rows; in any order, so that no batch leaves anything behind.
template <class Model>
void check_mean(InBatches<Model>& batches, const Vector& w) {
  Vector gradient(w.size()), expected(w.size()), sum = Vector::Zero(w.size());
  batches.select(-1);
  const double whole = batches.loss(w, expected);
  std::vector<int> order = all_batches(batches.batches());
  std::rotate(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(order.size() / 2), order.end());
  double losses = 0;
  for (const int batch : order) {
    batches.select(batch);
    const double loss = batches.loss(w, gradient);
    CHECK(batches.loss(w) == loss);
    losses += loss;
    sum += gradient;
  }
  CHECK(losses / batches.batches() == Approx(whole).epsilon(1e-12));
  CHECK(largest(sum / batches.batches() - expected) <= 1e-12 * (1 + largest(expected)));
}

/// By the definition, of a batch's rows alone, as its share of the mean over all rows.
template <class Loss>
Answer batch_by_definition(const Loss& loss, const Data& data, const Vector& w, LinearOptions options,
                           std::span<const Index> rows, int batches) {
  const Vector weights = options.row_weights.size() > 0 ? options.row_weights : Vector::Ones(data.X.rows());
  const double l2 = options.l2;
  options.l2 = 0;
  options.row_weights = Vector::Zero(weights.size());
  for (const Index row : rows) options.row_weights[row] = weights[row];
  const double weight = options.row_weights.sum();
  Answer answer{0, Vector::Zero(w.size()), {}};
  if (weight > 0) {
    const Answer mean = by_definition(loss, data, w, options);
    const double share = batches * weight / weights.sum();
    answer = {share * mean.loss, share * mean.gradient, {}};
  }
  const auto of_columns = w.head(data.X.cols());
  answer.loss += l2 / 2 * of_columns.squaredNorm();
  answer.gradient.head(data.X.cols()) += l2 * of_columns;
  return answer;
}

template <class Matrix, class Loss>
void check_against_definition(const Loss& loss, const Data& data, const std::vector<Index>& batch_sizes) {
  const Matrix X = in_layout<Matrix>(data.X);
  for (const LinearOptions& options : option_sets(X.rows(), X.cols())) {
    LinearObjective<Loss, Matrix> model(X, target_of<Loss>(data), options, loss);
    for (const Index batch_size : batch_sizes) {
      InBatches batches{model, batch_size};
      for (const Index size : {X.cols(), X.cols() + 1}) {
        INFO(Loss::name << ", batches of " << batch_size << ", " << size << " weights, l2 " << options.l2
                        << ", centred " << options.centre.size() << ", scaled " << options.scale.size() << ", weighted "
                        << options.row_weights.size());
        const Vector w = some_weights(size);
        Vector gradient(size);
        for (int batch = 0; batch < batches.batches(); ++batch) {
          batches.select(batch);
          const Answer expected = batch_by_definition(loss, data, w, options, batches.rows(batch), batches.batches());
          CHECK(batches.loss(w, gradient) == Approx(expected.loss).epsilon(1e-12));
          CHECK(largest(gradient - expected.gradient) <= 1e-12 * (1 + largest(expected.gradient)));
        }
        check_mean(batches, w);
      }
    }
  }
}

template <class Loss>
void check_layouts(const Loss& loss) {
  const Data data = some_data(37, 6);
  const std::vector<Index> sizes{1, 8, 36};  // of 37 rows: all alike, 8 8 7 7 7, 19 18
  check_against_definition<DenseMatrix>(loss, data, sizes);
  check_against_definition<ColumnMajor>(loss, data, sizes);
  check_against_definition<SparseMatrix>(loss, data, sizes);
  check_against_definition<SparseColumns>(loss, data, sizes);
  check_against_definition<DenseFloats>(loss, data, sizes);
  check_against_definition<ColumnMajorFloats>(loss, data, sizes);
  check_against_definition<SparseFloats>(loss, data, sizes);
  check_against_definition<SparseColumnsOfFloats>(loss, data, sizes);
}

Vector classes_of(Index rows, Index classes) {
  return Vector::NullaryExpr(rows, [=](Index i) { return static_cast<double>((i * i + i / 3) % classes); });
}

template <class Matrix>
void check_softmax() {
  const ColumnMajor all = some_data(37, 6).X;
  const Matrix X = in_layout<Matrix>(all);
  const Vector y = classes_of(37, 3);
  for (const LinearOptions& options : option_sets(37, 6)) {
    Softmax<Matrix> model(X, y, 3, options);
    InBatches batches{model, 8};
    for (const Index size : {3 * 6, 3 * 7}) {
      INFO(size << " weights, l2 " << options.l2 << ", centred " << options.centre.size() << ", scaled "
                << options.scale.size() << ", weighted " << options.row_weights.size());
      const Vector w = some_weights(size);
      check_mean(batches, w);

      // A batch is softmax over its rows, in a matrix of their own.
      for (int batch = 0; batch < batches.batches(); ++batch) {
        const std::vector<Index> rows(batches.rows(batch).begin(), batches.rows(batch).end());
        const ColumnMajor own = all(rows, Eigen::all);
        const Vector own_targets = y(rows);
        LinearOptions own_options = options;
        own_options.l2 = 0;
        own_options.row_weights =
            options.row_weights.size() > 0 ? Vector(options.row_weights(rows)) : Vector::Ones(own.rows());
        const double of_all = options.row_weights.size() > 0 ? options.row_weights.sum() : 37;
        const double share = batches.batches() * own_options.row_weights.sum() / of_all;
        Vector expected(size), gradient(size);
        double loss = share * Softmax{own, own_targets, 3, own_options}.loss(w, expected);
        loss += options.l2 / 2 * w.head(18).squaredNorm();
        expected *= share;
        expected.head(18) += options.l2 * w.head(18);
        batches.select(batch);
        CHECK(batches.loss(w, gradient) == Approx(loss).epsilon(1e-12));
        CHECK(largest(gradient - expected) <= 1e-12 * (1 + largest(expected)));
      }
    }
  }
}

/// Targets of a line, with noise of that size.
Data noisy_line(Index rows, Index columns, double noise) {
  Data data = some_data(rows, columns);
  const Vector own = data.targets - data.X.col(0);  // normal, of deviation 2
  for (Index j = 0; j < columns; ++j) data.X.col(j) /= std::pow(2.0, static_cast<double>(j % 4));
  data.targets = data.X * Vector::LinSpaced(columns, -1, 2) + noise * own + Vector::Constant(rows, 0.5);
  return data;
}

struct AtLeastOne : LeastSquaresLoss {
  static constexpr double lower_bound = 1;
};

}  // namespace

TEST_CASE("least squares: the loss of a batch is that of its rows, and the batches' mean that of all rows") {
  check_layouts(LeastSquaresLoss{});
}
TEST_CASE("Huber: the loss of a batch is that of its rows, and the batches' mean that of all rows") {
  check_layouts(HuberLoss{.delta = 0.7});
}
TEST_CASE("quantile: the loss of a batch is that of its rows, and the batches' mean that of all rows") {
  check_layouts(QuantileLoss{.level = 0.3, .width = 0.4});
}
TEST_CASE("logistic: the loss of a batch is that of its rows, and the batches' mean that of all rows") {
  check_layouts(LogisticLoss{});
}
TEST_CASE("Poisson: the loss of a batch is that of its rows, and the batches' mean that of all rows") {
  check_layouts(PoissonLoss{});
}
TEST_CASE("squared hinge: the loss of a batch is that of its rows, and the batches' mean that of all rows") {
  check_layouts(SquaredHingeLoss{});
}
TEST_CASE("softmax: the loss of a batch is that of its rows, and the batches' mean that of all rows") {
  check_softmax<DenseMatrix>();
  check_softmax<ColumnMajor>();
  check_softmax<SparseMatrix>();
  check_softmax<SparseColumns>();
  check_softmax<DenseFloats>();
  check_softmax<ColumnMajorFloats>();
  check_softmax<SparseFloats>();
  check_softmax<SparseColumnsOfFloats>();
}

TEST_CASE("batches may be of more rows than a block of a pass") {
  const Data data = some_data(5000, 17);
  check_against_definition<DenseMatrix>(LogisticLoss{}, data, {1700});
  check_against_definition<SparseColumns>(LogisticLoss{}, data, {1700});
}

TEST_CASE("batches are gathered where the rows lie: a map, a block, strides, sparse with gaps or wide indices") {
  const Data data = some_data(20, 4);
  const DenseMatrix rows = data.X;
  const Vector w = some_weights(5);
  Logistic plain{rows, data.labels};
  InBatches expected{plain, 3};
  const auto check = [&](const auto& X) {
    Logistic model{X, data.labels};
    InBatches batches{model, 3};
    for (int batch = 0; batch < batches.batches(); ++batch) {
      batches.select(batch);
      expected.select(batch);
      CHECK(batches.loss(w) == Approx(expected.loss(w)).epsilon(1e-14));
    }
    check_mean(batches, w);
  };

  check(Eigen::Map<const DenseMatrix>(rows.data(), 20, 4));
  ColumnMajor wider(25, 9);
  wider.setConstant(3);
  wider.block(2, 5, 20, 4) = data.X;
  check(wider.block(2, 5, 20, 4));
  DenseMatrix table(20, 8);
  Eigen::Map<DenseMatrix, 0, Eigen::Stride<8, 2>> strided(table.data(), 20, 4);
  strided = rows;
  check(strided);

  const auto with_gaps = [&](auto sparse) {
    sparse.reserve(Eigen::VectorXi::Constant(static_cast<int>(sparse.outerSize()), 20));
    for (Index i = 0; i < 20; ++i) {
      for (Index j = 0; j < 4; ++j) {
        if (data.X(i, j) != 0) sparse.insert(i, j) = data.X(i, j);
      }
    }
    REQUIRE_FALSE(sparse.isCompressed());
    check(sparse);
  };
  with_gaps(SparseMatrix(20, 4));
  with_gaps(SparseColumns(20, 4));
  const Eigen::SparseMatrix<double, Eigen::RowMajor, Index> wide_rows = data.X.sparseView();
  const Eigen::SparseMatrix<double, Eigen::ColMajor, Index> wide_columns = data.X.sparseView();
  check(wide_rows);
  check(wide_columns);
}

TEST_CASE("batches of a sparse matrix may be empty, or all ones") {
  ColumnMajor X = (some_data(30, 5).X.array() != 0).cast<double>();
  X.topRows(20).setZero();
  const Vector y = some_data(30, 5).labels, w = some_weights(6);
  const auto check = [&](const auto& sparse) {
    Logistic model{sparse, y};
    InBatches batches{model, 4};
    check_mean(batches, w);
  };
  const SparseMatrix ones = X.sparseView();
  const SparseColumns columns = X.sparseView();
  check(ones);
  check(columns);
  check(SparseMatrix(30, 5));
  check(SparseColumns(30, 5));
}

TEST_CASE("each row is in one batch; none has more than asked for, or two fewer than another") {
  for (const Index rows : {1, 2, 10, 37, 1000}) {
    for (const Index size : {1, 2, 7, 10, 999}) {
      INFO(rows << " rows, batches of " << size);
      const RowBatches batches(rows, size, 1);
      CHECK(batches.count() == (rows + size - 1) / size);
      std::set<Index> seen;
      Index fewest = rows, most = 0;
      for (int batch = 0; batch < batches.count(); ++batch) {
        const auto own = batches.rows(batch);
        CHECK(std::is_sorted(own.begin(), own.end()));
        seen.insert(own.begin(), own.end());
        fewest = std::min(fewest, static_cast<Index>(own.size()));
        most = std::max(most, static_cast<Index>(own.size()));
      }
      CHECK(static_cast<Index>(seen.size()) == rows);
      CHECK(*seen.rbegin() == rows - 1);
      CHECK(most <= size);
      CHECK(most == batches.largest());
      CHECK(most - fewest <= 1);
    }
  }
}

TEST_CASE("a seed deals the same rows again, another seed others") {
  const auto first_batch = [](std::uint64_t seed) {
    const RowBatches batches(1000, 50, seed);
    return std::vector<Index>(batches.rows(0).begin(), batches.rows(0).end());
  };
  CHECK(first_batch(3) == first_batch(3));
  CHECK(first_batch(3) != first_batch(4));
}

TEST_CASE("of a table sorted by class every batch has some of each") {
  const Data data = some_data(1000, 3);
  const Vector y = Vector::NullaryExpr(1000, [](Index i) { return i < 500 ? 0.0 : 1.0; });
  Logistic model{data.X, y};
  InBatches batches{model, 50};
  for (int batch = 0; batch < batches.batches(); ++batch) {
    double positive = 0;
    for (const Index row : batches.rows(batch)) positive += y[row];
    // Of 50 drawn from 1000 the deviation is 3.4: this is four of them.
    CHECK(positive > 11);
    CHECK(positive < 39);
  }
}

TEST_CASE("a batch size of all rows or more is one batch, read by the model itself") {
  const Data data = some_data(30, 3);
  Logistic model{data.X, data.labels, {.l2 = 0.1}};
  const Vector w = some_weights(4);
  const double expected = model.loss(w);
  for (const Index size : {30, 31, 1'000'000'000}) {
    InBatches batches{model, size};
    CHECK(batches.batches() == 1);
    const long before = model.reads();
    for (const int batch : {-1, 0}) {
      batches.select(batch);
      CHECK(batches.loss(w) == expected);
    }
    CHECK(model.reads() == before + 2);
    CHECK(batches.reads() == static_cast<double>(before + 2));
  }
}

TEST_CASE("in one batch of all rows a run arrives where it does without batches") {
  const Data data = noisy_line(500, 5, 0.25);
  LeastSquares model{data.X, data.targets, {.l2 = 0.1}};
  InBatches batches{model, 500};
  const Result expected = minimize(model, Vector::Zero(6)), result = minimize(batches, Vector::Zero(6));
  CHECK(result.ok());
  CHECK((result.w - expected.w).norm() < 1e-6);
}

TEST_CASE("all rows are read by the model's own pass: the same bits") {
  const Data data = some_data(3000, 40);
  const DenseMatrix X = data.X;
  Logistic model{X, data.labels, {.l2 = 0.1, .threads = 2}};
  const Vector w = some_weights(41);
  Vector expected(41), gradient(41);
  const double loss = model.loss(w, expected);
  InBatches batches{model, 100};
  CHECK(batches.loss(w, gradient) == loss);  // before anything is selected
  batches.select(3);
  CHECK(batches.loss(w) != loss);
  batches.select(-1);
  CHECK(batches.loss(w, gradient) == loss);
  CHECK(gradient == expected);
}

TEST_CASE("the model's threads read a batch for which they pay") {
  const DenseMatrix X = DenseMatrix::Random(60'000, 10);
  const Vector y = (X.col(0).array() > 0.1).cast<double>();
  Logistic model{X, y, {.l2 = 0.1, .threads = 3}};
  InBatches batches{model, 30'000};  // 2.4 MB
  check_mean(batches, some_weights(11));
}

TEST_CASE("a batch size below 1 is refused by name, and so is a batch that there is not") {
  const Data data = some_data(10, 3);
  Logistic model{data.X, data.labels};
  for (const Index size : {0, -1}) {
    CHECK(thrown([&] { InBatches(model, size); }) ==
          "batch_size = " + std::to_string(size) + " of InBatches is out of range: it must be >= 1");
  }
  InBatches batches{model, 4};
  for (const int batch : {-2, 3}) {
    CHECK(thrown([&] { batches.select(batch); }) ==
          "batch = " + std::to_string(batch) + " of InBatches is out of range: it must be in [-1, 2]");
  }
}

TEST_CASE("weights of a wrong size are refused on a batch as by the model") {
  const Data data = some_data(10, 3);
  Logistic model{data.X, data.labels};
  InBatches batches{model, 4};
  const std::string message = thrown([&] { model.loss(Vector::Zero(5)); });
  batches.select(1);
  CHECK(mentions(message, "w has 5 entries"));
  CHECK(thrown([&] { batches.loss(Vector::Zero(5)); }) == message);
}

TEST_CASE("the gradient of a batch is what differences of its loss say") {
  const Data data = some_data(60, 4);
  Poisson model{data.X, data.counts, {.l2 = 0.2, .scale = Vector::Constant(4, 5)}};
  InBatches batches{model, 25};
  for (const int batch : {-1, 0, 1, 2}) {
    batches.select(batch);
    CHECK(check_gradient(batches, some_weights(5)).ok);
  }
}

TEST_CASE("a bound of the loss holds for every batch, or there is none") {
  const Data data = some_data(10, 3);
  Logistic logistic{data.X, data.labels};
  Poisson poisson{data.X, data.counts};
  CHECK(InBatches(logistic, 4).lower_bound() == 0);
  CHECK(InBatches(poisson, 4).lower_bound() == -infinity);
  LinearObjective<AtLeastOne, ColumnMajor> bounded(data.X, data.targets);
  CHECK(InBatches(bounded, 4).lower_bound() == -infinity);  // batches of 4 and 3 rows: one counts for less than 1
}

TEST_CASE("to select a batch and to call it allocates nothing after the first call, in any layout") {
  if (!allocations_are_counted()) return;
  const Data data = some_data(3000, 40);
  const auto check = [](auto model, Index size) {
    InBatches batches{model, 70};
    const Vector w = some_weights(size);
    Vector gradient(size);
    double sum = 0;
    const auto call = [&](int batch) {
      batches.select(batch);
      sum += batches.loss(w) + batches.loss(w, gradient);
    };
    call(-1);
    call(0);
    const long before = allocations();
    for (int batch = -1; batch < batches.batches(); ++batch) call(batch);
    const long made = allocations() - before;
    CHECK(made == 0);
    CHECK(std::isfinite(sum));
  };
  const DenseMatrix rows = data.X;
  const SparseMatrix sparse_rows = data.X.sparseView();
  const SparseColumns sparse_columns = data.X.sparseView();
  const DenseFloats floats = data.X.cast<float>();
  const Vector classes = classes_of(3000, 5);
  for (const LinearOptions& options : option_sets(3000, 40)) {
    check(Logistic{rows, data.labels, options}, 41);
    check(LeastSquares{data.X, data.targets, options}, 41);
    check(Logistic{sparse_rows, data.labels, options}, 41);
    check(LeastSquares{sparse_columns, data.targets, options}, 41);
    check(Poisson{floats, data.counts, options}, 41);
    check(Softmax{sparse_rows, classes, 5, options}, 5 * 41);
  }
}

TEST_CASE("reads are shares of a read of all: a batch's once when it is gathered, then each call's") {
  const Data data = some_data(100, 3);
  Logistic model{data.X, data.labels};
  const Vector w = some_weights(4);
  InBatches batches{model, 25};
  Vector gradient(4);
  for (int batch = 0; batch < 4; ++batch) {
    batches.select(batch);
    batches.loss(w, gradient);
  }
  CHECK(batches.reads() == 2);
  batches.select(3);  // it is there still
  batches.loss(w);
  CHECK(batches.reads() == 2.25);
  batches.select(-1);
  batches.loss(w);
  CHECK(batches.reads() == 3.25);
  batches.select(3);
  CHECK(batches.reads() == 3.25);
}

TEST_CASE("where a model can be exact, mini-batches lead to it, from any first step") {
  const Data data = noisy_line(1000, 5, 0);
  LeastSquares model{data.X, data.targets};
  Vector truth(6);
  truth << Vector::LinSpaced(5, -1, 2), 0.5;
  REQUIRE(model.loss(truth) < 1e-28);
  for (const Index batch_size : {20, 64, 300}) {
    for (const std::optional<double> first : {std::optional<double>(), {1e-10}, {1e10}}) {
      INFO("batches of " << batch_size << ", first step " << first.value_or(0));
      InBatches batches{model, batch_size};
      const Result result = minimize(batches, Vector::Zero(6), {.first_step = first});
      CHECK(result.status == Status::converged);
      CHECK((result.w - truth).norm() < 1e-6);
      CHECK(result.loss == model.loss(result.w));
    }
  }
}

TEST_CASE("on noisy data mini-batches come near the optimum, from any first step") {
  const Data data = noisy_line(2000, 5, 0.25);
  const Vector labels = (data.targets.array() > 0.5).cast<double>();
  const auto check = [](auto model, Index size) {
    const Vector start = Vector::Zero(size);
    const double least = minimize(model, start).loss, at_start = model.loss(start);
    for (const std::optional<double> first : {std::optional<double>(), {1e-10}, {1e10}}) {
      INFO("first step " << first.value_or(0));
      InBatches batches{model, 256};
      const Result result = minimize(batches, start, {.stop = {.max_iterations = 400}, .first_step = first});
      CHECK(result.loss - least < 0.05 * (at_start - least));
      CHECK(result.loss == model.loss(result.w));
    }
  };
  check(LeastSquares{data.X, data.targets}, 6);
  check(Huber{data.X, data.targets}, 6);
  check(Logistic{data.X, labels, {.l2 = 1e-3}}, 6);
  check(SquaredHinge{data.X, labels, {.l2 = 1e-3}}, 6);
  check(Softmax{data.X, labels, 2, {.l2 = 1e-3}}, 12);
}
