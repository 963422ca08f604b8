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
  double deviance = 0, deviance_of_mean = 0;
};

/// y log(y/mean) − (y − mean)
double poisson_deviance(double y, double mean) { return (y > 0 ? y * std::log(y / mean) : 0) - (y - mean); }

/// Calls row(weight, y, margins) for each, with a block's margins at a time: predictions of all rows would take as much
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

void measure_numbers(Fit& fit, const Table& table, const Target& target) {
  const bool counts = fit.trained.model == PoissonLoss::name;
  const Spread spread = spread_of(target.y(), table.weights);
  Sums sums;
  for_each_row(fit, table, target.y(), [&](double weight, double y, const auto& margins) {
    const double predicted = counts ? std::exp(margins[0]) : margins[0];
    sums.weight += weight;
    sums.squared += weight * (predicted - y) * (predicted - y);
    if (y <= predicted) sums.below += weight;
    if (!counts) return;
    sums.deviance += weight * poisson_deviance(y, predicted);
    sums.deviance_of_mean += weight * poisson_deviance(y, spread.mean);
  });
  fit.rmse = std::sqrt(sums.squared / sums.weight);
  if (spread.deviation > 0) fit.r2 = 1 - (fit.rmse / spread.deviation) * (fit.rmse / spread.deviation);
  if (fit.trained.model == QuantileLoss::name) fit.share_below = sums.below / sums.weight;
  if (sums.deviance_of_mean > 0) fit.deviance_explained = 1 - sums.deviance / sums.deviance_of_mean;
}

}  // namespace

void measure(Fit& fit, const Table& table, const Target& target) {
  if (target.model.classifies()) {
    measure_classes(fit, table, target);
  } else {
    measure_numbers(fit, table, target);
  }
}

}  // namespace surefoot::fitting
