/// Reading a text as if it were a file.
#pragma once

#include <string>
#include <vector>

#include "data/temporary_file.hpp"
#include "surefoot/data/read.hpp"

namespace surefoot::test {

inline Table read_text(std::string_view content, const ReadOptions& options = {}) {
  const TemporaryFile file(content);
  return read(file.path(), options);
}

inline Table read_text(std::string_view content, const Encoding& as, const ReadOptions& options = {}) {
  const TemporaryFile file(content);
  return read(file.path(), as, options);
}

inline DataError error_of(std::string_view content, const ReadOptions& options = {}) {
  return data_error_of([&] { read_text(content, options); });
}

/// The matrix, row by row.
inline std::vector<std::vector<double>> rows_of(const Table& table) {
  DenseMatrix x;
  if (const auto* dense = std::get_if<DenseMatrix>(&table.x)) x = *dense;
  if (const auto* sparse = std::get_if<SparseMatrix>(&table.x)) x = *sparse;
  std::vector<std::vector<double>> rows;
  for (Eigen::Index i = 0; i < x.rows(); ++i) {
    auto& row = rows.emplace_back();
    for (Eigen::Index j = 0; j < x.cols(); ++j) row.push_back(x(i, j));
  }
  return rows;
}

inline bool same_matrix(const Table& a, const Table& b) {
  if (a.x.index() != b.x.index() || a.rows() != b.rows() || a.columns() != b.columns()) return false;
  if (const auto* dense = std::get_if<DenseMatrix>(&a.x)) return *dense == std::get<DenseMatrix>(b.x);
  const SparseMatrix difference = std::get<SparseMatrix>(a.x) - std::get<SparseMatrix>(b.x);
  return difference.squaredNorm() == 0;
}

inline std::vector<double> target_of(const Table& table) { return {table.y.data(), table.y.data() + table.y.size()}; }

inline std::vector<std::string> names_of(const Table& table) {
  std::vector<std::string> names;
  for (const auto& feature : table.encoding.features) names.push_back(feature.name);
  return names;
}

inline bool has_note(const Table& table, std::string_view part) {
  for (const auto& note : table.notes) {
    if (contains(note, part)) return true;
  }
  return false;
}

using Rows = std::vector<std::vector<double>>;
using Values = std::vector<double>;
using Names = std::vector<std::string>;

}  // namespace surefoot::test
