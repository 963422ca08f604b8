#include "surefoot/objectives/more_garbow_hillstrom.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <random>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "catch.hpp"
#include "support/differences.hpp"
#include "support/minimized.hpp"
#include "surefoot/minimize.hpp"

using namespace surefoot;

namespace {

std::string label(const TestProblem& problem) { return problem.name + " n = " + std::to_string(problem.size); }

/// What a coordinate is measured in: its own size. Chebyshev polynomials of degree n turn within 1/n² of their ends.
Vector scale_of(const TestProblem& problem, const Vector& w) {
  Vector scale = w.cwiseAbs();
  for (double& entry : scale) {
    if (entry == 0) entry = 1;
  }
  return problem.number == 35 ? Vector(scale / static_cast<double>(problem.size * problem.size)) : scale;
}

/// The start, then five points that lie near it by each coordinate's own scale.
std::vector<Vector> points_near_the_start(const TestProblem& problem) {
  std::mt19937 random(static_cast<unsigned>(problem.number));  // the seed is the number that the failing check prints
  std::uniform_real_distribution<double> part(-0.1, 0.1);
  const Vector scale = scale_of(problem, problem.start);
  std::vector<Vector> points{problem.start};
  while (points.size() < 6) {
    Vector w = problem.start;
    for (Eigen::Index j = 0; j < w.size(); ++j) w[j] += part(random) * scale[j];
    points.push_back(w);
  }
  return points;
}

/// Any direction among the residuals: cos(1), cos(4), cos(7), …
Vector wave(Eigen::Index size) {
  return Vector::NullaryExpr(size, [](Eigen::Index i) { return std::cos(3 * static_cast<double>(i) + 1); });
}

/// f(w) as computed from the formulas by another program (Python, mpmath, 60 digits).
struct KnownStart {
  int number;
  Eigen::Index size;
  double loss;
};
const std::vector<KnownStart> known_starts = {{1, 2, 24.2},
                                              {2, 2, 400.5},
                                              {3, 2, 1.1352617173483784},
                                              {4, 2, 999998000002.999996},
                                              {5, 2, 14.203125},
                                              {6, 2, 4171.30616196049305},
                                              {7, 3, 2500},
                                              {8, 3, 41.6816958616780045},
                                              {9, 3, 3.88810699116666149e-6},
                                              {10, 3, 1693607809.43614594},
                                              {11, 3, 12.1107058255694878},
                                              {12, 3, 1031.15381060939835},
                                              {13, 4, 215},
                                              {14, 4, 19192},
                                              {15, 4, 0.00531317227210854216},
                                              {16, 4, 7926693.33699743238},
                                              {17, 5, 0.879026293544640493},
                                              {18, 6, 0.779070075655970452},
                                              {19, 11, 2.09341951421206368},
                                              {20, 6, 30},
                                              {20, 9, 30},
                                              {20, 12, 30},
                                              {21, 10, 121},
                                              {22, 12, 645},
                                              {23, 4, 885.06264},
                                              {23, 10, 148032.56535},
                                              {24, 4, 2.34000880546302452},
                                              {24, 10, 162.652776565967123},
                                              {25, 10, 2198551.1625},
                                              {26, 10, 0.00707575946622220235},
                                              {27, 10, 273.248047828674316},
                                              {28, 10, 0.000788519101264821512},
                                              {29, 10, 0.063416841579452641},
                                              {30, 10, 21},
                                              {31, 10, 360},
                                              {32, 10, 50},
                                              {33, 10, 8658670},
                                              {34, 10, 4067996},
                                              {35, 8, 0.0386176982859302318},
                                              {35, 9, 0.0288829802882260334},
                                              {35, 10, 0.0337632654628800032}};

/// The minima that Moré, Garbow & Hillstrom (1981) print to six digits, cut off, not rounded.
const std::vector<KnownStart> printed_minima = {
    {2, 2, 48.9842},     {6, 2, 124.362},      {8, 3, 8.21487e-3},  {8, 3, 17.4286},      {9, 3, 1.12793e-8},
    {10, 3, 87.9458},    {15, 4, 3.07505e-4},  {15, 4, 1.02734e-3}, {16, 4, 85822.2},     {17, 5, 5.46489e-5},
    {18, 6, 5.65565e-3}, {19, 11, 4.01377e-2}, {20, 6, 2.28767e-3}, {20, 9, 1.39976e-6},  {20, 12, 4.72238e-10},
    {23, 4, 2.24997e-5}, {23, 10, 7.08765e-5}, {24, 4, 9.37629e-6}, {24, 10, 2.93660e-4}, {27, 10, 1},
    {35, 8, 3.51687e-3}, {35, 10, 6.50395e-3},
};

TestProblem numbered(int number, Eigen::Index size) {
  for (const TestProblem& problem : more_garbow_hillstrom()) {
    if (problem.number == number && problem.size == size) return problem;
  }
  throw std::logic_error("no function " + std::to_string(number) + " of size " + std::to_string(size));
}

/// Ends at a minimum that is known, within the budget by which minimisers are compared.
void check_solved(const TestProblem& problem) {
  const Result result =
      test::minimized(problem, problem.start, {.stop = {.max_iterations = std::nullopt, .max_evaluations = 20000}});
  INFO(label(problem) << ": " << result.loss << " after " << result.loss_evaluations + result.gradient_evaluations
                      << " evaluations; " << result.reason);
  const double slack = 1e-6 * problem.loss(problem.start);
  if (problem.number == 26) {  // minima without number: one no higher than those that are listed
    CHECK(result.status == Status::converged);
    CHECK(result.loss <= problem.local_minima.front() + slack);
  } else {
    CHECK(std::abs(problem.excess(result.loss).value()) <= slack);
  }
  CHECK(result.loss_evaluations + result.gradient_evaluations <= 20000);
}

}  // namespace

