#include "surefoot/fit.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <functional>
#include <random>
#include <string>

#include "catch.hpp"
#include "data/reading.hpp"
#include "support/dense_algebra.hpp"
#include "surefoot/data/error.hpp"
#include "surefoot/data/read.hpp"
#include "surefoot/objectives/linear.hpp"
#include "surefoot/registry.hpp"

using namespace surefoot;
using surefoot::test::read_text;
using surefoot::test::TemporaryFile;

namespace {

/// A regression of two columns of very different size, and one of text.
std::string houses() {
  std::string text = "area,year,town,price\n";
  for (int i = 0; i < 60; ++i) {
    const double area = 50 + 7 * (i % 11), year = 1900 + 2 * (i % 17);
    const char* town = i % 3 == 0 ? "Aby" : "Bro";
    const double price = 1000 * area + 35 * (year - 1900) + (i % 3 == 0 ? 5000 : 0) + 300 * std::cos(5.0 * i);
    text += std::to_string(area) + "," + std::to_string(year) + "," + town + "," + std::to_string(price) + "\n";
  }
  return text;
}

std::string patients() {
  std::string text = "dose,age,ill\n";
  for (int i = 0; i < 80; ++i) {
    const double dose = 0.01 * (i % 13), age = 20.0 + i % 50;
    const bool ill = 30 * dose + 0.05 * age + 2 * std::cos(3.0 * i) > 4;
    text += std::to_string(dose) + "," + std::to_string(age) + "," + (ill ? "yes" : "no") + "\n";
  }
  return text;
}

/// [standardised columns, 1] with population deviations.
Eigen::MatrixXd design(const Table& table) {
  const auto& x = std::get<DenseMatrix>(table.x);
  Eigen::MatrixXd a(x.rows(), x.cols() + 1);
  for (Eigen::Index j = 0; j < x.cols(); ++j) {
    const double mean = x.col(j).mean();
    const double deviation = std::sqrt((x.col(j).array() - mean).square().mean());
    a.col(j) = (x.col(j).array() - mean) / deviation;
  }
  a.col(x.cols()).setOnes();
  return a;
}

/// Minimum of the mean logistic loss plus l2/2 |w|² by Newton's method, intercept unpenalised.
double newton_logistic(const Eigen::MatrixXd& a, const Eigen::VectorXd& y, double l2) {
  const auto n = static_cast<double>(a.rows());
  Eigen::VectorXd w = Eigen::VectorXd::Zero(a.cols()), penalty = Eigen::VectorXd::Constant(a.cols(), l2);
  penalty[a.cols() - 1] = 0;
  const auto loss = [&] {
    const Eigen::ArrayXd z = a * w;
    return (z.max(0.0) - z * y.array() + (-z.abs()).exp().log1p()).mean() + 0.5 * penalty.dot(w.cwiseAbs2());
  };
  for (int i = 0; i < 50; ++i) {
    const Eigen::ArrayXd p = 1 / (1 + (-(a * w).array()).exp());
    const Eigen::VectorXd gradient = a.transpose() * (p - y.array()).matrix() / n + penalty.cwiseProduct(w);
    Eigen::MatrixXd hessian = a.transpose() * (p * (1 - p)).matrix().asDiagonal() * a / n;
    hessian.diagonal() += penalty;
    w -= test::solution(hessian, gradient);
  }
  return loss();
}

}  // namespace

