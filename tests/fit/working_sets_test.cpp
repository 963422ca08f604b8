#include "fit/working_sets.hpp"

#include <random>

#include "catch.hpp"
#include "support/shared_data.hpp"
#include "surefoot/surefoot.hpp"

using namespace surefoot;
using namespace surefoot::fitting;

namespace {

struct Data {
  std::variant<DenseMatrix, SparseMatrix> x;
  Vector numbers, labels, row_weights;
};

/// Each column like its neighbour, every 50th constant, every 40th twice the one before it; the first ten of each hundred
/// make the target.
Data some_data(Index rows, Index columns, bool sparse) {
  std::mt19937_64 random(11);
  std::normal_distribution<double> normal;
  DenseMatrix x(rows, columns);
  Data data{{}, Vector(rows), Vector(rows), Vector(rows)};
  for (Index i = 0; i < rows; ++i) {
    double last = 0, z = 0;
    for (Index j = 0; j < columns; ++j) {
      last = 0.5 * last + normal(random);
      x(i, j) = sparse && std::abs(last) < 1.4 ? 0 : last;
      if (j % 50 == 7) x(i, j) = 1;
      if (j % 40 == 3) x(i, j) = 2 * x(i, j - 1);
      if (j % 100 < 10) z += (j % 3 == 0 ? 1 : -0.5) * x(i, j);
    }
    z += normal(random);
    data.numbers[i] = z;
    data.labels[i] = z > 0.5 ? 1 : 0;
    data.row_weights[i] = 0.5 + static_cast<double>(i % 3);
  }
  if (sparse) {
    data.x = SparseMatrix(x.sparseView());
  } else {
    data.x = std::move(x);
  }
  return data;
}

struct Case {
  AnyLoss loss;
  double l1, l2;
  bool intercept, weighted;
};

Problem problem_of(const Data& data, const Case& c, bool numbers) {
  Problem problem{.x = {},
                  .y = numbers ? data.numbers : data.labels,
                  .loss = c.loss,
                  .classes = 1,
                  .linear = {.l2 = c.l2, .row_weights = c.weighted ? data.row_weights : Vector()},
                  .l1 = c.l1,
                  .intercept = c.intercept,
                  .start = {}};
  std::visit([&](const auto& x) { problem.x = &x; }, data.x);
  return problem;
}

double penalised(const Solution& solution) { return solution.result.loss; }

Vector weights_of(const Problem& problem, const Solution& solution) {
  return solution.result.w.head(problem.columns());
}

bool by_sets(const Solution& solution) { return solution.why.find("working sets of columns") == 0; }

}  // namespace

TEST_CASE("working sets end at the minimum of the plain proximal path, with its zeros") {
  for (const bool sparse : {false, true}) {
    const Data data = some_data(300, 700, sparse);
    for (const Case& c :
         {Case{LeastSquaresLoss{}, 0.15, 0, true, false}, Case{LeastSquaresLoss{}, 0.1, 0.05, false, true},
          Case{LogisticLoss{}, 0.03, 0, true, true}, Case{LogisticLoss{}, 0.03, 0, false, false},
          Case{LogisticLoss{}, 0.02, 0.02, true, false}, Case{SquaredHingeLoss{}, 0.1, 0, true, false},
          Case{SquaredHingeLoss{}, 0.05, 0.02, false, true}}) {
      const bool numbers = std::holds_alternative<LeastSquaresLoss>(c.loss);
      const Problem problem = problem_of(data, c, numbers);
      const Solution sets = solve(problem, {.tolerance = 1e-7});
      const Solution plain = solve(problem, {.coordinates = "plain", .tolerance = 1e-8, .max_iterations = 100000});
      INFO((sparse ? "sparse, " : "dense, ") << ModelChoice{c.loss}.name() << ", l2 = " << c.l2 << ", " << sets.why);
      CHECK(sets.result.status == Status::converged);
      CHECK(by_sets(sets));
      CHECK(sets.coordinates == "gram");
      CHECK(penalised(sets) == Approx(penalised(plain)).epsilon(1e-8));
      const Vector w = weights_of(problem, sets), expected = weights_of(problem, plain);
      const auto zeros = (w.array() == 0).count();
      CHECK(zeros > 350);
      CHECK(zeros < 700);
      // Columns that are multiples of each other may share a weight in any way.
      for (Index j = 0; j < 700; ++j) {
        if (std::abs(expected[j]) > 1e-3 && j % 40 != 2 && j % 40 != 3 && j % 50 != 7) CHECK(w[j] != 0);
      }
      CHECK(sets.passes < plain.passes);
      CHECK(sets.duality_gap.value() >= 0);
      CHECK(sets.duality_gap.value() <= 1e-5 * penalised(sets));
    }
  }
}