TEST_CASE("the list has all 35 functions in order, each with a start of its size") {
  int last = 0;
  std::set<std::string> labels;
  for (const TestProblem& problem : more_garbow_hillstrom()) {
    INFO(label(problem));
    CHECK((problem.number == last || problem.number == last + 1));
    CHECK(problem.start.size() == problem.size);
    CHECK(labels.insert(label(problem)).second);
    CHECK(problem.minimum.has_value());
    last = problem.number;
  }
  CHECK(last == 35);
}

TEST_CASE("the functions have at their start the loss that another program computes") {
  for (const KnownStart& known : known_starts) {
    const TestProblem problem = numbered(known.number, known.size);
    INFO(label(problem));
    // Not 1e-15: Gaussian's residuals are small differences of large terms.
    CHECK(problem.loss(problem.start) == Approx(known.loss).epsilon(1e-12));
  }
  CHECK(known_starts.size() == more_garbow_hillstrom().size());
}

TEST_CASE("the functions' Jacobians agree with differences of their residuals") {
  std::vector<TestProblem> problems = more_garbow_hillstrom();
  for (const TestProblem& problem : more_garbow_hillstrom(100)) problems.push_back(problem);
  for (const TestProblem& problem : problems) {
    for (const Vector& w : points_near_the_start(problem)) {
      const Vector r = problem.residuals(w);
      const Vector v = wave(r.size());
      const Vector scale = scale_of(problem, w);
      const Vector exact = scale.cwiseProduct(problem.pull_back(w, v));
      const Vector expected = gradient_by_differences(
          [&](const Vector& by) { return problem.residuals(w + scale.cwiseProduct(by)).dot(v); },
          Vector::Zero(w.size()), 2e-4);
      INFO(label(problem));
      // What the rounded residuals, divided by the step, may hide; it adds up over the terms of a residual.
      const double noise = 1e-11 * r.cwiseAbs().dot(v.cwiseAbs());
      const double relative = 1e-10 * static_cast<double>(std::max<Eigen::Index>(10, problem.size));
      CHECK((exact - expected).lpNorm<Eigen::Infinity>() <= relative * exact.lpNorm<Eigen::Infinity>() + noise);
    }
  }
}

