#include "surefoot/steps/backtrack.hpp"

#include "catch.hpp"
#include "support/ray_driver.hpp"

using namespace surefoot;

namespace {

Trial at(const Curve& curve, double step, int number = 1) {
  return probe(curve, curve.ray(), {step, Probe::loss}, number);
}

/// t³ a + t² b + t slope + offset.
Curve cubic(double a, double b, double slope, double offset) {
  return {"cubic", [=](double t) { return offset + t * (slope + t * (b + t * a)); },
          [=](double t) { return slope + t * (2 * b + t * 3 * a); }, 1};
}

}  // namespace

TEST_CASE("sufficient decrease asks for the promised share below the reference") {
  const Ray ray{.loss = 10, .slope = -4};
  const auto trial = [](double loss) { return Trial{.step = 0.5, .loss = loss, .model_decrease = -2}; };
  CHECK(sufficient(ray, trial(9.5), 10, 0.25));  // exactly 10 − 0.25 · 2
  CHECK_FALSE(sufficient(ray, trial(9.5000001), 10, 0.25));
  CHECK(sufficient(ray, trial(11), 12, 0.25));  // below a reference that is higher than the ray's loss
  CHECK_FALSE(sufficient(ray, trial(not_a_number), 12, 0.25));
  CHECK_FALSE(sufficient(ray, trial(infinity), 12, 0.25));
}

TEST_CASE("sufficient decrease reads the model decrease, so a proximal step is judged by its own promise") {
  const Ray ray{.loss = 10, .slope = -4};
  CHECK(sufficient(ray, {.step = 0.5, .loss = 9.9, .model_decrease = -0.1}, 10, 0.25));
  CHECK_FALSE(sufficient(ray, {.step = 0.5, .loss = 9.9, .model_decrease = -1}, 10, 0.25));
}

TEST_CASE("at the rounding floor the slope decides, and the loss does not") {
  const Ray ray{.loss = 1e6, .slope = -1e-8};
  const double c = 1e-4, mirror = (2 * c - 1) * 0.9 * ray.slope;
  REQUIRE(mirror > 0);
  for (double noise : {-8.0, -1.0, 0.0, 1.0, 8.0}) {
    const double loss = ray.loss * (1 + noise * epsilon);
    const auto trial = [&](double slope) {
      return Trial{.step = 1, .loss = loss, .slope = slope, .model_decrease = ray.slope};
    };
    INFO("noise " << noise);
    CHECK(sufficient(ray, trial(ray.slope), ray.loss, c));
    CHECK(sufficient(ray, trial(0), ray.loss, c));
    CHECK(sufficient(ray, trial(0.999 * mirror), ray.loss, c));
    CHECK_FALSE(sufficient(ray, trial(1.001 * mirror), ray.loss, c));
    CHECK_FALSE(sufficient(ray, trial(1), ray.loss, c));
  }
  // Where losses differ visibly the slope has no say.
  CHECK(sufficient(ray, {.step = 1, .loss = 9e5, .slope = 1e9, .model_decrease = ray.slope}, ray.loss, c));
  CHECK_FALSE(sufficient(ray, {.step = 1, .loss = 1.1e6, .slope = -1, .model_decrease = ray.slope}, ray.loss, c));
}

TEST_CASE("a step that the floor test passes lowers a parabola whose losses are all equal in double") {
  // offset 1 hides every decrease below 1e-16; without the offset the exact decrease is known.
  for (double share : {0.01, 0.5, 1.0, 1.5, 1.8, 2.0, 2.2, 5.0}) {
    const double size = 1e-3, height = 1e-18;
    const Curve curve = parabola(size, height, 1);
    const Trial trial = at(curve, share * size);
    REQUIRE(trial.loss == curve.loss(0));
    const double exact = share * (0.5 * share - 1);  // in units of height
    INFO("share " << share);
    if (sufficient(curve.ray(), trial, 1, 1e-4)) CHECK(exact < 0);
    if (share <= 1.8) CHECK(sufficient(curve.ray(), trial, 1, 1e-4));
  }
}

TEST_CASE("after one refusal the next step is the parabola's minimiser, exactly on a parabola") {
  for (double refused : {2.1, 3.0, 5.0, 9.0}) {  // the minimum lies at 1, within [0.1, 0.5] of each
    for (double size : {1e-140, 1e-9, 1.0, 1e9, 1e140}) {
      Backtrack backtrack;
      const Curve curve = parabola(size, 3, 0);
      CHECK(backtrack.shorter(curve.ray(), at(curve, refused * size)) == Approx(size).epsilon(1e-13));
    }
  }
}

