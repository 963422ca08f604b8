/// Hager–Zhang search: finds a Wolfe step to the last digit, where losses can no longer tell up from down.
///
///   Minimizer minimizer{LBFGS{}, HagerZhang{}, Monitor{}, Stop{}};
#pragma once

#include "surefoot/steps/interpolate.hpp"

namespace surefoot {

/// Hager & Zhang's search: a first probe for the minimiser of a parabola, then a bracket whose ends slope towards each
/// other, closed in by secants from both sides.
/// Ensures the Wolfe conditions  φ(t) <= φ(0) + sufficient_decrease · t · φ'(0)  and  φ'(t) >= curvature_condition ·
/// φ'(0),  or the approximate ones, which need only slopes:  (2 sufficient_decrease − 1) φ'(0) >= φ'(t) >=
/// curvature_condition · φ'(0)  and  φ(t) <= φ(0) + loss_noise · (recent size of |φ|).
/// Hager & Zhang (2005; ALGORITHM 851, 2006). The leaps and the geometric middle from absurd steps are ours.
struct HagerZhang {
  static constexpr std::string_view name = "hager-zhang";
  static constexpr Role role = Role::judges;

  // Fixed as the authors have them.
  static constexpr double probe_share = 0.1;     // psi1: the parabola's probe, in last steps
  static constexpr double without_parabola = 2;  // psi2: the first trial where there is none, in last steps
  static constexpr double growth = 5;            // rho: of the bracket
  static constexpr double shrink_to = 0.66;      // gamma: two secants must leave less of the bracket, else it is halved
  static constexpr double forgetting = 0.7;      // Delta: of the size of recent losses
  static constexpr double small_change = 1e-3;  // omega: a smaller relative change of the loss: approximate from now on

  double sufficient_decrease = 0.1;  // in (0, 1/2)
  double curvature_condition = 0.9;  // in [sufficient_decrease, 1)
  double loss_noise = 1e-6;          // > 0
  int max_trials = 50;               // >= 1

  enum class Phase { quad, bracket, u3, secant1, secant2, shrink };
  struct State {
    double step = 0;
    double weight = 0, size = 0;  // Q and C: the running mean of |loss|
    double loss = not_a_number;   // where the ray starts
    bool approximate = false;     // losses change too little to judge by them
    Phase phase = Phase::quad, after_u3 = Phase::bracket;
    RayEnd a{}, b{};                  // the bracket when the round began
    RayEnd low{}, high{};             // the bracket now
    double candidate = not_a_number;  // the second secant's minimiser
    double wall = infinity;           // the shortest trial that was not finite
    int leaps = 0;                    // in a row
  } state{};

  template <class Self, class Each>
  static void parameters(Self& self, Each&& each) {
    each("sufficient_decrease", self.sufficient_decrease, Range::between(0, 0.5),
         "the share of the decrease promised by the slope that a step must bring");
    each("curvature_condition", self.curvature_condition, Range{self.sufficient_decrease, 1, false, true},
         "the share of the slope that may be left at the end of a step");
    each("loss_noise", self.loss_noise, Range::positive(),
         "how far a loss may rise where slopes decide, in sizes of recent losses");
    each("max_trials", self.max_trials, Range::at_least(1), "tries on one ray");
  }
  template <class Self, class Each>
  static void states(Self& self, Each&& each) {
    auto& s = self.state;
    each("step", s.step);
    each("weight", s.weight);
    each("size", s.size);
    each("loss", s.loss);
    each("approximate", s.approximate);
    each("phase", s.phase);
    each("after_u3", s.after_u3);
    RayEnd::states(s.a, "a_step", "a_loss", "a_slope", each);
    RayEnd::states(s.b, "b_step", "b_loss", "b_slope", each);
    RayEnd::states(s.low, "low_step", "low_loss", "low_slope", each);
    RayEnd::states(s.high, "high_step", "high_loss", "high_slope", each);
    each("candidate", s.candidate);
    each("wall", s.wall);
    each("leaps", s.leaps);
  }

  Ask first(const Ray& ray) {
    const bool natural = std::isfinite(ray.natural_step);
    if (state.weight == 0) {
      state.weight = 1;
      state.size = std::abs(ray.loss);
    }
    state.loss = ray.loss;
    state.phase = natural ? Phase::bracket : Phase::quad;
    state.a = state.b = state.low = state.high = {0, ray.loss, ray.slope};
    state.candidate = not_a_number;
    state.wall = infinity;
    state.leaps = 0;
    return {natural ? ray.natural_step : probe_share * state.step, Probe::slope};
  }

  Verdict judge(const Ray& ray, const Trial& trial) {
    if (state.phase == Phase::quad) {
      state.phase = Phase::bracket;
      const double next = after_probe(ray, trial);
      if (trial.finite() && next != trial.step) return ask(next);
    }
    const RayEnd here{trial.step, trial.finite() ? trial.loss : infinity, trial.finite() ? trial.slope : not_a_number};
    const double limit = ray.loss + loss_noise * state.size;
    if (trial.finite() && accepts(ray, trial, limit)) return Verdict::take();
    if (trial.number >= max_trials) return Verdict::give_up();  // the loop takes the lowest trial, if there is one

    if (state.phase == Phase::bracket) return bracket(here, limit);
    if (state.phase == Phase::u3) {
      if (here.slope >= 0) {
        lower(here);
        return enter(following(state.after_u3));
      }
      here.loss <= limit ? raise(here) : lower(here);
      return halve();
    }
    if (here.slope >= 0) {
      lower(here);
      if (state.phase == Phase::secant1) state.candidate = secant(state.b, here);
    } else if (here.loss <= limit) {
      raise(here);
      if (state.phase == Phase::secant1) state.candidate = secant(state.a, here);
    } else {
      return enter_u3(here);
    }
    return enter(following(state.phase));
  }

