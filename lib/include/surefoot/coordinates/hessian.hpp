/// What metrics of the Hessian share: a first one from a sample of the rows, and when a fresh one pays.
///
///   sampled_hessian(objective, sample, w, H);
///   if (pace.pays(decrement, accuracy, cost)) { objective.hessian(w, H); pace.refreshed(); }
#pragma once

#include <array>

#include "surefoot/coordinates/diagonal.hpp"
#include "surefoot/loop/numbers.hpp"

namespace surefoot {

/// `void hessian(w, H)`: the upper triangle of the Hessian at w.
template <class O>
concept HasHessian = requires(O& objective, const Vector& w, Eigen::MatrixXd& to) {
  objective.hessian(w, to);
};

/// What to descend in: an objective's `void metric(w, M)` where it has one beside its Hessian (the losses of linear models that are
/// flat in parts do), else that.
template <HasHessian O>
void find_metric(O& objective, const Vector& w, Eigen::MatrixXd& to) {
  if constexpr (requires { objective.metric(w, to); }) {
    objective.metric(w, to);
  } else {
    objective.hessian(w, to);
  }
}

/// A sample's Hessian gets the diagonal of all rows: it is scaled down where the sample has too much of a column, lifted
/// where it has too little (rare columns may hardly be in the sample at all).
inline void put_right(const Vector& diagonal_of_all, Eigen::MatrixXd& of_sample) {
  Vector scale(of_sample.rows());
  for (Eigen::Index j = 0; j < of_sample.rows(); ++j) {
    const double ours = of_sample(j, j);
    scale[j] = ours > diagonal_of_all[j] ? std::sqrt(diagonal_of_all[j] / ours) : 1;
  }
  of_sample = scale.asDiagonal() * of_sample * scale.asDiagonal();
  of_sample.diagonal() = of_sample.diagonal().cwiseMax(diagonal_of_all);
}

/// Off its diagonal the Hessian of so many rows counts 1/(1 + columns/rows): what it says of pairs is partly chance.
inline void discount_pairs(Eigen::Index rows, Eigen::MatrixXd& of_sample) {
  const double shrink = 1 / (1 + static_cast<double>(of_sample.rows()) / static_cast<double>(rows));
  const Vector diagonal = of_sample.diagonal();
  of_sample *= shrink;
  of_sample.diagonal() = diagonal;
}

/// The sample's Hessian as a metric for all rows: with their diagonal, the rest of it discounted. The upper triangle is
/// meaningful.
template <class ObjectiveType, HasHessian Source>
void sampled_hessian(ObjectiveType& objective, Source& sample, const Vector& w, Eigen::MatrixXd& to) {
  find_metric(sample, w, to);
  if constexpr (requires { static_cast<double>(sample.rows()); }) {
    discount_pairs(static_cast<Eigen::Index>(sample.rows()), to);
  }
  if constexpr (HasCurvature<ObjectiveType>) {
    Vector of_all(to.rows());
    objective.curvature(w, of_all);
    put_right(of_all, to);
  }
}

/// How fast the decrement falls (what the model of an iteration promises to lower the loss by), and whether that is too
/// slow.
class Pace {
 public:
  /// Would what is left, at the pace of the last three iterations, cost more than a fresh Hessian and the few iterations
  /// after it? Asked once an iteration. `accuracy`: by how much the gradient is to fall in all; `cost`: of a fresh Hessian,
  /// in passes.
  bool pays(double decrement, double accuracy, double cost) {
    // Near the minimum a Hessian lasts, so the second is worth more than the first. Where several did not help none will.
    const double price = refreshes_ == 0 ? cost + 4 : std::ldexp(cost / 2 + 2, refreshes_ - 1);
    return pays_at(decrement, accuracy, [price](double) { return price; });
  }
  /// The same at a price of one's own, iterations after it included: price(by how much the decrement's logarithm has yet to
  /// fall), Inf where it is not for sale.
  template <class Price>
  bool pays_at(double decrement, double accuracy, Price&& price) {
    if (std::isnan(first_decrement_)) first_decrement_ = decrement;
    const double three_ago = decrements_[0];
    decrements_ = {decrements_[1], decrements_[2], decrement};
    const double goal = accuracy * accuracy * first_decrement_;
    if (!(three_ago > 0) || !(decrement > goal)) return false;
    const double pace = std::log(three_ago / decrement) / 3, left = std::log(decrement / goal);
    const double cost = price(left);
    return std::isfinite(cost) && !(left < pace * cost);  // at no pace at all any finite price is worth paying
  }

  void refreshed() {
    decrements_.fill(not_a_number);
    ++refreshes_;
  }

  /// Fresh Hessians since the start.
  int refreshes() const { return refreshes_; }

 private:
  std::array<double, 3> decrements_{not_a_number, not_a_number, not_a_number};
  double first_decrement_ = not_a_number;
  int refreshes_ = 0;
};

}  // namespace surefoot
