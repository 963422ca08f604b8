/// How many problems are still solved when the first step is given by hand, however absurd.
#pragma once

#include <iosfwd>

#include "score.hpp"

namespace surefoot::problems {

/// Each solver that takes a first step, on every third problem of the own sets with up to 100 unknowns.
void write_first_steps(std::ostream& out, const Board& board, int processes);

}  // namespace surefoot::problems
