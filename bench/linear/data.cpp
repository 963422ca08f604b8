#include "data.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <limits>
#include <set>
#include <span>
#include <stdexcept>

namespace surefoot::linear {

namespace {

/// The model's name, the target as it wants it, and its classes.
void choose_model(Data& data) {
  const Table& table = data.table;
  const std::set<double> values(table.y.begin(), table.y.end());
  const bool is_text = !table.encoding.classes.empty();
  data.model = data.set.model;
  if (data.model.empty()) {
    const bool has_classes = is_text || values.size() == 2;
    data.model = !has_classes ? "least-squares" : values.size() > 2 ? "softmax" : "logistic";
  }
  data.target = table.y;
  if (data.model != "logistic" && data.model != "softmax") return;
  for (double& y : data.target) y = static_cast<double>(std::distance(values.begin(), values.find(y)));
  if (data.model == "softmax") data.classes = static_cast<Index>(values.size());
}

/// Centred and divided by the population standard deviation; a constant column becomes zeros.
DenseMatrix standardise(const DenseMatrix& x, Data& data) {
  const auto n = static_cast<double>(x.rows());
  data.centre = x.colwise().sum().transpose() / n;
  DenseMatrix fitted = x.rowwise() - data.centre.transpose();
  data.deviation = (fitted.array().square().colwise().sum() / n).sqrt().transpose();
  for (Index j = 0; j < x.cols(); ++j) {
    const bool is_constant = data.deviation[j] <= 1e-12 * x.col(j).cwiseAbs().maxCoeff();
    if (is_constant) data.deviation[j] = std::numeric_limits<double>::infinity();
  }
  fitted.array().rowwise() /= data.deviation.transpose().array();
  return fitted;
}

/// Divided by the largest |x| of the column.
SparseMatrix standardise(const SparseMatrix& x, Data& data) {
  SparseMatrix fitted = x;
  data.deviation.setZero(x.cols());
  const std::span columns(fitted.innerIndexPtr(), static_cast<std::size_t>(fitted.nonZeros()));
  const std::span values(fitted.valuePtr(), columns.size());
  for (std::size_t k = 0; k < columns.size(); ++k) {
    data.deviation[columns[k]] = std::max(data.deviation[columns[k]], std::abs(values[k]));
  }
  data.deviation = (data.deviation.array() == 0).select(1.0, data.deviation);
  for (std::size_t k = 0; k < columns.size(); ++k) values[k] /= data.deviation[columns[k]];
  return fitted;
}

/// FNV-1a, eight bytes at a time.
class Checksum {
 public:
  template <class Number>
  void add(const Number* numbers, Index count) {
    const auto bytes = static_cast<std::size_t>(count) * sizeof(Number);
    const char* const begin = reinterpret_cast<const char*>(numbers);
    for (std::size_t at = 0; at < bytes; at += sizeof(std::uint64_t)) {
      std::uint64_t word = 0;
      std::memcpy(&word, begin + at, std::min(bytes - at, sizeof word));
      sum_ = (sum_ ^ word) * 0x100000001b3u;
    }
  }
  std::string text() const {
    char digits[17];
    std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(sum_));
    return digits;
  }

 private:
  std::uint64_t sum_ = 0xcbf29ce484222325u;
};

std::string checksum(const Data& data) {
  Checksum sum;
  if (const auto* dense = std::get_if<DenseMatrix>(&data.fitted)) {
    sum.add(dense->data(), dense->size());
  } else {
    const auto& sparse = std::get<SparseMatrix>(data.fitted);
    sum.add(sparse.valuePtr(), sparse.nonZeros());
    sum.add(sparse.innerIndexPtr(), sparse.nonZeros());
    sum.add(sparse.outerIndexPtr(), sparse.outerSize() + 1);
  }
  sum.add(data.target.data(), data.target.size());
  return sum.text();
}

/// The loss of a row whose margins, one a class, are z.
double row_loss(const std::string& model, const Eigen::RowVectorXd& z, double y) {
  if (model == "least-squares") return 0.5 * (z[0] - y) * (z[0] - y);
  if (model == "poisson") return std::exp(z[0]) - y * z[0];
  if (model == "logistic") {
    const double m = y > 0.5 ? z[0] : -z[0];
    return std::log1p(std::exp(-std::abs(m))) + std::max(-m, 0.0);
  }
  if (model == "softmax") {
    const double largest = z.maxCoeff();
    return std::log((z.array() - largest).exp().sum()) + largest - z[static_cast<Index>(y)];
  }
  throw std::invalid_argument("the benchmark has no loss for the model '" + model + "'");
}

}  // namespace

Data prepare(const Set& set) {
  Data data{.set = set, .table = set.load()};
  choose_model(data);
  std::visit(
      [&](const auto& x) {
        if (set.scale == "none") {
          data.fitted = x;
        } else {
          data.fitted = standardise(x, data);
        }
      },
      data.table.x);
  data.checksum = checksum(data);
  return data;
}

double optimum(const Case& of, Bias bias) { return bias == Bias::free ? of.optimum : of.penalised_optimum; }

double objective(const Case& of, const Eigen::MatrixXd& weights, Bias bias) {
  const Data& data = *of.data;
  const Index d = data.columns();
  if (weights.rows() != d + 1 || weights.cols() != data.classes) {
    throw std::invalid_argument("weights of " + std::to_string(weights.rows()) + " x " +
                                std::to_string(weights.cols()) + " do not fit " + data.set.name);
  }
  const Eigen::MatrixXd slopes = weights.topRows(d);
  double sum = 0;
  std::visit(
      [&](const auto& x) {
        Eigen::RowVectorXd z(data.classes);
        for (Index i = 0; i < data.rows(); ++i) {
          z.noalias() = x.row(i) * slopes;
          z += weights.row(d);
          sum += row_loss(data.model, z, data.target[i]);
        }
      },
      data.fitted);
  const double of_bias = bias == Bias::penalised ? weights.row(d).squaredNorm() : 0;
  return sum / static_cast<double>(data.rows()) + 0.5 * of.l2 * (slopes.squaredNorm() + of_bias);
}

double excess(const Case& of, const Eigen::MatrixXd& weights, Bias bias) {
  const double least = optimum(of, bias);
  return (objective(of, weights, bias) - least) / least;
}

}  // namespace surefoot::linear
