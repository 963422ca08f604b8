// What people really meet (support/nasties.hpp), by minimize with nothing set but the budget.

#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "catch.hpp"
#include "support/minimized.hpp"
#include "support/nasties.hpp"
#include "support/objectives.hpp"
#include "surefoot/minimize.hpp"

using namespace surefoot;

namespace {

constexpr long budget = 20000;

long calls_of(const Result& result) { return result.loss_evaluations + result.gradient_evaluations; }

Result run(const Nasty& nasty, std::optional<double> first_step = {}) {
  return test::minimized(nasty, nasty.start, {.stop = {.max_evaluations = budget}, .first_step = first_step});
}

std::vector<Nasty> with_minimum() {
  std::vector<Nasty> list;
  for (const Nasty& nasty : nasties()) {
    if (nasty.has_minimum) list.push_back(nasty);
  }
  return list;
}

double start_loss(const Nasty& nasty) {
  Vector gradient(nasty.start.size());
  return nasty.loss(nasty.start, gradient);
}

void check_arrives(const Nasty& nasty, const Result& result) {
  INFO(nasty.name << ": " << result.loss << " after " << calls_of(result) << " calls; " << result.reason);
  CHECK(result.loss - nasty.minimum <= 1e-9 * (start_loss(nasty) - nasty.minimum));
  CHECK(calls_of(result) <= budget);
}

}  // namespace

TEST_CASE("minimize arrives at each minimum that people meet within 20,000 calls") {
  for (const Nasty& nasty : with_minimum()) check_arrives(nasty, run(nasty));
}

TEST_CASE("minimize arrives at each minimum that people meet from any first step") {
  for (const double first_step : {1e-300, 1e-10, 1e10, 1e300}) {
    INFO("from a first step of " << first_step);
    for (const Nasty& nasty : with_minimum()) check_arrives(nasty, run(nasty, first_step));
  }
}

TEST_CASE("minimize leaves no nasty with a point that is not finite, not visited, or worse than the start") {
  for (const Nasty& nasty : nasties()) {
    for (const std::optional<double> first_step : {std::optional<double>{}, {1e-300}, {1e-10}, {1e10}, {1e300}}) {
      INFO(nasty.name << " from a first step of " << first_step.value_or(0));
      test::Recorded<Nasty> recorded{nasty};
      const Result result =
          test::minimized(recorded, nasty.start, {.stop = {.max_evaluations = budget}, .first_step = first_step});
      CHECK(result.w.allFinite());
      CHECK(result.loss <= start_loss(nasty));
      CHECK(recorded.vouches_for(result.w));
      Vector gradient(nasty.start.size());
      CHECK(result.loss == nasty.loss(result.w, gradient));
      CHECK(result.gradient_norm == max_norm(gradient));
      CHECK(calls_of(result) == recorded.calls);
      CHECK(recorded.calls <= budget);
    }
  }
}

TEST_CASE("minimize visits no point of a nasty twice, but where the weights have no digits left between two") {
  for (const Nasty& nasty : with_minimum()) {
    INFO(nasty.name);
    test::Recorded<Nasty> recorded{nasty};
    const Result result = test::minimized(recorded, nasty.start, {.stop = {.max_evaluations = budget}});
    const bool to_the_last_digit = result.loss < 1e-30 * start_loss(nasty);
    CHECK(recorded.repeated_points() <= (to_the_last_digit ? 1 : 0));
  }
}

TEST_CASE("minimize ends at each minimum that people meet by saying so, or that rounding hides the rest") {
  for (const Nasty& nasty : with_minimum()) {
    const Result result = run(nasty);
    INFO(nasty.name << ": " << result.explain());
    const bool honest = result.status == Status::converged || result.code == Code::rounding_floor;
    CHECK(honest);
    // What it says was gained is nearly all that there was.
    if (result.status == Status::converged) {
      CHECK(result.loss - nasty.minimum <= 1e-9 * (start_loss(nasty) - nasty.minimum));
    }
  }
}

TEST_CASE("where the lowest loss lies at infinity minimize goes far, and does not blame the objective") {
  for (const Nasty& nasty : nasties()) {
    if (nasty.has_minimum) continue;
    const Result result = run(nasty);
    INFO(nasty.name << ": " << result.explain());
    CHECK(result.loss < 1e-9 * start_loss(nasty));
    CHECK(result.w.allFinite());
    const std::set<Code> honest{Code::gradient, Code::rounding_floor, Code::unbounded_below, Code::evaluations};
    CHECK(honest.count(result.code) == 1);
  }
}

TEST_CASE("minimize arrives at the minima that people meet when the loss is multiplied by 1e150 or 1e-150") {
  for (const Nasty& nasty : with_minimum()) {
    if (start_loss(nasty) > 1e100 || nasty.name == "steps that underflow") continue;  // would overflow
    if (nasty.name.find("1e-150") != std::string::npos || nasty.name.find("1e150") != std::string::npos) continue;
    for (const int exponent : {-498, 498}) {  // 2^498 is about 1e150
      INFO("times 2^" << exponent);
      Nasty scaled = nasty;
      scaled.minimum = std::ldexp(nasty.minimum, exponent);
      scaled.value = [nasty, factor = std::ldexp(1.0, exponent)](const Vector& w, Vector& gradient) {
        const double loss = nasty.loss(w, gradient);
        gradient *= factor;
        return factor * loss;
      };
      check_arrives(scaled, run(scaled));
    }
  }
}
