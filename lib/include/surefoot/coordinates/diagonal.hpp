/// Diagonal coordinates: each weight gets a scale of its own, so that columns of very different size descend together.
///
///   surefoot::Diagonal scaled{objective};                // scales learnt, and refreshed as they change
///   auto result = surefoot::minimize(scaled, w0);        // result.w is in the user's own coordinates
///
///   surefoot::Diagonal given{objective, scales};         // scales given, kept
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "surefoot/loop/numbers.hpp"
#include "surefoot/loop/parameters.hpp"
#include "surefoot/objectives/objective.hpp"

namespace surefoot {

/// The objective as a function of v, w = scale ∘ v, with scale = 1/sqrt(curvature): in v every diagonal entry of the
/// Hessian is 1 (Jacobi scaling). The curvature is the objective's own where it has one. Else it is learnt from the points
/// that are evaluated anyway, with s, y the change of weights and gradient from one to the next that is no higher, where
/// s·y > 0:
///   curvature_i = Σ y_i² / Σ |s_i y_i|,  each pair weighted by 1/s·y, older ones by 0.9 for each newer
/// (the secant, weight by weight; ours). It begins with scales of 1; learnt ones are powers of two, so that going from one
/// to the other changes no digit. Looked at anew after 5, 10, 20, 40 … iterations, and refreshed if a scale has changed by
/// more than a factor `change`; rule and direction then hear `restarted`. The objective is looked at, not copied.
template <Objective ObjectiveType, bool own_curvature = HasCurvature<ObjectiveType>>
class Diagonal {
  static_assert(!Proximal<ObjectiveType>,
                "Diagonal can't wrap an objective with bounds or another proximal part: its map "
                "is not the same in other coordinates");
  static_assert(!Batched<ObjectiveType>, "Diagonal can't wrap an objective of mini-batches yet");

 public:
  static constexpr double change = 4;

  /// Scales learnt.
  explicit Diagonal(ObjectiveType& objective) : objective_(&objective), learns_(true) {}

  /// Scales given: w_i = scale_i v_i. Throws std::invalid_argument unless each is positive and finite.
  Diagonal(ObjectiveType& objective, Vector scale) : objective_(&objective), scale_(std::move(scale)) {
    for (Eigen::Index i = 0; i < scale_.size(); ++i) {
      require("Diagonal", "scale[" + std::to_string(i) + "]", scale_[i], Range::positive());
    }
  }

  double loss(const Vector& v, Vector& gradient) {
    w_ = scale_.cwiseProduct(v);
    const double value = loss_and_gradient(*objective_, w_, gradient);
    if (gradient.size() != w_.size()) return value;  // whoever called will say so
    if (learns_ && !own_curvature && std::isfinite(value)) learn_from(value, gradient);
    gradient.array() *= scale_.array();
    return value;
  }
  double loss(const Vector& v) requires HasLoss<ObjectiveType> {
    w_ = scale_.cwiseProduct(v);
    return objective_->loss(w_);
  }
  double lower_bound() requires HasLowerBound<ObjectiveType> { return objective_->lower_bound(); }

  // A ray in v is one in w.
  void along(const Vector& v, const Vector& direction) requires HasRay<ObjectiveType> {
    w_ = scale_.cwiseProduct(v);
    direction_ = scale_.cwiseProduct(direction);
    objective_->along(w_, direction_);
  }
  auto on_ray(double step) requires HasRay<ObjectiveType> { return objective_->on_ray(step); }
  bool has_ray() const requires HasRay<ObjectiveType> { return surefoot::has_ray(*objective_); }

  /// H of v = S H S, w = S v.
  void hessian_times(const Vector& v, const Vector& direction,
                     Vector& product) requires HasHessianProducts<ObjectiveType> {
    w_ = scale_.cwiseProduct(v);
    direction_ = scale_.cwiseProduct(direction);
    objective_->hessian_times(w_, direction_, product);
    product.array() *= scale_.array();
  }
  bool has_hessian_products() const { return surefoot::has_hessian_products(*objective_); }

