/// One configuration of one solver, behind one function.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "../data.hpp"
#include "../record.hpp"

namespace surefoot::linear {

class Stopwatch {
 public:
  double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count(); }

 private:
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

inline const std::string over_the_limit = "over the limit";

/// One run. `excess` is in the objective that the solver minimises.
struct Attempt {
  double seconds = unknown;  // NaN: over the limit, or it can't be run: `note` says which
  double excess = unknown;
  double passes = unknown;
  double whole = unknown, whole_excess = unknown;  // ours only
  double prepare = unknown;                        // of `seconds`, those before and after the iterations
  int threads = 0;                                 // that it used; 0: as many as it was told
  std::string note{};

  bool arrived() const { return seconds == seconds && excess <= wanted_excess; }
};

struct Peer {
  std::string name{};  // its family's first: "scikit-learn lbfgs"
  std::vector<int> threads{1};
  /// Does it stop by a tolerance of its own? Then the loosest by decades that arrives is its best setting. Else it is
  /// stopped when it arrives, or knows nothing but to go to the end.
  bool has_tolerance = false;
  double loosest = 1;     // the first tolerance to try
  std::string setting{};  // of one without a tolerance
  double prepare = unknown;
  std::function<Attempt(const Case& of, double tolerance, int threads, double limit)> run{};
};

using Peers = std::vector<Peer>;

namespace family {
inline const std::string ours = "ours", sklearn = "scikit-learn", liblinear = "LIBLINEAR", liblbfgs = "liblbfgs",
                         grid = "grid";
}

struct Setup {
  std::string interpreter = "/usr/bin/python3";
  std::string arrays{};  // the folder with the set's arrays
  int threads = 0;       // that ours is told, and liblbfgs on our oracle; 0: nothing, so it takes as many as pay
};

// Those that suit a set. What they keep of it (a process, a converted copy) goes with them.
Peers our_peers(const Data& data, const Setup& setup);
Peers sklearn_peers(const Data& data, const Setup& setup);
Peers liblinear_peers(const Data& data, const Setup& setup);
Peers liblbfgs_peers(const Data& data, const Setup& setup);

/// The versions of scikit-learn and what it stands on.
std::string sklearn_versions(const Setup& setup);
std::string liblinear_version();
std::string liblbfgs_version();

/// The best single run of a grid of fixed steps, along the direction that ours took, in plain coordinates.
Record best_of_grid(const Case& of, const std::string& direction, double our_seconds, int threads);

}  // namespace surefoot::linear
