#include "score.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>

namespace surefoot::problems {

Board::Board(const Problems& problems, const Solvers& solvers, Runs runs)
    : problems_(problems), solvers_(solvers), runs_(std::move(runs)) {
  for (const Run& run : runs_) of_problem_[run.problem].push_back(&run);
  for (const Problem& problem : problems_) {
    const double start_loss = problem.start_loss();
    for (const Run* run : of_problem_[problem.name]) {
      if (run->start_loss != start_loss) {
        throw std::runtime_error("the recorded runs of " + run->solver + " on '" + problem.name +
                                 "' started elsewhere: record them again");
      }
    }
    minima_[problem.name] = level(problem, of_problem_[problem.name]);
  }
}

// The lowest known or seen. Where there are several minima: the highest at which a peer came to rest, since it did no
// wrong there; whoever goes below passes this level too. Ours has no say in it, so it can't hide a stop before the end.
double Board::level(const Problem& problem, const std::vector<const Run*>& runs) const {
  double lowest = std::isnan(problem.minimum) ? infinity : problem.minimum;
  for (const Run* run : runs) lowest = std::min(lowest, run->best());
  if (!problem.several_minima) return lowest;

  const double close = 1e-8 * (problem.start_loss() - lowest);
  double highest = lowest;
  for (const Run* run : runs) {
    const bool is_peer = std::any_of(solvers_.begin(), solvers_.end(), [&](const Solver& solver) {
      return solver.is_peer && solver.name == run->solver;
    });
    const bool rests = run->mode == Mode::tight && run->slope_left < 1e-6;
    if (is_peer && rests && run->best() > highest + close) highest = run->best();
  }
  return highest;
}

double Board::goal(const Problem& problem, double tolerance) const {
  const double lowest = minimum(problem);
  const double resolved = 8 * std::numeric_limits<double>::epsilon() * std::abs(lowest);
  return lowest + std::max(tolerance * (problem.start_loss() - lowest), resolved);
}

const Run* Board::find(const std::string& solver, Mode mode, const Problem& problem) const {
  const auto runs = of_problem_.find(problem.name);
  if (runs == of_problem_.end()) return nullptr;
  const auto described =
      std::find_if(solvers_.begin(), solvers_.end(), [&](const Solver& s) { return s.name == solver; });
  const bool one_mode = described != solvers_.end() && !described->has_stop_tests;
  for (const Run* run : runs->second) {
    if (run->solver == solver && (run->mode == mode || one_mode)) return run;
  }
  return nullptr;
}

long Board::calls(const Run* run, const Problem& problem, double tolerance) const {
  return run == nullptr ? budget : run->calls_to(goal(problem, tolerance));
}

BestPeer Board::best_peer(const Problem& problem, double tolerance) const {
  BestPeer best;
  for (const Solver& solver : solvers_) {
    if (!solver.is_peer) continue;
    const long needed = calls(find(solver.name, Mode::tight, problem), problem, tolerance);
    if (needed < best.calls) best = {needed, solver.name};
  }
  return best;
}

Score Board::score(const std::string& solver, Mode mode, const Chosen& chosen) const {
  Score score;
  for (const Problem& problem : problems_) {
    if (!chosen(problem)) continue;
    const Run* run = find(solver, mode, problem);
    if (run == nullptr) continue;  // too large for it
    ++score.problems;
    for (int k = 0; k < 2; ++k) {
      const long ours = calls(run, problem, tolerances[k]), theirs = best_peer(problem, tolerances[k]).calls;
      score.solved[k] += run->reaches(goal(problem, tolerances[k]));
      score.logs[k] += std::log(static_cast<double>(ours) / static_cast<double>(theirs));
      score.ahead[k] += ours < theirs;
      score.level[k] += ours == theirs;
    }
  }
  return score;
}

double Board::calls_after(const std::string& solver, const Chosen& chosen) const {
  double logs = 0;
  int solved = 0;
  for (const Problem& problem : problems_) {
    const Run* run = find(solver, Mode::standard, problem);
    if (!chosen(problem) || run == nullptr || !run->reaches(goal(problem, tolerances[1]))) continue;
    ++solved;
    logs += std::log(static_cast<double>(run->calls) / static_cast<double>(calls(run, problem, tolerances[1])));
  }
  return std::exp(logs / solved);
}

}  // namespace surefoot::problems
