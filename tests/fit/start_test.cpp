#include "catch.hpp"
#include "data/reading.hpp"
#include "support/thrown.hpp"
#include "surefoot/data/read.hpp"
#include "surefoot/fit.hpp"

using namespace surefoot;
using namespace surefoot::test;

namespace {

std::string sick(int rows, const std::vector<std::string>& kinds) {
  std::string text = "dose,age,kind\n";
  for (int i = 0; i < rows; ++i) {
    const auto at = static_cast<std::size_t>(i * i + i / 3) % kinds.size();
    text += std::to_string(0.01 * ((5 * i) % 13)) + "," + std::to_string(20 + (7 * i) % 50) + "," + kinds[at] + "\n";
  }
  return text;
}

std::string refusal(const Table& table, const LinearModel& start, const std::string& model = "") {
  return thrown([&] { fit(table, {.model = model, .l2 = 0.01, .start = start}); });
}

}  // namespace

TEST_CASE("a run that starts at its own end is there at once, in standardised columns and in the file's own") {
  for (const std::string model : {"logistic", "softmax"}) {
    for (const std::string scale : {"standard", "none"}) {
      const Table table = read_text(
          sick(60, model == "softmax" ? std::vector<std::string>{"a", "b", "c"} : std::vector<std::string>{"a", "b"}),
          {.target = "kind"});
      const FitOptions options{.model = model, .l2 = 0.01, .scale = scale, .tolerance = 1e-8};
      const Fit cold = fit(table, options);
      FitOptions again = options;
      again.start = cold.trained;
      again.tolerance = 1e-7;
      const Fit warm = fit(table, again);
      INFO(model << " " << scale);
      CHECK(warm.result.status == Status::converged);
      CHECK(warm.result.iterations == 0);
      CHECK(warm.result.loss == Approx(cold.result.loss).epsilon(1e-12));
      CHECK(warm.result.start_loss == Approx(cold.result.loss).epsilon(1e-12));
    }
  }
}

TEST_CASE("a warm start leads to the same minimum as a cold one, on other rows of the same columns") {
  const Table few = read_text(sick(40, {"a", "b"}), {.target = "kind"});
  const Table more = read_text(sick(80, {"a", "b"}), {.target = "kind"});
  const Fit first = fit(few, {.l2 = 0.01});
  const Fit cold = fit(more, {.l2 = 0.01, .tolerance = 1e-9});
  const Fit warm = fit(more, {.l2 = 0.01, .tolerance = 1e-9, .start = first.trained});
  CHECK(warm.result.loss == Approx(cold.result.loss).epsilon(1e-12));
  CHECK(warm.why_model == "that of the model it starts from");
}

TEST_CASE("a start decides about the model and its options where none is named") {
  const Table table = read_text("x,y\n1,2\n2,3\n3,5\n4,9\n", {.target = "y"});
  const Fit first = fit(table, {.model = "huber:delta=0.5", .l2 = 0.01});
  const Fit second = fit(table, {.l2 = 0.01, .start = first.trained});
  CHECK(second.trained.model == "huber");
  CHECK(second.trained.options == first.trained.options);
}

TEST_CASE("a start from a file is the start itself") {
  const Table table = read_text(sick(60, {"a", "b"}), {.target = "kind"});
  const Fit cold = fit(table, {.l2 = 0.01, .tolerance = 1e-8});
  const TemporaryFile file("");
  cold.save(file.path());
  const Fit warm = fit(table, {.l2 = 0.01, .tolerance = 1e-7, .start = LinearModel::load(file.path())});
  CHECK(warm.result.iterations == 0);
}

TEST_CASE("a start of another kind, or of other columns or classes, is refused with the difference") {
  const Table table = read_text(sick(30, {"a", "b"}), {.target = "kind"});
  const LinearModel model = fit(table, {.l2 = 0.01}).trained;
  CHECK(mentions(refusal(table, model, "squared-hinge"),
                 "is of the kind logistic, and the fit of the kind squared-hinge"));
  CHECK(mentions(refusal(read_text(sick(30, {"a", "d"}), {.target = "kind"}), model),
                 "has the classes a, b, and the target a, d"));
  CHECK(mentions(refusal(read_text("age,dose,kind\n1,2,a\n2,1,b\n", {.target = "kind"}), model),
                 "its column 1 is 'dose', the table's 'age'"));
  CHECK(mentions(refusal(read_text("dose,kind\n1,a\n2,b\n", {.target = "kind"}), model),
                 "has 2 columns, and the table 1"));
}

TEST_CASE("a start at the minimum without l1 is not taken for the one with it, in any coordinates") {
  const Table table = read_text(sick(60, {"a", "b"}), {.target = "kind"});
  const Fit smooth = fit(table, {.tolerance = 1e-13});
  for (const std::string coordinates : {"", "plain", "gram"}) {
    const Fit cold = fit(table, {.coordinates = coordinates, .l1 = 0.02, .tolerance = 1e-9});
    const Fit warm = fit(table, {.coordinates = coordinates, .l1 = 0.02, .tolerance = 1e-9, .start = smooth.trained});
    INFO("coordinates " << coordinates);
    CHECK(warm.result.status == Status::converged);
    CHECK(warm.result.loss == Approx(cold.result.loss).epsilon(1e-9));
    CHECK(warm.result.loss < warm.result.start_loss);
  }
}

TEST_CASE("a column that does not vary, which no weight is fitted for, does not spoil a start") {
  const Table table = read_text("a,c,y\n1,5,1.1\n2,5,1.9\n3,5,3.2\n4,5,4.1\n5,5,4.7\n", {.target = "y"});
  const Fit cold = fit(table), warm = fit(table, {.start = cold.trained});
  CHECK(warm.result.iterations == 0);
  CHECK(warm.result.loss == Approx(cold.result.loss));
}
