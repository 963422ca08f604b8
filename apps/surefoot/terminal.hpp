/// What a person sees on stderr, who may be a file: colour and a line that is redrawn on a terminal only.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace surefoot::app {

/// Is stderr a terminal that can redraw a line?
bool on_terminal();

/// Colour: on a terminal, unless NO_COLOR is set (https://no-color.org).
std::string bold(const std::string& text);
std::string warning_colour(const std::string& text);

/// Writes to stderr, with a line feed.
void say(const std::string& line);

/// How many columns a text takes, if each code point takes one.
std::size_t width_of(const std::string& utf8);
/// The text in at most `width` columns, with … where it was cut.
std::string cut(const std::string& utf8, std::size_t width);
/// The text with blanks after it (before it) up to `width` columns.
std::string left(const std::string& utf8, std::size_t width);
std::string right(const std::string& utf8, std::size_t width);

/// One line that is redrawn in place, at most ten times a second.
class LiveLine {
 public:
  explicit LiveLine(bool wanted) : shown_(wanted && on_terminal()) {}
  ~LiveLine() { clear(); }
  LiveLine(const LiveLine&) = delete;
  LiveLine& operator=(const LiveLine&) = delete;

  /// `text()` is asked for its line only when it is time to draw it.
  template <class Text>
  void show(Text&& text) {
    if (shown_ && is_due()) draw(text());
  }
  void clear();

 private:
  bool is_due();
  void draw(const std::string& text);

  bool shown_;
  bool drawn_ = false;
  std::chrono::steady_clock::time_point last_{};
};

}  // namespace surefoot::app
