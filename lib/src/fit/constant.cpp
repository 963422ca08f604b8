#include "fit/constant.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace surefoot::fitting {
namespace {

/// The value below which rows of `share` of the weight lie.
double quantile(const Vector& y, const Vector& weights, double share) {
  std::vector<double> values(y.begin(), y.end());
  if (weights.size() == 0) {
    const auto at = values.begin() +
                    std::min<std::ptrdiff_t>(std::ssize(values) - 1,
                                             static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size())));
    std::nth_element(values.begin(), at, values.end());
    return *at;
  }
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](auto a, auto b) { return values[a] < values[b]; });
  double below = 0;
  const double goal = share * weights.sum();
  for (const std::size_t i : order) {
    below += weights[static_cast<Index>(i)];
    if (below >= goal) return values[i];
  }
  return values[order.back()];
}

/// To its last digits: a sum over many rows loses some, which the mean of what is left gives back.
double mean(const Vector& y, const Vector& weights) {
  const auto rough = [&weights](const auto& of) {
    return weights.size() == 0 ? of.mean() : weights.dot(of.matrix()) / weights.sum();
  };
  const double first = rough(y), left = rough(y.array() - first);
  return std::isfinite(left) ? first + left : first;
}

/// log(share / (1 − share)), also where there is one class only.
double log_odds(double share) {
  share = std::clamp(share, 1e-6, 1 - 1e-6);
  return std::log(share / (1 - share));
}

double constant_of(const LeastSquaresLoss&, const Vector& y, const Vector& weights) { return mean(y, weights); }
double constant_of(const HuberLoss&, const Vector& y, const Vector& weights) { return quantile(y, weights, 0.5); }
double constant_of(const QuantileLoss& loss, const Vector& y, const Vector& weights) {
  return quantile(y, weights, loss.level);
}
double constant_of(const LogisticLoss&, const Vector& y, const Vector& weights) { return log_odds(mean(y, weights)); }
double constant_of(const PoissonLoss&, const Vector& y, const Vector& weights) {
  return std::log(std::max(mean(y, weights), 1e-6));
}
// The minimum of p (1 − b)² + (1 − p) (1 + b)².
double constant_of(const SquaredHingeLoss&, const Vector& y, const Vector& weights) { return 2 * mean(y, weights) - 1; }

/// Between the rows that tell of all.
Index stride_of(const Problem& problem) {
  constexpr Index looked_at = 256;
  return std::max<Index>(1, problem.y.size() / looked_at);
}

/// What rounding the margin does to a row's slope, in units: it is known to its last digit. Of Poisson's the difference of a
/// mean (its curvature) and a count has the last digits of those too.
template <class Loss>
double units_of_margin(const Terms<double>& there, double margin) {
  return there.curvature * (std::abs(margin) + (std::is_same_v<Loss, PoissonLoss> ? 2 : 0));
}

/// The largest entry of a row as it is fitted: about 1 where the columns are scaled. Of others the mean by some rows, but no
/// more than 1, for the intercept.
double typical_entry(const Problem& problem) {
  if (problem.linear.scale.size() > 0) return 1;
  const Index stride = stride_of(problem);
  double sum = 0, count = 0;
  std::visit(
      [&](const auto* x) {
        for (Index i = 0; i < x->rows(); i += stride, ++count) sum += max_norm(Vector(x->row(i)));
      },
      problem.x);
  return sum > 0 ? std::min(1.0, sum / count) : 1;
}

}  // namespace

Vector best_constant(const Problem& problem) {
  Vector constants = Vector::Zero(problem.classes);
  const Vector& weights = problem.linear.row_weights;
  std::visit(
      [&]<class Loss>(const Loss& loss) {
        if constexpr (is_softmax<Loss>) {
          Vector counts = Vector::Zero(problem.classes);
          for (Index i = 0; i < problem.y.size(); ++i) {
            counts[static_cast<Index>(problem.y[i])] += weights.size() == 0 ? 1 : weights[i];
          }
          constants = (counts / counts.sum()).cwiseMax(1e-6).array().log();
        } else {
          constants[0] = constant_of(loss, problem.y, weights);
        }
      },
      problem.loss);
  return constants;
}

AtConstant at_constant(const Problem& problem) {
  const Index rows = problem.y.size();
  const Vector& weights = problem.linear.row_weights;
  AtConstant found{.slopes = Vector(rows)};
  const double intercept = problem.intercept ? best_constant(problem)[0] : 0;
  const Vector margins = Vector::Constant(std::min<Index>(rows, 1024), intercept);
  std::visit(
      [&]<class Loss>(const Loss& loss) {
        if constexpr (!is_softmax<Loss>) {
          const auto terms = passes::loss_kernels<Loss>().terms;
          for (Index first = 0; first < rows; first += margins.size()) {
            const Index count = std::min(margins.size(), rows - first);
            found.loss += terms(loss, {margins.data(), problem.y.data() + first,
                                       weights.size() > 0 ? weights.data() + first : nullptr, count,
                                       found.slopes.data() + first, nullptr})
                              .value;
          }
        }
      },
      problem.loss);
  found.loss /= weights.size() > 0 ? weights.sum() : static_cast<double>(rows);
  return found;
}

double curvature_at(double constant, const Problem& problem) {
  const Index stride = stride_of(problem);
  double sum = 0, count = 0;
  std::visit(
      [&]<class Loss>(const Loss& loss) {
        if constexpr (!is_softmax<Loss>) {
          for (Index i = 0; i < problem.y.size(); i += stride, ++count) {
            sum += loss.at(constant, problem.y[i]).curvature;
          }
        }
      },
      problem.loss);
  const double mean = sum / count;
  return mean > 0 && std::isfinite(mean) ? mean : 1;
}

double gradient_rounding(const Vector& constant, const Problem& problem) {
  const double margin = problem.intercept ? constant.tail<1>()[0] : 0;
  const Vector& weights = problem.linear.row_weights;
  const Index stride = stride_of(problem);
  double slopes = 0, units = 0, weight = 0;
  std::visit(
      [&]<class Loss>(const Loss& loss) {
        for (Index i = 0; i < problem.y.size(); i += stride) {
          const double counts = weights.size() > 0 ? weights[i] : 1;
          weight += counts;
          if constexpr (is_softmax<Loss>) {
            slopes += counts;  // a share minus 0 or 1
          } else {
            const auto there = loss.at(margin, problem.y[i]);
            slopes += counts * std::abs(there.slope);
            units += counts * units_of_margin<Loss>(there, margin);
          }
        }
      },
      problem.loss);
  // The error of a sum grows with the root of its terms, as a rule by no more than a small multiple (Higham & Mary, 2019);
  // of 600,000 rows in the order of their classes it was 0.4 of this.
  const double of_sum = 8 * std::sqrt(static_cast<double>(problem.y.size()));
  const double found = epsilon * typical_entry(problem) * (of_sum * slopes + units) / weight;
  return std::isfinite(found) ? found : 0;
}

}  // namespace surefoot::fitting
