#include "data/text.hpp"

#include <unistd.h>

#include <cstdio>
#include <fstream>

#include "catch.hpp"
#include "data/reading.hpp"

using namespace surefoot;
using namespace surefoot::test;

namespace {

const std::string table_text = "a,b\n1,2\n3,4\n";
const Rows table_rows{{1, 2}, {3, 4}};

std::string long_table() {
  std::string text = "a,b\n";
  for (int i = 0; i < 100000; ++i) text += std::to_string(i) + "," + std::to_string(i * 7919 % 10007) + "\n";
  return text;
}

}  // namespace

TEST_CASE("gzip is known by its first bytes, not by the name") {
  CHECK(rows_of(read_text(gzipped(table_text))) == table_rows);
  CHECK(rows_of(read_text(gzipped("1 1:5\n"))) == Rows{{5}});
}

TEST_CASE("gzip'd text much larger than a buffer comes out whole") {
  const std::string text = long_table();
  CHECK(rows_of(read_text(gzipped(text))) == rows_of(read_text(text)));
}

TEST_CASE("gzip files that were joined, or padded with zeros, are read to the end") {
  CHECK(rows_of(read_text(gzipped("a,b\n1,2\n") + gzipped("3,4\n"))) == table_rows);
  CHECK(rows_of(read_text(gzipped(table_text) + std::string(512, '\0'))) == table_rows);
}

TEST_CASE("damaged gzip is an error") {
  const std::string packed = gzipped(long_table());
  CHECK(contains(error_of(packed.substr(0, packed.size() / 2)).what(), "too early"));
  CHECK(contains(error_of(packed.substr(0, packed.size() - 4)).what(), "too early"));
  CHECK(contains(error_of(packed.substr(0, 5)).what(), "too early"));
  std::string wrong_sum = packed;
  wrong_sum[packed.size() - 6] = static_cast<char>(wrong_sum[packed.size() - 6] ^ 0x55);
  CHECK(contains(error_of(wrong_sum).what(), "damaged"));
  CHECK(contains(error_of(packed + "rubbish").what(), "damaged"));
  CHECK(contains(error_of(gzipped(std::string(1 << 20, '\0'))).what(), "NUL"));
  CHECK(contains(error_of(gzipped("")).what(), "empty"));
}

TEST_CASE("a byte-order mark is not part of the first name") {
  CHECK(names_of(read_text("\xEF\xBB\xBF" + table_text)) == Names{"a", "b"});
  CHECK(rows_of(read_text("\xEF\xBB\xBF"
                          "1 1:5\n")) == Rows{{5}});
}

TEST_CASE("lines end with LF, CR LF, CR or the file") {
  CHECK(rows_of(read_text("a,b\r\n1,2\r\n3,4\r\n")) == table_rows);
  CHECK(rows_of(read_text("a,b\r1,2\r3,4\r")) == table_rows);
  CHECK(rows_of(read_text("a,b\n1,2\n3,4")) == table_rows);
  CHECK(rows_of(read_text("a,b\n1,2\n3,\"4\"")) == table_rows);
  CHECK(rows_of(read_text("a,b\r\r\n\n1,2\n \n3,4\n\n\n")) == table_rows);
  CHECK(rows_of(read_text("1 1:1 2:2\r3 1:3 2:4")) == table_rows);
}

TEST_CASE("a last cell may be empty at the end of the file") {
  CHECK(read_text("a,b\n1,2\n3,").missing_cells == 1);
  CHECK(read_text("a\tb\n1\t2\n3\t").missing_cells == 1);
}

TEST_CASE("what is not text is refused and named") {
  CHECK(contains(error_of(std::string("a,b\n1,\0\n", 8)).what(), ":2: a NUL byte"));
  CHECK(contains(error_of(std::string("PK\x03\x04\x14\0", 6)).what(), "Excel"));
  CHECK(contains(error_of(std::string("\xFF\xFE"
                                      "a\0,\0b\0",
                                      8))
                     .what(),
                 "UTF-16"));
  CHECK(contains(error_of("\x01\x02\x03\x04").what(), "binary"));
}

TEST_CASE("what cannot be read is named with the reason") {
  const auto message = [](const std::string& path) {
    try {
      read(path);
    } catch (const FileError& error) {
      return std::string(error.what());
    }
    return std::string("no FileError");
  };
  CHECK(contains(message("/nowhere/at all.csv"), "/nowhere/at all.csv: cannot be read: No such file"));
  CHECK(contains(message("/"), "directory"));
  CHECK(contains(message(""), "No such file"));
}

TEST_CASE("- is standard input, gzip'd or not") {
  const auto through_stdin = [](const std::string& content) {
    const TemporaryFile file(content);
    const int saved = dup(fileno(stdin));
    if (std::freopen(file.path().c_str(), "rb", stdin) == nullptr) throw std::runtime_error("freopen");
    const Table table = read("-");
    if (dup2(saved, fileno(stdin)) < 0) throw std::runtime_error("dup2");
    close(saved);
    std::clearerr(stdin);
    return table;
  };
  CHECK(rows_of(through_stdin(table_text)) == table_rows);
  const Table table = through_stdin(gzipped(table_text));
  CHECK(rows_of(table) == table_rows);
  CHECK(table.file == "stdin");
}

TEST_CASE("an error message shows a cell cut and clean") {
  std::string content = "a,b\n1,";  // put together by appending: g++ 12 raises a false alarm at a chain of +
  content.append(30, 'x').append("\xE9\t").append(300, 'y').append("\n");
  const DataError error = error_of(content, {.number = {"b"}});
  const std::string message = error.what();
  CHECK(contains(message, "xxx\xC3\xA9 yyy"));
  CHECK(contains(message, "…'"));
  CHECK(message.size() < 250);
}

TEST_CASE("an error far down in a file names its line, though the text before it was given back") {
  constexpr long lines = 600'000;  // beyond what is given back at once
  for (const std::string end : {"\n", "\r\n", "\r"}) {
    std::string table = "a,y" + end, sparse;
    for (long i = 2; i < lines; ++i) {
      table += "0.0123456789,0.5" + end;
      sparse += "0.5 1:0.0123456789" + end;
    }
    CAPTURE(end);
    const DataError of_table = error_of(table + "1e999,0.5" + end, {.target = "y"});
    CHECK(of_table.line == lines);
    CHECK(of_table.column == 1);
    const DataError of_sparse = error_of(sparse + "0.5 2:1 1:1 1:2" + end);
    CHECK(of_sparse.line == lines - 1);
    CHECK(of_sparse.column == 4);
  }
}

#if defined(__linux__)
TEST_CASE("text that was read for the last time no longer takes memory, and what follows it stays") {
  std::string content(std::size_t{32} << 20, 'x');
  content += "\nend";
  const TemporaryFile file(content);
  const auto resident_pages = [] {
    std::ifstream statm("/proc/self/statm");
    long all = 0, resident = 0;
    statm >> all >> resident;
    return resident;
  };
  const data::Text text = data::Text::load(file.path());
  const long before = resident_pages();
  text.forget_before(text.end() - 4);
  const long bytes = (before - resident_pages()) * sysconf(_SC_PAGESIZE);
  CHECK(bytes > (31 << 20));
  CHECK(std::string(text.end() - 4, text.end()) == "\nend");
  CHECK(text.line_of(text.end()) == 2);
}
#endif
