/// Numbers and words for files and people.
#pragma once

#include <charconv>
#include <cmath>
#include <string>
#include <string_view>

#include "surefoot/loop/parameters.hpp"

namespace surefoot::app {

/// The fewest digits that give the same double back.
inline std::string shortest(double value) {
  if (std::isnan(value)) return "nan";
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

/// For people: significant digits.
inline std::string digits(double value, int significant) {
  if (!std::isfinite(value)) return number(value);
  char text[32];
  std::snprintf(text, sizeof text, "%.*g", significant, value);
  return text;
}

/// "1 row", "2 rows".
inline std::string counted(long count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

/// A cell of a CSV file: in quotes where it would not be read back without them.
inline std::string csv_cell(std::string_view text) {
  const bool blank_ends = !text.empty() && (text.front() == ' ' || text.back() == ' ');
  if (text.find_first_of(",;\t\"\r\n") == std::string_view::npos && !blank_ends) return std::string(text);
  std::string quoted = "\"";
  for (const char letter : text) {
    if (letter == '"') quoted += '"';
    quoted += letter;
  }
  return quoted + "\"";
}

}  // namespace surefoot::app
