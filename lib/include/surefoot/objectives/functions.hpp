/// Standard test functions with known minima, for trying a strategy before trusting it with a model:
///
///   surefoot::Rosenbrock valley{10};                                // ten unknowns
///   auto result = surefoot::minimize(valley, valley.start());
///   double excess = result.loss - valley.minimum();
///
/// Each has its loss and hand-derived gradient, the start that the literature uses, the minimum and where it lies.
/// "MGH" is Moré, Garbow & Hillstrom (1981), Testing unconstrained optimization software, ACM TOMS 7(1), 17–41.
#pragma once

#include <cmath>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "surefoot/loop/parameters.hpp"
#include "surefoot/vector.hpp"

namespace surefoot {

namespace functions {

/// Throws std::invalid_argument unless the function `name` can be taken at a point of this size.
inline void require_size(std::string_view name, const Vector& w, Eigen::Index size) {
  if (w.size() == size) return;
  throw std::invalid_argument("w has " + std::to_string(w.size()) + " entries: " + std::string(name) + " takes " +
                              std::to_string(size));
}

/// Throws std::invalid_argument unless `size` is a positive multiple of `group`; returns it.
inline Eigen::Index require_groups(std::string_view name, Eigen::Index size, Eigen::Index group) {
  if (size > 0 && size % group == 0) return size;
  throw std::invalid_argument("size = " + std::to_string(size) + " of " + std::string(name) +
                              " is out of range: it must be a positive multiple of " + std::to_string(group));
}

}  // namespace functions

/// ½ Σ curvature_i (w_i − centre_i)²: a bowl whose condition number is largest / smallest curvature. It is what any
/// smooth loss looks like near its minimum, and the one problem on which every strategy's theory is exact.
struct Quadratic {
  Vector curvatures;  // each >= 0
  Vector centre;      // the minimiser

  explicit Quadratic(Vector curvatures_, Vector centre_ = {})
      : curvatures(std::move(curvatures_)), centre(std::move(centre_)) {
    if (centre.size() == 0) centre = Vector::Zero(curvatures.size());
    if (curvatures.size() == 0 || centre.size() != curvatures.size()) {
      throw std::invalid_argument("curvatures has " + std::to_string(curvatures.size()) + " entries and centre has " +
                                  std::to_string(centre.size()) + ": both must be the same number, and at least 1");
    }
    for (double value : curvatures) require(name(), "curvatures", value, Range::at_least(0));
    for (double value : centre) require(name(), "centre", value, Range{});
  }

  /// Curvatures 1 … condition in equal ratios.
  static Quadratic log_spaced(Eigen::Index size, double condition, Vector centre = {}) {
    require(name(), "size", static_cast<double>(size), Range::at_least(1));
    require(name(), "condition", condition, Range::at_least(1));
    Vector curvatures(size);
    for (Eigen::Index i = 0; i < size; ++i) {
      curvatures[i] = size == 1 ? 1 : std::pow(condition, static_cast<double>(i) / static_cast<double>(size - 1));
    }
    return Quadratic(std::move(curvatures), std::move(centre));
  }

  double loss(const Vector& w) const {
    functions::require_size(name(), w, curvatures.size());
    return 0.5 * (curvatures.array() * (w - centre).array().square()).sum();
  }
  double loss(const Vector& w, Vector& gradient) const {
    const double value = loss(w);
    gradient = curvatures.cwiseProduct(w - centre);
    return value;
  }
  void curvature(const Vector& w, Vector& diagonal) const {
    functions::require_size(name(), w, curvatures.size());
    diagonal = curvatures;
  }

  Vector start() const { return (centre.array() + 1).matrix(); }
  double minimum() const { return 0; }
  double lower_bound() const { return 0; }
  const Vector& minimiser() const { return centre; }
  static constexpr std::string_view name() { return "quadratic"; }
};

/// Σ over pairs (a, b) of 100 (b − a²)² + (1 − a)²: a curved valley, flat along its floor and steep across it, so plain
/// gradient descent creeps. One pair is Rosenbrock (1960), An automatic method for finding the greatest or least value
/// of a function, The Computer Journal 3(3), 175–184 (MGH 1); more of them, MGH 21.
struct Rosenbrock {
  Eigen::Index size;  // even

  explicit Rosenbrock(Eigen::Index size_ = 2) : size(functions::require_groups(name(), size_, 2)) {}

  double loss(const Vector& w) const {
    functions::require_size(name(), w, size);
    double sum = 0;
    for (Eigen::Index i = 0; i < size; i += 2) {
      const double a = w[i];
      const double rise = w[i + 1] - a * a;
      sum += 100 * rise * rise + (1 - a) * (1 - a);
    }
    return sum;
  }
  double loss(const Vector& w, Vector& gradient) const {
    functions::require_size(name(), w, size);
    gradient.resize(size);
    double sum = 0;
    for (Eigen::Index i = 0; i < size; i += 2) {
      const double a = w[i];
      const double rise = w[i + 1] - a * a;
      sum += 100 * rise * rise + (1 - a) * (1 - a);
      gradient[i] = -400 * a * rise - 2 * (1 - a);
      gradient[i + 1] = 200 * rise;
    }
    return sum;
  }

