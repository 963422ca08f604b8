/// The only place that calls the user's objective: poisons the gradient buffer before each call, counts, and checks
/// what came back.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>

#include "surefoot/directions/direction.hpp"
#include "surefoot/loop/parameters.hpp"
#include "surefoot/objectives/objective.hpp"

namespace surefoot {

template <class ObjectiveType>
class Oracle {
 public:
  static constexpr bool is_proximal = Proximal<ObjectiveType>;
  static constexpr bool is_batched = Batched<ObjectiveType>;
  static constexpr bool has_coordinates = Coordinates<ObjectiveType>;
  static constexpr bool may_have_rays = HasRay<ObjectiveType> && !is_proximal;

  explicit Oracle(ObjectiveType& objective) : objective_(objective) {}

  ObjectiveType& objective() { return objective_; }
  long loss_evaluations() const { return loss_calls_; }
  long gradient_evaluations() const { return joint_calls_; }
  long evaluations() const { return loss_calls_ + joint_calls_; }
  long ray_trials() const { return ray_trials_; }  // no evaluations

  double lower_bound() {
    if constexpr (HasLowerBound<ObjectiveType>) {
      return static_cast<double>(objective_.lower_bound());
    } else {
      return -infinity;
    }
  }

  /// Fills loss, gradient and norms at point.w; point.penalty is there already.
  void evaluate(Point& point) {
    const auto n = point.w.size();
    point.filled = true;
    poison(point.gradient, n);
    ++joint_calls_;
    wrong_size_ = -1;
    const double smooth = loss_and_gradient(objective_, point.w, point.gradient);
    point.loss = smooth + point.penalty;
    if (point.gradient.size() != n) {
      wrong_size_ = point.gradient.size();
      point.gradient.setConstant(n, poisoned());
    }
    point.gradient_norm = norm(point.gradient);
    point.sound = std::isfinite(point.loss) && std::isfinite(point.gradient_norm);
    if (!point.sound) point.sound = std::isfinite(point.loss) && point.gradient.allFinite();
    point.gradient_max = user_gradient_max(point.gradient);
  }

  /// The loss alone, at a point that is not an iterate.
  double loss(const Vector& w, Vector& scratch) {
    if constexpr (HasLoss<ObjectiveType>) {
      ++loss_calls_;
      return static_cast<double>(objective_.loss(w));
    } else {
      ++joint_calls_;
      poison(scratch, w.size());
      return loss_and_gradient(objective_, w, scratch);
    }
  }

  bool has_rays() const {
    if constexpr (may_have_rays) return has_ray(objective_);
    return false;
  }
  void along(const Vector& w, const Vector& direction) requires HasRay<ObjectiveType> {
    objective_.along(w, direction);
  }
  /// Loss and slope (not those of a proximal part) of the ray that was prepared.
  auto on_ray(double step) requires HasRay<ObjectiveType> {
    ++ray_trials_;
    return objective_.on_ray(step);
  }

  long hessian_products() const { return hessian_products_; }  // no evaluations
  void hessian_times(const Vector& w, const Vector& v, Vector& product) requires HasHessianProducts<ObjectiveType> {
    ++hessian_products_;
    objective_.hessian_times(w, v, product);
  }
  bool sums_products() const { return surefoot::sums_products(objective_); }
  void sum_product(double step, bool anew) {
    if constexpr (SumsProducts<ObjectiveType>) objective_.sum_product(step, anew);
  }
  void along_sum(const Vector& w, const Vector& direction) {
    if constexpr (SumsProducts<ObjectiveType>) objective_.along_sum(w, direction);
  }
  /// Of the ray that along_sum prepared: slope and curvature.
  RayBend bend_on_ray(double step) {
    if constexpr (SumsProducts<ObjectiveType>) {
      const auto at = on_ray(step);
      return {static_cast<double>(at.slope), static_cast<double>(at.curvature)};
    }
    return {};
  }
  /// The Hessian's diagonal; false where the objective does not tell it.
  bool curvature(const Vector& w, Vector& diagonal) {
    if constexpr (HasCurvature<ObjectiveType>) {
      diagonal.resize(w.size());
      if constexpr (std::is_same_v<decltype(objective_.curvature(w, diagonal)), bool>) {
        return objective_.curvature(w, diagonal);
      } else {
        objective_.curvature(w, diagonal);
        return true;
      }
    }
    return false;
  }

  double user_gradient_max(const Vector& gradient) {
    if constexpr (has_coordinates) {
      return objective_.user_gradient_max(gradient);
    } else {
      return max_norm(gradient);
    }
  }

  /// Along the negative gradient, in coordinates that know one; else NaN.
  double natural_step() const {
    if constexpr (has_coordinates) return natural_step_of(objective_);
    return not_a_number;
  }

  /// Did the objective leave entries of the gradient as it found them (or add to them, or resize it)? Then a sentence
  /// that names the first; else an empty text.
  std::string unfilled(const Vector& gradient) const {
    if (wrong_size_ >= 0) {
      return "the objective gave a gradient of " + std::to_string(wrong_size_) + " entries for " +
             std::to_string(gradient.size()) + " weights";
    }
    long count = 0, first = -1;
    for (Eigen::Index i = 0; i < gradient.size(); ++i) {
      if (!is_poison(gradient[i])) continue;
      if (++count == 1) first = i;
    }
    if (count == 0) return {};
    return "the objective did not fill entry " + std::to_string(first) + " of the gradient" +
           (count > 1 ? " and " + std::to_string(count - 1) + " more" : "");
  }

  /// What is not finite at a point: "the loss is NaN", "entry 3 of the gradient is NaN".
  static std::string what_is_not_finite(const Point& point) {
    for (Eigen::Index i = 0; i < point.w.size(); ++i) {
      if (!std::isfinite(point.w[i])) return "entry " + std::to_string(i) + " of the weights is " + number(point.w[i]);
    }
    if (!std::isfinite(point.loss)) return "the loss is " + number(point.loss);
    for (Eigen::Index i = 0; i < point.gradient.size(); ++i) {
      if (!std::isfinite(point.gradient[i])) {
        return "entry " + std::to_string(i) + " of the gradient is " + number(point.gradient[i]);
      }
    }
    return {};
  }

 private:
  // A quiet NaN of our own: unlike a NaN that the objective computed it can be told apart, and adding to it keeps it.
  static constexpr std::uint64_t poison_bits = 0x7ff8'5afe'f007'0001;
  static double poisoned() {
    double value;
    std::memcpy(&value, &poison_bits, sizeof value);
    return value;
  }
  static bool is_poison(double value) {
    std::uint64_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    return (bits & 0x7fff'ffff'ffff'ffff) == poison_bits;
  }
  static void poison(Vector& gradient, Eigen::Index n) { gradient.setConstant(n, poisoned()); }

  ObjectiveType& objective_;
  long loss_calls_ = 0;
  long joint_calls_ = 0;
  long ray_trials_ = 0;
  long hessian_products_ = 0;
  long wrong_size_ = -1;
};

}  // namespace surefoot
