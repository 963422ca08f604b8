#include "text.hpp"

#include <zlib.h>

#if defined(__linux__)
#include <sys/mman.h>
#include <unistd.h>
#endif

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <limits>
#include <new>

namespace surefoot::data {
namespace {

constexpr std::size_t chunk = std::size_t{1} << 16;

struct Close {
  void operator()(std::FILE* stream) const {
    if (stream != stdin) std::fclose(stream);
  }
};

bool starts_with(const char* bytes, std::size_t size, std::string_view prefix) {
  return size >= prefix.size() && std::memcmp(bytes, prefix.data(), prefix.size()) == 0;
}

std::size_t read_some(std::FILE* stream, const std::string& file, char* to, std::size_t most) {
  const std::size_t got = std::fread(to, 1, most, stream);
  if (got < most && std::ferror(stream)) throw FileError(file, std::strerror(errno));
  return got;
}

/// zlib's inflater, ended whatever is thrown.
struct Inflater {
  z_stream stream{};
  Inflater() {
    // 16: expect the gzip wrapper, and check its sum.
    if (inflateInit2(&stream, 16 + MAX_WBITS) != Z_OK) throw std::bad_alloc();
  }
  ~Inflater() { inflateEnd(&stream); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
};

/// Length of the UTF-8 sequence at `at`, 0 if there is none.
std::size_t sequence_length(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t k) { return static_cast<unsigned char>(text[at + k]); };
  const unsigned char lead = byte(0);
  const std::size_t length = lead < 0x80                   ? 1
                             : lead >= 0xC2 && lead < 0xE0 ? 2
                             : lead >= 0xE0 && lead < 0xF0 ? 3
                             : lead >= 0xF0 && lead < 0xF5 ? 4
                                                           : 0;
  if (length == 0 || at + length > text.size()) return 0;
  for (std::size_t k = 1; k < length; ++k) {
    if ((byte(k) & 0xC0) != 0x80) return 0;
  }
  // Overlong forms, surrogates, and what lies beyond the last code point.
  if (lead == 0xE0 && byte(1) < 0xA0) return 0;
  if (lead == 0xED && byte(1) >= 0xA0) return 0;
  if (lead == 0xF0 && byte(1) < 0x90) return 0;
  if (lead == 0xF4 && byte(1) >= 0x90) return 0;
  return length;
}

}  // namespace

Text Text::load(const std::string& path) {
  Text text;
  text.file_ = path == "-" ? "stdin" : path;
  const std::unique_ptr<std::FILE, Close> stream{path == "-" ? stdin : std::fopen(path.c_str(), "rb")};
  if (!stream) throw FileError(text.file_, std::strerror(errno));

  std::error_code no_size;
  const std::uintmax_t size = path == "-" ? 0 : std::filesystem::file_size(path, no_size);
  const bool known = path != "-" && !no_size && size < std::numeric_limits<std::size_t>::max() / 4;
  // One more than the size, so that the read which finds the end needs no larger buffer.
  text.reserve(std::max(chunk, known ? static_cast<std::size_t>(size) + 1 : 0));
  text.size_ = read_some(stream.get(), text.file_, text.bytes_.get(), chunk);
  if (starts_with(text.bytes_.get(), text.size_, "\x1f\x8b")) {
    text.inflate_rest(stream.get());
  } else {
    text.append_rest(stream.get());
  }
  text.bytes_.get()[text.size_] = '\n';
  text.forgotten_ = text.bytes_.get();
  text.refuse_binary();
  if (starts_with(text.bytes_.get(), text.size_, "\xEF\xBB\xBF")) text.mark_ = 3;
  return text;
}

void Text::reserve(std::size_t capacity) {
  // realloc moves pages instead of copying them, so a growing buffer is never there twice.
  char* grown = static_cast<char*>(std::realloc(bytes_.get(), capacity + 1));  // 1: the line feed behind the end
  if (grown == nullptr) throw std::bad_alloc();
  static_cast<void>(bytes_.release());
  bytes_.reset(grown);
  capacity_ = capacity;
}

void Text::append_rest(std::FILE* stream) {
  while (true) {
    if (size_ == capacity_) reserve(2 * capacity_);
    const std::size_t got = read_some(stream, file_, bytes_.get() + size_, capacity_ - size_);
    size_ += got;
    if (got == 0) return;
  }
}

void Text::inflate_rest(std::FILE* stream) {
  std::vector<char> packed(bytes_.get(), bytes_.get() + size_);
  packed.resize(chunk);
  std::size_t available = size_;
  size_ = 0;
  Inflater inflater;
  auto& z = inflater.stream;
  bool between_members = false;
  for (; available > 0; available = read_some(stream, file_, packed.data(), chunk)) {
    z.next_in = reinterpret_cast<Bytef*>(packed.data());
    z.avail_in = static_cast<uInt>(available);
    bool output_full = false;
    while (z.avail_in > 0 || output_full) {
      if (between_members) {
        // Block devices pad with zeros; anything else that follows must be a further member.
        if (*z.next_in == 0) {
          ++z.next_in;
          --z.avail_in;
          continue;
        }
        if (inflateReset(&z) != Z_OK) throw std::bad_alloc();
        between_members = false;
      }
      if (size_ == capacity_) reserve(2 * capacity_);
      const std::size_t room = std::min<std::size_t>(capacity_ - size_, std::numeric_limits<uInt>::max());
      z.next_out = reinterpret_cast<Bytef*>(bytes_.get() + size_);
      z.avail_out = static_cast<uInt>(room);
      const int status = inflate(&z, Z_NO_FLUSH);
      const std::size_t made = room - z.avail_out;
      // Looked for here already: a few kilobytes of gzip can hold gigabytes of zeros.
      if (std::memchr(bytes_.get() + size_, 0, made) != nullptr) {
        throw DataError(file_, "the gzip'd data has NUL bytes, so it is not text; give a CSV or LIBSVM file");
      }
      size_ += made;
      between_members = status == Z_STREAM_END;
      // Then the inflater may hold bytes back though it has taken all of its input.
      output_full = !between_members && z.avail_out == 0;
      if (status == Z_MEM_ERROR) throw std::bad_alloc();
      if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR) {
        throw DataError(file_, std::string("the gzip data is damaged (") + (z.msg ? z.msg : "no reason given") +
                                   "); copy or download the file again");
      }
    }
  }
  if (!between_members) {
    throw DataError(file_, "the gzip data ends too early, the file was cut off; copy or download it again");
  }
}

