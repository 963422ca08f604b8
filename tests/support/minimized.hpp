/// Runs in which the objective's static type is not the point. The loop is compiled for them once, in minimized.cpp, not
/// again for every lambda of every test; what a run does, counts and says is the same to the bit.
///
///   Result result = test::minimized([](const Vector& w, Vector& gradient) { … }, w0, {.first_step = 1.0});
///   Result result = test::AnyMinimizer{LBFGS{}, WeakWolfe{}, Monitor{}, Stop{}}.run(Rosenbrock(2), w0);
///
/// Where the type is the point (bounds, batches, coordinates of its own) call surefoot's own `minimize` and `Minimizer`.
#pragma once

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
  explicit(false) AnyObjective(O&& objective)
      : joint_([&objective](const Vector& w, Vector& gradient) { return loss_and_gradient(objective, w, gradient); }) {
    using Bare = std::remove_reference_t<O>;
    static_assert(!Proximal<Bare> && !Batched<Bare> && !Coordinates<Bare>, "what it is beside a loss would be lost");
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

/// Any loss as one type that an objective can be made of: Boxed<Loss> is compiled once for all of a file's.
using Loss = std::function<double(const Vector&, Vector&)>;

/// surefoot::minimize.
Result minimized(const AnyObjective& objective, const Vector& w0, const MinimizeOptions& options = {});

/// surefoot::Minimizer of any rule. A direction that is not in minimized.cpp's list does not link.
template <Direction DirectionType>
struct AnyMinimizer {
  DirectionType direction;
  AnyRule rule;
  Monitor monitor{};
  Stop stop{};

  using Observer = std::function<bool(const Event&)>;

  Result run(const AnyObjective& objective, const Vector& w0, const RunOptions& options = {}) const {
    return run_told(objective, w0, options, nullptr);
  }
  template <class Each>
  Result run(const AnyObjective& objective, const Vector& w0, const RunOptions& options, Each&& observer) const {
    return run_told(objective, w0, options, [&observer](const Event& event) { return notify(observer, event); });
  }

 private:
  Result run_told(const AnyObjective& objective, const Vector& w0, const RunOptions& options,
                  const Observer& observer) const;
};

template <class DirectionType, class... Rest>
AnyMinimizer(DirectionType, Rest...) -> AnyMinimizer<DirectionType>;

}  // namespace surefoot::test
