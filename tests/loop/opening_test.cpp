#include "surefoot/loop/opening.hpp"

#include <cmath>

#include "catch.hpp"
#include "support/ray_driver.hpp"
#include "support/reference_problems.hpp"
#include "surefoot/directions/steepest.hpp"
#include "surefoot/loop/minimizer.hpp"
#include "surefoot/steps/armijo.hpp"

using namespace surefoot;

namespace {

/// The opening as a rule, for the driver.
struct Opener {
  double hint = not_a_number;
  Opening opening{};
  Ask first(const Ray& ray) { return opening.first(ray, hint); }
  Verdict judge(const Ray& ray, const Trial& trial) {
    Verdict verdict = opening.judge(ray, trial);
    verdict.next.step = std::max(verdict.next.step, smallest_step);  // as the loop does
    return verdict;
  }
  void taken(const Move&) {}
  void rolled_back(double) {}
  void restarted(const Ray&) {}
  Learns learns() const { return Learns::loss; }
};

const double no_hint = not_a_number;
const std::vector<double> hints{no_hint, 1, 1e-300, 1e-100, 1e-10, 1e10, 1e100, 1e300};

/// ½ h w² from w = x in the run's unit (first gradient 1):  φ(t) = ½ x (1 − t h)².
Curve bowl(double h, double x = 1) {
  return {"bowl", [=](double t) { return 0.5 * x * (1 - t * h) * (1 - t * h); },
          [=](double t) { return -x * h * (1 - t * h); }, 1 / h};
}
Ray bowl_ray(double h, double x = 1) {
  return {.loss = 0.5 * x,
          .slope = -x * h,
          .gradient_norm = h * x,
          .gradient_max = h * x,
          .direction_norm = h * x,
          .iterate_norm = x,
          .iterate_max = x};
}

Search open(const Curve& curve, const Ray& ray, double hint) {
  Opener opener{.hint = hint};
  return search(opener, curve, ray, 1000);
}

}  // namespace

TEST_CASE("without a hint the opening first moves the weights by a hundredth of their size, or by 0.01 from zero") {
  Opening opening;
  CHECK(opening.first({.direction_norm = 4, .iterate_norm = 8}, no_hint).step == Approx(0.02));
  CHECK(opening.first({.direction_norm = 4, .iterate_norm = 0}, no_hint).step == Approx(0.0025));
  CHECK(opening.first({.direction_norm = 4, .iterate_norm = 8}, 1e10).step == 1e10);
  CHECK(opening.first({.direction_norm = 1e-300, .iterate_norm = 1e300}, no_hint).step <= largest_step);
  CHECK(opening.first({.direction_norm = 1e300, .iterate_norm = 1e-300}, no_hint).step >= smallest_step);
}

TEST_CASE("the opening finds a step that shows curvature, from any hint, on a bowl of any curvature") {
  for (double h : {1e-200, 1e-100, 1e-10, 1.0, 1e10, 1e100, 1e200}) {
    for (double hint : hints) {
      const Search found = open(bowl(h), bowl_ray(h), hint);
      INFO("curvature " << h << ", hint " << hint << ", trials " << found.trials() << ", step · curvature "
                        << found.last().step * h);
      REQUIRE(found.end == Search::End::taken);
      CHECK(found.trials() <= 22);
      // A tenth to nine tenths of what the slope promised:  1 − th/2 between 0.1 and 0.9.
      CHECK(found.last().step * h >= 0.19);
      CHECK(found.last().step * h <= 1.81);
      CHECK(found.last().loss < 0.5);
    }
  }
}

TEST_CASE("the opening takes no more trials than an independent prototype did, within one") {
  // On the five reference problems: no hint 2, 1: 2 or 3, 1e-10: 5 or 6, 1e10: 9 or 10, 1e-300: 16 or 17, 1e300: 9.
  const auto mean = [](std::optional<double> hint) {
    double sum = 0;
    int count = 0;
    for (const ReferenceProblem& problem : reference_problems()) {
      for (int s = 1; s <= reference_starts; ++s) {
        Minimizer minimizer{SteepestDescent{}, Armijo{}, Monitor{}, Stop{.max_iterations = 1}};
        minimizer.run(problem, problem.start(s), {.first_step = hint}, [&](const Event& event) {
          if (event.kind != Event::Kind::step) return;
          sum += event.tries;
          ++count;
        });
      }
    }
    REQUIRE(count == 5 * reference_starts);
    return sum / count;
  };
  CHECK(mean({}) <= 3);
  CHECK(mean(1) <= 4);
  CHECK(mean(1e-10) <= 7);
  CHECK(mean(1e10) <= 11);
  CHECK(mean(1e-300) <= 18);
  CHECK(mean(1e300) <= 10);
}

