// Every code of a result, reached by minimize, with its status, a sentence and the next move.

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>
#include <set>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "catch.hpp"
#include "support/minimized.hpp"
#include "surefoot/minimize.hpp"
#include "surefoot/objectives/functions.hpp"

using namespace surefoot;

namespace {

using Function = std::function<double(const Vector&, Vector&)>;

struct Ending {
  Code code;
  std::string what;
  Function objective;
  Vector start;
  MinimizeOptions options{};
};

const Rosenbrock valley(4);

double in_the_valley(const Vector& w, Vector& gradient) { return valley.loss(w, gradient); }

std::stop_token already_stopped() {
  std::stop_source source;
  source.request_stop();
  return source.get_token();
}

std::vector<Ending> endings() {
  const Vector here = valley.start(), one = Vector::Ones(1);
  return {{Code::gradient, "the default test", in_the_valley, here},
          {Code::gradient, "a relative gradient", in_the_valley, here, {.stop = {.gradient = 1e-3}}},
          {Code::gradient, "an absolute gradient", in_the_valley, here, {.stop = {.absolute_gradient = 1e-3}}},
          {Code::decrease, "a decrease over ten steps", in_the_valley, here, {.stop = {.decrease = 0.9}}},
          {Code::target, "a loss", in_the_valley, here, {.stop = {.target = 1.0}}},
          {Code::rounding_floor,
           "a loss of 1e9 in which a small bowl is lost",
           [](const Vector& w, Vector& g) { return g = w, 1e9 + 0.5 * w.squaredNorm(); },
           Vector::Constant(3, 1e-5),
           {.stop = {.absolute_gradient = 1e-300, .max_evaluations = 5000}}},
          {Code::gave_up, "a kink",
           [](const Vector& w, Vector& g) { return g[0] = w[0] > 1 ? 1 : -1, std::abs(w[0] - 1); }, 4 * one},
          {Code::gradient_disagrees, "a gradient with its sign flipped",
           [](const Vector& w, Vector& g) { return g = -2 * w, w.squaredNorm(); }, Vector::Ones(3)},
          {Code::domain_edge, "a wall of NaN",
           [](const Vector& w, Vector& g) { return g[0] = -1, w[0] <= 1 ? -w[0] : std::nan(""); }, 0 * one},
          {Code::unbounded_below, "a slope without end",
           [](const Vector& w, Vector& g) { return g.setConstant(-1), -w.sum(); }, Vector::Ones(2)},
          {Code::iterations, "a limit", in_the_valley, here, {.stop = {.max_iterations = 3}}},
          {Code::iterations, "a limit of none", in_the_valley, here, {.stop = {.max_iterations = 0}}},
          {Code::evaluations, "a limit", in_the_valley, here, {.stop = {.max_evaluations = 5}}},
          {Code::time, "a limit of none", in_the_valley, here, {.stop = {.max_seconds = 0}}},
          {Code::time,
           "a limit that one call outlasts",
           [](const Vector& w, Vector& g) {
             std::this_thread::sleep_for(std::chrono::milliseconds(2));
             return valley.loss(w, g);
           },
           here,
           {.stop = {.max_seconds = 1e-3}}},
          {Code::cancelled,
           "a token that was stopped before",
           in_the_valley,
           here,
           {.stop = {.cancel = already_stopped()}}},
          {Code::cancelled,
           "an observer's wish",
           in_the_valley,
           here,
           {.observer = [](const Event& event) { return event.iteration < 2; }}},
          {Code::start_not_finite, "NaN everywhere", [](const Vector& w, Vector& g) { return g = w, std::nan(""); },
           Vector::Ones(2)},
          {Code::start_not_finite, "NaN in the start itself", in_the_valley, Vector::Constant(4, std::nan(""))},
          {Code::gradient_not_filled, "an entry never written",
           [](const Vector& w, Vector& g) { return g[0] = w[0], 0.5 * w.squaredNorm(); }, Vector::Ones(2)}};
}

}  // namespace

TEST_CASE("minimize reaches every code, with its status, a sentence, and a next move") {
  std::set<Code> reached;
  for (const Ending& ending : endings()) {
    long calls = 0;
    const auto counted = [&](const Vector& w, Vector& gradient) { return ++calls, ending.objective(w, gradient); };
    const Result result = test::minimized(counted, ending.start, ending.options);
    INFO(to_string(ending.code) << " by " << ending.what << ": " << result.explain());
    CHECK(std::string(to_string(result.code)) == to_string(ending.code));
    CHECK(result.status == status_of(ending.code));
    CHECK(result.ok() == (result.status != Status::failed));
    CHECK(calls == result.loss_evaluations + result.gradient_evaluations);
    CHECK(result.reason.size() > 10);
    const std::string text = result.explain();
    CHECK(text.find(result.reason) != std::string::npos);
    CHECK(text.find(to_string(ending.code)) != std::string::npos);
    CHECK(text.find("next: ") != std::string::npos);
    if (result.status != Status::failed) {
      CHECK(result.w.allFinite());
      CHECK(std::isfinite(result.loss));
      CHECK(result.loss <= result.start_loss);
    } else {
      CHECK(calls <= 1);
      CHECK(result.w.size() == ending.start.size());
    }
    reached.insert(result.code);
  }
  // The codes are numbered from 0, and gradient_not_filled is the last.
  CHECK(reached.size() == static_cast<std::size_t>(Code::gradient_not_filled) + 1);
}

TEST_CASE("a run that is cancelled from another thread ends with the best point so far") {
  std::stop_source source;
  const Quadratic bowl = Quadratic::log_spaced(50, 1e6);
  long calls = 0;
  double best = INFINITY;
  const auto slow = [&](const Vector& w, Vector& gradient) {
    const double loss = bowl.loss(w, gradient);
    best = std::min(best, loss);
    if (++calls == 10) std::thread([&] { source.request_stop(); }).join();
    return loss;
  };
  const Result result = test::minimized(slow, Vector::Ones(50), {.stop = {.cancel = source.get_token()}});
  CHECK(result.code == Code::cancelled);
  CHECK(result.status == Status::interrupted);
  CHECK(calls == 10);
  CHECK(result.loss == best);
}
