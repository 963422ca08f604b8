#include "source.hpp"

#include <algorithm>
#include <limits>

#include "columns.hpp"

namespace surefoot::data {

void refuse_quotes(const Text& text, const Records& records, std::size_t cells_before) {
  if (records.fault() == Records::Fault::unclosed_quote) {
    text.refuse(records.fault_position(), static_cast<long>(cells_before) + 1,
                "a quoted cell begins here and never ends; close it, or double the quotes that are part of its text");
  }
  text.refuse(records.fault_position(), static_cast<long>(cells_before),
              "text after a closing quote; double the quotes that are part of a quoted cell");
}

void Source::refuse_width(const Records& records, const std::vector<Cell>& cells) const {
  const std::string model = named ? "the header" : "the first row";
  const auto first_wrong = static_cast<long>(std::min(cells.size(), fields())) + 1;
  text.refuse(records.record(), first_wrong,
              "this row has " + counted(static_cast<long>(cells.size()), "field") + ", " + model + " has " +
                  std::to_string(fields()) + "; mend the row, or quote the cells that hold a delimiter");
}

Source open_source(const Text& text, char delimiter, bool named, CellReader& cell_text) {
  Source source{text, delimiter, named};
  Records records(text.begin(), text.end(), delimiter);
  std::vector<Cell> first;
  if (!records.next(first)) {
    if (records.fault() != Records::Fault::none) refuse_quotes(text, records, first.size());
    throw DataError(text.file(), "the file holds only blank lines");
  }
  if (first.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
    throw DataError(text.file(), std::to_string(first.size()) + " columns are more than there is room for");
  }
  source.names.resize(first.size());
  if (named) {
    for (std::size_t j = 0; j < first.size(); ++j) source.names[j] = cell_text(first[j]);
  }
  make_unique(source.names, source.notes);
  source.rows_begin = named ? records.position() : text.begin();
  return source;
}

void refuse_no_rows(const Source& source, long rows, long rows_left_out) {
  if (rows > 0) return;
  if (rows_left_out > 0) {
    throw DataError(source.text.file(), "the target is missing in every row; name another target");
  }
  throw DataError(source.text.file(), "the file has a header, but no rows; add rows, or say that there is no header");
}

}  // namespace surefoot::data
