#include "support/nasties.hpp"

#include <cmath>
#include <set>

#include "catch.hpp"
#include "support/differences.hpp"

using namespace surefoot;

namespace {

/// What each coordinate is measured in: the way from the start to the minimiser, or its own size, or 1.
Vector scale_of(const Nasty& nasty) {
  Vector scale = nasty.start.cwiseAbs();
  if (nasty.minimiser.size() > 0) scale = scale.cwiseMax((nasty.minimiser - nasty.start).cwiseAbs());
  return (scale.array() > 0).select(scale, 1);
}

/// The start, then points on the way to the minimiser, or beside the start where none is known.
std::vector<Vector> points_on_the_way(const Nasty& nasty) {
  const Vector way =
      nasty.minimiser.size() > 0 ? Vector(nasty.minimiser - nasty.start) : Vector(nasty::wave(nasty.start.size(), 9));
  return {nasty.start, nasty.start + 0.3 * way, nasty.start + 0.7 * way};
}

}  // namespace

TEST_CASE("every nasty has a name of its own, a finite start, and a minimum below it if any is known") {
  std::set<std::string> names;
  for (const Nasty& nasty : nasties()) {
    INFO(nasty.name);
    CHECK(names.insert(nasty.name).second);
    Vector gradient = Vector::Constant(nasty.start.size(), std::nan(""));
    const double loss = nasty.loss(nasty.start, gradient);
    CHECK(std::isfinite(loss));
    CHECK(gradient.allFinite());
    if (nasty.has_minimum) CHECK(loss >= nasty.minimum);
    if (!nasty.has_minimum) CHECK(std::isnan(nasty.minimum));
    const bool starts_there = nasty.name == "start at the minimum";
    CHECK((loss == nasty.minimum) == starts_there);
    CHECK((gradient.norm() == 0) == starts_there);
  }
  CHECK(names.size() >= 30);
}

TEST_CASE("the nasties' gradients agree with differences of their losses") {
  for (const Nasty& nasty : nasties()) {
    const Vector scale = scale_of(nasty);
    for (const Vector& w : points_on_the_way(nasty)) {
      INFO(nasty.name << " at " << w.transpose());
      Vector gradient(w.size()), unused(w.size());
      const double loss = nasty.loss(w, gradient);
      REQUIRE(std::isfinite(loss));
      const Vector exact = scale.cwiseProduct(gradient);
      const Vector expected =
          gradient_by_differences([&](const Vector& by) { return nasty.loss(w + scale.cwiseProduct(by), unused); },
                                  Vector::Zero(w.size()), 5e-4);
      const double noise = 1e-12 * std::abs(loss);  // the loss is rounded, and divided by the step
      CHECK((exact - expected).lpNorm<Eigen::Infinity>() <= 1e-6 * exact.lpNorm<Eigen::Infinity>() + noise);
    }
  }
}

TEST_CASE("the nasties have their minimum, and no slope, at the minimiser that they name") {
  int named = 0;
  for (const Nasty& nasty : nasties()) {
    if (nasty.minimiser.size() == 0) continue;
    ++named;
    INFO(nasty.name);
    const Vector scale = scale_of(nasty);
    Vector gradient(nasty.start.size());
    const double gained = nasty.loss(nasty.start, gradient) - nasty.minimum;
    CHECK(nasty.loss(nasty.minimiser, gradient) == nasty.minimum);
    CHECK(scale.cwiseProduct(gradient).lpNorm<Eigen::Infinity>() <= 1e-9 * gained);
    for (const double s : {1.0, 2.0, 3.0, 4.0, 5.0}) {
      const Vector beside = nasty.minimiser + 1e-2 * scale.cwiseProduct(nasty::wave(scale.size(), s));
      const double loss = nasty.loss(beside, gradient);
      CHECK_FALSE(loss < nasty.minimum - 1e-15 * std::abs(nasty.minimum));  // NaN beyond an edge is as good
    }
  }
  CHECK(named >= 30);
}

TEST_CASE("beyond their domain the nasties answer NaN or Inf") {
  const auto loss_at = [](const Nasty& nasty, double everywhere) {
    Vector gradient(nasty.start.size());
    return nasty.loss(Vector::Constant(nasty.start.size(), everywhere), gradient);
  };
  CHECK_FALSE(std::isfinite(loss_at(nasty::barrier(), 1)));
  CHECK(std::isnan(loss_at(nasty::barrier(), 1.1)));
  CHECK(std::isnan(loss_at(nasty::analytic_centre(), 100)));
  CHECK(std::isnan(loss_at(nasty::ball(), 0.2)));
  CHECK(std::isnan(loss_at(nasty::square_roots(), -1e-9)));
  CHECK(std::isnan(loss_at(nasty::normal_likelihood(), -1)));
  CHECK(std::isnan(loss_at(nasty::entropy(), -1e-9)));
  CHECK(std::isinf(loss_at(nasty::poisson(), 1)));
  CHECK(std::isinf(loss_at(nasty::steep_exponentials(), 1)));
  CHECK(std::isinf(loss_at(nasty::log_cosh(), 1e4)));
}

TEST_CASE("a loss without a minimum falls towards 0 for ever") {
  const Nasty softplus = nasty::vanishing_slope(), separable = nasty::separable_logistic();
  Vector gradient(1), gradients(4);
  CHECK(softplus.loss(Vector::Zero(1), gradient) == Approx(std::log(2.0)));
  CHECK(softplus.loss(Vector::Constant(1, 700), gradient) < 1e-300);
  // Along the plane that made the labels every margin is right, so the loss falls below any bound.
  const Vector plane = nasty::wave(4, 1);
  double last = separable.loss(Vector::Zero(4), gradients);
  CHECK(last == Approx(std::log(2.0)));
  for (const double length : {1.0, 10.0, 100.0, 1e3, 1e4}) {
    const double loss = separable.loss(length * plane, gradients);
    CHECK(loss < last);
    last = loss;
  }
  CHECK(last < 1e-6);
}
