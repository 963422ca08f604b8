/// Drives a step rule along the negative gradient of a function of vectors, with nothing else: no opening (the first step is
/// given), no monitor, no guard.
///
///   const Descended run = descend(rule, bowl(curvatures), w0, 0.1, 50);
///   CHECK(run.losses.back() < 1e-9);
#pragma once

#include <functional>
#include <random>
#include <vector>

#include "surefoot/loop/rule.hpp"
#include "surefoot/vector.hpp"

namespace surefoot::test {

using Function = std::function<double(const Vector&, Vector&)>;

/// ½ Σ c_i w_i²
inline Function bowl(const Vector& curvatures) {
  return [curvatures](const Vector& w, Vector& gradient) {
    gradient = curvatures.cwiseProduct(w);
    return 0.5 * w.dot(gradient);
  };
}

/// Mean of log(1 + exp(−y x·w)) over random rows, plus l2/2 |w|²: convex, and not quadratic.
inline Function logistic(std::mt19937& random, Eigen::Index rows, Eigen::Index columns, double l2) {
  std::normal_distribution<double> normal;
  Eigen::MatrixXd signed_rows(rows, columns);
  for (double& x : signed_rows.reshaped()) x = normal(random);
  return [=](const Vector& w, Vector& gradient) {
    const Vector margins = signed_rows * w;
    const Vector losses = (1 + (-margins.array()).exp()).log();
    const Vector pulls = -1 / (1 + margins.array().exp());
    gradient = signed_rows.transpose() * pulls / static_cast<double>(rows) + l2 * w;
    return losses.mean() + 0.5 * l2 * w.squaredNorm();
  };
}

inline Vector random_vector(std::mt19937& random, Eigen::Index size) {
  std::normal_distribution<double> normal;
  Vector v(size);
  for (double& x : v) x = normal(random);
  return v;
}

struct Descended {
  std::vector<Vector> points{};     // the start first
  std::vector<Vector> gradients{};  // at each
  std::vector<double> losses{};     // at each
  std::vector<double> steps{};      // one less
  std::vector<Move> moves{};        // as the rule was told
};

inline Move move_between(double step, const Vector& s, const Vector& y, double loss, double gradient_norm, int trials) {
  const double lengths = s.norm() * y.norm();
  return {.step = step,
          .displacement = s.norm(),
          .gradient_change = y.norm(),
          .cosine = lengths > 0 ? s.dot(y) / lengths : 0,
          .loss = loss,
          .gradient_norm = gradient_norm,
          .trials = trials};
}

/// `count` steps, or fewer where the gradient vanishes or a ray takes more than 100 trials. The rule hears of the first
/// step as it would of the opening's.
template <StepRule Rule>
Descended descend(Rule& rule, const Function& f, const Vector& w0, double first_step, int count,
                  double lower_bound = -infinity) {
  Descended run;
  Vector g(w0.size());
  const double loss0 = f(w0, g);
  run.points.push_back(w0);
  run.gradients.push_back(g);
  run.losses.push_back(loss0);
  for (int k = 0; k < count; ++k) {
    const Vector w = run.points.back(), from = run.gradients.back();
    const double norm = from.norm();
    if (!(norm > 0)) break;
    const Ray ray{.k = k,
                  .loss = run.losses.back(),
                  .slope = -norm * norm,
                  .gradient_norm = norm,
                  .direction_norm = norm,
                  .iterate_norm = w.norm(),
                  .lower_bound = lower_bound};
    Ask ask = rule.first(ray);
    if (k == 0) ask.step = first_step;
    for (int number = 1; number <= 100; ++number) {
      const Vector to = w - ask.step * from;
      const double loss = f(to, g);
      const Trial trial{.step = ask.step,
                        .loss = loss,
                        .slope = -g.dot(from),
                        .model_decrease = ask.step * ray.slope,
                        .number = number};
      const Verdict verdict = k == 0 ? Verdict::take() : rule.judge(ray, trial);
      if (verdict.action == Verdict::Action::retry) {
        ask = verdict.next;
        continue;
      }
      if (verdict.action == Verdict::Action::give_up) return run;
      run.moves.push_back(move_between(ask.step, to - w, g - from, loss, g.norm(), number));
      run.steps.push_back(ask.step);
      run.points.push_back(to);
      run.gradients.push_back(g);
      run.losses.push_back(loss);
      rule.taken(run.moves.back());
      break;
    }
    if (run.steps.size() != static_cast<std::size_t>(k) + 1) break;
  }
  return run;
}

}  // namespace surefoot::test
