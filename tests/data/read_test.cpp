#include "surefoot/data/read.hpp"

#include <cmath>
#include <sstream>

#include "catch.hpp"
#include "data/reading.hpp"

using namespace surefoot;
using namespace surefoot::test;

TEST_CASE("a table with a header becomes a matrix, a target and names") {
  const Table table = read_text("size,rooms,price\n100,3,200\n80,2,150.5\n", {.target = "price"});
  CHECK(table.format == "csv");
  CHECK(rows_of(table) == Rows{{100, 3}, {80, 2}});
  CHECK(target_of(table) == Values{200, 150.5});
  CHECK(names_of(table) == Names{"size", "rooms"});
  CHECK(table.rows() == 2);
  CHECK(table.columns() == 2);
  CHECK(table.has_target);
  CHECK(table.encoding.target_name == "price");
  CHECK(table.encoding.target_index == 3);
  CHECK(table.encoding.classes.empty());
  CHECK(table.encoding.named);
}

TEST_CASE("without a target every column is a feature") {
  const Table table = read_text("a,b\n1,2\n3,4\n");
  CHECK_FALSE(table.has_target);
  CHECK(table.y.size() == 0);
  CHECK(table.columns() == 2);
}

TEST_CASE("a column is named by its name, or by its index where no column is called so") {
  const std::string text = "a,b,1\n10,20,30\n11,21,31\n";
  const ReadOptions with_header{.header = true};
  const auto target = [&](const std::string& name) {
    ReadOptions options = with_header;
    options.target = name;
    return read_text(text, options).encoding.target_name;
  };
  CHECK(target("b") == "b");
  CHECK(target("2") == "b");
  CHECK(target("-2") == "b");
  CHECK(target("-1") == "1");
  CHECK(target("1") == "1");  // the name wins over the index
}

TEST_CASE("columns without a header are called by their index") {
  const Table table = read_text("1,2,3\n4,5,6\n", {.target = "-1", .drop = {"1"}});
  CHECK(names_of(table) == Names{"2"});
  CHECK(target_of(table) == Values{3, 6});
  CHECK_FALSE(table.encoding.named);
  CHECK(has_note(table, "no header"));
}

TEST_CASE("a text column becomes one 0/1 column a level, sorted") {
  const Table table = read_text("y,sex,age\n1,male,20\n0,female,30\n1,male,40\n", {.target = "y"});
  CHECK(names_of(table) == Names{"sex=female", "sex=male", "age"});
  CHECK(rows_of(table) == Rows{{0, 1, 20}, {1, 0, 30}, {0, 1, 40}});
  CHECK(table.encoding.columns[1].kind == ColumnKind::text);
  CHECK(table.encoding.columns[1].levels == Names{"female", "male"});
  CHECK(table.encoding.features[2].column == 2);
  CHECK(table.encoding.features[2].level == -1);
  CHECK(table.encoding.features[1].level == 1);
}

TEST_CASE("codes become levels if they are named in text") {
  const Table table = read_text("y,class\n1,3\n0,10\n1,\n", {.target = "y", .text = {"class"}});
  CHECK(names_of(table) == Names{"class=10", "class=3", "class=NA"});
  CHECK(rows_of(table) == Rows{{0, 1, 0}, {1, 0, 0}, {0, 0, 1}});
}

TEST_CASE("a missing number becomes the mean of its column, a missing text the level NA") {
  const Table table = read_text("y,n,t\n1,2,Q\n2,,b\n3,6,\n4,1,A\n", {.target = "y"});
  CHECK(names_of(table) == Names{"n", "t=A", "t=NA", "t=Q", "t=b"});
  CHECK(rows_of(table) == Rows{{2, 0, 0, 1, 0}, {3, 0, 0, 0, 1}, {6, 0, 1, 0, 0}, {1, 1, 0, 0, 0}});
  CHECK(table.missing_cells == 2);
  CHECK(table.encoding.columns[1].missing == 1);
  CHECK(table.encoding.columns[2].missing == 1);
  CHECK(has_note(table, "1 in n (3)"));
}

