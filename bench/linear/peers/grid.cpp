// What a person with a grid would get at best: fixed steps along the direction that ours took, in plain coordinates.

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "../oracle.hpp"
#include "peer.hpp"
#include "surefoot/directions/l_bfgs.hpp"
#include "surefoot/directions/steepest.hpp"
#include "surefoot/loop/minimizer.hpp"
#include "surefoot/steps/fixed.hpp"

namespace surefoot::linear {

namespace {

constexpr int points = 25;
constexpr double decades = 4;  // around the middle one

/// The largest curvature at the start, by power iteration on differences of the gradient.
double largest_curvature(Oracle& oracle, const Vector& start) {
  Vector gradient(start.size()), moved(start.size());
  oracle.loss(start, gradient);
  Vector v = gradient.norm() > 0 ? Vector(gradient / gradient.norm()) : Vector::Ones(start.size()).normalized();
  double curvature = 1;
  constexpr double small = 1e-4;
  for (int k = 0; k < 20; ++k) {
    oracle.loss(start + small * v, moved);
    v = (moved - gradient) / small;
    curvature = v.norm();
    if (!(curvature > 0)) return 1;
    v /= curvature;
  }
  return curvature;
}

template <class DirectionType>
Result run(const DirectionType& direction, Oracle& oracle, const Vector& start, double step, double goal,
           double limit) {
  const Stop stop{.target = goal, .max_iterations = std::numeric_limits<int>::max(), .max_seconds = limit};
  return Minimizer{direction, Fixed{.step = step}, Monitor{}, stop}.run(oracle, start);
}

Result run(bool steepest, Oracle& oracle, const Vector& start, double step, double goal, double limit) {
  return steepest ? run(SteepestDescent{}, oracle, start, step, goal, limit)
                  : run(LBFGS{}, oracle, start, step, goal, limit);
}

/// From the middle outwards, so that the best is known early and the others can be cut short.
std::vector<double> steps(double middle) {
  std::vector<double> all;
  for (int k = 0; k < points; ++k) {
    const int place = k % 2 == 1 ? (k + 1) / 2 : -k / 2;
    all.push_back(middle * std::pow(10.0, place * decades / (points - 1)));
  }
  return all;
}

}  // namespace

Record best_of_grid(const Case& of, const std::string& direction, double our_seconds, int threads) {
  const bool steepest = direction == SteepestDescent::name;
  const std::unique_ptr<Oracle> oracle = make_oracle(of, threads);
  const Vector start = zero_start(of);
  const double goal = of.optimum * (1 + wanted_excess);
  // L-BFGS has a natural step of 1.
  const double middle = steepest ? 1 / largest_curvature(*oracle, start) : 1;
  double best = 30 * our_seconds, best_step = unknown;
  for (const double step : steps(middle)) {
    const Result result = run(steepest, *oracle, start, step, goal, best);
    if (result.code != Code::target || !(result.seconds < best)) continue;
    best = result.seconds;
    best_step = step;
  }
  Record record{.solver = family::grid + " " + (steepest ? "steepest" : "l-bfgs"), .threads = oracle->threads()};
  if (!(best_step == best_step)) {
    record.note = "none arrives within 30 times ours";
    return record;
  }
  std::vector<double> seconds;
  for (record.runs = 0; record.runs < 5; ++record.runs) {
    const Result result = run(steepest, *oracle, start, best_step, goal, 60);
    seconds.push_back(result.seconds);
    record.passes = static_cast<double>(result.loss_evaluations + result.gradient_evaluations);
    record.excess = (result.loss - of.optimum) / of.optimum;
  }
  std::sort(seconds.begin(), seconds.end());
  record.seconds = seconds[seconds.size() / 2];
  record.fastest = seconds.front();
  char setting[32];
  std::snprintf(setting, sizeof setting, "step %.3g", best_step);
  record.setting = setting;
  return record;
}

}  // namespace surefoot::linear
