#include "surefoot/loop/diagnosis.hpp"

#include "catch.hpp"
#include "surefoot/objectives/functions.hpp"

using namespace surefoot;
using Catch::Matchers::ContainsSubstring;

namespace {

struct Asked {
  std::optional<Finding> finding{};
  long calls = 0;
};

/// What is found at w, where no more than `most` calls may be made.
template <class ObjectiveType>
Asked ask(ObjectiveType&& objective, const Vector& w, long most = 1'000'000) {
  Oracle<std::remove_reference_t<ObjectiveType>> oracle(objective);
  Point point{.w = w}, beside;
  oracle.evaluate(point);
  Asked asked;
  const Vector way = -point.gradient / norm(point.gradient);
  asked.finding = diagnose(oracle, point, way, beside, [&](long n) { return oracle.evaluations() - 1 + n <= most; });
  asked.calls = oracle.evaluations() - 1;
  return asked;
}

/// A bowl whose gradient is off in some entries.
auto bowl_with(std::vector<Eigen::Index> wrong, double factor) {
  return [=](const Vector& w, Vector& g) {
    g = 2 * w;
    for (const auto i : wrong) g[i] *= factor;
    return w.squaredNorm();
  };
}

}  // namespace

TEST_CASE("where loss and gradient agree the diagnosis finds nothing, with two calls") {
  const Rosenbrock valley(6);
  const Asked asked = ask(valley, valley.start());
  CHECK_FALSE(asked.finding);
  CHECK(asked.calls == 2);
}

TEST_CASE("a wrong gradient is found, with the entries at fault: their own and the expected value") {
  Vector w(5);
  w << 1, 2, -3, 4, 0.5;
  for (const double factor : {-1.0, 2.0, 10.0}) {
    const Asked asked = ask(bowl_with({1, 3}, factor), w);
    INFO("factor " << factor);
    REQUIRE(asked.finding);
    CHECK(asked.finding->code == Code::gradient_disagrees);
    REQUIRE(asked.finding->wrong.size() == 2);
    CHECK(asked.finding->wrong[0].index == 1);
    CHECK(asked.finding->wrong[0].given == 4 * factor);
    CHECK(asked.finding->wrong[0].expected == Approx(4));
    CHECK(asked.finding->wrong[1].index == 3);
    CHECK(asked.finding->wrong[1].expected == Approx(8));
  }
}

TEST_CASE("among many entries the wrong one is found, in a few calls a halving") {
  Vector w = Vector::Constant(5000, 0.01);
  w[4321] = 1;
  const Asked asked = ask(bowl_with({4321}, -1), w);
  REQUIRE(asked.finding);
  REQUIRE(asked.finding->wrong.size() == 1);
  CHECK(asked.finding->wrong[0].index == 4321);
  CHECK(asked.calls <= 4 * 11 + 8 * 120);
}

TEST_CASE("a wrong entry is found though many others are larger, and so is each of several") {
  Vector w = Vector::Constant(300, 3);
  for (const std::vector<Eigen::Index>& wrong : {std::vector<Eigen::Index>{299}, {0, 150, 151}}) {
    const auto off = [&](const Vector& at, Vector& g) {
      g = 2 * at;
      for (const auto i : wrong) g[i] = 4;  // far below the others, and
      double loss = at.squaredNorm();
      for (const auto i : wrong) loss += -1000 * at[i] - at[i] * at[i];  // far from what the loss says
      return loss;
    };
    const Asked asked = ask(off, w);
    REQUIRE(asked.finding);
    CHECK(asked.finding->code == Code::gradient_disagrees);
    REQUIRE(asked.finding->wrong.size() == wrong.size());
    for (std::size_t i = 0; i < wrong.size(); ++i) {
      CHECK(asked.finding->wrong[i].index == wrong[i]);
      CHECK(asked.finding->wrong[i].expected == Approx(-1000));
    }
  }
}

TEST_CASE("the diagnosis makes no call that it may not make") {
  const auto flipped = bowl_with({0, 1, 2}, -1);
  const Vector w = Vector::Ones(3);
  for (long most = 0; most < 30; ++most) {
    const Asked asked = ask(flipped, w, most);
    CHECK(asked.calls <= most);
    CHECK(asked.finding.has_value() == (most >= 2));
  }
  CHECK(ask(flipped, w, 2).finding->wrong.empty());
}

