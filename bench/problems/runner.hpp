/// Runs solvers on problems, each pair in a process of its own with a limit on its CPU time: a crash or an endless loop
/// costs one run.
#pragma once

#include "collection/problem.hpp"
#include "record.hpp"
#include "solvers/solver.hpp"

namespace surefoot::problems {

struct Job {
  const Solver* solver;
  Mode mode;
  const Problem* problem;
  Start start{};
};

/// In the order of `jobs`, whichever ends first.
Runs run_all(const std::vector<Job>& jobs, int processes);

}  // namespace surefoot::problems
