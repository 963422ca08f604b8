/// Runs in which the objective's static type is not the point. The loop is compiled for them once, in minimized.cpp, not
/// again for every lambda of every test; what a run does, counts and says is the same to the bit.
///
///   Result result = test::minimized([](const Vector& w, Vector& gradient) { … }, w0, {.first_step = 1.0});
///   Result result = test::AnyMinimizer{LBFGS{}, WeakWolfe{}, Monitor{}, Stop{}}.run(Rosenbrock(2), w0);
///   test::AnyMinimizer{LBFGS{}, …}.run(Gram(model), w0);             // coordinates are seen as such
///   test::AnyMinimizer{TruncatedNewton{}, …}.run_on_rays(model, w0);  // with its rays and Hessian products too
///
/// Where the type is the point (bounds, batches) call surefoot's own `minimize` and `Minimizer`.
#pragma once

#include <concepts>
#include <cstddef>
#include <functional>
#include <type_traits>

#include "surefoot/any_rule.hpp"
#include "surefoot/loop/minimizer.hpp"
#include "surefoot/minimize.hpp"

namespace surefoot::test {

/// Any smooth objective as one type. Looks at it, so a temporary serves until the end of its statement.
class AnyObjective {
 public:
  template <Objective O>
  requires(!Coordinates<std::remove_reference_t<O>>) explicit(false) AnyObjective(O&& objective)
      : joint_([&objective](const Vector& w, Vector& gradient) { return loss_and_gradient(objective, w, gradient); }) {
    using Bare = std::remove_reference_t<O>;
    static_assert(!Proximal<Bare> && !Batched<Bare>, "what it is beside a loss would be lost");
    if constexpr (HasLoss<Bare>) {
      alone_ = [&objective](const Vector& w) { return static_cast<double>(objective.loss(w)); };
    }
    if constexpr (HasLowerBound<Bare>) lower_bound_ = static_cast<double>(objective.lower_bound());
  }

  double joint(const Vector& w, Vector& gradient) const { return joint_(w, gradient); }
  bool has_alone() const { return alone_ != nullptr; }
  double alone(const Vector& w) const { return alone_(w); }
  double lower_bound() const { return lower_bound_; }

 private:
  std::function<double(const Vector&, Vector&)> joint_;
  std::function<double(const Vector&)> alone_{};
  double lower_bound_ = -infinity;
};

/// Any smooth objective as one type, by reference, with what it has beside its loss as far as it has it.
class AnyWithRays {
 public:
  struct OnRay {
    double value, slope;
  };

  virtual ~AnyWithRays() = default;
  virtual double loss(const Vector& w, Vector& gradient) = 0;
  virtual double lower_bound() = 0;
  virtual bool has_ray() const = 0;
  virtual void along(const Vector& w, const Vector& direction) = 0;
  virtual OnRay on_ray(double step) = 0;
  virtual bool has_hessian_products() const = 0;
  virtual void hessian_times(const Vector& w, const Vector& v, Vector& product) = 0;
  virtual bool curvature(const Vector& w, Vector& diagonal) = 0;
};

/// The same in coordinates of its own.
class AnyInCoordinates : public AnyWithRays {
 public:
  virtual void enter(const Vector& w, Vector& v) = 0;
  virtual void leave(const Vector& v, Vector& w) = 0;
  virtual double user_gradient_max(const Vector& gradient) = 0;
  virtual bool refresh(int iteration, const Vector& v) = 0;
  virtual void recast(Vector& v, Vector& gradient) = 0;
  virtual double natural_step() const = 0;
};

template <Objective O, class As = AnyWithRays>
class WithRays : public As {
 public:
  explicit WithRays(O& objective) : objective_(objective), oracle_(objective) {}

