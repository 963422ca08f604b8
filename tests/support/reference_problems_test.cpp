#include "support/reference_problems.hpp"

#include <cmath>
#include <stdexcept>
#include <string>
#include <string_view>

#include "catch.hpp"
#include "support/differences.hpp"

using namespace surefoot;

namespace {

const ReferenceProblem& find(std::string_view name) {
  for (const ReferenceProblem& problem : reference_problems()) {
    if (problem.name == name) return problem;
  }
  throw std::out_of_range(std::string(name));
}

double loss_at_start(std::string_view name, int s) { return find(name).loss(find(name).start(s)); }

}  // namespace

// Expected numbers: a program in plain Python that sums by math.fsum and shares no code with this one.

TEST_CASE("the reference problems have at their starts the losses of an independent program") {
  CHECK(loss_at_start("quad", 1) == Approx(116975.63056481534).epsilon(1e-12));
  CHECK(loss_at_start("quad", 12) == Approx(98002.125813329127).epsilon(1e-12));
  CHECK(loss_at_start("logreg", 1) == Approx(1.1641016788353313).epsilon(1e-12));
  CHECK(loss_at_start("logreg", 12) == Approx(0.98342018925324104).epsilon(1e-12));
  CHECK(loss_at_start("rosen2", 1) == Approx(29.417649777066629).epsilon(1e-12));
  CHECK(loss_at_start("rosen2", 12) == Approx(3.8217309011608314).epsilon(1e-12));
  CHECK(loss_at_start("rosen50", 1) == Approx(2370.2817127997687).epsilon(1e-12));
  CHECK(loss_at_start("rosen50", 12) == Approx(2199.2165676674686).epsilon(1e-12));
  CHECK(loss_at_start("ball", 1) == Approx(130.86742437897067).epsilon(1e-12));
  CHECK(loss_at_start("ball", 12) == Approx(134.52365215214945).epsilon(1e-12));
}

TEST_CASE("the minimum of logreg is that of an independent program, to a gradient below 1e-12") {
  const ReferenceProblem& logreg = find("logreg");
  Vector gradient(20);
  CHECK(logreg.loss(logreg.minimiser, gradient) == logreg.minimum);
  CHECK(gradient.lpNorm<Eigen::Infinity>() < 1e-12);
  CHECK(logreg.minimum == Approx(0.61463628543122584).epsilon(1e-14));
  CHECK(logreg.minimiser[0] == Approx(-0.00454381603482057).epsilon(1e-9));
  CHECK(logreg.minimiser[19] == Approx(0.0283731614872083).epsilon(1e-9));
}

TEST_CASE("every reference problem has twelve different finite starts above its minimum, and true gradients there") {
  CHECK(reference_problems().size() == 5);
  for (const ReferenceProblem& problem : reference_problems()) {
    for (int s = 1; s <= reference_starts; ++s) {
      INFO(problem.name << ", start " << s);
      const Vector w = problem.start(s);
      REQUIRE(w.size() == problem.minimiser.size());
      CHECK((w - problem.start(s % reference_starts + 1)).norm() > 1e-3);

      Vector gradient(w.size());
      const double loss = problem.loss(w, gradient);
      CHECK(std::isfinite(loss));
      CHECK(loss > problem.minimum);
      CHECK(loss == problem.loss(w));
      const Vector expected = gradient_by_differences([&](const Vector& at) { return problem.loss(at); }, w, 1e-4);
      // The differences' own noise: the loss is rounded, and divided by the step.
      const double noise = 1e-8 * expected.lpNorm<Eigen::Infinity>() + 1e-11 * loss;
      CHECK((gradient - expected).lpNorm<Eigen::Infinity>() <= noise);
    }
  }
}

TEST_CASE("every reference problem has its minimum at the minimiser that it names") {
  for (const ReferenceProblem& problem : reference_problems()) {
    INFO(problem.name);
    Vector gradient(problem.minimiser.size());
    CHECK(problem.loss(problem.minimiser, gradient) == problem.minimum);
    CHECK(gradient.lpNorm<Eigen::Infinity>() < 1e-12);
  }
}

TEST_CASE("the ball answers NaN outside, in loss and gradient, and its wall stands 0.1 from the minimiser") {
  const ReferenceProblem& ball = find("ball");
  const Vector centre = 0.9 * reference::spread(50, 100).normalized();
  const Vector outward = -centre.normalized();
  CHECK(std::isfinite(ball.loss(0.0999 * outward)));

  Vector gradient = Vector::Zero(50);
  CHECK(std::isnan(ball.loss(0.1001 * outward)));
  CHECK(std::isnan(ball.loss(0.1001 * outward, gradient)));
  CHECK(gradient.array().isNaN().all());
}
