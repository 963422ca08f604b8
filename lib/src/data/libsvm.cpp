#include "libsvm.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>

#include "columns.hpp"
#include "number.hpp"
#include "statistics.hpp"

namespace surefoot::data {
namespace {

constexpr double not_there = std::numeric_limits<double>::quiet_NaN();
constexpr long largest_index = std::numeric_limits<int>::max() - 1;  // the matrix counts columns in int

/// Walks the lines that hold anything, and the tokens of each.
class Lines {
 public:
  explicit Lines(const Text& text) : text_(text), at_(text.begin()) {}

  /// Goes to the next line with a token, passing over what is left of this one.
  bool next_line() {
    while (true) {
      if (started_) {
        while (*at_ != '\n' && *at_ != '\r') ++at_;
        if (at_ >= text_.end()) return false;
        ++at_;
      }
      started_ = true;
      token_ = 0;
      skip_blanks();
      if (!ends_line(*at_)) return true;
    }
  }

  /// The next token of the line, empty at its end.
  std::string_view next_token() {
    skip_blanks();
    const char* const begin = at_;
    while (!ends_line(*at_) && *at_ != ' ' && *at_ != '\t') ++at_;
    ++token_;
    return {begin, static_cast<std::size_t>(at_ - begin)};
  }

  long token() const { return token_; }

  [[noreturn]] void refuse(std::string_view token, const std::string& message) const {
    text_.refuse(token.data(), token_, message);
  }

 private:
  static bool ends_line(char byte) { return byte == '\n' || byte == '\r' || byte == '#'; }
  void skip_blanks() {
    while (*at_ == ' ' || *at_ == '\t') ++at_;
  }

  const Text& text_;
  const char* at_;
  bool started_ = false;
  long token_ = 0;
};

struct Pair {
  long index = 0;
  std::string_view value;
};

bool is_query(std::string_view token) { return token.substr(0, 4) == "qid:"; }

/// The parts of INDEX:VALUE; the value is not looked at yet.
Pair pair_of(std::string_view token, const Lines& lines) {
  const auto colon = token.find(':');
  if (colon == std::string_view::npos) {
    lines.refuse(token, shown(token) + " has no colon; write INDEX:VALUE");
  }
  Pair pair{0, token.substr(colon + 1)};
  const char* const end = token.data() + colon;
  const auto result = std::from_chars(token.data(), end, pair.index);
  const bool is_index = colon > 0 && is_digit(token[0]) && result.ptr == end;
  if (!is_index) lines.refuse(token, "the index of " + shown(token) + " is not a whole number from 0 or 1; mend it");
  if (result.ec != std::errc() || pair.index > largest_index) {
    lines.refuse(token, "the index of " + shown(token) + " is beyond " + std::to_string(largest_index) +
                            ", the largest there is room for; number the columns anew");
  }
  return pair;
}

double finite_number(std::string_view text, std::string_view token, const std::string& what, const Lines& lines) {
  double value = plain_number(text);
  if (std::isfinite(value)) return value;
  if (!has_form_of_number(text)) {
    const bool infinite = is_infinity_word(text);
    lines.refuse(token, what + " " + shown(text) + " is not a " + (infinite ? "finite " : "") + "number; mend it" +
                            (is_missing(text) ? ", or leave the entry out where 0 is meant" : ""));
  }
  value = to_number(text);
  if (!std::isfinite(value)) lines.refuse(token, what + " " + shown(text) + " is too large for a double; mend it");
  return value;
}

/// NaN if the line has none: it is missing, or the line begins with a value.
double label_of(std::string_view token, const Lines& lines) {
  if (is_missing(token) || token.find(':') != std::string_view::npos) return not_there;
  return finite_number(token, token, "the label", lines);
}

/// What the first pass finds: how large the matrix is.
struct Extent {
  long rows = 0;
  long without_label = 0;
  long entries = 0;
  long smallest = largest_index;
  long largest = -1;
  bool queries = false;
  std::string_view largest_token{};
  long largest_at = 0;
};

Extent extent_of(const Text& text, bool labels_required) {
  Extent extent;
  Lines lines(text);
  while (lines.next_line()) {
    std::string_view token = lines.next_token();
    const bool begins_with_value = token.find(':') != std::string_view::npos;
    if (begins_with_value && labels_required) {
      lines.refuse(token, "the line begins with a value, " + shown(token) + ", where its label should stand; add it");
    }
    if (labels_required && is_missing(token)) {
      ++extent.without_label;
      continue;
    }
    ++extent.rows;
    if (!begins_with_value) token = lines.next_token();
    for (; !token.empty(); token = lines.next_token()) {
      if (is_query(token)) {
        extent.queries = true;
        continue;
      }
      const long index = pair_of(token, lines).index;
      ++extent.entries;
      extent.smallest = std::min(extent.smallest, index);
      if (index > extent.largest) {
        extent.largest = index;
        extent.largest_token = token;
        extent.largest_at = lines.token();
      }
    }
  }
  if (extent.rows == 0) {
    throw DataError(text.file(), extent.without_label > 0 ? "no line has a label; there is nothing to learn from"
                                                          : "the file holds no data, only blank lines or comments");
  }
  if (extent.entries > std::numeric_limits<int>::max()) {
    throw DataError(text.file(), std::to_string(extent.entries) +
                                     " values are more than there is room for (2147483647)" + "; take fewer rows");
  }
  return extent;
}

struct Entry {
  long index;
  long token;
  double value;
  std::string_view text;
};

/// Where the row weights stand, and where they go.
struct Weighing {
  long index = -1;  // of their column; -1: there are none
  Vector* weights = nullptr;

