/// A file as numbers: what `read` returns, and the recipe that turns another file into the same columns.
///
///     surefoot::Table table = surefoot::read("houses.csv", {.target = "price"});
///     for (const auto& column : table.encoding.columns) std::cout << column.name << ": " << column.why << '\n';
///     for (const auto& note : table.notes) std::cout << note << '\n';     // what a person should be told
///     const auto& x = std::get<surefoot::DenseMatrix>(table.x);           // SparseMatrix if it was a LIBSVM file
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "surefoot/data/shared_vector.hpp"
#include "surefoot/vector.hpp"

namespace surefoot {

enum class ColumnKind { number, text, left_out };

/// One column of the file, over the rows that were kept.
struct Column {
  std::string name{};
  int index = 0;  ///< its place in the file, from 1
  ColumnKind kind = ColumnKind::number;
  long missing = 0;
  // Of a number column, over the cells that are not missing (a LIBSVM column's absent entries count as the zeros they
  // are); 0 for other kinds. `mean` is also what a missing cell becomes.
  double min = 0;
  double max = 0;
  double mean = 0;
  double deviation = 0;               ///< population: divided by the count
  std::vector<std::string> levels{};  ///< of a text column, sorted by bytes; a missing cell is the level "NA"
  std::string why{};                  ///< why it has this kind, or was left out

  bool operator==(const Column&) const = default;
};

/// One column of the matrix.
struct Feature {
  std::string name{};  ///< "age"; "sex=male" for a level of a text column
  int column = 0;      ///< position in Encoding::columns
  int level = -1;      ///< position in Column::levels; -1 for a number

  bool operator==(const Feature&) const = default;
};

/// All that is needed to encode another file in the same way. Model files carry it.
struct Encoding {
  SharedVector<Column> columns{};  ///< all columns of the file in its order, the target's and the left-out ones' too
  SharedVector<Feature> features{};
  std::string target_name{};           ///< empty: there is no target; "label" for LIBSVM
  int target_index = 0;                ///< from 1, so columns[target_index - 1]; 0: no target, or LIBSVM's label
  int weights_index = 0;               ///< of the column of row weights, which is left out; 0: none
  std::vector<std::string> classes{};  ///< of a text target: its levels, sorted; else empty
  bool named = false;                  ///< the names come from a header
  bool sparse_format = false;          ///< a LIBSVM file: scaled by max |x|, not centred
  int index_base = 1;                  ///< of LIBSVM's indices: 0 or 1

  bool operator==(const Encoding&) const = default;
};

struct Table {
  std::string file{};
  std::string format{};  ///< csv, tsv, semicolon, whitespace or libsvm
  Encoding encoding{};
  std::variant<DenseMatrix, SparseMatrix> x{};
  /// The target: a number, or the position in Encoding::classes. Empty without a target. A file that was read as
  /// another's Encoding keeps its rows without a target, so that each row gets its prediction: their y is NaN.
  Vector y{};
  /// How much each row counts: finite, >= 0, not all 0. Empty: all the same.
  Vector weights{};
  bool has_target = false;
  long rows_left_out = 0;  ///< for want of a target
  long missing_cells = 0;  ///< in the columns that are used
  std::vector<std::string> notes{};

  Eigen::Index rows() const {
    return std::visit([](const auto& matrix) { return matrix.rows(); }, x);
  }
  Eigen::Index columns() const {
    return std::visit([](const auto& matrix) { return matrix.cols(); }, x);
  }
};

}  // namespace surefoot
