/// Names with commas between them, and numbers as words.
#pragma once

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

namespace surefoot::linear {

inline std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

/// All its digits.
inline std::string exact(double number) {
  char text[32];
  std::snprintf(text, sizeof text, "%.17g", number);
  return text;
}

}  // namespace surefoot::linear
