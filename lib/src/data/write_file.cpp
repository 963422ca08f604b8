#include "surefoot/data/write_file.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

namespace surefoot {
namespace {

[[noreturn]] void fail(const std::string& path, int reason) {
  throw WriteError("cannot write " + path + ": " + std::strerror(reason));
}

void write_all(std::FILE* file, const std::string& text, const std::string& path) {
  if (std::fwrite(text.data(), 1, text.size(), file) != text.size() || std::fflush(file) != 0) fail(path, errno);
}

}  // namespace

void write_file(const std::string& path, const std::string& text) {
  if (path == "-") return write_all(stdout, text, "standard output");
  // What is there but no regular file (a pipe, /dev/stdout) can't be renamed over: it is written through.
  std::error_code ignored;
  const auto status = std::filesystem::status(path, ignored);
  if (std::filesystem::is_directory(status)) fail(path, EISDIR);
  const bool through = std::filesystem::exists(status) && !std::filesystem::is_regular_file(status);
  // A link is followed, so that the file it points to is replaced and not the link.
  const auto target = std::filesystem::is_symlink(std::filesystem::symlink_status(path, ignored))
                          ? std::filesystem::weakly_canonical(path, ignored).string()
                          : path;
  const std::string beside = through ? path : target + ".part-" + std::to_string(::getpid());

  std::FILE* file = std::fopen(beside.c_str(), "wb");
  if (file == nullptr) fail(path, errno);
  try {
    write_all(file, text, path);
    if (!through && ::fsync(::fileno(file)) != 0) fail(path, errno);
  } catch (...) {
    std::fclose(file);
    if (!through) std::remove(beside.c_str());
    throw;
  }
  const bool closed = std::fclose(file) == 0;
  if (through) return;
  if (!closed || std::rename(beside.c_str(), target.c_str()) != 0) {
    const int reason = errno;
    std::remove(beside.c_str());
    fail(path, reason);
  }
}

}  // namespace surefoot
