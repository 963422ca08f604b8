/// Gram coordinates: the descent runs in the metric of the Hessian, so that for a quadratic every direction curves alike
/// and one step of length 1 arrives. For linear models of up to a few thousand columns, whose Hessian XᵀDX + λI costs a
/// few passes over the data.
///
///   surefoot::Logistic model{X, y, {.l2 = 1e-3}};
///   surefoot::Gram gram{model};
///   auto result = surefoot::minimize(gram, w0, {.first_step = 1});      // result.w is in the user's own coordinates
///
///   surefoot::Logistic some{X_of_some_rows, y_of_them, {.l2 = 1e-3}};
///   surefoot::Gram sampled{model, some};                                // the first metric from fewer rows
#pragma once

#include <Eigen/Cholesky>
#include <concepts>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>

#include "surefoot/coordinates/hessian.hpp"
#include "surefoot/loop/parameters.hpp"
#include "surefoot/objectives/objective.hpp"

namespace surefoot {

struct GramOptions {
  double cost = 10;        // >= 0; a fresh Hessian's, in passes over the data
  double accuracy = 1e-8;  // > 0; by how much the gradient is to fall in all
  double gradient = 0;     // >= 0; or to which largest entry, in the user's coordinates; 0: accuracy times the first

  template <class Self, class Each>
  static void parameters(Self& self, Each&& each) {
    each("cost", self.cost, Range::at_least(0), "of a fresh Hessian, in passes over the data");
    each("accuracy", self.accuracy, Range::positive(), "by how much the gradient is to fall in all");
    each("gradient", self.gradient, Range::at_least(0), "the largest gradient entry to end at; 0: by accuracy");
  }
};

/// The objective as a function of v = U w with H = UᵀU, the Cholesky factor of the Hessian at the start: of all rows, or
/// of a sample's. A metric may be rough, since gradients are not: where the sample's diagonal is not that of all rows it is
/// put right (rare columns may hardly be in the sample at all), and off the diagonal the sample counts 1/(1 + columns/rows).
///
/// A stale metric is kept while it serves: the Hessian is computed anew, from all rows at the best point, when the
/// iterations that are left, at the pace of the last three, cost more than it does. Rule and direction then hear
/// `restarted`. Newton's method with a lazy Hessian (Shamanskii, 1967), with L-BFGS to learn what the metric lacks.
template <Objective ObjectiveType, HasHessian Source = ObjectiveType>
class Gram {
  static_assert(!Proximal<ObjectiveType>,
                "Gram can't wrap an objective with bounds or another proximal part: its map is not the same in other "
                "coordinates");
  static_assert(!Batched<ObjectiveType>, "Gram can't wrap an objective of mini-batches");

 public:
  explicit Gram(ObjectiveType& objective, const GramOptions& options = {}) requires HasHessian<ObjectiveType>
      : objective_(&objective), options_(options) {
    validate(options_, "Gram");
  }
  /// The first metric from `sample`, an objective over fewer rows.
  Gram(ObjectiveType& objective, Source& sample, const GramOptions& options = {})
      : objective_(&objective), sample_(&sample), options_(options) {
    validate(options_, "Gram");
  }

  double loss(const Vector& v, Vector& gradient) {
    to_user(factor_, v, w_);
    const double value = loss_and_gradient(*objective_, w_, gradient);
    if (gradient.size() != w_.size()) return value;  // whoever called will say so
    user_max_ = max_norm(gradient);
    factor_.solve_transposed(gradient);
    seen_ = gradient;
    if (value < lowest_) {
      if (std::isinf(lowest_)) accuracy_ = options_.gradient > 0 ? options_.gradient / user_max_ : options_.accuracy;
      lowest_ = value;
      decrement_ = 0.5 * gradient.squaredNorm();
    }
    return value;
  }
  double loss(const Vector& v) requires HasLoss<ObjectiveType> {
    to_user(factor_, v, w_);
    return objective_->loss(w_);
  }
  double lower_bound() requires HasLowerBound<ObjectiveType> { return objective_->lower_bound(); }

