/// From runs to figures: the level at which a problem counts as solved, who was there after how many calls, and how that
/// compares with the best of all peers, problem by problem.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "collection/problem.hpp"
#include "record.hpp"
#include "solvers/solver.hpp"

namespace surefoot::problems {

inline constexpr double tolerances[] = {1e-6, 1e-9};

/// One solver, one mode, some problems.
struct Score {
  int problems = 0;
  int solved[2] = {0, 0};                    // at each of `tolerances`
  double logs[2] = {0, 0};                   // of calls over the best peer's, unsolved as the budget
  int ahead[2] = {0, 0}, level[2] = {0, 0};  // fewer calls than the best peer; as many

  double mean(int tolerance) const { return std::exp(logs[tolerance] / problems); }
};

struct BestPeer {
  long calls = budget;
  std::string name = "none";
};

class Board {
 public:
  Board(const Problems& problems, const Solvers& solvers, Runs runs);

  /// The loss f* of a problem that counts as its minimum, see docs/benchmarks.md.
  double minimum(const Problem& problem) const { return minima_.at(problem.name); }
  double goal(const Problem& problem, double tolerance) const;

  const Run* find(const std::string& solver, Mode mode, const Problem& problem) const;
  long calls(const Run* run, const Problem& problem, double tolerance) const;
  BestPeer best_peer(const Problem& problem, double tolerance) const;

  using Chosen = std::function<bool(const Problem&)>;
  Score score(const std::string& solver, Mode mode, const Chosen& chosen) const;
  /// Calls at the return over calls to the finer tolerance, geometric mean over what was solved.
  double calls_after(const std::string& solver, const Chosen& chosen) const;

  const Problems& problems() const { return problems_; }
  const Solvers& solvers() const { return solvers_; }

 private:
  double level(const Problem& problem, const std::vector<const Run*>& runs) const;

  const Problems& problems_;
  const Solvers& solvers_;
  Runs runs_;
  std::map<std::string, std::vector<const Run*>> of_problem_{};
  std::map<std::string, double> minima_{};
};

}  // namespace surefoot::problems
