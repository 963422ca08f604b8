// What a trained model says of a table.
#include <stdexcept>

#include "fit/models.hpp"
#include "surefoot/fit.hpp"

namespace surefoot {
namespace {

using Index = Eigen::Index;

template <class Coefficients>
auto product(const Table& table, const Coefficients& coefficients) {
  using Margins = std::conditional_t<Coefficients::IsVectorAtCompileTime, Vector, Eigen::MatrixXd>;
  return std::visit([&](const auto& x) { return Margins(x * coefficients); }, table.x);
}

double logistic(double margin) {
  const double u = std::exp(-std::abs(margin));
  return margin >= 0 ? 1 / (1 + u) : u / (1 + u);
}

void predict_classes(Eigen::MatrixXd margins, Predictions& predictions) {
  predictions.values.resize(margins.rows());
  for (Index i = 0; i < margins.rows(); ++i) {
    Index largest = 0;
    const double most = margins.row(i).maxCoeff(&largest);
    predictions.values[i] = static_cast<double>(largest);
    margins.row(i) = (margins.row(i).array() - most).exp();
    margins.row(i) /= margins.row(i).sum();
  }
  predictions.class_probabilities = std::move(margins);
}

}  // namespace

Predictions LinearModel::predict(const Table& table) const {
  const bool is_softmax = model == fitting::SoftmaxLoss::name;
  const Index columns = is_softmax ? class_coefficients.rows() : coefficients.size();
  if (table.columns() != columns) {
    throw std::invalid_argument("the table has " + std::to_string(table.columns()) + " columns and the model " +
                                std::to_string(columns) +
                                ": read the file with the model's encoding, read(path, model.encoding)");
  }
  Predictions predictions;
  predictions.classes = classes;
  if (is_softmax) {
    predict_classes(product(table, class_coefficients).rowwise() + class_intercepts.transpose(), predictions);
    return predictions;
  }
  Vector margins = product(table, coefficients);
  margins.array() += intercept;
  if (classes.empty()) {
    predictions.values = model == PoissonLoss::name ? Vector(margins.array().exp()) : std::move(margins);
    return predictions;
  }
  if (model == LogisticLoss::name) predictions.probabilities = margins.unaryExpr(&logistic);
  predictions.values = (margins.array() > 0).cast<double>();
  predictions.margins = std::move(margins);
  return predictions;
}

}  // namespace surefoot
