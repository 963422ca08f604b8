#include "surefoot/passes/threads.hpp"

#include <atomic>
#include <chrono>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "catch.hpp"
#include "surefoot/loop/numbers.hpp"
#include "surefoot/objectives/linear.hpp"
#include "surefoot/objectives/softmax.hpp"

using namespace surefoot;

namespace {

constexpr unsigned seed = 5;
constexpr Index classes = 3;

/// `per_row` numbers a row, other entries zero; the targets are classes.
template <class Matrix>
struct Data {
  Matrix X;
  Vector labels, targets, weights;  // of two classes; of three

  Data(Index rows, Index columns, Index per_row) : X(rows, columns), labels(rows), targets(rows), weights(rows) {
    std::mt19937_64 random(seed);
    std::normal_distribution<double> normal;
    if constexpr (!is_sparse<Matrix>) X.setZero();
    std::vector<Eigen::Triplet<double>> entries;
    for (Index i = 0; i < rows; ++i) {
      for (Index k = 0; k < per_row; ++k) {
        const Index j = (k * columns + static_cast<Index>(random() % static_cast<std::uint64_t>(columns))) / per_row;
        if constexpr (is_sparse<Matrix>) {
          entries.emplace_back(i, j, normal(random));
        } else {
          X(i, j) = static_cast<typename Matrix::Scalar>(normal(random));
        }
      }
      targets[i] = static_cast<double>(random() % classes);
      labels[i] = targets[i] > 0 ? 1 : 0;
      weights[i] = static_cast<double>(random() % 3);
    }
    if constexpr (is_sparse<Matrix>) X.setFromTriplets(entries.begin(), entries.end());
  }
  LinearOptions options(int threads) const {
    return {.l2 = 1e-3,
            .centre = Vector::LinSpaced(X.cols(), -1, 1),
            .scale = Vector::LinSpaced(X.cols(), 0.5, 3),
            .row_weights = weights,
            .threads = threads};
  }
};

/// The loss, then its gradient.
template <class Model>
Vector answer(Model& model, const Vector& w) {
  Vector gradient(w.size()), all(w.size() + 1);
  all[0] = model.loss(w, gradient);
  all.tail(w.size()) = gradient;
  return all;
}

Vector some_weights(Index size) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal(0, 0.1);
  return Vector::NullaryExpr(size, [&] { return normal(random); });
}

/// make(threads) is a model; w its weights. The rest of what a pass computes is looked at where there is some.
template <class Make>
void check_model(Make&& make, const Vector& w) {
  Vector alone;
  for (int threads = 1; threads <= 4; ++threads) {
    INFO(threads << " threads, seed " << seed);
    auto model = make(threads);
    CHECK(model.threads() == threads);
    const Vector first = answer(model, w);
    CHECK(model.loss(w) == first[0]);
    for (int repeat = 0; repeat < 5; ++repeat) CHECK(answer(model, w) == first);
    auto another = make(threads);
    CHECK(answer(another, w) == first);
    if (threads == 1) alone = first;
    CHECK(first[0] == Approx(alone[0]).epsilon(1e-13));
    CHECK(max_norm(first - alone) <= 1e-13 * max_norm(alone));
  }
}

template <class Matrix>
void check_models(Index rows, Index columns, Index per_row) {
  const Data<Matrix> data(rows, columns, per_row);
  INFO(rows << " x " << columns);
  for (int threads = 2; threads <= 4; ++threads) {
    REQUIRE(pieces_of(data.X, threads, rows_per_block(data.X)).count > 1);
  }
  check_model(
      [&](int threads) {
        return Logistic{data.X, data.labels, data.options(threads)};
      },
      some_weights(columns + 1));
  check_model(
      [&](int threads) {
        return Softmax{data.X, data.targets, classes, data.options(threads)};
      },
      some_weights(classes * (columns + 1)));
}

}  // namespace

