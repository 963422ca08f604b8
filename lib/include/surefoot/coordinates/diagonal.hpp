/// Diagonal coordinates: each weight gets a scale of its own, so that columns of very different size descend together.
///
///   surefoot::Logistic model{X, y};
///   surefoot::Diagonal scaled{model};                    // scales from the model's curvature, refreshed as it changes
///   auto result = surefoot::minimize(scaled, w0);        // result.w is in the user's own coordinates
///
///   surefoot::Diagonal given{objective, scales};         // scales given, kept
#pragma once

#include <stdexcept>
#include <string>

#include "surefoot/loop/parameters.hpp"
#include "surefoot/objectives/objective.hpp"

namespace surefoot {

/// `void curvature(w, diagonal)`: the diagonal of the Hessian at w, of the size of w.
template <class O>
concept HasCurvature = requires(O& objective, const Vector& w, Vector& diagonal) {
  objective.curvature(w, diagonal);
};

/// The objective as a function of v, w = scale ∘ v, with scale = 1/sqrt(curvature): in v every diagonal entry of the
/// Hessian is 1 (Jacobi scaling). Looked at anew after 5, 10, 20, 40 … iterations, and refreshed if a scale has
/// changed by more than a factor `change`; rule and direction then hear `restarted`. The objective is looked at, not copied.
template <Objective ObjectiveType>
class Diagonal {
  static_assert(!Proximal<ObjectiveType>,
                "Diagonal can't wrap an objective with bounds or another proximal part: its map "
                "is not the same in other coordinates");
  static_assert(!Batched<ObjectiveType>, "Diagonal can't wrap an objective of mini-batches yet");

 public:
  static constexpr double change = 4;

  /// Scales learnt from the objective's curvature.
  explicit Diagonal(ObjectiveType& objective) requires HasCurvature<ObjectiveType> : objective_(&objective),
                                                                                     learns_(true) {}

  /// Scales given: w_i = scale_i v_i. Throws std::invalid_argument unless each is positive and finite.
  Diagonal(ObjectiveType& objective, Vector scale) : objective_(&objective), scale_(std::move(scale)) {
    for (Eigen::Index i = 0; i < scale_.size(); ++i) {
      require("Diagonal", "scale[" + std::to_string(i) + "]", scale_[i], Range::positive());
    }
  }

  double loss(const Vector& v, Vector& gradient) {
    w_ = scale_.cwiseProduct(v);
    const double value = loss_and_gradient(*objective_, w_, gradient);
    gradient.array() *= scale_.array();
    return value;
  }
  double loss(const Vector& v) requires HasLoss<ObjectiveType> {
    w_ = scale_.cwiseProduct(v);
    return objective_->loss(w_);
  }
  double lower_bound() requires HasLowerBound<ObjectiveType> { return objective_->lower_bound(); }

  void enter(const Vector& w, Vector& v) {
    if (learns_) {
      learn(w);
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

  bool refresh(int iteration, const Vector& v) {
    if constexpr (HasCurvature<ObjectiveType>) {
      if (!learns_ || iteration < next_look_) return false;
      next_look_ = 2 * iteration;
      w_ = scale_.cwiseProduct(v);
      learn(w_);
      const double grown = fresh_.cwiseQuotient(scale_).maxCoeff(), shrunk = scale_.cwiseQuotient(fresh_).maxCoeff();
      if (std::max(grown, shrunk) < change) return false;
      previous_ = scale_;
      scale_ = fresh_;
      return true;
    } else {
      return false;
    }
  }
  void recast(Vector& v, Vector& gradient) const {
    v = v.cwiseProduct(previous_).cwiseQuotient(scale_);
    gradient = gradient.cwiseProduct(scale_).cwiseQuotient(previous_);
  }

  const Vector& scale() const { return scale_; }

 private:
  void learn(const Vector& w) {
    if constexpr (HasCurvature<ObjectiveType>) {
      fresh_.resize(w.size());
      objective_->curvature(w, fresh_);
      const double largest = fresh_.maxCoeff();
      // A flat (or concave, or unknown) coordinate gets the curvature of a very flat one: a long step, not an endless one.
      const double floor = std::isfinite(largest) && largest > 0 ? 1e-12 * largest : 1;
      fresh_ = fresh_.unaryExpr([floor](double curvature) {
        return 1 / std::sqrt(std::isfinite(curvature) ? std::max(curvature, floor) : floor);
      });
    }
  }

  ObjectiveType* objective_;
  bool learns_ = false;
  int next_look_ = 5;  // the iteration
  Vector scale_{}, previous_{}, fresh_{}, w_{};
};

}  // namespace surefoot
