/// A command's words: options and positional arguments, read strictly. No abbreviation is guessed, the last of a
/// repeated option counts, a value may look like a negative number (`--target -1`), and whatever is not known is an
/// error that names the nearest that is.
///
///   Options options("train", {{"target", "", "NAME|INDEX", "the column to predict"},
///                             {"json", "", "", "the result as one JSON object"}});
///   options.read(words, {"DATA"});
///   std::optional<double> l2 = options.number("l2");
#pragma once

#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "commands.hpp"

namespace surefoot::app {

/// The command line can't be meant: exit code 2. The message says what could be.
struct UsageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct Option {
  std::string name;      // without its dashes
  std::string letter;    // "q" for -q; empty: none
  std::string value;     // what its value is called; empty: it is a flag
  std::string what;      // for --help
  std::string undoes{};  // a flag that this one takes back, so that the last of both counts
};

class Options {
 public:
  /// `--help` is known to every command.
  Options(std::string command, std::vector<Option> known);

  /// Throws UsageError. `arguments` names the positional ones; of these the first `required` must be there (unless help
  /// was asked for).
  void read(const Words& words, const std::vector<std::string>& arguments, std::size_t required);

  bool has(const std::string& name) const { return values_.count(name) > 0; }
  std::optional<std::string> text(const std::string& name) const;
  std::optional<double> number(const std::string& name) const;
  std::optional<int> whole(const std::string& name) const;
  std::vector<std::string> list(const std::string& name) const;  // a,b,c

  const std::vector<std::string>& arguments() const { return arguments_; }

  /// The options as a table.
  std::string help() const;

 private:
  std::string command_;
  std::vector<Option> known_;
  std::map<std::string, std::string> values_{};
  std::vector<std::string> arguments_{};
};

/// Of `known` the name that was probably meant, or nothing.
std::optional<std::string> nearest(const std::string& name, const std::vector<std::string>& known);

/// " (did you mean train?)", or nothing.
std::string perhaps(const std::string& name, const std::vector<std::string>& known);

/// "a, b, c".
std::string joined(const std::vector<std::string>& words, const std::string& between = ", ");

}  // namespace surefoot::app