TEST_CASE("the functions' gradients agree with differences of their losses") {
  for (const TestProblem& problem : more_garbow_hillstrom()) {
    for (const Vector& w : points_near_the_start(problem)) {
      const Vector scale = scale_of(problem, w);
      Vector gradient(w.size());
      const double loss = problem.loss(w, gradient);
      const Vector expected = gradient_by_differences(
          [&](const Vector& by) { return problem.loss(w + scale.cwiseProduct(by)); }, Vector::Zero(w.size()));
      INFO(label(problem));
      const Vector exact = scale.cwiseProduct(gradient);
      CHECK((exact - expected).lpNorm<Eigen::Infinity>() <= 1e-7 * exact.lpNorm<Eigen::Infinity>() + 1e-12 * loss);
      CHECK(loss == problem.loss(w));
      CHECK(loss == Approx(problem.residuals(w).squaredNorm()).epsilon(1e-14));
    }
  }
}

TEST_CASE("the large functions' slopes along a line agree with differences of their losses") {
  for (const Eigen::Index n : {100, 1000}) {
    for (const TestProblem& problem : more_garbow_hillstrom(n)) {
      const Vector direction = scale_of(problem, problem.start).cwiseProduct(wave(problem.size));
      Vector gradient(problem.size);
      const double loss = problem.loss(problem.start, gradient);
      const double expected = gradient_by_differences(
          [&](const Vector& by) { return problem.loss(problem.start + by[0] * direction); }, Vector::Zero(1))[0];
      INFO(label(problem));
      const double terms = gradient.cwiseAbs().dot(direction.cwiseAbs());
      CHECK(std::abs(gradient.dot(direction) - expected) <= 1e-6 * terms + 1e-12 * loss);
    }
  }
}

TEST_CASE("the functions have their minimum, and no slope, at the minimiser that they name") {
  std::vector<TestProblem> problems = more_garbow_hillstrom();
  for (const Eigen::Index n : {10, 100, 1000}) {
    for (const TestProblem& problem : more_garbow_hillstrom(n)) problems.push_back(problem);
  }
  int named = 0;
  for (const TestProblem& problem : problems) {
    if (!problem.minimiser) continue;
    ++named;
    INFO(label(problem));
    Vector at_start(problem.size), gradient(problem.size);
    const double start = problem.loss(problem.start, at_start);
    const double loss = problem.loss(*problem.minimiser, gradient);
    CHECK(loss == Approx(*problem.minimum).epsilon(1e-12).margin(1e-20 * start));
    CHECK(gradient.lpNorm<Eigen::Infinity>() <= 1e-12 * at_start.lpNorm<Eigen::Infinity>());
    CHECK(start > loss);
  }
  CHECK(named == 20 + 3 * 9);
}

TEST_CASE("the paper's six digits of each minimum are those of a minimum that the function names") {
  for (const KnownStart& printed : printed_minima) {
    const TestProblem problem = numbered(printed.number, printed.size);
    std::vector<double> minima = problem.local_minima;
    minima.push_back(problem.minimum.value());
    INFO(label(problem) << ": " << printed.loss);
    const double unit = std::pow(10, std::floor(std::log10(printed.loss)) - 5);
    CHECK(std::any_of(minima.begin(), minima.end(), [&](double minimum) {
      return minimum > printed.loss - 0.01 * unit && minimum < printed.loss + 1.01 * unit;
    }));
  }
}

TEST_CASE("the linear functions' minima are those of the paper's formulas") {
  CHECK(mgh::linear_full_rank(5, 50).minimum == 45);
  CHECK(mgh::linear_rank_1(5, 10).minimum.value() == Approx(10 * 9 / 42.0));
  CHECK(mgh::linear_rank_1_with_zeros(5, 10).minimum.value() == Approx((100 + 30 - 6) / 34.0));
}

