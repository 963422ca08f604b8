/// Files that live as long as a test.
#pragma once

#include <zlib.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>

#include "surefoot/data/error.hpp"

namespace surefoot::test {

class TemporaryFile {
 public:
  explicit TemporaryFile(std::string_view content) {
    static int count = 0;
    const auto now = std::chrono::steady_clock::now().time_since_epoch().count();
    const auto name = "surefoot-test-" + std::to_string(now) + "-" + std::to_string(++count);
    path_ = (std::filesystem::temp_directory_path() / name).string();
    write(content);
  }
  ~TemporaryFile() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  void write(std::string_view content) const {
    std::ofstream out(path_, std::ios::binary | std::ios::trunc);
    out.write(content.data(), static_cast<std::streamsize>(content.size()));
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// As gzip writes it.
inline std::string gzipped(std::string_view content) {
  z_stream z{};
  if (deflateInit2(&z, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK) throw std::runtime_error("zlib");
  std::string packed(deflateBound(&z, static_cast<uLong>(content.size())) + 64, '\0');
  std::string input(content);
  z.next_in = reinterpret_cast<Bytef*>(input.data());
  z.avail_in = static_cast<uInt>(input.size());
  z.next_out = reinterpret_cast<Bytef*>(packed.data());
  z.avail_out = static_cast<uInt>(packed.size());
  const int status = deflate(&z, Z_FINISH);
  packed.resize(z.total_out);
  deflateEnd(&z);
  if (status != Z_STREAM_END) throw std::runtime_error("zlib");
  return packed;
}

/// The DataError that `call` throws; a failure if it throws none.
template <class Call>
DataError data_error_of(const Call& call) {
  try {
    call();
  } catch (const DataError& error) {
    return error;
  }
  throw std::runtime_error("no DataError was thrown");
}

inline bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace surefoot::test
