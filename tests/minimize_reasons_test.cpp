// Families of small random problems that no method can solve: does minimize say why, and not "converged" or "rounding"?

#include <cmath>
#include <map>
#include <random>

#include "catch.hpp"
#include "support/minimized.hpp"
#include "surefoot/minimize.hpp"
#include "surefoot/objectives/box.hpp"

using namespace surefoot;
using test::minimized;

namespace {

class Draw {
 public:
  explicit Draw(unsigned seed) : engine_(seed) {}
  double normal() { return normal_(engine_); }
  Eigen::Index size(Eigen::Index least) { return least + static_cast<Eigen::Index>(engine_() % 8); }
  Eigen::Index below(Eigen::Index n) { return static_cast<Eigen::Index>(engine_() % static_cast<unsigned>(n)); }
  Vector normals(Eigen::Index n) {
    return Vector::NullaryExpr(n, [this] { return normal(); });
  }

 private:
  std::mt19937 engine_;
  std::normal_distribution<double> normal_{};
};

/// A smooth convex loss around a minimum, each weight with a curvature of its own, neighbours tied together.
struct Valley {
  Vector curvature, minimum;

  Valley(Draw& draw, Eigen::Index n) : curvature(draw.normals(n).array().exp()), minimum(draw.normals(n)) {}
  double loss(const Vector& w, Vector& g) const {
    const Vector x = w - minimum;
    const Vector length = (1 + x.array().square()).sqrt();
    double loss = curvature.dot((length.array() - 1).matrix());
    g = curvature.cwiseProduct(x).cwiseQuotient(length);
    for (Eigen::Index i = 0; i + 1 < w.size(); ++i) {
      const double gap = x[i + 1] - x[i];
      loss += 0.5 * gap * gap;
      g[i] -= gap;
      g[i + 1] += gap;
    }
    return loss;
  }
};

/// How often each reason was given, in `runs` runs of `run(draw)`.
template <class Run>
std::map<Code, int> reasons(int runs, Run&& run) {
  std::map<Code, int> counts;
  for (int k = 0; k < runs; ++k) {
    Draw draw(static_cast<unsigned>(k));
    ++counts[run(draw).code];
  }
  return counts;
}

constexpr int runs = 40;

}  // namespace

TEST_CASE("a plane beyond which loss or gradient are NaN, before the minimum, is named as the domain's edge") {
  for (const bool of_gradient : {false, true}) {
    const auto counts = reasons(runs, [&](Draw& draw) {
      const Valley valley(draw, draw.size(1));
      const Vector start = valley.minimum + 3 * draw.normals(valley.minimum.size());
      const Vector normal = start - valley.minimum;
      const auto walled = [&](const Vector& w, Vector& g) {
        const double loss = valley.loss(w, g);
        if (normal.dot(w - valley.minimum) >= 0.5 * normal.squaredNorm()) return loss;
        g.setConstant(not_a_number);
        return of_gradient ? loss : not_a_number;
      };
      return minimized(walled, start);
    });
    INFO((of_gradient ? "the gradient is NaN" : "both are NaN"));
    CHECK(counts == std::map<Code, int>{{Code::domain_edge, runs}});
  }
}

TEST_CASE("a gradient with a flipped sign, with swapped entries or for another direction altogether is named") {
  for (const int kind : {0, 1, 2}) {
    const auto counts = reasons(runs, [&](Draw& draw) {
      const Valley valley(draw, draw.size(2));
      const Eigen::Index at = draw.below(valley.minimum.size() - 1);
      const auto wrong = [&](const Vector& w, Vector& g) {
        const double loss = valley.loss(w, g);
        if (kind == 0) g[at] = -g[at];
        if (kind == 1) std::swap(g[at], g[at + 1]);
        if (kind == 2) g = -g;
        return loss;
      };
      return minimized(wrong, 3 * draw.normals(valley.minimum.size()));
    });
    INFO("kind " << kind);
    CHECK(counts == std::map<Code, int>{{Code::gradient_disagrees, runs}});
  }
}

TEST_CASE("between bounds a gradient with a flipped sign is named, and no point is visited that they forbid") {
  int outside = 0;
  const auto counts = reasons(runs, [&](Draw& draw) {
    const Valley valley(draw, draw.size(2));
    const Eigen::Index n = valley.minimum.size(), at = draw.below(n);
    const Vector start = 3 * draw.normals(n), reach = Vector::Constant(n, 1e3);
    const Vector lower = start.cwiseMin(valley.minimum) - reach, upper = start.cwiseMax(valley.minimum) + reach;
    const auto wrong = [&](const Vector& w, Vector& g) {
      outside += (w.array() < lower.array()).any() || (w.array() > upper.array()).any() ? 1 : 0;
      const double loss = valley.loss(w, g);
      g[at] = -g[at];
      return loss;
    };
    Boxed boxed(wrong, lower, upper);
    return minimize(boxed, start);
  });
  CHECK(outside == 0);
  for (const auto& [code, count] : counts) UNSCOPED_INFO(to_string(code) << " " << count);
  CHECK(counts == std::map<Code, int>{{Code::gradient_disagrees, runs}});
}

TEST_CASE("the kink at the minimum of a sum of absolute values is named as one") {
  const auto counts = reasons(runs, [](Draw& draw) {
    const Eigen::Index n = draw.size(1);
    const Eigen::MatrixXd X = Eigen::MatrixXd::NullaryExpr(2 * n + 1, n, [&] { return draw.normal(); });
    const Vector y = draw.normals(2 * n + 1);
    const auto absolute = [&](const Vector& w, Vector& g) {
      const Vector residual = X * w - y;
      g = X.transpose() * residual.cwiseSign();
      return residual.lpNorm<1>();
    };
    return minimized(absolute, 3 * draw.normals(n));
  });
  CHECK(counts == std::map<Code, int>{{Code::gave_up, runs}});
}

TEST_CASE("a loss that falls like the root of the weights, ever more slowly, is said to have no minimum") {
  const auto counts = reasons(runs, [](Draw& draw) {
    const Valley valley(draw, draw.size(1));
    const auto endless = [&](const Vector& w, Vector& g) {
      const Eigen::Index others = w.size() - 1;
      const double length = std::sqrt(1 + w[0] * w[0]);
      const Vector x = (w - valley.minimum).tail(others), pull = valley.curvature.tail(others).cwiseProduct(x);
      g.resize(w.size());
      g[0] = -0.5 * w[0] / std::pow(length, 1.5);
      g.tail(others) = pull;
      return 0.5 * x.dot(pull) - std::sqrt(length);
    };
    return minimized(endless, draw.normals(valley.minimum.size()));
  });
  for (const auto& [code, count] : counts) UNSCOPED_INFO(to_string(code) << " " << count);
  CHECK(counts.at(Code::unbounded_below) >= runs - 2);
}

TEST_CASE("a loss that never changes is at odds with its gradient") {
  const auto still = [](const Vector& w, Vector& g) {
    g = w;
    return 5.0;
  };
  CHECK(minimized(still, Vector::Ones(3)).code == Code::gradient_disagrees);
}

TEST_CASE("a start whose loss is NaN is named as that, though its gradient was left as it was") {
  const auto early = [](const Vector& w, Vector& g) {
    if (w[0] > 0) return not_a_number;
    g = 2 * w;
    return w.squaredNorm();
  };
  CHECK(minimized(early, Vector::Ones(2)).code == Code::start_not_finite);
  CHECK(minimized(early, -Vector::Ones(2)).status == Status::converged);
}
