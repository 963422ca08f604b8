/// What a loss may use in its `at`, so that one source computes on double, one row at a time, and on packs of doubles,
/// as many rows as the machine has lanes for:
///
///   constants Real(0.5); + − * / between two Real or a double and a Real; unary −; comparisons of two Real, whose
///   answer (bool for a double, a mask for a pack) goes into `select`, or into & and | with another; and the functions
///   of this page.
///
/// A loss names them unqualified, after a using-declaration: on a double these versions are meant, on a pack the ones
/// that argument-dependent lookup finds beside the pack. No `if`, no ?:, nothing of std: the lanes of a pack go one way.
#pragma once

#include <cmath>

namespace surefoot::real {

/// `yes` where the condition holds, else `no`. Both have been computed by then: neither may trap, either may be Inf or
/// NaN where it is not chosen.
inline double select(bool condition, double yes, double no) { return condition ? yes : no; }

inline double exp(double x) { return std::exp(x); }

/// log(1 + u) for u in [0, 1], with all digits of a small u; NaN of NaN. Elsewhere a pack may answer anything.
inline double log1p_unit(double u) { return std::log1p(u); }

inline double abs(double x) { return std::abs(x); }

/// The smaller, the larger. Where either is NaN, or both are equal, the answer is b, as the machine's own instructions
/// have it: min(limit, x) keeps a NaN of x, min(x, limit) hides it.
inline double min(double a, double b) { return a < b ? a : b; }
inline double max(double a, double b) { return a > b ? a : b; }

template <class Real>
Real square(const Real& x) {
  return x * x;
}

/// `value`, or z itself where that is NaN: for what is constant in z, so that a margin that is nowhere has no curvature.
template <class Real>
Real unless_nan(const Real& z, const Real& value) {
  return select(z == z, value, z);
}

}  // namespace surefoot::real
