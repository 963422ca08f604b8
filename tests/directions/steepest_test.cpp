#include "surefoot/directions/steepest.hpp"

#include "catch.hpp"

using namespace surefoot;

static_assert(Direction<SteepestDescent>);
static_assert(follows_gradient<SteepestDescent>());

TEST_CASE("steepest descent goes along the negative gradient, from the iterate, with no step of its own") {
  SteepestDescent direction;
  Point at, start;
  at.w = Eigen::Vector3d(1, 2, 3);
  at.gradient = Eigen::Vector3d(-1, 0, 1e300);
  Vector d(3);
  CHECK(direction.origin(at, start) == Origin::here);
  CHECK(std::isnan(direction.aim(at, d)));
  CHECK(d == -at.gradient);
  CHECK(start.w.size() == 0);  // left alone
}

TEST_CASE("steepest descent learns nothing and forgets nothing") {
  SteepestDescent direction;
  Point at, next;
  at.w = next.w = at.gradient = Eigen::Vector2d(1, 2);
  next.gradient = Eigen::Vector2d(5, -5);
  Vector before(2), after(2);
  direction.aim(at, before);
  direction.taken(at, next);
  direction.restart();
  direction.aim(at, after);
  CHECK(before == after);
}
