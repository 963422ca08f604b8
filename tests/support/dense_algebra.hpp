/// What tests want of Eigen's decompositions, each of which takes seconds to compile: here they are compiled once.
#pragma once

#include "surefoot/vector.hpp"

namespace surefoot::test {

/// The x of A x = b, A symmetric and positive definite.
Vector solution(const Eigen::MatrixXd& A, const Vector& b);

/// Of a symmetric matrix.
double least_eigenvalue(const Eigen::MatrixXd& A);

/// The symmetric matrix of these eigenvalues, along the axes that a QR decomposition makes of `any`.
Eigen::MatrixXd turned(const Vector& eigenvalues, const Eigen::MatrixXd& any);

}  // namespace surefoot::test
