#include "first_steps.hpp"

#include <cstdio>
#include <ostream>

#include "runner.hpp"

namespace surefoot::problems {

namespace {

std::vector<const Problem*> subset(const Problems& problems) {
  std::vector<const Problem*> chosen;
  int small = 0;
  for (const Problem& problem : problems) {
    if (!problem.is_apart() && problem.start.size() <= 100 && small++ % 3 == 0) chosen.push_back(&problem);
  }
  return chosen;
}

}  // namespace

void write_first_steps(std::ostream& out, const Board& board, int processes) {
  const auto problems = subset(board.problems());
  const std::optional<double> steps[] = {{}, 1e-10, 1e-6, 1e-3, 1, 1e3, 1e6, 1e10};
  out << "| solver |";
  for (const auto& step : steps) {
    char label[32] = "none given";
    if (step) std::snprintf(label, sizeof label, "%g", *step);
    out << ' ' << label << " |";
  }
  out << "\n|---|---|---|---|---|---|---|---|---|\n";

  for (const Solver& solver : board.solvers()) {
    if (!solver.takes_first_step) continue;
    out << "| " << solver.name << " |";
    for (const auto& step : steps) {
      std::vector<Job> jobs;
      for (const Problem* problem : problems) jobs.push_back({&solver, Mode::tight, problem, Start{step}});
      int solved = 0;
      const Runs runs = run_all(jobs, processes);
      for (std::size_t i = 0; i < runs.size(); ++i) solved += runs[i].reaches(board.goal(*problems[i], 1e-9));
      out << ' ' << solved << '/' << problems.size() << " |";
    }
    out << std::endl;
  }
}

}  // namespace surefoot::problems
