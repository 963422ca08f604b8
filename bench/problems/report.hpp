/// The tables of docs/benchmarks.md, the summary that is read while working, and the points of the data profile.
#pragma once

#include <iosfwd>
#include <string>

#include "score.hpp"

namespace surefoot::problems {

/// Ours by set and group, then each problem that is unsolved or takes more than twice the best peer's calls.
void print_summary(const Board& board);

/// Solvers over each set; ours over each group; every problem, ours beside the best peer.
void write_solvers(std::ostream& out, const Board& board);
void write_groups(std::ostream& out, const Board& board);
void write_problems(std::ostream& out, const Board& board);

/// Moré & Wild (2009): for each solver the calls at which each problem was solved to 1e-9, sorted; a block a solver.
/// `set`: own or apart.
void write_profile(const std::string& path, const Board& board, const std::string& set);

}  // namespace surefoot::problems
