/// LIBSVM and SVMlight: LABEL INDEX:VALUE INDEX:VALUE … # comment
#pragma once

#include "surefoot/data/read.hpp"
#include "text.hpp"

namespace surefoot::data {

Table read_libsvm(const Text& text, const ReadOptions& options);
Table read_libsvm(const Text& text, const Encoding& as, const ReadOptions& options);

/// The line of the label of a row, and what it says; rows without one don't count where they were left out. Line 0: there is no
/// such row.
struct Label {
  long line = 0;
  std::string_view text{};
};
Label label_of_row(const Text& text, Eigen::Index row, bool left_out);

}  // namespace surefoot::data
