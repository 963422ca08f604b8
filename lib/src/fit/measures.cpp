#include "fit/measures.hpp"

#include <algorithm>

#include "fit/margins.hpp"
#include "fit/rows.hpp"
#include "surefoot/passes/kernels.hpp"

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

constexpr Index block = 1024;

double weight_of(const Table& table, Index row) { return table.weights.size() > 0 ? table.weights[row] : 1; }

/// Calls visit(first, margins) for each block of rows: predictions of all of them would take as much memory as a few columns.
template <class Visit>
void for_each_block(const Fit& fit, const Table& table, const Visit& visit) {
  Eigen::MatrixXd margins;
  for (Index first = 0; first < table.rows(); first += block) {
    margins_of_rows(fit.trained, table, first, std::min(block, table.rows() - first), margins);
    visit(first, margins);
  }
}
/// Calls row(weight, y, margins) for each that counts.
template <class Row>
void for_each_row(const Fit& fit, const Table& table, const Vector& y, const Row& row) {
  for_each_block(fit, table, [&](Index first, const Eigen::MatrixXd& margins) {
    for (Index i = 0; i < margins.rows(); ++i) {
      const double weight = weight_of(table, first + i);
      if (weight > 0) row(weight, y[first + i], margins.row(i));  // 0 times Inf would be NaN
    }
  });
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

void set_errors(Fit& fit, const Spread& spread, double squared, double weight) {
  fit.rmse = std::sqrt(squared / weight);
  if (spread.deviation > 0) fit.r2 = 1 - (fit.rmse / spread.deviation) * (fit.rmse / spread.deviation);
}

void measure_numbers(Fit& fit, const Table& table, const Target& target) {
  Sums sums;
  for_each_row(fit, table, target.y(), [&](double weight, double y, const auto& margins) {
    const double predicted = margins[0];
    sums.weight += weight;
    sums.squared += weight * (predicted - y) * (predicted - y);
    if (y <= predicted) sums.below += weight;
  });
  set_errors(fit, spread_of(target.y(), table.weights), sums.squared, sums.weight);
  if (fit.trained.model == QuantileLoss::name) fit.share_below = sums.below / sums.weight;
}

/// y log(y/mean) − (y − mean): half a row's share of the deviance
double poisson_deviance(double y, double mean) { return (y > 0 ? y * std::log(y / mean) : 0) - (y - mean); }

/// By the kernel of the loss, since a small table takes as long for the exponentials here as for two iterations: the loss is all
/// of the deviance that depends on the model, and its slope is the error.
void measure_counts(Fit& fit, const Table& table, const Target& target) {
  const Vector& y = target.y();
  const Spread spread = spread_of(y, table.weights);
  const passes::LossKernels<PoissonLoss> kernel = passes::loss_kernels<PoissonLoss>();
  const double* weights = table.weights.size() > 0 ? table.weights.data() : nullptr;
  Sums sums;
  double loss = 0, deviance_of_mean = 0;
  Vector slopes(std::min(block, table.rows()));
  for_each_block(fit, table, [&](Index first, const Eigen::MatrixXd& margins) {
    const double* of_block = weights == nullptr ? nullptr : weights + first;
    loss +=
        kernel.terms({}, {margins.data(), y.data() + first, of_block, margins.rows(), slopes.data(), nullptr}).value;
    for (Index i = 0; i < margins.rows(); ++i) {
      const double weight = weight_of(table, first + i);
      if (weight == 0) continue;
      sums.weight += weight;
      sums.squared += slopes[i] * (slopes[i] / weight);
      deviance_of_mean += weight * poisson_deviance(y[first + i], spread.mean);
    }
  });
  set_errors(fit, spread, sums.squared, sums.weight);
  if (spread.deviation > 0) {
    const double loss_of_mean = sums.weight * spread.mean * (1 - std::log(spread.mean));
    fit.deviance_explained = (loss_of_mean - loss) / deviance_of_mean;
  }
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
