#include <cmath>
#include <random>

#include "catch.hpp"
#include "data/reading.hpp"
#include "support/thrown.hpp"
#include "surefoot/fit.hpp"

using namespace surefoot;
using namespace surefoot::test;

namespace {

/// A target of columns whose largest numbers are hundreds of times the usual ones, with residuals that are like that too.
std::string heavy_tails(int rows, int columns) {
  std::mt19937_64 random(3);
  std::normal_distribution<double> normal;
  std::string text;
  for (int j = 0; j < columns; ++j) text += "x" + std::to_string(j) + ",";
  text += "y\n";
  for (int i = 0; i < rows; ++i) {
    double y = 0;
    for (int j = 0; j < columns; ++j) {
      const double x = normal(random) / std::max(1e-4, std::abs(normal(random)));
      y += (j % 2 == 0 ? 0.5 : -0.5) * std::clamp(x, -3.0, 3.0);
      text += std::to_string(x) + ",";
    }
    text += std::to_string(y + normal(random) * (i % 20 == 0 ? 10 : 1)) + "\n";
  }
  return text;
}

}  // namespace

TEST_CASE(
    "columns with heavy tails cost a Huber or quantile fit about as many passes in its metric as in none, or fewer") {
  const Table table = read_text(heavy_tails(3000, 12), {.target = "y"});
  for (const std::string model : {"huber", "huber:delta=0.1", "quantile", "quantile:level=0.9"}) {
    const Fit chosen = fit(table, {.model = model});
    const Fit plain = fit(table, {.model = model, .direction = "l-bfgs", .coordinates = "plain"});
    INFO(model);
    CHECK(chosen.result.status == Status::converged);
    CHECK(chosen.result.loss <= plain.result.loss * (1 + 1e-6));
    CHECK(chosen.passes <= 1.1 * plain.passes);
  }
}

TEST_CASE("coordinates are named by what the run was in: a metric that never paid is not one") {
  std::string text = "x,z,y\n";
  for (int i = 0; i < 80; ++i) {
    const double x = std::cos(3.0 * i), z = std::sin(7.0 * i);
    text +=
        std::to_string(x) + "," + std::to_string(z) + "," + (x + 0.3 * z + std::cos(11.0 * i) > 0 ? "1" : "0") + "\n";
  }
  const Table table = read_text(text, {.target = "y"});
  const Fit easy = fit(table, {.l2 = 1e-2});
  CHECK(easy.coordinates == "plain");
  CHECK(easy.why_solver == "3 weights: the metric of the Hessian once it pays, which it did not");
  const Fit forced = fit(table, {.coordinates = "gram", .l2 = 1e-2});
  CHECK(forced.coordinates == "gram");
}

TEST_CASE("what can't be combined is refused before any data is read, with names that may be written") {
  const auto refusal = [](const FitOptions& options) {
    return thrown<std::invalid_argument>([&] { validate(options); });
  };
  CHECK(mentions(refusal({.direction = "cg", .l1 = 1}), "direction = cg can't be combined"));
  CHECK(mentions(refusal({.step = "weak-wolfe", .l1 = 1}), "choose armijo"));
  CHECK(mentions(refusal({.coordinates = "diagonal", .l1 = 1}), "plain or gram coordinates"));
  CHECK(mentions(refusal({.step = "bb", .direction = "cg"}), "choose steepest"));
  CHECK(mentions(refusal({.model = "softmax", .coordinates = "gram"}), "with softmax where there is l1"));
  CHECK_NOTHROW(validate({.step = "armijo", .direction = "cg"}));
  CHECK_NOTHROW(validate({.step = "bb+nonmonotone", .l1 = 1}));
  CHECK_NOTHROW(validate({.model = "softmax", .coordinates = "gram", .l1 = 1}));
}

TEST_CASE("gram coordinates of so many weights that a matrix would take gigabytes are refused") {
  std::string text;
  for (int i = 0; i < 40; ++i) {
    text += (i % 2 == 0 ? "0 " : "1 ") + std::to_string(1 + i) + ":1 " + std::to_string(20'000 - i) + ":2\n";
  }
  const Table table = read_text(text, {.format = "libsvm"});
  const auto refusal = thrown<std::invalid_argument>([&] { fit(table, {.coordinates = "gram"}); });
  CHECK(mentions(refusal, "20001 weights: each matrix would take 3 GB"));
  CHECK(fit(table, {.l2 = 1e-3}).result.ok());
}

TEST_CASE("a metric that comes once it pays is called one for every loss") {
  std::string text = "x,z,y\n";
  for (int i = 0; i < 80; ++i) {
    const double x = std::cos(3.0 * i), z = std::sin(7.0 * i);
    text += std::to_string(x) + "," + std::to_string(z) + "," + std::to_string(x + 0.3 * z + std::cos(11.0 * i)) + "\n";
  }
  for (const std::string model : {"huber", "quantile"}) {
    const Fit fitted = fit(read_text(text, {.target = "y"}), {.model = model});
    INFO(model);
    CHECK(mentions(fitted.why_solver, "once it pays, which it did not") == (fitted.coordinates == "plain"));
    CHECK(mentions(fitted.why_solver, "once it pays"));
  }
}
