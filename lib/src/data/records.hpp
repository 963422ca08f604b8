/// Cuts delimited text into records of cells, without copying any.
#pragma once

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "number.hpp"

namespace surefoot::data {

/// What stands between two delimiters, without blanks around it and without its quotes.
struct Cell {
  std::string_view text;
  bool has_doubled_quotes = false;
  bool is_number = false;  // has the form of one; only known if the forms were looked at
  double number = 0;       // its value, NaN of a cell that is no plain number; only known if the values were looked at

  /// With "" undone, for which it needs `scratch`.
  std::string_view value(std::string& scratch) const {
    if (!has_doubled_quotes) return text;
    scratch.clear();
    for (std::size_t k = 0; k < text.size(); ++k) {
      scratch += text[k];
      if (text[k] == '"') ++k;
    }
    return scratch;
  }
};

/// What to find out about each cell on the way: numbers are met where they are cut, so that their digits are read once.
enum class Look { cells, forms, values };

constexpr char whitespace_delimiter = ' ';  ///< any run of blanks and tabs parts two cells

/// A cell is quoted if its first character (blanks apart) is a quote; then delimiters and line ends in it are text.
/// LF, CR LF and CR all end a line. Lines with nothing but blanks are passed over.
class Records {
 public:
  enum class Fault { none, unclosed_quote, text_after_quote };

  /// `end` must be readable and hold a line feed, as Text's does.
  Records(const char* begin, const char* end, char delimiter) : at_(begin), end_(end), delimiter_(delimiter) {
    blank_[' '] = true;
    blank_['\t'] = delimiter != '\t';
    stops_['\n'] = stops_['\r'] = stops_[index(delimiter)] = true;
    if (delimiter == whitespace_delimiter) stops_['\t'] = true;
  }

  /// The next record, or false: at the end, or at a fault.
  template <Look look = Look::cells>
  bool next(std::vector<Cell>& cells) {
    cells.clear();
    const char* p = at_;
    while (true) {
      p = after_blanks(p);
      if (p >= end_) return false;
      if (*p != '\n' && *p != '\r') break;
      ++p;
    }
    record_ = p;
    while (true) {
      if (*p == '"') {
        p = quoted<look>(p, cells);
        if (p == nullptr) return false;
      } else {
        p = unquoted<look>(p, cells);
      }
      if (delimiter_ == whitespace_delimiter) {
        p = after_blanks(p);
        if (*p == '\n' || *p == '\r') break;
      } else {
        if (*p == '\n' || *p == '\r') break;
        p = after_blanks(p + 1);
      }
    }
    if (p < end_) p += *p == '\r' && p + 1 < end_ && p[1] == '\n' ? 2 : 1;
    at_ = p;
    return true;
  }

  const char* position() const { return at_; }    ///< where the next record is looked for
  const char* record() const { return record_; }  ///< where the last one began
  Fault fault() const { return fault_; }
  const char* fault_position() const { return fault_at_; }

 private:
  static constexpr double no_number = std::numeric_limits<double>::quiet_NaN();

  static std::size_t index(char byte) { return static_cast<unsigned char>(byte); }

  const char* after_blanks(const char* p) const {
    while (blank_[index(*p)]) ++p;
    return p;
  }

  /// Past the blanks between a cell and its delimiter, unless they are the delimiter.
  const char* after_padding(const char* p) const { return delimiter_ == whitespace_delimiter ? p : after_blanks(p); }

  template <Look look>
  const char* unquoted(const char* begin, std::vector<Cell>& cells) const {
    Cell& cell = cells.emplace_back();
    const char* p = begin;
    if constexpr (look == Look::forms) {
      const char* const after = after_number(begin, end_);
      if (after != nullptr) p = after_padding(after);
      cell.is_number = after != nullptr && stops_[index(*p)];
    }
    if constexpr (look == Look::values) {
      const char* const after = fast_float::from_chars(begin, end_, cell.number).ptr;
      p = after_padding(after);
      if (after == begin || !stops_[index(*p)] || !std::isfinite(cell.number)) cell.number = no_number;
    }
    while (!stops_[index(*p)]) ++p;
    const char* last = p;
    while (last != begin && blank_[index(last[-1])]) --last;
    cell.text = {begin, static_cast<std::size_t>(last - begin)};
    return p;
  }

  template <Look look>
  const char* quoted(const char* open, std::vector<Cell>& cells) {
    const char* const begin = open + 1;
    bool doubled = false;
    const char* close = begin;
    while (true) {
      const void* found = std::memchr(close, '"', static_cast<std::size_t>(end_ - close));
      if (found == nullptr) return fail(Fault::unclosed_quote, open);
      close = static_cast<const char*>(found);
      if (close[1] != '"') break;
      doubled = true;
      close += 2;
    }
    const auto is_space = [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; };
    const char* first = begin;
    const char* last = close;
    while (first != last && is_space(*first)) ++first;
    while (first != last && is_space(last[-1])) --last;
    const std::string_view text(first, static_cast<std::size_t>(last - first));
    Cell& cell = cells.emplace_back(Cell{text, doubled});
    if constexpr (look == Look::forms) cell.is_number = has_form_of_number(text);
    if constexpr (look == Look::values) cell.number = plain_number(text);
    const char* const after = after_padding(close + 1);
    return stops_[index(*after)] ? after : fail(Fault::text_after_quote, after);
  }

  const char* fail(Fault fault, const char* at) {
    fault_ = fault;
    fault_at_ = at;
    return nullptr;
  }

  const char* at_;
  const char* end_;
  const char* record_ = nullptr;
  char delimiter_;
  Fault fault_ = Fault::none;
  const char* fault_at_ = nullptr;
  std::array<bool, 256> blank_{};
  std::array<bool, 256> stops_{};
};

}  // namespace surefoot::data