void Text::refuse_binary() const {
  const char* bytes = bytes_.get();
  const std::string advice = "; give a CSV or LIBSVM file";
  if (starts_with(bytes, size_, "PK\x03\x04")) {
    throw DataError(file_, "this is a zip archive or an Excel workbook; save the sheet as CSV");
  }
  if (starts_with(bytes, size_, "\xFF\xFE") || starts_with(bytes, size_, "\xFE\xFF")) {
    throw DataError(file_, "this is UTF-16; save it as UTF-8 (iconv -f UTF-16 -t UTF-8)");
  }
  if (const void* nul = std::memchr(bytes, 0, size_)) {
    const long line = line_of(static_cast<const char*>(nul));
    throw DataError(file_, line, 0, "a NUL byte, so this is binary, not text" + advice);
  }
  const auto control = [](char byte) { return byte > 0 && byte < 32 && (byte < '\t' || byte > '\r'); };
  const char* last = bytes + std::min<std::size_t>(size_, 4096);
  const char* strange = std::find_if(bytes, last, control);
  if (strange != last)
    throw DataError(file_, line_of(strange), 0, "control characters, so this is binary, not text" + advice);
}

long Text::line_ends(const char* begin, const char* end) {
  const long feeds = std::count(begin, end, '\n');
  if (begin == end || std::memchr(begin, '\r', static_cast<std::size_t>(end - begin)) == nullptr) return feeds;
  long alone = 0;
  for (const char* p = begin; p < end; ++p) alone += *p == '\r' && p[1] != '\n';
  return feeds + alone;
}

long Text::line_of(const char* at) const { return 1 + lines_forgotten_ + line_ends(forgotten_, at); }

void Text::give_back([[maybe_unused]] const char* at) const {
#if defined(__linux__)
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  const auto whole = [&](const char* p) { return reinterpret_cast<std::uintptr_t>(p) / page * page; };
  // Whole pages only: the one that the buffer begins on is the allocator's too.
  const std::uintptr_t begin = whole(forgotten_ + page - 1), end = whole(at);
  const char* const last = reinterpret_cast<const char*>(end);
  const long lines = line_ends(forgotten_, last);
  if (madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED) != 0) return;
  lines_forgotten_ += lines;
  forgotten_ = last;
#endif
}

void Text::refuse(const char* at, long field, const std::string& message) const {
  throw DataError(file_, line_of(at), field, message);
}

std::string_view as_utf8(std::string_view text, std::string& scratch) {
  const auto high = [](char byte) { return static_cast<unsigned char>(byte) >= 0x80; };
  if (std::none_of(text.begin(), text.end(), high)) return text;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t length = sequence_length(text, at);
    if (length == 0) break;
    at += length;
  }
  if (at == text.size()) return text;
  std::string converted;
  for (const char byte : text) {
    const auto code = static_cast<unsigned char>(byte);
    if (code < 0x80) {
      converted += byte;
    } else {
      converted += static_cast<char>(0xC0 | (code >> 6));
      converted += static_cast<char>(0x80 | (code & 0x3F));
    }
  }
  scratch = std::move(converted);
  return scratch;
}

std::string shown(std::string_view cell) {
  constexpr std::size_t most = 40;
  std::string scratch;
  std::string text{as_utf8(cell.substr(0, 4 * most), scratch)};
  bool cut = cell.size() > 4 * most;
  if (text.size() > most) {
    std::size_t end = most;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
    text.resize(end);
    cut = true;
  }
  for (char& byte : text) {
    if (static_cast<unsigned char>(byte) < 32 || byte == 127) byte = ' ';
  }
  return "'" + text + (cut ? "…'" : "'");
}

std::string counted(long count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

std::string listed(const std::vector<std::string>& names, std::size_t most) {
  std::string text;
  // "and 1 more" would be longer than most names.
  const std::size_t shown_count = names.size() <= most + 1 ? names.size() : most;
  for (std::size_t k = 0; k < shown_count; ++k) text += (k > 0 ? ", " : "") + names[k];
  if (shown_count < names.size()) text += " and " + std::to_string(names.size() - shown_count) + " more";
  return text;
}

}  // namespace surefoot::data

namespace surefoot {
namespace {

std::string located(const std::string& file, long line, long column, const std::string& message) {
  if (file.empty()) return message;  // a table that a program made
  std::string text = file;
  if (line > 0) text += ":" + std::to_string(line);
  if (line > 0 && column > 0) text += ":" + std::to_string(column);
  return text + ": " + message;
}

}  // namespace

DataError::DataError(std::string in_file, long at_line, long at_column, const std::string& message)
    : std::runtime_error(located(in_file, at_line, at_column, message)),
      file(std::move(in_file)),
      line(at_line),
      column(at_column) {}

FileError::FileError(std::string of_file, const std::string& reason)
    : std::runtime_error(of_file + ": cannot be read: " + reason), file(std::move(of_file)) {}

}  // namespace surefoot
