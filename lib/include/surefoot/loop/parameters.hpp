/// Parameters that say for themselves what they are: one visitor in each rule (or monitor, or stop) lists name, value,
/// range and a line of text. The registry's strings, validation, `--help`, saving and resuming all come from it.
///
///   template <class Self, class Each> static void parameters(Self& self, Each&& each) {
///     each("memory", self.memory, Range::at_least(1), "losses that a trial is compared with");
///   }
#pragma once

#include <cmath>
#include <cstdio>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace surefoot {

/// A number as a person reads it: four significant digits, whole numbers in full.
inline std::string number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Inf" : "-Inf";
  char text[32];
  const bool whole = value == std::floor(value) && std::abs(value) < 1e7;
  std::snprintf(text, sizeof text, whole ? "%.0f" : "%.4g", value);
  return text;
}

/// Where a parameter may lie. Infinite ends are never reached: a parameter is finite.
struct Range {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool low_open = true;
  bool high_open = true;

  static constexpr Range between(double low, double high) { return {low, high, true, true}; }   // ends excluded
  static constexpr Range within(double low, double high) { return {low, high, false, false}; }  // ends included
  static constexpr Range at_least(double low) { return {low, std::numeric_limits<double>::infinity(), false, true}; }
  static constexpr Range above(double low) { return {low, std::numeric_limits<double>::infinity(), true, true}; }
  static constexpr Range positive() { return above(0); }

  bool contains(double value) const {
    if (!std::isfinite(value)) return false;
    return (low_open ? value > low : value >= low) && (high_open ? value < high : value <= high);
  }
  std::string text() const {
    if (std::isinf(high) && std::isinf(low)) return "finite";
    if (std::isinf(high)) return (low_open ? "> " : ">= ") + number(low);
    return (low_open ? "in (" : "in [") + number(low) + ", " + number(high) + (high_open ? ")" : "]");
  }
};

/// A parameter as listed for people and programs.
struct Parameter {
  std::string name;
  std::string value;  // its default; "unset" where it has none
  std::string range;
  std::string what;
  Range bounds{};
};

/// Throws std::invalid_argument unless `value` lies in `range`: "memory = 0 of nonmonotone is out of range: …".
inline void require(std::string_view owner, std::string_view field, double value, const Range& range) {
  if (range.contains(value)) return;
  throw std::invalid_argument(std::string(field) + " = " + number(value) + " of " + std::string(owner) +
                              " is out of range: it must be " + range.text());
}

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

/// Checks every parameter of `self` (anything with a `parameters` visitor) against its range.
template <class Self>
void validate(const Self& self, std::string_view owner) {
  Self::parameters(self, [&](std::string_view name, const auto& value, const Range& range, std::string_view) {
    if constexpr (is_optional<std::remove_cvref_t<decltype(value)>>) {
      if (value) require(owner, name, static_cast<double>(*value), range);
    } else {
      require(owner, name, static_cast<double>(value), range);
    }
  });
}

/// The parameters of `self` with their present values.
template <class Self>
std::vector<Parameter> list_parameters(const Self& self) {
  std::vector<Parameter> list;
  Self::parameters(self, [&](std::string_view name, const auto& value, const Range& range, std::string_view what) {
    std::string text;
    if constexpr (is_optional<std::remove_cvref_t<decltype(value)>>) {
      text = value ? number(static_cast<double>(*value)) : "unset";
    } else {
      text = number(static_cast<double>(value));
    }
    list.push_back({std::string(name), text, range.text(), std::string(what), range});
  });
  return list;
}

namespace detail {

/// The number in an optional one.
template <class Field>
struct Inside {
  using type = Field;
};
template <class Number>
struct Inside<std::optional<Number>> {
  using type = Number;
};

}  // namespace detail

/// Sets the parameter called `name`; returns false where there is none. A value out of its range throws.
template <class Self>
bool set_parameter(Self& self, std::string_view owner, std::string_view name, double value) {
  bool found = false;
  Self::parameters(self, [&](std::string_view candidate, auto& field, const Range& range, std::string_view) {
    if (candidate != name) return;
    found = true;
    require(owner, name, value, range);
    using Field = std::remove_cvref_t<decltype(field)>;
    using Number = typename detail::Inside<Field>::type;
    if constexpr (std::is_integral_v<Number>) {
      if (value != std::floor(value) || value > static_cast<double>(std::numeric_limits<Number>::max())) {
        throw std::invalid_argument(std::string(name) + " = " + number(value) + " of " + std::string(owner) +
                                    " must be a whole number");
      }
      field = static_cast<Number>(value);
    } else {
      field = value;
    }
  });
  return found;
}

}  // namespace surefoot
