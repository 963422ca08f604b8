// surefoot::minimize beside its peers, on the collection of collection/: see docs/benchmarks.md and ../problems.sh.

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <stdexcept>

#include "check.hpp"
#include "collection/collection.hpp"
#include "first_steps.hpp"
#include "overhead.hpp"
#include "report.hpp"
#include "runner.hpp"

namespace surefoot::problems {

namespace {

constexpr const char* usage = R"(problems: minimizers on a collection of problems, counted alike

  --only NAMES      solvers whose name begins with one of these, separated by commas: surefoot,liblbfgs
  --group NAMES     problems of these groups only: mgh,quadratics,logistic,networks,nasties,rescaled,apart
  --set SET         own, apart, or all (the default; with --against: own, so that apart stays apart)
  --problem TEXT    problems whose name contains TEXT
  --csv FILE        writes every run to FILE
  --against FILE    takes the runs of the solvers that --only leaves out from FILE, and prints a summary of ours
  --markdown FILE   writes the tables to FILE, with first steps and overhead
  --profile PREFIX  writes the points of the data profile to PREFIX-own.tsv and PREFIX-apart.tsv
  --jobs N          processes at a time; 2
  --check           compares every gradient with differences of the loss, and does nothing else
  --list            names problems and solvers, and does nothing else
  --first-steps     prints the table of first steps, and does nothing else
  --overhead        prints the table of overhead, and does nothing else
  --help            prints this
)";

struct Options {
  std::vector<std::string> only{}, groups{};
  std::string set = "", problem{}, csv{}, against{}, markdown{}, profile{};
  int jobs = 2;
  bool check = false, list = false, first_steps = false, overhead = false, help = false;
};

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

Options parse(const std::vector<std::string>& words) {
  Options options;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    const auto value = [&]() -> const std::string& {
      if (++i == words.size()) throw std::invalid_argument(word + " needs a value");
      return words[i];
    };
    if (word == "--only") {
      options.only = split(value());
    } else if (word == "--group") {
      options.groups = split(value());
    } else if (word == "--set") {
      options.set = value();
    } else if (word == "--problem") {
      options.problem = value();
    } else if (word == "--csv") {
      options.csv = value();
    } else if (word == "--against") {
      options.against = value();
    } else if (word == "--markdown") {
      options.markdown = value();
    } else if (word == "--profile") {
      options.profile = value();
    } else if (word == "--jobs") {
      options.jobs = std::stoi(value());
    } else if (word == "--check") {
      options.check = true;
    } else if (word == "--list") {
      options.list = true;
    } else if (word == "--first-steps") {
      options.first_steps = true;
    } else if (word == "--overhead") {
      options.overhead = true;
    } else if (word == "--help") {
      options.help = true;
    } else {
      throw std::invalid_argument("no option '" + word + "'\n\n" + usage);
    }
  }
  if (options.set.empty()) options.set = options.against.empty() || !options.groups.empty() ? "all" : "own";
  if (options.set != "own" && options.set != "apart" && options.set != "all") {
    throw std::invalid_argument("--set is own, apart or all, not '" + options.set + "'");
  }
  if (options.jobs < 1) throw std::invalid_argument("--jobs is at least 1");
  return options;
}

Problems chosen_problems(const Options& options) {
  Problems chosen;
  for (Problem& problem : collection()) {
    const auto has_group = [&](const std::string& group) { return problem.group.starts_with(group); };
    if (options.set != "all" && problem.is_apart() != (options.set == "apart")) continue;
    if (!options.groups.empty() && std::none_of(options.groups.begin(), options.groups.end(), has_group)) continue;
    if (problem.name.find(options.problem) == std::string::npos) continue;
    chosen.push_back(std::move(problem));
  }
  return chosen;
}

bool is_chosen(const Solver& solver, const Options& options) {
  const auto begins = [&](const std::string& name) { return solver.name.starts_with(name); };
  return options.only.empty() || std::any_of(options.only.begin(), options.only.end(), begins);
}