TEST_CASE("each piece of work is done exactly once, on any number of threads") {
  for (int threads = 0; threads <= 4; ++threads) {
    for (const std::ptrdiff_t pieces : {0, 1, 2, 3, 7, 100, 1000}) {
      std::vector<std::atomic<int>> done(static_cast<std::size_t>(pieces));
      passes::for_each_piece(threads, pieces, [&](std::ptrdiff_t piece) { ++done[static_cast<std::size_t>(piece)]; });
      INFO(threads << " threads, " << pieces << " pieces");
      CHECK(std::all_of(done.begin(), done.end(), [](const auto& times) { return times == 1; }));
    }
  }
}

TEST_CASE("no more threads work at a time than were asked for") {
  for (const int threads : {1, 2, 3}) {
    std::atomic<int> now = 0, most = 0;
    passes::for_each_piece(threads, 200, [&](std::ptrdiff_t) {
      const int working = ++now;
      int seen = most;
      while (working > seen && !most.compare_exchange_weak(seen, working)) {
      }
      std::this_thread::sleep_for(std::chrono::microseconds(20));
      --now;
    });
    CHECK(most >= 1);
    CHECK(most <= threads);
  }
}

TEST_CASE("what a piece throws comes out, and the next work runs as ever") {
  for (int threads = 1; threads <= 4; ++threads) {
    const auto work = [&](std::ptrdiff_t piece) {
      if (piece == 3) throw std::runtime_error("piece 3 is broken");
    };
    CHECK_THROWS_WITH(passes::for_each_piece(threads, 50, work), "piece 3 is broken");
    std::atomic<int> done = 0;
    passes::for_each_piece(threads, 50, [&](std::ptrdiff_t) { ++done; });
    CHECK(done == 50);
  }
}

TEST_CASE("a piece may share out work of its own") {
  std::atomic<int> done = 0;
  passes::for_each_piece(2, 10,
                         [&](std::ptrdiff_t) { passes::for_each_piece(2, 10, [&](std::ptrdiff_t) { ++done; }); });
  CHECK(done == 100);
}

TEST_CASE("this process may use a processor") { CHECK(passes::available_threads() >= 1); }

TEST_CASE("a loss and its gradient are the same bits in every run of one thread count, and agree between counts") {
  check_models<DenseMatrix>(20000, 30, 30);
  check_models<Eigen::MatrixXd>(4000, 30, 30);
  check_models<Eigen::MatrixXf>(4000, 30, 30);
  check_models<SparseMatrix>(20000, 500, 10);
}

