/// Adaptive Barzilai–Borwein steps: short ones where the last pair mixed many curvatures, long ones where it saw one.
///
///   Minimizer minimizer{SteepestDescent{}, AdaptiveBB{}, Monitor{}, Stop{}};             // abb-variable
///   AdaptiveBB abb{.form = AdaptiveBB::Form::plain}, abbmin1{.form = AdaptiveBB::Form::shortest, .memory = 10};
#pragma once

#include "surefoot/steps/spectral.hpp"

namespace surefoot {

/// Chooses between the long step s·s / s·y and the short one s·y / y·y by their ratio cos²(s, y). A small ratio says
/// that s mixed directions of much different curvature: a short step then damps the sharp ones, so that the long steps
/// after it can deal with the flat ones. A ratio near 1: s met one curvature, and the long step is right for it.
///   plain     ratio <  threshold: the short step; else the long one
///   shortest  ratio <  threshold: the shortest of the last `memory` short steps; else the long one
///   variable  ratio <= threshold: as `shortest`, and threshold *= tightened; else the long one, threshold *= widened
/// It ensures nothing from one step to the next: it takes what it asked for, so run it under the monitor, or joined to
/// a nonmonotone judge. For d = −g only. A pair without positive curvature gives the substitutes of steps/spectral.hpp
/// and leaves memory and threshold as they are.
/// plain: Zhou, Gao & Dai (2006), ABB; shortest: Frassoldati, Zanni & Zanghirati (2008), ABBmin1; variable: Bonettini,
/// Zanella & Zanni (2009).
struct AdaptiveBB {
  static constexpr std::string_view name = "abb";
  static constexpr Role role = Role::proposes;
  enum class Form { plain, shortest, variable };

  Form form = Form::variable;
  double threshold = 0.5;                       // in (0, 1); where `variable` starts
  int memory = form == Form::variable ? 3 : 5;  // >= 1; not of `plain`
  double tightened = 0.9;                       // in (0, 1); of `variable` only
  double widened = 1.1;                         // > 1; of `variable` only

  struct State {
    double step = 0;
    double threshold = 0;  // of `variable`, as it is now; 0: not moved yet
    Ring short_steps{};
  } state{};

  template <class Self, class Each>
  static void parameters(Self& self, Each&& each) {
    each("threshold", self.threshold, Range::between(0, 1),
         self.form == Form::variable
             ? "the ratio of short to long step up to which the short one is taken, at the start"
             : "the ratio of short to long step below which the short one is taken");
    if (self.form == Form::plain) return;
    each("memory", self.memory, Range::within(1, 10000), "short steps whose shortest is taken");
    if (self.form == Form::shortest) return;
    each("tightened", self.tightened, Range::between(0, 1), "what the threshold is multiplied by after a short step");
    each("widened", self.widened, Range::above(1), "what the threshold is multiplied by after a long step");
  }
  template <class Self, class Each>
  static void states(Self& self, Each&& each) {
    each("step", self.state.step);
    each("threshold", self.state.threshold);
    each("short_steps", self.state.short_steps);
  }

  Ask first(const Ray&) { return {state.step, Probe::none}; }
  Verdict judge(const Ray&, const Trial&) { return Verdict::take(); }
  void taken(const Move& move) {
    const Spectral seen = spectral(move);
    state.step = within_reach(seen.curved ? choose(seen, move) : seen.long_step, move);
  }
  void rolled_back(double factor) {
    state.step *= factor;
    forget();
  }
  void restarted(const Ray& ray) {
    if (std::isfinite(ray.natural_step)) state.step = ray.natural_step;
    forget();
  }
  Learns learns() const { return Learns::pair; }
  Probe probes() const { return Probe::none; }
  bool needs_gradient_direction() const { return true; }

 private:
  double choose(const Spectral& seen, const Move& move) {
    if (form == Form::plain) return seen.ratio < threshold ? seen.short_step : seen.long_step;
    // Within reach here too, or one pair that underflows to 0 would rule the memory for as long as it stays there.
    state.short_steps.push(within_reach(seen.short_step, move), memory);
    if (form == Form::shortest) return seen.ratio < threshold ? state.short_steps.min() : seen.long_step;
    if (state.threshold == 0) state.threshold = threshold;
    const bool is_short = seen.ratio <= state.threshold;
    state.threshold *= is_short ? tightened : widened;
    return is_short ? state.short_steps.min() : seen.long_step;
  }
  void forget() {
    state.threshold = 0;
    state.short_steps.clear();
  }
};

}  // namespace surefoot
