#include <Eigen/Dense>

#include "catch.hpp"
#include "data/reading.hpp"
#include "fit/optimality.hpp"
#include "support/thrown.hpp"
#include "surefoot/data/read.hpp"
#include "surefoot/fit.hpp"

using namespace surefoot;
using namespace surefoot::test;

namespace {

/// Each row as often as its weight says, 0 to 3 times.
struct Weighted {
  std::string once = "a,b,w,y\n", repeated = "a,b,w,y\n";

  explicit Weighted(const std::vector<std::string>& targets) {
    for (std::size_t i = 0; i < targets.size(); ++i) {
      const std::string cells = std::to_string((5 * i) % 13) + "," + std::to_string((3 * i) % 7) + ",";
      once += cells + std::to_string(i % 4) + "," + targets[i] + "\n";
      for (std::size_t k = 0; k < i % 4; ++k) repeated += cells + "1," + targets[i] + "\n";
    }
  }
  Table weighted() const { return read_text(once, {.target = "y", .weights = "w"}); }
  Table as_often() const { return read_text(repeated, {.target = "y", .drop = {"w"}}); }
};

std::vector<std::string> numbers() {
  std::vector<std::string> targets;
  for (int i = 0; i < 40; ++i) targets.push_back(std::to_string((7 * i) % 11 + 0.1 * i));
  return targets;
}

std::vector<std::string> names(const std::vector<std::string>& kinds) {
  std::vector<std::string> targets;
  for (std::size_t i = 0; i < 40; ++i) targets.push_back(kinds[(i * i + i / 3) % kinds.size()]);
  return targets;
}

}  // namespace

TEST_CASE("a row of weight 2 counts as two rows, one of weight 0 as none, in the fit and in its measures") {
  for (const std::string model :
       {"least-squares", "huber", "quantile:width=0.1", "poisson", "logistic", "softmax", "squared-hinge"}) {
    const bool two = model == "logistic" || model == "squared-hinge";
    const Weighted data(model == "softmax" ? names({"p", "q", "r"}) : two ? names({"p", "q"}) : numbers());
    // In the file's own columns: standardising does not know the weights.
    const FitOptions options{.model = model, .l2 = 0.01, .scale = "none", .tolerance = 1e-11};
    const Fit once = fit(data.weighted(), options), repeated = fit(data.as_often(), options);
    INFO(model);
    CHECK(once.result.loss == Approx(repeated.result.loss).epsilon(1e-9));
    CHECK((once.fitted_weights - repeated.fitted_weights).norm() < 1e-6 * repeated.fitted_weights.norm());
    const auto same = [](double a, double b) {
      return (std::isnan(a) && std::isnan(b)) || a == Approx(b).epsilon(1e-6);
    };
    CHECK(same(once.r2, repeated.r2));
    CHECK(same(once.rmse, repeated.rmse));
    CHECK(same(once.accuracy, repeated.accuracy));
    CHECK(same(once.most_frequent, repeated.most_frequent));
    CHECK(same(once.deviance_explained, repeated.deviance_explained));
    CHECK(same(once.share_below, repeated.share_below));
  }
}

TEST_CASE("multiplying all row weights changes nothing") {
  const Weighted data(numbers());
  Table table = data.weighted();
  const Fit one = fit(table, {.l2 = 0.01, .tolerance = 1e-11});
  table.weights *= 1e6;
  const Fit million = fit(table, {.l2 = 0.01, .tolerance = 1e-11});
  CHECK((one.fitted_weights - million.fitted_weights).norm() < 1e-9 * one.fitted_weights.norm());
}

TEST_CASE("columns are standardised without the row weights") {
  const Weighted data(numbers());
  const Table table = data.weighted();
  const Fit fitted = fit(table, {.l2 = 0.1, .tolerance = 1e-12});
  const auto slope = [](double z, double y) { return z - y; };
  CHECK(gradient_at(fitted, table, table.y, slope, 0.1, table.weights).lpNorm<Eigen::Infinity>() < 1e-8);
}

