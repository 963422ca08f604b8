/// The commands, one file each.
#pragma once

#include <string>
#include <vector>

namespace surefoot::app {

using Words = std::vector<std::string>;

struct Command {
  std::string name;
  std::string synopsis;
  std::string summary;
  int (*run)(const Words& words);  // the words after the command; returns the exit code
};

int train(const Words& words);
int predict(const Words& words);
int strategies(const Words& words);

}  // namespace surefoot::app
