/// Group "nasties": those of tests/support/nasties.hpp that have a minimum below their start.
#pragma once

#include "../../../tests/support/nasties.hpp"
#include "problem.hpp"

namespace surefoot::problems {

inline Problems nasty_problems() {
  Problems problems;
  for (const Nasty& nasty : nasties()) {
    Problem problem{.name = nasty.name,
                    .group = "nasties",
                    .start = nasty.start,
                    .evaluate = nasty.value,
                    .minimum = nasty.minimum,
                    .several_minima = nasty.minimiser.size() == 0};  // the network
    if (nasty.has_minimum && problem.start_loss() > problem.minimum) problems.push_back(std::move(problem));
  }
  return problems;
}

}  // namespace surefoot::problems
