/// Gradient descent put together from a direction, a step rule, a monitor and a stop, chosen at compile time.
///
///   surefoot::Minimizer minimizer{surefoot::SteepestDescent{}, surefoot::BarzilaiBorwein{}, surefoot::Monitor{},
///                                 surefoot::Stop{}};
///   auto result = minimizer.run(objective, w0);
#pragma once

#include "surefoot/loop/descent.hpp"

namespace surefoot {

/// What else a run may be told.
struct RunOptions {
  std::optional<double> first_step{};  // > 0; unset: found by the opening

  template <class Self, class Each>
  static void parameters(Self& self, Each&& each) {
    each("first_step", self.first_step, Range::within(smallest_step, largest_step), "the step to try first");
  }
};

/// Gradient descent put together from its policies. A value: running it does not change it.
template <Direction DirectionType, StepRule Rule>
struct Minimizer {
  DirectionType direction;
  Rule rule = default_rule();  // unset: the one that the direction is at home with
  Monitor monitor{};
  Stop stop{};

  /// Minimises `objective` from `w0`. Throws std::invalid_argument for an option out of its range or policies that
  /// can't be combined, before any work, and lets the objective's own exceptions through; whatever goes wrong
  /// numerically is in the result.
  template <class ObjectiveType, class Observer = Unobserved>
  requires Objective<std::remove_reference_t<ObjectiveType>> Result run(ObjectiveType&& objective, const Vector& w0,
                                                                        const RunOptions& options = {},
                                                                        Observer&& observer = Observer{})
  const {
    using Bare = std::remove_reference_t<ObjectiveType>;
    static_assert(!Proximal<Bare> || surefoot::follows_gradient<DirectionType>(),
                  "a proximal objective needs SteepestDescent: its step runs along the negative gradient");
    if constexpr (surefoot::needs_hessian_products<DirectionType>()) {
      static_assert(HasHessianProducts<Bare>,
                    "this direction needs products with the Hessian: give the objective a "
                    "`void hessian_times(const Vector& w, const Vector& v, Vector& product)`, or take LBFGS");
      static_assert(!Batched<Bare>,
                    "a batch's Hessian is not that of the loss: take another direction for mini-batches");
      if (!surefoot::has_hessian_products(objective)) {
        throw std::invalid_argument(std::string(DirectionType::name) +
                                    " needs products with the Hessian, which this objective does not have: choose "
                                    "another direction, l-bfgs say");
      }
    }
    if (w0.size() == 0) throw std::invalid_argument("w0 has no entries: there is nothing to minimise over");
    validate_rule(rule);
    if (!surefoot::follows_gradient<DirectionType>() && needs_gradient_direction(rule)) {
      throw std::invalid_argument(
          "this rule's steps are for the negative gradient alone: choose SteepestDescent, or a rule "
          "that judges (armijo, nonmonotone, weak-wolfe, strong-wolfe, hager-zhang, grow)");
    }
    if constexpr (requires { DirectionType::parameters(direction, [](auto&&...) {}); }) {
      validate(direction, DirectionType::name);
    }
    validate(monitor, Monitor::name);
    validate(stop, Stop::name);
    validate(options, "run");
    if (Proximal<Bare> && probes(rule) == Probe::slope) {
      throw std::invalid_argument(
          "a proximal objective has no slopes along its path: choose a rule that judges by "
          "losses (armijo, nonmonotone, grow) or proposes (bb)");
    }
    using BareObserver = std::remove_reference_t<Observer>;
    Descent<Bare, DirectionType, Rule, BareObserver> descent(objective, direction, rule, monitor, stop,
                                                             options.first_step.value_or(not_a_number), observer);
    return descent.run(w0);
  }

 private:
  static Rule default_rule() {
    if constexpr (HasHomeRule<DirectionType>) {
      if constexpr (std::is_same_v<Rule, HomeRule<DirectionType>>) return DirectionType::home_rule();
    }
    return Rule{};
  }
};

template <class DirectionType, class Rule>
Minimizer(DirectionType, Rule, Monitor, Stop) -> Minimizer<DirectionType, Rule>;
template <class DirectionType, class Rule>
Minimizer(DirectionType, Rule, Monitor) -> Minimizer<DirectionType, Rule>;
template <class DirectionType, class Rule>
Minimizer(DirectionType, Rule) -> Minimizer<DirectionType, Rule>;
template <class DirectionType>
Minimizer(DirectionType) -> Minimizer<DirectionType, HomeRule<DirectionType>>;

}  // namespace surefoot
