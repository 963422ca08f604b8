// Compiled here, once: Eigen's factorisations take longer to compile than all else that a user of minimize includes.
#include "surefoot/steps/lmsd.hpp"

#include <Eigen/Eigenvalues>
#include <Eigen/QR>
#include <algorithm>
#include <cmath>

namespace surefoot {

Eigen::VectorXd LMSD::ritz_values(const std::vector<Vector>& gradients, const std::vector<double>& steps,
                                  const Vector& last) {
  const auto kept = static_cast<Eigen::Index>(gradients.size());
  for (Eigen::Index m = std::min(kept, last.size()); m > 0; --m) {
    const auto oldest = static_cast<std::size_t>(kept - m);
    Eigen::MatrixXd unit(last.size(), m);
    Eigen::VectorXd length(m);
    for (Eigen::Index j = 0; j < m; ++j) {
      const Vector& gradient = gradients[oldest + static_cast<std::size_t>(j)];
      length[j] = norm(gradient);
      unit.col(j) = gradient / length[j];
    }
    const Eigen::HouseholderQR<Eigen::MatrixXd> qr(unit);
    const Eigen::MatrixXd R = qr.matrixQR().topRows(m).triangularView<Eigen::Upper>();
    if (!(R.diagonal().cwiseAbs().minCoeff() >= dependent)) continue;
    Eigen::VectorXd seen = last;
    seen.applyOnTheLeft(qr.householderQ().adjoint());
    // Column j of [G g] J, divided by |g_j| so that no scale of the gradients matters.
    Eigen::MatrixXd T(m, m);
    for (Eigen::Index j = 0; j < m; ++j) {
      const double t = steps[oldest + static_cast<std::size_t>(j)];
      if (j + 1 < m) {
        T.col(j) = (R.col(j) - R.col(j + 1) * (length[j + 1] / length[j])) / t;
      } else {
        T.col(j) = (R.col(j) - seen.head(m) / length[j]) / t;
      }
    }
    R.triangularView<Eigen::Upper>().solveInPlace<Eigen::OnTheRight>(T);
    if (!T.allFinite()) continue;
    if (m == 1) return T.diagonal();
    // Tridiagonal and symmetric but for rounding, and for a loss that is not quadratic. Of about 1 in size, since
    // Eigen 3.4 compares the square of an entry below the diagonal with entries on it.
    const double size = T.cwiseAbs().maxCoeff();
    if (!(size > 0)) continue;
    const Eigen::VectorXd diagonal = T.diagonal() / size, below = T.diagonal(-1) / size;
    Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver;
    solver.computeFromTridiagonal(diagonal, below, Eigen::EigenvaluesOnly);
    if (solver.info() == Eigen::Success) return solver.eigenvalues() * size;
  }
  return {};
}

}  // namespace surefoot
