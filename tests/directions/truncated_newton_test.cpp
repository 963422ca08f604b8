#include "surefoot/directions/truncated_newton.hpp"

#include <Eigen/Dense>
#include <random>

#include "catch.hpp"
#include "support/allocations.hpp"
#include "support/dense_algebra.hpp"
#include "support/linear_data.hpp"
#include "support/minimized.hpp"
#include "support/thrown.hpp"
#include "surefoot/coordinates/diagonal.hpp"
#include "surefoot/coordinates/gram.hpp"

using namespace surefoot;
using namespace surefoot::test;

static_assert(Direction<TruncatedNewton>);
static_assert(needs_hessian_products<TruncatedNewton>());
static_assert(!needs_hessian_products<SteepestDescent>());
static_assert(!follows_gradient<TruncatedNewton>());

namespace {

/// ½ wᵀ H w − b·w, which counts what is asked of it.
struct Bowl {
  Eigen::MatrixXd H;
  Vector b;
  bool tells_diagonal = true, tells_products = true;
  int products = 0, diagonals = 0;

  double loss(const Vector& w, Vector& gradient) const {
    gradient = H * w - b;
    return 0.5 * w.dot(H * w) - b.dot(w);
  }
  void hessian_times(const Vector&, const Vector& v, Vector& product) {
    ++products;
    product = H * v;
  }
  bool curvature(const Vector&, Vector& diagonal) {
    if (!tells_diagonal) return false;
    ++diagonals;
    diagonal = H.diagonal();
    return true;
  }
  bool has_hessian_products() const { return tells_products; }
};

Bowl some_bowl(Eigen::Index n, double condition) {
  std::mt19937_64 random(5);
  std::normal_distribution<double> normal;
  const Eigen::MatrixXd any = Eigen::MatrixXd::NullaryExpr(n, n, [&] { return normal(random); });
  Vector curvatures(n);
  for (Eigen::Index i = 0; i < n; ++i) {
    curvatures[i] = std::pow(condition, static_cast<double>(i) / static_cast<double>(std::max<Eigen::Index>(1, n - 1)));
  }
  return {.H = turned(curvatures, any), .b = Vector::NullaryExpr(n, [&] { return normal(random); })};
}

/// The Hessian of a bowl, as the loop hands it over.
struct OfBowl : SomeOracle {
  explicit OfBowl(Bowl& of) : bowl(of) {}
  Bowl& bowl;
  void hessian_times(const Vector& w, const Vector& v, Vector& product) { bowl.hessian_times(w, v, product); }
  bool curvature(const Vector& w, Vector& diagonal) { return bowl.curvature(w, diagonal); }
};

struct Aimed {
  Vector d;
  double natural, residual;  // what is left of it, as a share
};
Aimed aim(TruncatedNewton& direction, Bowl& bowl, const Vector& w, bool interrupted = false) {
  Point at;
  at.w = w;
  bowl.loss(at.w, at.gradient = Vector(w.size()));
  at.gradient_norm = at.gradient.norm();
  OfBowl oracle{bowl};
  const HessianAt<OfBowl> hessian{oracle, at.w, [](const void* it) { return *static_cast<const bool*>(it); },
                                  &interrupted};
  Aimed aimed{Vector(w.size()), 0, 0};
  aimed.natural = direction.aim(at, aimed.d, hessian);
  aimed.residual = (bowl.H * aimed.d + at.gradient).norm() / at.gradient_norm;
  return aimed;
}

}  // namespace

TEST_CASE("a truncated Newton direction leaves no more of the residual than its forcing, and has a natural step of 1") {
  for (const double forcing : {0.5, 0.1, 1e-6}) {
    Bowl bowl = some_bowl(30, 1e3);
    bowl.tells_diagonal = false;  // residuals in the plain metric, as measured here
    TruncatedNewton direction{.forcing = forcing};
    const Aimed aimed = aim(direction, bowl, Vector::Ones(30));
    CHECK(aimed.natural == 1);
    CHECK(aimed.residual <= std::max(forcing, 1e-6) * (1 + 1e-6));
    CHECK(aimed.d.dot(bowl.H * Vector::Ones(30) - bowl.b) < 0);
  }
}

TEST_CASE("with little forcing the direction is Newton's, after as many products as there are different curvatures") {
  Bowl bowl = some_bowl(6, 100);
  TruncatedNewton direction{.forcing = 1e-9};
  const Vector w = Vector::Ones(6);
  const Vector newton = solution(bowl.H, bowl.b) - w;
  CHECK((aim(direction, bowl, w).d - newton).norm() <= 1e-6 * newton.norm());
  CHECK(bowl.products <= 7);
}

