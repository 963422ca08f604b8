#include "place.hpp"

#include <cmath>
#include <exception>

#include "format.hpp"
#include "libsvm.hpp"
#include "number.hpp"
#include "source.hpp"

namespace surefoot::data {
namespace {

bool says_target(const Table& table, Eigen::Index row, std::string_view cell) {
  const double y = table.y[row];
  if (is_missing(cell)) return std::isnan(y);
  if (table.encoding.classes.empty()) return to_number(cell) == y;
  return y >= 0 && cell == table.encoding.classes[static_cast<std::size_t>(y)];
}

std::optional<Place> place_in(const Source& source, const Table& table, Eigen::Index row, CellReader& cell_text) {
  const auto field = static_cast<std::size_t>(table.encoding.target_index) - 1;
  std::optional<Place> place;
  Eigen::Index at = 0;
  source.each_row<Look::cells>([&](const std::vector<Cell>& cells) {
    const Cell& cell = cells.at(field);
    if (table.rows_left_out > 0 && is_missing(cell.text)) return;
    if (at++ == row && says_target(table, row, cell_text(cell))) {
      place = {source.text.line_of(cell.text.data()), static_cast<long>(field) + 1};
    }
  });
  return place;
}

}  // namespace

std::optional<Place> place_of_target(const Table& table, Eigen::Index row) {
  try {
    const Text text = Text::load(table.file);
    if (table.encoding.sparse_format) {
      const auto [line, label] = label_of_row(text, row, table.rows_left_out > 0);
      if (line == 0 || !says_target(table, row, label)) return {};
      return Place{line, 1};
    }
    CellReader cell_text;
    const Source source =
        open_source(text, choose_format(text, table.format).delimiter, table.encoding.named, cell_text);
    return place_in(source, table, row, cell_text);
  } catch (const std::exception&) {  // it is another file by now, or none
    return {};
  }
}

}  // namespace surefoot::data
