#include "surefoot/directions/l_bfgs.hpp"

#include <Eigen/Dense>
#include <random>

#include "catch.hpp"
#include "surefoot/objectives/functions.hpp"

using namespace surefoot;

static_assert(Direction<LBFGS>);
static_assert(!follows_gradient<LBFGS>());

namespace {

struct Pair {
  Vector s, y;
};

Vector random_vector(std::mt19937& random, Eigen::Index n) {
  std::normal_distribution<double> normal;
  Vector v(n);
  for (double& x : v) x = normal(random);
  return v;
}

/// Pairs of a random positive definite matrix.
std::vector<Pair> random_pairs(std::mt19937& random, Eigen::Index n, int count) {
  Eigen::MatrixXd root(n, n);
  for (Eigen::Index j = 0; j < n; ++j) root.col(j) = random_vector(random, n);
  const Eigen::MatrixXd hessian = root * root.transpose() + Eigen::MatrixXd::Identity(n, n);
  std::vector<Pair> pairs;
  for (int i = 0; i < count; ++i) {
    const Vector s = random_vector(random, n);
    pairs.push_back({s, hessian * s});
  }
  return pairs;
}

/// H of the last `memory` pairs by the recursion over dense matrices, from H₀ = |s|/|y| of the last.
Eigen::MatrixXd dense_inverse(const std::vector<Pair>& pairs, std::size_t memory) {
  const Eigen::Index n = pairs.back().s.size();
  const Eigen::MatrixXd identity = Eigen::MatrixXd::Identity(n, n);
  Eigen::MatrixXd H = pairs.back().s.norm() / pairs.back().y.norm() * identity;
  for (std::size_t i = pairs.size() > memory ? pairs.size() - memory : 0; i < pairs.size(); ++i) {
    const auto& [s, y] = pairs[i];
    const double rho = 1 / s.dot(y);
    H = (identity - rho * s * y.transpose()) * H * (identity - rho * y * s.transpose()) + rho * s * s.transpose();
  }
  return H;
}

/// Tells the direction of a pair: two points that differ by it.
void learn(LBFGS& direction, const Vector& s, const Vector& y) {
  Point from, next, unused;
  from.w = from.gradient = Vector::Zero(s.size());
  next.w = s;
  next.gradient = y;
  direction.origin(from, unused);
  direction.taken(from, next);
}

Vector aim(LBFGS& direction, const Vector& gradient) {
  Point at, unused;
  at.w = Vector::Zero(gradient.size());
  at.gradient = gradient;
  direction.origin(at, unused);
  Vector d(gradient.size());
  direction.aim(at, d);
  return d;
}

}  // namespace

TEST_CASE("with nothing learnt L-BFGS goes along the negative gradient and has no natural step") {
  LBFGS direction;
  Point at, start;
  at.w = Eigen::Vector2d(1, 2);
  at.gradient = Eigen::Vector2d(3, 4);
  Vector d(2);
  CHECK(direction.origin(at, start) == Origin::here);
  CHECK(std::isnan(direction.aim(at, d)));
  CHECK(d == -at.gradient);
}

TEST_CASE("the two loops give the direction of the dense recursion, for any memory") {
  constexpr unsigned seed = 131;
  std::mt19937 random(seed);
  for (int round = 0; round < 60; ++round) {
    const Eigen::Index n = 3 + round % 8;
    const int memory = 1 + round % 7;
    LBFGS direction{.memory = memory};
    const auto pairs = random_pairs(random, n, 12);
    for (std::size_t k = 0; k < pairs.size(); ++k) {
      learn(direction, pairs[k].s, pairs[k].y);
      const Vector gradient = random_vector(random, n);
      const std::vector<Pair> sofar(pairs.begin(), pairs.begin() + static_cast<std::ptrdiff_t>(k) + 1);
      const Vector expected = -dense_inverse(sofar, static_cast<std::size_t>(memory)) * gradient;
      const Vector d = aim(direction, gradient);
      INFO("seed " << seed << ", round " << round << ", n " << n << ", memory " << memory << ", pair " << k);
      CHECK((d - expected).norm() <= 1e-10 * expected.norm());
      CHECK(d.dot(gradient) < 0);
    }
  }
}

TEST_CASE("L-BFGS keeps the secant equation: H y = s for the last pair, and its natural step is 1") {
  std::mt19937 random(132);
  LBFGS direction{.memory = 4};
  for (const auto& [s, y] : random_pairs(random, 9, 10)) {
    learn(direction, s, y);
    CHECK((aim(direction, y) + s).norm() <= 1e-11 * s.norm());
  }
  Point at;
  at.gradient = Vector::Ones(9);
  Vector d(9);
  CHECK(direction.aim(at, d) == 1);
}

TEST_CASE("a pair without positive curvature is not learnt, and spoils nothing that is, even when the memory is full") {
  std::mt19937 random(133);
  for (int known = 0; known <= 9; ++known) {
    LBFGS direction{.memory = 4};
    const Eigen::Index n = 6;
    for (const auto& [s, y] : random_pairs(random, n, known)) learn(direction, s, y);
    const Vector gradient = random_vector(random, n);
    const Vector before = aim(direction, gradient);
    const Vector s = random_vector(random, n);
    Vector across = random_vector(random, n);
    across -= across.dot(s) / s.squaredNorm() * s + 1e-3 * s;  // s·y a little below 0
    for (const Vector& y : {Vector(-s), across, Vector(Vector::Zero(n)), Vector(Vector::Constant(n, not_a_number)),
                            Vector(Vector::Constant(n, infinity))}) {
      learn(direction, s, y);
      INFO(known << " pairs known");
      CHECK(aim(direction, gradient) == before);
    }
    learn(direction, Vector::Zero(n), s);
    CHECK(aim(direction, gradient) == before);
  }
}

