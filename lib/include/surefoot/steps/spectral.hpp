/// What the Barzilai–Borwein family shares: the two step lengths that a pair s, y tells, and what to do without them.
///
///   const Spectral seen = spectral(move);
///   state.step = within_reach(seen.long_step, move);
#pragma once

#include "surefoot/loop/rule.hpp"

namespace surefoot {

/// The lengths of the last pair: t I is the best multiple of the identity for the inverse curvature, in two senses.
/// On a quadratic both are averages of the inverse curvatures, so they lie between the smallest and the largest.
struct Spectral {
  double long_step = 0;   // s·s / s·y
  double short_step = 0;  // s·y / y·y, at most the long one
  double ratio = 1;       // short / long = cos²(s, y), from the cosine: the lengths themselves may over- or underflow
  bool curved = false;    // false: the pair shows no positive curvature, and both lengths are a substitute
};

/// Where nothing changed there is no curvature to be seen: four times the step. Where s·y <= 0 (negative curvature)
/// |s|/|y|, the geometric mean of the two lengths but for their sign (Burdakov, Dai & Huang 2019).
inline Spectral spectral(const Move& move) {
  if (!(move.gradient_change > 0 && move.displacement > 0)) return {4 * move.step, 4 * move.step};
  const double mean = move.displacement / move.gradient_change;
  if (!(move.cosine > 0)) return {mean, mean};
  return {mean / move.cosine, mean * move.cosine, move.cosine * move.cosine, true};
}

/// At most 1e10 times longer or shorter than the step just taken: a limit that knows no scale.
inline double within_reach(double step, const Move& move) {
  return std::clamp(step, 1e-10 * move.step, 1e10 * move.step);
}

}  // namespace surefoot
