/// The library's own objective for a set, standardising included, behind one type: for liblbfgs and for the grid.
#pragma once

#include <memory>

#include "data.hpp"

namespace surefoot::linear {

/// Loss and gradient of the mean loss + l2/2 |w|², in the fitted columns, the intercept free.
class Oracle {
 public:
  virtual ~Oracle() = default;
  virtual double loss(const Vector& w) = 0;
  virtual double loss(const Vector& w, Vector& gradient) = 0;
  virtual Index size() const = 0;   // of w
  virtual int threads() const = 0;  // those that share a pass
};

/// `threads`: as LinearOptions takes them; 0: as many as pay.
std::unique_ptr<Oracle> make_oracle(const Case& of, int threads);

/// The library's w, class after class with the intercepts last, as `objective` wants it.
Eigen::MatrixXd weights_of(const Vector& w, const Data& data);

/// w = 0, or that with the best constant intercepts.
Vector zero_start(const Case& of);
Vector constant_start(const Case& of);

}  // namespace surefoot::linear
