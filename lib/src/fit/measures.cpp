#include "fit/measures.hpp"

#include <algorithm>

#include "fit/margins.hpp"
#include "fit/rows.hpp"

namespace surefoot::fitting {

using Eigen::Index;

namespace {

/// Of all rows, each as often as its weight says.
struct Sums {
  double weight = 0;
  // Of classes:
  double right = 0;
  Vector of_class{};
  // Of numbers:
  double squared = 0;  // error
  double below = 0;    // the prediction, or on it
};

/// Calls row(weight, y, margins) for each that counts, with a block's margins at a time: predictions of all rows would take as much
/// memory as a few columns.
template <class Row>
void for_each_row(const Fit& fit, const Table& table, const Vector& y, const Row& row) {
  constexpr Index block = 1024;
  Eigen::MatrixXd margins;
  for (Index first = 0; first < table.rows(); first += block) {
    const Index count = std::min(block, table.rows() - first);
    margins_of_rows(fit.trained, table, first, count, margins);
    for (Index i = 0; i < count; ++i) {
      const double weight = table.weights.size() > 0 ? table.weights[first + i] : 1;
      if (weight > 0) row(weight, y[first + i], margins.row(i));  // 0 times Inf would be NaN
    }
  }
}

void measure_classes(Fit& fit, const Table& table, const Target& target) {
  Sums sums;
  sums.of_class.setZero(static_cast<Index>(target.classes.size()));
  for_each_row(fit, table, target.y(), [&](double weight, double y, const auto& margins) {
    const auto own = static_cast<Index>(y);
    sums.weight += weight;
    sums.of_class[own] += weight;
    if (class_of(margins) == own) sums.right += weight;
  });
  fit.accuracy = sums.right / sums.weight;
  fit.most_frequent = sums.of_class.maxCoeff() / sums.weight;
}

/// Errors in units of the target's deviation, whose squares stay in the range of a double.
double unit_of(const Spread& spread) { return spread.deviation > 0 ? spread.deviation : 1; }

void set_errors(Fit& fit, const Spread& spread, const Sums& sums) {
  const double of_units = sums.squared / sums.weight;
  fit.rmse = std::sqrt(of_units) * unit_of(spread);
  if (spread.deviation > 0) fit.r2 = 1 - of_units;
}

void measure_numbers(Fit& fit, const Table& table, const Target& target) {
  const Spread spread = spread_of(target.y(), table.weights);
  Sums sums;
  for_each_row(fit, table, target.y(), [&](double weight, double y, const auto& margins) {
    const double predicted = margins[0], error = (predicted - y) / unit_of(spread);
    sums.weight += weight;
    sums.squared += weight * error * error;
    if (y <= predicted) sums.below += weight;
  });
  set_errors(fit, spread, sums);
  if (fit.trained.model == QuantileLoss::name) fit.share_below = sums.below / sums.weight;
}

/// y log(y/mean) − (y − mean): half a row's share of the deviance
double poisson_deviance(double y, double mean) { return (y > 0 ? y * std::log(y / mean) : 0) - (y - mean); }

/// The deviance by two of its parts, each without cancellation: what the mean leaves, and what the model is better by than the
/// mean, row for row: (y margin − e^margin) − (y log mean − mean).
void measure_counts(Fit& fit, const Table& table, const Target& target) {
  const Vector& y = target.y();
  const Spread spread = spread_of(y, table.weights);
  const double log_mean = std::log(spread.mean);
  Sums sums;
  double better = 0, deviance_of_mean = 0;
  for_each_row(fit, table, y, [&](double weight, double count, const auto& margins) {
    const double away = margins[0] - log_mean, error = (std::exp(margins[0]) - count) / unit_of(spread);
    sums.weight += weight;
    sums.squared += weight * error * error;
    better += weight * (count * away - spread.mean * std::expm1(away));
    deviance_of_mean += weight * poisson_deviance(count, spread.mean);
  });
  set_errors(fit, spread, sums);
  if (spread.deviation > 0) fit.deviance_explained = better / deviance_of_mean;
}

}  // namespace

void measure(Fit& fit, const Table& table, const Target& target) {
  if (target.model.classifies()) {
    measure_classes(fit, table, target);
  } else if (fit.trained.model == PoissonLoss::name) {
    measure_counts(fit, table, target);
  } else {
    measure_numbers(fit, table, target);
  }
}

}  // namespace surefoot::fitting
