#include "terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace surefoot::app {
namespace {

bool is_set(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

std::string coloured(const char* code, const std::string& text) {
  static const bool wanted = on_terminal() && !is_set("NO_COLOR");
  return wanted ? "\033[" + std::string(code) + "m" + text + "\033[0m" : text;
}

std::size_t terminal_width() {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

bool continues(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

}  // namespace

bool on_terminal() {
  static const bool is = [] {
    const char* kind = std::getenv("TERM");
    return isatty(STDERR_FILENO) == 1 && kind != nullptr && std::string_view(kind) != "dumb";
  }();
  return is;
}

std::string bold(const std::string& text) { return coloured("1", text); }
std::string warning_colour(const std::string& text) { return coloured("33", text); }

void say(const std::string& line) {
  std::fputs((line + "\n").c_str(), stderr);
  std::fflush(stderr);
}

std::size_t width_of(const std::string& utf8) {
  std::size_t width = 0;
  for (const char byte : utf8) width += continues(byte) ? 0 : 1;
  return width;
}

std::string cut(const std::string& utf8, std::size_t width) {
  if (width_of(utf8) <= width) return utf8;
  std::size_t columns = 0, end = 0;
  for (; end < utf8.size(); ++end) {
    if (!continues(utf8[end]) && ++columns == width) break;
  }
  return utf8.substr(0, end) + "…";
}

std::string left(const std::string& utf8, std::size_t width) {
  const std::size_t own = width_of(utf8);
  return utf8 + std::string(own < width ? width - own : 0, ' ');
}

std::string right(const std::string& utf8, std::size_t width) {
  const std::size_t own = width_of(utf8);
  return std::string(own < width ? width - own : 0, ' ') + utf8;
}

bool LiveLine::is_due() {
  const auto now = std::chrono::steady_clock::now();
  if (now - last_ < std::chrono::milliseconds(100)) return false;
  last_ = now;
  return true;
}

void LiveLine::draw(const std::string& text) {
  std::fprintf(stderr, "\r%s\033[K", cut(text, terminal_width() - 1).c_str());
  std::fflush(stderr);
  drawn_ = true;
}

void LiveLine::clear() {
  if (!drawn_) return;
  std::fputs("\r\033[K", stderr);
  std::fflush(stderr);
  drawn_ = false;
}

}  // namespace surefoot::app
