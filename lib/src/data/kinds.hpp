/// Which columns of a delimited file are numbers, which are text, and which are left out.
#pragma once

#include <vector>

#include "columns.hpp"
#include "source.hpp"
#include "surefoot/data/table.hpp"

namespace surefoot::data {

struct Kinds {
  std::vector<Column> columns{};  // without their statistics
  long rows = 0;                  // that have a target, if one is wished
  long rows_left_out = 0;
};

Kinds decide_kinds(const Source& source, const Wishes& wishes, CellReader& cell_text);

}  // namespace surefoot::data
