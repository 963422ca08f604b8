#include "fit/plan.hpp"

#include <cmath>
#include <random>

#include "catch.hpp"
#include "support/thrown.hpp"

using namespace surefoot;
using namespace surefoot::fitting;

namespace {

Facts dense(Index rows, Index columns, bool quadratic = false) {
  return {.rows = rows,
          .columns = columns,
          .weights = columns + 1,
          .stored_per_row = static_cast<double>(columns),
          .quadratic = quadratic};
}

Facts sparse(Index rows, Index columns, double stored_per_row) {
  return {.rows = rows, .columns = columns, .weights = columns + 1, .stored_per_row = stored_per_row, .sparse = true};
}

/// A metric of the Hessian, of all rows from the start.
bool is_whole_gram(const Plan& plan) { return plan.coordinates == Way::gram && plan.metric_rows == 0; }
/// A metric of some rows, at a start from others.
bool is_sampled_gram(const Plan& plan) {
  return plan.coordinates == Way::gram && plan.metric_rows > 0 && plan.start_rows > 0;
}

}  // namespace

TEST_CASE("small tables, and least squares of few columns, get the Hessian of all rows") {
  CHECK(is_whole_gram(make_plan(dense(891, 13))));           // titanic
  CHECK(is_whole_gram(make_plan(dense(20640, 13, true))));   // california_housing
  CHECK(make_plan(dense(20640, 13, true)).start_rows == 0);  // one step arrives from anywhere
  CHECK(is_whole_gram(make_plan(dense(60, 401, true))));     // gasoline
  CHECK(mentions(make_plan(dense(891, 13)).why, "14 weights: the metric of the Hessian"));
}

