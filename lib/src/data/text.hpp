/// The bytes of a file, decompressed, in one buffer that the parsers point into.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "surefoot/data/error.hpp"

namespace surefoot::data {

class Text {
 public:
  /// Reads the whole of `path` ("-": standard input), through zlib if it starts as gzip does.
  static Text load(const std::string& path);

  const std::string& file() const { return file_; }
  /// After a byte-order mark, if there is one.
  const char* begin() const { return bytes_.get() + mark_; }
  /// One past the last byte, and readable: a line feed stands there, so that scans need not test for the end.
  const char* end() const { return bytes_.get() + size_; }

  /// For who reads the text for the last time, and has done so up to `at`: gives that memory back now and then, so that a
  /// file and the matrix that it becomes are never there both as a whole. What lies before `at` must not be looked at again.
  void forget_before(const char* at) const {
    if (at - forgotten_ >= forget_at_once) give_back(at);
  }

  /// The line that `at` is on, from 1. Counted only when an error needs it, so that parsing needn't.
  long line_of(const char* at) const;
  [[noreturn]] void refuse(const char* at, long field, const std::string& message) const;

 private:
  struct Free {
    void operator()(char* bytes) const { std::free(bytes); }
  };

  void reserve(std::size_t capacity);
  void append_rest(std::FILE* stream);
  void inflate_rest(std::FILE* stream);
  void refuse_binary() const;
  void give_back(const char* at) const;
  static long line_ends(const char* begin, const char* end);

  static constexpr std::ptrdiff_t forget_at_once = std::ptrdiff_t{4} << 20;

  std::string file_{};
  std::unique_ptr<char, Free> bytes_{};
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
  std::size_t mark_ = 0;
  // Mutable: to whoever may look at the text, it is the same with and without what was forgotten.
  mutable const char* forgotten_ = nullptr;  // up to here, a page's beginning or the text's
  mutable long lines_forgotten_ = 0;
};

/// A cell as an error message shows it: in quotes, cut where it is long, UTF-8 whatever it was.
std::string shown(std::string_view cell);

/// The text itself if it is UTF-8; else `scratch`, filled with what it says if it was Latin-1. Names and levels go into
/// JSON, which takes UTF-8 only.
std::string_view as_utf8(std::string_view text, std::string& scratch);

/// "1 row", "7 rows".
std::string counted(long count, const std::string& noun);

/// "a, b, c and 4 more".
std::string listed(const std::vector<std::string>& names, std::size_t most = 5);

}  // namespace surefoot::data
