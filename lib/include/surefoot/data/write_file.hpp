/// Writes a file whole or not at all.
#pragma once

#include <stdexcept>
#include <string>

namespace surefoot {

/// A file can't be written; the message names it and the system's reason.
struct WriteError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Writes `text` beside `path` and renames it over: a reader, or a crash, sees the old file or the new one, never a
/// part. "-" is standard output. Throws WriteError.
void write_file(const std::string& path, const std::string& text);

}  // namespace surefoot
