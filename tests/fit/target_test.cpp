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

/// "3:2: …", of a file that is still there.
std::string placed_refusal(const std::string& text, const std::string& model,
                           const ReadOptions& options = {.target = "y"}) {
  const TemporaryFile file(text);
  const Table table = read(file.path(), options);
  return thrown<DataError>([&] { fit(table, {.model = model}); }).substr(file.path().size() + 1);
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

TEST_CASE(
    "a target outside the model's domain is refused with its place in the file, and its row where the file is gone") {
  const std::string bad = column({"1", "", "-1.5", "-2"}),
                    message =
                        "the target 'y' is -1.5, and poisson needs targets that are finite and >= 0; mend it, or "
                        "choose another model";
  CHECK(placed_refusal(bad, "poisson") == "4:2: " + message);
  CHECK(mentions(data_refusal(bad, "poisson"), ": row 2 of those with a target: " + message));
  CHECK(mentions(data_refusal(column({"1", "0", "-1", "2"}), "poisson"), ": row 3: the target 'y' is -1, and poisson"));
  CHECK_NOTHROW(fit_text(column({"1", "0", "0.5", "2"}), {.model = "poisson"}));
}

TEST_CASE(
    "lines are counted past quoted line feeds, blank lines, comments and rows without a target, in every format") {
  CHECK(placed_refusal("\n\"x\na\",y\n\n1,2\n\"2\n\",\n3,-1\n", "poisson").starts_with("8:2: the target 'y' is -1,"));
  CHECK(placed_refusal(gzipped("y\tx\r\n4\t1\r\n-3\t2\r\n"), "poisson").starts_with("3:1: the target 'y' is -3,"));
  CHECK(
      placed_refusal("1,2\n2,-1\n3,5\n", "poisson", {.target = "2"}).starts_with("2:2: the target, column 2, is -1,"));
  CHECK(placed_refusal("# made by hand\n1 1:3\n\n-7 2:1\n", "poisson", {}).starts_with("4:1: the label is -7,"));
  CHECK(
      placed_refusal("1 1:3\nNA 2:1\n0 2:1\n5 1:1\n", "logistic", {})
          .starts_with("4:1: logistic needs a target of two classes, and the label has 3 classes, here 5, the third;"));
}

TEST_CASE("a file that is another by now is not pointed into") {
  const TemporaryFile file(column({"1", "2", "-3"}));
  const Table table = read(file.path(), {.target = "y"});
  file.write(column({"1", "2", "5", "-3"}));
  CHECK(mentions(thrown<DataError>([&] { fit(table, {.model = "poisson"}); }), file.path() + ": row 3: the target"));
}

TEST_CASE("a table that a program made is refused without a file's name") {
  Table table = read_text(column({"1", "2", "-3"}), {.target = "y"});
  table.file.clear();
  CHECK(thrown<DataError>([&] { fit(table, {.model = "poisson"}); }).starts_with("row 3: the target 'y' is -3,"));
}

TEST_CASE("a model of two classes refuses more with their number, where the third is, and what to use") {
  for (const std::string model : {"logistic", "squared-hinge"}) {
    CHECK(placed_refusal(column({"a", "b", "a", "c"}), model) ==
          "5:2: " + model +
              " needs a target of two classes, and the target 'y' has 3 classes, here 'c', the third; use softmax");
    CHECK(mentions(placed_refusal(column({"1", "2", "1", "2", "5"}), model), "6:2: "));
    CHECK(mentions(data_refusal(column({"1", "2", "3", "4"}), model), "row 3: "));
    CHECK(mentions(data_refusal(column({"1", "2", "3", "4"}), model), "has 4 classes, here 3, the third; use softmax"));
    CHECK(mentions(data_refusal(column({"a", "a"}), model), "has 1 class, so there is nothing to tell apart; "));
  }
  CHECK(mentions(data_refusal(column({"5", "5"}), "softmax"), "has 1 class"));
}

TEST_CASE("a quantity is no set of classes") {
  std::vector<std::string> targets;
  for (int i = 0; i < 150; ++i) targets.push_back(std::to_string(i) + ".5");
  for (const std::string model : {"logistic", "softmax"}) {
    CHECK(mentions(data_refusal(column(targets), model), "has more than 100 different values, here "));
  }
  CHECK(
      mentions(placed_refusal(column(targets), "softmax"), "102:2: softmax needs a target of classes, and the target"));
  CHECK(mentions(placed_refusal(column(targets), "softmax"), "here 100.5; use least-squares"));
}

TEST_CASE("text that tells rows apart is not taken for classes, unless softmax is asked for") {
  std::vector<std::string> names;
  for (int i = 0; i < 30; ++i) names.push_back("person" + std::to_string(i));
  CHECK(mentions(data_refusal(column(names), ""), "30 different texts in 30 rows, so it tells rows apart"));
  CHECK(fit_text(column(names), {.model = "softmax", .l2 = 1}).trained.classes.size() == 30);
}

TEST_CASE("models of numbers refuse text") {
  for (const std::string model : {"least-squares", "huber", "quantile", "poisson"}) {
    CHECK(placed_refusal(column({"1", "b", "a"}), model) ==
          "3:2: the target 'y' is 'b', and " + model + " needs a number; mend it, or choose another model");
  }
}

TEST_CASE("a target that was asked to be text and a model of numbers contradict each other") {
  const Table table = read_text(column({"1", "2", "3"}), {.target = "y", .text = {"y"}});
  CHECK(mentions(thrown([&] { fit(table, {.model = "poisson"}); }),
                 "the target 'y' was to be text, and poisson needs a number"));
}

TEST_CASE("a table read as another's keeps rows without a target, and is refused for a fit") {
  const Table table = read_text(column({"1", "2", "4"}), {.target = "y"});
  const Table fresh = read_text(column({"1", "", "4"}), table.encoding);
  CHECK(mentions(thrown<DataError>([&] { fit(fresh); }), "row 2: there is no target; "));
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