  // A ray in v is one in w.
  void along(const Vector& v, const Vector& direction) requires HasRay<ObjectiveType> {
    to_user(factor_, v, w_);
    to_user(factor_, direction, direction_);
    objective_->along(w_, direction_);
  }
  auto on_ray(double step) requires HasRay<ObjectiveType> { return objective_->on_ray(step); }
  bool has_ray() const requires HasRay<ObjectiveType> { return surefoot::has_ray(*objective_); }

  /// H of v = U⁻ᵀ H U⁻¹, w = U⁻¹ v.
  void hessian_times(const Vector& v, const Vector& direction,
                     Vector& product) requires HasHessianProducts<ObjectiveType> {
    to_user(factor_, v, w_);
    to_user(factor_, direction, direction_);
    objective_->hessian_times(w_, direction_, product);
    factor_.solve_transposed(product);
  }
  bool has_hessian_products() const { return surefoot::has_hessian_products(*objective_); }

  void enter(const Vector& w, Vector& v) {
    if (sample_ != nullptr) {
      rough_ = true;
      sampled_hessian(*objective_, *sample_, w, hessian_);
      factorise();
    } else if constexpr (HasHessian<ObjectiveType>) {
      compute_metric(w);
    }
    v = w;
    factor_.multiply(v);
    pace_ = {};
    lowest_ = infinity;
  }
  void leave(const Vector& v, Vector& w) const { to_user(factor_, v, w); }

  double user_gradient_max(const Vector& gradient) const {
    if (gradient.size() == seen_.size() && gradient == seen_) return user_max_;
    Vector in_user = gradient;
    factor_.multiply_transposed(in_user);
    return max_norm(in_user);
  }

  /// `iteration` < 0: now, out of turn.
  bool refresh(int iteration, const Vector& v) {
    if constexpr (HasHessian<ObjectiveType>) {
      if (iteration < 0 ? !rough_ : !pays()) return false;
      to_user(factor_, v, w_);
      std::swap(previous_, factor_);
      compute_metric(w_);
      pace_.refreshed();
      return true;
    }
    return false;
  }
  void recast(Vector& v, Vector& gradient) const {
    previous_.solve(v);
    factor_.multiply(v);
    previous_.multiply_transposed(gradient);
    factor_.solve_transposed(gradient);
  }

  /// Along the negative gradient: Newton's.
  static double natural_step() { return 1; }

  /// Hessians of all rows that were computed after the start.
  int refreshes() const { return pace_.refreshes(); }

 private:
  /// U of H = UᵀU. Of a diagonal H a vector: no product with it costs columns².
  class Factor {
   public:
    void compute(const Eigen::MatrixXd& hessian) {
      root_.resize(0);
      whole_.compute(hessian);
      // A pivot that is the rounding of its column's own size (Higham 2002, theorem 10.3) may come out of either sign: by chance
      // it passes, and its direction, along which the loss does not change, is one of gigantic steps.
      const double rounding = 4 * std::numeric_limits<double>::epsilon() * static_cast<double>(hessian.rows());
      const auto pivots = whole_.matrixLLT().diagonal().array().square();
      ok_ = whole_.info() == Eigen::Success && !(pivots <= rounding * hessian.diagonal().array()).any();
    }
    void compute_diagonal(const Vector& diagonal) { root_ = diagonal.cwiseSqrt(); }
    // Of a whole one:
    bool ok() const { return ok_; }
    /// A NaN off the diagonal passes for success.
    bool is_finite() const { return whole_.matrixLLT().diagonal().allFinite(); }

    void multiply(Vector& w) const {
      if (is_diagonal()) {
        w.array() *= root_.array();
      } else {
        w = whole_.matrixU() * w;
      }
    }
    void solve(Vector& v) const {
      if (is_diagonal()) {
        v.array() /= root_.array();
      } else {
        whole_.matrixU().solveInPlace(v);
      }
    }
    void multiply_transposed(Vector& gradient) const {
      if (is_diagonal()) {
        gradient.array() *= root_.array();
      } else {
        gradient = whole_.matrixU().transpose() * gradient;
      }
    }
    void solve_transposed(Vector& gradient) const {
      if (is_diagonal()) {
        gradient.array() /= root_.array();
      } else {
        whole_.matrixU().transpose().solveInPlace(gradient);
      }
    }

