/// What one run of one solver on one problem did: the best loss so far against the calls of the objective.
#pragma once

#include <string>
#include <vector>

namespace surefoot::problems {

inline constexpr long budget = 20'000;  // calls
inline constexpr int cpu_seconds = 8;   // a run

/// tight: stop tests off, so that it goes on to the budget. standard: the solver's own stop tests, left as they are.
enum class Mode { tight, standard };

struct Improvement {
  long calls;
  double loss;
};

struct Run {
  std::string solver;
  Mode mode = Mode::tight;
  std::string problem;
  long calls = 0;      // at the return
  double seconds = 0;  // of CPU
  std::string ended;   // in the solver's words, or "budget", "time limit", "crashed"
  double start_loss = 0;
  double slope_left = 0;  // |g|∞ at the best point, relative to the start's
  std::vector<Improvement> improvements{};

  double best() const { return improvements.empty() ? start_loss : improvements.back().loss; }
  /// Calls until the loss was first at or below `goal`; the budget where it never was.
  long calls_to(double goal) const {
    for (const Improvement& improvement : improvements) {
      if (improvement.loss <= goal) return improvement.calls;
    }
    return budget;
  }
  bool reaches(double goal) const { return best() <= goal; }
};

using Runs = std::vector<Run>;

/// One line a run. Losses in hexadecimal, so that none is rounded.
void write_csv(const std::string& path, const Runs& runs);
Runs read_csv(const std::string& path);

}  // namespace surefoot::problems
