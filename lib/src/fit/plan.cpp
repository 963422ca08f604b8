#include "fit/plan.hpp"

#include <algorithm>
#include <cmath>

namespace surefoot::fitting {
namespace {

/// Up to here a factor is cheap beside the passes that it saves, and the coordinate descent of l1 in it.
constexpr Index most_gram_columns = 1024;
/// Up to here it may pay where a dense fit has come far enough without one to know.
constexpr Index most_late_gram_columns = 4096;

/// Of softmax, whose metric takes pairs of classes too.
constexpr Index most_softmax_gram = 500;

/// Multiplications with addition that the Gram kernel does in the time that a pass takes for one number: of a table in
/// memory, measured at 100 to 500 columns, and of one that stays in the cache, where passes are faster; of a sparse row's
/// outer product; of Eigen's Cholesky.
constexpr double dense_speed = 17, cached_speed = 4, sparse_speed = 1.25, cholesky_speed = 3;
constexpr double cached_bytes = 1 << 20;

double stored(const Facts& facts) { return std::max(facts.stored_per_row, 1.0); }

double numbers(const Facts& facts) { return static_cast<double>(facts.rows) * stored(facts); }

/// May the metric of many dense columns of one size be bought later on? Its matrices are to fit beside the data, four at once:
/// the sums of two pieces, a Hessian, the factor before it.
bool may_come_late(const Facts& facts) {
  const auto size = static_cast<double>(facts.weights);
  return !facts.sparse && !facts.proximal && facts.standardised && facts.weights <= most_late_gram_columns &&
         facts.rows >= 16 * facts.weights && 4 * 8 * size * size <= 0.15 * 8 * numbers(facts) + 48e6;
}

/// Of a pass, roughly: what is counted in passes elsewhere is beside nothing else there.
double pass_seconds(const Facts& facts) {
  return 1e-9 * ((facts.sparse ? 0.8 : 0.12) * numbers(facts) + 1.5 * static_cast<double>(facts.rows));
}

/// XᵀDX of all rows, in passes.
double sums_cost(const Facts& facts) {
  const auto size = static_cast<double>(facts.weights);
  if (facts.sparse) return stored(facts) / 2 / sparse_speed;
  const double speed = 8 * numbers(facts) < cached_bytes ? cached_speed : dense_speed;
  return std::max(2.5, size / 2 / speed);
}

/// Its Cholesky factor, in passes.
double factor_cost(const Facts& facts) {
  const auto size = static_cast<double>(facts.weights);
  return size * size * size / 6 / cholesky_speed / numbers(facts);
}

/// Iterations in a metric of so many rows, of a pass each. From m rows an iteration divides the excess by about m/P (P
/// weights), and so the gradient by its root; to divide that by 1e5 takes 23 / ln(m/P).
double iterations(const Facts& facts, double metric_rows) {
  return 23 / std::log(metric_rows / static_cast<double>(facts.weights));
}

/// How many rows the first metric is best made of. They cost m/n of a whole Hessian; with the iterations that is least where
/// m = 23 n / (cost · ln²(m/P)).
Index best_metric_rows(const Facts& facts) {
  const auto rows = static_cast<double>(facts.rows), size = static_cast<double>(facts.weights);
  double best = 8 * size;
  for (int round = 0; round < 4; ++round) {
    const double log = std::log(best / size);
    best = std::max(8 * size, 23 * rows / (sums_cost(facts) * log * log));
  }
  // A sample wants to be copied, and put right by the diagonal of all rows.
  constexpr double to_draw = 1.5;
  const double sampled = to_draw + best / rows * sums_cost(facts) + iterations(facts, best);
  if (!(sampled < sums_cost(facts) + iterations(facts, rows))) return facts.rows;
  return static_cast<Index>(std::min(best, rows));
}

/// A sample is a copy: it takes an eighth of what the data do, or 32 MB.
bool may_be_copied(Index rows, const Facts& facts) {
  const double each = (facts.sparse ? 12 : 8) * stored(facts), all = each * static_cast<double>(facts.rows);
  return each * static_cast<double>(rows) <= std::max(all / 8, 32e6);
}

std::string count(Index number, const std::string& what) {
  return std::to_string(number) + " " + what + (number == 1 ? "" : "s");
}

}  // namespace

Facts facts_of(const Problem& problem) {
  Facts facts;
  facts.columns = problem.columns();
  facts.weights = problem.size();
  facts.margins = problem.classes;
  facts.quadratic = std::holds_alternative<LeastSquaresLoss>(problem.loss);
  facts.proximal = problem.l1 > 0;
  facts.curved = std::visit([]<class Loss>(const Loss&) { return !HasMajorant<Loss>; }, problem.loss);
  facts.one_sided = std::holds_alternative<SquaredHingeLoss>(problem.loss);
  facts.standardised = problem.linear.centre.size() > 0 && problem.linear.scale.size() > 0;
  std::visit(
      [&]<class Matrix>(const Matrix* x) {
        facts.rows = x->rows();
        facts.sparse = is_sparse<Matrix>;
        facts.stored_per_row = static_cast<double>(facts.columns);
        if constexpr (is_sparse<Matrix>) {
          facts.stored_per_row =
              static_cast<double>(x->nonZeros()) / static_cast<double>(std::max<Index>(x->rows(), 1));
        }
      },
      problem.x);
  return facts;
}

Plan make_plan(const Facts& facts) {
  Plan plan;
  plan.hessian_cost = 0.5 + sums_cost(facts) + factor_cost(facts);
  // L-BFGS reads its pairs twice an iteration: no more of them than cost about what a pass does.
  const double pairs =
      2 * numbers(facts) * static_cast<double>(facts.margins) / (4 * static_cast<double>(facts.weights));
  plan.memory = static_cast<int>(std::clamp(pairs, 5.0, 20.0));
  if (facts.margins > 1) {
    plan.why = "softmax: " + count(facts.weights, "weight");
    // (Without l1 the metric does not pay, nor of many weights: 650 on digits take up to four times as long so.)
    if (facts.proximal && facts.weights <= most_softmax_gram) {
      plan.coordinates = Way::gram;
      Facts of_class = facts;
      of_class.weights = facts.weights / facts.margins;
      plan.hessian_cost = static_cast<double>(facts.margins + 1) / 2 * sums_cost(of_class);
      plan.why += ": the metric of the Hessian, for proximal Newton steps";
      return plan;
    }
    // (Of 0/1 columns it would cost twice the passes; of standardised ones it has nothing to say.)
    if (!facts.standardised && !facts.sparse && !facts.proximal) {
      plan.coordinates = Way::diagonal;
      plan.why += " of columns that may differ in size";
    }
    return plan;
  }
  const Index size = facts.weights;
  const bool many_rows = facts.rows >= 16 * size;
  if (facts.proximal && (size > most_gram_columns || (!many_rows && size > 500))) {
    plan.coordinates = Way::gram;
    plan.working_sets = true;
    plan.why = "working sets of columns, with proximal Newton steps, out of " + std::to_string(facts.columns);
    return plan;
  }
  const bool late = size > most_gram_columns && may_come_late(facts);
  if (size > most_gram_columns && !late) {
    plan.why = count(size, "weight") + " are too many for a metric of all pairs of columns";
    // An iteration of conjugate gradients reads the data once, as one of L-BFGS does, and a vector or six where that reads all
    // of its pairs.
    // (Where most rows have become flat its steps lead where they no longer are: up to 50 times the passes, measured.)
    plan.newton = facts.sparse && facts.curved && !facts.one_sided && !facts.proximal;
    return plan;
  }
  if (!many_rows && size > 500) {
    plan.why = count(facts.rows, "row") + " for " + count(size, "weight") + ": a metric costs more than it saves";
    return plan;
  }
  plan.coordinates = Way::gram;
  plan.why = count(size, "weight") + ": the metric of the Hessian";
  if (facts.proximal) plan.why += ", for proximal Newton steps";
  if (late) {
    plan.begins_plain = true;
    return plan;
  }
  if (facts.quadratic && size <= 64) return plan;  // one step arrives
  // Which rows curve at all changes from step to step: some rows, or a metric of earlier, tell too little. (Measured: Huber and
  // quantile on prices, 20,640 × 13: 100 to 500 passes from samples, 20 to 75 so; on easy data half as many again as from
  // samples.)
  if (!facts.curved) {
    plan.begins_plain = facts.standardised && !facts.proximal;
    return plan;
  }
  // A fit to few rows is a better start than none, where it costs less than a pass or so.
  const Index start_rows = 8 * size;
  const double start_cost = static_cast<double>(start_rows) / static_cast<double>(facts.rows) * sums_cost(facts);
  // (Its dozen iterations take a microsecond or two each, however few the rows.)
  const bool pays = pass_seconds(facts) >= 20e-6;
  if (facts.rows >= 4 * start_rows && start_cost <= 1 && pays) plan.start_rows = start_rows;
  const Index metric_rows = best_metric_rows(facts);
  if (metric_rows <= facts.rows / 2 && may_be_copied(metric_rows, facts)) {
    plan.metric_rows = metric_rows;
    const double share = static_cast<double>(metric_rows) / static_cast<double>(facts.rows);
    plan.sample_cost = share * (1 + sums_cost(facts)) + factor_cost(facts);
    plan.why += ", of " + std::to_string(metric_rows) + " rows";
    // Easy data arrives before a dear metric would have paid.
    plan.begins_diagonal = plan.start_rows == 0 && plan.sample_cost > 2 && !facts.proximal;
  } else if (facts.standardised && !facts.proximal) {
    plan.begins_plain = true;  // columns of one size: the diagonal would say nothing
  }
  return plan;
}

}  // namespace surefoot::fitting
