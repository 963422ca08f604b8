// surefoot::minimize beside its peers, on the collection of collection/: see docs/benchmarks.md and ../problems.sh.

#include <algorithm>
#include <boost/program_options.hpp>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iostream>
#include <stdexcept>

#include "check.hpp"
#include "collection/collection.hpp"
#include "first_steps.hpp"
#include "overhead.hpp"
#include "report.hpp"
#include "runner.hpp"

namespace surefoot::problems {

namespace {

namespace po = boost::program_options;

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

po::options_description describe_options(Options& options) {
  po::options_description all("problems: minimizers on a collection of problems, counted alike");
  const auto option = [&](const char* name, auto* value, const char* what) { all.add_options()(name, value, what); };
  const auto names = [](std::vector<std::string>* into) {
    return po::value<std::string>()->value_name("NAMES")->notifier([into](const std::string& t) { *into = split(t); });
  };
  const auto text = [](std::string* into, const char* called) { return po::value(into)->value_name(called); };
  option("only", names(&options.only), "solvers whose name begins with one of these, with commas: surefoot,liblbfgs");
  option("group", names(&options.groups), "these groups only: mgh,quadratics,logistic,networks,nasties,rescaled,apart");
  option("set", text(&options.set, "SET"), "own, apart, or all (the default; own with --against: apart stays apart)");
  option("problem", text(&options.problem, "TEXT"), "problems whose name contains TEXT");
  option("csv", text(&options.csv, "FILE"), "writes every run to FILE");
  option("against", text(&options.against, "FILE"),
         "takes the runs of the solvers that --only leaves out from FILE, and prints a summary of ours");
  option("markdown", text(&options.markdown, "FILE"), "writes the tables to FILE, with first steps and overhead");
  option("profile", text(&options.profile, "PREFIX"),
         "writes the points of the data profile to PREFIX-own.tsv and PREFIX-apart.tsv");
  option("jobs", po::value(&options.jobs)->value_name("N"), "processes at a time; 2");
  option("check", po::bool_switch(&options.check), "compares every gradient with differences of the loss, only");
  option("list", po::bool_switch(&options.list), "names problems and solvers, only");
  option("first-steps", po::bool_switch(&options.first_steps), "prints the table of first steps, only");
  option("overhead", po::bool_switch(&options.overhead), "prints the table of overhead, only");
  option("help", po::bool_switch(&options.help), "prints this");
  return all;
}

Options parse(int count, char** arguments) {
  Options options;
  const po::options_description all = describe_options(options);
  constexpr int style = po::command_line_style::default_style & ~po::command_line_style::allow_guessing;
  po::variables_map found;
  po::store(po::command_line_parser(count, arguments).options(all).style(style).positional({}).run(), found);
  po::notify(found);
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
  if (options.help) {
    Options unused;
    std::cout << describe_options(unused);
    return 0;
  }
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
    return surefoot::problems::run(surefoot::problems::parse(count, words));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "problems: %s\n", error.what());
    return 2;
  }
}
