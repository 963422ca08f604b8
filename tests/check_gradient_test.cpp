#include "surefoot/check_gradient.hpp"

#include <stdexcept>

#include "catch.hpp"
#include "support/objectives.hpp"
#include "surefoot/objectives/box.hpp"
#include "surefoot/objectives/functions.hpp"

using namespace surefoot;

namespace {

Vector random_vector(Eigen::Index size, unsigned seed, double scale = 1) {
  std::srand(seed);
  return scale * Vector::Random(size);
}

/// Each coordinate judged, and none wrong.
template <class O>
void require_right(O&& objective, const Vector& w) {
  const auto check = check_gradient(objective, w);
  INFO(check.text());
  CHECK(check.ok);
  CHECK(check.wrong.empty());
  CHECK(check.unresolved.empty());
  CHECK(check.checked == w.size());
}

/// An objective whose gradient goes through `spoil`.
template <class Inner, class Spoil>
auto spoilt(Inner inner, Spoil spoil) {
  return [inner, spoil](const Vector& w, Vector& gradient) mutable {
    const double loss = inner.loss(w, gradient);
    spoil(gradient);
    return loss;
  };
}

/// The sum of exp(a_i w_i).
struct Exponentials {
  Vector rates;
  double loss(const Vector& w, Vector& gradient) const {
    const Vector terms = rates.cwiseProduct(w).array().exp();
    gradient = rates.cwiseProduct(terms);
    return terms.sum();
  }
};

/// Any objective times a factor, plus an offset, in weights times a unit.
template <class Inner>
struct Rescaled {
  Inner inner;
  double factor = 1, offset = 0, unit = 1;
  double loss(const Vector& w, Vector& gradient) {
    const double value = inner.loss(w / unit, gradient);
    gradient *= factor / unit;
    return factor * value + offset;
  }
};

}  // namespace

TEST_CASE("a right gradient of a bowl of condition 1e8 is never called wrong") {
  for (unsigned seed = 1; seed <= 50; ++seed) {
    INFO("seed " << seed);
    const auto bowl = Quadratic::log_spaced(12, 1e8, random_vector(12, seed + 1000));
    for (double scale : {1e-3, 1.0, 1e3}) {
      const auto check = check_gradient(bowl, random_vector(12, seed, scale));
      INFO(check.text());
      CHECK(check.ok);
      CHECK(check.wrong.empty());
    }
  }
}

TEST_CASE("right gradients of curved valleys and of exponentials are judged right in every coordinate") {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    INFO("seed " << seed);
    require_right(Rosenbrock{10}, random_vector(10, seed, 2));
    require_right(Beale{}, random_vector(2, seed, 2));
    require_right(PowellSingular{8}, random_vector(8, seed, 3));
    require_right(Exponentials{Vector{{1, -2, 3, 0.5}}}, random_vector(4, seed, 2));
  }
  require_right(Rosenbrock{4}, Rosenbrock{4}.start());
  require_right(Exponentials{Vector{{600.0}}}, Vector{{1.1}});   // 1e286, and past 1.18 it is Inf
  require_right(Exponentials{Vector{{-600.0}}}, Vector{{0.9}});  // 1e-235
}

TEST_CASE("the unit of the loss does not matter to a gradient check") {
  for (double factor : {1e-150, 1e150}) {
    Rescaled<Rosenbrock> valley{Rosenbrock{6}, factor};
    require_right(valley, random_vector(6, 3));
    auto wrong = spoilt(valley, [](Vector& g) { g[2] *= 1.01; });
    CHECK(check_gradient(wrong, random_vector(6, 3)).wrong.size() == 1);
  }
}

TEST_CASE("the unit of the weights does not matter to a gradient check") {
  for (double unit : {1e-50, 1e50}) {
    Rescaled<Rosenbrock> valley{Rosenbrock{6}, 1, 0, unit};
    require_right(valley, unit * random_vector(6, 3));
    auto wrong = spoilt(valley, [](Vector& g) { g[2] *= 1.01; });
    CHECK(check_gradient(wrong, unit * random_vector(6, 3)).wrong.size() == 1);
  }
}

TEST_CASE("weights of very different units are each checked with a step of their own") {
  const Vector units{{1e-8, 1, 1e8}};
  auto objective = [&](const Vector& w, Vector& gradient) {
    const Vector v = w.cwiseQuotient(units);
    gradient = v.array().exp() / units.array();
    return v.array().exp().sum();
  };
  require_right(objective, units.cwiseProduct(Vector{{0.5, -1, 2}}));
}

