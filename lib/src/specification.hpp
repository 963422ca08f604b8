/// `name:option=value,option=value`: how a person writes a step rule or a model with its options.
///
///   const Specification asked = parse_specification("huber:delta=1.35");       // name "huber"
///   if (asked.options) set_options(asked.name, *asked.options, set, known);
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace surefoot {

struct Specification {
  std::string name;
  std::optional<std::string> options;  // what stands behind the colon
};

Specification parse_specification(const std::string& text);

/// Sets the options ("delta=1.35") of what is called `name`. `set(option, value)` answers whether there is such an option
/// and throws std::invalid_argument for a value out of its range; such an option is tried again after the others,
/// because a range may depend on one that stands later. `known` lists the options that there are. Throws
/// std::invalid_argument that names what is wrong.
void set_options(const std::string& name, const std::string& options,
                 const std::function<bool(const std::string&, double)>& set,
                 const std::function<std::vector<std::string>()>& known);

/// "a, b, c".
std::string joined(const std::vector<std::string>& words);

}  // namespace surefoot
