// Linear models: surefoot::fit beside scikit-learn, LIBLINEAR and liblbfgs, from data in memory to a relative excess loss
// of 1e-6. See docs/benchmarks.md and ../linear.sh.

#include <stdlib.h>

#include <algorithm>
#include <boost/program_options.hpp>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <thread>

#include "arrays.hpp"
#include "optima.hpp"
#include "peers/peer.hpp"
#include "report.hpp"
#include "runner.hpp"
#include "sets.hpp"
#include "words.hpp"

namespace surefoot::linear {

namespace {

namespace po = boost::program_options;
namespace fs = std::filesystem;

struct Options {
  std::vector<std::string> only{}, sets{}, lambdas{"1/n", "1e-3"};
  std::string folder{}, csv{}, against{}, markdown{}, dump{}, optima = SUREFOOT_LINEAR_OPTIMA;
  std::string python = "/usr/bin/python3";
  int threads = 0;
  bool fastest = false, list = false, help = false;
};

po::options_description describe_options(Options& options) {
  po::options_description all("linear: fits of linear models, timed to a relative excess loss of 1e-6");
  const auto option = [&](const char* name, auto* value, const char* what) { all.add_options()(name, value, what); };
  const auto names = [](std::vector<std::string>* into) {
    return po::value<std::string>()->value_name("NAMES")->notifier([into](const std::string& t) { *into = split(t); });
  };
  const auto text = [](std::string* into, const char* called) { return po::value(into)->value_name(called); };
  option("only", names(&options.only),
         "solvers whose name begins with one of these, with commas: ours,scikit-learn,LIBLINEAR,liblbfgs,grid");
  option("set", names(&options.sets), "sets whose name begins with one of these, with commas");
  option("l2", names(&options.lambdas), "penalties, with commas; 1/n,1e-3");
  option("folder", text(&options.folder, "DIR"), "the sets of a folder (its sets.txt) in place of all others");
  option("csv", text(&options.csv, "FILE"), "writes every solver's figures to FILE, set after set");
  option("against", text(&options.against, "FILE"), "takes the figures of the solvers that do not run from FILE");
  option("markdown", text(&options.markdown, "FILE"), "writes the table to FILE");
  option("dump", text(&options.dump, "DIR"), "writes the sets as arrays of numpy to DIR/NAME, only");
  option("optima", text(&options.optima, "FILE"), "keeps the optima in FILE");
  option("python", text(&options.python, "PATH"), "the Python that has scikit-learn; /usr/bin/python3");
  option("threads", po::value(&options.threads)->value_name("N"),
         "threads of ours, and of liblbfgs beside one; 0: nothing set, so as many as pay");
  option("fastest", po::bool_switch(&options.fastest),
         "shows the fastest runs in place of medians: for a machine that others use too");
  option("list", po::bool_switch(&options.list), "names the sets, only");
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
  if (options.threads < 0) throw std::invalid_argument("--threads is at least 0");
  return options;
}

bool begins_with_one_of(const std::string& name, const std::vector<std::string>& beginnings) {
  const auto begins = [&](const std::string& beginning) { return name.starts_with(beginning); };
  return beginnings.empty() || std::any_of(beginnings.begin(), beginnings.end(), begins);
}

std::vector<Set> chosen_sets(const Options& options) {
  std::vector<Set> sets = options.folder.empty() ? shared_sets(SUREFOOT_SHARED_DATA) : folder_sets(options.folder);
  if (options.folder.empty()) {
    for (Set& set : generated_sets()) sets.push_back(std::move(set));
  }
  std::erase_if(sets, [&](const Set& set) { return !begins_with_one_of(set.name, options.sets); });
  return sets;
}

/// A folder that goes when the program ends.
class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "surefoot-linear-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("could not make " + name);
    path_ = name;
  }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

double penalty(const std::string& lambda, const Data& data) {
  return lambda == "1/n" ? 1 / static_cast<double>(data.rows()) : std::stod(lambda);
}

/// The solvers that run. Those that nobody asked for are not made: it takes a copy of the data or a process.
Peers peers_for(const Data& data, const Setup& setup, const Options& options) {
  Peers peers;
  const auto add = [&](const std::string& name, Peers (*make)(const Data&, const Setup&)) {
    const auto wanted = [&](const std::string& asked) { return asked.starts_with(name) || name.starts_with(asked); };
    if (!options.only.empty() && std::none_of(options.only.begin(), options.only.end(), wanted)) return;
    for (Peer& peer : make(data, setup)) {
      if (begins_with_one_of(peer.name, options.only)) peers.push_back(std::move(peer));
    }
  };
  add(family::sklearn, sklearn_peers);
  add(family::liblinear, liblinear_peers);
  add(family::liblbfgs, liblbfgs_peers);
  add(family::ours, our_peers);
  return peers;
}

/// Of "strategy; direction; coordinates".
std::string direction_of(const Record& ours) {
  const auto begin = ours.note.find("; ") + 2;
  return ours.note.substr(begin, ours.note.find(';', begin) - begin);
}

void add_grid(const Case& of, Records& records, int threads) {
  for (const Record& record : records) {
    if (record.solver != family::ours || !record.arrived()) continue;
    Record best = best_of_grid(of, direction_of(record), record.seconds, threads);
    best.set = record.set;
    best.rows = record.rows;
    best.columns = record.columns;
    best.model = record.model;
    best.lambda = record.lambda;
    records.push_back(best);
    return;
  }
}

void run_set(const Set& set, const Options& options, Optima& optima, Records& all) {
  std::fprintf(stderr, "%s\n", set.name.c_str());
  const Folder folder;
  const Data data = prepare(set);
  write_arrays(folder.path(), data);
  const Setup setup{.interpreter = options.python, .arrays = folder.path(), .threads = options.threads};
  const Peers peers = peers_for(data, setup, options);
  for (const std::string& lambda : options.lambdas) {
    Case of{.data = &data, .lambda = lambda, .l2 = penalty(lambda, data)};
    of.optimum = optima.find(data, lambda, of.l2, Bias::free, folder.path());
    if (data.model == "logistic") {
      of.penalised_optimum = optima.find(data, lambda, of.l2, Bias::penalised, folder.path());
    }
    std::fprintf(stderr, " %s, f* %.10g\n", lambda.c_str(), of.optimum);
    Records records = run_case(of, peers);
    if (begins_with_one_of(family::grid, options.only)) add_grid(of, records, options.threads);
    all.insert(all.end(), records.begin(), records.end());
  }
}

/// Those of an earlier run, except what ran now and the sets that nobody asked for.
void add_earlier(const Options& options, const std::vector<Set>& sets, Records& records) {
  const Records ran = records;
  for (const Record& record : read_csv(options.against)) {
    const auto is_it = [&](const Record& now) {
      return now.set == record.set && now.lambda == record.lambda && now.solver == record.solver;
    };
    const auto is_its_set = [&](const Set& set) { return set.name == record.set; };
    if (std::any_of(ran.begin(), ran.end(), is_it)) continue;
    if (std::none_of(sets.begin(), sets.end(), is_its_set)) continue;
    if (std::find(options.lambdas.begin(), options.lambdas.end(), record.lambda) == options.lambdas.end()) continue;
    records.push_back(record);
  }
}

std::string processor() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  }
  return "an unknown processor";
}