  void enter(const Vector& w, Vector& v) {
    if (learns_) {
      sharp_ = soft_ = last_w_ = {};
      curvature_at(w);
      scale_ = fresh_;
    }
    if (scale_.size() != w.size()) {
      throw std::invalid_argument("Diagonal has " + std::to_string(scale_.size()) + " scales for " +
                                  std::to_string(w.size()) + " weights");
    }
    previous_ = scale_;
    next_look_ = 5;
    v = w.cwiseQuotient(scale_);
  }
  void leave(const Vector& v, Vector& w) const { w = scale_.cwiseProduct(v); }
  double user_gradient_max(const Vector& gradient) const { return max_norm(gradient.cwiseQuotient(scale_)); }

  /// `iteration` < 0: looks now, out of turn.
  bool refresh(int iteration, const Vector& v) {
    if (!learns_ || (iteration >= 0 && iteration < next_look_)) return false;
    if (iteration >= 0) next_look_ = 2 * iteration;
    w_ = scale_.cwiseProduct(v);
    curvature_at(w_);
    const double grown = fresh_.cwiseQuotient(scale_).maxCoeff(), shrunk = scale_.cwiseQuotient(fresh_).maxCoeff();
    if (std::max(grown, shrunk) < change || grown * shrunk < std::sqrt(least_spread_)) return false;
    previous_ = scale_;
    scale_ = fresh_;
    return true;
  }
  void recast(Vector& v, Vector& gradient) const {
    v = v.cwiseProduct(previous_).cwiseQuotient(scale_);
    gradient = gradient.cwiseProduct(scale_).cwiseQuotient(previous_);
  }

  /// Takes the gradients of these weights for small because of their units: their scales become those with which their
  /// largest gradients would be as large as that of the steepest weight. False where scales are not learnt.
  bool believe_in_units(const std::vector<Eigen::Index>& weights) {
    if (!learns_ || own_curvature || largest_.size() != scale_.size()) return false;
    Eigen::Index steepest = 0;
    const double most = largest_.maxCoeff(&steepest);
    previous_ = scale_;
    for (const Eigen::Index i : weights) {
      const double scale = scale_[steepest] * (most / largest_[i]);
      if (largest_[i] > 0 && scale < 1e135) scale_[i] = std::ldexp(1.0, std::ilogb(scale));
    }
    return true;
  }

  const Vector& scale() const { return scale_; }

  /// Scales learnt in mid-run are put to use only where the curvatures along the weights, in the coordinates of the moment,
  /// are this far apart (>= 1).
  void use_from_spread(double least) {
    require("Diagonal", "least spread", least, Range::at_least(1));
    least_spread_ = least;
  }

 private:
  /// Fresh scales, from the curvature at w.
  void curvature_at(const Vector& w) {
    if constexpr (own_curvature) {
      fresh_.resize(w.size());
      objective_->curvature(w, fresh_);
    } else if (soft_.size() == w.size() && (soft_.array() > 0).any()) {
      fresh_ = sharp_.cwiseQuotient(soft_);
      believe_no_more_than_units();
    } else {
      fresh_ = Vector::Ones(w.size());
    }
    const double largest = fresh_.maxCoeff();
    // A flat (or concave, or unknown) coordinate gets the curvature of a very flat one: a long step, not an endless one. (What
    // was learnt has been held against the gradients: units 1e20 apart are believed.)
    const double flattest = own_curvature ? 1e-12 : 1e-40;
    const double floor = std::isfinite(largest) && largest > 0 ? flattest * largest : 1;
    fresh_ = fresh_.unaryExpr([floor](double curvature) {
      // Between 1e-135 and 1e135, so that no weight or gradient over- or underflows on its way (floor may be 0).
      const double scale =
          std::clamp(1 / std::sqrt(std::isfinite(curvature) ? std::max(curvature, floor) : floor), 1e-135, 1e135);
      // Learnt scales are rough anyway: as powers of two they change no digit of the weights.
      return own_curvature ? scale : std::ldexp(1.0, std::ilogb(scale));
    });
  }

