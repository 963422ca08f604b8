#include "surefoot/data/write_file.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>

#include "catch.hpp"
#include "data/temporary_file.hpp"

using namespace surefoot;
using surefoot::test::TemporaryFile;

namespace {

std::string content_of(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

}  // namespace

TEST_CASE("a file is replaced whole, and nothing is left beside it") {
  const std::filesystem::path folder = TemporaryFile("").path() + ".folder";
  std::filesystem::create_directory(folder);
  const std::string path = folder / "model.json";
  write_file(path, "old");
  write_file(path, std::string(100000, 'x'));
  CHECK(content_of(path) == std::string(100000, 'x'));
  CHECK(std::distance(std::filesystem::directory_iterator(folder), {}) == 1);
  std::filesystem::remove_all(folder);
}

TEST_CASE("what can't be written is said with its name and reason, and the old file stays") {
  CHECK_THROWS_WITH(write_file("/nowhere/at/all", "x"), "cannot write /nowhere/at/all: No such file or directory");
  const std::string folder = std::filesystem::temp_directory_path();
  CHECK_THROWS_WITH(write_file(folder, "x"), "cannot write " + folder + ": Is a directory");
  CHECK_THROWS_AS(write_file("", "x"), WriteError);
}

TEST_CASE("a link is followed: the file it points to is replaced, the link stays a link") {
  const TemporaryFile file("old");
  const std::string link = file.path() + ".link";
  std::filesystem::create_symlink(file.path(), link);
  write_file(link, "new");
  CHECK(std::filesystem::is_symlink(link));
  CHECK(content_of(file.path()) == "new");
  std::filesystem::remove(link);
}

TEST_CASE("a device is written through, not replaced") {
  write_file("/dev/null", "x");
  CHECK(std::filesystem::is_character_file("/dev/null"));
}
