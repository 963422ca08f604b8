/// The margins of a trained model.
#pragma once

#include "surefoot/fit.hpp"

namespace surefoot::fitting {

/// x·w + b of `count` rows from `first` on, a row each; of softmax a column for each class, else one. `margins` is resized.
void margins_of_rows(const LinearModel& model, const Table& table, Eigen::Index first, Eigen::Index count,
                     Eigen::MatrixXd& margins);

/// Which class the margins of a row speak for.
template <class Margins>
Eigen::Index class_of(const Margins& margins) {
  Eigen::Index largest = 0;
  if (margins.size() == 1) return margins[0] > 0 ? 1 : 0;
  margins.maxCoeff(&largest);
  return largest;
}

}  // namespace surefoot::fitting
