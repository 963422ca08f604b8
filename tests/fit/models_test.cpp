#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>

#include "catch.hpp"
#include "data/reading.hpp"
#include "fit/optimality.hpp"
#include "fit/solve.hpp"
#include "support/thrown.hpp"
#include "surefoot/data/error.hpp"
#include "surefoot/data/read.hpp"
#include "surefoot/fit.hpp"

using namespace surefoot;
using namespace surefoot::test;

namespace {

std::string line(std::initializer_list<double> cells, const std::string& last = "") {
  std::string text;
  for (const double cell : cells) text += (text.empty() ? "" : ",") + std::to_string(cell);
  return text + (last.empty() ? "" : "," + last) + "\n";
}

/// Numbers with a few that are far off.
std::string yields() {
  std::string text = "rain,heat,yield\n";
  for (int i = 0; i < 90; ++i) {
    const double rain = 300 + 40 * (i % 13), heat = 10 + 0.5 * (i % 29);
    const double noise = 2 * std::cos(7.0 * i) + (i % 17 == 0 ? 60 : 0);
    text += line({rain, heat, 5 + 0.02 * rain - 0.4 * heat + noise});
  }
  return text;
}

std::string counts() {
  std::string text = "speed,age,accidents\n";
  for (int i = 0; i < 90; ++i) {
    const double speed = 30 + 5 * (i % 12), age = 1 + i % 23;
    text += line({speed, age, std::floor(std::exp(-1 + 0.02 * speed + 0.03 * age) * (0.7 + 0.6 * ((i * 7) % 5) / 4))});
  }
  return text;
}

/// Three kinds of flowers that overlap.
std::string flowers() {
  std::string text = "length,width,kind\n";
  const char* const kinds[] = {"iris", "aster", "rose"};
  for (int i = 0; i < 120; ++i) {
    const int kind = i % 3;
    text += line({4.0 + kind + 1.1 * std::cos(3.0 * i), 2.0 - 0.4 * kind + 0.7 * std::cos(5.0 * i + 1)}, kinds[kind]);
  }
  return text;
}

Vector softmax_slopes(const Eigen::MatrixXd& margins, const Vector& y, Eigen::Index k) {
  Vector slopes(margins.rows());
  for (Eigen::Index i = 0; i < margins.rows(); ++i) {
    const double share = std::exp(margins(i, k)) / margins.row(i).array().exp().sum();
    slopes[i] = share - (y[i] == static_cast<double>(k) ? 1 : 0);
  }
  return slopes;
}

}  // namespace

TEST_CASE("a Huber fit is at the minimum of its loss, with the delta that was asked for") {
  const Table table = read_text(yields(), {.target = "yield"});
  const Fit fitted = fit(table, {.model = "huber:delta=1.5", .l2 = 1e-2, .tolerance = 1e-11});
  const auto slope = [](double z, double y) { return std::clamp(z - y, -1.5, 1.5); };
  CHECK(gradient_at(fitted, table, table.y, slope, 1e-2).lpNorm<Eigen::Infinity>() < 1e-8);
  CHECK(fitted.trained.options == std::vector<std::pair<std::string, double>>{{"delta", 1.5}});
  CHECK(fitted.why_model == "as asked");
  // The few that are far off hardly pull: the coefficients are those the yields were made with.
  CHECK(fitted.trained.coefficients[0] == Approx(0.02).epsilon(0.05));
}

TEST_CASE("a quantile fit is at the minimum of its loss, and leaves the level's share below it") {
  const Table table = read_text(yields(), {.target = "yield"});
  for (const double level : {0.25, 0.5, 0.9}) {
    const Fit fitted = fit(table, {.model = "quantile:level=" + std::to_string(level), .tolerance = 1e-11});
    const double deviation = std::sqrt((table.y.array() - table.y.mean()).square().mean());
    const double width = fitted.trained.options[1].second;
    INFO("level " << level);
    CHECK(width == Approx(0.01 * deviation));
    const auto slope = [&](double z, double y) { return 0.5 - level + 0.5 * std::clamp((z - y) / width, -1.0, 1.0); };
    CHECK(gradient_at(fitted, table, table.y, slope, 0).lpNorm<Eigen::Infinity>() < 1e-8);
    // As many rows as there are weights may lie on the fit itself, to either side.
    CHECK(std::abs(fitted.share_below - level) <= 4.0 / 90);
  }
}

