#include "surefoot/directions/nesterov.hpp"

#include <cmath>

#include "catch.hpp"
#include "support/objectives.hpp"

using namespace surefoot;

static_assert(Direction<Nesterov>);
static_assert(!follows_gradient<Nesterov>());

namespace {

const Quadratic bowl{Eigen::Vector3d(1, 5, 10)};

Point point_at(const Vector& w) { return test::evaluated(bowl, w); }

/// One step from `at`: where the ray starts and where it leads.
struct Taken {
  Origin origin;
  Point from, next;
};
Taken step(Nesterov& direction, const Point& at, double t) {
  Point start;
  Taken taken;
  taken.origin = direction.origin(at, start);
  taken.from = taken.origin == Origin::here ? at : point_at(start.w);
  Vector d(at.w.size());
  CHECK(std::isnan(direction.aim(taken.from, d)));
  CHECK(d == -taken.from.gradient);
  taken.next = point_at(taken.from.w + t * d);
  direction.taken(taken.from, taken.next);
  return taken;
}

}  // namespace

TEST_CASE("Nesterov's rays start at the points of his sequence") {
  Nesterov direction;
  const double t = 0.02;
  Point at = point_at(Eigen::Vector3d(1, 1, 1));
  // By the formula, on its own: θ₀ = 1, θ = (1 + sqrt(1 + 4 θ²))/2, y = w + (θ_last − 1)/θ (w − w_last).
  double theta = 1;
  Vector w = at.w, last = w;
  for (int k = 0; k < 12; ++k) {
    Vector y = w;
    if (k > 0) {
      const double next = (1 + std::sqrt(1 + 4 * theta * theta)) / 2;
      y = w + (theta - 1) / next * (w - last);
      theta = next;
    }
    const Taken taken = step(direction, at, t);
    INFO("step " << k);
    CHECK((taken.from.w - y).norm() <= 1e-14);
    CHECK(taken.origin == (k < 2 ? Origin::here : Origin::elsewhere));
    if (taken.from.gradient.dot(taken.next.w - w) > 0) break;  // here the momentum restarts: the next test
    last = w;
    w = y - t * bowl.curvatures.cwiseProduct(y);
    CHECK((taken.next.w - w).norm() <= 1e-14);
    at = taken.next;
    if (k == 11) SUCCEED();
  }
}

TEST_CASE("a momentum that points uphill is dropped: the next ray starts at the iterate itself") {
  Nesterov direction;
  Point at = point_at(Eigen::Vector3d(1, 1, 1));
  bool restarted = false;
  for (int k = 0; k < 200; ++k) {
    const Vector before = at.w;
    const Taken taken = step(direction, at, 0.09);
    at = taken.next;
    if (taken.from.gradient.dot(taken.next.w - before) <= 0) continue;
    restarted = true;
    Point start;
    Nesterov ahead = direction;
    CHECK(ahead.state.theta == 1);
    CHECK(ahead.origin(at, start) == Origin::here);
  }
  CHECK(restarted);
}

TEST_CASE("Nesterov's descent has no lasting momentum after a restart, as at the beginning") {
  Nesterov direction;
  Point at = point_at(Eigen::Vector3d(1, 1, 1));
  for (int k = 0; k < 5; ++k) at = step(direction, at, 0.02).next;
  Nesterov fresh;
  direction.restart();
  for (int k = 0; k < 6; ++k) {
    const Taken old_one = step(direction, at, 0.02), new_one = step(fresh, at, 0.02);
    CHECK(old_one.origin == new_one.origin);
    CHECK(old_one.from.w == new_one.from.w);
    at = old_one.next;
  }
}

TEST_CASE("with a step of 1/L Nesterov keeps his bound: the excess after k steps is at most 2 L |w₀ − w*|²/(k + 1)²") {
  // A thousand curvatures from 1e-6 to 1, as badly conditioned as the bound allows.
  const Eigen::Index n = 1000;
  Vector bends(n);
  for (Eigen::Index i = 0; i < n; ++i) bends[i] = std::pow(10, -6.0 * static_cast<double>(i) / (n - 1));
  const auto at_point = [&](const Vector& w) {
    Point point;
    point.w = w;
    point.gradient = bends.cwiseProduct(w);
    point.loss = 0.5 * w.dot(point.gradient);
    return point;
  };
  Nesterov direction;
  Point at = at_point(Vector::Ones(n));
  for (int k = 1; k <= 300; ++k) {
    Point start;
    const Point from = direction.origin(at, start) == Origin::here ? at : at_point(start.w);
    const Point next = at_point(from.w - from.gradient);
    direction.taken(from, next);
    at = next;
    INFO("step " << k);
    CHECK(at.loss <= 2.0 * static_cast<double>(n) / ((k + 1.0) * (k + 1.0)));
  }
}

TEST_CASE("a copy of Nesterov's direction goes its own way") {
  Nesterov direction;
  Point at = point_at(Eigen::Vector3d(1, 1, 1));
  for (int k = 0; k < 4; ++k) at = step(direction, at, 0.02).next;
  Nesterov copy = direction;
  step(copy, point_at(Eigen::Vector3d(9, 9, 9)), 0.01);
  copy.restart();
  Point start, expected;
  Nesterov same = direction;
  direction.origin(at, start);
  same.origin(at, expected);
  CHECK(start.w == expected.w);
  CHECK(direction.state.moved);
}
