#include "fit/measures.hpp"

#include "fit/rows.hpp"

namespace surefoot::fitting {
namespace {

/// Means over rows.
class Mean {
 public:
  explicit Mean(const Vector& weights) : weights_(weights) {}

  template <class Values>
  double operator()(const Values& values) const {
    if (weights_.size() == 0) return values.mean();
    return (values * weights_.array()).sum() / weights_.sum();
  }

 private:
  const Vector& weights_;
};

void measure_classes(Fit& fit, const Vector& predicted, const Vector& y, std::size_t classes, const Mean& mean) {
  fit.accuracy = mean((predicted.array() == y.array()).cast<double>());
  fit.most_frequent = 0;
  for (std::size_t k = 0; k < classes; ++k) {
    fit.most_frequent = std::max(fit.most_frequent, mean((y.array() == static_cast<double>(k)).cast<double>()));
  }
}

/// 2 (y log(y/mean) − (y − mean)), averaged over the rows.
double poisson_deviance(const Vector& y, const Vector& means, const Mean& mean) {
  return 2 * mean(y.binaryExpr(means, [](double count, double expected) {
                     return (count > 0 ? count * std::log(count / expected) : 0) - (count - expected);
                   }).array());
}

void measure_numbers(Fit& fit, const Vector& predicted, const Vector& y, const Vector& weights, const Mean& mean) {
  const double squared = mean((predicted - y).array().square());
  const double deviation = spread_of(y, weights).deviation;
  fit.rmse = std::sqrt(squared);
  if (deviation > 0) fit.r2 = 1 - (fit.rmse / deviation) * (fit.rmse / deviation);
  if (fit.trained.model == QuantileLoss::name) {
    fit.share_below = mean((y.array() <= predicted.array()).cast<double>());
  }
  if (fit.trained.model == PoissonLoss::name) {
    const double of_mean = poisson_deviance(y, Vector::Constant(y.size(), mean(y.array())), mean);
    if (of_mean > 0) fit.deviance_explained = 1 - poisson_deviance(y, predicted, mean) / of_mean;
  }
}

}  // namespace

void measure(Fit& fit, const Table& table, const Target& target) {
  const Vector predicted = fit.trained.predict(table).values;
  const Mean mean(table.weights);
  if (target.model.classifies()) {
    measure_classes(fit, predicted, target.y(), target.classes.size(), mean);
  } else {
    measure_numbers(fit, predicted, target.y(), table.weights, mean);
  }
}

}  // namespace surefoot::fitting
