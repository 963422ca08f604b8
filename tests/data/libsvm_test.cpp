#include <cmath>
#include <sstream>

#include "catch.hpp"
#include "data/reading.hpp"

using namespace surefoot;
using namespace surefoot::test;

TEST_CASE("LIBSVM rows become a sparse matrix, its columns called by their index") {
  const Table table = read_text("+1 1:0.5 3:-2\n-1 2:1e2\n");
  CHECK(table.format == "libsvm");
  REQUIRE(std::holds_alternative<SparseMatrix>(table.x));
  CHECK(rows_of(table) == Rows{{.5, 0, -2}, {0, 100, 0}});
  CHECK(target_of(table) == Values{1, -1});
  CHECK(names_of(table) == Names{"1", "2", "3"});
  CHECK(table.encoding.sparse_format);
  CHECK(table.encoding.index_base == 1);
  CHECK(table.encoding.target_name == "label");
  CHECK(table.encoding.target_index == 0);
  CHECK(table.has_target);
}

TEST_CASE("rows may be a label alone, have comments, qid, tabs, blanks at the end, or be missing") {
  const Table table = read_text("# made by hand\n1 qid:3 1:1 # the first\r\n\r\n2\t2:2 \t\n3\n   \n4 1:4#x");
  CHECK(rows_of(table) == Rows{{1, 0}, {0, 2}, {0, 0}, {4, 0}});
  CHECK(target_of(table) == Values{1, 2, 3, 4});
  CHECK(has_note(table, "qid"));
}

TEST_CASE("an index 0 anywhere means that indices start at 0, and is said") {
  const Table table = read_text("1 1:5\n2 0:3 2:1\n");
  CHECK(rows_of(table) == Rows{{0, 5, 0}, {3, 0, 1}});
  CHECK(names_of(table) == Names{"0", "1", "2"});
  CHECK(table.encoding.index_base == 0);
  CHECK(has_note(table, "indices start at 0"));
}

TEST_CASE("indices in any order are sorted, repeated ones are errors") {
  const auto table = read_text("1 3:3 1:1 2:2\n");
  CHECK(rows_of(table) == Rows{{1, 2, 3}});
  CHECK(std::get<SparseMatrix>(table.x).innerIndexPtr()[0] == 0);
  const DataError error = error_of("1 1:1\n2 3:1 1:2 3:4\n");
  CHECK(error.line == 2);
  CHECK(error.column == 4);
  CHECK(error_of("1 1:1 1:1\n").column == 3);
}

TEST_CASE("statistics of a sparse column count its zeros") {
  const Table table = read_text("1 1:3\n1 1:5 2:1\n1 2:-1\n1\n");
  const Column& first = table.encoding.columns[0];
  CHECK(first.min == 0);
  CHECK(first.max == 5);
  CHECK(first.mean == 2);
  CHECK(first.deviation == Approx(std::sqrt(4.5)));  // 1² + 3² + 2² + 2², over 4
  CHECK(table.encoding.columns[1].min == -1);
  CHECK(table.encoding.columns[1].mean == 0);
}

TEST_CASE("zeros that are written out are not stored, but count as columns") {
  const Table table = read_text("1 1:1 2:0 4:0.0\n");
  CHECK(table.columns() == 4);
  CHECK(std::get<SparseMatrix>(table.x).nonZeros() == 1);
}

TEST_CASE("faults in LIBSVM are errors with line and token") {
  const auto at = [](const std::string& line) {
    const DataError error = error_of("1 1:1 2:2\n1 1:1 2:2\n1 1:1 2:2\n" + line + "\n1 1:1\n");
    CHECK(error.line == 4);
    return error.column;
  };
  CHECK(at("1 1:1 2:x") == 3);
  CHECK(at("1 1:1 2:") == 3);
  CHECK(at("1 1:1 two:2") == 3);
  CHECK(at("1 1:1 :2") == 3);
  CHECK(at("1 1:1 -2:2") == 3);
  CHECK(at("1 1:1 2") == 3);
  CHECK(at("1 1:nan") == 2);
  CHECK(at("1 1:inf") == 2);
  CHECK(at("1 1:1e999") == 2);
  CHECK(at("1 1:1 99999999999:1") == 3);
  CHECK(at("1 1:1 4000000000:1") == 3);
  CHECK(at("1 1:1 1999999999:1") == 3);
  CHECK(at("x 1:1") == 1);
  CHECK(at("inf 1:1") == 1);
  CHECK(at("1:1 2:2") == 1);
}

TEST_CASE("rows with a missing label are left out and counted") {
  const Table table = read_text("1 1:1\nnan 9:1\n2 2:1\n? 1:1\n");
  CHECK(table.rows() == 2);
  CHECK(table.columns() == 2);
  CHECK(table.rows_left_out == 2);
}

TEST_CASE("a LIBSVM file has no target or text to name, but columns to drop") {
  const std::string text = "1 1:1 2:2 3:3\n2 1:4 3:6\n";
  CHECK(contains(error_of(text, {.target = "3"}).what(), "label"));
  CHECK(contains(error_of(text, {.text = {"3"}}).what(), "'3'"));
  CHECK(read_text(text, {.target = "label"}).columns() == 3);
  const Table table = read_text(text, {.drop = {"2"}});
  CHECK(rows_of(table) == Rows{{1, 3}, {4, 6}});
  CHECK(names_of(table) == Names{"1", "3"});
  CHECK(table.encoding.columns[1].kind == ColumnKind::left_out);
  CHECK(table.encoding.features[1].column == 2);
  CHECK(contains(error_of(text, {.drop = {"7"}}).what(), "from 1 to 3"));
  CHECK(contains(error_of(text, {.drop = {"1", "2", "-1"}}).what(), "every column"));
}

TEST_CASE("labels alone, or nothing, is nothing to learn from") {
  CHECK(contains(error_of("1\n2\n", {.format = "libsvm"}).what(), "only labels"));
  CHECK(contains(error_of("# nothing\n", {.format = "libsvm"}).what(), "no data"));
}

TEST_CASE("another LIBSVM file has the columns of the first") {
  const Encoding as = read_text("1 1:1 2:2 4:3\n2 1:4\n", {.drop = {"2"}}).encoding;
  const Table table = read_text("5 4:1 2:9\n6 1:2 5:7\n7\n", as);
  CHECK(rows_of(table) == Rows{{0, 0, 1}, {2, 0, 0}, {0, 0, 0}});
  CHECK(target_of(table) == Values{5, 6, 7});
  CHECK(has_note(table, "1 value of columns beyond 4"));
}

TEST_CASE("a LIBSVM file to predict needs no labels") {
  const Encoding as = read_text("1 1:1 2:2\n2 1:4\n").encoding;
  const Table table = read_text("1:5\n2:6\n", as);
  CHECK(rows_of(table) == Rows{{5, 0}, {0, 6}});
  CHECK_FALSE(table.has_target);
  CHECK(rows_of(read_text("1\n-1\n", as)) == Rows{{0, 0}, {0, 0}});
}

TEST_CASE("the index base of training holds for other files") {
  const Encoding from_0 = read_text("1 0:1 1:2\n").encoding;
  CHECK(rows_of(read_text("1 1:5\n", from_0)) == Rows{{0, 5}});
  const Encoding from_1 = read_text("1 1:1 2:2\n").encoding;
  CHECK(contains(data_error_of([&] { read_text("1 0:5\n", from_1); }).what(), "start at 1"));
}