TEST_CASE("least squares agrees with the normal equations, in the user's own units") {
  const Table table = read_text(houses(), {.target = "price"});
  const Fit fitted = fit(table, {.l2 = 0.01, .tolerance = 1e-12});
  CHECK(fitted.trained.model == "least-squares");
  CHECK(fitted.result.status == Status::converged);

  const Eigen::MatrixXd a = design(table);
  Eigen::MatrixXd normal = a.transpose() * a / static_cast<double>(a.rows());
  normal.diagonal().head(a.cols() - 1).array() += 0.01;
  const Eigen::VectorXd w = test::solution(normal, a.transpose() * table.y / static_cast<double>(a.rows()));
  const double loss = 0.5 * (a * w - table.y).squaredNorm() / static_cast<double>(a.rows()) +
                      0.005 * w.head(a.cols() - 1).squaredNorm();
  CHECK(fitted.result.loss == Approx(loss).epsilon(1e-12));
  CHECK((fitted.predict(table).values - a * w).norm() <= 1e-8 * table.y.norm());
  CHECK(fitted.data_loss == Approx(loss - 0.005 * w.head(a.cols() - 1).squaredNorm()).epsilon(1e-10));
}

TEST_CASE("the coefficients are per unit of the file's own columns") {
  const Fit fitted = fit(read_text(houses(), {.target = "price"}), {.tolerance = 1e-12});
  const auto& names = fitted.trained.encoding.features;
  CHECK(names[0].name == "area");
  CHECK(fitted.trained.coefficients[0] == Approx(1000).epsilon(0.01));  // as the prices were made
  CHECK(fitted.trained.coefficients[1] == Approx(35).epsilon(0.3));
  CHECK(fitted.r2 > 0.99);
}

TEST_CASE("logistic regression agrees with Newton's method, by every rule and from any first step") {
  const Table table = read_text(patients(), {.target = "ill"});
  const double expected = newton_logistic(design(table), table.y, 1e-2);
  CHECK(fit(table, {.l2 = 1e-2, .tolerance = 1e-10}).result.loss == Approx(expected).epsilon(1e-10));
  for (const auto& rule : rule_names()) {
    if (rule == "fixed") continue;
    INFO(rule);
    CHECK(fit(table, {.step = rule, .l2 = 1e-2}).result.loss == Approx(expected).epsilon(1e-8));
  }
  for (const double step : {1e-300, 1e-10, 1.0, 1e10, 1e300}) {
    INFO(step);
    CHECK(fit(table, {.first_step = step, .l2 = 1e-2}).result.loss == Approx(expected).epsilon(1e-8));
  }
}

TEST_CASE("the model is chosen from the target, and the fit says why") {
  CHECK(fit(read_text(patients(), {.target = "ill"})).why_model == "the target 'ill' is text of two levels");
  CHECK(fit(read_text("a,b\n1,2\n2,4\n3,1\n0,2\n", {.target = "b"})).trained.model == "least-squares");
  const Fit two = fit(read_text("a,b\n1,7\n2,4\n1,4\n2,7\n3,7\n", {.target = "b"}), {.l2 = 0.1});
  CHECK(two.trained.model == "logistic");
  CHECK(two.trained.classes == std::vector<std::string>{"4", "7"});  // the one that sorts last is positive
  CHECK(fit(read_text("a,b\n1,7\n2,4\n1,4\n2,7\n3,7\n", {.target = "b"}), {.model = "least-squares"}).why_model ==
        "as asked");
}

TEST_CASE("without a penalty the scaling of the columns does not change the predictions") {
  const Table table = read_text("x,z,y\n1,900,3\n2,100,4\n3,500,9\n4,200,8\n5,800,13\n6,0,12\n", {.target = "y"});
  const Vector scaled = fit(table, {.tolerance = 1e-12}).predict(table).values;
  const Vector raw = fit(table, {.scale = "none", .tolerance = 1e-12}).predict(table).values;
  CHECK((scaled - raw).norm() < 1e-6);
}

TEST_CASE("columns far from zero lose no digits") {
  std::string text = "id,y\n";
  for (int i = 0; i < 30; ++i) text += std::to_string(1000000000 + i) + "," + std::to_string(3 * i + (i % 2)) + "\n";
  const Fit fitted = fit(read_text(text, {.target = "y"}), {.tolerance = 1e-12});
  // 3, and what the parity adds: its covariance with the row, 1/4, over the row's variance, (30² − 1)/12.
  CHECK(fitted.trained.coefficients[0] == Approx(3 + 0.25 / (899.0 / 12)).epsilon(1e-9));
  CHECK(fitted.r2 > 0.999);
}