TEST_CASE("the options of a model go together and are kept") {
  const Table table = read_text(yields(), {.target = "yield"});
  const Fit fitted = fit(table, {.model = "quantile:width=2,level=0.75"});
  CHECK(fitted.trained.options == std::vector<std::pair<std::string, double>>{{"level", 0.75}, {"width", 2}});
}

TEST_CASE("a Poisson fit is at the minimum of its loss, and predicts means") {
  const Table table = read_text(counts(), {.target = "accidents"});
  const Fit fitted = fit(table, {.model = "poisson", .l2 = 1e-3, .tolerance = 1e-11});
  const auto slope = [](double z, double y) { return std::exp(z) - y; };
  CHECK(gradient_at(fitted, table, table.y, slope, 1e-3).lpNorm<Eigen::Infinity>() < 1e-8);

  const Vector means = fitted.predict(table).values;
  CHECK((means - margins_of(fitted.trained, table).array().exp().matrix()).norm() < 1e-10 * means.norm());
  CHECK(means.mean() == Approx(table.y.mean()));  // as the intercept is not penalised

  const auto deviance = [&](const Vector& expected) {
    double sum = 0;
    for (Eigen::Index i = 0; i < table.y.size(); ++i) {
      const double y = table.y[i];
      sum += 2 * ((y > 0 ? y * std::log(y / expected[i]) : 0) - (y - expected[i]));
    }
    return sum;
  };
  const double of_mean = deviance(Vector::Constant(table.rows(), table.y.mean()));
  CHECK(fitted.deviance_explained == Approx(1 - deviance(means) / of_mean));
  CHECK(fitted.deviance_explained > 0.5);
}

TEST_CASE("the share of deviance that counts of any size leave keeps its digits") {
  for (const double mean : {1e2, 1e6, 1e10, 1e13}) {
    std::string text = "x,n\n";
    Vector x(60), n(60);
    for (Eigen::Index i = 0; i < 60; ++i) {
      const double t = static_cast<double>(i);
      x[i] = std::cos(3 * t);
      n[i] = std::round(mean + std::sqrt(mean) * (0.5 * x[i] + std::sin(7 * t)));
      text += std::to_string(x[i]) + "," + std::to_string(n[i]) + "\n";
    }
    const Fit fitted = fit(read_text(text, {.target = "n"}), {.model = "poisson", .tolerance = 1e-10});
    // So near the mean the deviance is as the squares are.
    INFO("mean " << mean);
    CHECK(fitted.deviance_explained == Approx(fitted.r2).epsilon(mean < 1e6 ? 0.2 : 1e-3));
    CHECK(fitted.r2 > 0.1);
  }
}

TEST_CASE("counts that are all 0 have an error, and no deviance to explain") {
  std::string text = "x,n\n";
  for (int i = 0; i < 12; ++i) text += std::to_string(i) + ",0\n";
  const Fit fitted = fit(read_text(text, {.target = "n"}), {.model = "poisson", .max_iterations = 50});
  CHECK(fitted.rmse >= 0);
  CHECK(fitted.rmse < 1e-3);
  CHECK(std::isnan(fitted.deviance_explained));
}