TEST_CASE("Powell's badly scaled function vanishes on the root of its two equations") {
  // a = 1e-4 / b; then exp(-a) + exp(-b) - 1.0001 falls from b = 9 to b = 10.
  double low = 9, high = 10;
  for (int halving = 0; halving < 100; ++halving) {
    const double b = (low + high) / 2;
    (std::exp(-1e-4 / b) + std::exp(-b) > 1.0001 ? low : high) = b;
  }
  const TestProblem problem = mgh::powell_badly_scaled();
  CHECK(problem.loss(Eigen::Vector2d(1e-4 / low, low)) < 1e-28);
  CHECK(low == Approx(9.106).epsilon(1e-4));
}

TEST_CASE("Biggs' and Box's other global minimisers give the same loss") {
  CHECK(mgh::biggs_exp6().loss(mgh::entries({4, 10, 3, 5, 1, 1})) < 1e-28);
  CHECK(mgh::box_three_dimensional().loss(Eigen::Vector3d(10, 1, -1)) < 1e-28);
  CHECK(mgh::box_three_dimensional().loss(Eigen::Vector3d(3, 3, 0)) == 0);
}

TEST_CASE("Bard's and Kowalik & Osborne's second minima are approached at infinity") {
  const TestProblem bard = mgh::bard();
  CHECK(bard.loss(Eigen::Vector3d(0.84066666666666667, -1e12, -1e12)) == Approx(bard.local_minima.at(0)).epsilon(1e-9));

  const TestProblem kowalik = mgh::kowalik_osborne();
  const double far = 1e12;  // the other three unknowns go with it, in ratios from the 60-digit computation
  const Vector w = mgh::entries({far, -14.0758834, -45.25719174 * far, -28.2314969 * far});
  CHECK(kowalik.loss(w) == Approx(kowalik.local_minima.at(0)).epsilon(1e-9));
}

TEST_CASE("the discrete boundary value problem is the second difference of the discrete integral equation") {
  for (const Eigen::Index n : {1, 2, 10, 100}) {
    const TestProblem boundary = mgh::discrete_boundary_value(n);
    const TestProblem integral = mgh::discrete_integral_equation(n);
    const Vector w = boundary.start + 0.5 * wave(n);
    const Vector r = integral.residuals(w);
    Vector difference = 2 * r;
    difference.tail(n - 1) -= r.head(n - 1);
    difference.head(n - 1) -= r.tail(n - 1);
    CHECK((difference - boundary.residuals(w)).lpNorm<Eigen::Infinity>() < 1e-12);
    CHECK(boundary.start == integral.start);
  }
}

TEST_CASE("the extended functions are sums of the small ones") {
  const Vector w = wave(4);
  CHECK(mgh::extended_rosenbrock(4).loss(w) ==
        Approx(mgh::rosenbrock().loss(w.head(2)) + mgh::rosenbrock().loss(w.tail(2))).epsilon(1e-13));
  CHECK(mgh::extended_powell_singular(4).loss(w) == Approx(mgh::powell_singular().loss(w)).epsilon(1e-13));
  CHECK(mgh::extended_rosenbrock(2).start == mgh::rosenbrock().start);
}

TEST_CASE("the trigonometric function keeps its digits where cosines near 1 would cancel") {
  // To first order r_i = -x for all w_i = x: at 1e-9 the cosines are 1 to the last bit, and x² is all that is missing.
  const double x = 1e-9, n = 10;
  const Vector r = mgh::trigonometric(10).residuals(Vector::Constant(10, x));
  for (Eigen::Index i = 0; i < 10; ++i) {
    const double second_order = (n + static_cast<double>(i + 1)) * x * x / 2;
    CHECK(r[i] + x == Approx(second_order).epsilon(1e-6));
  }
}

