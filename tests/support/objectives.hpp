/// Objectives for tests: ones that go wrong on purpose, and a wrapper that remembers what it was asked.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "surefoot/loop/oracle.hpp"
#include "surefoot/objectives/functions.hpp"
#include "surefoot/vector.hpp"

namespace surefoot::test {

/// What a fault puts in place of the truth.
enum class Fault { nan_loss, infinite_loss, minus_infinite_loss, nan_gradient, infinite_gradient };
inline constexpr Fault every_fault[] = {Fault::nan_loss, Fault::infinite_loss, Fault::minus_infinite_loss,
                                        Fault::nan_gradient, Fault::infinite_gradient};

/// Any objective, with each call written down, and a fault at one of them (counted from 1; 0: none).
template <class Inner>
struct Recorded {
  Inner inner;
  int fault_at = 0;
  Fault fault = Fault::nan_loss;
  int calls = 0;
  std::vector<Vector> visited{};
  std::vector<bool> sound{};  // was the answer finite?

  double loss(const Vector& w, Vector& gradient) {
    double value = inner.loss(w, gradient);
    if (++calls == fault_at) {
      const double nan = std::nan(""), inf = INFINITY;
      switch (fault) {
        case Fault::nan_loss:
          value = nan;
          break;
        case Fault::infinite_loss:
          value = inf;
          break;
        case Fault::minus_infinite_loss:
          value = -inf;
          break;
        case Fault::nan_gradient:
          gradient[gradient.size() / 2] = nan;
          break;
        case Fault::infinite_gradient:
          gradient[0] = inf;
          break;
      }
    }
    visited.push_back(w);
    sound.push_back(std::isfinite(value) && gradient.allFinite());
    return value;
  }

  /// Was exactly this point visited, with a finite answer?
  bool vouches_for(const Vector& w) const {
    for (std::size_t i = 0; i < visited.size(); ++i) {
      if (sound[i] && visited[i] == w) return true;
    }
    return false;
  }
  int repeated_points() const {
    int count = 0;
    for (std::size_t i = 0; i < visited.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) count += visited[i] == visited[j] ? 1 : 0;
    }
    return count;
  }
};
template <class Inner>
Recorded(Inner) -> Recorded<Inner>;

/// A point as the loop sees it.
template <class ObjectiveType>
Point evaluated(const ObjectiveType& objective, const Vector& w) {
  Oracle oracle(objective);
  Point point{.w = w};
  oracle.evaluate(point);
  return point;
}

/// A loss times a constant plus another.
template <class Inner>
struct Transformed {
  Inner inner;
  double factor = 1, shift = 0;
  double loss(const Vector& w, Vector& gradient) const {
    const double value = inner.loss(w, gradient);
    gradient *= factor;
    return factor * value + shift;
  }
};
template <class Inner>
Transformed(Inner, double, double) -> Transformed<Inner>;

}  // namespace surefoot::test
