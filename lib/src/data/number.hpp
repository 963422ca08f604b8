/// What a cell is, and its value if it is a number.
#pragma once

#include <fast_float/fast_float.h>

#include <cmath>
#include <limits>
#include <string_view>

namespace surefoot::data {

/// `infinite`: the word. It belongs in a column of numbers, so that it is refused there by name, not taken for a level.
enum class CellKind { missing, number, infinite, other };

inline bool is_missing(std::string_view cell) {
  switch (cell.size()) {
    case 0:
      return true;
    case 1:
      return cell[0] == '?';
    case 2:
      return cell == "NA";
    case 3:
      return cell == "N/A" || cell == "NaN" || cell == "nan";
    case 4:
      return cell == "null" || cell == "NULL";
    default:
      return false;
  }
}

inline bool is_digit(char byte) { return byte >= '0' && byte <= '9'; }

/// Where the number that begins at `p` ends: [+-] digits with at most one point among them [e [+-] digits]; nullptr if
/// none does.
inline const char* after_number(const char* p, const char* end) {
  if (p != end && (*p == '-' || *p == '+')) ++p;
  const char* const digits = p;
  while (p != end && is_digit(*p)) ++p;
  long count = p - digits;
  if (p != end && *p == '.') {
    const char* const fraction = ++p;
    while (p != end && is_digit(*p)) ++p;
    count += p - fraction;
  }
  if (count == 0) return nullptr;
  if (p == end || (*p != 'e' && *p != 'E')) return p;
  ++p;
  if (p != end && (*p == '-' || *p == '+')) ++p;
  const char* const exponent = p;
  while (p != end && is_digit(*p)) ++p;
  return p != exponent ? p : nullptr;
}

inline bool has_form_of_number(std::string_view cell) {
  const char* const end = cell.data() + cell.size();
  return after_number(cell.data(), end) == end && !cell.empty();
}

inline bool is_infinity_word(std::string_view cell) {
  if (!cell.empty() && (cell[0] == '-' || cell[0] == '+')) cell.remove_prefix(1);
  const auto is = [cell](std::string_view word) {
    if (cell.size() != word.size()) return false;
    for (std::size_t k = 0; k < word.size(); ++k) {
      if ((cell[k] | 0x20) != word[k]) return false;
    }
    return true;
  };
  return is("inf") || is("infinity");
}

inline CellKind kind_of(std::string_view cell) {
  if (has_form_of_number(cell)) return CellKind::number;
  if (is_missing(cell)) return CellKind::missing;
  return is_infinity_word(cell) ? CellKind::infinite : CellKind::other;
}

/// The nearest double of a cell that has the form of a number; infinite beyond the largest, 0 below the smallest.
inline double to_number(std::string_view cell) {
  if (cell[0] == '+') cell.remove_prefix(1);
  double value = std::numeric_limits<double>::quiet_NaN();
  fast_float::from_chars(cell.data(), cell.data() + cell.size(), value);
  return value;
}

/// The value of a cell that is a finite number as fast_float reads it, NaN of any other (among them a leading '+'): the
/// way through for nearly all cells, looked at once.
inline double plain_number(std::string_view cell) {
  double value = 0;
  const char* const end = cell.data() + cell.size();
  const auto result = fast_float::from_chars(cell.data(), end, value);
  const bool whole = result.ptr == end && std::isfinite(value) && !cell.empty();
  return whole && result.ec == std::errc() ? value : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace surefoot::data