TEST_CASE("a weight far smaller than the scale of the loss is checked with a longer step") {
  auto objective = [](const Vector& w, Vector& gradient) {
    gradient = 2 * (w.array() - 1).matrix();
    return (w.array() - 1).square().sum();
  };
  require_right(objective, Vector{{1e-50, 0, 3e-12, 0.5}});
  require_right(objective, Vector::Zero(3));
  require_right(objective, Vector::Ones(3));  // the minimum: gradient zero, as expected
}

TEST_CASE("a loss that hides the decrease behind an offset of 1e9 can't be judged, and the check says so") {
  Rescaled<Quadratic> hidden{Quadratic(Vector::Constant(3, 1e-8), Vector::Zero(3)), 1, 1e9};
  const auto check = check_gradient(hidden, Vector{{1, -2, 3}});
  CHECK_FALSE(check.ok);
  CHECK(check.wrong.empty());
  CHECK(check.unresolved.size() == 3);
  CHECK_THAT(check.text(), Catch::Matchers::ContainsSubstring("coordinate 0: can't tell") &&
                               Catch::Matchers::ContainsSubstring("no coordinate could be judged"));
}

TEST_CASE("an offset that leaves enough digits still shows a wrong sign") {
  Rescaled<Quadratic> bowl{Quadratic(Vector::Constant(3, 10.0)), 1, 1e9};
  CHECK(check_gradient(bowl, Vector{{1, -2, 3}}).wrong.empty());
  auto flipped = spoilt(bowl, [](Vector& g) { g = -g; });
  CHECK(check_gradient(flipped, Vector{{1, -2, 3}}).wrong.size() == 3);
}

TEST_CASE("a flipped sign is wrong in every coordinate") {
  auto flipped = spoilt(Rosenbrock{4}, [](Vector& g) { g = -g; });
  const auto check = check_gradient(flipped, Rosenbrock{4}.start());
  CHECK_FALSE(check.ok);
  REQUIRE(check.wrong.size() == 4);
  // -400 a (b - a²) - 2 (1 - a) at (-1.2, 1) is -215.6
  CHECK(check.wrong[0].index == 0);
  CHECK(check.wrong[0].given == Approx(215.6));
  CHECK(check.wrong[0].expected == Approx(-215.6));
  CHECK(std::abs(check.wrong[0].expected + 215.6) <= check.wrong[0].error_of_expected);
  CHECK_THAT(check.text(), Catch::Matchers::ContainsSubstring(
                               "coordinate 0: the gradient says 215.6, differences of the loss say -215.6\n"));
}

TEST_CASE("one coordinate that is off by one per cent is named, and no other") {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    INFO("seed " << seed);
    auto off = spoilt(Rosenbrock{10}, [](Vector& g) { g[7] *= 1.01; });
    const auto check = check_gradient(off, random_vector(10, seed, 2));
    INFO(check.text());
    CHECK_FALSE(check.ok);
    REQUIRE(check.wrong.size() == 1);
    CHECK(check.wrong[0].index == 7);
    CHECK(check.worst.index == 7);
    CHECK_THAT(check.text(), Catch::Matchers::ContainsSubstring("(1 % off)"));
  }
}

TEST_CASE("a matrix transposed by mistake is found") {
  DenseMatrix a(3, 3);
  a << 1, 2, 3, 4, 5, 6, 7, 8, 10;
  const Vector b{{1, 2, 3}}, w{{0.3, -0.7, 1.1}};
  bool transposed = false;
  auto objective = [&](const Vector& at, Vector& gradient) {
    const Vector residual = a * at - b;
    gradient = transposed ? Vector(a * residual) : Vector(a.transpose() * residual);
    return 0.5 * residual.squaredNorm();
  };
  require_right(objective, w);
  transposed = true;
  CHECK(check_gradient(objective, w).wrong.size() == 3);
}

TEST_CASE("a forgotten factor of 2 is found") {
  auto half = [](const Vector& w, Vector& gradient) {
    gradient = w;
    return w.squaredNorm();
  };
  const auto check = check_gradient(half, Vector{{1, 2}});
  REQUIRE(check.wrong.size() == 2);
  CHECK(check.wrong[1].expected == Approx(4));
}

