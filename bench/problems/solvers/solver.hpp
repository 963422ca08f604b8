/// One configuration of one library, behind one function.
#pragma once

#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "../record.hpp"
#include "../recorder.hpp"

namespace surefoot::problems {

struct Start {
  std::optional<double> first_step{};  // length of the first trial along −g/|g|; unset: the solver's own
};

struct Solver {
  std::string name;
  bool is_peer = true;
  bool has_stop_tests = true;  // else its two modes are the same
  bool takes_first_step = false;
  Index largest = std::numeric_limits<Index>::max();  // unknowns
  /// Returns how it ended, in its own words.
  std::function<std::string(Recorder& objective, Mode mode, const Start& start)> run{};
};

using Solvers = std::vector<Solver>;

Solvers surefoot_solvers();
Solvers liblbfgs_solvers();
Solvers ceres_solvers();
Solvers dlib_solvers();
Solvers gsl_solvers();
Solvers nlopt_solvers();

/// All of them, ours first.
inline Solvers all_solvers() {
  Solvers all = surefoot_solvers();
  for (const auto& group : {liblbfgs_solvers, ceres_solvers, dlib_solvers, gsl_solvers, nlopt_solvers}) {
    for (Solver& solver : group()) all.push_back(std::move(solver));
  }
  return all;
}

}  // namespace surefoot::problems