std::vector<Job> jobs(const Options& options, const Solvers& solvers, const Problems& problems) {
  std::vector<Job> all;
  for (const Problem& problem : problems) {
    for (const Solver& solver : solvers) {
      if (!is_chosen(solver, options) || problem.start.size() > solver.largest) continue;
      all.push_back({&solver, Mode::tight, &problem});
      if (solver.has_stop_tests) all.push_back({&solver, Mode::standard, &problem});
    }
  }
  return all;
}

/// The recorded runs of the other solvers on these problems.
Runs others(const Options& options, const Solvers& solvers, const Problems& problems) {
  Runs runs = read_csv(options.against);
  std::erase_if(runs, [&](const Run& run) {
    const auto ran_now = [&](const Solver& solver) { return solver.name == run.solver && is_chosen(solver, options); };
    const auto is_its = [&](const Problem& problem) { return problem.name == run.problem; };
    return std::any_of(solvers.begin(), solvers.end(), ran_now) ||
           std::none_of(problems.begin(), problems.end(), is_its);
  });
  return runs;
}

/// A problem that nobody else ran would count as one that nobody else solves.
void leave_out_unrecorded(Problems& problems, const Runs& recorded) {
  std::erase_if(problems, [&](const Problem& problem) {
    const auto is_its = [&](const Run& run) { return run.problem == problem.name; };
    const bool unknown = std::none_of(recorded.begin(), recorded.end(), is_its);
    if (unknown) std::fprintf(stderr, "left out, since nobody's run is recorded: %s\n", problem.name.c_str());
    return unknown;
  });
}

void write_markdown(const std::string& path, const Board& board, int processes) {
  std::ofstream out(path);
  out << "## Solvers\n\n";
  write_solvers(out, board);
  out << "\n## Ours by group\n\n";
  write_groups(out, board);
  out << "\n## The first step given by hand\n\n";
  write_first_steps(out, board, processes);
  out << "\n## Overhead\n\n";
  write_overhead(out);
  out << "\n## Problem by problem\n\n";
  write_problems(out, board);
  if (!out.flush()) throw std::runtime_error("could not write " + path);
}

void list(const Problems& problems, const Solvers& solvers) {
  for (const Problem& problem : problems) {
    std::printf("%-14s %-44s n %5ld  f0 %-12.6g minimum %-12.6g%s\n", problem.group.c_str(), problem.name.c_str(),
                static_cast<long>(problem.start.size()), problem.start_loss(), problem.minimum,
                problem.several_minima ? " (several)" : "");
  }
  for (const Solver& solver : solvers) std::printf("solver %s\n", solver.name.c_str());
}

int run(const Options& options) {
  if (options.help) return std::printf("%s", usage), 0;
  Problems problems = chosen_problems(options);
  const Solvers solvers = all_solvers();
  if (options.list) return list(problems, solvers), 0;
  if (options.check) return check_gradients(problems) ? 0 : 1;
  if (options.overhead) return write_overhead(std::cout), 0;

  Runs recorded;
  if (!options.against.empty()) {
    recorded = others(options, solvers, problems);
    leave_out_unrecorded(problems, recorded);
  }
  Runs runs = run_all(jobs(options, solvers, problems), options.jobs);
  if (!options.csv.empty()) write_csv(options.csv, runs);
  runs.insert(runs.end(), std::make_move_iterator(recorded.begin()), std::make_move_iterator(recorded.end()));
  const Board board(problems, solvers, std::move(runs));
  if (options.first_steps) return write_first_steps(std::cout, board, options.jobs), 0;
  print_summary(board);
  if (!options.markdown.empty()) write_markdown(options.markdown, board, options.jobs);
  if (!options.profile.empty()) {
    for (const char* set : {"own", "apart"}) write_profile(options.profile + "-" + set + ".tsv", board, set);
  }
  return 0;
}

}  // namespace

}  // namespace surefoot::problems

int main(int count, char** words) {
  try {
    return surefoot::problems::run(surefoot::problems::parse({words + 1, words + count}));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "problems: %s\n", error.what());
    return 2;
  }
}
