// liblbfgs (Okazaki) on the library's own oracle, stopped as soon as it has seen a loss that is low enough.

#include <lbfgs.h>

#include <algorithm>

#include "../oracle.hpp"
#include "fit/columns.hpp"
#include "peer.hpp"

namespace surefoot::linear {

namespace {

struct Run {
  Oracle* oracle;
  double goal, limit;
  Vector w, gradient;
  Stopwatch watch{};
  double copying = 0;  // between its array and ours: not its fault, so not counted
  double best = std::numeric_limits<double>::infinity();
  double reached = unknown;
  long passes = 0;
};

double evaluate(void* instance, const double* w, double* gradient, int n, double) {
  Run& run = *static_cast<Run*>(instance);
  const Stopwatch in;
  run.w = Eigen::Map<const Vector>(w, n);
  run.copying += in.seconds();
  const double loss = run.oracle->loss(run.w, run.gradient);
  if (loss < run.best) run.best = loss;
  if (!(run.reached == run.reached)) {
    ++run.passes;
    if (run.best <= run.goal) run.reached = run.watch.seconds() - run.copying;
  }
  const Stopwatch out;
  Eigen::Map<Vector>(gradient, n) = run.gradient;
  run.copying += out.seconds();
  return loss;
}

int progress(void* instance, const double*, const double*, double, double, double, double, int, int, int) {
  const Run& run = *static_cast<const Run*>(instance);
  return run.best <= run.goal || run.watch.seconds() > run.limit ? 1 : 0;
}

Attempt minimise(const Case& of, const Vector& start, int pairs, int threads, double limit) {
  const std::unique_ptr<Oracle> oracle = make_oracle(of, threads);
  lbfgs_parameter_t how;
  lbfgs_parameter_init(&how);
  how.m = pairs;
  how.epsilon = 0;
  how.max_linesearch = 100;
  const auto size = static_cast<int>(start.size());
  double* w = lbfgs_malloc(size);
  Eigen::Map<Vector>(w, size) = start;
  Run run{.oracle = oracle.get(),
          .goal = of.optimum * (1 + wanted_excess),
          .limit = limit,
          .w = start,
          .gradient = Vector::Zero(size)};
  const int status = lbfgs(size, w, nullptr, evaluate, progress, &run, &how);
  lbfgs_free(w);
  Attempt attempt{.seconds = run.reached,
                  .excess = (run.best - of.optimum) / of.optimum,
                  .passes = static_cast<double>(run.passes)};
  if (!attempt.arrived())
    attempt.note = run.watch.seconds() > limit ? over_the_limit : "status " + std::to_string(status);
  return attempt;
}

/// Of our own standardising, which a fit by liblbfgs on our oracle would begin with.
double preparation(const Data& data) {
  if (data.set.scale != "standard") return 0;
  const auto once = [&] {
    std::vector<std::string> notes;
    const Stopwatch watch;
    std::visit([&](const auto& x) { fitting::standardise(x, notes, 1); }, data.table.x);
    return watch.seconds();
  };
  return std::min({once(), once(), once()});
}

}  // namespace

Peers liblbfgs_peers(const Data& data, const Setup& setup) {
  std::vector<int> threads{1};
  const int as_ours = make_oracle({.data = &data, .l2 = 1}, setup.threads)->threads();
  if (as_ours > 1) threads.push_back(as_ours);
  const double prepare = preparation(data);
  Peers peers;
  for (const int pairs : {20, 6}) {
    for (const bool constant : {false, true}) {
      peers.push_back({.name = family::liblbfgs + " " + std::to_string(pairs) + (constant ? " constant" : " zero"),
                       .threads = threads,
                       .setting = constant ? "from the best constant" : "from zero",
                       .prepare = prepare,
                       .run = [pairs, constant](const Case& of, double, int count, double limit) {
                         return minimise(of, constant ? constant_start(of) : zero_start(of), pairs, count, limit);
                       }});
    }
  }
  return peers;
}

std::string liblbfgs_version() { return "liblbfgs " SUREFOOT_LIBLBFGS_VERSION; }

}  // namespace surefoot::linear
