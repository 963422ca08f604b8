/// Limited-memory steepest descent: a sweep of steps that the last few gradients agree on.
///
///   Minimizer minimizer{SteepestDescent{}, LMSD{.memory = 5}, Monitor{}, Stop{}};
#pragma once

#include <vector>

#include "surefoot/steps/spectral.hpp"

namespace surefoot {

/// The inverse Ritz values of the Hessian on the span of the last `memory` gradients, the shortest step first; when they
/// are used up, the gradients met on the way give the next ones. On a quadratic each step takes out the error along one
/// eigenvector that the span has caught. It takes what it asked for, so losses go up and down: run it under the monitor,
/// or joined to a nonmonotone judge. A sweep ends early when the loss rises.
/// For d = −g only, and in the loop only: it keeps `memory` gradients (n numbers each), the one rule that needs vectors.
/// Fletcher (2012). Ours: a QR of gradients of length 1 (a Cholesky of their products gave a Ritz value ten times too
/// large), the oldest left out while they are dependent, and, where no Ritz value is positive (negative curvature), the
/// longer of three times the last step and |s|/|y|.
struct LMSD {
  static constexpr std::string_view name = "lmsd";
  static constexpr Role role = Role::proposes;
  static constexpr double dependent = 1e-6;  // a gradient with no larger part that is new; 1e-3 to 1e-8 do as well

  int memory = 5;  // in [1, 100]; 3 to 7 do equally well

  struct State {
    double step = 0;
    double loss = not_a_number;
    std::vector<double> sweep{};      // the steps to come, the next one last
    std::vector<double> steps{};      // that were taken from each of
    std::vector<Vector> gradients{};  // these, the oldest first
  } state{};

  template <class Self, class Each>
  static void parameters(Self& self, Each&& each) {
    each("memory", self.memory, Range::within(1, 100), "gradients kept, each as large as the weights");
  }

  Ask first(const Ray&) { return {state.step, Probe::none}; }
  Verdict judge(const Ray&, const Trial&) { return Verdict::take(); }

  void taken(const Move& move, const Vector& from, const Vector& to) {
    keep(move.step, from);
    if (!state.sweep.empty()) state.sweep.pop_back();
    if (move.loss > state.loss) state.sweep.clear();
    state.loss = move.loss;
    if (state.sweep.empty()) plan(to);
    if (state.sweep.empty()) {
      // Not twice: halved by a rollback that would be the step just tried.
      state.step = std::max(3 * move.step, within_reach(move.displacement / move.gradient_change, move));
    } else {
      state.step = within_reach(state.sweep.back(), move);
    }
  }
  /// Without the gradients only the pair is known: the short Barzilai–Borwein step, or the one for negative curvature.
  void taken(const Move& move) {
    forget();
    state.step = within_reach(spectral(move).short_step, move);
  }
  void rolled_back(double factor) {
    state.step *= factor;
    forget();
  }
  void restarted(const Ray& ray) {
    forget();
    if (std::isfinite(ray.natural_step)) state.step = ray.natural_step;
  }
  Learns learns() const { return Learns::pair; }
  Probe probes() const { return Probe::none; }
  bool needs_gradient_direction() const { return true; }

  RuleState write() const {
    std::vector<double> gradients;
    for (const Vector& gradient : state.gradients) gradients.insert(gradients.end(), gradient.begin(), gradient.end());
    return {{"step", {state.step}},
            {"loss", {state.loss}},
            {"sweep", state.sweep},
            {"steps", state.steps},
            {"gradients", std::move(gradients)}};
  }
  void resume(const RuleState& written) {
    const auto names = write();
    bool fits = written.size() == names.size();
    for (std::size_t i = 0; fits && i < names.size(); ++i) fits = written[i].first == names[i].first;
    fits = fits && written[0].second.size() == 1 && written[1].second.size() == 1;
    if (!fits) throw std::invalid_argument("the written state is of another rule or version: it is none of lmsd");
    const std::vector<double>& steps = written[3].second;
    const std::vector<double>& gradients = written[4].second;
    state = {written[0].second.front(), written[1].second.front(), written[2].second, steps, {}};
    const std::size_t size = steps.empty() ? 0 : gradients.size() / steps.size();
    for (std::size_t i = 0; i < steps.size(); ++i) {
      state.gradients.emplace_back(
          Eigen::Map<const Vector>(gradients.data() + i * size, static_cast<Eigen::Index>(size)));
    }
  }

  /// The eigenvalues of the projected Hessian, in ascending order. `gradients` and the one after the last step are
  /// consecutive, so that  H G = [G g] J  with the bidiagonal J of 1/t and −1/t, and T = Qᵀ H Q needs no Hessian.
  static Eigen::VectorXd ritz_values(const std::vector<Vector>& gradients, const std::vector<double>& steps,
                                     const Vector& last);

 private:
  void forget() {
    state.sweep.clear();
    state.steps.clear();
    state.gradients.clear();
    state.loss = not_a_number;
  }
  void keep(double step, const Vector& gradient) {
    if (static_cast<int>(state.steps.size()) < memory) {
      state.steps.push_back(step);
      state.gradients.push_back(gradient);
      return;
    }
    std::rotate(state.steps.begin(), state.steps.begin() + 1, state.steps.end());
    std::rotate(state.gradients.begin(), state.gradients.begin() + 1, state.gradients.end());
    state.steps.back() = step;
    state.gradients.back() = gradient;
  }
  void plan(const Vector& gradient) {
    for (const double curvature : ritz_values(state.gradients, state.steps, gradient)) {
      if (curvature > 0) state.sweep.push_back(1 / curvature);
    }
  }
};

}  // namespace surefoot
