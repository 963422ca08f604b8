/// Names of columns, and finding a column by what a person calls it.
#pragma once

#include <string>
#include <vector>

#include "surefoot/data/read.hpp"
#include "surefoot/data/table.hpp"
#include "text.hpp"

namespace surefoot::data {

/// Gives a column without a name its index, and of two with the same name the later one a suffix; says so in `notes`.
void make_unique(std::vector<std::string>& names, std::vector<std::string>& notes);

/// The position of the column that `wanted` names, or numbers from 1 (from the end: -1); -1 if there is none.
long find_column(const std::vector<std::string>& names, const std::string& wanted);

/// The same, but DataError with the names that exist. `role`: what the column was wanted for, "the target".
std::size_t require_column(const std::vector<std::string>& names, const std::string& wanted, const std::string& role,
                           const std::string& file);

/// One feature a number column, one a level of a text column; none for the target and what is left out.
std::vector<Feature> features_of(const Encoding& encoding);

/// What the options ask of each column.
enum class Wish { none, drop, not_kept, weights, text, number };

/// Why a column of this wish is left out; nothing if it isn't.
std::string why_left_out(Wish wish);

struct Wishes {
  std::vector<Wish> of_column;
  long target = -1;
  long weights = -1;
};

/// Says in the table's notes what its row weights are, where it has some.
void note_weights(Table& table);

/// std::invalid_argument where two wishes contradict each other.
Wishes wishes_of(const ReadOptions& options, const std::vector<std::string>& names, const std::string& file);

}  // namespace surefoot::data
