#include "support/linear_data.hpp"

#include <cmath>
#include <random>

namespace surefoot::test {

Data some_data(Index rows, Index columns, unsigned seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  Data data{ColumnMajor(rows, columns), Vector(rows), Vector(rows), Vector(rows)};
  for (Index i = 0; i < rows; ++i) {
    for (Index j = 0; j < columns; ++j) {
      const bool zero = random() % 3 == 0;
      data.X(i, j) = zero ? 0 : std::pow(2.0, static_cast<double>(j % 4)) * (normal(random) + 0.5);
    }
    data.labels[i] = normal(random) + 0.1 * data.X(i, 0) > 0 ? 1 : 0;
    data.targets[i] = 2 * normal(random) + data.X(i, 0);
  }
  for (double& count : data.counts) count = std::floor(2 * std::abs(normal(random)));
  data.X = data.X.cast<float>().cast<double>();
  return data;
}

Vector some_weights(Index size, unsigned seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal(0, 0.3);
  Vector w(size);
  for (double& value : w) value = normal(random);
  return w;
}

Vector some_row_weights(Index rows) {
  return Vector::NullaryExpr(rows, [](Index i) { return 0.5 * static_cast<double>((i + 1) % 5); });
}

std::vector<LinearOptions> option_sets(Index rows, Index columns) {
  const Vector centre = Vector::LinSpaced(columns, -1, 2);
  const Vector scale = Vector::LinSpaced(columns, 0.5, 20);
  return {{.l2 = 0},
          {.l2 = 0.3},
          {.l2 = 0.1, .centre = centre},
          {.l2 = 0.1, .scale = scale},
          {.l2 = 0.1, .centre = centre, .scale = scale},
          {.l2 = 0.1, .centre = centre, .scale = scale, .row_weights = some_row_weights(rows)}};
}

Exact by_definition(const LeastSquaresLoss&, long double z, long double y) { return {(z - y) * (z - y) / 2, z - y, 1}; }
Exact by_definition(const HuberLoss& loss, long double z, long double y) {
  const long double r = z - y, delta = loss.delta;
  if (std::abs(r) <= delta) return {r * r / 2, r, 1};
  return {delta * std::abs(r) - delta * delta / 2, r > 0 ? delta : -delta, 0};
}
Exact by_definition(const QuantileLoss& loss, long double z, long double y) {
  const long double r = z - y, below = loss.level, above = 1 - below, h = loss.width;
  if (r > h) return {above * r, above, 0};
  if (r < -h) return {-below * r, -below, 0};
  return {(above * (h + r) * (h + r) + below * (h - r) * (h - r)) / (4 * h),
          (above * (h + r) - below * (h - r)) / (2 * h), 1 / (2 * h)};
}
Exact by_definition(const LogisticLoss&, long double z, long double y) {
  const long double sign = 2 * y - 1, m = sign * z, wrong = 1 / (1 + std::exp(m));
  return {std::log1p(std::exp(-m)), -sign * wrong, wrong * (1 - wrong)};
}
Exact by_definition(const PoissonLoss&, long double z, long double y) {
  return {std::exp(z) - y * z, std::exp(z) - y, std::exp(z)};
}
Exact by_definition(const SquaredHingeLoss&, long double z, long double y) {
  const long double sign = 2 * y - 1, lacks = 1 - sign * z;
  if (lacks <= 0) return {0, 0, 0};
  return {lacks * lacks, -2 * sign * lacks, 2};
}

Answer by_definition(const std::function<Exact(long double, long double)>& loss_of_row, const Vector& y,
                     const ColumnMajor& X, const Vector& w, const LinearOptions& options) {
  using LongVector = Eigen::Matrix<long double, Eigen::Dynamic, 1>;
  const Index columns = X.cols();
  LongVector x(w.size()), gradient = LongVector::Zero(w.size());
  Eigen::Matrix<long double, Eigen::Dynamic, Eigen::Dynamic> hessian(w.size(), w.size());
  hessian.setZero();
  long double sum = 0, all = 0;
  for (Index i = 0; i < X.rows(); ++i) {
    for (Index j = 0; j < columns; ++j) {
      const long double centre = options.centre.size() > 0 ? options.centre[j] : 0;
      const long double scale = options.scale.size() > 0 ? options.scale[j] : 1;
      x[j] = (X(i, j) - centre) / scale;
    }
    if (w.size() > columns) x[columns] = 1;
    const Exact at = loss_of_row(x.dot(w.cast<long double>()), y[i]);
    const long double weight = options.row_weights.size() > 0 ? options.row_weights[i] : 1;
    all += weight;
    sum += weight * at.value;
    gradient += weight * at.slope * x;
    hessian += weight * at.curvature * x * x.transpose();
  }
  sum /= all;
  gradient /= all;
  hessian /= all;
  for (Index j = 0; j < columns; ++j) {
    const long double weight = w[j], l2 = options.l2;
    sum += l2 / 2 * weight * weight;
    gradient[j] += l2 * weight;
    hessian(j, j) += l2;
  }
  return {static_cast<double>(sum), gradient.cast<double>(), hessian.cast<double>()};
}

}  // namespace surefoot::test