TEST_CASE("threads agree where columns are far more than rows, and where rows are far more than columns") {
  check_models<DenseMatrix>(70, 5000, 5000);
  check_models<DenseMatrix>(50000, 2, 2);
  check_models<SparseMatrix>(5000, 100'000, 20);
}

TEST_CASE("a matrix that is one block is one thread's work, however many were asked for") {
  const Data<Eigen::SparseMatrix<double>> columns(3000, 50, 10);
  const Data<DenseMatrix> few(20, 5, 5);
  Logistic of_columns{columns.X, columns.labels, {.threads = 4}};
  Logistic of_few{few.X, few.labels, {.threads = 4}};
  CHECK(of_columns.threads() == 1);
  CHECK(of_few.threads() == 1);
}

TEST_CASE("as many threads as pay: one for little data, all of the process's for much") {
  const Data<DenseMatrix> little(2000, 10, 10), much(40000, 10, 10);
  CHECK(Logistic{little.X, little.labels, {.threads = 0}}.threads() == 1);
  CHECK(Logistic{much.X, much.labels, {.threads = 0}}.threads() == passes::available_threads());
}

TEST_CASE("rays, Hessians and their products are the same bits in every run of one thread count too") {
  const auto check = [](const auto& data) {
    const Index size = data.X.cols() + 1;
    const Vector w = some_weights(size), v = some_weights(size + 1).tail(size);
    Vector on_rays, products;
    Eigen::MatrixXd hessians;
    for (int threads = 1; threads <= 4; ++threads) {
      Logistic model{data.X, data.labels, data.options(threads)};
      const auto all = [&] {
        model.along(w, v);
        const passes::RowSums ray = model.on_ray(0.7);
        Vector product(size);
        model.hessian_times(w, v, product);
        Eigen::MatrixXd hessian;
        model.hessian(w, hessian);
        return std::tuple{Vector(Vector::Map(&ray.value, 3)), product,
                          Eigen::MatrixXd(hessian.template triangularView<Eigen::Upper>())};
      };
      const auto first = all();
      INFO(threads << " threads, seed " << seed);
      for (int repeat = 0; repeat < 5; ++repeat) CHECK(all() == first);
      const auto& [on_ray, product, hessian] = first;
      if (threads == 1) {
        on_rays = on_ray;
        products = product;
        hessians = hessian;
      }
      CHECK(max_norm(on_ray - on_rays) <= 1e-13 * max_norm(on_rays));
      CHECK(max_norm(product - products) <= 1e-13 * max_norm(products));
      CHECK((hessian - hessians).cwiseAbs().maxCoeff() <= 1e-13 * hessians.cwiseAbs().maxCoeff());
    }
  };
  check(Data<DenseMatrix>(20000, 30, 30));
  check(Data<Eigen::MatrixXd>(4000, 30, 30));
  check(Data<Eigen::MatrixXf>(4000, 30, 30));
  check(Data<SparseMatrix>(20000, 100, 10));
}

TEST_CASE("a Hessian of so many columns that fewer sums than pieces are kept is that of one thread") {
  const DenseMatrix X = DenseMatrix::Random(300, 1100);
  const Vector y = Vector::Zero(300), w = Vector::Zero(1101);
  Eigen::MatrixXd alone, shared, again;
  const auto hessian = [&](int threads, Eigen::MatrixXd& to) {
    LeastSquares model{X, y, {.threads = threads}};
    model.hessian(w, to);
    model.hessian(w, to);  // what was summed before must not be in it
  };
  hessian(1, alone);
  for (int threads = 2; threads <= 4; ++threads) {
    REQUIRE(pieces_of(X, threads, rows_per_block(X)).count > 4);
    hessian(threads, shared);
    hessian(threads, again);
    const auto upper = [](const Eigen::MatrixXd& of) { return Eigen::MatrixXd(of.triangularView<Eigen::Upper>()); };
    CHECK((upper(shared) - upper(alone)).cwiseAbs().maxCoeff() <= 1e-13);
    CHECK(upper(shared) == upper(again));
  }
}

TEST_CASE("copies of a model, each in a thread of its own, answer the same bits as one alone") {
  const Data<DenseMatrix> data(20000, 30, 30);
  const Vector w = some_weights(31), of_classes = some_weights(classes * 31);
  for (const int threads : {1, 2}) {
    Logistic model{data.X, data.labels, data.options(threads)};
    Softmax softmax{data.X, data.targets, classes, data.options(threads)};
    auto copy = model;
    auto softmax_copy = softmax;
    const Vector expected = answer(model, w), expected_of_classes = answer(softmax, of_classes);
    bool same = true, softmax_same = true;
    std::thread other([&] {
      for (int i = 0; i < 30; ++i) same &= answer(copy, w) == expected;
      for (int i = 0; i < 10; ++i) softmax_same &= answer(softmax_copy, of_classes) == expected_of_classes;
    });
    bool ours = true;
    for (int i = 0; i < 30; ++i) ours &= answer(model, w) == expected;
    for (int i = 0; i < 10; ++i) ours &= answer(softmax, of_classes) == expected_of_classes;
    other.join();
    CHECK(same);
    CHECK(softmax_same);
    CHECK(ours);
  }
}

TEST_CASE("pieces are done by several threads where there are processors for them") {
  if (passes::available_threads() < 2) {
    WARN("not looked at: there is one processor");
    return;
  }
  // Each waits for the other, for a while: on one thread neither would see it.
  bool met = false;
  for (int tries = 0; tries < 20 && !met; ++tries) {
    std::atomic<int> begun = 0, saw_both = 0;
    passes::for_each_piece(2, 2, [&](Index) {
      ++begun;
      for (int i = 0; i < 1000 && begun < 2; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(1));
      if (begun == 2) ++saw_both;
    });
    met = saw_both == 2;
  }
  CHECK(met);
}