TEST_CASE("missing is written in eight ways and no other") {
  for (const std::string missing : {"", "NA", "N/A", "?", "NaN", "nan", "null", "NULL", "\"\"", " NA "}) {
    INFO("'" << missing << "'");
    const Table table = read_text("y,n\n1,2\n2," + missing + "\n3,4\n", {.target = "y"});
    CHECK(rows_of(table) == Rows{{2}, {3}, {4}});
  }
  for (const std::string other : {"NAN", "na", "-", "none", "nil", "-nan", "missing", "."}) {
    INFO("'" << other << "'");
    const Table table = read_text("y,n\n1,2\n2," + other + "\n3,4\n", {.target = "y"});
    CHECK(table.encoding.columns[1].kind == ColumnKind::text);
    CHECK(table.columns() == 3);
  }
}

TEST_CASE("rows without a target are left out of everything and counted") {
  const Table table = read_text("y,n,t\n1,2,a\nNA,100,b\n3,,a\n,x,c\n5,4,a\n", {.target = "y"});
  CHECK(table.rows_left_out == 2);
  CHECK(target_of(table) == Values{1, 3, 5});
  CHECK(names_of(table) == Names{"n", "t=a"});
  CHECK(rows_of(table) == Rows{{2, 1}, {3, 1}, {4, 1}});
  CHECK(has_note(table, "2 rows without a target left out"));
}

TEST_CASE("a text target becomes the index of its class") {
  const Table table = read_text("kind,n\nsetosa,1\nvirginica,2\n?,9\nsetosa,3\nalba,4\n", {.target = "kind"});
  CHECK(table.encoding.classes == Names{"alba", "setosa", "virginica"});
  CHECK(target_of(table) == Values{1, 2, 1, 0});
  CHECK(table.rows_left_out == 1);
}

TEST_CASE("a target of two numbers stays a number, unless it is named in text") {
  CHECK(target_of(read_text("y,n\n2,1\n4,2\n2,3\n", {.target = "y"})) == Values{2, 4, 2});
  const Table as_text = read_text("y,n\n2,1\n4,2\n2,3\n", {.target = "y", .text = {"y"}});
  CHECK(target_of(as_text) == Values{0, 1, 0});
  CHECK(as_text.encoding.classes == Names{"2", "4"});
}

TEST_CASE("a text target of many levels is kept") {
  std::ostringstream text;
  text << "y,n\n";
  for (int i = 0; i < 30; ++i) text << "class" << i << "," << i << "\n";
  CHECK(read_text(text.str(), {.target = "y"}).encoding.classes.size() == 30);
}

TEST_CASE("min, max, mean and population deviation are of the cells that are there") {
  const Table table = read_text("y,n\n1,2\n2,4\n3,\n4,9\n", {.target = "y"});
  const Column& n = table.encoding.columns[1];
  CHECK(n.min == 2);
  CHECK(n.max == 9);
  CHECK(n.mean == 5);
  CHECK(n.deviation == Approx(std::sqrt(26.0 / 3)));  // 3² + 1² + 4², over 3
  CHECK(table.encoding.columns[0].mean == 2.5);       // the target's too
  CHECK(table.encoding.columns[0].deviation == Approx(std::sqrt(1.25)));
}

TEST_CASE("statistics neither over- nor underflow") {
  const Column huge = read_text("n,m\n1e308,0\n1.5e308,0\n1e308,1\n1.5e308,1\n").encoding.columns[0];
  CHECK(huge.mean == Approx(1.25e308));
  CHECK(huge.deviation == Approx(0.25e308));
  const Column opposite = read_text("n,m\n1e308,0\n-1e308,1\n").encoding.columns[0];
  CHECK(opposite.mean == 0);
  CHECK(opposite.deviation == Approx(1e308));
  const Column tiny = read_text("n,m\n1e-200,0\n3e-200,1\n").encoding.columns[0];
  CHECK(tiny.mean == Approx(2e-200).epsilon(1e-12));
  CHECK(tiny.deviation == Approx(1e-200).epsilon(1e-12));
}

