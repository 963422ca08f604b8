/// Nonlinear conjugate gradients: for unknowns so many that ten vectors of them would not fit in memory.
///
///   Minimizer minimizer{ConjugateGradient{}};
#pragma once

#include "surefoot/directions/direction.hpp"
#include "surefoot/loop/parameters.hpp"
#include "surefoot/steps/strong_wolfe.hpp"

namespace surefoot {

/// d = −g + β d_last, with y = g − g_last and
///   Polak–Ribière+   β = max(0, g·y / |g_last|²)
///   Hager–Zhang      β = (y − 2 d_last |y|²/(d_last·y))·g / (d_last·y), at least −1/(|d_last| min(0.01, |g_last|))
///   Dai–Yuan         β = |g|² / (d_last·y)
/// On a quadratic with exact steps all three are the conjugate gradients of Hestenes & Stiefel. Where successive gradients
/// are far from orthogonal, |g·g_last| >= overlap |g|², what was learnt is stale and d = −g (Powell 1977).
/// Its natural step promises as much as the last step did: t_last φ'_last(0)/φ'(0).
/// Keeps one vector. At home with StrongWolfe, which leaves a tenth of the slope: a looser search spoils the next d.
/// Polak & Ribière (1969), Powell (1984); Hager & Zhang (2005); Dai & Yuan (1999). The first trial is that of Nocedal &
/// Wright (2006, 3.60). All is written in norms and cosines, so that no product over- or underflows.
struct ConjugateGradient {
  static constexpr std::string_view name = "cg";
  static StrongWolfe home_rule() { return {.curvature_condition = 0.1}; }

  enum class Form { polak_ribiere, hager_zhang, dai_yuan };

  Form form = Form::polak_ribiere;
  double overlap = 0.2;  // > 0; 1e300: never restarts by itself

  struct State {
    Vector direction{};    // the last one
    double beta = 0;       // for the next; 0: restart
    double length = 0;     // of the last step; 0: none since the restart
    double steepness = 0;  // −g·d/|d| where it began
    double unit = 0;       // of gradients: the norm of the first
    bool stale = false;    // Powell's test, or β itself, asked for a restart
  } state{};

  template <class Self, class Each>
  static void parameters(Self& self, Each&& each) {
    each("overlap", self.overlap, Range::positive(),
         "restarts where |g·g_last| is at least this share of |g|²; 1e300: never");
  }

  Origin origin(const Point&, Point&) { return Origin::here; }

  double aim(const Point& from, Vector& d) {
    if (state.unit == 0) state.unit = from.gradient_norm;
    if (state.beta == 0) {
      d = -from.gradient;
    } else {
      d = state.beta * state.direction - from.gradient;
    }
    state.direction = d;
    const double d_norm = norm(d);
    const double steepness = -from.gradient_norm * cosine(from.gradient, d, from.gradient_norm, d_norm);
    const double natural = (state.length / d_norm) * (state.steepness / steepness);
    state.steepness = steepness;
    return natural > 0 ? natural : not_a_number;
  }

  void taken(const Point& from, const Point& next) {
    state.length = norm(next.w - from.w);
    state.beta = conjugate(from, next);
    if (!std::isfinite(state.beta)) state.beta = 0;
    state.stale = state.beta == 0;
  }
  void restart() {
    state.beta = state.length = 0;
    state.stale = false;
  }
  bool began_anew() const { return state.stale; }

 private:
  double conjugate(const Point& from, const Point& next) const {
    const double g = next.gradient_norm, last = from.gradient_norm;
    if (std::abs(cosine(next.gradient, from.gradient, g, last)) >= overlap * (g / last)) return 0;
    const auto y = next.gradient - from.gradient;
    const double y_norm = norm(y), y_g = cosine(y, next.gradient, y_norm, g);
    if (form == Form::polak_ribiere) return std::max(0.0, (g / last) * (y_norm / last) * y_g);
    const double d_norm = norm(state.direction), d_y = cosine(state.direction, y, d_norm, y_norm);
    if (!(d_y > 0)) return 0;  // the step did not flatten the slope
    if (form == Form::dai_yuan) return (g / d_norm) * (g / y_norm) / d_y;
    const double d_g = cosine(state.direction, next.gradient, d_norm, g);
    const double least = -(state.unit / d_norm) / std::min(0.01, last / state.unit);
    return std::max(least, (g / d_norm) * (y_g - 2 * d_g / d_y) / d_y);
  }
};

}  // namespace surefoot
