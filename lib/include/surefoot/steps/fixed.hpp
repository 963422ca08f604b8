/// A fixed step: what a plain loop does. Kept as given; only the monitor's cap ever shortens it.
///
///   Minimizer minimizer{SteepestDescent{}, Fixed{.step = 1e-3}, Monitor{}, Stop{}};
#pragma once

#include <optional>

#include "surefoot/loop/rule.hpp"

namespace surefoot {

/// A fixed step t. Converges on a convex loss for t < 2/L, crawls for t far below it, and diverges above it: there the
/// loop and its monitor shorten the step and go on. Without a step of its own it keeps the run's first step, or, where
/// that is unset too, the one that the opening finds.
/// Textbook (Cauchy 1847 has the idea of the descent; L is the largest curvature).
struct Fixed {
  static constexpr std::string_view name = "fixed";
  static constexpr Role role = Role::judges;  // not a proposal: it is meant to be kept

  std::optional<double> step{};

  struct State {
    double step = 0;  // 0: none yet
  } state{};

  template <class Self, class Each>
  static void parameters(Self& self, Each&& each) {
    each("step", self.step, Range::within(smallest_step, largest_step),
         "the step to keep; unset: the run's first step");
  }
  template <class Self, class Each>
  static void states(Self& self, Each&& each) {
    each("step", self.state.step);
  }

  Ask first(const Ray& ray) {
    if (step) return {*step, Probe::none};
    return {std::isfinite(ray.natural_step) ? ray.natural_step : state.step, Probe::none};
  }
  Verdict judge(const Ray&, const Trial&) { return Verdict::take(); }
  void taken(const Move& move) {
    if (state.step == 0) state.step = move.step;
  }
  void rolled_back(double) {}  // the monitor's cap does it
  void restarted(const Ray&) {}
  Learns learns() const { return Learns::nothing; }
  Probe probes() const { return Probe::none; }
  bool adapts() const { return false; }
  double given_step() const { return step.value_or(not_a_number); }
};

}  // namespace surefoot
