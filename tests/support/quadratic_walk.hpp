/// Walks a rule of the Barzilai–Borwein family down a quadratic ½ Σ curvature_i w_i², with exact s and y: no loop, no
/// opening, no monitor. What a pair tells is computed a second time, by its definition and in long double.
///
///   QuadraticWalk walk{curvatures, w};
///   rule.taken(walk.go(0.1));
///   CHECK(rule.first({}).step == Approx(walk.long_step()));
#pragma once

#include <random>
#include <vector>

#include "surefoot/loop/rule.hpp"

namespace surefoot {

struct QuadraticWalk {
  std::vector<double> curvatures, w;
  long double ss = 0, sy = 0, yy = 0;  // of the last step

  /// One step along −g, and what a rule is told of it.
  Move go(double step) {
    long double gg = 0, loss = 0;
    ss = sy = yy = 0;
    for (std::size_t i = 0; i < w.size(); ++i) {
      const double s = -step * (curvatures[i] * w[i]);
      const long double y = static_cast<long double>(curvatures[i]) * s;
      w[i] += s;
      const long double g = static_cast<long double>(curvatures[i]) * w[i];
      ss += static_cast<long double>(s) * s;
      sy += s * y;
      yy += y * y;
      gg += g * g;
      loss += g * w[i] / 2;
    }
    return {.step = step,
            .displacement = static_cast<double>(std::sqrt(ss)),
            .gradient_change = static_cast<double>(std::sqrt(yy)),
            .cosine = static_cast<double>(sy / std::sqrt(ss) / std::sqrt(yy)),
            .loss = static_cast<double>(loss),
            .gradient_norm = static_cast<double>(std::sqrt(gg))};
  }
  double long_step() const { return static_cast<double>(ss / sy); }
  double short_step() const { return static_cast<double>(sy / yy); }
  double ratio() const { return static_cast<double>((sy / ss) * (sy / yy)); }
  double gradient_norm() const {
    long double gg = 0;
    for (std::size_t i = 0; i < w.size(); ++i) gg += std::pow(static_cast<long double>(curvatures[i]) * w[i], 2);
    return static_cast<double>(std::sqrt(gg));
  }

  /// Curvatures from 1 to `condition`, at random but for the ends, and a random start.
  static QuadraticWalk random(std::mt19937& random, int size, double condition) {
    std::normal_distribution<double> normal;
    std::uniform_real_distribution<double> uniform(0, std::log(condition));
    QuadraticWalk walk;
    for (int i = 0; i < size; ++i) {
      walk.curvatures.push_back(i == 0 ? 1 : i == 1 ? condition : std::exp(uniform(random)));
      walk.w.push_back(normal(random));
    }
    return walk;
  }
  /// The same quadratic with its loss times `loss` and its weights times `weights`.
  QuadraticWalk scaled(double loss, double weights) const {
    QuadraticWalk other = *this;
    for (double& x : other.curvatures) x *= loss / weights / weights;
    for (double& x : other.w) x *= weights;
    return other;
  }
};

/// A pair of |s| = 1 with these two lengths, short <= long.
inline Move pair_of(double long_step, double short_step, double step = 1) {
  const double mean = geometric_mean(long_step, short_step);
  return {.step = step, .displacement = 1, .gradient_change = 1 / mean, .cosine = mean / long_step};
}

}  // namespace surefoot
