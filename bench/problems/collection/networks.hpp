/// Group "networks": half the mean square error of v·tanh(W x + b) + c plus decay/2 |weights|², which gives every valley
/// a bottom. They have many minima: which one a method finds is chance.
#pragma once

#include "problem.hpp"

namespace surefoot::problems {

class TanhNetwork {
 public:
  TanhNetwork(DenseMatrix inputs, Vector targets, Index units, double decay)
      : inputs_(std::move(inputs)), targets_(std::move(targets)), units_(units), decay_(decay) {}

  /// W, row by row, then b, v and c.
  Index size() const { return units_ * (inputs_.cols() + 2) + 1; }

  double operator()(const Vector& w, Vector& gradient) const {
    const Index columns = inputs_.cols(), rows = inputs_.rows(), inner = units_ * columns;
    const Eigen::Map<const DenseMatrix> W(w.data(), units_, columns);
    const auto v = w.segment(inner + units_, units_);
    const DenseMatrix hidden =
        ((inputs_ * W.transpose()).rowwise() + w.segment(inner, units_).transpose()).array().tanh();
    const Vector error = (hidden * v).array() + w[size() - 1] - targets_.array();
    const DenseMatrix back = (error * v.transpose()).array() * (1 - hidden.array().square()) / real(rows);

    Eigen::Map<DenseMatrix>(gradient.data(), units_, columns) = back.transpose() * inputs_;
    gradient.segment(inner, units_) = back.colwise().sum().transpose();
    gradient.segment(inner + units_, units_) = hidden.transpose() * error / real(rows);
    gradient[size() - 1] = error.mean();
    gradient += decay_ * w;
    return error.squaredNorm() / (2 * real(rows)) + decay_ / 2 * w.squaredNorm();
  }

 private:
  DenseMatrix inputs_;
  Vector targets_;
  Index units_;
  double decay_;
};

inline Problems networks() {
  struct Shape {
    Index inputs, units, rows;
    double decay;
  };
  Problems problems;
  std::uint64_t seed = 300;
  for (const Shape& shape : {Shape{1, 8, 40, 1e-4}, {2, 5, 60, 1e-3}, {5, 10, 150, 1e-4}, {10, 20, 200, 1e-3}}) {
    Draws draws(++seed);
    const DenseMatrix inputs = draws.normals(shape.rows, shape.inputs);
    const Vector bumps = (2 * inputs.col(0).array()).sin() + 0.5 * inputs.rowwise().mean().array().square();
    const Vector targets = bumps + 0.1 * draws.normals(shape.rows);
    const TanhNetwork network(inputs, targets, shape.units, shape.decay);
    problems.push_back({.name = "network " + std::to_string(shape.inputs) + "-" + std::to_string(shape.units) + "-1",
                        .group = "networks",
                        .start = 0.5 * draws.normals(network.size()),
                        .evaluate = network,
                        .several_minima = true});
  }
  return problems;
}

}  // namespace surefoot::problems
