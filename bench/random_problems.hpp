/// Random problems of the kinds on which the prototype of docs/strategies compared its defaults: quadratics of condition
/// 10 to 1e5 in rotated coordinates, logistic regression, Rosenbrock's valley with 2 to 100 unknowns, and quadratics that
/// answer NaN outside a ball.
#pragma once

#include <Eigen/QR>
#include <random>

#include "../tests/support/reference_problems.hpp"
#include "surefoot/minimize.hpp"

namespace surefoot {

inline std::vector<ReferenceProblem> random_problems(int count, unsigned seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  std::uniform_real_distribution<double> uniform;
  const auto normals = [&](Eigen::Index n) {
    Vector v(n);
    for (double& entry : v) entry = normal(random);
    return v;
  };
  const auto one_of = [&](std::initializer_list<int> sizes) {
    return static_cast<Eigen::Index>(*(sizes.begin() + random() % sizes.size()));
  };
  std::vector<ReferenceProblem> problems;
  for (int i = 0; i < count; ++i) {
    const std::string name = "random " + std::to_string(i);
    const auto add = [&](const Vector& start, double minimum, auto loss) {
      problems.push_back({name,
                          [start](int) { return start; },
                          minimum,
                          {},
                          [](const Vector&) { return not_a_number; },
                          std::move(loss)});
    };
    // A quadratic in random coordinates: ½ Σ λ_i (Q w)_i².
    const auto quadratic = [&](Eigen::Index n, double decades) {
      Vector curvatures(n);
      for (double& c : curvatures) c = std::pow(10, decades * uniform(random));
      Eigen::MatrixXd square(n, n);
      for (Eigen::Index j = 0; j < n; ++j) square.col(j) = normals(n);
      const Eigen::MatrixXd turn = Eigen::HouseholderQR<Eigen::MatrixXd>(square).householderQ();
      return Eigen::MatrixXd(turn * curvatures.asDiagonal() * turn.transpose());
    };
    switch (i % 4) {
      case 0: {
        const Eigen::Index n = one_of({5, 20, 50, 100, 200});
        add(normals(n), 0, [H = quadratic(n, 1 + 4 * uniform(random))](const Vector& w, Vector& gradient) {
          gradient.noalias() = H * w;
          return 0.5 * w.dot(gradient);
        });
        break;
      }
      case 1: {
        const Eigen::Index rows = one_of({50, 200, 500}), n = one_of({2, 10, 30});
        DenseMatrix X(rows, n);
        for (Eigen::Index j = 0; j < n; ++j) X.col(j) = normals(rows) * std::pow(10, 2 * uniform(random) - 1);
        const Vector margins = X * normals(n);
        const double spread = std::sqrt(margins.squaredNorm() / static_cast<double>(rows));
        Vector y(rows);
        for (Eigen::Index r = 0; r < rows; ++r) y[r] = margins[r] + spread * normal(random) > 0 ? 1 : 0;
        const auto loss = [X, y](const Vector& w, Vector& gradient) {
          const Vector margin = X * w;
          Vector slope(margin.size());
          double sum = 0;
          for (Eigen::Index r = 0; r < margin.size(); ++r) {
            const auto at = LogisticLoss{}.at(margin[r], y[r]);
            sum += at.value;
            slope[r] = at.slope;
          }
          const auto count_of_rows = static_cast<double>(X.rows());
          gradient = X.transpose() * slope / count_of_rows + 1e-3 * w;
          return sum / count_of_rows + 0.5e-3 * w.squaredNorm();
        };
        const double minimum = minimize(loss, Vector::Zero(n), {.stop = {.gradient = 1e-12}}).loss;
        add(0.1 * normals(n), minimum, loss);
        break;
      }
      case 2: {
        const Rosenbrock valley(one_of({2, 4, 10, 50, 100}));
        add(valley.start() + 0.3 * normals(valley.size), 0,
            [valley](const Vector& w, Vector& gradient) { return valley.loss(w, gradient); });
        break;
      }
      default: {
        const Eigen::Index n = one_of({5, 20, 50});
        const Vector centre = 0.9 * normals(n).normalized();
        add(centre + 0.8 * normals(n).normalized(), 0,
            [centre, H = quadratic(n, 1 + 2 * uniform(random))](const Vector& w, Vector& gradient) {
              if (!((w - centre).norm() <= 1)) {
                gradient.setConstant(not_a_number);
                return not_a_number;
              }
              gradient.noalias() = H * w;
              return 0.5 * w.dot(gradient);
            });
      }
    }
  }
  return problems;
}

}  // namespace surefoot
