#include <cmath>
#include <iostream>
#include <surefoot/surefoot.hpp>

int main() {
  auto bowl = [](const Eigen::VectorXd& w, Eigen::VectorXd& gradient) {
    gradient = 2.0 * (w.array() - 3.0).matrix();
    return (w.array() - 3.0).square().sum();
  };
  auto result = surefoot::minimize(bowl, Eigen::VectorXd::Zero(4));
  std::cout << "surefoot " << surefoot::version << ": " << result.reason << '\n';
  return std::abs(result.w.sum() - 12.0) < 1e-6 ? 0 : 1;
}
