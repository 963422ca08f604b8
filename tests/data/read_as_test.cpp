// read(path, encoding): another file in the columns of the first.
#include <cmath>

#include "catch.hpp"
#include "data/reading.hpp"

using namespace surefoot;
using namespace surefoot::test;

namespace {

const Encoding& training() {
  static const Encoding encoding = read_text("price,town,size,note,rooms\n10,A,100,x,3\n20,B,200,y,4\n30,A,,z,5\n",
                                             {.target = "price", .drop = {"note"}})
                                       .encoding;
  return encoding;
}

DataError error_as(std::string_view content, const Encoding& as, const ReadOptions& options = {}) {
  return data_error_of([&] { read_text(content, as, options); });
}

}  // namespace

TEST_CASE("columns are found by name, whatever their order and whatever else is there") {
  const Table table = read_text("rooms,extra,town,size\n7,q,B,50\n8,r,A,60\n", training());
  CHECK(names_of(table) == Names{"town=A", "town=B", "size", "rooms"});
  CHECK(rows_of(table) == Rows{{0, 1, 50, 7}, {1, 0, 60, 8}});
  CHECK_FALSE(table.has_target);
  CHECK(table.y.size() == 0);
}

TEST_CASE("a header is known by its names, even above a single row of text") {
  const Encoding colours = read_text("y,colour\n1,red\n2,blue\n", {.target = "y"}).encoding;
  CHECK(rows_of(read_text("colour\nred\n", colours)) == Rows{{0, 1}});
}

TEST_CASE("a missing number becomes the mean of the training file") {
  const Table table = read_text("rooms,town,size\n7,B,\n?,A,60\n", training());
  CHECK(rows_of(table) == Rows{{0, 1, 150, 7}, {1, 0, 60, 4}});
  CHECK(table.missing_cells == 2);
  CHECK(has_note(table, "training file's mean"));
}

TEST_CASE("a level that training did not see is all zeros, with a note") {
  const Table table = read_text("rooms,town,size\n7,C,1\n8,,2\n9,A,3\n", training());
  CHECK(rows_of(table) == Rows{{0, 0, 1, 7}, {0, 0, 2, 8}, {1, 0, 3, 9}});
  CHECK(has_note(table, "2 cells of town"));
  CHECK(has_note(table, "'C'"));
}

TEST_CASE("a column that is needed and not there is named") {
  CHECK(contains(error_as("rooms,town\n7,A\n", training()).what(), "'size'"));
  CHECK(contains(error_as("rooms,price\n7,1\n", training()).what(), "'town', 'size'"));
}

TEST_CASE("a cell that is no number in a column of numbers is an error where it stands") {
  const DataError error = error_as("rooms,town,size\n7,A,1\n7,A,big\n", training());
  CHECK(error.line == 3);
  CHECK(error.column == 3);
  CHECK(contains(error.what(), "'big'"));
  CHECK(error_as("rooms,town,size\n7,A,inf\n", training()).line == 2);
}

TEST_CASE("a target is read where there is one, and rows without one are kept") {
  const Table table = read_text("price,rooms,town,size\n1,7,A,1\n,8,B,2\n", training());
  CHECK(table.has_target);
  CHECK(table.rows() == 2);
  CHECK(table.rows_left_out == 0);
  CHECK(table.y[0] == 1);
  CHECK(std::isnan(table.y[1]));
  CHECK(has_note(table, "1 row without a target"));
  CHECK_FALSE(read_text("price,rooms,town,size\n,7,A,1\n", training()).has_target);
}

TEST_CASE("a target may have another name, and may be ignored") {
  const std::string text = "cost,rooms,town,size\n1,7,A,1\n";
  CHECK_FALSE(read_text(text, training()).has_target);
  CHECK(target_of(read_text(text, training(), {.target = "cost"})) == Values{1});
  const std::string broken = "price,rooms,town,size\nunknown,7,A,1\n";
  CHECK(error_as(broken, training()).column == 1);
  CHECK_FALSE(read_text(broken, training(), {.drop = {"price"}}).has_target);
}

TEST_CASE("classes keep the numbers that training gave them") {
  const Encoding kinds = read_text("kind,n\nb,1\nc,2\na,3\n", {.target = "kind"}).encoding;
  const Table table = read_text("n,kind\n1,c\n2,new\n3,a\n", kinds);
  CHECK(table.y[0] == 2);
  CHECK(std::isnan(table.y[1]));
  CHECK(table.y[2] == 0);
  CHECK(has_note(table, "'new'"));
}

TEST_CASE("without names columns are found by their place, with or without the target") {
  const Encoding places = read_text("1,2,3\n4,5,7\n", {.target = "2"}).encoding;
  const Table with = read_text("10,20,30\n", places);
  CHECK(rows_of(with) == Rows{{10, 30}});
  CHECK(target_of(with) == Values{20});
  const Table without = read_text("10,30\n", places);
  CHECK(rows_of(without) == Rows{{10, 30}});
  CHECK_FALSE(without.has_target);
  CHECK(contains(error_as("10\n", places).what(), "1 column"));
  CHECK(contains(error_as("1,2,3,4\n", places).what(), "4 columns"));
}

TEST_CASE("a named encoding takes a file without a header by place") {
  const Table table = read_text("10,A,100,x,3\n", training());
  CHECK(rows_of(table) == Rows{{1, 0, 100, 3}});
  CHECK(target_of(table) == Values{10});
}

TEST_CASE("another format of the same columns is fine, a file of another sort is not") {
  CHECK(rows_of(read_text("rooms\ttown\tsize\n7\tB\t50\n", training())) == Rows{{0, 1, 50, 7}});
  CHECK(contains(error_as("1 1:2 2:3\n", training()).what(), "LIBSVM"));
  const Encoding sparse = read_text("1 1:2 2:3\n").encoding;
  CHECK(contains(error_as("a,b\n1,2\n", sparse).what(), "csv file"));
}

TEST_CASE("the file that an encoding came from is encoded to the same matrix") {
  const std::string text = "y,t,n\n1,a,5\n2,,\n3,b,7\n";
  const Table first = read_text(text, {.target = "y"});
  const Table again = read_text(text, first.encoding);
  CHECK(rows_of(first) == rows_of(again));
  CHECK(target_of(first) == target_of(again));
}

TEST_CASE("an encoding that does not hold together is refused") {
  Encoding broken = training();
  broken.features[0].column = 9;
  CHECK_THROWS_AS(read_text("a,b\n1,2\n", broken), std::invalid_argument);
  CHECK_THROWS_AS(read_text("a,b\n1,2\n", Encoding{}), std::invalid_argument);
}