TEST_CASE("entries that the gradient leaves as they were, or adds to, are reported, and the others still judged") {
  auto lazy = [](const Vector& w, Vector& gradient) {
    gradient[0] = 2 * w[0];
    gradient[2] += 2 * w[2];
    gradient[3] = -2 * w[3];
    return w.squaredNorm();
  };
  const auto check = check_gradient(lazy, Vector{{1, 2, 3, 4}});
  CHECK_FALSE(check.ok);
  CHECK(check.unfilled == std::vector<Eigen::Index>{1, 2});
  CHECK(check.not_finite.empty());
  REQUIRE(check.wrong.size() == 1);
  CHECK(check.wrong[0].index == 3);
  CHECK_THAT(check.text(), Catch::Matchers::ContainsSubstring("coordinate 1: the objective does not fill"));
}

TEST_CASE("entries of a gradient that are NaN or Inf are reported as such") {
  auto sick = [](const Vector& w, Vector& gradient) {
    gradient = 2 * w;
    gradient[0] = std::nan("");
    gradient[2] = -INFINITY;
    return w.squaredNorm();
  };
  const auto check = check_gradient(sick, Vector{{1, 2, 3}});
  CHECK_FALSE(check.ok);
  CHECK(check.unfilled.empty());
  REQUIRE(check.not_finite.size() == 2);
  CHECK(check.not_finite[1].index == 2);
  CHECK(check.wrong.empty());
  CHECK_THAT(check.text(), Catch::Matchers::ContainsSubstring("coordinate 2: the gradient says -Inf"));
}

TEST_CASE("a gradient of the wrong size, or a loss that is not finite, can't be checked and says why") {
  auto short_one = [](const Vector& w, Vector& gradient) {
    gradient = Vector::Ones(2);
    return w.sum();
  };
  const auto wrong_size = check_gradient(short_one, Vector::Ones(3));
  CHECK_FALSE(wrong_size.ok);
  CHECK_THAT(wrong_size.text(), Catch::Matchers::ContainsSubstring("a gradient of 2 entries for 3 weights"));
  auto nan = [](const Vector& w, Vector& gradient) {
    gradient = w;
    return std::nan("");
  };
  const auto not_finite = check_gradient(nan, Vector::Ones(3));
  CHECK_FALSE(not_finite.ok);
  CHECK_THAT(not_finite.text(), Catch::Matchers::ContainsSubstring("the loss is NaN"));
}

TEST_CASE("a gradient is checked up to the edge of the loss's domain") {
  auto barrier = [](const Vector& w, Vector& gradient) {
    gradient = Vector::Constant(1, 1 / (1 - w[0]) - 3);
    return -std::log(1 - w[0]) - 3 * w[0];
  };
  require_right(barrier, Vector{{0.0}});
  require_right(barrier, Vector{{1 - 1e-4}});
  auto flipped = [&](const Vector& w, Vector& gradient) {
    const double loss = barrier(w, gradient);
    gradient = -gradient;
    return loss;
  };
  CHECK(check_gradient(flipped, Vector{{1 - 1e-4}}).wrong.size() == 1);
}

TEST_CASE("at a kink the check can't tell and does not guess") {
  auto kink = [](const Vector& w, Vector& gradient) {
    gradient = Vector{{w[0] < 0 ? -1.0 : 1.0}};
    return std::abs(w[0]);
  };
  const auto check = check_gradient(kink, Vector{{0.0}});
  CHECK(check.wrong.empty());
  CHECK(check.unresolved.size() == 1);
  require_right(kink, Vector{{-0.01}});
}

TEST_CASE("a loss computed in single precision is not held against a right gradient") {
  auto single = [](const Vector& w, Vector& gradient) {
    gradient = (4 * w.array().cube()).matrix();
    float sum = 0;
    for (double x : w) sum += static_cast<float>(x * x * x * x);
    return static_cast<double>(sum);
  };
  for (unsigned seed = 1; seed <= 200; ++seed) {
    const Vector w = random_vector(10, seed);
    const auto check = check_gradient(single, w);
    INFO("seed " << seed << "\n" << check.text());
    CHECK(check.wrong.empty());
  }
}

