/// Limited-memory BFGS: learns curvature from the last steps, and has a natural step of 1.
///
///   Minimizer minimizer{LBFGS{.memory = 20}, WeakWolfe{}, Monitor{}, Stop{}};
#pragma once

#include <vector>

#include "surefoot/directions/direction.hpp"
#include "surefoot/loop/parameters.hpp"

namespace surefoot {

/// d = −H g by the two-loop recursion over the last pairs s, y, with H₀ = |s|/|y| of the last pair (the geometric mean
/// of the two Barzilai–Borwein steps). A pair is learnt if s·y > 0. At home with WeakWolfe, which ensures that.
/// Nocedal (1980); Liu & Nocedal (1989). Pairs are kept at unit length, so that no product over- or underflows.
/// Its natural step is 1, with two exceptions of ours. Where first steps end twice in a row with more than a tenth of the
/// slope left, the model is systematically too short (at a minimum flatter than a parabola, on exponentials): the next is
/// stretched to 2, then 4. And no first step is longer than 10 times the last one taken.
struct LBFGS {
  static constexpr std::string_view name = "l-bfgs";

  int memory = 0;  // pairs kept, >= 0; 0: as many as 4 million numbers hold, 10 to 1000

  struct State {
    Eigen::MatrixXd steps{}, changes{};  // a column a pair
    std::vector<double> length_ratio{};  // |s|/|y|
    std::vector<double> cosine{};
    std::vector<double> share{};
    long pairs = 0;           // in use
    long next = 0;            // column for the next
    double stretch = 1;       // 1, 2 or 4
    int short_steps = 0;      // in a row
    double first_length = 0;  // of the first try that was proposed
    double last_length = 0;   // of the last step taken
  } state{};

  template <class Self, class Each>
  static void parameters(Self& self, Each&& each) {
    each("memory", self.memory, Range::at_least(0), "pairs kept; 0: as many as 4 million numbers hold, 10 to 1000");
  }

  Origin origin(const Point& at, Point&) {
    if (state.steps.rows() != at.w.size()) reserve(at.w.size());
    return Origin::here;
  }

  double aim(const Point& from, Vector& d) {
    d = -from.gradient;
    if (state.pairs == 0) return not_a_number;
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
    const double length = norm(d);
    const double natural = std::min(state.stretch, 10 * (state.last_length / length));
    state.first_length = natural * length;
    return natural;
  }

  void taken(const Point& from, const Point& next) {
    auto s = state.steps.col(state.next);
    auto y = state.changes.col(state.next);
    s = next.w - from.w;
    y = next.gradient - from.gradient;
    const double s_norm = norm(s), y_norm = norm(y), ratio = s_norm / y_norm;
    watch_slope(from, next, s_norm);
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
  void restart() {
    state.pairs = 0;
    state.stretch = 1;
    state.short_steps = 0;
  }

 private:
  void reserve(Eigen::Index n) {
    const Eigen::Index automatic = std::clamp<Eigen::Index>(4'000'000 / n, 10, 1000);
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

  /// How much of the slope is left at the end of a step, and what that says of the next.
  void watch_slope(const Point& from, const Point& next, double length) {
    const bool first_try = std::abs(length - state.first_length) <= 1e-9 * state.first_length;
    const auto s = next.w - from.w;
    const double before = cosine(from.gradient, s, from.gradient_norm, length);
    const double left =
        cosine(next.gradient, s, next.gradient_norm, length) / before * (next.gradient_norm / from.gradient_norm);
    state.short_steps = first_try && state.pairs > 0 && left > 0.1 ? state.short_steps + 1 : 0;
    state.stretch = state.short_steps >= 2 ? std::min(2 * state.stretch, 4.0) : 1;
    state.last_length = length;
  }
};

}  // namespace surefoot
