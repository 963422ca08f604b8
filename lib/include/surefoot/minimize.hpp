/// The one call with nothing to choose.
///
///   auto result = surefoot::minimize(objective, w0);
///   auto result = surefoot::minimize(objective, w0, {.stop = {.gradient = 1e-10, .max_iterations = 500}});
#pragma once

#include "surefoot/coordinates/diagonal.hpp"
#include "surefoot/directions/inferred.hpp"
#include "surefoot/directions/l_bfgs.hpp"
#include "surefoot/directions/steepest.hpp"
#include "surefoot/loop/minimizer.hpp"

namespace surefoot {

struct MinimizeOptions {
  Stop stop{};
  std::optional<double> first_step{};  // > 0; unset: found by the opening
  Monitor monitor{};
  std::function<bool(const Event&)> observer{};  // false ends the run
};

/// Minimises `objective` from `w0`: limited-memory BFGS with inferred steps and a weak Wolfe search. It watches how the
/// loss curves along each weight, and where those curvatures are 1e12 apart, units a million apart, it goes on in scaled
/// coordinates. For an objective with a proximal part or mini-batches: steepest descent with the
/// steps of `auto` under a nonmonotone Armijo judge. Returns the best point seen, whatever ended the run. Throws
/// std::invalid_argument for an option out of its range.
template <class ObjectiveType>
requires Objective<std::remove_reference_t<ObjectiveType>> Result minimize(ObjectiveType&& objective, const Vector& w0,
                                                                           const MinimizeOptions& options = {}) {
  using Bare = std::remove_reference_t<ObjectiveType>;
  const auto run = [&](const auto& minimizer, auto& of) {
    return minimizer.run(of, w0, {.first_step = options.first_step}, options.observer);
  };
  if constexpr (Proximal<Bare> || Batched<Bare>) {
    return run(Minimizer{SteepestDescent{}, SteepestDescent::home_rule(), options.monitor, options.stop}, objective);
  } else {
    const Minimizer minimizer{Inferred{LBFGS{}}, LBFGS::home_rule(), options.monitor, options.stop};
    if constexpr (Coordinates<Bare>) {
      return run(minimizer, objective);
    } else {
      Diagonal<Bare, false> scaled(objective);
      scaled.use_from_spread(1e12);
      return run(minimizer, scaled);
    }
  }
}

}  // namespace surefoot
