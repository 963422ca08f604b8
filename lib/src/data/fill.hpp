/// The second reading of a delimited file: its cells become the matrix and the target.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "source.hpp"
#include "surefoot/data/table.hpp"

namespace surefoot::data {

inline constexpr std::string_view missing_level = "NA";  ///< the level of a missing text

struct HashText {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};
/// Position of each level of a text column.
using LevelIndex = std::unordered_map<std::string, int, HashText, std::equal_to<>>;

/// What becomes of a field when the matrix is filled.
struct Use {
  enum class What { number, text, target_number, target_class, weight };
  What what = What::number;
  std::size_t field = 0;
  std::size_t column = 0;  // position in the encoding
  Eigen::Index at = 0;     // the first of its columns in the matrix
  LevelIndex levels{};     // of text
  long missing = 0;
  long unknown = 0;  // cells whose level isn't among `levels`
  std::string first_unknown{};
};

Use use_of(const Encoding& encoding, std::size_t column, std::size_t field);

/// The uses of all features, `field_of` saying where in the file each column of the encoding stands.
std::vector<Use> uses_of_features(const Encoding& encoding, const std::vector<long>& field_of);

/// DataError if the matrix is larger than the machine's memory, which the system might grant all the same, and end the
/// program when it is used.
void refuse_what_cannot_fit(const Source& source, const Encoding& encoding, long rows);

/// The fields that say something of a row, beside its features.
struct OfRow {
  std::optional<Use> target{}, weight{};
};

/// Fills `x` with NaN where a number is missing, and `y` likewise. Rows without a target are passed over, or kept with
/// NaN. DataError for a weight that is missing or negative, or if all are 0.
void fill(const Source& source, std::vector<Use>& uses, OfRow& of_row, bool keep_all, CellReader& cell_text,
          DenseMatrix& x, Vector& y, Vector& weights);

/// A missing number becomes its column's mean.
void impute(const Encoding& encoding, const std::vector<Use>& uses, DenseMatrix& x);

}  // namespace surefoot::data