TEST_CASE("a squared-hinge fit is at the minimum of its loss, and predicts classes without probabilities") {
  const Table table = read_text(flowers(), {.target = "kind"});
  std::string two = "length,width,kind\n";
  for (Eigen::Index i = 0; i < table.rows(); ++i) {
    if (table.y[i] == 2) continue;
    const auto& x = std::get<DenseMatrix>(table.x);
    two += line({x(i, 0), x(i, 1)}, table.y[i] == 1 ? "iris" : "aster");
  }
  const Table pair = read_text(two, {.target = "kind"});
  const Fit fitted = fit(pair, {.model = "squared-hinge", .l2 = 1e-2, .tolerance = 1e-11});
  const auto slope = [](double z, double y) {
    const double sign = 2 * y - 1;
    return -2 * sign * std::max(0.0, 1 - sign * z);
  };
  CHECK(gradient_at(fitted, pair, pair.y, slope, 1e-2).lpNorm<Eigen::Infinity>() < 1e-8);
  const Predictions predicted = fitted.predict(pair);
  CHECK(predicted.probabilities.size() == 0);
  CHECK(predicted.classes == std::vector<std::string>{"aster", "iris"});
  for (Eigen::Index i = 0; i < pair.rows(); ++i) CHECK(predicted.values[i] == (predicted.margins[i] > 0 ? 1 : 0));
  CHECK(fitted.accuracy == Approx((predicted.values.array() == pair.y.array()).cast<double>().mean()));
}

TEST_CASE("a softmax fit is at the minimum of its loss, and gives each class its probability") {
  const Table table = read_text(flowers(), {.target = "kind"});
  const Fit fitted = fit(table, {.l2 = 1e-2, .tolerance = 1e-11});
  const LinearModel& model = fitted.trained;
  CHECK(model.model == "softmax");
  CHECK(fitted.why_model == "the target 'kind' is text of 3 levels");
  CHECK(model.classes == std::vector<std::string>{"aster", "iris", "rose"});
  REQUIRE(model.class_coefficients.rows() == 2);
  REQUIRE(model.class_coefficients.cols() == 3);
  REQUIRE(fitted.fitted_weights.size() == 6);

  const Eigen::MatrixXd margins =
      (std::get<DenseMatrix>(table.x) * model.class_coefficients).rowwise() + model.class_intercepts.transpose();
  double gradient = 0;
  for (Eigen::Index k = 0; k < 3; ++k) {
    const Vector of_class =
        gradient_of(table, softmax_slopes(margins, table.y, k), fitted.fitted_weights.segment(2 * k, 2), 1e-2);
    gradient = std::max(gradient, of_class.lpNorm<Eigen::Infinity>());
  }
  CHECK(gradient < 1e-8);

  const Predictions predicted = fitted.predict(table);
  REQUIRE(predicted.class_probabilities.cols() == 3);
  for (Eigen::Index i = 0; i < table.rows(); ++i) {
    const auto k = static_cast<Eigen::Index>(predicted.values[i]);
    CHECK(predicted.class_probabilities.row(i).sum() == Approx(1));
    CHECK(predicted.class_probabilities(i, k) == predicted.class_probabilities.row(i).maxCoeff());
    CHECK(predicted.class_probabilities(i, 0) == Approx(1 / (margins.row(i).array() - margins(i, 0)).exp().sum()));
  }
  CHECK(fitted.most_frequent == Approx(1.0 / 3));
  CHECK(fitted.accuracy > 0.6);
}

TEST_CASE("softmax of two classes tells the probabilities of the logistic model with half the penalty") {
  // With w_1 = −w_0 = v/2 the penalty l2/2 (|w_0|² + |w_1|²) is l2/4 |v|².
  const Table table = read_text("x,k\n1,a\n2,a\n3,b\n4,a\n5,b\n6,b\n2.5,b\n", {.target = "k"});
  const Fit both = fit(table, {.model = "softmax", .l2 = 0.02, .tolerance = 1e-12});
  const Fit one = fit(table, {.model = "logistic", .l2 = 0.01, .tolerance = 1e-12});
  CHECK((both.predict(table).class_probabilities.col(1) - one.predict(table).probabilities).norm() < 1e-8);
  CHECK(both.result.loss == Approx(one.result.loss));
}

TEST_CASE("softmax margins of any size give probabilities that are numbers") {
  const Table table = read_text("x,k\n1,a\n2,b\n3,c\n", {.target = "k"});
  LinearModel model;
  model.model = "softmax";
  model.classes = {"a", "b", "c"};
  model.class_coefficients = Eigen::RowVector3d(-1e4, 0, 1e4);
  model.class_intercepts = Eigen::Vector3d(0, 1e5, 0);
  const Predictions predicted = model.predict(table);
  CHECK(predicted.class_probabilities.allFinite());
  CHECK(predicted.values == Vector::Constant(3, 1));
}

