/// An L1 penalty by proximal steps in the metric of the Hessian, so that a step of length 1 nearly arrives (for least
/// squares it does): for linear models of up to a few thousand columns.
///
///   surefoot::Logistic model{X, y, {.l2 = 1e-3}};
///   surefoot::GramL1 lasso{model, 0.01, 1};                              // 0.01 |w|₁, but for the last weight
///   surefoot::Minimizer minimizer{surefoot::SteepestDescent{}, surefoot::Armijo{}, surefoot::Monitor{},
///                                 surefoot::Stop{.gradient = 1e-8}};
///   auto result = minimizer.run(lasso, w0, {.first_step = 1});
///
///   surefoot::Logistic some{X_of_some_rows, y_of_them, {.l2 = 1e-3}};
///   surefoot::GramL1 sampled{model, some, 0.01, 1};                      // the first metric from fewer rows
#pragma once

#include "surefoot/coordinates/coordinate_descent.hpp"
#include "surefoot/coordinates/hessian.hpp"
#include "surefoot/objectives/lasso.hpp"

namespace surefoot {

struct GramL1Options {
  double cost = 10;        // >= 0; a fresh Hessian's, in passes over the data
  double accuracy = 1e-8;  // > 0; by how much the proximal residual is to fall in all
  double first = 0.03;  // > 0; how well the first step solves its model. 1e-7, say, for a quadratic: one step arrives
  double work = 1e300;  // > 0; multiplications that a step may take beside its pass over the data

  template <class Self, class Each>
  static void parameters(Self& self, Each&& each) {
    each("cost", self.cost, Range::at_least(0), "of a fresh Hessian, in passes over the data");
    each("accuracy", self.accuracy, Range::positive(), "by how much the proximal residual is to fall in all");
    each("first", self.first, Range::positive(), "how well the first step solves its model");
    each("work", self.work, Range::positive(), "multiplications that a step may take beside its pass over the data");
  }
};

/// An objective plus l1 · Σ |w_i| (the last `free` weights are not penalised), as WithL1, whose proximal steps are taken in
/// the metric of the Hessian H: from w with the gradient g a step t leads to the minimiser of
///   g·(v − w) + (v − w)ᵀ H (v − w) / (2t) + l1 |v|₁,
/// found by coordinate descent (coordinate_descent.hpp), with exact zeros.
///
/// A proximal Newton method (Lee, Sun & Saunders, 2014) with a lazy Hessian: that of a sample first, where there is one;
/// each step corrects it by what its gradients tell of the curvature on their way (Broyden, Fletcher, Goldfarb & Shanno,
/// 1970; damped as by Powell, 1978); and it is computed anew from all rows when the steps that are left, at the pace of the
/// last three, cost more than that. Far from the minimum the model is minimised roughly: as well as the last one foresaw the
/// gradient where it led. Beside H each weight has a ridge, 1e-10 of the largest curvature that it has had; up to 1e-6 where a fresh
/// Hessian leads nowhere.
///
/// A rule that lets the loss rise for a while is not for it: from where most rows are far on the wrong side a Hessian says
/// little. Nor is one that proposes lengths of its own, such as Barzilai and Borwein's: they are those of plain gradients.
template <Objective ObjectiveType, HasHessian Source = ObjectiveType>
class GramL1 {
  static_assert(!Proximal<ObjectiveType>, "GramL1 takes a smooth objective: bounds don't combine with its steps");

 public:
  using Index = Eigen::Index;

  /// Throws std::invalid_argument for an l1, a `free` or an option out of its range.
  GramL1(ObjectiveType& objective, double l1, Index free = 0,
         const GramL1Options& options = {}) requires HasHessian<ObjectiveType>
      : objective_(&objective), penalised_(objective, l1, free), l1_(l1), free_(free), options_(options) {
    validate(options_, "GramL1");
  }
  /// The first metric from `sample`, an objective over fewer rows.
  GramL1(ObjectiveType& objective, Source& sample, double l1, Index free = 0, const GramL1Options& options = {})
      : objective_(&objective),
        sample_(&sample),
        penalised_(objective, l1, free),
        l1_(l1),
        free_(free),
        options_(options) {
    validate(options_, "GramL1");
  }

  double loss(const Vector& w, Vector& gradient) { return penalised_.loss(w, gradient); }
  double loss(const Vector& w) requires HasLoss<ObjectiveType> { return penalised_.loss(w); }
  double lower_bound() requires HasLowerBound<ObjectiveType> { return penalised_.lower_bound(); }
  double proximal(Vector& w, double step) { return penalised_.proximal(w, step); }

  double proximal_step(const Vector& w, const Vector& gradient, double step, Vector& to) {
    if (at_.size() != w.size()) {
      begin(w, gradient);
    } else if (at_ != w) {
      arrive(w, gradient);
    } else if (step < 0.1) {  // what the metric knows leads nowhere
      fresh_ ? stiffen() : refresh(w);
    }
    const double tolerance = std::max(forcing_ * violation_, 0.1 * options_.accuracy * first_violation_);
    descent_.minimise({.hessian = hessian_, .gradient = gradient, .from = w, .l1 = l1_, .free = free_, .step = step},
                      tolerance, to, options_.work);
    if (step == 1) decrement_ = promise(w, gradient, to);
    proposed_ = to;
    return l1_ * to.head(to.size() - free_).template lpNorm<1>();
  }

  /// Hessians of all rows that were computed after the start.
  int refreshes() const { return pace_.refreshes(); }

