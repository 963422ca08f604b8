/// The one call with nothing to choose.
///
///   auto result = surefoot::minimize(objective, w0);
///   auto result = surefoot::minimize(objective, w0, {.stop = {.gradient = 1e-10, .max_iterations = 500}});
#pragma once

#include "surefoot/directions/l_bfgs.hpp"
#include "surefoot/directions/steepest.hpp"
#include "surefoot/loop/minimizer.hpp"
#include "surefoot/steps/barzilai_borwein.hpp"
#include "surefoot/steps/joined.hpp"
#include "surefoot/steps/nonmonotone_armijo.hpp"
#include "surefoot/steps/weak_wolfe.hpp"

namespace surefoot {

struct MinimizeOptions {
  Stop stop{};
  std::optional<double> first_step{};  // > 0; unset: found by the opening
  Monitor monitor{};
  std::function<bool(const Event&)> observer{};  // false ends the run
};

/// Minimises `objective` from `w0`: limited-memory BFGS with a weak Wolfe search (for an objective with a proximal part
/// or mini-batches: steepest descent with alternating Barzilai–Borwein steps under a nonmonotone Armijo judge). Returns the best
/// point seen, whatever ended the run. Throws std::invalid_argument for an option out of its range.
template <class ObjectiveType>
requires Objective<std::remove_reference_t<ObjectiveType>> Result minimize(ObjectiveType&& objective, const Vector& w0,
                                                                           const MinimizeOptions& options = {}) {
  using Bare = std::remove_reference_t<ObjectiveType>;
  const auto run = [&](const auto& minimizer) {
    const RunOptions run_options{.first_step = options.first_step};
    return options.observer ? minimizer.run(objective, w0, run_options, options.observer)
                            : minimizer.run(objective, w0, run_options);
  };
  if constexpr (Proximal<Bare> || Batched<Bare>) {
    return run(Minimizer{SteepestDescent{},
                         Joined{BarzilaiBorwein{.form = BarzilaiBorwein::Form::alternate}, NonmonotoneArmijo{}},
                         options.monitor, options.stop});
  } else {
    return run(Minimizer{LBFGS{}, WeakWolfe{}, options.monitor, options.stop});
  }
}

}  // namespace surefoot