TEST_CASE("l1 leaves coefficients that are exactly zero, at the minimum of the penalised loss") {
  std::string text = "a,b,c,d,y\n";
  for (int i = 0; i < 60; ++i) {
    const double a = i % 11, b = (7 * i) % 13, c = (5 * i) % 17, d = (3 * i) % 19;
    text += line({a, b, c, d, 2 * a - b + 0.05 * c + std::cos(9.0 * i)});
  }
  const Table table = read_text(text, {.target = "y"});
  const double l1 = 0.5, l2 = 0.1;
  const Fit fitted = fit(table, {.l1 = l1, .l2 = l2, .tolerance = 1e-10});
  const Vector& w = fitted.fitted_weights;
  CHECK((w.array() == 0).any());
  CHECK((w.array() != 0).any());
  const auto slope = [](double z, double y) { return z - y; };
  const Vector gradient = gradient_at(fitted, table, table.y, slope, l2);
  for (Eigen::Index j = 0; j < w.size(); ++j) {
    INFO("column " << j << " has the weight " << w[j]);
    if (w[j] == 0) {
      CHECK(std::abs(gradient[j]) <= l1);
    } else {
      CHECK(gradient[j] == Approx(-std::copysign(l1, w[j])).margin(1e-6));
    }
  }
  CHECK(std::abs(gradient[w.size()]) < 1e-6);  // the intercept is not penalised
  CHECK(fitted.data_loss == Approx(fitted.result.loss - l1 * w.lpNorm<1>() - 0.5 * l2 * w.squaredNorm()));
  const Vector residuals = fitted.predict(table).values - table.y;
  CHECK(fitted.data_loss == Approx(0.5 * residuals.squaredNorm() / 60));
}

TEST_CASE("every direction in every coordinates leads to the same minimum, of every model") {
  const Table yield = read_text(yields(), {.target = "yield"}),
              accidents = read_text(counts(), {.target = "accidents"}),
              kinds = read_text(flowers(), {.target = "kind"});
  std::string two = flowers();
  for (std::size_t at; (at = two.find("rose")) != std::string::npos;) two.replace(at, 4, "iris");
  const Table of_two = read_text(two, {.target = "kind"});
  const auto check = [](const Table& table, const std::string& model) {
    const double least = fit(table, {.model = model, .l2 = 1e-2, .tolerance = 1e-10}).result.loss;
    for (const std::string& direction : fitting::direction_names()) {
      for (const std::string& coordinates : fitting::coordinate_names()) {
        INFO(model << ": " << direction << " in " << coordinates);
        const FitOptions options{.model = model, .direction = direction, .coordinates = coordinates, .l2 = 1e-2};
        const std::string refusal = thrown([&] {
          const Fit fitted = fit(table, options);
          CHECK(fitted.result.ok());
          CHECK(fitted.result.loss == Approx(least).epsilon(1e-8));
          CHECK(fitted.direction == direction);
          CHECK(fitted.coordinates == coordinates);
        });
        const bool may_be = model == "softmax" && (coordinates != "plain" || direction == "truncated-newton");
        CHECK((mentions(refusal, "nothing was thrown") || (may_be && mentions(refusal, "softmax"))));
      }
    }
  };
  for (const char* model : {"least-squares", "huber:delta=5", "quantile:level=0.6,width=2"}) check(yield, model);
  for (const char* model : {"logistic", "squared-hinge"}) check(of_two, model);
  check(accidents, "poisson");
  check(kinds, "softmax");
}

TEST_CASE("what was chosen is said with the reason") {
  const Fit fitted = fit(read_text(yields(), {.target = "yield"}));
  CHECK_FALSE(fitted.why_solver.empty());
  CHECK(fitted.passes > 0);
  CHECK(fitted.threads >= 1);
}