TEST_CASE("without an intercept the line goes through the origin of the fitted columns") {
  const Table table = read_text("x,y\n1,5\n2,7\n3,9\n4,11\n", {.target = "y"});
  const Fit raw = fit(table, {.scale = "none", .intercept = false, .tolerance = 1e-12});
  CHECK(raw.trained.intercept == 0);
  CHECK(raw.trained.coefficients[0] == Approx((5 + 14 + 27 + 44) / 30.0));  // x·y / x·x
  // Standardised, the origin is the mean of x, where the prediction is then 0.
  const Fit centred = fit(table, {.intercept = false, .tolerance = 1e-12});
  CHECK(centred.trained.coefficients[0] == Approx(2));  // the slope of y on x
  CHECK(centred.trained.intercept == Approx(-5));
}

TEST_CASE("a saved model predicts what it predicted, from a file read as it was") {
  const Table table = read_text(patients(), {.target = "ill"});
  const Fit fitted = fit(table, {.l2 = 1e-3});
  const TemporaryFile file("");
  fitted.save(file.path());
  const LinearModel loaded = LinearModel::load(file.path());
  const Predictions before = fitted.predict(table);
  const Predictions after = loaded.predict(read_text("age,dose\n33,0.05\n60,0.12\n", loaded.encoding));
  CHECK(loaded.predict(table).probabilities == before.probabilities);
  CHECK(loaded.classes == std::vector<std::string>{"no", "yes"});
  CHECK(after.probabilities.size() == 2);
  CHECK(after.probabilities[1] > after.probabilities[0]);  // older, with a higher dose
}

TEST_CASE("a file that is no model is refused with what to do") {
  for (const std::string content : {"", "{", "[1, 2]", "{\"model\": \"least-squares\"}", "a,b\n1,2\n"}) {
    const TemporaryFile file(content);
    CHECK_THROWS_AS(LinearModel::load(file.path()), DataError);
  }
  CHECK_THROWS_AS(LinearModel::load("/nowhere/model.json"), FileError);
}

TEST_CASE("what does not fit together is refused before any work, by name") {
  const Table table = read_text(houses(), {.target = "price"});
  const auto message = [](const Table& on, const FitOptions& options) -> std::string {
    try {
      fit(on, options);
    } catch (const std::invalid_argument& error) {
      return error.what();
    }
    return "nothing was thrown";
  };
  using Catch::Matchers::ContainsSubstring;
  CHECK_THAT(message(table, {.l1 = -1}), ContainsSubstring("l1 = -1"));
  CHECK_THAT(message(table, {.l2 = -1}), ContainsSubstring("l2 = -1"));
  CHECK_THAT(message(table, {.l2 = std::nan("")}), ContainsSubstring("l2 = NaN"));
  CHECK_THAT(message(table, {.tolerance = -1e-3}), ContainsSubstring("tolerance"));
  CHECK_THAT(message(table, {.first_step = 0.0}), ContainsSubstring("first_step = 0"));
  CHECK_THAT(message(table, {.model = "forest"}),
             ContainsSubstring("forest") && ContainsSubstring("least-squares, huber, quantile, logistic"));
  CHECK_THAT(message(table, {.step = "warp"}), ContainsSubstring("warp") && ContainsSubstring("armijo"));
  CHECK_THAT(message(table, {.scale = "sideways"}),
             ContainsSubstring("sideways") && ContainsSubstring("standard, none"));
  CHECK_THAT(message(table, {.threads = -1}), ContainsSubstring("threads = -1"));
  CHECK_THAT(
      message(table, {.direction = "down"}),
      ContainsSubstring("down") && ContainsSubstring("steepest, heavy-ball, nesterov, cg, l-bfgs, truncated-newton"));
  CHECK_THAT(message(table, {.coordinates = "polar"}),
             ContainsSubstring("no kind of coordinates 'polar'; there are plain, diagonal, gram"));
  CHECK_THAT(message(table, {.direction = "cg", .l1 = 0.1}), ContainsSubstring("direction = cg can't be combined"));
  CHECK_THAT(message(table, {.coordinates = "diagonal", .l1 = 0.1}),
             ContainsSubstring("coordinates = diagonal can't be combined"));
  for (const char* step : {"bb", "bb+nonmonotone", "auto+armijo"}) {
    CHECK_THAT(message(table, {.step = step, .coordinates = "gram", .l1 = 0.1}),
               ContainsSubstring("step = " + std::string(step)) && ContainsSubstring("can't be combined") &&
                   ContainsSubstring("choose armijo"));
  }
  for (const char* step : {"armijo", "nonmonotone", "grow"}) {
    CHECK(fit(table, {.step = step, .coordinates = "gram", .l1 = 0.1}).result.ok());
  }
  CHECK_THAT(message(table, {.class_weight = "foo"}), ContainsSubstring("'foo'; there is balanced"));
  CHECK_THROWS_WITH(fit(table, {.model = "logistic"}), ContainsSubstring("two classes"));
  CHECK_THROWS_WITH(fit(read_text("a,b\n1,x\n2,y\n3,y\n", {.target = "b"}), {.model = "least-squares"}),
                    ContainsSubstring("'b' is 'x', and least-squares needs a number"));
  CHECK_THAT(message(read_text("a,b\n1,2\n2,3\n"), {}), ContainsSubstring("no target"));
}