  /// Where units are at fault a gradient is larger by the root of the curvature. So beside the weight with the largest
  /// gradient: what looks flatter than its own gradient says by more than 1e4 moved along with its neighbours, and is not
  /// believed to be flatter; what looks sharper by more than 1e4, with a smaller gradient, was pulled by its neighbours.
  /// Of that, and of a weight that has not moved yet (the middle of a field, before anything from its border has come
  /// there), nothing is known: it gets the geometric mean of the others.
  void believe_no_more_than_units() {
    Eigen::Index steepest = -1;
    for (Eigen::Index i = 0; i < fresh_.size(); ++i) {
      const bool known = fresh_[i] > 0 && std::isfinite(fresh_[i]);
      if (!known) fresh_[i] = not_a_number;
      if (known && (steepest < 0 || largest_[i] > largest_[steepest])) steepest = i;
    }
    if (steepest < 0) return;
    const double reference = fresh_[steepest];
    double logs = 0;
    long count = 0;
    for (Eigen::Index i = 0; i < fresh_.size(); ++i) {
      if (!(fresh_[i] <= 1e4 * reference)) {
        fresh_[i] = not_a_number;
        continue;
      }
      const double share = largest_[i] / largest_[steepest];
      fresh_[i] = std::max(fresh_[i], 1e-4 * reference * share * share);
      logs += std::log(fresh_[i]);
      ++count;
    }
    const double mean = std::exp(logs / static_cast<double>(count));
    fresh_ = fresh_.unaryExpr([mean](double c) { return std::isnan(c) ? mean : c; });
  }

  /// Another evaluated point, w_ with its gradient, if it is no higher than the last: what its difference to the last says
  /// of the curvature. s and y are taken at unit length, so that no product over- or underflows.
  void learn_from(double loss, const Vector& gradient) {
    if (last_w_.size() == w_.size()) {
      if (loss > last_loss_) return;  // an absurd trial, say
      s_ = w_ - last_w_;
      y_ = gradient - last_gradient_;
      const double s_norm = norm(s_), y_norm = norm(y_), ratio = y_norm / s_norm, cosine = s_.dot(y_) / s_norm / y_norm;
      const bool is_noise = y_norm <= 1e-9 * norm(largest_);  // of rounding, at the end of a run
      if (cosine > 1e-10 && ratio > 0 && std::isfinite(ratio) && !is_noise) {
        s_ /= s_norm;
        y_ /= y_norm;
        sharp_ = 0.9 * sharp_ + ratio / cosine * y_.cwiseAbs2();
        soft_ = 0.9 * soft_ + 1 / cosine * s_.cwiseProduct(y_).cwiseAbs();
      }
    } else {
      sharp_ = soft_ = largest_ = Vector::Zero(w_.size());
    }
    largest_ = largest_.cwiseMax(gradient.cwiseAbs());
    last_loss_ = loss;
    last_w_.swap(w_);  // w_ is written anew by the next call
    last_gradient_ = gradient;
  }

  ObjectiveType* objective_;
  bool learns_ = false;
  int next_look_ = 5;  // the iteration
  double least_spread_ = 1, last_loss_ = not_a_number;
  Vector scale_{}, previous_{}, fresh_{}, w_{}, direction_{};
  // Where the objective has no curvature of its own:
  Vector sharp_{}, soft_{}, largest_{}, last_w_{}, last_gradient_{}, s_{}, y_{};
};

template <class ObjectiveType>
Diagonal(ObjectiveType&) -> Diagonal<ObjectiveType>;
template <class ObjectiveType>
Diagonal(ObjectiveType&, Vector) -> Diagonal<ObjectiveType>;

}  // namespace surefoot
