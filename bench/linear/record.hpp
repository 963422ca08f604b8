/// What one solver did on one set with one penalty.
#pragma once

#include <limits>
#include <string>
#include <vector>

namespace surefoot::linear {

inline constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

struct Record {
  std::string set{};
  long rows = 0, columns = 0;
  std::string model{}, lambda{};
  std::string solver{};
  int threads = 1;
  std::string setting{};     // the tolerance, the step, or how it starts
  double seconds = unknown;  // to the excess that is wanted; NaN: it did not get there
  double fastest = unknown;  // of the runs whose median that is: less in doubt on a machine that others use too
  double whole = unknown;    // ours: of the run with nothing set
  double excess = unknown;   // ours: at the end of that run; else where `seconds` ended
  double passes = unknown;   // of the oracle, or a peer's own count of iterations
  // Seconds of standardising and conversions. Peers get standardised columns in their own form, so these come on top of
  // theirs; ours has them in `seconds`, with all else that is not an iteration.
  double prepare = unknown;
  int runs = 0;        // of which seconds are the medians
  std::string note{};  // why it did not get there

  bool arrived() const { return seconds == seconds; }
};

using Records = std::vector<Record>;

/// One line a record, with commas; an empty field is not known. Throws std::runtime_error.
void write_csv(const std::string& path, const Records& records);
Records read_csv(const std::string& path);

}  // namespace surefoot::linear