namespace {

/// Rows of 0/1 entries in 1,500 sparse columns, and a target that some of them tell.
Table many_words() {
  std::string text;
  std::mt19937 random(4);
  for (int i = 0; i < 400; ++i) {
    std::vector<int> words;
    for (int k = 0; k < 8; ++k) words.push_back(1 + static_cast<int>(random() % 1500));
    std::sort(words.begin(), words.end());
    words.erase(std::unique(words.begin(), words.end()), words.end());
    int told = 0;
    for (const int word : words) told += word % 2 == 0 ? 1 : -1;
    text += told + static_cast<int>(random() % 5) - 2 > 0 ? "+1" : "-1";
    for (const int word : words) text += " " + std::to_string(word) + ":1";
    text += "\n";
  }
  return read_text(text);
}

}  // namespace

TEST_CASE("many sparse columns are fitted along truncated Newton directions, to the minimum that L-BFGS finds") {
  const Table table = many_words();
  const Fit chosen = fit(table, {.l2 = 1e-3, .tolerance = 1e-9});
  const Fit asked = fit(table, {.direction = "l-bfgs", .l2 = 1e-3, .tolerance = 1e-9});
  CHECK(chosen.direction == "truncated-newton");
  CHECK(chosen.coordinates == "plain");
  CHECK(chosen.result.hessian_products > 0);
  CHECK(chosen.result.code == Code::gradient);
  CHECK(chosen.result.loss == Approx(asked.result.loss).epsilon(1e-12));
  CHECK((chosen.fitted_weights - asked.fitted_weights).norm() <= 1e-6 * asked.fitted_weights.norm());
  CHECK(fit(table, {.model = "squared-hinge", .l2 = 1e-3}).direction == "l-bfgs");
}

TEST_CASE(
    "truncated Newton directions can be asked for, in any coordinates, but not for what has no Hessian products") {
  const Table table = read_text(patients(), {.target = "ill"});
  const double least = fit(table, {.l2 = 1e-3, .tolerance = 1e-10}).result.loss;
  for (const std::string coordinates : {"", "plain", "diagonal", "gram"}) {
    const Fit fitted =
        fit(table, {.direction = "truncated-newton", .coordinates = coordinates, .l2 = 1e-3, .tolerance = 1e-9});
    CHECK(fitted.direction == "truncated-newton");
    CHECK(fitted.result.loss == Approx(least).epsilon(1e-10));
  }
  CHECK_THROWS_AS(fit(table, {.model = "softmax", .direction = "truncated-newton"}), std::invalid_argument);
  CHECK_THROWS_AS(fit(table, {.direction = "truncated-newton", .l1 = 0.1}), std::invalid_argument);
}

