// The runs behind the pictures of docs/: writes one table a run (tab-separated, a line of names first) into a folder.
//
//   build/release/bench/traces FOLDER [breast_cancer.csv]
//   build/release/bench/traces --rules FOLDER     of each rule of the registry the run that strategy_trace.hpp describes
//   build/release/bench/traces --stamp FOLDER     writes into each of their pictures the checksum of its table
//
// (docs/pictures/draw.sh does all of this, and draws between the last two.)

#include <cmath>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>

#include "strategy_trace.hpp"
#include "surefoot/surefoot.hpp"

namespace {

using namespace surefoot;

std::ofstream table(const std::filesystem::path& folder, const std::string& name, const char* columns) {
  std::ofstream out(folder / (name + ".tsv"));
  out.precision(12);
  out << columns << '\n';
  return out;
}

// --- loss against evaluations on apps/data/breast_cancer.csv ---------------------------------------------------------

/// Rows that a logarithmic axis can tell apart: every one up to 100, then each a hundredth further on.
struct Thinned {
  double next = 1;
  bool wants(long k) {
    if (static_cast<double>(k) < next) return false;
    next = std::max(static_cast<double>(k) + 1, 1.01 * static_cast<double>(k));
    return true;
  }
};

/// What people write by hand: w -= step · g, nothing else. Ends where the loss is no longer finite.
template <class Model>
double plain_loop(Model& model, Eigen::Index size, double step, int evaluations, std::ofstream out) {
  Vector w = Vector::Zero(size), gradient(size);
  Thinned rows;
  for (int k = 1; k <= evaluations; ++k) {
    const double loss = model.loss(w, gradient);
    if (rows.wants(k)) out << k << '\t' << loss << '\n';
    if (k == evaluations || !std::isfinite(loss)) return loss;
    w -= step * gradient;
  }
  return not_a_number;
}

template <class Model, class M>
Result lowest_so_far(Model& model, Eigen::Index size, const M& minimizer, std::ofstream out) {
  double lowest = infinity;
  Thinned rows;
  return minimizer.run(model, Vector::Zero(size), {}, [&](const Event& event) {
    if (event.kind != Event::Kind::start && event.kind != Event::Kind::step) return;
    lowest = std::min(lowest, event.loss);
    if (rows.wants(event.evaluations)) out << event.evaluations << '\t' << lowest << '\n';
  });
}

void on_real_data(const std::filesystem::path& folder, const std::string& file) {
  const Table data = read(file, {.target = "diagnosis"});
  const auto& X = std::get<DenseMatrix>(data.x);
  Logistic model{X, data.y, {.l2 = 1e-3}};
  const Eigen::Index size = X.cols() + 1;
  const char* columns = "evaluations\tloss";
  for (const auto& [step, name] : {std::pair{1e-7, "1e-7"}, {1e-6, "1e-6"}, {1e-5, "1e-5"}, {1e-2, "1e-2"}}) {
    const double loss =
        plain_loop(model, size, step, 10000, table(folder, std::string("cancer-fixed-") + name, columns));
    std::cout << "breast_cancer.csv, raw columns, l2 1e-3: plain loop, fixed step " << name << ": loss " << loss
              << " after 10000 evaluations\n";
  }
  const auto result = lowest_so_far(model, size, Minimizer{LBFGS{}, WeakWolfe{}, Monitor{}, Stop{}},
                                    table(folder, "cancer-surefoot", columns));
  const auto along_gradient =
      lowest_so_far(model, size,
                    Minimizer{SteepestDescent{}, Joined{BarzilaiBorwein{}, NonmonotoneArmijo{}}, Monitor{},
                              Stop{.gradient = 0, .max_iterations = {}, .max_evaluations = 10000}},
                    table(folder, "cancer-bb", columns));
  table(folder, "cancer-minimum", "loss") << result.loss << '\n';
  std::cout << "the same, bb+nonmonotone along the gradient: " << along_gradient.explain()
            << "the same, nothing chosen: " << result.explain();
}

// --- the steps of each rule ------------------------------------------------------------------------------------------

constexpr const char* trial_columns = "try\titeration\tevaluations\tstep\tloss\twhat";

/// Step and loss of every trial of a run: taken, refused, or undone by the monitor.
template <class ObjectiveType, class M>
Result steps(ObjectiveType& objective, const Vector& start, const M& minimizer, const RunOptions& options,
             std::ofstream out) {
  int tried = 0;
  return minimizer.run(objective, start, options, [&](const Event& event) {
    const char* what = event.kind == Event::Kind::step       ? "taken"
                       : event.kind == Event::Kind::trial    ? "refused"
                       : event.kind == Event::Kind::rollback ? "undone"
                                                             : nullptr;
    if (what == nullptr) return;
    out << ++tried << '\t' << event.iteration + 1 << '\t' << event.evaluations << '\t' << event.step << '\t'
        << event.loss << '\t' << what << '\n';
  });
}

void of_each_rule(const std::filesystem::path& folder) {
  Quadratic bowl =
      Quadratic::log_spaced(50, 1000);  // largest curvature 1000: plain descent is stable below 2/L = 0.002
  const Stop stop{.target = 1e-6 * bowl.loss(bowl.start()), .max_iterations = 400};
  for (const std::string rule :
       {"armijo", "nonmonotone", "grow", "bb1", "bb2", "bb-alternate", "bb1+nonmonotone", "bb1+armijo"}) {
    const auto result = steps(bowl, bowl.start(), Minimizer{SteepestDescent{}, make_rule(rule), Monitor{}, stop}, {},
                              table(folder, "steps-" + rule, trial_columns));
    std::cout << rule << ": " << result.iterations << " iterations, " << result.gradient_evaluations << " evaluations, "
              << to_string(result.code) << '\n';
  }
  for (const auto& [step, name] : {std::pair{1e-4, "1e-4"}, {1.9e-3, "1.9e-3"}, {1.0, "1"}}) {
    const auto result = steps(bowl, bowl.start(), Minimizer{SteepestDescent{}, Fixed{.step = step}, Monitor{}, stop},
                              {}, table(folder, std::string("steps-fixed-") + name, trial_columns));
    std::cout << "fixed " << name << ": " << result.explain();
  }
  Rosenbrock valley;
  const auto result = steps(valley, valley.start(), Minimizer{LBFGS{}, WeakWolfe{}, Monitor{}, Stop{}}, {},
                            table(folder, "steps-weak-wolfe", trial_columns));
  std::cout << "weak-wolfe and l-bfgs on rosenbrock: " << result.explain();
}

/// The trials of the very first ray, from three hints and none.
void of_the_opening(const std::filesystem::path& folder) {
  Quadratic bowl = Quadratic::log_spaced(50, 1000);
  const Stop stop{.target = 1e-6 * bowl.loss(bowl.start()), .max_iterations = 1};
  for (const auto& [hint, name] :
       {std::pair{not_a_number, "none"}, {1e-300, "1e-300"}, {1e300, "1e300"}, {1e10, "1e10"}, {1e-10, "1e-10"}}) {
    RunOptions options;
    if (std::isfinite(hint)) options.first_step = hint;
    const auto result = steps(bowl, bowl.start(), Minimizer{SteepestDescent{}, Armijo{}, Monitor{}, stop}, options,
                              table(folder, std::string("opening-") + name, trial_columns));
    std::cout << "opening from " << name << ": step " << result.step << " after " << result.gradient_evaluations - 1
              << " calls\n";
  }
}

// --- the path and the steps of each rule, for its page ---------------------------------------------------------------

void of_the_registry(const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  for (const RuleEntry& known : registry()) {
    const auto rows = strategy_trace::run(known.rule);
    strategy_trace::write(folder / (known.name + ".tsv"), rows);
    double lowest = infinity;
    for (const auto& row : rows) lowest = std::min(lowest, row.loss);
    std::cout << known.name << " on rosenbrock: loss " << lowest << " after " << rows.back().evaluations
              << " evaluations\n";
  }
}

void stamp_pictures(const std::filesystem::path& folder) {
  for (const RuleEntry& known : registry()) {
    const auto picture = folder / (known.name + ".svg");
    if (!std::filesystem::is_regular_file(picture)) throw std::runtime_error(picture.string() + " was not drawn");
    std::ofstream(picture, std::ios::app) << strategy_trace::stamp(folder / (known.name + ".tsv")) << '\n';
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2 || argc > 3) {
    std::cerr
        << "traces FOLDER [breast_cancer.csv]: writes the runs behind the pictures of docs/ into FOLDER\n"
           "traces --rules FOLDER, traces --stamp FOLDER: for the pages of the rules (see docs/pictures/draw.sh)\n";
    return 2;
  }
  if (argc == 3 && argv[1] == std::string("--rules")) {
    of_the_registry(argv[2]);
    return 0;
  }
  if (argc == 3 && argv[1] == std::string("--stamp")) {
    stamp_pictures(argv[2]);
    return 0;
  }
  const std::filesystem::path folder = argv[1];
  std::filesystem::create_directories(folder);
  on_real_data(folder, argc == 3 ? argv[2] : "apps/data/breast_cancer.csv");
  of_each_rule(folder);
  of_the_opening(folder);
}
