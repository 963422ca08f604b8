#include "report.hpp"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <ostream>

namespace surefoot::problems {

namespace {

constexpr const char* ours = "surefoot";

bool in_own(const Problem& problem) { return !problem.is_apart(); }
bool in_apart(const Problem& problem) { return problem.is_apart(); }

std::vector<std::string> groups(const Board& board) {
  std::vector<std::string> names;
  for (const Problem& problem : board.problems()) {
    if (names.empty() || names.back() != problem.group) names.push_back(problem.group);
  }
  return names;
}

Board::Chosen in_group(const std::string& name) {
  return [name](const Problem& problem) { return problem.group == name; };
}

template <class... Values>
std::string text(const char* format, Values... values) {
  char line[256];
  std::snprintf(line, sizeof line, format, values...);
  return line;
}

std::string count_or_no(long calls) { return calls == budget ? "no" : std::to_string(calls); }

std::string share(const Score& score, int k) { return text("%d/%d", score.solved[k], score.problems); }

void print_line(const std::string& label, const Score& score, double after) {
  std::printf("%-22s %7s %8s %8.3f %8.3f %6d (%d) %9.2f\n", label.c_str(), share(score, 0).c_str(),
              share(score, 1).c_str(), score.mean(0), score.mean(1), score.ahead[1], score.level[1], after);
}

}  // namespace

void print_summary(const Board& board) {
  std::printf("%-22s %7s %8s %8s %8s %10s %9s\n", "", "1e-6", "1e-9", "score", "score", "ahead (=)", "at return");
  const auto line = [&board](const std::string& label, const Board::Chosen& chosen) {
    const Score score = board.score(ours, Mode::tight, chosen);
    if (score.problems > 0) print_line(label, score, board.calls_after(ours, chosen));
  };
  line("own sets", in_own);
  line("apart", in_apart);
  for (const std::string& group : groups(board)) line("  " + group, in_group(group));

  std::printf("\nunsolved, or more than twice the best peer's calls (1e-6 / 1e-9; how ours ended):\n");
  for (const Problem& problem : board.problems()) {
    const Run* run = board.find(ours, Mode::tight, problem);
    if (run == nullptr) continue;
    long calls[2];
    BestPeer best[2];
    bool listed = false;
    for (int k = 0; k < 2; ++k) {
      calls[k] = board.calls(run, problem, tolerances[k]);
      best[k] = board.best_peer(problem, tolerances[k]);
      listed = listed || calls[k] == budget || calls[k] > 2 * best[k].calls;
    }
    if (!listed) continue;
    std::printf("  %-40s %6s / %-6s  peers %6s / %-6s %-24s %s after %ld\n", problem.name.c_str(),
                count_or_no(calls[0]).c_str(), count_or_no(calls[1]).c_str(), count_or_no(best[0].calls).c_str(),
                count_or_no(best[1].calls).c_str(), best[1].name.c_str(), run->ended.c_str(), run->calls);
  }
}

void write_solvers(std::ostream& out, const Board& board) {
  for (const bool apart : {false, true}) {
    const auto chosen = apart ? in_apart : in_own;
    out << (apart ? "\n### Apart\n\n" : "### Own sets\n\n")
        << "| solver | solved, 1e-6 | solved, 1e-9 | score, 1e-6 | score, 1e-9 | solved with its own stops, 1e-6 | "
           "1e-9 |\n|---|---|---|---|---|---|---|\n";
    for (const Solver& solver : board.solvers()) {
      const Score tight = board.score(solver.name, Mode::tight, chosen);
      if (tight.problems == 0) continue;
      const Score standard = board.score(solver.name, Mode::standard, chosen);
      const char* bold = solver.is_peer ? "" : "**";
      out << "| " << bold << solver.name << bold << " | " << share(tight, 0) << " | " << share(tight, 1) << " | "
          << text("%.2f", tight.mean(0)) << " | " << text("%.2f", tight.mean(1)) << " | " << share(standard, 0) << " | "
          << share(standard, 1) << " |\n";
    }
  }
}

void write_groups(std::ostream& out, const Board& board) {
  out << "| group | solved, 1e-6 | solved, 1e-9 | score, 1e-6 | score, 1e-9 | fewer calls than the best peer (as "
         "many), "
         "1e-9 | calls at the return over calls to 1e-9 |\n|---|---|---|---|---|---|---|\n";
  const auto line = [&](const std::string& label, const Board::Chosen& chosen) {
    const Score score = board.score(ours, Mode::tight, chosen);
    if (score.problems == 0) return;
    out << "| " << label << " | " << share(score, 0) << " | " << share(score, 1) << " | "
        << text("%.2f | %.2f | %d (%d) | %.2f |\n", score.mean(0), score.mean(1), score.ahead[1], score.level[1],
                board.calls_after(ours, chosen));
  };
  for (const std::string& group : groups(board)) line(group, in_group(group));
  line("own sets", in_own);
  line("apart", in_apart);
}

void write_problems(std::ostream& out, const Board& board) {
  out << "| group | problem | n | ours, 1e-6 | best peer, 1e-6 | ours, 1e-9 | best peer, 1e-9 | which | "
         "ended |\n|---|---|---|---|---|---|---|---|---|\n";
  for (const Problem& problem : board.problems()) {
    const Run* run = board.find(ours, Mode::tight, problem);
    if (run == nullptr) continue;
    const BestPeer coarse = board.best_peer(problem, tolerances[0]), fine = board.best_peer(problem, tolerances[1]);
    std::string name = problem.name;
    for (std::size_t bar = 0; (bar = name.find('|', bar)) != std::string::npos; bar += 2) name.insert(bar, "\\");
    out << "| " << problem.group << " | " << name << " | " << problem.start.size() << " | "
        << count_or_no(board.calls(run, problem, tolerances[0])) << " | " << count_or_no(coarse.calls) << " | "
        << count_or_no(board.calls(run, problem, tolerances[1])) << " | " << count_or_no(fine.calls) << " | "
        << fine.name << " | " << run->ended << " after " << run->calls << " |\n";
  }
}

void write_profile(const std::string& path, const Board& board, const std::string& set) {
  std::ofstream out(path);
  for (const Solver& solver : board.solvers()) {
    std::vector<long> calls;
    double asked = 0;
    for (const Problem& problem : board.problems()) {
      const Run* run = board.find(solver.name, Mode::tight, problem);
      if (run == nullptr || problem.is_apart() != (set == "apart")) continue;
      ++asked;
      if (run->reaches(board.goal(problem, tolerances[1]))) calls.push_back(board.calls(run, problem, tolerances[1]));
    }
    std::sort(calls.begin(), calls.end());
    // The first column header of a block is the title that gnuplot shows.
    out << '"' << solver.name << "\"\n1\t0\n";
    for (std::size_t i = 0; i < calls.size(); ++i)
      out << calls[i] << '\t' << static_cast<double>(i + 1) / asked << '\n';
    out << budget << '\t' << static_cast<double>(calls.size()) / asked << "\n\n\n";
  }
}

}  // namespace surefoot::problems
