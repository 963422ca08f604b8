/// Which direction, rule and coordinates suit a problem, from its size, density and loss: by what each costs in reads of
/// the data. The costs are those of the kernels here (docs/linear-models.md has the measurements).
#pragma once

#include <string>

#include "fit/solve.hpp"

namespace surefoot::fitting {

/// What is known of a problem before the first pass.
struct Facts {
  Index rows = 0, columns = 0;
  Index weights = 0;          // with intercepts, over all classes
  double stored_per_row = 0;  // numbers that a row stores
  bool sparse = false;
  Index margins = 1;          // a row's: the classes of softmax
  bool quadratic = false;     // the loss
  bool curved = true;         // the loss, wherever a row may be: no part of it is flat on both sides of a band
  bool one_sided = false;     // the loss: rows that are right by far are all flat
  bool proximal = false;      // an l1
  bool standardised = false;  // the columns, to a deviation of 1
};

enum class Way { plain, diagonal, gram };

struct Plan {
  Way coordinates = Way::plain;
  bool working_sets = false;     // the metric over a few columns at a time, for l1
  Index start_rows = 0;          // > 0: a start from a fit to so many rows
  bool begins_diagonal = false;  // the Gram coordinates, until a sample's metric pays
  bool begins_plain = false;     // likewise in no metric, until that of all rows pays
  Index metric_rows = 0;         // > 0: the first metric of the Gram coordinates from so many other rows
  double sample_cost = 0;        // of that, in passes
  double hessian_cost = 0;       // in passes: a Hessian of all rows, factorised
  bool newton = false;           // along truncated Newton directions, else those of L-BFGS
  int memory = 20;               // pairs of L-BFGS
  std::string why{};             // the coordinates, in a phrase
};

Facts facts_of(const Problem& problem);
Plan make_plan(const Facts& facts);

}  // namespace surefoot::fitting