  Vector start() const {
    Vector w(size);
    for (Eigen::Index i = 0; i < size; i += 2) w.segment<2>(i) << -1.2, 1;
    return w;
  }
  double minimum() const { return 0; }
  double lower_bound() const { return 0; }
  Vector minimiser() const { return Vector::Ones(size); }
  static constexpr std::string_view name() { return "rosenbrock"; }
};

/// (1.5 − a (1 − b))² + (2.25 − a (1 − b²))² + (2.625 − a (1 − b³))²: a flat floor, walls that rise with the eighth
/// power, and a saddle at (0, 1). Beale (1958), On an iterative method for finding a local minimum of a function of more
/// than one variable, Princeton University, Statistical Techniques Research Group, Technical Report 25 (MGH 5).
struct Beale {
  double loss(const Vector& w) const {
    functions::require_size(name(), w, 2);
    double sum = 0;
    double power = 1;
    for (double target : {1.5, 2.25, 2.625}) {
      power *= w[1];
      const double residual = target - w[0] * (1 - power);
      sum += residual * residual;
    }
    return sum;
  }
  double loss(const Vector& w, Vector& gradient) const {
    functions::require_size(name(), w, 2);
    gradient.setZero(2);
    double sum = 0;
    double lower_power = 1;  // b^(k-1)
    double k = 1;
    for (double target : {1.5, 2.25, 2.625}) {
      const double power = lower_power * w[1];
      const double residual = target - w[0] * (1 - power);
      sum += residual * residual;
      gradient[0] -= 2 * residual * (1 - power);
      gradient[1] += 2 * residual * w[0] * k * lower_power;
      lower_power = power;
      k += 1;
    }
    return sum;
  }

  Vector start() const { return Eigen::Vector2d(1, 1); }
  double minimum() const { return 0; }
  double lower_bound() const { return 0; }
  Vector minimiser() const { return Eigen::Vector2d(3, 0.5); }
  static constexpr std::string_view name() { return "beale"; }
};

/// Σ over groups (a, b, c, d) of (a + 10 b)² + 5 (c − d)² + (b − 2c)⁴ + 10 (a − d)⁴: at the minimiser the Hessian is
/// singular, so Newton's method loses its speed and gradient descent crawls. Powell (1962), An iterative method for
/// finding stationary values of a function of several variables, The Computer Journal 5(2), 147–151 (MGH 13 and 22).
struct PowellSingular {
  Eigen::Index size;  // a multiple of 4

  explicit PowellSingular(Eigen::Index size_ = 4) : size(functions::require_groups(name(), size_, 4)) {}

  double loss(const Vector& w) const {
    functions::require_size(name(), w, size);
    double sum = 0;
    for (Eigen::Index i = 0; i < size; i += 4) sum += group(w, i).loss();
    return sum;
  }
  double loss(const Vector& w, Vector& gradient) const {
    functions::require_size(name(), w, size);
    gradient.resize(size);
    double sum = 0;
    for (Eigen::Index i = 0; i < size; i += 4) {
      const Group at = group(w, i);
      sum += at.loss();
      const double cube_bc = 4 * at.bc * at.bc * at.bc;
      const double cube_ad = 40 * at.ad * at.ad * at.ad;
      gradient[i] = 2 * at.ab + cube_ad;
      gradient[i + 1] = 20 * at.ab + cube_bc;
      gradient[i + 2] = 10 * at.cd - 2 * cube_bc;
      gradient[i + 3] = -10 * at.cd - cube_ad;
    }
    return sum;
  }

  Vector start() const {
    Vector w(size);
    for (Eigen::Index i = 0; i < size; i += 4) w.segment<4>(i) << 3, -1, 0, 1;
    return w;
  }
  double minimum() const { return 0; }
  double lower_bound() const { return 0; }
  Vector minimiser() const { return Vector::Zero(size); }
  static constexpr std::string_view name() { return "powell-singular"; }

 private:
  // What is squared or raised to the fourth power.
  struct Group {
    double ab, cd, bc, ad;
    double loss() const { return ab * ab + 5 * cd * cd + bc * bc * bc * bc + 10 * ad * ad * ad * ad; }
  };
  static Group group(const Vector& w, Eigen::Index i) {
    return {w[i] + 10 * w[i + 1], w[i + 2] - w[i + 3], w[i + 1] - 2 * w[i + 2], w[i] - w[i + 3]};
  }
};

}  // namespace surefoot