namespace {

/// A table as a program makes one: of numbers, without a file.
Table table_of(const DenseMatrix& x, const Vector& y) {
  Table table;
  table.x = x;
  table.y = y;
  table.has_target = true;
  for (int j = 0; j < x.cols(); ++j) {
    table.encoding.columns.push_back({.name = "c" + std::to_string(j), .index = j + 1});
    table.encoding.features.push_back({"c" + std::to_string(j), j, -1});
  }
  return table;
}

}  // namespace

TEST_CASE(
    "a row far out that no sample has spoils no run: it ends no higher than it says it began, and at the minimum") {
  constexpr Index rows = 40'000;
  std::mt19937_64 random(1);
  std::normal_distribution<double> normal;
  for (const double far : {100.0, 3000.0, 1e6}) {
    for (const std::string model : {"poisson", "logistic", "quantile", "huber"}) {
      DenseMatrix x(rows, 3);
      Vector y(rows);
      for (Index i = 0; i < rows; ++i) {
        for (Index j = 0; j < 3; ++j) x(i, j) = normal(random);
        const double z = 0.5 * x(i, 0) - x(i, 1) + normal(random);
        y[i] = model == "poisson" ? std::floor(std::exp(z)) : model == "logistic" ? z > 0 : z;
      }
      x(rows / 2, 0) = far;
      const Table table = table_of(x, y);
      const Fit whole = fit(table, {.model = model, .coordinates = "gram", .l2 = 1e-4});
      CAPTURE(far, model);
      for (const int budget : {0, 1, 2, 3, 1000}) {
        const Fit some = fit(table, {.model = model, .l2 = 1e-4, .max_iterations = budget});
        CHECK(some.result.loss <= some.result.start_loss);
        if (budget < 1000) continue;
        CHECK(some.result.code == Code::gradient);
        CHECK(some.result.loss == Approx(whole.result.loss).epsilon(1e-8));
      }
    }
  }
}

TEST_CASE("an entry of a table's x that is not finite is refused by row and column") {
  for (const std::string scale : {"standard", "none"}) {
    for (const double value : {not_a_number, infinity}) {
      DenseMatrix x = DenseMatrix::Random(40, 3);
      x(7, 1) = value;
      const std::string expected = "x of the table is " + number(value) + " in row 8, column 2, c1,: it must be finite";
      CHECK_THROWS_WITH(fit(table_of(x, Vector::Random(40)), {.scale = scale}), expected);
      Table sparse = table_of(x, Vector::Random(40));
      sparse.x = SparseMatrix(x.sparseView());
      CHECK_THROWS_WITH(fit(sparse, {.scale = scale}), expected);
    }
  }
}