TEST_CASE("the smaller the gradient has become since the last direction, the more digits the next one has") {
  Bowl bowl = some_bowl(40, 1e4);
  bowl.tells_diagonal = false;
  TruncatedNewton direction;
  const Vector minimum = solution(bowl.H, bowl.b), away = Vector::Ones(40);
  CHECK(aim(direction, bowl, minimum + away).residual <= 0.5);
  const Aimed nearer = aim(direction, bowl, minimum + 0.1 * away);  // the gradient is a tenth
  CHECK(nearer.residual <= 0.1 * (1 + 1e-6));
  direction.restart();
  aim(direction, bowl, minimum + 0.1 * away);  // along the gradient
  const Aimed anew = aim(direction, bowl, minimum + 0.01 * away);
  CHECK(anew.residual > 0.1);
}

TEST_CASE("units far apart cost fewer products where the diagonal is told, which is asked for once") {
  const auto products = [](bool told) {
    Bowl bowl = some_bowl(50, 10);
    Vector units(50);
    for (Eigen::Index i = 0; i < 50; ++i) units[i] = std::pow(10.0, static_cast<double>(i % 5) - 2);
    bowl.H = units.asDiagonal() * bowl.H * units.asDiagonal();
    bowl.b = units.cwiseProduct(bowl.b);
    bowl.tells_diagonal = told;
    TruncatedNewton direction{.forcing = 0.1};
    const AnyMinimizer minimizer{direction, WeakWolfe{}, Monitor{}, Stop{.gradient = 1e-8}};
    const Result result = minimizer.run_on_rays(bowl, Vector::Zero(50));
    CHECK(result.status == Status::converged);
    CHECK(result.hessian_products == bowl.products);
    CHECK(bowl.diagonals == (told ? 1 : 0));
    return bowl.products;
  };
  CHECK(2 * products(true) < products(false));
}

TEST_CASE(
    "where the Hessian curves down, is 0 or is NaN, the direction is what it had by then, at worst the negative "
    "gradient") {
  for (const double curvature : {-1.0, 0.0, not_a_number}) {
    Bowl bowl{.H = Eigen::Vector2d(curvature, curvature).asDiagonal(), .b = Vector::Ones(2)};
    TruncatedNewton direction;
    Point at;
    at.w = Vector::Zero(2);
    at.gradient = Eigen::Vector2d(3, -4);
    at.gradient_norm = 5;
    OfBowl oracle{bowl};
    Vector d(2);
    const double natural =
        direction.aim(at, d, HessianAt<OfBowl>{oracle, at.w, [](const void*) { return false; }, nullptr});
    CHECK(std::isnan(natural));
    CHECK(d == -at.gradient);
  }
}

TEST_CASE("multiplying the loss by 1e150 or 1e-150 changes nothing but the last digits of the direction") {
  const Vector w = Vector::Ones(20);
  Bowl bowl = some_bowl(20, 1e3), huge = bowl, tiny = bowl;
  huge.H *= 1e150;
  huge.b *= 1e150;
  tiny.H *= 1e-150;
  tiny.b *= 1e-150;
  TruncatedNewton direction, of_huge, of_tiny;
  const Vector d = aim(direction, bowl, w).d;
  CHECK((aim(of_huge, huge, w).d - d).norm() <= 1e-9 * d.norm());
  CHECK((aim(of_tiny, tiny, w).d - d).norm() <= 1e-9 * d.norm());
}

TEST_CASE("conjugate gradients end after the most products that are allowed, or when the run is to end") {
  Bowl bowl = some_bowl(100, 1e6);
  TruncatedNewton direction{.forcing = 1e-9, .most_products = 7};
  CHECK(aim(direction, bowl, Vector::Ones(100)).natural == 1);
  CHECK(bowl.products == 7);
  TruncatedNewton unbound{.forcing = 1e-9};
  CHECK(aim(unbound, bowl, Vector::Ones(100), true).natural == 1);
  CHECK(bowl.products == 8);  // one, so that there is a direction
}

namespace {

/// A bowl along the axes, whose answers allocate nothing.
struct Axes : SomeOracle {
  explicit Axes(Vector of) : curvatures(std::move(of)) {}
  Vector curvatures;
  void hessian_times(const Vector&, const Vector& v, Vector& product) { product = curvatures.cwiseProduct(v); }
  bool curvature(const Vector&, Vector& diagonal) {
    diagonal = curvatures;
    return true;
  }
};

}  // namespace

TEST_CASE("after the first direction none allocates") {
  if (!allocations_are_counted()) return;
  Axes axes{Vector::LinSpaced(1000, 1, 100)};
  TruncatedNewton direction;
  Point at;
  at.w = at.gradient = Vector::Ones(1000);
  at.gradient_norm = at.gradient.norm();
  Vector d(1000);
  const HessianAt<Axes> hessian{axes, at.w, [](const void*) { return false; }, nullptr};
  direction.aim(at, d, hessian);
  const long before = allocations();
  direction.aim(at, d, hessian);
  direction.restart();
  direction.aim(at, d, hessian);
  CHECK(allocations() == before);
}

