/// The vector and matrix types that every other header speaks of, and norms that neither over- nor underflow.
#pragma once

#include <Eigen/Core>
#include <Eigen/SparseCore>
#include <cmath>

namespace surefoot {

using Vector = Eigen::VectorXd;
/// Rows lie one after the other, as a pass over a table reads them.
using DenseMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
/// Compressed sparse rows (CSR).
using SparseMatrix = Eigen::SparseMatrix<double, Eigen::RowMajor>;

/// A sum of squares in this window lost nothing to over- or underflow.
inline bool well_scaled(double square) { return square > 1e-270 && square < 1e270; }

/// |v|, exact to rounding for any entries up to 1e308. NaN where an entry is; one read of v in all usual cases.
template <class Derived>
double norm(const Eigen::MatrixBase<Derived>& v) {
  const double square = v.squaredNorm();
  if (well_scaled(square)) return std::sqrt(square);
  if (std::isnan(square) || v.size() == 0) return square;
  const double largest = v.cwiseAbs().maxCoeff();
  if (!(largest > 0) || std::isinf(largest)) return largest;
  const double scale = std::ldexp(1.0, std::min(1000, -std::ilogb(largest)));  // 2^1074 would be Inf
  return std::sqrt((v * scale).squaredNorm()) / scale;
}

/// |v|∞.
template <class Derived>
double max_norm(const Eigen::MatrixBase<Derived>& v) {
  return v.size() == 0 ? 0 : v.cwiseAbs().maxCoeff();
}

/// The cosine between a and b, whose norms are known; 0 where one of them is.
template <class A, class B>
double cosine(const Eigen::MatrixBase<A>& a, const Eigen::MatrixBase<B>& b, double a_norm, double b_norm) {
  if (!(a_norm > 0) || !(b_norm > 0)) return 0;
  if (well_scaled(a_norm * b_norm) && well_scaled(a_norm * a_norm) && well_scaled(b_norm * b_norm)) {
    return a.dot(b) / (a_norm * b_norm);
  }
  // Powers of two are exact: the same bits as above for any scale of a and b.
  const double a_scale = std::ldexp(1.0, std::min(1000, -std::ilogb(a_norm))),
               b_scale = std::ldexp(1.0, std::min(1000, -std::ilogb(b_norm)));
  return (a * a_scale).dot(b * b_scale) / ((a_norm * a_scale) * (b_norm * b_scale));
}

}  // namespace surefoot
