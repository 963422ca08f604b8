// Every rule on the five reference problems of tests/support/reference_problems.hpp: points visited until
// (f − f*) <= 1e-6 (f0 − f*), the geometric mean over twelve starts without a hint (with hints 1e-300 and 1e300), along
// steepest descent with opening and monitor. "no": runs that were not there within 20,000 points.
//
//   build/release/bench/reference            prints a Markdown table

#include <cmath>
#include <cstdio>
#include <string>

#include "../tests/support/reference_problems.hpp"
#include "surefoot/surefoot.hpp"

namespace {

constexpr long budget = 20000;

std::string mean_points(const surefoot::ReferenceProblem& problem, const surefoot::AnyRule& rule, double hint) {
  using namespace surefoot;
  double logs = 0;
  int missed = 0;
  for (int s = 1; s <= reference_starts; ++s) {
    const Vector start = problem.start(s);
    const double goal = problem.minimum + 1e-6 * (problem.loss(start) - problem.minimum);
    const Minimizer minimizer{SteepestDescent{}, rule, Monitor{},
                              Stop{.target = goal, .max_iterations = {}, .max_evaluations = budget}};
    RunOptions options;
    if (std::isfinite(hint)) options.first_step = hint;
    const Result result = minimizer.run(problem, start, options);
    if (result.code != Code::target) ++missed;
    logs += std::log(static_cast<double>(result.code == Code::target ? result.gradient_evaluations : budget));
  }
  const double mean = std::exp(logs / reference_starts);
  std::string text = std::to_string(std::lround(mean));
  if (missed > 0) text += " (" + std::to_string(missed) + " no)";
  return text;
}

}  // namespace

int main() {
  const auto problems = surefoot::reference_problems();
  std::printf("| rule |");
  for (const auto& problem : problems) std::printf(" %s |", problem.name.c_str());
  std::printf("\n|---|");
  for (std::size_t i = 0; i < problems.size(); ++i) std::printf("---|");
  std::printf("\n");
  for (const auto& name : surefoot::rule_names()) {
    const auto rule = surefoot::make_rule(name);
    std::printf("| %s |", name.c_str());
    for (const auto& problem : problems) {
      std::printf(" %s (%s, %s) |", mean_points(problem, rule, NAN).c_str(), mean_points(problem, rule, 1e-300).c_str(),
                  mean_points(problem, rule, 1e300).c_str());
      std::fflush(stdout);
    }
    std::printf("\n");
  }
}
