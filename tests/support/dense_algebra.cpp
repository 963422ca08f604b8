#include "support/dense_algebra.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <Eigen/QR>

namespace surefoot::test {

Vector solution(const Eigen::MatrixXd& A, const Vector& b) { return A.ldlt().solve(b); }

double least_eigenvalue(const Eigen::MatrixXd& A) {
  return Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(A, Eigen::EigenvaluesOnly).eigenvalues().minCoeff();
}

Eigen::MatrixXd turned(const Vector& eigenvalues, const Eigen::MatrixXd& any) {
  const Eigen::MatrixXd axes = Eigen::HouseholderQR<Eigen::MatrixXd>(any).householderQ();
  return axes * eigenvalues.asDiagonal() * axes.transpose();
}

}  // namespace surefoot::test
