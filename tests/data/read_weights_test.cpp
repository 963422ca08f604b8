#include "catch.hpp"
#include "data/encoding_json.hpp"
#include "data/reading.hpp"
#include "support/thrown.hpp"

using namespace surefoot;
using namespace surefoot::test;

namespace {

std::string refusal(std::string_view content, const ReadOptions& options) {
  return thrown([&] { read_text(content, options); });
}

Values weights_of(const Table& table) { return {table.weights.data(), table.weights.data() + table.weights.size()}; }

}  // namespace

TEST_CASE("a column of row weights is read beside the features, and is none of them") {
  const Table table = read_text("a,w,y\n1,0.5,3\n2,0,4\n5,2,9\n", {.target = "y", .weights = "w"});
  CHECK(weights_of(table) == Values{0.5, 0, 2});
  CHECK(names_of(table) == Names{"a"});
  CHECK(table.encoding.weights_index == 2);
  CHECK(table.encoding.columns[1].kind == ColumnKind::left_out);
  CHECK(table.encoding.columns[1].why == "row weights");
  CHECK(has_note(table, "row weights from w, 0 to 2: 1 row of weight 0 counts for nothing"));
  CHECK(read_text("a,w,y\n1,1,3\n2,1,4\n", {.target = "y"}).weights.size() == 0);
}

TEST_CASE("the row weights stay beside their rows where a row without a target is left out") {
  const Table table = read_text("w,a,y\n7,1,3\n-1,2,\n9,5,9\n", {.target = "-1", .weights = "1"});
  CHECK(weights_of(table) == Values{7, 9});
  CHECK(target_of(table) == Values{3, 9});
}

TEST_CASE("a row weight that is negative, missing, infinite or no number is refused where it stands") {
  const auto refused = [](const std::string& cell, const std::string& why) {
    const DataError error = error_of("a,y,w\n1,2,1\n3,4," + cell + "\n5,6,1\n", {.target = "y", .weights = "w"});
    INFO(error.what());
    CHECK(error.line == 3);
    CHECK(error.column == 3);
    CHECK(contains(error.what(), why));
  };
  refused("-0.5", "the row weight '-0.5' in the column 'w' is negative");
  refused("", "the row weight in the column 'w' is missing");
  refused("NA", "is missing");
  refused("inf", "not a finite number");
  refused("1e999", "too large for a double");
  refused("many", "'many' is not a number");
}

TEST_CASE("row weights that are all 0 are refused: no row would count") {
  const DataError error = error_of("a,y,w\n1,2,0\n3,4,0\n", {.target = "y", .weights = "w"});
  CHECK(contains(error.what(), "every row weight in the column 'w' is 0"));
}

TEST_CASE("row weights that are something else already are refused") {
  const std::string text = "a,y,w\n1,2,1\n3,4,1\n";
  CHECK(mentions(refusal(text, {.target = "y", .weights = "y"}), "both the target and the row weights"));
  CHECK(mentions(refusal(text, {.target = "y", .weights = "w", .drop = {"w"}}), "named in drop too"));
  CHECK(mentions(refusal(text, {.target = "y", .weights = "w", .text = {"w"}}), "named in text too"));
  CHECK(contains(error_of(text, {.target = "y", .weights = "v"}).what(), "no column 'v' for the row weights"));
  CHECK(read_text(text, {.target = "y", .weights = "w", .number = {"w"}}).weights.size() == 2);
}

TEST_CASE("keep names the only columns to learn from, beside target and row weights") {
  const std::string text = "a,b,c,w,y\n1,2,x,1,3\n2,1,y,1,4\n";
  const Table table = read_text(text, {.target = "y", .weights = "w", .keep = {"3", "a"}});
  CHECK(names_of(table) == Names{"a", "c=x", "c=y"});
  CHECK(table.encoding.columns[1].why == "not in keep");
  CHECK_FALSE(has_note(table, "left out"));  // as was asked for
  CHECK(table.weights.size() == 2);
}

TEST_CASE("what is not kept may hold anything") {
  CHECK(names_of(read_text("a,b,y\n1,inf,3\n2,?,4\n", {.target = "y", .keep = {"a"}})) == Names{"a"});
}

