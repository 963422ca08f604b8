#include "fit/start.hpp"

#include <stdexcept>

#include "specification.hpp"

namespace surefoot::fitting {
namespace {

using Index = Eigen::Index;

[[noreturn]] void refuse(const std::string& why) { throw std::invalid_argument("the model to start from " + why); }

void check(const LinearModel& model, const Table& table, const Target& target) {
  if (model.model != target.model.name()) {
    refuse("is of the kind " + model.model + ", and the fit of the kind " + target.model.name());
  }
  const auto& theirs = model.encoding.features;
  const auto& ours = table.encoding.features;
  for (std::size_t j = 0; j < std::min(theirs.size(), ours.size()); ++j) {
    if (theirs[j].name == ours[j].name) continue;
    refuse("has other columns: its column " + std::to_string(j + 1) + " is '" + theirs[j].name + "', the table's '" +
           ours[j].name + "'");
  }
  if (theirs.size() != ours.size()) {
    refuse("has " + std::to_string(theirs.size()) + " columns, and the table " + std::to_string(ours.size()));
  }
  if (model.classes != target.classes) {
    refuse("has the classes " + joined(model.classes) + ", and the target " + joined(target.classes));
  }
}

bool is_softmax_model(const LinearModel& model) { return model.model == SoftmaxLoss::name; }

/// The coefficients as a matrix, a column for each margin that a row has.
Eigen::MatrixXd coefficients_of(const LinearModel& model) {
  return is_softmax_model(model) ? model.class_coefficients : Eigen::MatrixXd(model.coefficients);
}
Vector intercepts_of(const LinearModel& model) {
  return is_softmax_model(model) ? model.class_intercepts : Vector(Vector::Constant(1, model.intercept));
}

}  // namespace

Vector weights_of(const LinearModel& model, const Table& table, const Target& target, const Columns& columns,
                  bool intercept) {
  check(model, table, target);
  Eigen::MatrixXd weights = coefficients_of(model);
  Vector intercepts = intercepts_of(model);
  if (columns.centre.size() > 0) intercepts += weights.transpose() * columns.centre;
  for (Index j = 0; j < columns.scale.size(); ++j) {
    // A column that is all zeros in the fit has no weight there.
    weights.row(j) *= std::isfinite(columns.scale[j]) ? columns.scale[j] : 0;
  }
  Vector all(weights.size() + (intercept ? intercepts.size() : 0));
  all.head(weights.size()) = weights.reshaped();
  if (intercept) all.tail(intercepts.size()) = intercepts;
  return all;
}

void set_coefficients(const Vector& weights, const Columns& columns, bool intercept, LinearModel& model) {
  const Index margins = is_softmax_model(model) ? static_cast<Index>(model.classes.size()) : 1;
  const Index d = (weights.size() - (intercept ? margins : 0)) / margins;
  Eigen::MatrixXd coefficients = weights.head(d * margins).reshaped(d, margins);
  Vector intercepts = intercept ? Vector(weights.tail(margins)) : Vector(Vector::Zero(margins));
  if (columns.scale.size() > 0) coefficients.array().colwise() /= columns.scale.array();
  if (columns.centre.size() > 0) intercepts -= coefficients.transpose() * columns.centre;
  if (is_softmax_model(model)) {
    model.class_coefficients = std::move(coefficients);
    model.class_intercepts = std::move(intercepts);
  } else {
    model.coefficients = coefficients.col(0);
    model.intercept = intercepts[0];
  }
}

}  // namespace surefoot::fitting
