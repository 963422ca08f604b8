/// A linear objective whose loss and matrix are chosen at run time: the loop is compiled for this one type instead of for
/// every pair. One virtual call is made a pass over the data.
#pragma once

#include <memory>
#include <vector>

#include "fit/models.hpp"
#include "surefoot/objectives/linear.hpp"
#include "surefoot/objectives/softmax.hpp"

namespace surefoot::fitting {

using Index = Eigen::Index;

class AnyLinear {
 public:
  virtual ~AnyLinear() = default;

  virtual double loss(const Vector& w) = 0;
  virtual double loss(const Vector& w, Vector& gradient) = 0;
  /// The loss, Inf where its gradient is not finite; the next call at w, for loss and gradient, then costs nothing.
  virtual double measure(const Vector& w) = 0;
  /// Loss, gradient and a point of the dual problem.
  virtual double loss(const Vector& w, Vector& gradient, double l1, DualPoint& dual) = 0;
  /// The Hessian's diagonal.
  virtual void curvature(const Vector& w, Vector& diagonal) = 0;
  virtual double lower_bound() const = 0;
  virtual long reads() const = 0;
  virtual int threads() const = 0;
  virtual Index rows() const = 0;

  virtual bool has_hessian_products() const = 0;
  virtual bool has_ray() const = 0;

  // Of models with one margin a row; of softmax, which has none of them, these throw std::logic_error.
  /// The Hessian's diagonal too; the next call at w, for loss and gradient, then costs nothing, as after `measure`.
  virtual double loss(const Vector& w, Vector& gradient, Vector& diagonal) = 0;
  /// A metric to descend in: of a loss that is flat in parts not quite the Hessian (LinearObjective::metric).
  virtual void hessian(const Vector& w, Eigen::MatrixXd& to) = 0;
  virtual void keep_curvature() = 0;
  virtual void hessian_times(const Vector& w, const Vector& v, Vector& product) = 0;
  /// Mean loss, slopes and curvatures (where they are wanted) at margins; of a loss that is flat in parts the curvatures are
  /// those of its metric.
  virtual double at_margins(const Vector& margins, Vector* slopes, Vector* curvatures) = 0;
  virtual void along(const Vector& w, const Vector& direction) = 0;
  virtual passes::RowSums on_ray(double step) = 0;
  virtual bool sums_products() const = 0;
  virtual void sum_product(double step, bool anew) = 0;
  virtual void along_sum(const Vector& w, const Vector& direction) = 0;
};

/// Looks at x, y; copies options.
std::unique_ptr<AnyLinear> make_linear(const DenseMatrix& x, const Vector& y, const AnyLoss& loss, Index classes,
                                       const LinearOptions& options);
std::unique_ptr<AnyLinear> make_linear(const SparseMatrix& x, const Vector& y, const AnyLoss& loss, Index classes,
                                       const LinearOptions& options);

}  // namespace surefoot::fitting
