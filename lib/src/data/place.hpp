/// Where in its file the target of a row stands. The file is read again to find it, so that a table need not keep a line for
/// each of its rows.
#pragma once

#include <optional>

#include "surefoot/data/table.hpp"

namespace surefoot::data {

/// As DataError counts them.
struct Place {
  long line, column;
};

/// None where that can't be known: the table does not come from a file (but from standard input, say), or the file no longer
/// has that target in that row.
std::optional<Place> place_of_target(const Table& table, Eigen::Index row);

}  // namespace surefoot::data
