#include "catch.hpp"
#include "data/reading.hpp"
#include "support/thrown.hpp"
#include "surefoot/data/error.hpp"
#include "surefoot/data/read.hpp"
#include "surefoot/fit.hpp"

using namespace surefoot;
using namespace surefoot::test;

namespace {

Fit fit_text(const std::string& text, const FitOptions& options = {.l2 = 0.1}) {
  return fit(read_text(text, {.target = "y"}), options);
}

std::string refusal(const std::string& text, const std::string& model) {
  return thrown([&] { fit_text(text, {.model = model}); });
}

std::string data_refusal(const std::string& text, const std::string& model) {
  return thrown<DataError>([&] { fit_text(text, {.model = model}); });
}

/// A column x and the given targets.
std::string column(const std::vector<std::string>& targets) {
  std::string text = "x,y\n";
  for (std::size_t i = 0; i < targets.size(); ++i) text += std::to_string((7 * i) % 11) + "," + targets[i] + "\n";
  return text;
}

std::string mentioned_note(const Fit& fitted, const std::string& part) {
  for (const auto& note : fitted.notes) {
    if (mentions(note, part)) return note;
  }
  return {};
}

}  // namespace

TEST_CASE("where no model is named the target decides, and the fit says why") {
  const auto chosen = [](const std::vector<std::string>& targets) { return fit_text(column(targets)); };
  CHECK(chosen({"a", "b", "a"}).trained.model == "logistic");
  CHECK(chosen({"a", "b", "c", "a"}).trained.model == "softmax");
  CHECK(chosen({"a", "b", "c", "a"}).why_model == "the target 'y' is text of 3 levels");
  CHECK(chosen({"1", "0", "1"}).trained.model == "logistic");
  CHECK(chosen({"1", "0", "1"}).why_model == "the target 'y' has two values, 0 and 1");
  CHECK(chosen({"1", "2", "3"}).trained.model == "least-squares");  // numbers are softmax's when it is asked for
  CHECK(chosen({"1", "2", "3"}).why_model == "the target 'y' is a number");
}

TEST_CASE("softmax of numbers sorts its classes by their size") {
  const Fit fitted = fit_text(column({"10", "9", "-1", "10", "9", "-1"}), {.model = "softmax", .l2 = 0.1});
  CHECK(fitted.trained.classes == std::vector<std::string>{"-1", "9", "10"});
  CHECK(fit_text(column({"0", "-0", "1"}), {.model = "softmax", .l2 = 0.1}).trained.classes ==
        std::vector<std::string>{"0", "1"});
}

TEST_CASE("a target outside the model's domain is refused with its row and value") {
  CHECK(mentions(data_refusal(column({"1", "0", "-1", "2"}), "poisson"),
                 "the target 'y' is -1 in row 3; poisson needs targets that are finite and >= 0"));
  CHECK(mentions(data_refusal(column({"1", "", "-1.5", "2"}), "poisson"), "-1.5 in row 2 of those with a target"));
  CHECK_NOTHROW(fit_text(column({"1", "0", "0.5", "2"}), {.model = "poisson"}));
}

TEST_CASE("a model of two classes refuses more with their number, where the third is, and what to use") {
  for (const std::string model : {"logistic", "squared-hinge"}) {
    CHECK(mentions(refusal(column({"a", "b", "a", "c"}), model),
                   model + " needs a target of two classes, and the target 'y' has 3 classes (the third in row 4): use "
                           "softmax"));
    CHECK(
        mentions(refusal(column({"1", "2", "1", "2", "5"}), model), "has 3 classes (the third in row 5): use softmax"));
    CHECK(mentions(refusal(column({"1", "2", "3", "4"}), model), "has 4 classes: use softmax"));
    CHECK(mentions(refusal(column({"a", "a"}), model), "has 1 class: there is nothing to tell apart"));
  }
  CHECK(mentions(refusal(column({"5", "5"}), "softmax"), "has 1 class"));
}

TEST_CASE("a quantity is no set of classes") {
  std::vector<std::string> targets;
  for (int i = 0; i < 150; ++i) targets.push_back(std::to_string(i) + ".5");
  for (const std::string model : {"logistic", "softmax"}) {
    CHECK(mentions(refusal(column(targets), model), "has more than 100 different values: use least-squares"));
  }
}

TEST_CASE("text that tells rows apart is not taken for classes, unless softmax is asked for") {
  std::vector<std::string> names;
  for (int i = 0; i < 30; ++i) names.push_back("person" + std::to_string(i));
  CHECK(mentions(refusal(column(names), ""), "30 different texts in 30 rows, so it tells rows apart"));
  CHECK(fit_text(column(names), {.model = "softmax", .l2 = 1}).trained.classes.size() == 30);
}

TEST_CASE("models of numbers refuse text") {
  for (const std::string model : {"least-squares", "huber", "quantile", "poisson"}) {
    CHECK(mentions(refusal(column({"a", "b", "a"}), model), "the target 'y' is text: " + model + " needs a number"));
  }
}

TEST_CASE("a table read as another's keeps rows without a target, and is refused for a fit") {
  const Table table = read_text(column({"1", "2", "4"}), {.target = "y"});
  const Table fresh = read_text(column({"1", "", "4"}), table.encoding);
  CHECK(mentions(thrown<DataError>([&] { fit(fresh); }), "row 2 has no target"));
}

TEST_CASE("a model, an option or a value that does not exist is refused with those that do") {
  const std::string text = column({"1", "2", "4"});
  CHECK(mentions(refusal(text, "forest"),
                 "there is no model 'forest'; there are least-squares, huber, quantile, "
                 "logistic, softmax, poisson, squared-hinge"));
  CHECK(mentions(refusal(text, "huber:delta=0"), "delta = 0 of huber is out of range: it must be > 0"));
  CHECK(mentions(refusal(text, "quantile:level=1"), "level = 1 of quantile is out of range: it must be in (0, 1)"));
  CHECK(mentions(refusal(text, "huber:level=0.5"), "huber has no option 'level'; it has delta"));
  CHECK(mentions(refusal(text, "logistic:delta=1"), "logistic has no option 'delta'; it has none"));
  CHECK(mentions(refusal(text, "huber:delta"), "'delta' of huber is not an option"));
  CHECK(mentions(refusal(text, "huber:delta=wide"), "'wide' of the option delta is not a number"));
}

TEST_CASE("a Huber delta that was not set and is far from the target's spread gets a note that names the option") {
  const auto notes = [](const std::string& model, double unit) {
    std::vector<std::string> targets;
    for (int i = 0; i < 9; ++i) targets.push_back(std::to_string(unit * ((5 * i) % 9)));
    return mentioned_note(fit_text(column(targets), {.model = model}), "Huber's delta is");
  };
  CHECK(mentions(notes("huber", 1e4), "nearly every row counts by its distance alone: the model huber:delta="));
  CHECK(mentions(notes("huber", 1e-3), "hardly a row is that far off"));
  CHECK(notes("huber", 1).empty());
  CHECK(notes("huber:delta=1", 1e4).empty());
  CHECK(notes("least-squares", 1e4).empty());
}

TEST_CASE("the width of a quantile's band follows the target's units") {
  const auto width = [](const std::vector<std::string>& targets) {
    return fit_text(column(targets), {.model = "quantile"}).trained.options[1].second;
  };
  CHECK(width({"1", "3", "1", "3"}) == Approx(0.01));  // their deviation is 1
  CHECK(width({"1e5", "3e5", "1e5", "3e5"}) == Approx(1e3));
  CHECK(width({"7", "7", "7"}) == 0.01);  // a constant target has no spread: the loss's own default
}
