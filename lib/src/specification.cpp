#include "specification.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace surefoot {
namespace {

double to_number(const std::string& text, const std::string& option) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    throw std::invalid_argument("'" + text + "' of the option " + option + " is not a number");
  }
  return value;
}

struct Setter {
  const std::string& name;
  const std::function<bool(const std::string&, double)>& set;
  const std::function<std::vector<std::string>()>& known;

  /// False if the option's value does not fit yet.
  bool try_one(const std::string& option, bool last_try) const {
    const std::size_t equals = option.find('=');
    if (equals == std::string::npos) {
      throw std::invalid_argument("'" + option + "' of " + name + " is not an option: write name:option=value");
    }
    const std::string key = option.substr(0, equals);
    const double value = to_number(option.substr(equals + 1), key);
    try {
      if (set(key, value)) return true;
    } catch (const std::invalid_argument&) {
      if (last_try) throw;
      return false;
    }
    const std::vector<std::string> there = known();
    throw std::invalid_argument(name + " has no option '" + key + "'; it has " +
                                (there.empty() ? std::string("none") : joined(there)));
  }
};

}  // namespace

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

Specification parse_specification(const std::string& text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos) return {text, std::nullopt};
  return {text.substr(0, colon), text.substr(colon + 1)};
}

void set_options(const std::string& name, const std::string& options,
                 const std::function<bool(const std::string&, double)>& set,
                 const std::function<std::vector<std::string>()>& known) {
  std::vector<std::string> waiting;
  for (std::size_t begin = 0; begin <= options.size();) {
    const std::size_t end = std::min(options.find(',', begin), options.size());
    waiting.push_back(options.substr(begin, end - begin));
    begin = end + 1;
  }
  const Setter setter{name, set, known};
  while (!waiting.empty()) {
    std::vector<std::string> later;
    for (const auto& option : waiting) {
      if (!setter.try_one(option, false)) later.push_back(option);
    }
    if (later.size() == waiting.size()) setter.try_one(later.front(), true);
    waiting = std::move(later);
  }
}

}  // namespace surefoot
