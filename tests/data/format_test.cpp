#include "catch.hpp"
#include "data/reading.hpp"

using namespace surefoot;
using namespace surefoot::test;

TEST_CASE("the format is found by what is in the file") {
  const auto format = [](const std::string& text) { return read_text(text).format; };
  CHECK(format("a,b\n1,2\n3,4\n") == "csv");
  CHECK(format("a\tb\n1\t2\n3\t4\n") == "tsv");
  CHECK(format("a;b\n1;2\n3;4\n") == "semicolon");
  CHECK(format("a b\n1 2\n3 4\n") == "whitespace");
  CHECK(format("1 1:2\n2 2:3\n") == "libsvm");
  CHECK(format("a\n1\n2\n") == "csv");
  CHECK(format("a, b\n1, 2\n3, 4\n") == "csv");
}

TEST_CASE("signs of one format inside the cells of another do not mislead") {
  CHECK(read_text("a;b\nx,y;1\nz,w;2\n").format == "semicolon");
  CHECK(read_text("name,n\nNew York,1\nLos Angeles,2\n").format == "csv");
  CHECK(read_text("name\tn\nNew York\t1\nLos Angeles\t2\n").format == "tsv");
  CHECK(read_text("name,n\n\"a;b;c\",1\n\"d;e;f\",2\n").format == "csv");
  CHECK(read_text("time,n\n10:30,1\n11:45,2\n").format == "csv");
  CHECK(read_text("day,n\n2020-01-01 10:30,1\n2020-01-02 11:45,2\n").format == "csv");
}

TEST_CASE("columns of blanks with a tab among them are columns of blanks") {
  const Table table =
      read_text("18.0   8   3504.  1\t\"chevrolet chevelle\"\n15.0   4   ?   2\t\"buick\"\n", {.target = "1"});
  CHECK(table.format == "whitespace");
  CHECK(table.columns() == 5);
  CHECK(table.encoding.columns[4].levels == Names{"buick", "chevrolet chevelle"});
}

TEST_CASE("columns of blanks may begin and end with blanks") {
  CHECK(rows_of(read_text("  1   2  \n 3\t4\t\n5 6", {.header = false})) == Rows{{1, 2}, {3, 4}, {5, 6}});
}

TEST_CASE("a ragged row does not change the format") {
  CHECK(error_of("a,b,c\n1,2,3\n4,5\n6,7,8\n").line == 3);
  CHECK(error_of("a\tb\tc\n1\t2\t3\n4\t5\n6\t7\t8\n").line == 3);
}

TEST_CASE("a format that is named is taken") {
  CHECK(read_text("a,b;c\n1,2;3\n4,5;6\n", {.format = "csv", .header = true}).columns() == 3);
  CHECK(read_text("1 1:2\n", {.format = "libsvm"}).columns() == 1);
}

TEST_CASE("a header is found where there is one") {
  const auto named = [](const std::string& text) { return read_text(text).encoding.named; };
  CHECK(named("a,b\n1,2\n"));
  CHECK_FALSE(named("1,2\n3,4\n"));
  CHECK_FALSE(named("1,red\n2,blue\n"));
  CHECK(named("n,colour\n1,red\n2,blue\n"));
  CHECK(named("\"900 nm\",\"902 nm\"\n-0.05,-0.04\n"));
  CHECK(named(",visits\n1,2\n3,4\n"));
  CHECK(named("country,1990,2000\nChad,1.5,2\nPeru,1.7,3\n") == false);  // no word over numbers: nothing says so
  CHECK(named("id,1990,2000\n1,1.5,2\n2,1.7,3\n"));
}

TEST_CASE("words above words are a header unless they come again") {
  const auto named = [](const std::string& text) { return read_text(text).encoding.named; };
  CHECK(named("sex,class\nmale,yes\nfemale,no\n"));
  CHECK_FALSE(named("male,yes\nfemale,no\nmale,no\n"));
  CHECK_FALSE(named("p,x,x\ne,x,s\n"));
}

TEST_CASE("a header can be affirmed and denied") {
  CHECK(read_text("1,2\n3,4\n5,6\n", {.header = true}).rows() == 2);
  CHECK(names_of(read_text("1,2\n3,4\n5,6\n", {.header = true})) == Names{"1", "2"});
  CHECK(read_text("a,b\nc,d\n", {.header = false}).rows() == 2);
}
