/// Is a fit at the minimum? A convex loss is there where its gradient is zero, which needs no other minimiser: the
/// gradient is computed here from the table and the model as saved, in the columns as they are fitted.
#pragma once

#include <Eigen/Dense>
#include <cmath>
#include <functional>

#include "surefoot/fit.hpp"

namespace surefoot::test {

/// d loss / d margin of a row.
using Slope = std::function<double(double margin, double target)>;

/// The table's columns, centred and divided by their population standard deviation.
inline Eigen::MatrixXd standardised(const Table& table) {
  Eigen::MatrixXd x = std::get<DenseMatrix>(table.x);
  for (Eigen::Index j = 0; j < x.cols(); ++j) {
    x.col(j).array() -= x.col(j).mean();
    const double deviation = std::sqrt(x.col(j).squaredNorm() / static_cast<double>(x.rows()));
    if (deviation > 0) x.col(j) /= deviation;
  }
  return x;
}

inline Eigen::VectorXd shares_of(const Table& table, const Eigen::VectorXd& weights) {
  return weights.size() > 0 ? Eigen::VectorXd(weights / weights.sum())
                            : Eigen::VectorXd::Constant(table.rows(), 1.0 / static_cast<double>(table.rows()));
}

/// Of one margin's weights, l2/2 |w|² included, the intercept's entry last. `slopes`: of each row.
inline Eigen::VectorXd gradient_of(const Table& table, const Eigen::VectorXd& slopes, const Eigen::VectorXd& fitted,
                                   double l2, const Eigen::VectorXd& weights = {}) {
  const Eigen::VectorXd each = shares_of(table, weights).cwiseProduct(slopes);
  Eigen::VectorXd gradient(fitted.size() + 1);
  gradient.head(fitted.size()) = standardised(table).transpose() * each + l2 * fitted;
  gradient[fitted.size()] = each.sum();
  return gradient;
}

/// The model's margins on a table, from its coefficients in the file's own units.
inline Eigen::VectorXd margins_of(const LinearModel& model, const Table& table) {
  return (std::get<DenseMatrix>(table.x) * model.coefficients).array() + model.intercept;
}

/// The gradient at a fit of one margin a row.
inline Eigen::VectorXd gradient_at(const Fit& fit, const Table& table, const Eigen::VectorXd& y, const Slope& slope,
                                   double l2, const Eigen::VectorXd& weights = {}) {
  return gradient_of(table, margins_of(fit.trained, table).binaryExpr(y, slope), fit.fitted_weights, l2, weights);
}

}  // namespace surefoot::test