  double loss(const Vector& w, Vector& gradient) override { return loss_and_gradient(objective_, w, gradient); }
  double lower_bound() override { return oracle_.lower_bound(); }
  bool has_ray() const override { return oracle_.has_rays(); }
  void along(const Vector& w, const Vector& direction) override {
    if constexpr (HasRay<O>) objective_.along(w, direction);
  }
  AnyWithRays::OnRay on_ray(double step) override {
    if constexpr (HasRay<O>) {
      const auto there = objective_.on_ray(step);
      return {there.value, there.slope};
    }
    return {};
  }
  bool has_hessian_products() const override { return surefoot::has_hessian_products(objective_); }
  void hessian_times(const Vector& w, const Vector& v, Vector& product) override {
    if constexpr (HasHessianProducts<O>) objective_.hessian_times(w, v, product);
  }
  bool curvature(const Vector& w, Vector& diagonal) override { return oracle_.curvature(w, diagonal); }

 protected:
  O& objective_;

 private:
  Oracle<O> oracle_;
};

template <Coordinates O>
class InCoordinates final : public WithRays<O, AnyInCoordinates> {
 public:
  using WithRays<O, AnyInCoordinates>::WithRays;

  void enter(const Vector& w, Vector& v) override { this->objective_.enter(w, v); }
  void leave(const Vector& v, Vector& w) override { this->objective_.leave(v, w); }
  double user_gradient_max(const Vector& gradient) override { return this->objective_.user_gradient_max(gradient); }
  bool refresh(int iteration, const Vector& v) override { return this->objective_.refresh(iteration, v); }
  void recast(Vector& v, Vector& gradient) override { this->objective_.recast(v, gradient); }
  double natural_step() const override { return natural_step_of(this->objective_); }
};

/// Any loss as one type that an objective can be made of: Boxed<Loss> is compiled once for all of a file's.
using Loss = std::function<double(const Vector&, Vector&)>;

/// surefoot::minimize.
Result minimized(const AnyObjective& objective, const Vector& w0, const MinimizeOptions& options = {});
Result minimized_in(AnyInCoordinates&& objective, const Vector& w0, const MinimizeOptions& options);
template <class O>
requires Coordinates<std::remove_reference_t<O>> Result minimized(O&& objective, const Vector& w0,
                                                                  const MinimizeOptions& options = {}) {
  return minimized_in(InCoordinates<std::remove_reference_t<O>>(objective), w0, options);
}

/// surefoot::Minimizer of any rule. A direction that is not in minimized.cpp's list does not link.
template <Direction DirectionType>
struct AnyMinimizer {
  DirectionType direction;
  AnyRule rule;
  Monitor monitor{};
  Stop stop{};

  /// Empty, or any that surefoot takes, told as it is there.
  class Observer {
   public:
    Observer(std::nullptr_t) {}
    template <class Each>
    requires std::invocable<Each&, const Event&>
    explicit(false) Observer(Each&& observer)
        : told_([&observer](const Event& event) { return notify(observer, event); }) {}
    const std::function<bool(const Event&)>& told() const { return told_; }

   private:
    std::function<bool(const Event&)> told_{};
  };

  Result run(const AnyObjective& objective, const Vector& w0, const RunOptions& options = {},
             const Observer& observer = nullptr) const;

  /// In the coordinates of `objective`.
  template <class O>
  requires Coordinates<std::remove_reference_t<O>> Result run(O&& objective, const Vector& w0,
                                                              const RunOptions& options = {},
                                                              const Observer& observer = nullptr)
  const { return run_in(InCoordinates<std::remove_reference_t<O>>(objective), w0, options, observer); }

  /// With the rays and Hessian products of `objective`, which `run` hides.
  template <class O>
  Result run_on_rays(O&& objective, const Vector& w0, const RunOptions& options = {},
                     const Observer& observer = nullptr) const {
    return run_along(WithRays<std::remove_reference_t<O>>(objective), w0, options, observer);
  }

 private:
  // Only for the directions that minimized.cpp says.
  Result run_in(AnyInCoordinates&& objective, const Vector& w0, const RunOptions& options,
                const Observer& observer) const;
  Result run_along(AnyWithRays&& objective, const Vector& w0, const RunOptions& options,
                   const Observer& observer) const;
};

template <class DirectionType, class... Rest>
AnyMinimizer(DirectionType, Rest...) -> AnyMinimizer<DirectionType>;

}  // namespace surefoot::test
