/// Group "mgh": the functions of Moré, Garbow & Hillstrom (1981) at their own sizes and at n = 100 and 1000.
///
/// Left out at n = 1000: Chebyquad, a call of which takes 10 ms, and penalty II, whose targets grow to e^100, beside
/// which doubles lose nine tenths of the residuals.
#pragma once

#include "problem.hpp"
#include "surefoot/objectives/more_garbow_hillstrom.hpp"

namespace surefoot::problems {

inline Problems more_garbow_hillstrom() {
  Problems problems;
  const auto add = [&problems](const TestProblem& problem) {
    // Where no minimum is published several have been seen.
    const bool several = !problem.local_minima.empty() || !problem.minimum;
    problems.push_back({.name = problem.name + " " + std::to_string(problem.size),
                        .group = "mgh",
                        .start = problem.start,
                        .evaluate = [problem](const Vector& w, Vector& g) { return problem.loss(w, g); },
                        .minimum = problem.minimum.value_or(not_a_number),
                        .several_minima = several});
  };
  for (const TestProblem& problem : surefoot::more_garbow_hillstrom()) add(problem);
  for (const TestProblem& problem : surefoot::more_garbow_hillstrom(100)) add(problem);
  for (const TestProblem& problem : surefoot::more_garbow_hillstrom(1000)) {
    if (problem.name != "chebyquad" && problem.name != "penalty-2") add(problem);
  }
  return problems;
}

}  // namespace surefoot::problems
