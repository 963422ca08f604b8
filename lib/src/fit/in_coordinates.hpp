/// A linear objective in coordinates that are chosen at run time: with AnyLinear and AnyRule the loop is compiled once a
/// direction.
#pragma once

#include <functional>
#include <memory>
#include <utility>
#include <variant>

#include "fit/any_linear.hpp"
#include "fit/plan.hpp"
#include "fit/sample.hpp"
#include "surefoot/coordinates/gram.hpp"

namespace surefoot::fitting {

/// The metrics that a run goes through, each dearer and truer than the one before: none or the diagonal, where it begins so;
/// a sample's; that of all rows, as often as it pays.
class Metrics {
 public:
  Metrics(AnyLinear& objective, double cost_of_all) : objective_(&objective), cost_of_all_(cost_of_all) {}

  /// The first is this diagonal, which costs nothing.
  void begin_with(Vector diagonal) { diagonal_ = std::move(diagonal); }
  /// The first is the plain one of that curvature along every weight, which costs nothing either.
  void begin_plain(double curvature) { plain_ = curvature; }
  /// The next comes from a sample, made when it is needed, for `cost` passes.
  void then_sample(std::function<std::unique_ptr<Sample>()> sample, double cost, double rows_per_weight) {
    sample_ = std::move(sample);
    cost_of_sample_ = cost;
    rows_per_weight_ = rows_per_weight;
  }

  /// The first, where it is one of those: false from the second on.
  bool diagonal_metric(const Vector& w, Vector& to) {
    if (plain_ > 0) {
      to.setConstant(w.size(), plain_);
      plain_ = 0;
      present_ = Way::plain;
      return true;
    }
    if (diagonal_.size() == 0) return false;
    to = std::exchange(diagonal_, {});
    present_ = Way::diagonal;
    return true;
  }
  void hessian(const Vector& w, Eigen::MatrixXd& to) {
    if (sample_) {
      sample_()->hessian(w, to);
      sample_ = nullptr;
      present_ = Way::gram;
    } else {
      objective_->hessian(w, to);
      ++of_all_;
      present_ = Way::gram;
    }
  }
  Way present() const { return present_; }
  /// What the next costs, and the iterations after it, in passes.
  double price_of_hessian(double left) {
    // L-BFGS in any metric gets faster as it goes: only what is far dearer now will be dearer in the end.
    constexpr double far = 1.6;
    if (sample_) return far * (cost_of_sample_ + 1 + left / std::log(rows_per_weight_));
    // A first metric of pairs is not bought before as much was paid in iterations: then it is at most twice too dear.
    constexpr int before_asked = 3;
    const bool of_pairs = present_ == Way::gram;
    if (!of_pairs && before_asked + asked_++ < cost_of_all_) return infinity;
    if (of_all_ == 0) return (of_pairs ? 1 : far) * (cost_of_all_ + 4);
    return std::ldexp(cost_of_all_ / 2 + 2, of_all_ - 1);
  }

 private:
  AnyLinear* objective_;
  double cost_of_all_, cost_of_sample_ = 0, rows_per_weight_ = 1;
  Vector diagonal_{};
  std::function<std::unique_ptr<Sample>()> sample_{};
  double plain_ = 0;
  Way present_ = Way::gram;
  int asked_ = 0;
  int of_all_ = 0;
};

/// What Gram wraps: AnyLinear with those metrics, and without its diagonal (a sample's has been put right by it).
class SmoothLinear {
 public:
  SmoothLinear(AnyLinear& objective, Metrics metrics) : objective_(&objective), metrics_(std::move(metrics)) {}
  double loss(const Vector& w) { return objective_->loss(w); }
  double loss(const Vector& w, Vector& gradient) { return objective_->loss(w, gradient); }
  double lower_bound() const { return objective_->lower_bound(); }
  bool diagonal_metric(const Vector& w, Vector& to) { return metrics_.diagonal_metric(w, to); }
  void hessian(const Vector& w, Eigen::MatrixXd& to) { metrics_.hessian(w, to); }
  double price_of_hessian(double left) { return metrics_.price_of_hessian(left); }
  bool has_ray() const { return objective_->has_ray(); }
  void along(const Vector& w, const Vector& direction) { objective_->along(w, direction); }
  passes::RowSums on_ray(double step) { return objective_->on_ray(step); }
  void hessian_times(const Vector& w, const Vector& v, Vector& product) { objective_->hessian_times(w, v, product); }
  const Metrics& metrics() const { return metrics_; }

