// Every rule along steepest descent in plain coordinates, with opening and monitor, on the problems of
// strategy_problems.hpp: points visited until (f − f*) <= 1e-6 (f0 − f*), a budget of 20,000. Prints Markdown tables.
//
//   build/release/bench/strategies                            every rule, means over 12 starts, without a first step
//   build/release/bench/strategies --rules auto,bb1 --hints   also from first steps 1e-300 and 1e300
//   build/release/bench/strategies --summary                  the last table only: means over all problems
//   build/release/bench/strategies --random                   `auto` and abb-variable+nonmonotone on 37 random problems
//   build/release/bench/strategies --cost                     nanoseconds a rule takes for an iteration
//
// bench/strategies.sh puts what they print into docs/strategies/index.md.

#include <boost/program_options.hpp>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <iostream>
#include <string>

#include "random_problems.hpp"
#include "strategy_problems.hpp"

namespace {

using namespace surefoot;

constexpr long budget = 20000;
constexpr double hints[] = {not_a_number, 1e-300, 1e300};

struct Runs {
  std::vector<double> points{};  // sorted; the budget where it did not arrive
  int missed = 0;

  double mean() const {
    double logs = 0;
    for (const double count : points) logs += std::log(count);
    return std::exp(logs / static_cast<double>(points.size()));
  }
  double median() const { return points[points.size() / 2]; }
};

void run(const ReferenceProblem& problem, const Vector& start, const AnyRule& rule, double hint, Runs& runs) {
  Vector gradient(start.size());
  const double first = problem.loss(start, gradient);
  const Minimizer minimizer{SteepestDescent{}, rule, Monitor{},
                            Stop{.target = problem.minimum + 1e-6 * (first - problem.minimum),
                                 .max_iterations = {},
                                 .max_evaluations = budget}};
  RunOptions options;
  if (std::isfinite(hint)) options.first_step = hint;
  const Result result = minimizer.run(problem, start, options);
  const bool there = result.code == Code::target;
  runs.missed += there ? 0 : 1;
  runs.points.push_back(static_cast<double>(there ? result.gradient_evaluations : budget));
}

Runs runs_of(const ReferenceProblem& problem, const AnyRule& rule, double hint, int starts) {
  Runs runs;
  for (int s = 1; s <= starts; ++s) run(problem, problem.start(s), rule, hint, runs);
  std::sort(runs.points.begin(), runs.points.end());
  return runs;
}

std::string text_of(const Runs& runs) {
  std::string text = std::to_string(std::lround(runs.mean()));
  if (runs.missed > 0) text += " (" + std::to_string(runs.missed) + " no)";
  return text;
}

void print_row(const std::string& name, const std::vector<std::string>& cells) {
  std::printf("| %s |", name.c_str());
  for (const auto& cell : cells) std::printf(" %s |", cell.c_str());
  std::printf("\n");
  std::fflush(stdout);
}

/// A table a group of problems; the last one has the means over all, and how far behind the best rule's median each is at
/// worst.
void compare(const std::vector<std::string>& names, int starts, bool with_hints, bool summary_only) {
  const auto problems = make_strategy_problems(SUREFOOT_SHARED_DATA);
  struct Row {
    std::string name;
    double logs[3] = {0, 0, 0};
    int missed = 0;
    std::vector<double> medians{};
  };
  std::vector<Row> rows;
  for (const auto& name : names) rows.push_back({.name = name});

  for (std::size_t begin = 0; begin < problems.size();) {
    std::size_t end = begin;
    std::vector<std::string> titles, rule;
    while (end < problems.size() && problems[end].group == problems[begin].group) {
      titles.push_back(problems[end++].problem.name);
      rule.emplace_back("---");
    }
    if (!summary_only) {
      print_row("rule", titles);
      print_row("---", rule);
    }
    for (Row& row : rows) {
      std::vector<std::string> cells;
      for (std::size_t i = begin; i < end; ++i) {
        std::string cell;
        for (std::size_t h = 0; h < (with_hints ? 3 : 1); ++h) {
          const Runs runs = runs_of(problems[i].problem, make_rule(row.name), hints[h], starts);
          row.logs[h] += std::log(runs.mean());
          row.missed += runs.missed;
          if (h == 0) row.medians.push_back(runs.median());
          cell += (h == 0 ? "" : h == 1 ? " (" : ", ") + text_of(runs) + (h == 2 ? ")" : "");
        }
        cells.push_back(cell);
      }
      if (!summary_only) print_row(row.name, cells);
    }
    if (!summary_only) std::printf("\n");
    begin = end;
  }

  print_row("rule", with_hints ? std::vector<std::string>{"all", "first step 1e-300", "1e300", "did not arrive",
                                                          "worst median beside the best"}
                               : std::vector<std::string>{"all", "did not arrive", "worst median beside the best"});
  print_row("---", std::vector<std::string>(with_hints ? 5 : 3, "---"));
  for (const Row& row : rows) {
    double worst = 0;
    for (std::size_t i = 0; i < problems.size(); ++i) {
      double best = row.medians[i];
      for (const Row& other : rows) best = std::min(best, other.medians[i]);
      worst = std::max(worst, row.medians[i] / best);
    }
    std::vector<std::string> cells;
    char text[32];
    for (std::size_t h = 0; h < (with_hints ? 3 : 1); ++h) {
      std::snprintf(text, sizeof text, "%.1f", std::exp(row.logs[h] / static_cast<double>(problems.size())));
      cells.emplace_back(text);
    }
    cells.push_back(std::to_string(row.missed));
    std::snprintf(text, sizeof text, "%.2f", worst);
    cells.emplace_back(text);
    print_row(row.name, cells);
  }
}

/// Geometric mean and worst over random problems, each from three first steps.
void on_random_problems(const std::vector<std::string>& names) {
  const auto problems = random_problems(37, 20261124);
  print_row("rule", {"none", "1e-300", "1e300", "worst", "did not arrive"});
  print_row("---", std::vector<std::string>(5, "---"));
  for (const auto& name : names) {
    std::vector<std::string> cells;
    double worst = 0;
    int missed = 0;
    for (const double hint : hints) {
      Runs runs;
      for (const auto& problem : problems) run(problem, problem.start(1), make_rule(name), hint, runs);
      for (const double points : runs.points) worst = std::max(worst, points);
      missed += runs.missed;
      cells.push_back(std::to_string(std::lround(runs.mean())));
    }
    cells.push_back(std::to_string(std::lround(worst)));
    cells.push_back(std::to_string(missed));
    print_row(name, cells);
  }
}

/// What a rule was told in a run, call by call.
struct Told {
  enum class Call { first, judge, taken, rolled_back } call;
  Ray ray{};
  Trial trial{};
  Move move{};
  double factor = 1;
};

/// A rule that keeps a record of what it is told.
struct Recorded {
  AnyRule rule;
  std::vector<Told>* told;

