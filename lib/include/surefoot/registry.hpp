/// The catalogue of step rules, and how to make one from its name. The registry is the only list: the app's
/// `strategies`, the docs' index, the tests over every rule and the benchmarks iterate over it.
///
///   AnyRule rule = surefoot::make_rule("bb+nonmonotone:memory=10");
///   for (const RuleEntry& entry : surefoot::registry()) std::cout << entry.name << ": " << entry.title << '\n';
#pragma once

#include <string>
#include <vector>

#include "surefoot/any_rule.hpp"

namespace surefoot {

struct RuleEntry {
  std::string name;                  // what people type
  std::vector<std::string> aliases;  // other names for it
  std::string title;                 // what it does, in a line
  std::string cost;                  // of a step, in points visited
  std::string source;                // author (year)
  std::string header, test, page;    // where it lives, below the top of the tree
  Role role = Role::judges;
  AnyRule rule;  // with its defaults
};

/// Every single rule, in the order of the docs.
const std::vector<RuleEntry>& registry();

/// The names that make_rule takes: every rule, and every pair of a proposer and a judge that only shrinks.
std::vector<std::string> rule_names();

/// The entries that a specification is made of: one, or the two of a pair. Throws as make_rule does.
std::vector<const RuleEntry*> entries_of(const std::string& specification);

/// Makes a rule from `name`, `name:option=value,option=value`, or two of these joined by `+` (a proposer, then a judge
/// that only shrinks). Throws std::invalid_argument that names what exists: for an unknown name, option or value, and
/// for a pair that does not fit, with the reason.
AnyRule make_rule(const std::string& specification);

}  // namespace surefoot