TEST_CASE("Brown's product has its derivatives where one or two of its factors are zero") {
  const TestProblem problem = mgh::brown_almost_linear(3);
  const Vector of_product = Eigen::Vector3d(0, 0, 1);  // asks for the last residual's derivatives alone
  CHECK(problem.pull_back(Eigen::Vector3d(0, 3, 4), of_product) == Eigen::Vector3d(12, 0, 0));
  CHECK(problem.pull_back(Eigen::Vector3d(0, 3, 0), of_product) == Eigen::Vector3d(0, 0, 0));
}

TEST_CASE("a function that overflows or is undefined at a point says so") {
  constexpr double inf = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();
  CHECK(mgh::box_three_dimensional().loss(Eigen::Vector3d(-1e4, 0, 0)) == inf);
  CHECK(mgh::rosenbrock().loss(Eigen::Vector2d(1e200, 0)) == inf);
  CHECK(std::isnan(mgh::helical_valley().loss(Eigen::Vector3d(0, 0, 1))));
  CHECK(std::isnan(mgh::gulf().loss(Eigen::Vector3d(1, 1e4, nan))));
  for (const TestProblem& problem : more_garbow_hillstrom()) {
    INFO(label(problem));
    Vector gradient = Vector::Zero(problem.size);
    CHECK(std::isnan(problem.loss(Vector::Constant(problem.size, nan), gradient)));
    CHECK_FALSE(gradient.allFinite());
  }
}

TEST_CASE("the helical valley is continuous across the half plane where its angle does not jump") {
  const TestProblem helix = mgh::helical_valley();
  const double on = helix.loss(Eigen::Vector3d(0, 2, 1));
  CHECK(on == Approx(helix.loss(Eigen::Vector3d(1e-12, 2, 1))).epsilon(1e-9));
  CHECK(on == Approx(helix.loss(Eigen::Vector3d(-1e-12, 2, 1))).epsilon(1e-9));
}

TEST_CASE("a test function refuses a point or a size that it cannot have") {
  CHECK_THROWS_WITH(mgh::bard().loss(Vector::Zero(4)), "w has 4 entries: bard takes 3");
  Vector gradient;
  CHECK_THROWS_AS(mgh::chebyquad(8).loss(Vector::Zero(7), gradient), std::invalid_argument);
  CHECK_THROWS_AS(mgh::watson(1), std::invalid_argument);
  CHECK_THROWS_AS(mgh::watson(32), std::invalid_argument);
  CHECK_THROWS_AS(mgh::extended_rosenbrock(3), std::invalid_argument);
  CHECK_THROWS_AS(mgh::extended_powell_singular(6), std::invalid_argument);
  CHECK_THROWS_AS(mgh::linear_full_rank(5, 4), std::invalid_argument);
  CHECK_THROWS_AS(more_garbow_hillstrom(2), std::invalid_argument);
  CHECK(more_garbow_hillstrom(10).size() == 15);
  CHECK(more_garbow_hillstrom(3).at(1).size == 4);
}

TEST_CASE("the excess of a run's last loss is measured from the nearest known minimum") {
  const TestProblem problem = mgh::brown_almost_linear(10);  // minima 0 and 1
  CHECK(problem.excess(0.25).value() == 0.25);
  CHECK(problem.excess(1.25).value() == 0.25);
  CHECK(problem.excess(0.875).value() == -0.125);
  CHECK_FALSE(mgh::chebyquad(11).excess(1));
}

TEST_CASE("minimize ends at a known minimum of every standard function") {
  for (const TestProblem& problem : more_garbow_hillstrom()) check_solved(problem);
}

TEST_CASE("minimize ends at a known minimum of the large functions") {
  for (const Eigen::Index n : {100, 1000}) {
    for (const TestProblem& problem : more_garbow_hillstrom(n)) {
      // The boundary value problem's condition number is 4e5 there: solved, but in seconds.
      const bool slow = problem.number == 28 && n == 1000;
      if (problem.minimum && !slow) check_solved(problem);
    }
  }
}
