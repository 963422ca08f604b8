#include "surefoot/steps/curvature_probe.hpp"

#include "catch.hpp"
#include "support/ray_driver.hpp"
#include "surefoot/steps/cauchy.hpp"

using namespace surefoot;

namespace {

Search probe_from(double first, const Curve& curve) {
  Cauchy rule;
  rule.state.step = first;
  return search(rule, curve, curve.ray());
}

}  // namespace

TEST_CASE("one probe finds a parabola's minimiser, from a millionth of it to a million times it") {
  for (double size : {1e-150, 1e-7, 1.0, 3e9, 1e150}) {
    for (double times : {2e-6, 1e-3, 0.3, 1.5, 1e3, 0.9e6}) {
      const Search found = probe_from(times * size, parabola(size));
      INFO("size " << size << ", probe at " << times << " of it");
      CHECK(found.end == Search::End::taken);
      CHECK(found.trials() == 2);
      CHECK(found.last().step == Approx(size).epsilon(1e-9));
    }
  }
}

TEST_CASE("a probe that lies at the minimiser itself is taken without another trial") {
  const Search found = probe_from(4, parabola(4));
  CHECK(found.end == Search::End::taken);
  CHECK(found.trials() == 1);
  CHECK(found.last().step == 4);
}

TEST_CASE("a parabola's minimiser is found from first probes 1e-300 to 1e300") {
  for (double first : first_steps(1)) {
    const Search found = probe_from(first, parabola(1));
    INFO("first " << first);
    CHECK(found.end == Search::End::taken);
    CHECK(found.last().step == Approx(1).epsilon(1e-9));
    CHECK(found.trials() <= 50);
  }
}

TEST_CASE("what a curvature probe takes lowers the loss by Armijo's condition, on curves of any kind and scale") {
  constexpr unsigned seed = 811;
  std::mt19937 random(seed);
  for (int round = 0; round < 1000; ++round) {
    const Curve curve = random_curve(random);
    for (double first : {1e-100, 1e-6 * curve.size, curve.size, 1e3 * curve.size, 1e100}) {
      const Search found = probe_from(first, curve);
      INFO("seed " << seed << ", round " << round << ", " << curve.name << ", first " << first);
      REQUIRE(found.end == Search::End::taken);
      // Far out on a straight ascent a secant tells nothing; the way back from there is Armijo's.
      REQUIRE((first == 1e100 || found.trials() <= 60));
      const Trial& last = found.last();
      REQUIRE(last.finite());
      const Ray ray = curve.ray();
      const bool lower = last.loss <= ray.loss + 1e-4 * last.step * ray.slope;
      REQUIRE((lower || (nearly_equal(last.loss, ray.loss) && last.slope <= -0.9 * ray.slope)));
    }
  }
}

TEST_CASE("a ray that is straight at first and then turns up steeply is not probed to and fro") {
  // −x + x⁸: a probe far below the minimiser sees hardly any curvature, one far beyond it 1e21 times too much.
  const Curve wall{"wall", [](double x) { return std::pow(x, 8) - x; }, [](double x) { return 8 * std::pow(x, 7) - 1; },
                   1};
  for (double first : {1e-9, 1e-3, 0.5, 2.0, 1e3, 1e6, 1e9}) {
    const Search found = probe_from(first, wall);
    INFO("first " << first);
    CHECK(found.end == Search::End::taken);
    CHECK(found.trials() <= 12);
    CHECK(found.last().step > 1e-3);
    CHECK(found.last().loss < -1e-3);
  }
}

TEST_CASE("before a wall of NaN a straight ray is followed to within a factor of two of it") {
  for (double wall : {1e-200, 0.7, 1e200}) {
    const Curve curve{"edge", [=](double t) { return t < wall ? -t / wall : not_a_number; },
                      [=](double t) { return t < wall ? -1 / wall : not_a_number; }, wall};
    for (double first : {0.01 * wall, 100 * wall}) {
      const Search found = probe_from(first, curve);
      INFO("wall " << wall << ", first " << first);
      CHECK(found.end == Search::End::taken);
      CHECK(found.last().step < wall);
      CHECK(found.last().step >= wall / 2);
      CHECK(found.trials() <= 30);
    }
  }
}

TEST_CASE("a ray that falls without end is followed to the longest step there is, in fewer than 100 trials") {
  const Curve slide{"slide", [](double t) { return -t; }, [](double) { return -1.0; }, 1};
  for (double first : {1e-300, 1.0}) {
    const Search found = probe_from(first, slide);
    CHECK(found.end == Search::End::taken);
    CHECK(found.last().step == largest_step);
    CHECK(found.trials() < 100);
  }
}

TEST_CASE("Yuan's step is the formula of Dai and Yuan, and at most the shorter of the two minimisers") {
  constexpr unsigned seed = 812;
  std::mt19937 random(seed);
  std::normal_distribution<double> normal;
  for (int round = 0; round < 500; ++round) {
    const double last = std::exp(3 * normal(random)), now = std::exp(3 * normal(random));
    const double g_last = std::exp(normal(random)), g = std::exp(normal(random));
    const double difference = 1 / last - 1 / now;
    const double formula =
        2 / (std::sqrt(difference * difference + 4 * g * g / (last * g_last * last * g_last)) + 1 / last + 1 / now);
    INFO("seed " << seed << ", round " << round);
    CHECK(yuan_step(last, now, g / g_last) == Approx(formula).epsilon(1e-12));
    CHECK(yuan_step(last, now, g / g_last) <= std::min(last, now) * (1 + 1e-14));
  }
}

TEST_CASE("Yuan's step is positive and finite whatever it is made of") {
  const double numbers[] = {1e-300, 1e-100, 1, 1e100, 1e300};
  for (double last : numbers) {
    for (double now : numbers) {
      for (double ratio : {0.0, 1e-300, 1.0, 1e300, infinity, not_a_number}) {
        const double step = yuan_step(last, now, ratio);
        INFO(last << ", " << now << ", " << ratio);
        CHECK(step >= 0.99e-10 * std::min(last, now));
        CHECK(step <= std::min(last, now));
      }
    }
  }
}

TEST_CASE("Yuan's step needs a last ray: without one it is the minimiser itself") {
  LastRay last;
  CHECK(last.yuan(3) == 3);
  last.present = 2;
  last.taken(5);
  last.present = 1;
  CHECK(last.yuan(3) == yuan_step(5, 3, 0.5));
}
