/// Limited-memory BFGS: learns curvature from the last steps, and has a natural step of 1.
///
///   Minimizer minimizer{LBFGS{.memory = 20}, WeakWolfe{}, Monitor{}, Stop{}};
#pragma once

#include <vector>

#include "surefoot/directions/direction.hpp"
#include "surefoot/loop/parameters.hpp"
#include "surefoot/steps/weak_wolfe.hpp"

namespace surefoot {

/// d = −H g by the two-loop recursion over the last pairs s, y, with H₀ = |s|/|y| of the last pair (the geometric mean
/// of the two Barzilai–Borwein steps). A pair is learnt if s·y > 0. At home with WeakWolfe, which ensures that.
/// Nocedal (1980); Liu & Nocedal (1989). Pairs are kept at unit length, so that no product over- or underflows.
/// Its natural step is 1.
struct LBFGS {
  static constexpr std::string_view name = "l-bfgs";
  static constexpr bool learns_curvature = true;
  static WeakWolfe home_rule() { return {}; }

  int memory = 0;  // pairs kept, >= 0; 0: as many as 4 million numbers hold, from 10 to max(1000, 2 n)

  struct State {
    Eigen::MatrixXd steps{}, changes{};  // a column a pair
    std::vector<double> length_ratio{};  // |s|/|y|
    std::vector<double> cosine{};
    std::vector<double> share{};
    double unit = 0;  // of −g; 0: not chosen yet
    long pairs = 0;   // in use
    long next = 0;    // column for the next
  } state{};

  template <class Self, class Each>
  static void parameters(Self& self, Each&& each) {
    each("memory", self.memory, Range::at_least(0),
         "pairs kept; 0: as many as 4 million numbers hold, 10 to max(1000, 2 n)");
  }

  Origin origin(const Point& at, Point&) {
    if (state.steps.rows() != at.w.size()) reserve(at.w.size());
    return Origin::here;
  }

  double aim(const Point& from, Vector& d) {
    d = -from.gradient;
    if (state.pairs == 0) {
      // No step that a double holds suits a gradient of 1e200: brought to about 1, by a power of two, the same all along.
      if (state.unit == 0) {
        const int exponent = from.gradient_norm > 0 ? std::ilogb(from.gradient_norm) : 0;
        state.unit = std::abs(exponent) > 300 ? std::ldexp(1.0, -exponent) : 1;
      }
      d *= state.unit;
      return not_a_number;
    }
    const auto capacity = state.steps.cols();
    for (long i = 1; i <= state.pairs; ++i) {  // newest to oldest
      const auto j = (state.next - i + capacity) % capacity;
      auto& share = state.share[static_cast<std::size_t>(j)];
      share = state.steps.col(j).dot(d) / state.cosine[static_cast<std::size_t>(j)];
      d -= share * state.changes.col(j);
    }
    d *= state.length_ratio[static_cast<std::size_t>((state.next - 1 + capacity) % capacity)];
    for (long i = state.pairs; i >= 1; --i) {
      const auto j = (state.next - i + capacity) % capacity;
      const auto pair = static_cast<std::size_t>(j);
      const double back = state.changes.col(j).dot(d) / state.cosine[pair];
      d += (state.length_ratio[pair] * state.share[pair] - back) * state.steps.col(j);
    }
    return 1;
  }

  void taken(const Point& from, const Point& next) {
    auto s = state.steps.col(state.next);
    auto y = state.changes.col(state.next);
    s = next.w - from.w;
    y = next.gradient - from.gradient;
    const double s_norm = norm(s), y_norm = norm(y), ratio = s_norm / y_norm;
    if (!(s_norm > 0) || !(y_norm > 0) || !std::isfinite(ratio) || !(ratio > 0)) return;
    s /= s_norm;
    y /= y_norm;
    const double cosine = s.dot(y);
    if (!(cosine > 0) || !std::isfinite(1 / cosine)) return;
    const auto pair = static_cast<std::size_t>(state.next);
    state.length_ratio[pair] = ratio;
    state.cosine[pair] = cosine;
    state.next = (state.next + 1) % state.steps.cols();
    state.pairs = std::min<long>(state.pairs + 1, state.steps.cols() - 1);
  }
  void restart() { state.pairs = 0; }

 private:
  void reserve(Eigen::Index n) {
    // Twice n where they fit: near a minimum n conjugate steps end the run, unless one of them is forgotten
    // (discrete boundary value, n = 1000: 8,400 calls with 1000 pairs, 1,260 with 2000).
    const Eigen::Index enough = std::max<Eigen::Index>(1000, 2 * n);
    const Eigen::Index automatic = std::clamp<Eigen::Index>(4'000'000 / n, 10, enough);
    const Eigen::Index pairs = memory > 0 ? memory : automatic;
    // One column more than pairs: a candidate is written there without touching a pair in use. Large blocks cost
    // nothing until they are written.
    state.steps.resize(n, pairs + 1);
    state.changes.resize(n, pairs + 1);
    for (auto* numbers : {&state.length_ratio, &state.cosine, &state.share}) {
      numbers->assign(static_cast<std::size_t>(pairs + 1), 0);
    }
    state.pairs = state.next = 0;
  }
};

}  // namespace surefoot