TEST_CASE("balanced class weights are n / (K n_k)") {
  std::string text = "x,y\n";
  for (int i = 0; i < 40; ++i) text += std::to_string((7 * i) % 19) + "," + (i % 8 == 0 ? "rare" : "common") + "\n";
  const Table table = read_text(text, {.target = "y"});
  Vector weights(table.rows());  // 35 rows are common, the class 0; 5 are rare
  for (Eigen::Index i = 0; i < table.rows(); ++i) weights[i] = table.y[i] == 1 ? 40.0 / (2 * 5) : 40.0 / (2 * 35);
  const Fit fitted = fit(table, {.l2 = 0.1, .class_weight = "balanced", .tolerance = 1e-12});
  const auto slope = [](double z, double y) { return 1 / (1 + std::exp(-z)) - y; };
  CHECK(gradient_at(fitted, table, table.y, slope, 0.1, weights).lpNorm<Eigen::Infinity>() < 1e-9);
  CHECK(fitted.most_frequent == Approx(35.0 / 40));  // measures count rows
}

TEST_CASE("balanced class weights count rows by their own weights") {
  for (const std::string model : {"logistic", "softmax"}) {
    const Weighted data(model == "softmax" ? names({"p", "q", "r"}) : names({"p", "q"}));
    const FitOptions options{
        .model = model, .l2 = 0.01, .scale = "none", .class_weight = "balanced", .tolerance = 1e-11};
    const Fit once = fit(data.weighted(), options), repeated = fit(data.as_often(), options);
    CHECK(once.result.loss == Approx(repeated.result.loss).epsilon(1e-9));
  }
}

TEST_CASE("class weights are refused where there are no classes, and where they are unknown") {
  const Table table = read_text("x,y\n1,2\n2,3\n3,5\n", {.target = "y"});
  CHECK(mentions(thrown([&] { fit(table, {.class_weight = "balanced"}); }),
                 "class weights are for classes, and least-squares has none"));
  CHECK(mentions(thrown([&] { fit(table, {.class_weight = "heavy"}); }), "no class weight 'heavy'; there is balanced"));
}

TEST_CASE("row weights that a program put together are checked as those of a file") {
  Table table = read_text("x,y\n1,2\n2,3\n3,5\n", {.target = "y"});
  const auto refusal = [&](const Vector& weights) {
    table.weights = weights;
    return thrown([&] { fit(table); });
  };
  CHECK(mentions(refusal(Eigen::Vector2d(1, 1)), "2 weights for 3 rows"));
  CHECK(mentions(refusal(Eigen::Vector3d(1, -1, 1)), "the weight of row 2 is -1"));
  CHECK(mentions(refusal(Eigen::Vector3d(1, 1, not_a_number)), "the weight of row 3 is NaN"));
  CHECK(mentions(refusal(Eigen::Vector3d::Zero()), "every row has weight 0"));
}

TEST_CASE("a row of weight 0 is in no measure, even where its prediction overflows") {
  const Table table = read_text("x,w,y\n1,1,1\n2,1,0\n3,1,1\n10000,0,2\n4,1,20\n6,1,400\n",
                                {.target = "y", .weights = "w", .number = {"x"}});
  const Table without = read_text("x,y\n1,1\n2,0\n3,1\n4,20\n6,400\n", {.target = "y", .number = {"x"}});
  const FitOptions options{.model = "poisson", .scale = "none"};
  const Fit weighted = fit(table, options), plain = fit(without, options);
  CHECK(weighted.rmse == Approx(plain.rmse));
  CHECK(weighted.r2 == Approx(plain.r2));
  CHECK(weighted.deviance_explained == Approx(plain.deviance_explained));
}

TEST_CASE("a class none of whose rows counts is refused, and so are weights whose sum overflows") {
  const auto table = [](const std::string& text) {
    return read_text("x,w,y\n" + text, {.target = "y", .weights = "w"});
  };
  const auto refusal = [&](const std::string& text) { return thrown<DataError>([&] { fit(table(text)); }); };
  CHECK(
      mentions(refusal("1,0,1\n2,0,0\n3,1,1\n4,0,0\n"),
               "every row of the class 0 has weight 0, and without these rows there is no such class; leave them out"));
  CHECK(mentions(refusal("1,1e308,1\n2,1e308,0\n3,1e308,1\n4,1e308,0\n"),
                 "the weights of the rows are too large, their sum is not finite; "));
}