  Ask first(const Ray& ray) {
    told->push_back({.call = Told::Call::first, .ray = ray});
    return rule.first(ray);
  }
  Verdict judge(const Ray& ray, const Trial& trial) {
    told->push_back({.call = Told::Call::judge, .ray = ray, .trial = trial});
    return rule.judge(ray, trial);
  }
  void taken(const Move& move) {
    told->push_back({.call = Told::Call::taken, .move = move});
    rule.taken(move);
  }
  void rolled_back(double factor) {
    told->push_back({.call = Told::Call::rolled_back, .factor = factor});
    rule.rolled_back(factor);
  }
  void restarted(const Ray& ray) { rule.restarted(ray); }
  Learns learns() const { return rule.learns(); }
  Probe probes() const { return rule.probes(); }
  bool adapts() const { return rule.adapts(); }
  double given_step() const { return rule.given_step(); }
};

/// What a rule takes for itself, on the numbers of a run of its own on rosen50 (lmsd without its vectors): the run's calls
/// played again, through AnyRule.
void cost(const std::vector<std::string>& names) {
  print_row("rule", {"ns an iteration"});
  print_row("---", {"---"});
  const ReferenceProblem valley = reference::rosenbrock("rosen50", 50);
  for (const auto& name : names) {
    std::vector<Told> told;
    const Minimizer minimizer{SteepestDescent{}, Recorded{make_rule(name), &told}, Monitor{},
                              Stop{.gradient = 1e-9, .max_iterations = 1000}};
    minimizer.run(valley, valley.start(1));
    const auto iterations =
        std::count_if(told.begin(), told.end(), [](const Told& t) { return t.call == Told::Call::taken; });
    double best = infinity;
    for (int repeat = 0; repeat < 50; ++repeat) {
      AnyRule rule = make_rule(name);
      const auto begin = std::chrono::steady_clock::now();
      for (const Told& t : told) {
        switch (t.call) {
          case Told::Call::first:
            rule.first(t.ray);
            break;
          case Told::Call::judge:
            rule.judge(t.ray, t.trial);
            break;
          case Told::Call::taken:
            rule.taken(t.move);
            break;
          case Told::Call::rolled_back:
            rule.rolled_back(t.factor);
            break;
        }
      }
      best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
    }
    print_row(name, {std::to_string(std::lround(1e9 * best / static_cast<double>(iterations)))});
  }
}

}  // namespace

int main(int argc, char** argv) {
  namespace po = boost::program_options;
  po::options_description known("strategies");
  known.add_options()("rules", po::value<std::string>(), "separated by commas; unset: every single rule")(
      "pairs", "also every pair")("starts", po::value<int>()->default_value(reference_starts), "of each problem")(
      "hints", "also from first steps 1e-300 and 1e300")("summary", "the last table only")(
      "random", "on 37 random problems instead")("cost", "what rules cost in nanoseconds instead")("help", "this text");
  po::variables_map options;
  try {
    po::store(po::parse_command_line(argc, argv, known), options);
    po::notify(options);
    if (options.count("help") > 0) {
      std::cout << known;
      return 0;
    }
    std::vector<std::string> names;
    if (options.count("rules") > 0) {
      std::stringstream list(options["rules"].as<std::string>());
      for (std::string name; std::getline(list, name, ',');) names.push_back(name);
    } else if (options.count("random") > 0) {
      names = {"auto", "abb-variable+nonmonotone", "abb-variable", "abbmin1", "bb-alternate", "lmsd+nonmonotone"};
    } else {
      for (const auto& name : rule_names()) {
        if (options.count("pairs") > 0 || name.find('+') == std::string::npos) names.push_back(name);
      }
    }
    if (options.count("cost") > 0) {
      cost(names);
    } else if (options.count("random") > 0) {
      on_random_problems(names);
    } else {
      compare(names, options["starts"].as<int>(), options.count("hints") > 0, options.count("summary") > 0);
    }
  } catch (const std::exception& error) {
    std::cerr << "strategies: " << error.what() << '\n';
    return 2;
  }
}