TEST_CASE("equal values have deviation 0 and exactly their value as mean") {
  const Column column = read_text("n,m\n0.1,0\n0.1,1\n0.1,2\n0.1,3\n0.1,4\n0.1,5\n").encoding.columns[0];
  CHECK(column.deviation == 0);
  CHECK(column.mean == 0.1);
}

TEST_CASE("numbers may have any of the usual forms") {
  const std::string forms =
      "n,m\n+5,1\n.28,1\n3504.,1\n-1e-3,1\n2.5E+2,1\n\" 7 \",1\n007,1\n1e-400,1\n-0,1\n"
      "0.1000000000000000055511151231257827021181583404541015625,1\n";
  const Table table = read_text(forms);
  CHECK(rows_of(table) ==
        Rows{{5, 1}, {.28, 1}, {3504, 1}, {-.001, 1}, {250, 1}, {7, 1}, {7, 1}, {0, 1}, {0, 1}, {.1, 1}});
}

TEST_CASE("what only begins like a number is text") {
  for (const std::string text :
       {"12a", "1e", "1e+", ".", "+", "-", "+-5", "1.2.3", "0x10", "1_000", "--1", "e5", "1 2"}) {
    INFO(text);
    CHECK(read_text("n,m\n1,1\n" + text + ",2\n").encoding.columns[0].kind == ColumnKind::text);
  }
}

TEST_CASE("infinity in a number column is an error at its cell") {
  for (const std::string infinite : {"inf", "-inf", "+Infinity", "INF", "1e999", "-1e999", "\"inf\""}) {
    INFO(infinite);
    const DataError error = error_of("n,m\n1,1\n2," + infinite + "\n3,3\n");
    CHECK(error.line == 3);
    CHECK(error.column == 2);
  }
  // Among other words it is one of them.
  CHECK(read_text("n,m\na,1\ninf,2\n").encoding.columns[0].levels == Names{"a", "inf"});
}

TEST_CASE("free text is left out with the reason and the way to keep it") {
  std::ostringstream text;
  text << "name,city,n\n";
  for (int i = 0; i < 60; ++i) text << "person " << i << ",city " << i % 25 << "," << i << "\n";
  const Table table = read_text(text.str());
  const Column& name = table.encoding.columns[0];
  CHECK(name.kind == ColumnKind::left_out);
  CHECK(contains(name.why, "60 different texts in 60 cells"));
  CHECK(contains(name.why, "--text name"));
  CHECK(has_note(table, "name left out"));
  CHECK(table.encoding.columns[1].kind == ColumnKind::text);  // 25 levels, not more than half of the cells
  CHECK(table.columns() == 26);
  CHECK(read_text(text.str(), {.text = {"name"}}).columns() == 86);
}

TEST_CASE("twenty levels are kept however few the rows") {
  const auto with_levels = [](int levels) {
    std::ostringstream text;
    text << "t,n\n";
    for (int i = 0; i < levels; ++i) text << "t" << i << "," << i << "\n";
    return read_text(text.str()).encoding.columns[0].kind;
  };
  CHECK(with_levels(20) == ColumnKind::text);
  CHECK(with_levels(21) == ColumnKind::left_out);
}

namespace {

std::string hundred_numbers_and(const std::string& cell) {
  std::ostringstream text;
  text << "id,total_rooms\n";
  for (int i = 0; i < 100; ++i) text << i % 3 << "," << i << "\n";
  text << "0," << cell << "\n";
  return text.str();
}

}  // namespace

