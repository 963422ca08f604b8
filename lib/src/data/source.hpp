/// Delimited text as a person sees it: named columns, and rows of as many cells.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "records.hpp"
#include "text.hpp"

namespace surefoot::data {

/// What a cell says: doubled quotes undone, in UTF-8.
class CellReader {
 public:
  std::string_view operator()(const Cell& cell) {
    const std::string_view value = cell.value(unquoted_);
    const std::string_view text = as_utf8(value, converted_);
    if (text.data() != value.data()) latin1_ = true;
    return text;
  }

  bool met_latin1() const { return latin1_; }

 private:
  std::string unquoted_;
  std::string converted_;
  bool latin1_ = false;
};

/// DataError for the fault that `records` ended at.
[[noreturn]] void refuse_quotes(const Text& text, const Records& records, std::size_t cells_before);

/// The text's columns and where its rows begin.
struct Source {
  const Text& text;
  char delimiter;
  bool named = false;  // by a header
  std::vector<std::string> names{};
  const char* rows_begin = nullptr;
  std::vector<std::string> notes{};

  std::size_t fields() const { return names.size(); }

  template <Look look, class Visit>
  void each_row(const Visit& visit) const {
    Records records(rows_begin, text.end(), delimiter);
    std::vector<Cell> cells;
    while (records.next<look>(cells)) {
      if (cells.size() != fields()) refuse_width(records, cells);
      visit(cells);
    }
    if (records.fault() != Records::Fault::none) refuse_quotes(text, records, cells.size());
  }

 private:
  [[noreturn]] void refuse_width(const Records& records, const std::vector<Cell>& cells) const;
};

/// DataError if there are none (`rows_left_out` of them for want of a target).
void refuse_no_rows(const Source& source, long rows, long rows_left_out);

/// `named`: the first record is a header.
Source open_source(const Text& text, char delimiter, bool named, CellReader& cell_text);

}  // namespace surefoot::data