 private:
  void begin(const Vector& w, const Vector& gradient) {
    steepest_.resize(0);
    ridge_ = least_ridge;
    if (sample_ != nullptr) {
      sampled_hessian(*objective_, *sample_, w, hessian_);
    } else if constexpr (HasHessian<ObjectiveType>) {
      find_metric(*objective_, w, hessian_);
    }
    complete();
    fresh_ = sample_ == nullptr;
    forcing_ = options_.first;
    pace_ = {};
    at_ = w;
    gradient_ = gradient;
    first_violation_ = violation_ = l1_violation(w, gradient, l1_, free_);
  }

  void arrive(const Vector& w, const Vector& gradient) {
    const double before = violation_;
    violation_ = l1_violation(w, gradient, l1_, free_);
    const double missed = learn(w, gradient);
    forcing_ = std::clamp(0.1 * missed / before, 1e-9, 0.05);
    at_ = w;
    gradient_ = gradient;
    fresh_ = false;
    if (pace_.pays(decrement_, options_.accuracy, options_.cost)) refresh(w);
  }

  /// The curvature that was seen on the last step enters the metric. Returns by how much the metric missed the gradient.
  double learn(const Vector& w, const Vector& gradient) {
    change_ = w - at_;
    seen_ = gradient - gradient_;
    if (w == proposed_) {
      foreseen_ = descent_.product();
    } else {
      foreseen_.noalias() = hessian_ * change_;
    }
    const double missed = max_norm(seen_ - foreseen_);
    const double of_foreseen = change_.dot(foreseen_);
    double of_seen = change_.dot(seen_);
    if (!(missed > 1e-9 * max_norm(seen_)) || !(of_foreseen > 0)) return missed;
    // No direction becomes flatter than a tenth at once: it may only have looked so, from afar.
    if (of_seen < 0.1 * of_foreseen) {
      const double share = 0.9 * of_foreseen / (of_foreseen - of_seen);
      seen_ = share * seen_ + (1 - share) * foreseen_;
      of_seen = 0.1 * of_foreseen;
    }
    hessian_.noalias() += (1 / of_seen) * seen_ * seen_.transpose();
    hessian_.noalias() -= (1 / of_foreseen) * foreseen_ * foreseen_.transpose();
    hold_diagonal();
    return missed;
  }

  void refresh(const Vector& w) {
    if constexpr (HasHessian<ObjectiveType>) {
      find_metric(*objective_, w, hessian_);
      complete();
      pace_.refreshed();
      fresh_ = true;
    }
  }

  /// The other triangle, and what keeps a flat or unknown direction from an endless step.
  void complete() {
    auto diagonal = hessian_.diagonal();
    if (!diagonal.allFinite() || !(diagonal.maxCoeff() > 0)) hessian_.setIdentity();
    hessian_.template triangularView<Eigen::StrictlyLower>() = hessian_.transpose();
    if (steepest_.size() != diagonal.size()) steepest_.setZero(diagonal.size());
    steepest_ = steepest_.cwiseMax(diagonal);
    if (steepest_.minCoeff() == 0) steepest_ = (steepest_.array() > 0).select(steepest_, steepest_.maxCoeff());
    diagonal += ridge_ * steepest_;
  }
  /// Of a loss that is flat in parts (the squared hinge) few rows may curve: along what they don't see l1 alone decides, and every
  /// step, however short, leads to where other rows do. (1e-6 from the start serves such losses as well, and costs others digits: tried.)
  void stiffen() {
    const double before = ridge_;
    ridge_ = std::min(100 * ridge_, most_ridge);
    hessian_.diagonal() += (ridge_ - before) * steepest_;
  }
  void hold_diagonal() {
    auto diagonal = hessian_.diagonal();
    diagonal = diagonal.cwiseMax(ridge_ * steepest_);
  }

  /// By how much the model's minimum lies below its start.
  double promise(const Vector& w, const Vector& gradient, const Vector& to) const {
    const Index penalised = w.size() - free_;
    const double fallen = w.head(penalised).template lpNorm<1>() - to.head(penalised).template lpNorm<1>();
    return l1_ * fallen - (to - w).dot(gradient + 0.5 * descent_.product());
  }

  static constexpr double least_ridge = 1e-10, most_ridge = 1e-6;

  ObjectiveType* objective_;
  Source* sample_ = nullptr;
  WithL1<ObjectiveType> penalised_;
  double l1_;
  Index free_;
  GramL1Options options_;
  CoordinateDescent descent_{};
  Eigen::MatrixXd hessian_{};
  Vector steepest_{};           // of each weight the largest curvature that was seen in a Hessian
  double ridge_ = least_ridge;  // as a share of it, what each has beside the Hessian's
  bool fresh_ = false;          // of all rows at the iterate, with nothing learnt since
  Pace pace_{};
  double forcing_ = 0.05, violation_ = not_a_number, first_violation_ = not_a_number, decrement_ = not_a_number;
  Vector at_{}, gradient_{}, proposed_{};  // the iterate, its gradient, and where its last step led
  Vector change_{}, seen_{}, foreseen_{};
};

template <class ObjectiveType>
GramL1(ObjectiveType&, double) -> GramL1<ObjectiveType>;
template <class ObjectiveType>
GramL1(ObjectiveType&, double, Eigen::Index) -> GramL1<ObjectiveType>;
template <class ObjectiveType>
GramL1(ObjectiveType&, double, Eigen::Index, const GramL1Options&) -> GramL1<ObjectiveType>;
template <class ObjectiveType, HasHessian Source>
GramL1(ObjectiveType&, Source&, double) -> GramL1<ObjectiveType, Source>;
template <class ObjectiveType, HasHessian Source>
GramL1(ObjectiveType&, Source&, double, Eigen::Index) -> GramL1<ObjectiveType, Source>;
template <class ObjectiveType, HasHessian Source>
GramL1(ObjectiveType&, Source&, double, Eigen::Index, const GramL1Options&) -> GramL1<ObjectiveType, Source>;

}  // namespace surefoot
