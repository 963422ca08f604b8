#include <set>

#include "../bench/problems/check.hpp"
#include "../bench/problems/collection/collection.hpp"
#include "catch.hpp"

using namespace surefoot::problems;

TEST_CASE("every gradient of the benchmark's collection agrees with differences of its loss") {
  for (const Problem& problem : collection()) {
    const GradientCheck check = check_gradient_of(problem);
    INFO(problem.name << ", coordinate " << check.coordinate << ": gradient " << check.given << ", differences "
                      << check.difference);
    CHECK(check.passes());
  }
}

TEST_CASE("the benchmark's problems start finite, above the minimum that they claim, under names of their own") {
  std::set<std::string> names;
  for (const Problem& problem : collection()) {
    INFO(problem.name);
    CHECK(std::isfinite(problem.start_loss()));
    CHECK_FALSE(problem.start_loss() <= problem.minimum);
    CHECK(names.insert(problem.name).second);
  }
}

TEST_CASE("a gradient that is off by one part in a thousand in one coordinate is found by the benchmark's check") {
  for (Problem& problem : apart_sums()) {
    problem.evaluate = [evaluate = problem.evaluate](const surefoot::Vector& w, surefoot::Vector& g) {
      const double loss = evaluate(w, g);
      g[0] += 1e-3 * g.lpNorm<Eigen::Infinity>();
      return loss;
    };
    INFO(problem.name);
    CHECK_FALSE(check_gradient_of(problem).passes());
  }
}