TEST_CASE("a table whose pass takes microseconds gets no sample, and in columns of one size no metric before it pays") {
  Facts titanic = dense(891, 13), visits = dense(5190, 17);
  for (Facts* facts : {&titanic, &visits}) {
    CHECK_FALSE(make_plan(*facts).begins_plain);
    facts->standardised = true;
    const Plan plan = make_plan(*facts);
    CHECK(plan.begins_plain);
    CHECK(plan.start_rows == 0);
    CHECK(plan.metric_rows == 0);
    facts->quadratic = true;  // one step in the metric of the Hessian arrives
    CHECK_FALSE(make_plan(*facts).begins_plain);
  }
  Facts many = dense(200'000, 100);
  many.standardised = true;
  CHECK_FALSE(make_plan(many).begins_plain);
}

TEST_CASE(
    "sparse tables of columns too many for a metric go along truncated Newton directions, if their loss curves "
    "everywhere") {
  CHECK(make_plan(sparse(5574, 8923, 14)).newton);
  CHECK(make_plan(sparse(100'000, 50'000, 50)).newton);
  CHECK_FALSE(make_plan(sparse(8124, 112, 21)).newton);
  Facts huber = sparse(5574, 8923, 14), lasso = huber, softmax = huber;
  huber.curved = false;
  lasso.proximal = true;
  softmax.margins = 3;
  for (const Facts& facts : {huber, lasso, softmax}) CHECK_FALSE(make_plan(facts).newton);
}

TEST_CASE("many rows of up to some hundred columns get a start and a metric from some of them") {
  for (const Facts& facts : {dense(200'000, 100), dense(50'000, 500), dense(50'000, 500, true)}) {
    const Plan plan = make_plan(facts);
    INFO(facts.rows << " x " << facts.columns);
    CHECK(plan.coordinates == Way::gram);
    CHECK(plan.metric_rows >= 8 * facts.weights);
    CHECK(plan.metric_rows <= facts.rows / 2);
    CHECK(mentions(plan.why, "of " + std::to_string(plan.metric_rows) + " rows"));
  }
  CHECK(is_sampled_gram(make_plan(dense(200'000, 100))));
  CHECK(make_plan(sparse(8124, 112, 21)).coordinates == Way::gram);  // mushrooms
  CHECK(make_plan(dense(5190, 17)).coordinates == Way::gram);        // DoctorVisits
}

TEST_CASE("columns too many for a metric of all their pairs, or for the rows, are left plain, and why is said") {
  const Plan spam = make_plan(sparse(5574, 8923, 14)), wide = make_plan(sparse(100'000, 50'000, 50)),
             short_and_wide = make_plan(dense(5000, 2000)), few_rows = make_plan(dense(5000, 600));
  for (const Plan& plan : {spam, wide, short_and_wide, few_rows}) {
    CHECK(plan.coordinates == Way::plain);
    CHECK(plan.metric_rows == 0);
    CHECK(plan.start_rows == 0);
  }
  CHECK(spam.why == "8924 weights are too many for a metric of all pairs of columns");
  CHECK(few_rows.why == "5000 rows for 601 weights: a metric costs more than it saves");
}

TEST_CASE(
    "one to four thousand dense columns of one size may get the metric once it pays, if there are rows enough and its "
    "matrices fit beside the data") {
  const auto standardised = [](Facts facts) {
    facts.standardised = true;
    return facts;
  };
  for (const Facts& facts : {dense(40'000, 1'500), dense(40'000, 2'000, true), dense(100'000, 3'000)}) {
    const Plan plan = make_plan(standardised(facts));
    INFO(facts.rows << " x " << facts.columns);
    CHECK(plan.coordinates == Way::gram);
    CHECK(plan.begins_plain);
    CHECK(plan.metric_rows == 0);
    CHECK(make_plan(facts).coordinates == Way::plain);  // of raw columns it would be bought too late
  }
  Facts lasso = standardised(dense(40'000, 2'000));
  lasso.proximal = true;
  CHECK(make_plan(lasso).working_sets);
  const Facts few_rows = dense(30'000, 2'000), no_room = dense(48'100, 3'000), too_many = dense(200'000, 4'100),
              thin = sparse(1'000'000, 2'000, 20);
  for (const Facts& facts : {few_rows, no_room, too_many, thin}) {
    INFO(facts.rows << " x " << facts.columns);
    CHECK(make_plan(standardised(facts)).coordinates == Way::plain);
  }
}

TEST_CASE(
    "many columns of sparse rows go by truncated Newton, but for a loss that is flat where rows are right by far") {
  Facts facts = sparse(100'000, 50'000, 50);
  CHECK(make_plan(facts).newton);
  facts.one_sided = true;
  CHECK_FALSE(make_plan(facts).newton);
  facts.one_sided = false;
  facts.curved = false;
  CHECK_FALSE(make_plan(facts).newton);
}

TEST_CASE(
    "softmax goes without a metric of pairs, in the diagonal where columns differ in size; l1 by proximal Newton steps "
    "in one, and both say so") {
  Facts digits = dense(1797, 64);
  digits.margins = 10;
  digits.weights = 650;
  CHECK(make_plan(digits).coordinates == Way::diagonal);
  CHECK(make_plan(digits).why == "softmax: 650 weights of columns that may differ in size");
  digits.standardised = true;
  CHECK(make_plan(digits).coordinates == Way::plain);
  CHECK(make_plan(digits).why == "softmax: 650 weights");
  Facts lasso = dense(50'000, 500, true);
  lasso.proximal = true;
  const Plan newton = make_plan(lasso);
  CHECK(newton.coordinates == Way::gram);
  CHECK_FALSE(newton.begins_diagonal);
  CHECK(newton.why.find("501 weights: the metric of the Hessian, for proximal Newton steps") == 0);
}

TEST_CASE("l1 goes by working sets of columns where a metric of all of them would be too much") {
  for (Facts facts : {dense(50'000, 5000), dense(5000, 600), sparse(5574, 8923, 14)}) {
    facts.proximal = true;
    const Plan plan = make_plan(facts);
    CHECK(plan.working_sets);
    CHECK(plan.coordinates == Way::gram);
    CHECK(plan.why.find("working sets of columns") == 0);
    facts.proximal = false;
    CHECK_FALSE(make_plan(facts).working_sets);
  }
  Facts wine = dense(178, 13);  // of three classes
  wine.margins = 3;
  wine.weights *= 3;
  CHECK(make_plan(wine).coordinates != Way::gram);
  wine.proximal = true;
  CHECK(make_plan(wine).coordinates == Way::gram);
  CHECK(make_plan(wine).metric_rows == 0);
  Facts softmax = dense(1797, 2000);
  softmax.margins = 10;
  softmax.proximal = true;
  CHECK_FALSE(make_plan(softmax).working_sets);
  Facts narrow = dense(50'000, 500);
  narrow.proximal = true;
  CHECK_FALSE(make_plan(narrow).working_sets);
}

TEST_CASE("a plan can be carried out, whatever the sizes: its samples fit into the rows, its numbers are finite") {
  const unsigned seed = 8;
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> logs(0, 1);
  for (int trial = 0; trial < 5000; ++trial) {
    Facts facts;
    facts.rows = static_cast<Index>(std::exp(logs(random) * std::log(1e8)));
    facts.columns = static_cast<Index>(std::exp(logs(random) * std::log(1e6))) - 1;
    facts.margins = random() % 4 == 0 ? 5 : 1;
    facts.weights = (facts.columns + 1) * facts.margins;
    facts.sparse = random() % 2 == 0;
    facts.stored_per_row = static_cast<double>(facts.columns) * (facts.sparse ? logs(random) : 1);
    facts.quadratic = random() % 2 == 0;
    facts.proximal = random() % 4 == 0;
    const Plan plan = make_plan(facts);
    INFO(facts.rows << " x " << facts.columns << ", stored a row " << facts.stored_per_row << ", margins "
                    << facts.margins << ", seed " << seed);
    CHECK(plan.start_rows >= 0);
    CHECK(plan.metric_rows >= 0);
    CHECK(plan.start_rows + plan.metric_rows <= facts.rows);
    CHECK((plan.metric_rows == 0 || plan.metric_rows >= 8 * facts.weights));
    CHECK((plan.coordinates == Way::gram || plan.start_rows + plan.metric_rows == 0));
    CHECK((plan.coordinates != Way::gram || facts.margins == 1 || facts.proximal));
    CHECK((!plan.begins_diagonal || (plan.metric_rows > 0 && plan.start_rows == 0 && !facts.proximal)));
    CHECK(std::isfinite(plan.hessian_cost));
    CHECK(plan.hessian_cost > 0);
    CHECK(plan.memory >= 5);
    CHECK(plan.memory <= 20);
    CHECK_FALSE(plan.why.empty());
  }
}

TEST_CASE("a Hessian costs more passes the more columns a dense table has, the more numbers a sparse row stores") {
  double before = 0;
  for (const Index columns : {50, 100, 200, 400, 800}) {
    const double cost = make_plan(dense(100'000, columns)).hessian_cost;
    CHECK(cost > before);
    before = cost;
  }
  CHECK(make_plan(sparse(100'000, 500, 50)).hessian_cost > make_plan(sparse(100'000, 500, 10)).hessian_cost);
  // The factor, cubic in the columns, is shared by fewer rows.
  CHECK(make_plan(dense(1000, 400)).hessian_cost > make_plan(dense(100'000, 400)).hessian_cost);
}

TEST_CASE("the facts of a problem are those of its matrix and its model") {
  const DenseMatrix x = DenseMatrix::Random(7, 3);
  SparseMatrix csr(4, 10);
  csr.insert(0, 9) = 1;
  csr.insert(2, 1) = 1;
  csr.insert(2, 2) = 1;
  const Vector y = Vector::Zero(7), y4 = Vector::Zero(4);
  const AnyLoss least_squares = LeastSquaresLoss{}, softmax = SoftmaxLoss{};

  const Facts facts = facts_of({&x, y, least_squares, 1, {}, 0, true, {}});
  CHECK(facts.rows == 7);
  CHECK(facts.columns == 3);
  CHECK(facts.weights == 4);
  CHECK(facts.stored_per_row == 3);
  CHECK(facts.margins == 1);
  CHECK_FALSE(facts.sparse);
  CHECK(facts.quadratic);
  CHECK(facts.curved);
  CHECK_FALSE(facts.proximal);
  CHECK_FALSE(facts.standardised);
  const AnyLoss huber = HuberLoss{};
  CHECK_FALSE(facts_of({&x, y, huber, 1, {}, 0, true, {}}).curved);
  const LinearOptions standard{.centre = Vector::Zero(3), .scale = Vector::Ones(3)};
  CHECK(facts_of({&x, y, least_squares, 1, standard, 0, true, {}}).standardised);

  const Facts of_classes = facts_of({&csr, y4, softmax, 3, {}, 0.1, false, {}});
  CHECK(of_classes.weights == 30);
  CHECK(of_classes.stored_per_row == 0.75);
  CHECK(of_classes.margins == 3);
  CHECK(of_classes.sparse);
  CHECK_FALSE(of_classes.quadratic);
  CHECK(of_classes.proximal);
}

TEST_CASE("a metric's sample, which is a copy, is no larger than an eighth of the data or 32 MB") {
  for (Facts facts : {dense(17'000, 1'000), dense(40'000, 1'000), sparse(20'000, 1'000, 300), dense(200'000, 100)}) {
    for (const bool proximal : {false, true}) {
      facts.proximal = proximal;
      const Plan plan = make_plan(facts);
      const double row = (facts.sparse ? 12 : 8) * facts.stored_per_row, all = row * static_cast<double>(facts.rows);
      INFO(facts.rows << " x " << facts.columns);
      CHECK(row * static_cast<double>(plan.metric_rows) <= std::max(all / 8, 32e6));
    }
  }
  CHECK(make_plan(dense(200'000, 100)).metric_rows > 0);
}
