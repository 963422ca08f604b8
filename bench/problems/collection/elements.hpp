/// A loss written as a sum of terms that each read a few unknowns. A term is written once, as a function of dual numbers
/// (Clifford 1873), which carry the derivatives along:
///
///   Sum valley;
///   valley.add<2>(n - 1, [](Index i) { return std::array{i, i + 1}; },
///                 [](Index, const auto& x) { return 100.0 * square(x[1] - square(x[0])) + square(1.0 - x[0]); });
///   Problem problem{.name = "chained valley", .group = "apart-sums", .start = start, .evaluate = valley};
#pragma once

#include <array>
#include <memory>

#include "problem.hpp"

namespace surefoot::problems {

template <int K>
struct Dual {
  double value = 0;
  Eigen::Array<double, K, 1> slope = Eigen::Array<double, K, 1>::Zero();

  Dual() = default;
  Dual(double value_, const Eigen::Array<double, K, 1>& slope_) : value(value_), slope(slope_) {}

  /// f(this), from f and f' at the value.
  Dual through(double f, double derivative) const { return {f, derivative * slope}; }

  friend Dual operator-(const Dual& a) { return {-a.value, -a.slope}; }
  friend Dual operator+(const Dual& a, const Dual& b) { return {a.value + b.value, a.slope + b.slope}; }
  friend Dual operator-(const Dual& a, const Dual& b) { return {a.value - b.value, a.slope - b.slope}; }
  friend Dual operator*(const Dual& a, const Dual& b) {
    return {a.value * b.value, a.value * b.slope + b.value * a.slope};
  }
  friend Dual operator/(const Dual& a, const Dual& b) {
    const double quotient = a.value / b.value;
    return {quotient, (a.slope - quotient * b.slope) / b.value};
  }
  friend Dual operator+(const Dual& a, double b) { return {a.value + b, a.slope}; }
  friend Dual operator+(double a, const Dual& b) { return b + a; }
  friend Dual operator-(const Dual& a, double b) { return {a.value - b, a.slope}; }
  friend Dual operator-(double a, const Dual& b) { return {a - b.value, -b.slope}; }
  friend Dual operator*(double a, const Dual& b) { return {a * b.value, a * b.slope}; }
  friend Dual operator/(double a, const Dual& b) { return b.through(a / b.value, -a / (b.value * b.value)); }
  friend Dual operator/(const Dual& a, double b) { return {a.value / b, a.slope / b}; }

  friend Dual square(const Dual& a) { return a.through(a.value * a.value, 2 * a.value); }
  friend Dual cube(const Dual& a) { return a.through(a.value * a.value * a.value, 3 * a.value * a.value); }
  friend Dual fourth(const Dual& a) { return square(square(a)); }
  friend Dual exp(const Dual& a) { return a.through(std::exp(a.value), std::exp(a.value)); }
  friend Dual log(const Dual& a) { return a.through(std::log(a.value), 1 / a.value); }
  friend Dual sin(const Dual& a) { return a.through(std::sin(a.value), std::cos(a.value)); }
  friend Dual cos(const Dual& a) { return a.through(std::cos(a.value), -std::sin(a.value)); }
  friend Dual tan(const Dual& a) {
    const double t = std::tan(a.value);
    return a.through(t, 1 + t * t);
  }
  friend Dual sqrt(const Dual& a) {
    const double root = std::sqrt(a.value);
    return a.through(root, 0.5 / root);
  }
};

/// A loss that is built up term by term; copies share the terms.
class Sum {
 public:
  explicit Sum(double constant = 0) : constant_(constant) {}

  /// `count` terms: `where(i)` gives the K unknowns that term i reads, `term(i, x)` its value at them.
  template <int K, class Where, class Term>
  Sum& add(Index count, Where where, Term term) {
    terms_->push_back([=](const Vector& w, Vector& gradient) {
      double sum = 0;
      std::array<Dual<K>, K> x;
      for (std::size_t k = 0; k < K; ++k) x[k].slope[static_cast<Index>(k)] = 1;
      for (Index i = 0; i < count; ++i) {
        const std::array<Index, K> at = where(i);
        for (std::size_t k = 0; k < K; ++k) x[k].value = w[at[k]];
        const Dual<K> value = term(i, x);
        sum += value.value;
        for (std::size_t k = 0; k < K; ++k) gradient[at[k]] += value.slope[static_cast<Index>(k)];
      }
      return sum;
    });
    return *this;
  }

  double operator()(const Vector& w, Vector& gradient) const {
    gradient.setZero();
    double sum = constant_;
    for (const Evaluate& term : *terms_) sum += term(w, gradient);
    return sum;
  }

 private:
  double constant_;
  std::shared_ptr<std::vector<Evaluate>> terms_ = std::make_shared<std::vector<Evaluate>>();
};

// What `where` mostly is.
inline std::array<Index, 1> self(Index i) { return {i}; }
inline std::array<Index, 2> with_next(Index i) { return {i, i + 1}; }
inline std::array<Index, 3> with_next_two(Index i) { return {i, i + 1, i + 2}; }

}  // namespace surefoot::problems
