// No input file crashes the reader: it returns a table that holds together, or throws DataError or FileError.
#include <cmath>
#include <optional>
#include <random>

#include "catch.hpp"
#include "data/reading.hpp"

using namespace surefoot;
using namespace surefoot::test;

namespace {

const std::vector<std::string> seeds{
    "y,n,t\n1,2.5,a\n2,,\"b,\"\"c\"\"\"\n3,-1e3,a\n",
    "y\tn\tt\r\n1\t2.5\ta\r\n2\t?\tb\r\n",
    "\"fixed acid\";\"y\"\n7;0.27\n6.3;0.3\n",
    "18.0   8   307.0  1\t\"chevy malibu\"\n15.0   8   ?  2\t\"buick 320\"\n",
    "+1 1:0.5 3:-2 # comment\n-1 qid:2 2:1e2\n1\n",
    "1 0:1 7:2\n2 3:4\n",
    gzipped("a,b\n1,2\n3,4\n"),
    "\xEF\xBB\xBF,caf\xE9,b\n1,x,2\n2,y,3\n",
};
const std::vector<std::string> pieces{"\"",
                                      "\"\"",
                                      ",",
                                      ";",
                                      "\t",
                                      "\n",
                                      "\r",
                                      "\r\n",
                                      ":",
                                      "#",
                                      "0:",
                                      "1:1 ",
                                      "NA",
                                      "?",
                                      "inf",
                                      "nan",
                                      "1e999",
                                      "-",
                                      "+",
                                      ".",
                                      "9999999999",
                                      "\xFF",
                                      std::string(1, '\0'),
                                      " ",
                                      "e"};

std::string mutated(std::string text, std::mt19937& random) {
  const auto below = [&](std::size_t n) { return random() % std::max<std::size_t>(n, 1); };
  for (std::size_t times = 1 + below(4); times > 0; --times) {
    const std::size_t at = below(text.size() + 1);
    switch (below(5)) {
      case 0:
        text.insert(at, pieces[below(pieces.size())]);
        break;
      case 1:
        text.erase(at, 1 + below(6));
        break;
      case 2:
        text.resize(at);
        break;
      case 3:
        if (at < text.size()) text[at] = static_cast<char>(random() % 256);
        break;
      default: {
        // One after the other: the order of arguments is the compiler's, and the mutations should not be.
        const std::size_t from = below(text.size() + 1);
        const std::size_t length = below(20);
        text.insert(at, text.substr(from, length));
      }
    }
  }
  return text;
}

/// Empty if it does; else what is wrong.
std::string fault_of(const Table& table, const std::string& target) {
  const auto features = table.encoding.features.size();
  if (table.rows() < 1) return "no rows";
  if (static_cast<std::size_t>(table.columns()) != features) return "another number of features than of columns";
  if (table.has_target != !target.empty() && !table.encoding.sparse_format) return "target";
  if (table.has_target && table.y.size() != table.rows()) return "size of y";
  if (table.has_target && !table.y.allFinite()) return "y is not finite";
  for (const auto& row : rows_of(table)) {
    for (const double value : row) {
      if (!std::isfinite(value)) return "x is not finite";
    }
  }
  for (const auto& feature : table.encoding.features) {
    const auto& column = table.encoding.columns.at(static_cast<std::size_t>(feature.column));
    if (feature.level >= 0) static_cast<void>(column.levels.at(static_cast<std::size_t>(feature.level)));
    if (!(column.deviation >= 0) || !(column.min <= column.mean && column.mean <= column.max)) return "statistics";
  }
  return {};
}

/// The table, or nothing if it was refused as it should be.
template <class Read>
std::optional<Table> read_or_refuse(const Read& read) {
  try {
    return read();
  } catch (const DataError& error) {
    if (error.line < 0 || error.column < 0 || std::string(error.what()).empty()) throw std::runtime_error("its place");
  } catch (const FileError&) {
  }
  return {};
}

}  // namespace

TEST_CASE("no mutation of a small file crashes the reader") {
  const unsigned seed = 20240607;
  std::mt19937 random(seed);
  std::vector<Encoding> encodings;
  for (const auto& text : seeds) encodings.push_back(read_text(text).encoding);
  const std::vector<std::string> targets{"", "1", "-1", "y"};
  int read_well = 0;
  const TemporaryFile file("");
  for (int i = 0; i < 4000; ++i) {
    const std::size_t which = random() % seeds.size();
    const std::string text = mutated(seeds[which], random);
    ReadOptions options;
    options.target = targets[random() % targets.size()];
    if (random() % 8 == 0) options.text = {"1"};
    if (random() % 8 == 0) options.number = {"2"};
    file.write(text);
    CAPTURE(seed, i, text, options.target);
    try {
      const auto table = read_or_refuse([&] { return read(file.path(), options); });
      if (table) {
        ++read_well;
        REQUIRE(fault_of(*table, options.target) == "");
      }
      const Encoding& as = encodings[random() % encodings.size()];
      const auto other = read_or_refuse([&] { return read(file.path(), as); });
      if (other) {
        REQUIRE(other->encoding == as);
        REQUIRE(static_cast<std::size_t>(other->columns()) == as.features.size());
        for (const auto& row : rows_of(*other)) {
          for (const double value : row) REQUIRE(std::isfinite(value));
        }
      }
    } catch (const std::invalid_argument&) {
      // Column 1 may be column 2 by name, so that text and number contradict each other.
    }
  }
  CHECK(read_well > 400);  // else the mutations only test the first check
}