TEST_CASE(
    "the last set may hold all that matters and no column is zero outside it by mistake: the conditions hold for all") {
  const Data data = some_data(200, 900, false);
  const Case c{LogisticLoss{}, 0.02, 0, true, false};
  const Problem problem = problem_of(data, c, false);
  const Solution solution = solve(problem, {.tolerance = 1e-8});
  Logistic model{std::get<DenseMatrix>(data.x), data.labels};
  Vector gradient(901), at_start(901);
  model.loss(solution.result.w, gradient);
  Vector constant = Vector::Zero(901);
  constant[900] = std::log(data.labels.mean() / (1 - data.labels.mean()));
  model.loss(constant, at_start);
  CHECK(l1_violation(solution.result.w, gradient, c.l1, 1) <= 1e-8 * max_norm(at_start));
}

TEST_CASE("a start that is the minimum is left there, and one far from it is no harm") {
  const Data data = some_data(200, 700, false);
  const Case c{LeastSquaresLoss{}, 0.2, 0.01, true, false};
  Problem problem = problem_of(data, c, true);
  const Solution cold = solve(problem, {.tolerance = 1e-8});
  problem.start = cold.result.w;
  const Solution warm = solve(problem, {.tolerance = 1e-8});
  CHECK(warm.result.loss == Approx(cold.result.loss).epsilon(1e-12));
  CHECK(warm.result.iterations <= 1);
  problem.start = Vector::Constant(701, 0.1);
  const Solution far = solve(problem, {.tolerance = 1e-8});
  CHECK(far.result.status == Status::converged);
  CHECK(far.result.loss == Approx(cold.result.loss).epsilon(1e-8));
}

TEST_CASE("an l1 above the largest useful one takes one round and leaves no weight") {
  const Data data = some_data(200, 700, true);
  const Case c{LogisticLoss{}, 10, 0, true, false};
  const Problem problem = problem_of(data, c, false);
  const Solution solution = solve(problem, {});
  CHECK(solution.result.status == Status::converged);
  CHECK((weights_of(problem, solution).array() == 0).all());
  CHECK(solution.duality_gap.value() <= 1e-12);
}

TEST_CASE("a limit on rounds and a cancelled run end working sets with the best point so far") {
  const Data data = some_data(200, 700, false);
  const Case c{LogisticLoss{}, 0.01, 0, true, false};
  const Problem problem = problem_of(data, c, false);
  const Solution one = solve(problem, {.tolerance = 1e-10, .max_iterations = 1});
  CHECK(one.result.code == Code::iterations);
  CHECK(one.result.iterations == 1);
  CHECK(one.result.loss < one.result.start_loss);
  std::stop_source source;
  source.request_stop();
  const Solution none = solve(problem, {.cancel = source.get_token()});
  CHECK(none.result.status == Status::interrupted);
}

TEST_CASE("a run that is cancelled within, or that rounding ends, does not pass for one that has converged") {
  const Data data = some_data(400, 1400, true);
  for (const double l1 : {0.02, 5e-4}) {  // few columns that matter, and thousands
    const Case c{LogisticLoss{}, l1, 0.02, true, false};
    const Problem problem = problem_of(data, c, false);
    std::stop_source source;
    FitOptions options{.tolerance = 1e-9, .cancel = source.get_token()};
    options.observer = [&](const Event& event) {
      if (event.kind == Event::Kind::step) source.request_stop();
      return true;
    };
    CHECK(solve(problem, options).result.status == Status::interrupted);
    const Solution exact = solve(problem, {.tolerance = 0});
    INFO(exact.result.explain() << exact.why);
    CHECK(exact.result.code != Code::gradient);
    CHECK(exact.duality_gap.value() <= 1e-10);
  }
}

TEST_CASE("every loss of one margin is fitted by working sets") {
  const Data data = some_data(300, 700, false);
  Vector counts = data.numbers.unaryExpr([](double z) { return std::floor(std::exp(std::tanh(z))); });
  const auto check = [&](const Case& c, const Vector& y) {
    Problem problem{.x = &std::get<DenseMatrix>(data.x),
                    .y = y,
                    .loss = c.loss,
                    .classes = 1,
                    .linear = {.l2 = c.l2},
                    .l1 = c.l1,
                    .intercept = true,
                    .start = {}};
    const Solution sets = solve(problem, {.tolerance = 1e-6});
    const Solution plain = solve(problem, {.coordinates = "plain", .tolerance = 1e-7, .max_iterations = 100000});
    INFO(ModelChoice{c.loss}.name() << ": " << sets.why << sets.result.explain());
    CHECK(sets.result.status == Status::converged);
    CHECK(sets.coordinates == "gram");
    CHECK(sets.result.loss == Approx(plain.result.loss).epsilon(1e-7));
    CHECK(sets.duality_gap.value() <= 1e-4 * std::abs(sets.result.loss));
  };
  check({HuberLoss{.delta = 0.5}, 0.02, 0.01, true, false}, data.numbers);
  check({QuantileLoss{.level = 0.6, .width = 0.3}, 0.02, 0.01, true, false}, data.numbers);
  check({PoissonLoss{}, 0.05, 0, true, false}, counts);
}

