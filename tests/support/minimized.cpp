#include "support/minimized.hpp"

#include "surefoot/directions/conjugate_gradient.hpp"
#include "surefoot/directions/heavy_ball.hpp"
#include "surefoot/directions/nesterov.hpp"

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

template <Direction DirectionType>
Result AnyMinimizer<DirectionType>::run_told(const AnyObjective& objective, const Vector& w0, const RunOptions& options,
                                             const Observer& observer) const {
  const Minimizer minimizer{direction, rule, monitor, stop};
  // One type of observer for all: a run that nobody watches takes the same way as one that is watched.
  const auto watch = [&observer](const Event& event) { return !observer || observer(event); };
  return objective.has_alone() ? minimizer.run(JointAndAlone{{objective}}, w0, options, watch)
                               : minimizer.run(Joint{objective}, w0, options, watch);
}

template struct AnyMinimizer<SteepestDescent>;
template struct AnyMinimizer<HeavyBall>;
template struct AnyMinimizer<Nesterov>;
template struct AnyMinimizer<ConjugateGradient>;
template struct AnyMinimizer<LBFGS>;
template struct AnyMinimizer<Inferred<LBFGS>>;

}  // namespace surefoot::test
