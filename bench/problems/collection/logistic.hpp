/// Group "logistic": mean of log(1 + exp(−y x·w)) plus ridge/2 |w|², on columns as they come.
#pragma once

#include "problem.hpp"

namespace surefoot::problems {

class LogisticLoss {
 public:
  /// Labels of −1 and 1.
  LogisticLoss(DenseMatrix X, const Vector& labels, double ridge) : X_(labels.asDiagonal() * X), ridge_(ridge) {}

  double operator()(const Vector& w, Vector& gradient) const {
    const Vector margins = X_ * w;
    const double rows = real(X_.rows());
    gradient = ridge_ * w - X_.transpose() * margins.unaryExpr([](double m) { return sigmoid(-m); }) / rows;
    return margins.unaryExpr([](double m) { return softplus(-m); }).sum() / rows + ridge_ / 2 * w.squaredNorm();
  }

 private:
  DenseMatrix X_;  // each row times its label
  double ridge_;
};

/// Labels of −1 and 1 that follow the model with the margins X w: no plane separates them once there are many.
inline Vector drawn_labels(const DenseMatrix& X, const Vector& w, Draws& draws) {
  return (X * w).unaryExpr([&draws](double margin) { return draws.uniform() < sigmoid(margin) ? 1.0 : -1.0; });
}

inline Problems logistic_regressions() {
  Problems problems;
  const auto add = [&problems](const std::string& name, const DenseMatrix& X, const Vector& labels, double ridge) {
    problems.push_back({.name = "logistic " + name,
                        .group = "logistic",
                        .start = Vector::Zero(X.cols()),
                        .evaluate = LogisticLoss(X, labels, ridge)});
  };
  // Columns of unit variance, and coefficients that keep the margins near `spread`.
  const auto data = [](Index rows, Index columns, std::uint64_t seed, double spread, auto&& change) {
    Draws draws(seed);
    DenseMatrix X = draws.normals(rows, columns);
    const Vector w = spread / std::sqrt(real(columns)) * draws.normals(columns);
    const Vector labels = drawn_labels(X, w, draws);
    change(X);
    return std::pair{X, labels};
  };
  const auto as_it_is = [](DenseMatrix&) {};
  const auto scaled = [](double decades) {
    return [decades](DenseMatrix& X) {
      X = DenseMatrix(X * log_spaced(X.cols(), std::pow(10, -decades), std::pow(10, decades)).asDiagonal());
    };
  };
  const auto [easy, easy_labels] = data(200, 10, 201, 2, as_it_is);
  add("10", easy, easy_labels, 0);
  const auto [wide, wide_labels] = data(300, 200, 202, 2, as_it_is);
  add("200 of 300 rows, ridge 1e-3", wide, wide_labels, 1e-3);
  const auto [steep, steep_labels] = data(150, 20, 203, 12, as_it_is);
  add("20, nearly separable, ridge 1e-5", steep, steep_labels, 1e-5);
  const auto [correlated, correlated_labels] = data(300, 40, 204, 2, [](DenseMatrix& X) {
    for (Index j = 1; j < X.cols(); ++j) X.col(j) = 0.98 * X.col(j - 1) + 0.2 * X.col(j);
  });
  add("40, correlated columns", correlated, correlated_labels, 0);
  const auto [ages, ages_labels] = data(400, 8, 205, 2, [](DenseMatrix& X) {
    for (Index j = 1; j < X.cols(); ++j) X.col(j) = (X.col(j).array() * real(j) + 10 * real(j)).matrix();
    X.col(0).setOnes();
  });
  add("8, raw columns", ages, ages_labels, 0);
  const auto [scales2, scales2_labels] = data(200, 20, 206, 2, scaled(2));
  add("20, columns 1e-2 to 1e2", scales2, scales2_labels, 0);
  const auto [scales4, scales4_labels] = data(200, 12, 207, 2, scaled(4));
  add("12, columns 1e-4 to 1e4", scales4, scales4_labels, 0);
  const auto [scales8, scales8_labels] = data(200, 9, 208, 2, scaled(8));
  add("9, columns 1e-8 to 1e8", scales8, scales8_labels, 0);
  return problems;
}

}  // namespace surefoot::problems
