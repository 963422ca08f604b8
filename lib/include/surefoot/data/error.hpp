/// What reading a file throws.
///
///     try {
///       auto table = surefoot::read("houses.csv", {.target = "price"});
///     } catch (const surefoot::DataError& error) {
///       std::cerr << error.what();   // houses.csv:17:3: '12a' is not a number, while …; mend it, or …
///     }
#pragma once

#include <stdexcept>
#include <string>
#include <utility>

namespace surefoot {

/// The file could be read, but what it holds can't be used. what() is "FILE:LINE:COLUMN: what is wrong; what to do".
struct DataError : std::runtime_error {
  DataError(std::string in_file, long at_line, long at_column, const std::string& message);
  DataError(std::string in_file, const std::string& message) : DataError(std::move(in_file), 0, 0, message) {}

  std::string file;
  long
      line;  ///< from 1, as an editor counts; 0 where the fault has no line (an empty file, a column that is not there)
  long column;  ///< the number of the *field* from 1, not of the character; in LIBSVM of the token, the label being 1
};

/// The file could not be opened or read at all. what() names it and the system's reason.
struct FileError : std::runtime_error {
  FileError(std::string of_file, const std::string& reason);

  std::string file;
};

}  // namespace surefoot