TEST_CASE("a few cells that are no numbers in a column of many are an error at the first of them") {
  const DataError error = error_of(hundred_numbers_and("12a"));
  CHECK(error.line == 102);
  CHECK(error.column == 2);
  CHECK(contains(error.what(), "'12a' is not a number, while 100 of 101 cells of the column 'total_rooms' are"));
  CHECK(contains(error.what(), ":102:2: "));
  CHECK(contains(error.what(), "--text"));
  CHECK(error_of(hundred_numbers_and("12a"), {.target = "total_rooms"}).line == 102);
  CHECK(read_text(hundred_numbers_and("12a"), {.text = {"total_rooms"}}).columns() == 102);
  CHECK(read_text(hundred_numbers_and("12a"), {.drop = {"total_rooms"}}).columns() == 1);
  CHECK(read_text(hundred_numbers_and("?")).columns() == 2);
}

TEST_CASE("a few distinct numbers with a word among them are text") {
  std::ostringstream text;
  text << "n,grade\n";
  for (int i = 0; i < 100; ++i) text << i << "," << i % 5 << "\n";
  text << "100,absent\n";
  CHECK(read_text(text.str()).encoding.columns[1].levels == Names{"0", "1", "2", "3", "4", "absent"});
}

TEST_CASE("a column named in number must be of numbers") {
  const DataError error = error_of("n,m\n1,1\nx,2\n2,3\n", {.number = {"n"}});
  CHECK(error.line == 3);
  CHECK(error.column == 1);
  CHECK(read_text("n,m\n1,1\n?,2\n2,3\n", {.number = {"n"}}).columns() == 2);
}

TEST_CASE("decimal commas are refused, not taken for text") {
  const DataError error = error_of("a;b\n1,5;2\n2,25;3\n");
  CHECK(error.line == 2);
  CHECK(error.column == 1);
  CHECK(contains(error.what(), "comma"));
  CHECK(read_text("a;b\n1,5;2\n2,25;3\n", {.text = {"a"}}).columns() == 3);
}

TEST_CASE("a row with another number of fields is an error with both counts") {
  const DataError few = error_of("a,b,c\n1,2,3\n4,5\n6,7,8\n");
  CHECK(few.line == 3);
  CHECK(few.column == 3);
  CHECK(contains(few.what(), "2 fields"));
  CHECK(contains(few.what(), "the header has 3"));
  const DataError many = error_of("1,2,3\n4,5,6\n\n7,8,9,10\n");
  CHECK(many.line == 4);
  CHECK(contains(many.what(), "the first row has 3"));
}

TEST_CASE("a line number counts lines, whatever ends them and whatever is inside quotes") {
  for (const std::string end : {"\n", "\r\n", "\r"}) {
    const std::string text = "a,b" + end + end + "\"x" + end + "y\",1" + end + "z,inf" + end + "z,2" + end;
    CHECK(error_of(text).line == 5);
    CHECK(error_of("\xEF\xBB\xBF" + text).line == 5);
  }
}

TEST_CASE("a column without any cell is left out with the reason") {
  const Table table = read_text("y,empty,n\n1,,1\n2,NA,2\n", {.target = "y"});
  CHECK(names_of(table) == Names{"n"});
  CHECK(table.encoding.columns[1].kind == ColumnKind::left_out);
  CHECK(contains(table.encoding.columns[1].why, "missing"));
  CHECK(has_note(table, "empty left out"));
}

TEST_CASE("constant columns stay, with a note") {
  const Table table = read_text("y,same,n\n1,7,1\n2,7,2\n", {.target = "y"});
  CHECK(table.columns() == 2);
  CHECK(has_note(table, "1 constant column: same"));
}

TEST_CASE("columns that are not there are errors that list those that are, the closest first") {
  const DataError error = error_of("size,rooms,price\n1,2,3\n", {.target = "prize"});
  CHECK(error.line == 0);
  CHECK(contains(error.what(), "'prize'"));
  CHECK(contains(error.what(), "price, size, rooms"));
  CHECK(contains(error_of("a,b\n1,2\n", {.drop = {"c"}}).what(), "'c' for drop"));
  CHECK(contains(error_of("a,b\n1,2\n", {.text = {"3"}}).what(), "'3' for text"));
  CHECK(contains(error_of("a,b\n1,2\n", {.target = "0"}).what(), "'0'"));
  CHECK(contains(error_of("a,b\n1,2\n", {.target = "-3"}).what(), "'-3'"));
}