TEST_CASE("the interpolation is as exact for steps near 1e-200 and 1e200, where their squares leave double") {
  for (double size : {1e-250, 1e-200, 1e-160, 1e160, 1e200, 1e250}) {
    Backtrack backtrack;
    const Curve curve = parabola(size, 3, 0);
    INFO("size " << size);
    CHECK(backtrack.shorter(curve.ray(), at(curve, 3 * size)) == Approx(size).epsilon(1e-13));
  }
}

TEST_CASE("after two refusals the next step is the cubic's minimiser, exactly on a cubic") {
  std::mt19937 random(2);
  std::uniform_real_distribution<double> uniform(0, 1);
  int compared = 0;
  for (int round = 0; round < 200; ++round) {
    // Slope −1 at 0, minimum at m: 3a m² + 2b m = 1 with positive curvature 6a m + 2b there.
    const double m = 0.5 + uniform(random), a = uniform(random), b = (1 - 3 * a * m * m) / (2 * m);
    if (6 * a * m + 2 * b < 0.1) continue;
    const Curve curve = cubic(a, b, -1, uniform(random));
    const double older = m * (3 + 5 * uniform(random)), newer = m / (0.12 + 0.36 * uniform(random));
    if (newer > 0.9 * older) continue;
    Backtrack backtrack;
    backtrack.shorter(curve.ray(), at(curve, older));
    CHECK(backtrack.shorter(curve.ray(), at(curve, newer, 2)) == Approx(m).epsilon(1e-9));
    ++compared;
  }
  CHECK(compared > 30);
}

TEST_CASE("the cubic's minimiser is as exact for steps near 1e-200 and 1e200") {
  for (double size : {1e-250, 1e-200, 1e-160, 1.0, 1e160, 1e200, 1e250}) {
    // x³/12 + x²/4 − x·3/4 with x = t/size: the minimum lies at x = 1.
    const Curve curve{"cubic",
                      [=](double t) {
                        const double x = t / size;
                        return x * (x * (x / 12 + 0.25) - 0.75);
                      },
                      [=](double t) { return (t / size * (t / size / 4 + 0.5) - 0.75) / size; }, size};
    Backtrack backtrack;
    backtrack.shorter(curve.ray(), at(curve, 6 * size));
    INFO("size " << size);
    CHECK(backtrack.shorter(curve.ray(), at(curve, 3 * size, 2)) == Approx(size).epsilon(1e-12));
  }
}

TEST_CASE("the cubic's minimiser does not suffer where the cubic is a parabola") {
  Backtrack backtrack;
  const Curve curve = cubic(0, 0.5, -1, 0);  // minimum at 1
  backtrack.shorter(curve.ray(), at(curve, 8));
  CHECK(backtrack.shorter(curve.ray(), at(curve, 4, 2)) == Approx(1).epsilon(1e-12));
}

TEST_CASE("the next step always lies in [0.1, 0.5] of the refused one while losses are finite") {
  std::mt19937 random(3);
  for (int round = 0; round < 2000; ++round) {
    const Curve curve = random_curve(random);
    Backtrack backtrack;
    double step = curve.size * std::pow(10, std::uniform_real_distribution<double>(-3, 6)(random));
    for (int number = 1; number < 8; ++number) {
      const Trial trial = at(curve, step, number);
      const double next = backtrack.shorter(curve.ray(), trial);
      INFO(curve.name << ", seed 3, round " << round << ", step " << step << " -> " << next);
      REQUIRE(next > 0);
      if (trial.finite()) {
        REQUIRE(next >= 0.1 * step);
        REQUIRE(next <= 0.5 * step);
      } else {
        REQUIRE(next <= 0.1000001 * step);
      }
      step = next;
    }
  }
}

TEST_CASE("steps that are not finite shrink faster from the third on: 1e10 to 1e-4 takes 6 of them") {
  Backtrack backtrack;
  double step = 1e10;
  int refused = 0;
  while (step > 1e-4) {
    step = backtrack.shorter({.loss = 1, .slope = -1}, {.step = step, .loss = not_a_number});
    ++refused;
  }
  CHECK(refused <= 6);
  backtrack.shorter({.loss = 1, .slope = -1}, {.step = 1, .loss = 2});  // a finite one ends the row
  CHECK(backtrack.shorter({.loss = 1, .slope = -1}, {.step = 1, .loss = infinity}) == Approx(0.1));
}

TEST_CASE("after a trial that was not finite the older trial is forgotten: the parabola serves again") {
  const Curve curve = parabola();
  Backtrack backtrack;
  backtrack.shorter(curve.ray(), at(curve, 9));
  backtrack.shorter(curve.ray(), {.step = 4, .loss = not_a_number});
  CHECK(backtrack.older_step == 0);
  CHECK(backtrack.shorter(curve.ray(), at(curve, 3)) == Approx(1).epsilon(1e-13));
}