TEST_CASE("the opening takes only finite steps that lower the loss, on random curves from any hint") {
  constexpr unsigned seed = 81;
  std::mt19937 random(seed);
  for (int round = 0; round < 500; ++round) {
    const Curve curve = random_curve(random);
    const Ray ray = curve.ray();
    for (double hint : hints) {
      const Search found = open(curve, ray, hint);
      INFO(curve.name << " of size " << curve.size << ", seed " << seed << ", round " << round << ", hint " << hint
                      << ", trials " << found.trials());
      REQUIRE(found.end == Search::End::taken);
      REQUIRE(found.last().finite());
      REQUIRE(found.last().loss < ray.loss);
      REQUIRE(found.trials() <= 30);
    }
  }
}

TEST_CASE("a trial that is not finite is never taken by the opening") {
  // NaN everywhere beyond a wall that is far nearer than any guess.
  for (double wall : {1e-250, 1e-100, 1e-30, 1e-6}) {
    const Curve curve{"wall", [=](double t) { return t < wall ? -t : not_a_number; }, [](double) { return -1.0; },
                      wall};
    for (double hint : hints) {
      const Search found = open(curve, curve.ray(), hint);
      INFO("wall " << wall << ", hint " << hint << ", trials " << found.trials());
      REQUIRE(found.end == Search::End::taken);
      CHECK(found.last().finite());
      CHECK(found.last().step < wall);
      CHECK(found.last().step > wall / 100);
      CHECK(found.trials() <= 40);
    }
  }
}

TEST_CASE("the opening gives up where the loss rises against its slope: a gradient of the wrong sign") {
  for (double scale : {1e-6, 1.0, 1e6}) {
    const Curve flipped{"flipped", [=](double t) { return 1 + scale * t + t * t; }, [=](double) { return -scale; }, 1};
    for (double hint : hints) {
      const Search found = open(flipped, flipped.ray(), hint);
      INFO("slope " << scale << ", hint " << hint << ", trials " << found.trials());
      CHECK(found.end == Search::End::gave_up);
      CHECK(found.trials() <= 60);
    }
  }
}

TEST_CASE("the opening gives up, in few trials, where nothing but the start is finite") {
  const Curve island{"island", [](double t) { return t > 0 ? not_a_number : 0.0; }, [](double) { return -1.0; }, 1};
  for (double hint : hints) {
    Opener opener{.hint = hint};
    Ask ask = opener.first(island.ray());
    int trials = 0;
    while (ask.step > smallest_step && trials < 1000) {  // there the loop ends the ray
      const Verdict verdict = opener.judge(island.ray(), probe(island, island.ray(), ask, ++trials));
      REQUIRE(verdict.action != Verdict::Action::take);
      if (verdict.action == Verdict::Action::give_up) break;
      ask = verdict.next;
    }
    INFO("hint " << hint);
    CHECK(trials <= 40);
  }
}

TEST_CASE("on a loss that falls straight without an end the opening goes as far as steps go, and takes that") {
  const Curve line{"line", [](double t) { return -t; }, [](double) { return -1.0; }, 1};
  for (double hint : hints) {
    const Search found = open(line, line.ray(), hint);
    INFO("hint " << hint << ", trials " << found.trials());
    CHECK(found.end == Search::End::taken);
    CHECK(found.last().step == largest_step);
    CHECK(found.trials() <= 50);
  }
}

TEST_CASE("a step too short to see a change is called good, so a tiny hint beside a huge loss is left behind") {
  const Curve curve = parabola(1, 1, 1e6);  // changes below 1e-8 can't be seen
  const Search found = open(curve, curve.ray(), 1e-250);
  CHECK(found.end == Search::End::taken);
  CHECK(found.last().loss < curve.loss(0));
  CHECK(found.last().step > 1e-3);
}

TEST_CASE("the opening may be asked again with another hint, and begins anew") {
  Opening opening;
  const Curve curve = bowl(1);
  const Ray ray = bowl_ray(1);
  opening.first(ray, 1e10);
  opening.judge(ray, probe(curve, ray, {1e10, Probe::loss}, 1));
  CHECK(opening.state.bad == 1e10);
  CHECK(opening.first(ray, 0.5).step == 0.5);
  CHECK(std::isinf(opening.state.bad));
}
