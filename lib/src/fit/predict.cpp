// What a trained model says of a table.
#include <stdexcept>

#include "fit/margins.hpp"
#include "fit/models.hpp"
#include "surefoot/objectives/row_blocks.hpp"

namespace surefoot {

using Index = Eigen::Index;

namespace fitting {

void margins_of_rows(const LinearModel& model, const Table& table, Index first, Index count, Eigen::MatrixXd& margins) {
  const Index classes = model.class_coefficients.cols();
  margins.resize(count, std::max<Index>(classes, 1));
  std::visit(
      [&](const auto& x) {
        if (classes == 0) {
          multiply_rows(x, first, count, model.coefficients.data(), model.intercept, margins.data());
        }
        for (Index k = 0; k < classes; ++k) {
          multiply_rows(x, first, count, model.class_coefficients.col(k).data(), model.class_intercepts[k],
                        margins.col(k).data(), {.fetch = false});
        }
      },
      table.x);
}

}  // namespace fitting

namespace {

double logistic(double margin) {
  const double u = std::exp(-std::abs(margin));
  return margin >= 0 ? 1 / (1 + u) : u / (1 + u);
}

void predict_classes(Eigen::MatrixXd margins, Predictions& predictions) {
  predictions.values.resize(margins.rows());
  for (Index i = 0; i < margins.rows(); ++i) {
    const Index own = fitting::class_of(margins.row(i));
    predictions.values[i] = static_cast<double>(own);
    margins.row(i) = (margins.row(i).array() - margins(i, own)).exp();
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
  Eigen::MatrixXd of_rows;
  fitting::margins_of_rows(*this, table, 0, table.rows(), of_rows);
  if (is_softmax) {
    predict_classes(std::move(of_rows), predictions);
    return predictions;
  }
  Vector margins = of_rows.col(0);
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
