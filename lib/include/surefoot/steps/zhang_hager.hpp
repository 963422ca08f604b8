/// Zhang–Hager backtracking: as nonmonotone Armijo, with a running mean of the losses in place of the worst of the last.
///
///   Minimizer minimizer{SteepestDescent{}, Joined{BarzilaiBorwein{}, ZhangHager{}}, Monitor{}, Stop{}};
#pragma once

#include "surefoot/steps/backtrack.hpp"

namespace surefoot {

/// Zhang & Hager's nonmonotone backtracking: accepts a step whose loss is below a weighted mean C of all losses so far by
/// a fraction of what the slope promises. One number remembers the whole path, and an old high loss fades instead of
/// counting in full and then not at all.
/// Ensures  loss(w + t d) <= max(C, loss(w)) + sufficient_decrease · t · slope,  with C = loss, Q = 1 at the start and
/// Q+ = averaging · Q + 1,  C+ = (averaging · Q · C + loss+) / Q+  after a step.
/// Zhang & Hager (2004); shortening as Armijo's. The haste after 20 refusals is ours.
struct ZhangHager {
  static constexpr std::string_view name = "zhang-hager";
  static constexpr Role role = Role::shrinks;
  static constexpr int patience = 20;  // refusals on a ray before it makes haste

  double sufficient_decrease = 1e-4;  // in (0, 1/2)
  double averaging = 0.85;            // in (0, 1]; near 0 it is Armijo, 1 takes the mean of all losses
  double growth = 2;                  // >= 1

  struct State {
    double step = 0;
    double mean = 0;    // C
    double weight = 0;  // Q: of how many losses; 0: none yet
    Backtrack backtrack{};
  } state{};

  template <class Self, class Each>
  static void parameters(Self& self, Each&& each) {
    each("sufficient_decrease", self.sufficient_decrease, Range::between(0, 0.5),
         "the share of the decrease promised by the slope that a step must bring");
    each("averaging", self.averaging, Range{0, 1, true, false},
         "how much of its weight a loss keeps in the reference from one step to the next");
    each("growth", self.growth, Range::at_least(1), "how much longer the next first try is after one taken at once");
  }
  template <class Self, class Each>
  static void states(Self& self, Each&& each) {
    each("step", self.state.step);
    each("mean", self.state.mean);
    each("weight", self.state.weight);
    Backtrack::states(self.state.backtrack, each);
  }

  Ask first(const Ray& ray) {
    state.backtrack = {};
    if (state.weight == 0) remember(ray.loss);
    return {std::isfinite(ray.natural_step) ? ray.natural_step : state.step, Probe::loss};
  }
  Verdict judge(const Ray& ray, const Trial& trial) {
    const double reference = state.weight == 0 ? ray.loss : std::max(ray.loss, state.mean);
    if (trial.finite() && sufficient(ray, trial, reference, sufficient_decrease)) return Verdict::take();
    return Verdict::retry({state.backtrack.shorter(ray, trial) * haste(trial.number), Probe::loss});
  }
  void taken(const Move& move) {
    remember(move.loss);
    state.step = move.step * (move.trials == 1 ? growth : 1);
  }
  void rolled_back(double factor) {
    state.step *= factor;
    state.weight = 0;
  }
  void restarted(const Ray&) {}
  Learns learns() const { return Learns::loss; }

 private:
  void remember(double loss) {
    if (!std::isfinite(loss)) return;
    if (state.weight == 0) state.mean = loss;
    state.weight = averaging * state.weight + 1;
    state.mean += (loss - state.mean) / state.weight;
  }
  /// A step that is wrong by 300 decades is no case for tenths: after the 20th refusal by 1, 2, 3 … decades more.
  static double haste(int refused) { return refused <= patience ? 1 : std::pow(0.1, refused - patience); }
};

}  // namespace surefoot
