/// Group "quadratics": half of Σ λ_i (Q (w − c))_i², where Q is three Householder reflections, so that no axis is an
/// eigenvector and a call still costs O(n).
#pragma once

#include <algorithm>
#include <array>

#include "problem.hpp"

namespace surefoot::problems {

namespace spectra {

inline Vector log(Index n, double condition) { return log_spaced(n, 1, condition); }
inline Vector uniform(Index n, double condition) { return Vector::LinSpaced(n, 1, condition); }
/// Five clusters, each a thousandth wide.
inline Vector clustered(Index n, double condition) {
  return Vector::NullaryExpr(n, [=](Index i) {
    const double centre = std::pow(condition, real(i * 5 / n) / 4);
    return centre * (1 + 1e-3 * real(i % 17) / 17);
  });
}
/// All within [1, 2] but five that rise to the condition number.
inline Vector outlying(Index n, double condition) {
  return Vector::NullaryExpr(
      n, [=](Index i) { return i < n - 5 ? 1 + real(i) / real(n - 6) : std::pow(condition, real(i - n + 6) / 5); });
}
/// (i/n)^-p: a few large, most small.
inline Vector power(Index n, double condition) {
  const double exponent = std::log(condition) / std::log(real(n));
  return Vector::NullaryExpr(n, [=](Index i) { return condition * std::pow(real(i + 1), -exponent); });
}

}  // namespace spectra

class RotatedQuadratic {
 public:
  RotatedQuadratic(Vector eigenvalues, Vector centre, Draws& draws)
      : eigenvalues_(std::move(eigenvalues)), centre_(std::move(centre)) {
    for (Vector& mirror : mirrors_) mirror = draws.normals(centre_.size()).normalized();
  }

  double operator()(const Vector& w, Vector& gradient) const {
    Vector turned = w - centre_;
    for (const Vector& mirror : mirrors_) turned -= 2 * mirror.dot(turned) * mirror;
    gradient = eigenvalues_.cwiseProduct(turned);
    const double loss = turned.dot(gradient) / 2;
    for (auto mirror = mirrors_.rbegin(); mirror != mirrors_.rend(); ++mirror) {
      gradient -= 2 * mirror->dot(gradient) * *mirror;
    }
    return loss;
  }

 private:
  Vector eigenvalues_, centre_;
  std::array<Vector, 3> mirrors_{};
};

inline Problems quadratics() {
  struct Kind {
    const char* name;
    Vector (*spectrum)(Index, double);
    Index size;
    double condition;
  };
  const Kind kinds[] = {
      {"log", spectra::log, 50, 1e2},
      {"log", spectra::log, 50, 1e4},
      {"log", spectra::log, 100, 1e6},
      {"log", spectra::log, 200, 1e8},
      {"log", spectra::log, 500, 1e4},
      {"log", spectra::log, 500, 1e8},
      {"uniform", spectra::uniform, 50, 1e4},
      {"uniform", spectra::uniform, 200, 1e6},
      {"uniform", spectra::uniform, 500, 1e3},
      {"clustered", spectra::clustered, 100, 1e4},
      {"clustered", spectra::clustered, 200, 1e6},
      {"clustered", spectra::clustered, 500, 1e8},
      {"outlying", spectra::outlying, 100, 1e4},
      {"outlying", spectra::outlying, 500, 1e6},
      {"power", spectra::power, 50, 1e3},
      {"power", spectra::power, 200, 1e6},
      {"power", spectra::power, 500, 1e8},
  };
  Problems problems;
  std::uint64_t seed = 100;
  for (const Kind& kind : kinds) {
    Draws draws(++seed);
    const Vector start = draws.normals(kind.size), centre = draws.normals(kind.size);
    const int decades = static_cast<int>(std::lround(std::log10(kind.condition)));
    problems.push_back({.name = std::string("quadratic ") + kind.name + " " + std::to_string(kind.size) + " 1e" +
                                std::to_string(decades),
                        .group = "quadratics",
                        .start = start,
                        .evaluate = RotatedQuadratic(kind.spectrum(kind.size, kind.condition), centre, draws),
                        .minimum = 0});
  }
  return problems;
}

}  // namespace surefoot::problems
