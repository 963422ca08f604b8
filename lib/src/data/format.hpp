/// Finds out how a text is laid out: by what is in it, never by its name.
#pragma once

#include <string>
#include <vector>

#include "text.hpp"

namespace surefoot::data {

struct Format {
  std::string name;
  char delimiter;  ///< '\0' for LIBSVM
};

/// `name` if it is not empty (std::invalid_argument if there is no such format), else what the first lines look like.
Format choose_format(const Text& text, const std::string& name);

/// True if the first record of delimited text looks like names rather than data.
bool looks_like_header(const Text& text, char delimiter);

}  // namespace surefoot::data
