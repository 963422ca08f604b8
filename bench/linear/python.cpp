#include "python.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <stdexcept>

namespace surefoot::linear {

namespace {

using Clock = std::chrono::steady_clock;

/// Starts a program with a pipe to its input and one from its output.
pid_t spawn(const std::string& interpreter, const std::vector<std::string>& words, int& to, int& from) {
  int input[2], output[2];
  if (pipe2(input, O_CLOEXEC) != 0 || pipe2(output, O_CLOEXEC) != 0) throw std::runtime_error("pipe failed");
  std::vector<char*> arguments{const_cast<char*>(interpreter.c_str())};
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const pid_t process = fork();
  if (process < 0) throw std::runtime_error("fork failed");
  if (process == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);  // a fit that nobody waits for would take the core from whoever comes next
    dup2(input[0], STDIN_FILENO);
    dup2(output[1], STDOUT_FILENO);
    execv(interpreter.c_str(), arguments.data());
    _exit(127);
  }
  close(input[0]);
  close(output[1]);
  to = input[1];
  from = output[0];
  return process;
}

/// More of what it prints; false at its end.
bool read_more(int from, std::string& text) {
  char buffer[4096];
  const ssize_t count = read(from, buffer, sizeof buffer);
  if (count <= 0) return false;
  text.append(buffer, static_cast<std::size_t>(count));
  return true;
}

}  // namespace

std::optional<std::string> Python::ask(const std::string& question, double seconds) {
  if (process_ == 0) start();
  const std::string line = question + "\n";
  if (write(to_, line.data(), line.size()) != static_cast<ssize_t>(line.size())) {
    throw std::runtime_error(words_.front() + " does not listen");
  }
  const auto until = Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
  std::string answer;
  while (answer.empty() || answer.back() != '\n') {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now()).count();
    pollfd ready{.fd = from_, .events = POLLIN, .revents = 0};
    if (left <= 0 || poll(&ready, 1, static_cast<int>(left)) == 0) {
      stop();
      return {};
    }
    if (!read_more(from_, answer)) {
      stop();
      throw std::runtime_error(words_.front() + " ended without an answer to '" + question + "'");
    }
  }
  answer.pop_back();
  return answer;
}

void Python::start() {
  signal(SIGPIPE, SIG_IGN);  // if it ends, `ask` says so
  process_ = spawn(interpreter_, words_, to_, from_);
}

void Python::stop() {
  if (process_ == 0) return;
  kill(process_, SIGKILL);
  waitpid(process_, nullptr, 0);
  close(to_);
  close(from_);
  process_ = 0;
}

std::string output_of(const std::string& interpreter, const std::vector<std::string>& words) {
  int to = -1, from = -1;
  const pid_t process = spawn(interpreter, words, to, from);
  close(to);
  std::string text;
  while (read_more(from, text)) {
  }
  close(from);
  int status = 0;
  waitpid(process, &status, 0);
  if (status != 0) throw std::runtime_error(words.front() + " failed");
  return text;
}

}  // namespace surefoot::linear
