/// Runs the app as a person or a script does, and gives what came back.
///
///   const Outcome outcome = run_app({"train", "houses.csv", "--target", "price", "--json"});
///   CHECK(outcome.code == 0);
///   CHECK(outcome.json().at("status") == "converged");
#pragma once

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace surefoot::test {

inline std::string content_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

inline bool says(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// Lives as long as a test.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "surefoot-app-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    path_ = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  /// Writes a file in it and gives its path.
  std::string file(const std::string& name, const std::string& content) const {
    std::ofstream(*this / name, std::ios::binary) << content;
    return *this / name;
  }
  std::size_t files() const {
    const std::filesystem::directory_iterator all(path_);
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
  }

 private:
  std::string path_;
};

struct Outcome {
  int code = -1;  // minus the signal, where one ended it
  std::string out{}, err{};
  double peak_bytes = 0;  // of resident memory

  nlohmann::json json() const { return nlohmann::json::parse(out); }  // throws unless it is one JSON text
};

/// The app at work: for signals. Its streams are files.
class RunningApp {
 public:
  explicit RunningApp(const std::vector<std::string>& words, const std::string& input = "/dev/null",
                      const std::string& output = "") {
    const std::string program = SUREFOOT_APP;
    if (program.empty()) throw std::runtime_error("the tests of the app need it: -DSUREFOOT_BUILD_APPS=ON");
    const std::string out = output.empty() ? folder_ / "out" : output, err = folder_ / "err";
    process_ = fork();
    if (process_ == 0) {
      redirect(input, O_RDONLY, STDIN_FILENO);
      redirect(out, O_WRONLY | O_CREAT | O_TRUNC, STDOUT_FILENO);
      redirect(err, O_WRONLY | O_CREAT | O_TRUNC, STDERR_FILENO);
      std::vector<char*> arguments{const_cast<char*>(program.c_str())};
      for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
      arguments.push_back(nullptr);
      execv(program.c_str(), arguments.data());
      _exit(127);
    }
  }
  RunningApp(const RunningApp&) = delete;
  RunningApp& operator=(const RunningApp&) = delete;
  ~RunningApp() {
    if (process_ <= 0) return;
    kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
  }

  void send(int signal) const { kill(process_, signal); }
  std::string err() const { return content_of(folder_ / "err"); }
  /// Waits until stderr says so; false after half a minute.
  bool has_said(const std::string& text) const {
    for (int tenths = 0; tenths < 300; ++tenths) {
      if (says(err(), text)) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    return false;
  }
  Outcome wait() {
    int status = 0;
    rusage usage{};
    wait4(process_, &status, 0, &usage);
    process_ = 0;
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status), content_of(folder_ / "out"), err(),
            1024 * static_cast<double>(usage.ru_maxrss)};
  }

 private:
  static void redirect(const std::string& path, int flags, int to) {
    const int file = open(path.c_str(), flags, 0600);
    if (file < 0 || dup2(file, to) < 0) _exit(126);
    close(file);
  }

  TemporaryFolder folder_{};
  pid_t process_ = 0;
};

inline Outcome run_app(const std::vector<std::string>& words, const std::string& input = "/dev/null",
                       const std::string& output = "") {
  return RunningApp(words, input, output).wait();
}

/// `words` and some more.
inline std::vector<std::string> with(std::vector<std::string> words, const std::vector<std::string>& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

inline const std::string demo_data = SUREFOOT_SOURCE_DIR "/apps/data/breast_cancer.csv";

/// `train` on the demo's data, where it has a minimum.
inline std::vector<std::string> train_demo(const std::vector<std::string>& more) {
  return with({"train", demo_data, "--target", "diagnosis", "--l2", "1e-3"}, more);
}

}  // namespace surefoot::test
