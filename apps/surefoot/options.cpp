#include "options.hpp"

#include <algorithm>
#include <boost/program_options.hpp>
#include <charconv>
#include <cmath>
#include <numeric>
#include <set>
#include <sstream>

namespace surefoot::app {
namespace {

namespace po = boost::program_options;

po::options_description description_of(const std::vector<Option>& known) {
  constexpr unsigned width = 100, least_for_text = 60;
  po::options_description description(width, least_for_text);
  for (const Option& option : known) {
    const std::string names = option.letter.empty() ? option.name : option.name + "," + option.letter;
    if (option.value.empty()) {
      description.add_options()(names.c_str(), option.what.c_str());
    } else {
      description.add_options()(names.c_str(), po::value<std::string>()->value_name(option.value), option.what.c_str());
    }
  }
  return description;
}

std::size_t edits_between(const std::string& a, const std::string& b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row.back();
}

/// Program_options takes the next word as a value even where it is an option of ours, if that has two dashes.
void refuse_option_as_value(const po::option& given, const std::vector<Option>& known) {
  for (const std::string& value : given.value) {
    const std::string name = value.substr(0, value.find('='));
    const bool is_option = std::any_of(known.begin(), known.end(), [&](const Option& option) {
      return name == "--" + option.name || (!option.letter.empty() && name == "-" + option.letter);
    });
    const bool adjacent = given.original_tokens.size() == 1;  // --name=value: meant so
    if (is_option && !adjacent) {
      throw UsageError("--" + given.string_key + " needs a value, and " + value + " is an option");
    }
  }
}

std::string perhaps_option(const std::string& given, const std::vector<Option>& known) {
  std::vector<std::string> names;
  for (const Option& option : known) names.push_back(option.name);
  const auto meant = nearest(given.substr(std::min(given.find_first_not_of('-'), given.size())), names);
  return meant ? " (did you mean --" + *meant + "?)" : "";
}

std::string trimmed(const std::string& text) {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == std::string::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

}  // namespace

std::optional<std::string> nearest(const std::string& name, const std::vector<std::string>& known) {
  // A third of the letters may differ. Of short names (l1, l2) each letter matters, so none is guessed.
  std::optional<std::string> found;
  std::size_t fewest = name.size() / 3 + 1;
  for (const std::string& candidate : known) {
    const std::size_t edits = edits_between(name, candidate);
    const bool begins = name.size() >= 3 && candidate.starts_with(name);
    if (name.size() >= 4 && edits < fewest) {
      fewest = edits;
      found = candidate;
    } else if (begins && !found) {
      found = candidate;
    }
  }
  return found;
}

std::string perhaps(const std::string& name, const std::vector<std::string>& known) {
  const auto meant = nearest(name, known);
  return meant ? " (did you mean " + *meant + "?)" : "";
}

std::string joined(const std::vector<std::string>& words, const std::string& between) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : between) + word;
  return text;
}

Options::Options(std::string command, std::vector<Option> known)
    : command_(std::move(command)), known_(std::move(known)) {
  known_.push_back({"help", "h", "", "this page"});
}

void Options::read(const Words& words, const std::vector<std::string>& arguments, std::size_t required) {
  const std::string see = "; `surefoot " + command_ + " --help` lists the options";
  const auto description = description_of(known_);
  std::vector<po::option> given;
  try {
    const int strict = po::command_line_style::unix_style & ~po::command_line_style::allow_guessing;
    given = po::command_line_parser(words).options(description).style(strict).run().options;
  } catch (const po::unknown_option& error) {
    const std::string given_name = error.get_option_name();
    throw UsageError("unknown option " + given_name + perhaps_option(given_name, known_) + see);
  } catch (const po::error& error) {
    throw UsageError(error.what() + see);
  }

  for (const po::option& option : given) {
    if (option.string_key.empty()) {
      arguments_.insert(arguments_.end(), option.value.begin(), option.value.end());
      continue;
    }
    refuse_option_as_value(option, known_);
    const auto same = std::find_if(known_.begin(), known_.end(),
                                   [&](const Option& candidate) { return candidate.name == option.string_key; });
    if (!same->undoes.empty()) values_.erase(same->undoes);
    values_[option.string_key] = option.value.empty() ? "" : option.value.back();  // the last counts
  }
  if (has("help")) return;
  if (arguments_.size() > arguments.size()) {
    throw UsageError("'" + arguments_[arguments.size()] + "' is one word too many: " + command_ + " takes " +
                     (arguments.empty() ? "none" : joined(arguments)) + " and options" + see);
  }
  if (arguments_.size() < required) {
    throw UsageError(command_ + " needs " + arguments[arguments_.size()] + ": surefoot " + command_ + " " +
                     joined(arguments, " ") + " …" + see);
  }
}

std::optional<std::string> Options::text(const std::string& name) const {
  const auto found = values_.find(name);
  if (found == values_.end()) return std::nullopt;
  if (found->second.empty()) throw UsageError("--" + name + " is empty; give it a value or leave it out");
  return found->second;
}

std::optional<double> Options::number(const std::string& name) const {
  const auto given = text(name);
  if (!given) return std::nullopt;
  const char* begin = given->data() + (given->front() == '+' ? 1 : 0);
  const char* end = given->data() + given->size();
  double value = 0;
  const auto [stopped, error] = std::from_chars(begin, end, value);
  if (error == std::errc::result_out_of_range && stopped == end) {
    throw UsageError("--" + name + " " + *given + " is beyond the range of a double, about 1e-308 to 1e308");
  }
  if (error != std::errc() || stopped != end) throw UsageError("--" + name + " needs a number, not '" + *given + "'");
  return value;
}

std::optional<int> Options::whole(const std::string& name) const {
  const auto value = number(name);
  if (!value) return std::nullopt;
  if (*value != std::floor(*value) || std::abs(*value) > std::numeric_limits<int>::max()) {
    throw UsageError("--" + name + " needs a whole number up to " + std::to_string(std::numeric_limits<int>::max()) +
                     ", not " + *text(name));
  }
  return static_cast<int>(*value);
}

std::vector<std::string> Options::list(const std::string& name) const {
  std::vector<std::string> items;
  const auto given = text(name);
  if (!given) return items;
  std::istringstream stream(*given);
  for (std::string item; std::getline(stream, item, ',');) {
    item = trimmed(item);
    if (!item.empty()) items.push_back(item);
  }
  if (items.empty()) throw UsageError("--" + name + " names no column; write --" + name + " age,sex");
  return items;
}

std::string Options::help() const {
  std::ostringstream text;
  text << description_of(known_);
  return text.str();
}

}  // namespace surefoot::app
