#include "support/minimized.hpp"

#include "surefoot/directions/conjugate_gradient.hpp"
#include "surefoot/directions/heavy_ball.hpp"
#include "surefoot/directions/nesterov.hpp"
#include "surefoot/directions/truncated_newton.hpp"

namespace surefoot::test {

namespace {

struct Joint {
  const AnyObjective& of;
  double loss(const Vector& w, Vector& gradient) const { return of.joint(w, gradient); }
  double lower_bound() const { return of.lower_bound(); }
};
/// Apart from Joint, since the loop counts a loss without its gradient by itself.
struct JointAndAlone : Joint {
  using Joint::loss;
  double loss(const Vector& w) const { return of.alone(w); }
};

}  // namespace

Result minimized(const AnyObjective& objective, const Vector& w0, const MinimizeOptions& options) {
  return objective.has_alone() ? minimize(JointAndAlone{{objective}}, w0, options)
                               : minimize(Joint{objective}, w0, options);
}
Result minimized_in(AnyInCoordinates&& objective, const Vector& w0, const MinimizeOptions& options) {
  return minimize(objective, w0, options);
}

// One type of observer for all: a run that nobody watches takes the same way as one that is watched.

template <Direction DirectionType>
Result AnyMinimizer<DirectionType>::run(const AnyObjective& objective, const Vector& w0, const RunOptions& options,
                                        const Observer& observer) const {
  const Minimizer minimizer{direction, rule, monitor, stop};
  return objective.has_alone() ? minimizer.run(JointAndAlone{{objective}}, w0, options, observer.told())
                               : minimizer.run(Joint{objective}, w0, options, observer.told());
}
template <Direction DirectionType>
Result AnyMinimizer<DirectionType>::run_in(AnyInCoordinates&& objective, const Vector& w0, const RunOptions& options,
                                           const Observer& observer) const {
  return Minimizer{direction, rule, monitor, stop}.run(objective, w0, options, observer.told());
}
template <Direction DirectionType>
Result AnyMinimizer<DirectionType>::run_along(AnyWithRays&& objective, const Vector& w0, const RunOptions& options,
                                              const Observer& observer) const {
  return Minimizer{direction, rule, monitor, stop}.run(objective, w0, options, observer.told());
}

#define SUREFOOT_RUN(Way, Objective, DirectionType) \
  template Result AnyMinimizer<DirectionType>::Way(Objective, const Vector&, const RunOptions&, const Observer&) const;

SUREFOOT_RUN(run, const AnyObjective&, SteepestDescent)
SUREFOOT_RUN(run, const AnyObjective&, HeavyBall)
SUREFOOT_RUN(run, const AnyObjective&, Nesterov)
SUREFOOT_RUN(run, const AnyObjective&, ConjugateGradient)
SUREFOOT_RUN(run, const AnyObjective&, LBFGS)
SUREFOOT_RUN(run, const AnyObjective&, Inferred<LBFGS>)

SUREFOOT_RUN(run_in, AnyInCoordinates&&, SteepestDescent)
SUREFOOT_RUN(run_in, AnyInCoordinates&&, Inferred<LBFGS>)
SUREFOOT_RUN(run_in, AnyInCoordinates&&, TruncatedNewton)

SUREFOOT_RUN(run_along, AnyWithRays&&, SteepestDescent)
SUREFOOT_RUN(run_along, AnyWithRays&&, Nesterov)
SUREFOOT_RUN(run_along, AnyWithRays&&, Inferred<LBFGS>)
SUREFOOT_RUN(run_along, AnyWithRays&&, TruncatedNewton)

#undef SUREFOOT_RUN

}  // namespace surefoot::test