TEST_CASE("the same number of threads gives the same bits, and any number the same minimum") {
  std::string text = "a,b,y\n";
  for (int i = 0; i < 3000; ++i)
    text += line({std::cos(3.0 * i), std::cos(7.0 * i + 1), std::cos(3.0 * i) + std::cos(11.0 * i)});
  const Table table = read_text(text, {.target = "y"});
  const Fit one = fit(table, {.threads = 1});
  for (int threads : {2, 3}) {
    const Fit several = fit(table, {.threads = threads});
    CHECK(several.result.w == fit(table, {.threads = threads}).result.w);
    CHECK(several.result.loss == Approx(one.result.loss).epsilon(1e-9));
  }
}

TEST_CASE("classes that separate without a penalty are recognised where the weights grow without bound") {
  const std::string two = "x,k\n1,a\n2,a\n3,b\n4,b\n", three = two + "7,c\n8,c\n";
  CHECK(fit(read_text(two, {.target = "k"})).separated);
  CHECK(fit(read_text(three, {.target = "k"}), {.max_iterations = 500}).separated);
  CHECK_FALSE(fit(read_text(two, {.target = "k"}), {.l2 = 1e-2}).separated);
  CHECK_FALSE(fit(read_text(two, {.target = "k"}), {.l1 = 1e-3}).separated);
  CHECK_FALSE(fit(read_text(two, {.target = "k"}), {.model = "squared-hinge"}).separated);  // its minimum is there, 0
  CHECK_FALSE(fit(read_text("x,k\n1,a\n2,b\n3,a\n4,b\n", {.target = "k"})).separated);
  std::string nearly = "x,k\n0,b\n";  // one of thousands on the other side
  for (int i = 1; i <= 2000; ++i) nearly += std::to_string(i) + (i <= 1000 ? ",a\n" : ",b\n");
  CHECK_FALSE(fit(read_text(nearly, {.target = "k"})).separated);
}

TEST_CASE("every model predicts the same after it was saved and loaded") {
  struct Case {
    std::string text, target, model;
  };
  const std::vector<Case> all{{yields(), "yield", "least-squares"},
                              {yields(), "yield", "huber:delta=2"},
                              {yields(), "yield", "quantile:level=0.3"},
                              {counts(), "accidents", "poisson"},
                              {flowers(), "kind", "softmax"},
                              {"x,k\n1,a\n2,b\n3,a\n4,b\n", "k", "logistic"},
                              {"x,k\n1,a\n2,b\n3,a\n4,b\n", "k", "squared-hinge"}};
  for (const Case& each : all) {
    const Table table = read_text(each.text, {.target = each.target});
    const Fit fitted = fit(table, {.model = each.model, .l2 = 1e-3});
    const TemporaryFile file("");
    fitted.save(file.path());
    const LinearModel loaded = LinearModel::load(file.path());
    INFO(each.model);
    CHECK(loaded.model == fitted.trained.model);
    CHECK(loaded.options == fitted.trained.options);
    CHECK(loaded.classes == fitted.trained.classes);
    const Predictions before = fitted.predict(table), after = loaded.predict(table);
    CHECK(after.values == before.values);
    CHECK(after.probabilities == before.probabilities);
    CHECK(after.class_probabilities == before.class_probabilities);
    CHECK(after.margins == before.margins);
  }
}

TEST_CASE("a model file that contradicts itself is refused") {
  const Table table = read_text(flowers(), {.target = "kind"});
  const TemporaryFile file("");
  fit(table, {.l2 = 1e-2}).save(file.path());
  std::string good;
  {
    std::ifstream in(file.path());
    good.assign(std::istreambuf_iterator<char>(in), {});
  }
  const auto refusal = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    const auto at = text.find(from);
    REQUIRE(at != std::string::npos);
    file.write(text.replace(at, from.size(), to));
    return thrown<DataError>([&] { LinearModel::load(file.path()); });
  };
  CHECK(mentions(refusal("\"softmax\"", "\"forest\""), "does not know (there is no model 'forest'"));
  CHECK(mentions(refusal("\"softmax\"", "\"logistic\""), "a logistic model with 3 classes is none"));
  CHECK(mentions(refusal("\"classes\"", "\"classless\""), "a softmax model with 0 classes is none"));
  CHECK(mentions(refusal("\"intercepts\": [", "\"intercepts\": [1,"), "a coefficient for each class"));
}