 private:
  AnyLinear* objective_;
  Metrics metrics_;
};

class PlainCoordinates {
 public:
  explicit PlainCoordinates(AnyLinear& objective) : objective_(&objective) {}
  double loss(const Vector& w) { return objective_->loss(w); }
  double loss(const Vector& w, Vector& gradient) { return objective_->loss(w, gradient); }
  void along(const Vector& w, const Vector& direction) { objective_->along(w, direction); }
  passes::RowSums on_ray(double step) { return objective_->on_ray(step); }
  void hessian_times(const Vector& w, const Vector& v, Vector& product) { objective_->hessian_times(w, v, product); }
  static void enter(const Vector& w, Vector& v) { v = w; }
  static void leave(const Vector& v, Vector& w) { w = v; }
  static double user_gradient_max(const Vector& gradient) { return max_norm(gradient); }
  static bool refresh(int, const Vector&) { return false; }
  static void recast(Vector&, Vector&) {}

 private:
  AnyLinear* objective_;
};

class InCoordinates {
 public:
  static InCoordinates plain(AnyLinear& objective) { return {objective, PlainCoordinates(objective)}; }
  static InCoordinates diagonal(AnyLinear& objective) { return {objective, Diagonal<AnyLinear>(objective)}; }
  static InCoordinates gram(AnyLinear& objective, Metrics metrics, const GramOptions& options) {
    InCoordinates made(objective, PlainCoordinates(objective));
    made.smooth_ = std::make_unique<SmoothLinear>(objective, std::move(metrics));
    made.held_.emplace<Gram<SmoothLinear>>(*made.smooth_, options);
    return made;
  }

  double loss(const Vector& v) {
    return std::visit([&](auto& held) { return held.loss(v); }, held_);
  }
  double loss(const Vector& v, Vector& gradient) {
    return std::visit([&](auto& held) { return held.loss(v, gradient); }, held_);
  }
  double lower_bound() const { return objective_->lower_bound(); }

  bool has_ray() const { return objective_->has_ray(); }
  void along(const Vector& v, const Vector& direction) {
    std::visit([&](auto& held) { held.along(v, direction); }, held_);
  }
  passes::RowSums on_ray(double step) {
    return std::visit([&](auto& held) { return held.on_ray(step); }, held_);
  }

  bool has_hessian_products() const { return objective_->has_hessian_products(); }
  void hessian_times(const Vector& v, const Vector& direction, Vector& product) {
    std::visit([&](auto& held) { held.hessian_times(v, direction, product); }, held_);
  }
  // Of plain coordinates only: products in others are not of the objective's own v.
  bool sums_products() const { return std::holds_alternative<PlainCoordinates>(held_) && objective_->sums_products(); }
  void sum_product(double step, bool anew) { objective_->sum_product(step, anew); }
  void along_sum(const Vector& v, const Vector& direction) { objective_->along_sum(v, direction); }
  /// Of plain coordinates only: in the others a diagonal has no more to tell, or is not known.
  bool curvature(const Vector& v, Vector& diagonal) {
    if (!std::holds_alternative<PlainCoordinates>(held_)) return false;
    objective_->curvature(v, diagonal);
    return true;
  }

  void enter(const Vector& w, Vector& v) {
    std::visit([&](auto& held) { held.enter(w, v); }, held_);
  }
  void leave(const Vector& v, Vector& w) const {
    std::visit([&](const auto& held) { held.leave(v, w); }, held_);
  }
  double user_gradient_max(const Vector& gradient) const {
    return std::visit([&](const auto& held) { return held.user_gradient_max(gradient); }, held_);
  }
  bool refresh(int iteration, const Vector& v) {
    return std::visit([&](auto& held) { return held.refresh(iteration, v); }, held_);
  }
  void recast(Vector& v, Vector& gradient) const {
    std::visit([&](const auto& held) { held.recast(v, gradient); }, held_);
  }
  double natural_step() const {
    return std::visit([&](const auto& held) { return natural_step_of(held); }, held_);
  }

  /// What the run is in now: Gram coordinates may still be in their first metric, which is none or a diagonal.
  Way ends_in() const {
    if (smooth_) return smooth_->metrics().present();
    return std::holds_alternative<PlainCoordinates>(held_) ? Way::plain : Way::diagonal;
  }

 private:
  using Held = std::variant<PlainCoordinates, Diagonal<AnyLinear>, Gram<SmoothLinear>>;
  InCoordinates(AnyLinear& objective, Held held) : objective_(&objective), held_(std::move(held)) {}

  AnyLinear* objective_;
  std::unique_ptr<SmoothLinear> smooth_{};  // Gram looks at it
  Held held_;
};

}  // namespace surefoot::fitting
