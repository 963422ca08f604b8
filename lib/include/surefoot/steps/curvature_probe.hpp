/// What the rules that look along the ray before they step share (cauchy, dai-yuan, sdc): one probe with its slope tells
/// the curvature of the ray, hence where the loss on it is least; then the step is tried, and shortened if it must be.
///
///   CurvatureProbe probe;
///   Ask ask = probe.begin(last_step);
///   Verdict verdict = probe.judge(ray, trial, [](double minimiser) { return minimiser; });
#pragma once

#include "surefoot/steps/backtrack.hpp"

namespace surefoot {

/// Two phases on a ray. While it probes: the secant of the slopes gives the curvature c = (φ'(t) − φ'(0))/t and the
/// minimiser −φ'(0)/c of the parabola with it; a trial too short to show any curvature (or on a stretch where the slope
/// still falls) is lengthened by decades, faster and faster; one that is not finite is shortened.
/// After that: the step that the rule made of the minimiser is taken if the loss falls by Armijo's condition (or is
/// equal but for rounding and the slope agrees), else shortened as Armijo's rule does.
/// Ensures  φ(t) <= φ(0) + 1e-4 t φ'(0)  for what it takes.
struct CurvatureProbe {
  static constexpr double sufficient_decrease = 1e-4;
  static constexpr double far = 1e6;  // a minimiser this many times nearer or farther than the probe is probed itself

  bool probing = false;
  double minimiser = 0;   // on this ray; 0: not known
  double straight = 0;    // the longest finite probe that was too near: it showed no curvature, or hardly any
  double bad = infinity;  // the shortest that was too far: not finite, or far beyond the minimiser
  int lengthened = 0;     // times
  Backtrack backtrack{};

  template <class Self, class Each>
  static void states(Self& self, Each&& each) {
    each("probing", self.probing);
    each("minimiser", self.minimiser);
    each("straight", self.straight);
    each("bad_probe", self.bad);
    each("lengthened", self.lengthened);
    Backtrack::states(self.backtrack, each);
  }

  /// A ray on which the curvature is looked for, at `step` first.
  Ask begin(double step) {
    *this = {};
    probing = true;
    return {step, Probe::slope};
  }
  /// A ray on which `step` is known already.
  Ask keep(double step) {
    *this = {};
    return {step, Probe::loss};
  }

  /// `choose` makes the step to take of the minimiser.
  template <class Choose>
  Verdict judge(const Ray& ray, const Trial& trial, Choose&& choose) {
    if (!probing) return take_or_shorten(ray, trial);
    const double bend = 1 - trial.slope / ray.slope;  // c t in units of −φ'(0): t over the minimiser
    if (!trial.finite() || !std::isfinite(bend)) return shorter(ray, trial);
    if (bend <= 64 * epsilon) return longer(ray, trial);
    const double t = trial.step;
    double found = std::clamp(t / bend, smallest_step, largest_step);
    const bool a_guess = bend * far < 1 || bend > far || found <= straight;
    if (a_guess && found != t && trial.number < 60) {
      // Seen from that far a parabola is a guess, and the digits of a faint bend are few. Between a probe that was too
      // near and one that was too far the decades are bisected.
      (bend > 1 ? bad : straight) = t;
      if (found >= bad || found <= straight) found = geometric_mean(straight, bad);
      return Verdict::retry({found, Probe::slope});
    }
    if (found >= bad) found = geometric_mean(t, bad);
    probing = false;
    minimiser = found;
    const double next = choose(found);
    if (std::abs(next - t) <= 64 * epsilon * t) return take_or_shorten(ray, trial);
    return Verdict::retry({next, Probe::loss});
  }

 private:
  Verdict take_or_shorten(const Ray& ray, const Trial& trial) {
    if (trial.finite() && sufficient(ray, trial, ray.loss, sufficient_decrease)) return Verdict::take();
    return Verdict::retry({backtrack.shorter(ray, trial), Probe::loss});
  }

  Verdict shorter(const Ray& ray, const Trial& trial) {
    bad = std::min(bad, trial.step);
    if (straight > 0 && straight < bad) return between(ray, trial);
    Trial failed = trial;
    failed.sound = false;
    return Verdict::retry({backtrack.shorter(ray, failed), Probe::slope});
  }

  Verdict longer(const Ray& ray, const Trial& trial) {
    straight = std::max(straight, trial.step);
    if (bad < infinity) return between(ray, trial);
    if (trial.step >= largest_step) return settle_for(ray, trial);
    lengthened = std::min(lengthened + 1, 8);
    return Verdict::retry({std::min(trial.step * std::pow(10.0, lengthened), largest_step), Probe::slope});
  }

  /// No curvature below, nothing finite above: bisection of the decades, as long as it tells anything.
  Verdict between(const Ray& ray, const Trial& trial) {
    if (bad > 2 * straight) return Verdict::retry({geometric_mean(straight, bad), Probe::slope});
    return settle_for(ray, trial);
  }

  /// There is no curvature to be seen on this ray: the longest finite step that lowers the loss.
  Verdict settle_for(const Ray& ray, const Trial& trial) {
    probing = false;
    if (trial.finite() && trial.step == straight) return take_or_shorten(ray, trial);
    return Verdict::retry({straight, Probe::loss});
  }
};

/// Yuan's step: with the minimiser on the last ray, that on this one, and |g| over the last |g|,
///   t = 2 / ( sqrt((1/last − 1/now)² + (2 |g| / (last |g_last|))²) + 1/last + 1/now ),
/// so that on a quadratic of two unknowns the minimiser after it is the exact end. It is at most the shorter of the two,
/// so on a quadratic the loss falls. Yuan (2006); in this form Dai & Yuan (2005).
inline double yuan_step(double last, double now, double gradient_ratio) {
  const double shorter = std::min(last, now);  // in units of it nothing overflows
  const double a = shorter / last, b = shorter / now;
  const double step = 2 * shorter / (std::hypot(a - b, 2 * gradient_ratio * a) + a + b);
  return step > 1e-10 * shorter ? step : 1e-10 * shorter;
}

/// What Yuan's step needs of the last ray.
struct LastRay {
  double minimiser = 0;      // 0: not known
  double gradient_norm = 0;  // |g| there
  double present = 0;        // |g| on the present ray

  template <class Self, class Each>
  static void states(Self& self, Each&& each) {
    each("last_minimiser", self.minimiser);
    each("last_gradient", self.gradient_norm);
    each("gradient", self.present);
  }

  /// Yuan's step, or the minimiser itself while there is no last ray.
  double yuan(double now) const {
    const double ratio = present / gradient_norm;
    return minimiser > 0 && std::isfinite(ratio) ? yuan_step(minimiser, now, ratio) : now;
  }
  void taken(double now) {
    minimiser = now;
    gradient_norm = present;
  }
};

}  // namespace surefoot