   private:
    bool is_diagonal() const { return root_.size() > 0; }

    // Of something, so that a copy made before the run is one of defined values.
    Eigen::LLT<Eigen::MatrixXd, Eigen::Upper> whole_{Eigen::MatrixXd::Identity(1, 1)};
    Vector root_{};
    bool ok_ = true;
  };

  static void to_user(const Factor& factor, const Vector& v, Vector& w) {
    w = v;
    factor.solve(w);
  }

  bool pays() {
    if constexpr (requires { objective_->price_of_hessian(1.0); }) {
      return pace_.pays_at(decrement_, accuracy_, [&](double left) { return objective_->price_of_hessian(left); });
    } else {
      return pace_.pays(decrement_, accuracy_, options_.cost);
    }
  }

  /// The metric at w. (An objective may have one to begin with that is diagonal, and costs nothing: `diagonal_metric` fills it,
  /// or says that there is none.)
  void compute_metric(const Vector& w) {
    if constexpr (requires(Vector & diagonal) {
                    { objective_->diagonal_metric(w, diagonal) } -> std::same_as<bool>;
                  }) {
      rough_ = objective_->diagonal_metric(w, diagonal_);
      if (rough_) return factorise_diagonal();
    }
    rough_ = false;
    surefoot::find_metric(*objective_, w, hessian_);
    factorise();
    constexpr Eigen::Index large = 1024;  // its memory is not kept from one Hessian to the next
    if (w.size() > large) hessian_.resize(0, 0);
  }

  /// Where nothing curves, at columns that are constant, any entry will do; one that is not finite makes it the plain metric.
  void factorise_diagonal() {
    const double largest = diagonal_.maxCoeff();
    if (diagonal_.allFinite() && largest > 0) {
      factor_.compute_diagonal((diagonal_.array() > 0).select(diagonal_, largest));
    } else {
      factor_.compute_diagonal(Vector::Ones(diagonal_.size()));
    }
  }

  /// Not positive definite but for rounding (0/1 columns that add up to 1, say): a little more on the diagonal, each entry by a
  /// share of its own, since columns may differ in size by any factor. What is no metric at all, NaN say, becomes the plain one.
  void factorise() {
    const double mean = hessian_.diagonal().cwiseAbs().mean();
    if (!std::isfinite(mean) || !(mean > 0)) hessian_.setIdentity();
    factor_.compute(hessian_);
    if (!factor_.ok()) {
      const Vector own = hessian_.diagonal(), more = (own.array() > 0).select(own, mean);
      for (double share = 1e-14; !factor_.ok() && share < 1e20; share *= 100) {
        hessian_.diagonal() = own + share * more;
        factor_.compute(hessian_);
      }
    }
    if (factor_.ok() && factor_.is_finite()) return;
    hessian_.setIdentity();
    factor_.compute(hessian_);
  }

  ObjectiveType* objective_;
  Source* sample_ = nullptr;
  GramOptions options_;
  bool rough_ = false;  // the metric is not the Hessian of all rows
  Pace pace_{};
  Eigen::MatrixXd hessian_{};
  Factor factor_{}, previous_{};
  double lowest_ = infinity, decrement_ = not_a_number, user_max_ = not_a_number, accuracy_ = not_a_number;
  Vector w_{}, direction_{}, seen_{}, diagonal_{};
};

template <class ObjectiveType>
Gram(ObjectiveType&) -> Gram<ObjectiveType>;
template <class ObjectiveType>
Gram(ObjectiveType&, const GramOptions&) -> Gram<ObjectiveType>;
template <class ObjectiveType, HasHessian Source>
Gram(ObjectiveType&, Source&) -> Gram<ObjectiveType, Source>;
template <class ObjectiveType, HasHessian Source>
Gram(ObjectiveType&, Source&, const GramOptions&) -> Gram<ObjectiveType, Source>;

}  // namespace surefoot