TEST_CASE("keep and what contradicts it are refused together") {
  const std::string text = "a,b,y\n1,2,3\n2,1,4\n";
  CHECK(mentions(refusal(text, {.target = "y", .drop = {"a"}, .keep = {"a"}}), "named in keep and in drop"));
  CHECK(
      mentions(refusal(text, {.target = "y", .keep = {"a"}, .text = {"b"}}), "'b' is named in text, but not in keep"));
  CHECK(mentions(refusal(text, {.target = "y", .keep = {"a"}, .number = {"b"}}), "but not in keep"));
  CHECK(contains(error_of(text, {.target = "y", .keep = {"d"}}).what(), "no column 'd' for keep"));
  CHECK(contains(error_of(text, {.target = "y", .keep = {"y"}}).what(), "no column is left to learn from"));
  CHECK(names_of(read_text(text, {.target = "y", .drop = {"b"}, .keep = {"a"}})) == Names{"a"});
}

TEST_CASE("LIBSVM row weights are those of an index, absent ones being 0") {
  const std::string text = "1 1:5 2:0.5\n-1 1:6\n1 1:7 2:3 3:1\n";
  const Table table = read_text(text, {.weights = "2"});
  CHECK(weights_of(table) == Values{0.5, 0, 3});
  CHECK(rows_of(table) == Rows{{5, 0}, {6, 0}, {7, 1}});
  CHECK(names_of(table) == Names{"1", "3"});
  const DataError negative = error_of("1 1:5 2:1\n-1 1:6 2:-2\n", {.weights = "2"});
  CHECK(negative.line == 2);
  CHECK(negative.column == 3);
  CHECK(contains(error_of("1 1:5 2:0\n-1 1:6\n", {.weights = "2"}).what(), "every row weight, of index 2, is 0"));
  CHECK(contains(error_of(text, {.weights = "9"}).what(), "no column '9' for the row weights"));
}

TEST_CASE("LIBSVM columns are kept by their index") {
  const std::string text = "1 1:5 2:0.5\n-1 1:6\n1 1:7 2:3 3:1\n";
  CHECK(rows_of(read_text(text, {.keep = {"3", "1"}})) == Rows{{5, 0}, {6, 0}, {7, 1}});
  CHECK(mentions(refusal(text, {.drop = {"1"}, .keep = {"1"}}), "named in keep and in drop"));
  CHECK(contains(error_of(text, {.weights = "2", .drop = {"1", "3"}}).what(), "every column is left out"));
}

TEST_CASE("an encoding with row weights and kept columns survives JSON") {
  for (const Table& table : {read_text("a,b,w,y\n1,2,1,3\n2,1,1,4\n", {.target = "y", .weights = "w", .keep = {"a"}}),
                             read_text("1 1:5 2:0.5\n1 1:7 2:3 3:1 4:2\n", {.weights = "2", .drop = {"3"}}),
                             read_text("1 1:5 2:0.5\n1 1:7 2:3 3:1 4:2\n", {.weights = "2", .keep = {"1", "4"}})}) {
    const nlohmann::json json = table.encoding;
    const auto back = json.get<Encoding>();
    CHECK(back.weights_index == table.encoding.weights_index);
    CHECK(back.features == table.encoding.features);
    for (std::size_t j = 0; j < back.columns.size(); ++j) {
      CHECK(back.columns[j].kind == table.encoding.columns[j].kind);
      CHECK(back.columns[j].why == table.encoding.columns[j].why);
    }
  }
  nlohmann::json broken = read_text("a,w,y\n1,1,3\n", {.target = "y", .weights = "w"}).encoding;
  broken["weights_index"] = 9;
  CHECK_THROWS_AS(broken.get<Encoding>(), std::invalid_argument);
}

TEST_CASE("a file to predict needs neither the row weights nor the columns that were not kept") {
  const Table trained = read_text("a,b,w,y\n1,2,1,3\n2,1,1,4\n", {.target = "y", .weights = "w", .keep = {"a"}});
  const Table fresh = read_text("a\n7\n", trained.encoding);
  CHECK(rows_of(fresh) == Rows{{7}});
  CHECK(fresh.weights.size() == 0);
}
