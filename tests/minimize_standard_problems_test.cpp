// The functions of Moré, Garbow & Hillstrom by minimize, to 1e-9 of what there was to gain, and with a true last word.
// (objectives/more_garbow_hillstrom_test.cpp has the functions themselves, and 1e-6.)

#include <cmath>
#include <string>
#include <vector>

#include "catch.hpp"
#include "support/minimized.hpp"
#include "surefoot/minimize.hpp"
#include "surefoot/objectives/more_garbow_hillstrom.hpp"

using namespace surefoot;

namespace {

constexpr long budget = 20000;

long calls_of(const Result& result) { return result.loss_evaluations + result.gradient_evaluations; }

void check_solved(const TestProblem& problem, std::optional<double> first_step = {}) {
  const Result result =
      test::minimized(problem, problem.start, {.stop = {.max_evaluations = budget}, .first_step = first_step});
  INFO(problem.name << " n = " << problem.size << " from a first step of " << first_step.value_or(0) << ": "
                    << result.explain());
  const double to_gain = problem.loss(problem.start) - problem.minimum.value();
  CHECK(problem.excess(result.loss).value() <= 1e-9 * to_gain);
  CHECK(calls_of(result) <= budget);
  CHECK(result.w.allFinite());
  CHECK(result.loss == problem.loss(result.w));
  const bool honest = result.status == Status::converged || result.code == Code::rounding_floor;
  CHECK(honest);
}

bool costly(const TestProblem& problem) {  // in seconds: O(n²) a call, or thousands of calls
  return problem.number == 28 || problem.number == 29 || problem.number == 35;
}

}  // namespace

TEST_CASE("minimize solves every standard function to 1e-9 and says that it did") {
  for (const TestProblem& problem : more_garbow_hillstrom()) check_solved(problem);
}

TEST_CASE("minimize solves every standard function to 1e-9 from any first step") {
  for (const double first_step : {1e-300, 1e-10, 1e10, 1e300}) {
    for (const TestProblem& problem : more_garbow_hillstrom()) check_solved(problem, first_step);
  }
}

TEST_CASE("minimize solves the standard functions of 100 unknowns to 1e-9") {
  for (const TestProblem& problem : more_garbow_hillstrom(100)) {
    if (problem.minimum) check_solved(problem);
  }
}

TEST_CASE("minimize solves the cheap standard functions of 1000 unknowns to 1e-9") {
  for (const TestProblem& problem : more_garbow_hillstrom(1000)) {
    if (problem.minimum && !costly(problem)) check_solved(problem);
  }
}

TEST_CASE("minimize solves the costly standard functions of 1000 unknowns to 1e-9", "[.long]") {
  for (const TestProblem& problem : more_garbow_hillstrom(1000)) {
    if (problem.minimum && costly(problem)) check_solved(problem);
  }
}