TEST_CASE("a large table's run is measured from the constant model's gradient, which its standardising gave") {
  const DenseMatrix x = DenseMatrix::Random(30'000, 10).array() + 2;
  const Table table = table_of(x, (x.col(0) + x.col(1) - x.col(2)).array() + DenseMatrix::Random(30'000, 1).array());
  const Eigen::RowVectorXd mean = x.colwise().mean();
  const DenseMatrix centred = x.rowwise() - mean;
  const Vector deviation = (centred.colwise().squaredNorm() / 30'000).cwiseSqrt();
  const DenseMatrix standard = centred * deviation.cwiseInverse().asDiagonal();
  for (const std::string model : {"least-squares", "huber", "logistic"}) {
    Table own = table;
    if (model == "logistic") own.y = (table.y.array() > 2).cast<double>();
    const Fit fitted = fit(own, {.model = model, .l2 = 1e-3});
    Vector w = Vector::Zero(11), gradient;
    double loss = 0;
    if (model == "least-squares") {
      w[10] = own.y.mean();
      loss = LeastSquares{standard, own.y}.loss(w, gradient);
    } else if (model == "huber") {
      std::vector<double> values(own.y.begin(), own.y.end());
      std::nth_element(values.begin(), values.begin() + 15'000, values.end());
      w[10] = values[15'000];
      loss = Huber{standard, own.y}.loss(w, gradient);
    } else {
      w[10] = std::log(own.y.mean() / (1 - own.y.mean()));
      loss = Logistic{standard, own.y}.loss(w, gradient);
    }
    CAPTURE(model);
    CHECK(fitted.result.start_loss == Approx(loss));
    CHECK(fitted.result.start_gradient_norm == Approx(gradient.cwiseAbs().maxCoeff()));
    CHECK(fitted.result.gradient_norm <= 1e-6 * gradient.cwiseAbs().maxCoeff() * (1 + 1e-9));
  }
}

namespace {

/// Rows of columns that tell nothing, and a target.
Table told_nothing(int rows, const std::function<std::string(int)>& target) {
  std::string text = "x,c,y\n";
  for (int i = 0; i < rows; ++i) text += "1,2," + target(i) + "\n";
  return read_text(text, {.target = "y"});
}

/// Of three columns and a target of three, two or many values.
Table told_something(int levels) {
  std::mt19937 random(8);
  std::normal_distribution<double> normal;
  std::string text = "a,b,c,y\n";
  for (int i = 0; i < 700; ++i) {
    const double a = normal(random), b = normal(random), c = normal(random);
    const int value = static_cast<int>(std::abs(3 * (a + normal(random)))) % levels;
    text += std::to_string(a) + "," + std::to_string(b) + "," + std::to_string(c) + "," + std::to_string(value) + "\n";
  }
  return read_text(text, {.target = "y"});
}

}  // namespace

TEST_CASE("where the columns tell nothing the constant model is the fit, found at once") {
  const auto some = [](int i) { return std::string(i % 5 == 0 ? "1" : "0"); };
  for (const char* model : {"least-squares", "logistic", "poisson", "squared-hinge", "huber"}) {
    for (const int rows : {37, 20'000}) {
      const Fit found = fit(told_nothing(rows, some), {.model = model});
      INFO(model << ", " << rows << " rows: " << found.result.explain());
      CHECK(found.result.status == Status::converged);
      CHECK(found.passes <= 5);
      CHECK(found.result.rollbacks == 0);
    }
  }
  const Fit classes = fit(told_nothing(37, [](int i) { return std::string(1, "abc"[i % 3]); }), {.model = "softmax"});
  CHECK(classes.result.status == Status::converged);
  CHECK(classes.passes <= 2);
}

TEST_CASE("a target that is one number is fitted at once, whatever the columns") {
  std::mt19937 random(3);
  std::normal_distribution<double> normal;
  for (const char* number : {"7", "0.1", "1.01", "123456.789"}) {
    std::string text = "x,y\n";
    for (int i = 0; i < 20'000; ++i) text += std::to_string(normal(random)) + "," + number + "\n";
    const Table table = read_text(text, {.target = "y"});
    for (const char* model : {"poisson", "least-squares"}) {
      const Fit found = fit(table, {.model = model});
      INFO(model << " of " << number << ": " << found.result.explain());
      CHECK(found.result.status == Status::converged);
      CHECK(found.passes <= 4);
      CHECK(std::abs(found.fitted_weights[0]) <= 1e-9);
    }
  }
}

TEST_CASE("an L1 penalty that leaves no coefficient is met at once, in the coordinates of each model") {
  const std::pair<const char*, int> models[] = {
      {"least-squares", 9}, {"logistic", 2}, {"poisson", 9}, {"squared-hinge", 2}, {"softmax", 3}};
  for (const auto& [model, levels] : models) {
    for (const char* scale : {"standard", "none"}) {
      const Fit found = fit(told_something(levels), {.model = model, .l1 = 10, .scale = scale});
      INFO(model << ", scale " << scale << ": " << found.result.explain());
      CHECK(found.result.status == Status::converged);
      CHECK(found.passes <= 5);
      CHECK(found.fitted_weights.isZero(0));
      CHECK(found.result.gradient_norm <= 1e-14);  // of the penalised loss: the slopes of the columns are far larger
      CHECK(found.result.start_gradient_norm <= 1e-14);
    }
  }
}

TEST_CASE("a fit of columns in tiny units is not taken for rounding") {
  const Table plain = told_something(2);
  Table tiny = plain;
  std::get<DenseMatrix>(tiny.x) *= 1e-13;
  const FitOptions options{.model = "logistic", .scale = "none", .intercept = false};
  CHECK(fit(tiny, options).data_loss == Approx(fit(plain, options).data_loss).epsilon(1e-9));
}

TEST_CASE("a target in other units, however large or small, is as quickly fitted") {
  const Table plain = read_text(houses(), {.target = "price"});
  const FitOptions options{.model = "least-squares"};
  const Fit expected = fit(plain, options);
  for (const double unit : {1e-140, 1e-100, 1e100, 1e140}) {
    Table scaled = plain;
    scaled.y *= unit;
    for (const char* coordinates : {"gram", "plain"}) {
      const Fit found = fit(scaled, {.model = "least-squares", .coordinates = coordinates});
      INFO(unit << ", " << coordinates << ": " << found.result.explain());
      CHECK(found.result.status == Status::converged);
      CHECK(found.data_loss / unit / unit == Approx(expected.data_loss).epsilon(1e-9));
    }
    CHECK(fit(scaled, options).passes <= expected.passes + 2);
  }
}

TEST_CASE("columns far from zero beside their spread keep their digits") {
  std::mt19937_64 random(1);
  std::normal_distribution<double> normal;
  const Index rows = 300;
  DenseMatrix near(rows, 2);
  Vector y(rows);
  for (Index i = 0; i < rows; ++i) {
    near(i, 0) = std::ldexp(std::round(std::ldexp(normal(random), 20)), -20);  // so that 1e9 can be added to it exactly
    near(i, 1) = normal(random);
    y[i] = 3 * near(i, 0) - 2 * near(i, 1) + 1e-6 * normal(random);
  }
  DenseMatrix far = near;
  far.col(0).array() += 0x1p30;
  const auto loss_in = [&](const DenseMatrix& x) { return fit(table_of(x, y), {.tolerance = 1e-12}).result.loss; };
  CHECK(loss_in(far) == Approx(loss_in(near)).epsilon(1e-3));
}

TEST_CASE("a column that numbers the rows is noted, and a target of a few whole numbers") {
  std::string text = "id,x,grade\n", other = text;
  for (int i = 0; i < 20; ++i) {
    const std::string rest = "," + std::to_string(std::cos(3.0 * i)) + "," + std::to_string(i * 7 % 5) + "\n";
    text += std::to_string(i + 1) + rest;
    other += std::to_string(i + (i < 10 ? 1 : 2)) + rest;
  }
  const auto says = [](const Fit& fitted, const std::string& part) {
    return std::any_of(fitted.notes.begin(), fitted.notes.end(),
                       [&](const std::string& note) { return note.find(part) != std::string::npos; });
  };
  const Fit fitted = fit(read_text(text, {.target = "grade"}));
  CHECK(says(fitted, "column 'id' numbers the rows"));
  CHECK(says(fitted, "'grade' has 5 different values, all whole"));
  CHECK_FALSE(says(fit(read_text(other, {.target = "grade"})), "numbers the rows"));
  CHECK_FALSE(says(fit(read_text(text, {.target = "x"})), "all whole"));
  CHECK_FALSE(says(fit(read_text(text, {.target = "grade"}), {.model = "poisson"}), "all whole"));
}