TEST_CASE("after refused pairs the next good ones are learnt as if those had never been") {
  std::mt19937 random(134);
  LBFGS plain{.memory = 3}, disturbed{.memory = 3};
  const auto pairs = random_pairs(random, 5, 9);
  for (const auto& [s, y] : pairs) {
    learn(plain, s, y);
    learn(disturbed, s, -y);
    learn(disturbed, s, y);
    learn(disturbed, y, -s);
    const Vector gradient = random_vector(random, 5);
    CHECK(aim(plain, gradient) == aim(disturbed, gradient));
  }
}

TEST_CASE("pairs near 1e-200 and 1e200 give the direction that they give at 1") {
  std::mt19937 random(135);
  const auto pairs = random_pairs(random, 5, 4);
  const Vector gradient = random_vector(random, 5);
  LBFGS plain{.memory = 4};
  for (const auto& [s, y] : pairs) learn(plain, s, y);
  const Vector expected = aim(plain, gradient);
  for (double scale : {std::ldexp(1.0, -664), std::ldexp(1.0, 664)}) {  // about 1e±200
    LBFGS both{.memory = 4}, shallow{.memory = 4};
    for (const auto& [s, y] : pairs) {
      learn(both, scale * s, scale * y);
      learn(shallow, s, scale * y);  // the loss times `scale`: H becomes H/scale, and H g stays
    }
    INFO("scale " << scale);
    CHECK((aim(both, gradient) - expected).norm() <= 1e-12 * expected.norm());
    CHECK((aim(shallow, scale * gradient) - expected).norm() <= 1e-12 * expected.norm());
  }
}

TEST_CASE("with exact line searches L-BFGS minimises a quadratic of n unknowns in n steps") {
  std::mt19937 random(136);
  for (Eigen::Index n : {1, 2, 5, 10}) {
    const Quadratic bowl = Quadratic::log_spaced(n, 50);
    LBFGS direction;
    Point at, unused;
    at.w = random_vector(random, n);
    bowl.loss(at.w, at.gradient);
    const double first = at.gradient.norm();
    Vector d(n);
    for (Eigen::Index k = 0; k < n; ++k) {
      direction.origin(at, unused);
      direction.aim(at, d);
      const double t = -at.gradient.dot(d) / d.dot(bowl.curvatures.cwiseProduct(d));  // the minimiser along d
      Point next;
      next.w = at.w + t * d;
      bowl.loss(next.w, next.gradient);
      direction.taken(at, next);
      at = next;
    }
    INFO("n " << n);
    CHECK(at.gradient.norm() <= 1e-9 * first);
  }
}

TEST_CASE("a restart forgets every pair") {
  std::mt19937 random(137);
  LBFGS direction{.memory = 3};
  for (const auto& [s, y] : random_pairs(random, 4, 5)) learn(direction, s, y);
  direction.restart();
  const Vector gradient = random_vector(random, 4);
  CHECK(aim(direction, gradient) == -gradient);
  // And it learns anew.
  const auto pairs = random_pairs(random, 4, 2);
  for (const auto& [s, y] : pairs) learn(direction, s, y);
  const Vector expected = -dense_inverse(pairs, 3) * gradient;
  CHECK((aim(direction, gradient) - expected).norm() <= 1e-10 * expected.norm());
}

TEST_CASE("L-BFGS used for a problem of another size begins anew") {
  std::mt19937 random(138);
  LBFGS direction{.memory = 3};
  for (const auto& [s, y] : random_pairs(random, 4, 5)) learn(direction, s, y);
  const Vector gradient = random_vector(random, 7);
  CHECK(aim(direction, gradient) == -gradient);
}

TEST_CASE("L-BFGS keeps as many pairs as its memory says; unset, between 10 and 1000") {
  const auto pairs = [](int memory, Eigen::Index n) {
    LBFGS direction{.memory = memory};
    Point at, unused;
    at.w = Vector::Zero(n);
    direction.origin(at, unused);
    return direction.state.steps.cols() - 1;  // one column more for the candidate
  };
  CHECK(pairs(7, 3) == 7);
  CHECK(pairs(0, 3) == 1000);
  CHECK(pairs(0, 100000) == 40);
  CHECK(pairs(0, 1000000) == 10);
}

TEST_CASE("a copy of L-BFGS learns on its own") {
  std::mt19937 random(139);
  LBFGS direction{.memory = 3};
  const auto pairs = random_pairs(random, 4, 4);
  learn(direction, pairs[0].s, pairs[0].y);
  const Vector gradient = random_vector(random, 4), before = aim(direction, gradient);
  LBFGS copy = direction;
  learn(copy, pairs[1].s, pairs[1].y);
  copy.restart();
  CHECK(aim(direction, gradient) == before);
}

TEST_CASE("L-BFGS's memory must not be negative") {
  CHECK_THROWS_WITH(validate(LBFGS{.memory = -1}, LBFGS::name),
                    "memory = -1 of l-bfgs is out of range: it must be >= 0");
}