/// The machine and the versions.
std::string about(const Options& options) {
  const Folder folder;
  Data nothing{.fitted = DenseMatrix::Zero(1, 1), .target = Vector::Zero(1)};
  write_arrays(folder.path(), nothing);
  return processor() + ", " + std::to_string(std::thread::hardware_concurrency()) + " cores; " +
         sklearn_versions({.interpreter = options.python, .arrays = folder.path()}) + ", " + liblinear_version() +
         ", " + liblbfgs_version() + ".";
}

void dump(const Options& options, const std::vector<Set>& sets) {
  for (const Set& set : sets) {
    const std::string folder = (fs::path(options.dump) / set.name).string();
    fs::create_directories(folder);
    write_arrays(folder, prepare(set));
  }
}

int run(const Options& options) {
  if (options.help) {
    Options unused;
    std::cout << describe_options(unused);
    return 0;
  }
  const std::vector<Set> sets = chosen_sets(options);
  if (options.list) {
    for (const Set& set : sets) std::printf("%s\n", set.name.c_str());
    return 0;
  }
  if (!options.dump.empty()) return dump(options, sets), 0;

  Optima optima(options.optima, options.python);
  Records records;
  for (const Set& set : sets) {
    run_set(set, options, optima, records);
    if (!options.csv.empty()) write_csv(options.csv, records);
  }
  if (!options.against.empty()) add_earlier(options, sets, records);
  const std::string above = about(options);
  const Figure figure = options.fastest ? Figure::fastest : Figure::median;
  write_table(std::cout, above, records, figure);
  if (!options.markdown.empty()) {
    std::ofstream out(options.markdown);
    write_table(out, above, records, figure);
    if (!out.flush()) throw std::runtime_error("could not write " + options.markdown);
  }
  return 0;
}

}  // namespace

}  // namespace surefoot::linear

int main(int count, char** words) {
  try {
    return surefoot::linear::run(surefoot::linear::parse(count, words));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "linear: %s\n", error.what());
    return 2;
  }
}