TEST_CASE("options that contradict each other are refused") {
  const TemporaryFile file("a,b\n1,2\n3,4\n");
  CHECK_THROWS_AS(read(file.path(), {.target = "a", .drop = {"a"}}), std::invalid_argument);
  CHECK_THROWS_AS(read(file.path(), {.text = {"a"}, .number = {"1"}}), std::invalid_argument);
  CHECK_THROWS_AS(read(file.path(), {.format = "xml"}), std::invalid_argument);
}

TEST_CASE("names that occur twice are made different, with a note") {
  const Table table = read_text("x,x,y,x.2,x\n1,2,3,4,5\n6,7,8,9,0\n", {.target = "y", .header = true});
  CHECK(names_of(table) == Names{"x", "x.3", "x.2", "x.4"});
  CHECK(has_note(table, "twice"));
}

TEST_CASE("a column without a name is called by its index") {
  const Table table = read_text(",visits,\n1,2,3\n4,5,6\n", {.target = "visits"});
  CHECK(names_of(table) == Names{"1", "3"});
}

TEST_CASE("quoted cells hold delimiters, line ends and doubled quotes") {
  const Table table =
      read_text("t,n\n\"a,b\",1\n\"say \"\"hi\"\"\",2\n\"two\nlines\",3\n \"blank before\" ,4\n5\" pipe,5\n");
  CHECK(table.encoding.columns[0].levels == Names{"5\" pipe", "a,b", "blank before", "say \"hi\"", "two\nlines"});
  CHECK(table.rows() == 5);
}

TEST_CASE("broken quotes are errors where they begin") {
  const DataError open = error_of("a,b\n1,2\n3,\"4\n5,6\n");
  CHECK(open.line == 3);
  CHECK(open.column == 2);
  const DataError after = error_of("a,b\n1,2\n\"he \"said\" so\",4\n");
  CHECK(after.line == 3);
  CHECK(after.column == 1);
}

TEST_CASE("texts that are not UTF-8 are read as Latin-1") {
  const Table table = read_text("t,n\ncaf\xE9,1\nth\xC3\xA9,2\n");
  CHECK(table.encoding.columns[0].levels == Names{"caf\xC3\xA9", "th\xC3\xA9"});
  CHECK(has_note(table, "Latin-1"));
  CHECK_FALSE(has_note(read_text("t,n\ncaf\xC3\xA9,1\nx,2\n"), "Latin-1"));
}

TEST_CASE("files with nothing to learn from are refused") {
  CHECK(contains(error_of("").what(), "empty"));
  CHECK(contains(error_of("\n\n  \n").what(), "blank"));
  CHECK(contains(error_of("\xEF\xBB\xBF").what(), "empty"));
  CHECK(contains(error_of("a,b\n").what(), "no rows"));
  CHECK(contains(error_of("y\n1\n2\n", {.target = "y"}).what(), "only one"));
  CHECK(contains(error_of("y,t\n1,a\n2,b\n", {.target = "y", .drop = {"t"}}).what(), "t dropped"));
  CHECK(contains(error_of("y,n\n,1\nNA,2\n", {.target = "y", .header = true}).what(), "missing in every row"));
}

TEST_CASE("a matrix that cannot fit in memory is refused before it is asked for") {
  std::ostringstream text;
  text << "t,n\n";
  for (int i = 0; i < 400000; ++i) text << "t" << i << "," << i << "\n";
  const DataError error = error_of(text.str(), {.text = {"t"}});  // 400000² numbers: 1.2 TB
  CHECK(contains(error.what(), "'t' alone has 400000 levels"));
}
