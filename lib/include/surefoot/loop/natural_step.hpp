/// The first try on a ray whose direction has a step of its own (1 for L-BFGS), corrected by what the last rays taught.
///
///   NaturalStep natural;
///   double step = natural.first(1, norm(d), false);     // and after the ray:
///   natural.taken(norm(s), slope_at_end / slope_at_start, tries == 1, false);
#pragma once

#include "surefoot/loop/event.hpp"
#include "surefoot/loop/numbers.hpp"

namespace surefoot {

/// Two corrections, both ours (measured on 250 problems, docs/design.md).
/// The stretch: where first tries end twice in a row with more than a tenth of the slope left, the direction's model is
/// systematically too short (at a minimum flatter than a parabola, on exponentials); the next first try is doubled, then
/// doubled again.
/// The reach: no first try is longer than 10 times the last step that was taken; after a ray that met NaN or Inf twice, and
/// half as much again with every ray from there. (An edge of the domain is near: a long try would be wasted.)
/// And where the direction has none (it restarted): as far as the last step went.
class NaturalStep {
 public:
  /// `natural`: the direction's own step, NaN for none; `length`: |d|; `inferred`: does the ray start at a point that was
  /// not evaluated? Then the last slope says nothing. Returns NaN for none.
  double first(double natural, double length, bool inferred) {
    double step = natural;
    why_ = Cause::natural;
    if (!std::isfinite(natural)) {
      if (known_ && last_ > 0) step = last_ / length;
      stretch_ = 1;
      short_ = 0;
    } else {
      known_ = true;
      if (!inferred && stretch_ > 1) {
        step *= stretch_;
        why_ = Cause::stretched;
      }
      const double furthest = reach_ * (last_ / length);
      if (last_ > 0 && furthest < step) {
        step = furthest;
        why_ = Cause::reach;
      }
    }
    hit_edge_ = false;
    return step;
  }

  void not_finite() { hit_edge_ = true; }

  /// A step of this length was taken, and this share of the slope was left at its end (NaN: not known).
  void taken(double length, double slope_left, bool first_try, bool inferred) {
    short_ = first_try && !inferred && slope_left > 0.1 ? short_ + 1 : 0;
    stretch_ = short_ >= 2 ? std::min(2 * stretch_, 4.0) : 1;
    reach_ = hit_edge_ ? 2 : std::min(10.0, 1.5 * reach_);
    last_ = length;
  }

  /// The monitor undid the last step and asks for shorter ones.
  void shrink(double factor) { last_ *= factor; }

  /// How the first try was chosen: natural, stretched or held within reach.
  Cause why() const { return why_; }

  /// Has the direction ever had a step of its own?
  bool known() const { return known_; }

 private:
  double stretch_ = 1, reach_ = 10, last_ = 0;
  int short_ = 0;  // short first tries in a row
  Cause why_ = Cause::natural;
  bool known_ = false, hit_edge_ = false;
};

}  // namespace surefoot