TEST_CASE("a weight that the loss does not depend on has a gradient of zero, and any other is wrong") {
  double claimed = 0;
  auto objective = [&](const Vector& w, Vector& gradient) {
    gradient = Vector{{2 * w[0], claimed}};
    return w[0] * w[0];
  };
  for (double offset : {0.0, 1.0, 3.0, 0.1}) {
    const Vector w{{offset, 0.7}};
    claimed = 0;
    require_right(objective, w);
    claimed = 1e-3;
    CHECK(check_gradient(objective, w).wrong.size() == 1);
  }
}

TEST_CASE("round weights don't make a loss look round") {
  const Vector w{{50, 100, 25, 0, -200, 1, 0.5, 8}};
  auto objective = [](const Vector& at, Vector& gradient) {
    gradient = 2 * (at.array() + 3).matrix();
    return (at.array() + 3).square().sum();
  };
  require_right(objective, w);
  for (Eigen::Index i = 0; i < w.size(); ++i) {
    auto off = [&](const Vector& at, Vector& gradient) {
      const double loss = objective(at, gradient);
      gradient[i] *= 1.01;
      return loss;
    };
    const auto check = check_gradient(off, w);
    REQUIRE(check.wrong.size() == 1);
    CHECK(check.wrong[0].index == i);
  }
}

TEST_CASE("a limited gradient check looks at that many coordinates, the same for the same seed") {
  std::vector<Eigen::Index> moved;
  const Vector w = Vector::Ones(1000);
  auto watched = [&](const Vector& at, Vector& gradient) {
    for (Eigen::Index i = 0; i < at.size(); ++i) {
      if (at[i] != 1 && (moved.empty() || moved.back() != i)) moved.push_back(i);
    }
    gradient = 2 * at;
    return at.squaredNorm();
  };
  CHECK(check_gradient(watched, w, {.coordinates = 5}).checked == 5);
  const auto first = moved;
  CHECK(first.size() == 5);
  CHECK(std::is_sorted(first.begin(), first.end()));
  moved.clear();
  check_gradient(watched, w, {.coordinates = 5});
  CHECK(moved == first);
  moved.clear();
  check_gradient(watched, w, {.coordinates = 5, .seed = 2});
  CHECK(moved != first);
  moved.clear();
  check_gradient(watched, w, {.coordinates = 3, .at_random = false});
  CHECK(moved == std::vector<Eigen::Index>{0, 1, 2});
}

TEST_CASE("checking a gradient uses the loss alone where there is one, and about six calls a coordinate") {
  struct Counted {
    long alone = 0, joint = 0;
    double loss(const Vector& w) { return ++alone, w.array().cosh().sum(); }
    double loss(const Vector& w, Vector& gradient) {
      ++joint;
      gradient = w.array().sinh();
      return w.array().cosh().sum();
    }
  } counted;
  CHECK(check_gradient(counted, Vector{{0.5, -1, 2, 1.5}}).ok);
  CHECK(counted.joint == 1);
  CHECK(counted.alone == 4 * 6);
}

TEST_CASE("the smooth part of an objective with bounds is what a gradient check looks at") {
  Rosenbrock valley{2};
  Boxed box(valley, Vector::Constant(2, -2.0), Vector::Constant(2, 2.0));
  require_right(box, valley.start());
}

TEST_CASE("a gradient check changes no weight and lets the objective's exceptions through") {
  const Vector w{{1, 2}}, before = w;
  int calls = 0;
  auto throws = [&](const Vector& at, Vector& gradient) {
    if (++calls == 4) throw std::runtime_error("out of paper");
    gradient = 2 * at;
    return at.squaredNorm();
  };
  CHECK_THROWS_WITH(check_gradient(throws, w), "out of paper");
  CHECK(w == before);
}

TEST_CASE("a gradient check refuses options out of their range and weights that are not numbers") {
  Rosenbrock valley{2};
  CHECK_THROWS_WITH(check_gradient(valley, valley.start(), {.tolerance = 2}),
                    Catch::Matchers::ContainsSubstring("tolerance = 2 of check_gradient"));
  CHECK_THROWS_WITH(check_gradient(valley, valley.start(), {.coordinates = 0}),
                    Catch::Matchers::ContainsSubstring("coordinates = 0 of check_gradient"));
  CHECK_THROWS_WITH(check_gradient(valley, Vector{{1, NAN}}), Catch::Matchers::ContainsSubstring("w[1] = NaN"));
  CHECK_THROWS_AS(check_gradient(valley, Vector()), std::invalid_argument);
}