  void begin(Eigen::Index rows) const {
    if (index >= 0) weights->setZero(rows);  // an absent entry is a 0
  }
  void weigh(const Text& text, Eigen::Index row, const Entry& entry) const {
    if (entry.index != index) return;
    (*weights)[row] = entry.value;
    if (entry.value < 0) {
      text.refuse(entry.text.data(), entry.token,
                  "the row weight " + shown(entry.text) + " is negative; it must be 0 or more");
    }
  }
  void end(const Text& text) const {
    if (index < 0 || weights->maxCoeff() > 0) return;
    throw DataError(text.file(), "every row weight, of index " + std::to_string(index) +
                                     ", is 0, so no row counts; give some rows a weight above 0");
  }
};

/// The second pass and the last, which gives the text back. `place`: where in the matrix the column of an index goes, -1 for nowhere.
template <class Place>
void fill(const Text& text, const Extent& extent, bool labels_required, Eigen::Index columns, const Place& place,
          const Weighing& weighing, SparseMatrix& x, Vector& y) {
  weighing.begin(extent.rows);
  x.resize(extent.rows, columns);
  x.resizeNonZeros(extent.entries);
  y.resize(extent.rows);
  int* const starts = x.outerIndexPtr();
  int used = 0;
  Eigen::Index row = 0;
  std::vector<Entry> entries;
  Lines lines(text);
  while (lines.next_line()) {
    std::string_view token = lines.next_token();
    text.forget_before(token.data());
    const double label = label_of(token, lines);
    if (labels_required && std::isnan(label)) continue;
    if (token.find(':') == std::string_view::npos) token = lines.next_token();
    entries.clear();
    bool increasing = true;
    for (; !token.empty(); token = lines.next_token()) {
      if (is_query(token)) continue;
      const Pair pair = pair_of(token, lines);
      const double value = finite_number(pair.value, token, "the value", lines);
      if (!entries.empty() && pair.index <= entries.back().index) increasing = false;
      entries.push_back({pair.index, lines.token(), value, token});
    }
    if (!increasing) {
      const auto before = [](const Entry& a, const Entry& b) {
        return a.index != b.index ? a.index < b.index : a.token < b.token;
      };
      std::sort(entries.begin(), entries.end(), before);
      for (std::size_t k = 1; k < entries.size(); ++k) {
        if (entries[k].index != entries[k - 1].index) continue;
        text.refuse(entries[k].text.data(), entries[k].token,
                    "index " + std::to_string(entries[k].index) + " stands twice in this line; keep one of them");
      }
    }
    starts[row] = used;
    y[row++] = label;
    for (const Entry& entry : entries) {
      weighing.weigh(text, row - 1, entry);
      const long at = place(entry.index);
      if (at < 0 || entry.value == 0) continue;
      x.innerIndexPtr()[used] = static_cast<int>(at);
      x.valuePtr()[used++] = entry.value;
    }
  }
  starts[row] = used;
  x.resizeNonZeros(used);
  weighing.end(text);
}

/// What the options ask of each column.
Wishes wishes_of(const Text& text, const ReadOptions& options, int base, long count) {
  const auto position_of = [&](const std::string& name, const std::string& role) {
    long index = -1;
    const char* const end = name.data() + name.size();
    const auto result = std::from_chars(name.data(), end, index);
    const bool whole = result.ec == std::errc() && result.ptr == end && !name.empty();
    const long position = index < 0 ? count + index : index - base;
    if (!whole || position < 0 || position >= count) {
      throw DataError(text.file(), "there is no column " + shown(name) + " for " + role +
                                       "; a LIBSVM file's columns are called " + "by their index, here from " +
                                       std::to_string(base) + " to " + std::to_string(base + count - 1));
    }
    return static_cast<std::size_t>(position);
  };
  Wishes wishes{std::vector<Wish>(static_cast<std::size_t>(count), options.keep.empty() ? Wish::none : Wish::not_kept)};
  for (const auto& name : options.keep) wishes.of_column[position_of(name, "keep")] = Wish::none;
  for (const auto& name : options.drop) {
    const std::size_t position = position_of(name, "drop");
    if (!options.keep.empty() && wishes.of_column[position] == Wish::none) {
      throw std::invalid_argument("column " + shown(name) + " is named in keep and in drop; name it in one of them");
    }
    wishes.of_column[position] = Wish::drop;
  }
  if (!options.weights.empty()) {
    const std::size_t position = position_of(options.weights, "the row weights");
    if (wishes.of_column[position] == Wish::drop) {
      throw std::invalid_argument("column " + shown(options.weights) +
                                  " holds the row weights and is named in drop too");
    }
    wishes.of_column[position] = Wish::weights;
    wishes.weights = static_cast<long>(position);
  }
  return wishes;
}

void refuse_options(const Text& text, const ReadOptions& options) {
  if (!options.target.empty() && options.target != "label") {
    throw DataError(text.file(), "the target of a LIBSVM file is its label, so there is no target " +
                                     shown(options.target) + "; leave the target out");
  }
  if (!options.text.empty()) {
    throw DataError(text.file(), "a LIBSVM file holds numbers only, so there is no column " +
                                     shown(options.text.front()) + " for text; leave it out");
  }
}

void note_queries(const Extent& extent, Table& table) {
  if (extent.queries) table.notes.emplace_back("qid is ignored");
}

}  // namespace

Table read_libsvm(const Text& text, const ReadOptions& options) {
  refuse_options(text, options);
  const Extent extent = extent_of(text, true);
  if (extent.entries == 0)
    throw DataError(text.file(), "no line has a value, only labels; there is nothing to learn from");
  const int base = extent.smallest == 0 ? 0 : 1;
  const long count = extent.largest - base + 1;
  // Against a typing error: such a matrix would be empty but for a few columns, and its columns alone could fill
  // memory.
  if (count > 1000000 && count / 100 > extent.entries) {
    text.refuse(extent.largest_token.data(), extent.largest_at,
                "index " + std::to_string(extent.largest) + " would make " + std::to_string(count) +
                    " columns for a file of " + counted(extent.entries, "value") +
                    "; mend it, or number the columns anew");
  }

  Table table;
  table.file = text.file();
  table.format = "libsvm";
  table.has_target = true;
  table.rows_left_out = extent.without_label;
  Encoding& encoding = table.encoding;
  encoding.target_name = "label";
  encoding.sparse_format = true;
  encoding.index_base = base;
  const Wishes wishes = wishes_of(text, options, base, count);
  encoding.weights_index = static_cast<int>(wishes.weights) + 1;
  encoding.columns.resize(static_cast<std::size_t>(count));
  const bool all_used = options.drop.empty() && options.keep.empty() && options.weights.empty();
  std::vector<int> places(all_used ? 0 : encoding.columns.size(), -1);
  int features = 0;
  for (std::size_t j = 0; j < encoding.columns.size(); ++j) {
    Column& column = encoding.columns[j];
    column.name = std::to_string(static_cast<long>(j) + base);
    column.index = static_cast<int>(j) + 1;
    column.why = why_left_out(wishes.of_column[j]);
    const bool is_used = column.why.empty();
    column.kind = is_used ? ColumnKind::number : ColumnKind::left_out;
    if (!is_used) continue;
    column.why = "LIBSVM value";
    if (!places.empty()) places[j] = features;
    ++features;
  }
  if (features == 0) throw DataError(text.file(), "every column is left out; keep one to learn from");
  encoding.features = features_of(encoding);

  // Eigen 3.4 copies a sparse matrix where it seems to move it, so it is made where it stays.
  SparseMatrix& x = table.x.emplace<SparseMatrix>();
  const auto place = [&](long index) {
    return places.empty() ? index - base : long{places[static_cast<std::size_t>(index - base)]};
  };
  const Weighing weighing{wishes.weights < 0 ? -1 : wishes.weights + base, &table.weights};
  fill(text, extent, true, features, place, weighing, x, table.y);

  const std::vector<Statistics> statistics = statistics_of(x);
  long constant = 0;
  for (std::size_t k = 0; k < statistics.size(); ++k) {
    Column& column = encoding.columns[static_cast<std::size_t>(encoding.features[k].column)];
    column.min = statistics[k].min;
    column.max = statistics[k].max;
    column.mean = statistics[k].mean;
    column.deviation = statistics[k].deviation;
    if (column.min == column.max) ++constant;
  }
  if (extent.without_label > 0)
    table.notes.push_back(counted(extent.without_label, "row") + " without a label left out");
  if (base == 0) table.notes.emplace_back("indices start at 0");
  note_queries(extent, table);
  if (constant > 0) table.notes.push_back(counted(constant, "constant column"));
  note_weights(table);
  return table;
}

Table read_libsvm(const Text& text, const Encoding& as, const ReadOptions& options) {
  refuse_options(text, options);
  const Extent extent = extent_of(text, false);
  if (extent.smallest < as.index_base) {
    throw DataError(text.file(), "there is an index 0, but the columns come from a file whose indices start at 1" +
                                     std::string("; number this file's columns in the same way"));
  }
  std::vector<int> places(as.columns.size(), -1);
  for (std::size_t k = 0; k < as.features.size(); ++k) {
    places[static_cast<std::size_t>(as.features[k].column)] = static_cast<int>(k);
  }
  Table table;
  table.file = text.file();
  table.format = "libsvm";
  table.encoding = as;
  long unknown = 0;
  const auto place = [&](long index) {
    const auto position = static_cast<std::size_t>(index - as.index_base);
    if (position < places.size()) return long{places[position]};
    ++unknown;
    return -1L;
  };
  SparseMatrix& x = table.x.emplace<SparseMatrix>();
  fill(text, extent, false, static_cast<Eigen::Index>(as.features.size()), place, {}, x, table.y);

  const long without_label = (table.y.array() != table.y.array()).count();
  const bool ignored = std::find(options.drop.begin(), options.drop.end(), "label") != options.drop.end();
  table.has_target = without_label < extent.rows && !ignored;
  if (!table.has_target) table.y.resize(0);
  if (table.has_target && without_label > 0) table.notes.push_back(counted(without_label, "row") + " without a label");
  if (unknown > 0) {
    table.notes.push_back(counted(unknown, "value") + " of columns beyond " + std::to_string(as.columns.size()) +
                          ", which the encoding does not know, ignored");
  }
  note_queries(extent, table);
  return table;
}

Label label_of_row(const Text& text, Eigen::Index row, bool left_out) {
  Lines lines(text);
  for (Eigen::Index at = 0; lines.next_line();) {
    const std::string_view token = lines.next_token();
    if (left_out && is_missing(token)) continue;
    if (at++ == row) return {text.line_of(token.data()), token};
  }
  return {};
}

}  // namespace surefoot::data
