// scikit-learn, each of its solvers that suits the model, through sklearn_peer.py.

#include <cstdio>
#include <thread>

#include "../arrays.hpp"
#include "../python.hpp"
#include "../words.hpp"
#include "peer.hpp"

namespace surefoot::linear {

namespace {

constexpr double reading = 60;  // seconds that starting it and reading the arrays may take

const std::string script = SUREFOOT_BENCH_LINEAR "/peers/sklearn_peer.py";

struct Solver {
  std::string name;
  bool has_tolerance = true;
  Bias bias = Bias::free;
};

std::vector<Solver> solvers_for(const Data& data) {
  constexpr Index most_columns = 3000;  // that a solver which forms the Hessian is asked to take
  const bool sparse = std::holds_alternative<SparseMatrix>(data.fitted);
  std::vector<Solver> solvers;
  if (data.model == "least-squares") {
    if (data.columns() <= most_columns) solvers.push_back({.name = "cholesky", .has_tolerance = false});
    for (const char* name : {"lsqr", "sparse_cg", "sag"}) solvers.push_back({.name = name});
    if (!sparse) solvers.push_back({.name = "svd", .has_tolerance = false});
    return solvers;
  }
  if (data.model != "softmax" && data.columns() <= most_columns) solvers.push_back({.name = "newton-cholesky"});
  solvers.push_back({.name = "lbfgs"});
  if (data.model != "poisson") solvers.push_back({.name = "newton-cg"});
  if (data.model == "logistic") {
    solvers.push_back({.name = "liblinear", .bias = Bias::penalised});
    solvers.push_back({.name = "liblinear-dual", .bias = Bias::penalised});
  }
  if (data.model != "poisson") {
    solvers.push_back({.name = "sag"});
    solvers.push_back({.name = "saga"});
  }
  return solvers;
}

Attempt run(Python& python, const std::string& out, const Solver& solver, const Case& of, double tolerance, int threads,
            double limit) {
  const std::string question = "fit " + of.data->model + " " + solver.name + " " + exact(of.l2) + " " +
                               exact(tolerance) + " " + std::to_string(threads) + " " + out;
  python.ask("versions", reading);  // once it answers it has started, and what follows is the fit alone
  const auto answer = python.ask(question, limit + 1);
  // The second thread of its BLAS spins for a while after the last call.
  if (threads > 1) std::this_thread::sleep_for(std::chrono::milliseconds(30));
  if (!answer) return {.note = over_the_limit};
  Attempt attempt;
  if (std::sscanf(answer->c_str(), "%lf %lf", &attempt.seconds, &attempt.passes) != 2) return {.note = *answer};
  if (attempt.seconds > limit) return {.note = over_the_limit};
  attempt.excess = excess(of, read_array(out), solver.bias);
  return attempt;
}

}  // namespace

Peers sklearn_peers(const Data& data, const Setup& setup) {
  const auto python = std::make_shared<Python>(setup.interpreter, std::vector<std::string>{script, setup.arrays});
  const std::string out = setup.arrays + "/weights.npy";
  double scaling = 0;
  if (data.set.scale == "standard") {
    scaling = unknown;
    for (const char* threads : {"1", "2"}) {
      const auto answer = python->ask(std::string("scale ") + threads + " 5", reading);
      if (answer) scaling = std::fmin(scaling, std::stod(*answer));
    }
  }
  constexpr double any = 1e-4;  // for those that do not look at it
  Peers peers;
  for (const Solver& solver : solvers_for(data)) {
    peers.push_back({.name = family::sklearn + " " + solver.name,
                     .threads = {1, 2},
                     .has_tolerance = solver.has_tolerance,
                     .loosest = 1e3,
                     .prepare = scaling,
                     .run = [python, out, solver](const Case& of, double tolerance, int threads, double limit) {
                       return run(*python, out, solver, of, solver.has_tolerance ? tolerance : any, threads, limit);
                     }});
  }
  return peers;
}

std::string sklearn_versions(const Setup& setup) {
  Python python(setup.interpreter, {script, setup.arrays});
  return python.ask("versions", reading).value_or("scikit-learn");
}

}  // namespace surefoot::linear
