#include "surefoot/loop/numbers.hpp"

#include <random>

#include "catch.hpp"

using namespace surefoot;

TEST_CASE("two losses are nearly equal when they differ by a few units in the last place, at any scale") {
  for (double scale : {1e-300, 1e-150, 1.0, -1.0, 1e150, -1e300}) {
    CHECK(nearly_equal(scale, scale));
    CHECK(nearly_equal(scale, scale * (1 + 15 * epsilon)));
    CHECK(nearly_equal(scale * (1 + 15 * epsilon), scale));
    CHECK_FALSE(nearly_equal(scale, scale * (1 + 18 * epsilon)));
    CHECK(nearly_equal(scale, scale * (1 + 3 * epsilon), 4));
    CHECK_FALSE(nearly_equal(scale, scale * (1 + 6 * epsilon), 4));
    CHECK_FALSE(nearly_equal(scale, -scale));
  }
  CHECK(nearly_equal(0, 0));
  CHECK_FALSE(nearly_equal(0, 1e-300));
}

TEST_CASE("a loss that is not finite is nearly equal to nothing") {
  CHECK_FALSE(nearly_equal(not_a_number, 1));
  CHECK_FALSE(nearly_equal(1, not_a_number));
  CHECK_FALSE(nearly_equal(not_a_number, not_a_number));
  CHECK_FALSE(nearly_equal(infinity, -infinity));
}

TEST_CASE(
    "an infinite loss is not nearly equal to a finite one, or a step to infinity would pass for one that changed "
    "nothing") {
  CHECK_FALSE(nearly_equal(infinity, 1));
  CHECK_FALSE(nearly_equal(1, infinity));
  CHECK_FALSE(nearly_equal(-infinity, 1));
}

TEST_CASE("the unit of loss is a power of two that brings the first gradient to about 1") {
  for (double gradient : {1e-290, 1e-150, 1e-3, 1.0, 1.9, 2.0, 1e3, 1e150, 1e290}) {
    const double unit = unit_of_loss(gradient, gradient);  // a loss of the gradient's size
    int exponent = 0;
    INFO("gradient " << gradient);
    CHECK(std::frexp(unit, &exponent) == 0.5);
    CHECK(unit * gradient >= 1);
    CHECK(unit * gradient < 2);
  }
}

TEST_CASE("the unit of loss never makes the loss itself too large") {
  for (double loss : {1e-300, 1.0, -1.0, 1e150, -1e300, 1e300}) {
    for (double gradient : {0.0, 1e-300, 1.0, 1e300}) {
      const double unit = unit_of_loss(loss, gradient);
      INFO("loss " << loss << ", gradient " << gradient);
      CHECK(unit > 0);
      CHECK(std::isfinite(unit));
      CHECK(std::abs(loss) * unit <= std::ldexp(1.0, 901));
    }
  }
  CHECK(unit_of_loss(0, 0) == 1);
}

TEST_CASE("the geometric mean neither over- nor underflows") {
  CHECK(geometric_mean(2, 8) == Approx(4));
  CHECK(geometric_mean(1e-300, 1e300) == Approx(1));
  CHECK(geometric_mean(1e300, 1e300) == Approx(1e300));
  CHECK(geometric_mean(1e-300, 1e-300) == Approx(1e-300));
}

TEST_CASE("a trial is finite when its loss is and the loop found nothing unsound there") {
  CHECK(Trial{.step = 1, .loss = 2}.finite());
  CHECK_FALSE(Trial{.step = 1, .loss = not_a_number}.finite());
  CHECK_FALSE(Trial{.step = 1, .loss = infinity}.finite());
  CHECK_FALSE(Trial{.step = 1, .loss = -infinity}.finite());
  CHECK_FALSE(Trial{.step = 1, .loss = 2, .sound = false}.finite());
  CHECK_FALSE(Trial{}.finite());
}

TEST_CASE("a verdict says take, retry with the next step, or give up; left unsaid it gives up") {
  CHECK(Verdict::take().action == Verdict::Action::take);
  CHECK(Verdict::give_up().action == Verdict::Action::give_up);
  const Verdict verdict = Verdict::retry({0.5, Probe::slope});
  CHECK(verdict.action == Verdict::Action::retry);
  CHECK(verdict.next.step == 0.5);
  CHECK(verdict.next.with == Probe::slope);
  CHECK(Verdict{}.action == Verdict::Action::give_up);
}

TEST_CASE("probes and lessons are ordered, so a pair of rules can take the higher") {
  CHECK(std::max(Probe::none, Probe::loss) == Probe::loss);
  CHECK(std::max(Probe::slope, Probe::loss) == Probe::slope);
  CHECK(std::max(Learns::nothing, Learns::pair) == Learns::pair);
}