TEST_CASE("an edge of the domain a step downhill is found") {
  const auto walled = [](const Vector& w, Vector& g) {
    g = Vector::Ones(1);
    return w[0] < 1 ? not_a_number : w[0];
  };
  const Asked asked = ask(walled, Vector::Ones(1));
  REQUIRE(asked.finding);
  CHECK(asked.finding->code == Code::domain_edge);
}

TEST_CASE("an edge uphill, or of the gradient alone, is an edge") {
  const auto rooted = [](const Vector& w, Vector& g) {
    g = Vector::Ones(1);
    return w[0] > 1 ? not_a_number : w[0];
  };
  REQUIRE(ask(rooted, Vector::Ones(1)).finding);
  CHECK(ask(rooted, Vector::Ones(1)).finding->code == Code::domain_edge);
  const auto half_defined = [](const Vector& w, Vector& g) {
    g = Vector::Constant(1, w[0] < 1 ? not_a_number : 1);
    return w[0];
  };
  const Asked asked = ask(half_defined, Vector::Ones(1));
  REQUIRE(asked.finding);
  CHECK(asked.finding->code == Code::domain_edge);
  CHECK_THAT(asked.finding->reason, ContainsSubstring("the gradient is not finite"));
}

TEST_CASE("a loss that never changes is at odds with a gradient that is not zero, whatever its digits") {
  for (const double constant : {5.0, 0.1, -3e8}) {
    const auto still = [=](const Vector& w, Vector& g) {
      g = std::abs(constant) * w;
      return constant;
    };
    const Asked asked = ask(still, Vector::Ones(3));
    REQUIRE(asked.finding);
    CHECK(asked.finding->code == Code::gradient_disagrees);
    REQUIRE(asked.finding->wrong.size() == 3);
    CHECK(asked.finding->wrong[0].expected == 0);
  }
}

TEST_CASE("a loss that was computed in single precision is at its floor where it does not change any more") {
  const auto single = [](const Vector& w, Vector& g) {
    g = w;
    return static_cast<double>(static_cast<float>(0.5 * w.squaredNorm() + 1));
  };
  const Asked asked = ask(single, Vector::Constant(2, 1e-3));
  CHECK((!asked.finding || asked.finding->code != Code::gradient_disagrees));
}

TEST_CASE("a kink is told from a wrong gradient: the slopes to its sides differ") {
  const auto kink = [](const Vector& w, Vector& g) {
    g = Vector::Ones(1);
    return std::abs(w[0]);
  };
  const Asked asked = ask(kink, Vector::Zero(1));
  REQUIRE(asked.finding);
  CHECK(asked.finding->code == Code::gave_up);
  CHECK_THAT(asked.finding->reason, ContainsSubstring("a kink, or noise"));
}

TEST_CASE("the spread of curvatures names the sharpest and the flattest weight") {
  const Vector curvature = Eigen::Vector3d(1, 1e10, 1e-2), s = Eigen::Vector3d(1, 1, 4);
  const ScaleSpread spread = scale_spread(s, curvature.cwiseProduct(s));
  CHECK(spread.sharpest == 1);
  CHECK(spread.flattest == 2);
  CHECK(spread.ratio == Approx(1e12));
  CHECK(spread.bad());
}

TEST_CASE("weights that did not move, or whose gradient did not, have no curvature to speak of") {
  const Vector still = Vector::Zero(3);
  CHECK(scale_spread(still, still).ratio == 1);
  CHECK(scale_spread(still, still).sharpest == -1);
  const ScaleSpread one = scale_spread(Eigen::Vector3d(1, 0, 3), Eigen::Vector3d(0, 2, 3));
  CHECK(one.ratio == 1);
  CHECK(one.sharpest == 2);
  CHECK_FALSE(one.bad());
}

TEST_CASE("a loss that does not change around the point is at its rounding floor, not at odds with its gradient") {
  const auto flat = [](const Vector& w, Vector& g) {
    g = w.array().cube().matrix();
    return w.array().pow(4).sum() / 4;
  };
  const Asked asked = ask(flat, Vector::Constant(3, 1e-90));
  REQUIRE(asked.finding);
  CHECK(asked.finding->code == Code::rounding_floor);
}
