/// Reads a data file into a table of numbers: CSV, TSV, semicolons, columns of blanks, LIBSVM/SVMlight; each also
/// gzip'd.
///
///     auto table = surefoot::read("houses.csv", {.target = "price", .drop = {"id"}});
///     auto fresh = surefoot::read("fresh.csv", table.encoding);      // the same columns, for prediction
///
/// Format, header and kinds of columns are found out; each guess can be overruled. A column whose cells are all numbers
/// is a number, its missing cells become its mean. Any other is text: one 0/1 column a level. Missing cells are empty
/// or one of NA, N/A, ?, NaN, nan, null, NULL. Table::notes says what was decided that a person might want to know.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "surefoot/data/error.hpp"
#include "surefoot/data/table.hpp"

namespace surefoot {

/// A column is named by its name, or by its index from 1 ("-1": the last) where no column has that text as its name.
/// Columns without a name are called by their index.
struct ReadOptions {
  std::string target{};               ///< empty: none. LIBSVM's target is its label
  std::string weights{};              ///< the column that says how much each row counts: >= 0; empty: all the same
  std::vector<std::string> drop{};    ///< columns to leave out
  std::vector<std::string> keep{};    ///< if not empty: the only columns to learn from
  std::vector<std::string> text{};    ///< columns of codes: one 0/1 column a level, though they look like numbers
  std::vector<std::string> number{};  ///< columns that must be numbers: any other cell is an error
  std::string format{};               ///< csv, tsv, semicolon, whitespace, libsvm; empty: find out
  std::optional<bool> header{};       ///< unset: find out
};

/// Reads `path` ("-": standard input). Throws DataError if its content can't be used, FileError if it can't be read,
/// std::invalid_argument if the options contradict each other.
Table read(const std::string& path, const ReadOptions& options = {});

/// Reads `path` as `as` says. Columns are found by name where both files have names, else by their place (a file that
/// lacks only the target is understood). A column that is not there is a DataError; one that `as` doesn't know is
/// ignored. A level that `as` doesn't know becomes all zeros, a missing number the mean that `as` carries. A target is
/// read where there is one, and not required; row weights are not read. Of the options only `target` (where it has another
/// name here), `drop` (to ignore a target), `format` and `header` count.
Table read(const std::string& path, const Encoding& as, const ReadOptions& options = {});

}  // namespace surefoot
