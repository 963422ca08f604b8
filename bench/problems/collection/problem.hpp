/// A smooth problem as the benchmark sees it: a name, a start, and one function for loss and gradient.
///
///   for (const surefoot::problems::Problem& problem : surefoot::problems::collection()) {
///     surefoot::Vector gradient(problem.start.size());
///     const double first = problem.evaluate(problem.start, gradient);
///   }
#pragma once

#include <cmath>
#include <cstdint>
#include <functional>
#include <numbers>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "surefoot/loop/numbers.hpp"
#include "surefoot/vector.hpp"

namespace surefoot::problems {

using Index = Eigen::Index;

/// Loss at w; fills `gradient`, which has w's size already. NaN or Inf where the loss is undefined.
using Evaluate = std::function<double(const Vector& w, Vector& gradient)>;

struct Problem {
  std::string name;
  std::string group;
  Vector start;
  Evaluate evaluate;
  double minimum = not_a_number;  // the lowest loss; NaN: not known in closed form
  bool several_minima = false;    // a descent may rightly end in another than the lowest

  bool is_apart() const { return group.starts_with("apart"); }

  double loss(const Vector& w, Vector& gradient) const {
    gradient.resize(w.size());
    return evaluate(w, gradient);
  }
  double start_loss() const {
    Vector gradient(start.size());
    return evaluate(start, gradient);
  }
};

using Problems = std::vector<Problem>;

inline double real(Index i) { return static_cast<double>(i); }

/// Random numbers that are the same on every platform; the standard's distributions are not.
class Draws {
 public:
  explicit Draws(std::uint64_t seed) : engine_(seed) {}

  /// In (0, 1).
  double uniform() { return (static_cast<double>(engine_() >> 11) + 0.5) / 9007199254740992.0; }
  double normal() {
    const double radius = std::sqrt(-2 * std::log(uniform()));  // Box & Muller (1958)
    return radius * std::cos(2 * std::numbers::pi * uniform());
  }

  Vector normals(Index size) {
    Vector v(size);
    for (double& entry : v) entry = normal();
    return v;
  }
  Vector uniforms(Index size, double from, double to) {
    Vector v(size);
    for (double& entry : v) entry = from + (to - from) * uniform();
    return v;
  }
  DenseMatrix normals(Index rows, Index columns) {
    DenseMatrix m(rows, columns);
    for (Index i = 0; i < rows; ++i) {
      for (Index j = 0; j < columns; ++j) m(i, j) = normal();
    }
    return m;
  }

 private:
  std::mt19937_64 engine_;
};

/// From `first` to `last` in equal ratios.
inline Vector log_spaced(Index size, double first, double last) {
  return Vector::NullaryExpr(size, [=](Index i) { return first * std::pow(last / first, real(i) / real(size - 1)); });
}

inline double softplus(double margin) { return std::max(margin, 0.0) + std::log1p(std::exp(-std::abs(margin))); }
inline double sigmoid(double margin) { return 1 / (1 + std::exp(-margin)); }

}  // namespace surefoot::problems
