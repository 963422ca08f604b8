/// A linear objective in coordinates that are chosen at run time: with AnyLinear and AnyRule the loop is compiled once a
/// direction.
#pragma once

#include <variant>

#include "fit/any_linear.hpp"
#include "fit/sample.hpp"
#include "surefoot/coordinates/gram.hpp"

namespace surefoot::fitting {

/// The objective's metric, the first time from a sample if there is one. (The objective's own diagonal is hidden: a
/// sample's has been put right by it.)
class MetricSource {
 public:
  explicit MetricSource(AnyLinear& objective, Sample* sample) : objective_(&objective), sample_(sample) {}
  void hessian(const Vector& w, Eigen::MatrixXd& to) {
    if (sample_ != nullptr) return sample_->hessian(w, to);
    objective_->hessian(w, to);
  }

 private:
  AnyLinear* objective_;
  Sample* sample_;
};

/// What Gram wraps: AnyLinear without its diagonal.
class SmoothLinear {
 public:
  explicit SmoothLinear(AnyLinear& objective) : objective_(&objective) {}
  double loss(const Vector& w) { return objective_->loss(w); }
  double loss(const Vector& w, Vector& gradient) { return objective_->loss(w, gradient); }
  double lower_bound() const { return objective_->lower_bound(); }
  void hessian(const Vector& w, Eigen::MatrixXd& to) { objective_->hessian(w, to); }
  bool has_ray() const { return objective_->has_ray(); }
  void along(const Vector& w, const Vector& direction) { objective_->along(w, direction); }
  passes::RowSums on_ray(double step) { return objective_->on_ray(step); }

 private:
  AnyLinear* objective_;
};

class PlainCoordinates {
 public:
  explicit PlainCoordinates(AnyLinear& objective) : objective_(&objective) {}
  double loss(const Vector& w) { return objective_->loss(w); }
  double loss(const Vector& w, Vector& gradient) { return objective_->loss(w, gradient); }
  void along(const Vector& w, const Vector& direction) { objective_->along(w, direction); }
  passes::RowSums on_ray(double step) { return objective_->on_ray(step); }
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
  static InCoordinates gram(AnyLinear& objective, Sample* sample, const GramOptions& options) {
    InCoordinates made(objective, PlainCoordinates(objective));
    made.smooth_ = std::make_unique<SmoothLinear>(objective);
    made.source_ = std::make_unique<MetricSource>(objective, sample);
    made.held_ = Gram<SmoothLinear, MetricSource>(*made.smooth_, *made.source_, options);
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

 private:
  using Held = std::variant<PlainCoordinates, Diagonal<AnyLinear>, Gram<SmoothLinear, MetricSource>>;
  InCoordinates(AnyLinear& objective, Held held) : objective_(&objective), held_(std::move(held)) {}

  AnyLinear* objective_;
  std::unique_ptr<SmoothLinear> smooth_{};  // Gram looks at both
  std::unique_ptr<MetricSource> source_{};
  Held held_;
};

}  // namespace surefoot::fitting
