#include "surefoot/data/read.hpp"

#include <algorithm>
#include <new>
#include <stdexcept>

#include "columns.hpp"
#include "delimited.hpp"
#include "format.hpp"
#include "libsvm.hpp"
#include "text.hpp"

namespace surefoot {
namespace {

template <class Read>
Table read_text(const std::string& path, const Read& read) {
  try {
    const data::Text text = data::Text::load(path);
    if (text.begin() == text.end()) throw DataError(text.file(), "the file is empty");
    return read(text);
  } catch (const std::bad_alloc&) {
    throw FileError(path, "it does not fit in memory; leave columns out (drop) or take fewer rows");
  }
}

/// An Encoding is a plain struct, so a user may have put it together by hand; filling a matrix trusts it.
void refuse_broken(const Encoding& as) {
  const auto columns = static_cast<long>(as.columns.size());
  if (as.features.empty()) {
    throw std::invalid_argument("as.features is empty; it must be that of a table that was read");
  }
  if (as.target_index < 0 || as.target_index > columns) {
    throw std::invalid_argument("as.target_index is " + std::to_string(as.target_index) + "; it must be from 0 to " +
                                std::to_string(columns));
  }
  const auto is_column = [&](const Feature& feature) { return feature.column >= 0 && feature.column < columns; };
  const bool fits = as.sparse_format ? std::all_of(as.features.begin(), as.features.end(), is_column)
                                     : as.features == data::features_of(as);
  if (!fits)
    throw std::invalid_argument("as.features does not fit as.columns; it must be that of a table that was read");
}

}  // namespace

Table read(const std::string& path, const ReadOptions& options) {
  return read_text(path, [&](const data::Text& text) {
    const data::Format format = data::choose_format(text, options.format);
    return format.delimiter == '\0' ? data::read_libsvm(text, options) : data::read_delimited(text, format, options);
  });
}

Table read(const std::string& path, const Encoding& as, const ReadOptions& options) {
  refuse_broken(as);
  return read_text(path, [&](const data::Text& text) {
    const data::Format format = data::choose_format(text, options.format);
    const bool is_libsvm = format.delimiter == '\0';
    // A file with labels alone looks like a single column of numbers.
    const bool labels_only = options.format.empty() && std::find(text.begin(), text.end(), ',') == text.end();
    if (as.sparse_format && (is_libsvm || labels_only)) return data::read_libsvm(text, as, options);
    if (as.sparse_format == is_libsvm) return data::read_delimited(text, format, as, options);
    throw DataError(text.file(), std::string("this is a ") + (is_libsvm ? "LIBSVM file" : format.name + " file") +
                                     ", but the columns come from a " + (is_libsvm ? "table" : "LIBSVM file") +
                                     "; give a file of that kind, or name the format (format)");
  });
}

}  // namespace surefoot
