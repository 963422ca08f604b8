/// The real data sets beside the tree, for tests that use them where they are at hand and skip with a message elsewhere.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

namespace surefoot::test {

/// The path of a file of ../shared/data (or of the folder that SUREFOOT_DATA names); empty if it is not there.
inline std::string shared_data(const std::string& name) {
  const char* const folder = std::getenv("SUREFOOT_DATA");
  const std::filesystem::path path = std::filesystem::path(folder != nullptr ? folder : SUREFOOT_SHARED_DATA) / name;
  return std::filesystem::exists(path) ? path.string() : std::string();
}

}  // namespace surefoot::test
