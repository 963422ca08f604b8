#include <algorithm>
#include <nlohmann/json.hpp>

#include "commands.hpp"
#include "exit_codes.hpp"
#include "options.hpp"
#include "surefoot/data/write_file.hpp"
#include "surefoot/registry.hpp"
#include "terminal.hpp"

namespace surefoot::app {
namespace {

std::string help(const Options& options) {
  return "surefoot strategies [NAME] [--json]\n"
         "\n"
         "The step rules that `surefoot train --step` takes; with NAME one of them in full.\n"
         "\n" +
         options.help() +
         "\n"
         "Columns of the table\n"
         "  judges  what a trial must carry before the rule can judge it: nothing, its loss, or its slope too\n"
         "  learns  what it learns from a step that was taken: nothing, the loss, or the pair of changes in weights "
         "and\n"
         "          gradient\n"
         "  cost    points visited a step, about\n";
}

const char* to_string(Probe probe) {
  switch (probe) {
    case Probe::none:
      return "nothing";
    case Probe::loss:
      return "loss";
    case Probe::slope:
      return "slope";
  }
  return "";
}

const char* to_string(Learns learns) {
  switch (learns) {
    case Learns::nothing:
      return "nothing";
    case Learns::loss:
      return "loss";
    case Learns::pair:
      return "pair";
  }
  return "";
}

const char* to_string(Role role) {
  switch (role) {
    case Role::judges:
      return "judges";
    case Role::shrinks:
      return "shrinks";
    case Role::proposes:
      return "proposes";
  }
  return "";
}

/// A rule as it is shown: an entry of the registry, or a pair of them.
struct Strategy {
  std::string name, title;
  std::vector<std::string> aliases;
  std::string cost, source;
  std::vector<Parameter> parameters;
  std::vector<std::string> headers, tests, pages;
  std::string role;
  AnyRule rule;
};

Strategy strategy_of(const RuleEntry& entry) {
  return {entry.name,     entry.title,
          entry.aliases,  entry.cost,
          entry.source,   entry.rule.parameters_now(),
          {entry.header}, {entry.test},
          {entry.page},   to_string(entry.role),
          entry.rule};
}

/// Throws std::invalid_argument, which says what exists.
Strategy find(const std::string& specification) {
  AnyRule rule = make_rule(specification);
  const auto entries = entries_of(specification);
  Strategy strategy = strategy_of(*entries[0]);
  if (entries.size() == 2) {
    const RuleEntry &first = *entries[0], &second = *entries[1];
    strategy.name = first.name + "+" + second.name;
    strategy.title = first.title + "; then " + second.title;
    strategy.aliases.clear();
    if (std::stod(second.cost) > std::stod(first.cost)) strategy.cost = second.cost;
    strategy.source += "; " + second.source;
    for (Parameter parameter : second.rule.parameters_now()) strategy.parameters.push_back(std::move(parameter));
    for (const std::string& header : {second.header, std::string("lib/include/surefoot/steps/joined.hpp")}) {
      strategy.headers.push_back(header);
    }
    for (const std::string& test : {second.test, std::string("tests/steps/joined_test.cpp")}) {
      strategy.tests.push_back(test);
    }
    for (const std::string& page : {second.page, std::string("docs/strategies/joins.md")}) {
      strategy.pages.push_back(page);
    }
    strategy.role = "pair";
  }
  strategy.rule = std::move(rule);
  return strategy;
}

std::string names_with(Role role) {
  std::vector<std::string> names;
  for (const RuleEntry& entry : registry()) {
    if (entry.role == role) names.push_back(entry.name);
  }
  return joined(names);
}

std::vector<std::string> pairs() {
  std::vector<std::string> names;
  for (const std::string& name : rule_names()) {
    if (name.find('+') != std::string::npos) names.push_back(name);
  }
  return names;
}

nlohmann::ordered_json json_of(const Strategy& strategy) {
  nlohmann::ordered_json json;
  json["name"] = strategy.name;
  json["aliases"] = strategy.aliases;
  json["title"] = strategy.title;
  json["role"] = strategy.role;
  json["judges"] = to_string(strategy.rule.probes());
  json["learns"] = to_string(strategy.rule.learns());
  json["cost"] = strategy.cost;
  json["parameters"] = nlohmann::ordered_json::array();
  for (const Parameter& parameter : strategy.parameters) {
    // As it is listed: 4 stays a whole number.
    const auto value = nlohmann::ordered_json::parse(parameter.value == "unset" ? "null" : parameter.value);
    json["parameters"].push_back(
        {{"name", parameter.name}, {"default", value}, {"range", parameter.range}, {"what", parameter.what}});
  }
  json["source"] = strategy.source;
  json["headers"] = strategy.headers;
  json["tests"] = strategy.tests;
  json["pages"] = strategy.pages;
  return json;
}

std::string table_of(const std::vector<std::vector<std::string>>& rows, const std::string& indent) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line = indent;
    for (std::size_t i = 0; i < row.size(); ++i) line += left(row[i], widths[i]) + "  ";
    text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  return text;
}

std::string catalogue() {
  std::vector<std::vector<std::string>> rows{{"name", "judges", "learns", "cost", "what it does", "source"}};
  for (const RuleEntry& entry : registry()) {
    const std::string names =
        joined(entry.aliases).empty() ? entry.name : entry.name + " (" + joined(entry.aliases) + ")";
    rows.push_back(
        {names, to_string(entry.rule.probes()), to_string(entry.rule.learns()), entry.cost, entry.title, entry.source});
  }
  return table_of(rows, "") + "\nPairs, such as auto+nonmonotone: one that proposes (" + names_with(Role::proposes) +
         ")\n  and one that only shortens (" + names_with(Role::shrinks) +
         ")\n\nsurefoot strategies NAME      one in full, with its parameters"
         "\nsurefoot train DATA --target T --step NAME:option=value,option=value"
         "\nsurefoot strategies --help    what the columns mean\n";
}

std::string in_full(const Strategy& strategy) {
  std::string text = strategy.name + ": " + strategy.title + "\n\n";
  std::vector<std::vector<std::string>> facts;
  if (!strategy.aliases.empty()) facts.push_back({"also called", joined(strategy.aliases)});
  facts.push_back({"source", strategy.source});
  facts.push_back({"role", strategy.role});
  facts.push_back({"judges by", to_string(strategy.rule.probes())});
  facts.push_back({"learns from", to_string(strategy.rule.learns())});
  facts.push_back({"cost", "about " + strategy.cost + " points visited a step"});
  facts.push_back({"header", joined(strategy.headers)});
  facts.push_back({"test", joined(strategy.tests)});
  facts.push_back({"page", joined(strategy.pages)});
  text += table_of(facts, "  ");
  if (strategy.parameters.empty()) return text + "\n  It has no parameters.\n";
  std::vector<std::vector<std::string>> rows{{"parameter", "default", "range", "what"}};
  for (const Parameter& parameter : strategy.parameters) {
    rows.push_back({parameter.name, parameter.value, parameter.range, parameter.what});
  }
  return text + "\n" + table_of(rows, "  ");
}

}  // namespace

int strategies(const Words& words) {
  Options options("strategies", {{"json", "", "", "as one JSON object"}});
  options.read(words, {"NAME"}, 0);
  if (options.has("help")) {
    write_file("-", help(options));
    return done;
  }
  const bool one = !options.arguments().empty();
  if (!options.has("json")) {
    write_file("-", one ? in_full(find(options.arguments()[0])) : catalogue());
    return done;
  }
  nlohmann::ordered_json json;
  json["strategies"] = nlohmann::ordered_json::array();
  if (one) {
    json["strategies"].push_back(json_of(find(options.arguments()[0])));
  } else {
    for (const RuleEntry& entry : registry()) json["strategies"].push_back(json_of(strategy_of(entry)));
    json["pairs"] = pairs();
  }
  write_file("-", json.dump(2) + "\n");
  return done;
}

}  // namespace surefoot::app