TEST_CASE(
    "a model that follows the sum of its products gives a natural step where the loss along the direction is least") {
  const Data data = some_data(300, 6);
  const Eigen::SparseMatrix<double, Eigen::RowMajor> X = data.X.sparseView();
  Logistic model(X, data.labels), reads = model;
  model.keep_curvature();
  CHECK(model.sums_products());
  CHECK_FALSE(reads.sums_products());
  for (const double far : {0.0, 1.0, 3.0}) {  // the farther out, the less a step of 1 fits
    Point at;
    at.w = far * some_weights(7);
    at.gradient.resize(7);
    at.loss = model.loss(at.w, at.gradient);
    at.gradient_norm = at.gradient.norm();
    TruncatedNewton direction{.forcing = 0.1};
    Oracle oracle(model);
    Vector d(7);
    const long before = model.reads();
    const double natural =
        direction.aim(at, d, HessianAt<decltype(oracle)>{oracle, at.w, [](const void*) { return false; }, nullptr});
    INFO("at " << far << ", natural step " << natural);
    CHECK(model.reads() - before == oracle.hessian_products() + 1);  // and the diagonal: nothing for the ray
    reads.along(at.w, d);
    CHECK(reads.on_ray(0).slope == Approx(at.gradient.dot(d)));
    CHECK(std::abs(reads.on_ray(natural).slope) <= 0.1001 * std::abs(reads.on_ray(0).slope));
  }
}

TEST_CASE("after a restart the direction is the negative gradient, once") {
  Bowl bowl = some_bowl(10, 100);
  TruncatedNewton direction;
  const Vector w = Vector::Ones(10), gradient = bowl.H * w - bowl.b;
  CHECK(aim(direction, bowl, w).d != -gradient);
  direction.restart();
  const Aimed restarted = aim(direction, bowl, w);
  CHECK(restarted.d == -gradient);
  CHECK(std::isnan(restarted.natural));
  CHECK(aim(direction, bowl, w).d != -gradient);
}

TEST_CASE("a run from where all rows are saturated, so that hardly anything curves, ends at the minimum") {
  const Data data = some_data(300, 6);
  const Eigen::SparseMatrix<double, Eigen::RowMajor> X = data.X.sparseView();
  Logistic model(X, data.labels, {.l2 = 1e-3});
  const double least = minimize(model, Vector::Zero(7)).loss;
  for (unsigned seed = 1; seed <= 10; ++seed) {
    for (const double far : {1e3, 1e5, 1e7}) {
      const Minimizer newton{TruncatedNewton{}, WeakWolfe{}, Monitor{}, Stop{.gradient = 1e-12}};
      const Result result = newton.run(model, far * some_weights(7, seed));
      INFO("seed " << seed << ", " << far << " out\n" << result.explain());
      CHECK(result.loss == Approx(least).epsilon(1e-9));
    }
  }
}

TEST_CASE("an objective that turns out to have no Hessian products is refused before any work, with the reason") {
  Bowl bowl = some_bowl(3, 10);
  bowl.tells_products = false;
  AnyMinimizer newton{TruncatedNewton{}, WeakWolfe{}, Monitor{}, Stop{}};
  const std::string why = thrown<std::invalid_argument>([&] { newton.run_on_rays(bowl, Vector::Zero(3)); });
  CHECK(mentions(why, "truncated-newton needs products with the Hessian, which this objective does not have"));
  bowl.tells_products = true;
  newton.direction.forcing = 1;
  CHECK_THROWS_AS(newton.run_on_rays(bowl, Vector::Zero(3)), std::invalid_argument);
}

TEST_CASE(
    "a linear model's Newton run converges in a few steps from its first, without an opening, in any coordinates") {
  const Data data = some_data(200, 6);
  const Logistic model(data.X, data.labels, {.l2 = 1e-2});
  const Stop stop{.gradient = 1e-9};
  const AnyMinimizer newton{TruncatedNewton{.forcing = 0.1}, WeakWolfe{}, Monitor{}, stop};
  const Vector w0 = Vector::Zero(7);
  Logistic plain_model = model, other = model, third = model, fourth = model;
  const Result expected = AnyMinimizer{LBFGS{}, WeakWolfe{}, Monitor{}, stop}.run(plain_model, w0);
  const auto check = [&](const Result& result) {
    CHECK(result.code == Code::gradient);
    CHECK(result.iterations <= 9);
    CHECK(result.gradient_evaluations <= result.iterations + 2);
    CHECK((result.w - expected.w).norm() <= 1e-6 * expected.w.norm());
  };
  check(newton.run_on_rays(other, w0));
  Diagonal scaled(third);
  check(newton.run(scaled, w0));
  Gram metric(fourth);
  check(newton.run(metric, w0));
}
