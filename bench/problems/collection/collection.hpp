/// All problems of the benchmark: the sets that surefoot was made with, and those apart, on which nothing was chosen.
#pragma once

#include "apart.hpp"
#include "logistic.hpp"
#include "more_garbow_hillstrom.hpp"
#include "nasties.hpp"
#include "networks.hpp"
#include "quadratics.hpp"
#include "rescaled.hpp"

namespace surefoot::problems {

inline Problems collection() {
  Problems all;
  for (Problems (*group)() :
       {more_garbow_hillstrom, quadratics, logistic_regressions, networks, nasty_problems, rescaled_problems, apart}) {
    for (Problem& problem : group()) all.push_back(std::move(problem));
  }
  return all;
}

}  // namespace surefoot::problems
