/// A Python program at the other end of a pipe: a line asked, a line answered.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace surefoot::linear {

class Python {
 public:
  /// Starts nothing yet. `words`: the script and its arguments.
  Python(std::string interpreter, std::vector<std::string> words)
      : interpreter_(std::move(interpreter)), words_(std::move(words)) {}
  ~Python() { stop(); }
  Python(const Python&) = delete;
  Python& operator=(const Python&) = delete;

  /// The answer; nothing if there is none within so many seconds: then the program was killed, and the next question
  /// starts it anew. Throws std::runtime_error if it ends by itself.
  std::optional<std::string> ask(const std::string& question, double seconds);

 private:
  void start();
  void stop();

  std::string interpreter_;
  std::vector<std::string> words_;
  pid_t process_ = 0;
  int to_ = -1, from_ = -1;
};

/// All that a program prints. Throws std::runtime_error if it fails.
std::string output_of(const std::string& interpreter, const std::vector<std::string>& words);

}  // namespace surefoot::linear