TEST_CASE("where thousands of columns matter the sets are fitted column by column, to the same minimum") {
  for (const bool sparse : {false, true}) {
    const Data data = some_data(1800, 1400, sparse);
    for (const Case& c :
         {Case{LeastSquaresLoss{}, 1e-3, 0.1, true, false}, Case{LogisticLoss{}, 2e-4, 0.02, true, true}}) {
      const Problem problem = problem_of(data, c, std::holds_alternative<LeastSquaresLoss>(c.loss));
      const Solution solution = solve(problem, {.tolerance = 1e-7});
      const Solution plain = solve(problem, {.coordinates = "plain", .tolerance = 1e-8});
      INFO(solution.why << ", sparse: " << sparse);
      CHECK(solution.result.status == Status::converged);
      CHECK(by_sets(solution));
      CHECK(solution.result.loss == Approx(plain.result.loss).epsilon(1e-8));
      const auto nonzero = (weights_of(problem, solution).array() != 0).count();
      CHECK(nonzero > 1024);
      CHECK(std::abs(nonzero - (weights_of(problem, plain).array() != 0).count()) <= 30);  // copies may share a weight
      CHECK(solution.duality_gap.value() <= 1e-8 * solution.result.loss);
    }
  }
}

TEST_CASE(
    "where a copy of the columns that matter would be too large the plain proximal path goes on, and the fit says so") {
  const Data data = some_data(6000, 1000, false);
  const Case c{LeastSquaresLoss{}, 1e-4, 0.1, true, false};
  const Problem problem = problem_of(data, c, true);
  const Solution solution = solve(problem, {.tolerance = 1e-7});
  const Solution plain = solve(problem, {.coordinates = "plain", .tolerance = 1e-8});
  INFO(solution.why);
  CHECK(solution.result.status == Status::converged);
  CHECK(solution.coordinates == "plain");
  CHECK(solution.why.find("too many matter") != std::string::npos);
  CHECK(solution.result.loss == Approx(plain.result.loss).epsilon(1e-8));
  CHECK(solution.result.start_loss == Approx(plain.result.start_loss).epsilon(1e-12));
  CHECK(solution.passes < plain.passes + 20);
}

TEST_CASE("who watches a fit that leaves its working sets sees one run, with the limits that were asked for") {
  const Data data = some_data(6000, 1000, false);
  const Case c{LeastSquaresLoss{}, 1e-4, 0.1, true, false};
  const Problem problem = problem_of(data, c, true);
  std::vector<Event> events;
  FitOptions options{.tolerance = 1e-7, .max_iterations = 20};
  options.observer = [&](const Event& event) {
    events.push_back(event);
    return true;
  };
  const Solution solution = solve(problem, options);
  REQUIRE(solution.coordinates == "plain");
  CHECK(solution.result.code == Code::iterations);
  CHECK(solution.result.iterations == 20);
  CHECK(solution.result.reason == "the limit of 20 iterations was reached");
  int starts = 0, ends = 0;
  for (std::size_t i = 0; i < events.size(); ++i) {
    starts += events[i].kind == Event::Kind::start ? 1 : 0;
    ends += events[i].kind == Event::Kind::end ? 1 : 0;
    if (i == 0) continue;
    CHECK(events[i].iteration >= events[i - 1].iteration);
    CHECK(events[i].evaluations >= events[i - 1].evaluations);
    CHECK(events[i].seconds >= events[i - 1].seconds);
  }
  CHECK(starts == 1);
  CHECK(ends == 1);
}

TEST_CASE("sms_spam, 8,923 sparse columns, takes a small part of the passes that the plain proximal path takes") {
  const std::string path = test::shared_data("sms_spam.libsvm.gz");
  if (path.empty()) {
    WARN("skipped: ../shared/data has no sms_spam.libsvm.gz");
    return;
  }
  const Table table = read(path);
  const Fit sets = fit(table, {.l1 = 5e-4}), plain = fit(table, {.coordinates = "plain", .l1 = 5e-4});
  CHECK(sets.result.loss == Approx(plain.result.loss).epsilon(1e-8));
  CHECK((sets.fitted_weights.array() == 0).count() == (plain.fitted_weights.array() == 0).count());
  CHECK(sets.passes < 0.1 * plain.passes);
  CHECK(sets.duality_gap.value() < 1e-6);
}
