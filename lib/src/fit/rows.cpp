#include "fit/rows.hpp"

#include <stdexcept>

#include "surefoot/data/error.hpp"
#include "surefoot/loop/parameters.hpp"

namespace surefoot::fitting {
namespace {

void check(const Table& table) {
  if (table.weights.size() == 0) return;
  if (table.weights.size() != table.rows()) {
    throw std::invalid_argument("the table has " + std::to_string(table.weights.size()) + " weights for " +
                                std::to_string(table.rows()) + " rows: it must have one for each, or none at all");
  }
  for (Eigen::Index i = 0; i < table.weights.size(); ++i) {
    if (std::isfinite(table.weights[i]) && table.weights[i] >= 0) continue;
    throw std::invalid_argument("the weight of row " + std::to_string(i + 1) + " is " + number(table.weights[i]) +
                                ": it must be finite and >= 0");
  }
  if (!(table.weights.maxCoeff() > 0)) throw std::invalid_argument("every row has weight 0: no row counts");
  if (!std::isfinite(table.weights.sum())) {
    throw DataError(table.file, "the weights of the rows are too large, their sum is not finite; make them smaller");
  }
}

/// A class none of whose rows counts would be as if it were not there, and its intercept would run away.
void refuse_empty_classes(const Table& table, const Target& target) {
  Vector of_class = Vector::Zero(static_cast<Eigen::Index>(target.classes.size()));
  for (Eigen::Index i = 0; i < table.rows(); ++i) {
    of_class[static_cast<Eigen::Index>(target.y()[i])] += table.weights[i];
  }
  for (std::size_t k = 0; k < target.classes.size(); ++k) {
    if (of_class[static_cast<Eigen::Index>(k)] > 0) continue;
    throw DataError(table.file,
                    "every row of the class " + target.classes[k] +
                        " has weight 0, and without these rows there is no such class; leave them out, or give "
                        "some a weight above 0");
  }
}

/// n / (K n_k) of each row's class, the rows of a class counted by their weights.
Vector balanced(const Vector& classes, std::size_t count, const Vector& weights) {
  Vector of_class = Vector::Zero(static_cast<Eigen::Index>(count));
  for (Eigen::Index i = 0; i < classes.size(); ++i) {
    of_class[static_cast<Eigen::Index>(classes[i])] += weights.size() > 0 ? weights[i] : 1;
  }
  const double each = of_class.sum() / static_cast<double>(count);
  return classes.unaryExpr([&](double k) {
    const double there = of_class[static_cast<Eigen::Index>(k)];
    return there > 0 ? each / there : 0;
  });
}

}  // namespace

Vector row_weights(const Table& table, const Target& target, const FitOptions& options) {
  check(table);
  if (table.weights.size() > 0 && target.model.classifies()) refuse_empty_classes(table, target);
  if (options.class_weight.empty()) return table.weights;
  if (!target.model.classifies()) {
    throw std::invalid_argument("class weights are for classes, and " + target.model.name() + " has none");
  }
  const Vector factors = balanced(target.y(), target.classes.size(), table.weights);
  return table.weights.size() > 0 ? Vector(factors.cwiseProduct(table.weights)) : factors;
}

Spread spread_of(const Vector& values, const Vector& weights) {
  if (values.size() == 0) return {};
  const double largest = max_norm(values);
  if (values.minCoeff() == values.maxCoeff()) return {values[0], 0};  // without the rounding of a mean
  const double total = weights.size() > 0 ? weights.sum() : static_cast<double>(values.size());
  const auto mean_of = [&](const auto& shares) {
    return (weights.size() > 0 ? (shares * weights.array()).sum() : shares.sum()) / total;
  };
  const double mean = mean_of(values.array() / largest);
  return {mean * largest, std::sqrt(mean_of((values.array() / largest - mean).square())) * largest};
}

}  // namespace surefoot::fitting