  void taken(const Move& move) {
    state.step = move.step;
    if (!std::isfinite(move.loss)) return;
    if (std::abs(move.loss - state.loss) <= small_change * state.size) state.approximate = true;
    state.weight = 1 + forgetting * state.weight;
    state.size += (std::abs(move.loss) - state.size) / state.weight;
  }
  void rolled_back(double factor) {
    state.step *= factor;
    state.weight = state.size = 0;
    state.approximate = false;
  }
  void restarted(const Ray&) {}
  Learns learns() const { return Learns::loss; }
  Probe probes() const { return Probe::slope; }

 private:
  static Verdict ask(double step) { return Verdict::retry({std::min(step, largest_step), Probe::slope}); }

  bool accepts(const Ray& ray, const Trial& trial, double limit) const {
    if (!(trial.slope >= curvature_condition * ray.slope)) return false;
    if (!state.approximate && trial.loss - ray.loss <= sufficient_decrease * trial.model_decrease) return true;
    return trial.slope <= (2 * sufficient_decrease - 1) * ray.slope && trial.loss <= limit;
  }

  /// The minimiser of the parabola with the slopes at 0 and at the probe, where it has one. (The authors take it from
  /// losses, which a probe gives for less; here the slope comes with the probe, and keeps digits that losses lose.)
  double after_probe(const Ray& ray, const Trial& trial) const {
    const double minimiser = secant({0, ray.loss, ray.slope}, {trial.step, trial.loss, trial.slope});
    const bool falls = trial.loss <= ray.loss || nearly_equal(trial.loss, ray.loss);
    const bool convex = falls && trial.slope > ray.slope && std::isfinite(minimiser);
    return convex ? minimiser : (without_parabola / probe_share) * trial.step;
  }

  /// Outwards, until the slope turns or the loss is too high.
  Verdict bracket(const RayEnd& here, double limit) {
    const double t = here.step;
    if (std::isinf(here.loss)) {
      state.wall = t;
      if (state.low.step == 0) return ask(t / leap(++state.leaps));
      return closed(state.low.step, t) ? Verdict::give_up() : ask(middle(state.low.step, t));
    }
    if (here.slope >= 0) {
      lower(here);
      return enter(Phase::secant1);
    }
    if (here.loss > limit) return enter_u3(here);
    if (state.low.step == 0) state.leaps = 0;
    state.low = here;
    const double further = std::min((++state.leaps <= 3 ? growth : leap(state.leaps)) * t, largest_step);
    if (std::isfinite(state.wall)) {
      return closed(t, state.wall) ? Verdict::give_up() : ask(std::min(further, middle(t, state.wall)));
    }
    return further > t ? ask(further) : Verdict::give_up();
  }

  /// The last trial slopes down from too high a loss: a minimum that is low enough lies before it.
  Verdict enter_u3(const RayEnd& here) {
    state.after_u3 = state.phase;
    state.phase = Phase::u3;
    lower(here);
    return halve();
  }
  Verdict halve() {
    const double low = state.low.step, high = state.high.step;
    if (closed(low, high)) return Verdict::give_up();
    if (low == 0 && far_apart()) return ask(high / leap(state.leaps));
    return ask(middle(low, high));
  }

  void raise(const RayEnd& here) {
    state.low = here;
    state.leaps = 0;
  }
  void lower(const RayEnd& here) {
    state.high = here;
    ++state.leaps;
  }
  /// So far that secants, which close in by a constant factor at worst, would take too long.
  bool far_apart() const {
    const double low = state.low.step, high = state.high.step;
    return low > 0 ? high > 100 * low : state.leaps > 3 || (state.step > 0 && high > 100 * state.step);
  }

  static Phase following(Phase phase) {
    if (phase == Phase::secant1) return Phase::secant2;
    return phase == Phase::secant2 ? Phase::shrink : Phase::secant1;
  }
  /// Begins a phase; one that has nothing to try is passed over.
  Verdict enter(Phase phase) {
    const double low = state.low.step, high = state.high.step;
    if (closed(low, high)) return Verdict::give_up();
    state.phase = phase;
    if (phase == Phase::secant1) {
      state.a = state.low;
      state.b = state.high;
      state.candidate = not_a_number;
      const double next = secant(state.a, state.b);
      return next > low && next < high ? ask(next) : enter(Phase::shrink);
    }
    if (phase == Phase::secant2) {
      return state.candidate > low && state.candidate < high ? ask(state.candidate) : enter(Phase::shrink);
    }
    if (high - low <= shrink_to * (state.b.step - state.a.step) && !far_apart()) return enter(Phase::secant1);
    return halve();
  }

  static double secant(const RayEnd& a, const RayEnd& b) {
    return a.step + (b.step - a.step) * (a.slope / (a.slope - b.slope));
  }
  static bool closed(double low, double high) { return high - low <= 1e-14 * high; }
};

}  // namespace surefoot
