/// Drives a step rule along losses of one variable, with nothing but numbers: no loop, no opening, no monitor.
///
///   std::mt19937 random(7);
///   const Curve curve = random_curve(random);
///   const Search found = search(rule, curve, curve.ray());
///   CHECK(found.end == Search::End::taken);
#pragma once

#include <array>
#include <cmath>
#include <functional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "surefoot/loop/rule.hpp"

namespace surefoot {

/// φ(t) and φ'(t) on a ray t >= 0. Every curve here falls at 0, is bounded below, and has its scale at `size`: there
/// lies its minimum, within a factor 10 or so.
struct Curve {
  std::string name;
  std::function<double(double)> loss, slope;
  double size = 1;

  /// The numbers of plain steepest descent: φ'(0) = −|g|².
  Ray ray(int k = 0) const {
    const double norm = std::sqrt(-slope(0));
    return {.k = k,
            .loss = loss(0),
            .slope = slope(0),
            .gradient_norm = norm,
            .gradient_max = norm,
            .direction_norm = norm,
            .iterate_norm = 1,
            .iterate_max = 1,
            .start_norm = 1,
            .distance = 0,
            .towards_start = 0};
  }
};

/// offset + height (−t/size + ½ (t/size)²): the minimum lies at t = size.
inline Curve parabola(double size = 1, double height = 1, double offset = 0) {
  return {"parabola", [=](double t) { return offset + height * (t / size) * (0.5 * (t / size) - 1); },
          [=](double t) { return height / size * (t / size - 1); }, size};
}

/// A curve of a random kind, scale, height and offset.
inline Curve random_curve(std::mt19937& random, double decades = 8) {
  const auto uniform = [&](double low, double high) {
    return std::uniform_real_distribution<double>(low, high)(random);
  };
  const double size = std::pow(10, uniform(-decades, decades)), height = std::pow(10, uniform(-2, 2));
  const double offset = std::array{0.0, 1.0, -1.0, 1e3}[std::uniform_int_distribution<std::size_t>(0, 3)(random)];
  const auto made = [&](std::string name, std::function<double(double)> f, std::function<double(double)> slope) {
    return Curve{std::move(name), [=](double t) { return offset + height * f(t / size); },
                 [=](double t) { return height / size * slope(t / size); }, size};
  };
  switch (std::uniform_int_distribution<int>(0, 5)(random)) {
    case 0:
      return parabola(size, height, offset);
    case 1: {
      const double bend = uniform(0.01, 2);
      return made(
          "quartic", [=](double x) { return std::pow(x - 1, 4) + bend * (x - 1) * (x - 1); },
          [=](double x) { return 4 * std::pow(x - 1, 3) + 2 * bend * (x - 1); });
    }
    case 2: {
      const double rate = uniform(0.5, 2), fall = rate * uniform(1.5, 8);
      return made(
          "exponential", [=](double x) { return std::exp(rate * x) - fall * x; },
          [=](double x) { return rate * std::exp(rate * x) - fall; });
    }
    case 3: {
      const double wall = uniform(0.5, 2), fall = uniform(1.5, 20) / wall;  // beyond the wall: NaN
      return made(
          "barrier", [=](double x) { return x < wall ? -std::log1p(-x / wall) - fall * x : not_a_number; },
          [=](double x) { return x < wall ? 1 / (wall - x) - fall : not_a_number; });
    }
    case 4: {
      const double round = std::pow(10, uniform(-3, 0));
      return made(
          "kink", [=](double x) { return std::hypot(x - 1, round); },
          [=](double x) { return (x - 1) / std::hypot(x - 1, round); });
    }
    default: {
      const double waves = uniform(2, 20), depth = uniform(0.1, 0.5) / waves;  // several local minima
      return made(
          "waves", [=](double x) { return 0.5 * (x - 1) * (x - 1) + depth * std::cos(waves * x); },
          [=](double x) { return x - 1 - depth * waves * std::sin(waves * x); });
    }
  }
}

/// What a probe of the curve shows, as the loop fills it: the slope where asked for, or where losses can't tell.
inline Trial probe(const Curve& curve, const Ray& ray, const Ask& ask, int number) {
  Trial trial{.step = ask.step, .loss = curve.loss(ask.step), .model_decrease = ask.step * ray.slope, .number = number};
  if (trial.finite() && (ask.with == Probe::slope || nearly_equal(trial.loss, ray.loss))) {
    trial.slope = curve.slope(ask.step);
    trial.sound = std::isfinite(trial.slope);
  }
  return trial;
}

/// How a search along one ray went.
struct Search {
  enum class End {
    taken,
    gave_up,
    limit,
    bad_step
  };  // bad_step: the rule asked for one that is not positive and finite
  End end = End::limit;
  std::vector<Trial> tried{};

  const Trial& last() const { return tried.back(); }
  int trials() const { return static_cast<int>(tried.size()); }
  /// The step that was taken, as the rule is told of it.
  Move move(const Ray& ray) const {
    return {.step = last().step,
            .displacement = last().step * ray.direction_norm,
            .loss = last().loss,
            .slope = last().slope,
            .trials = trials()};
  }
};

template <StepRule Rule>
Search search(Rule& rule, const Curve& curve, const Ray& ray, int limit = 3000) {
  Search found;
  Ask ask = rule.first(ray);
  while (found.trials() < limit) {
    if (!(ask.step > 0) || !std::isfinite(ask.step)) {
      found.end = Search::End::bad_step;
      return found;
    }
    found.tried.push_back(probe(curve, ray, ask, found.trials() + 1));
    const Verdict verdict = rule.judge(ray, found.last());
    if (verdict.action != Verdict::Action::retry) {
      found.end = verdict.action == Verdict::Action::take ? Search::End::taken : Search::End::gave_up;
      return found;
    }
    ask = verdict.next;
  }
  return found;
}

/// First steps from the absurd to the sensible for a curve of this size.
inline std::vector<double> first_steps(double size) {
  return {1e-300,   1e-200,    1e-100,     1e-10 * size, 1e-3 * size, 0.1 * size, size,
          3 * size, 10 * size, 1e3 * size, 1e10 * size,  1e100,       1e200,      1e300};
}

}  // namespace surefoot
