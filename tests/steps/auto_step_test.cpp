#include "surefoot/steps/auto_step.hpp"

#include <random>

#include "catch.hpp"
#include "support/minimized.hpp"
#include "support/reference_problems.hpp"
#include "surefoot/directions/steepest.hpp"
#include "surefoot/registry.hpp"

using namespace surefoot;

namespace {

/// A step of steepest descent on ½ Σ λ_i w_i², as the rule is told of it.
Move descend(const Vector& curvatures, Vector& gradient, double step) {
  const Vector from = gradient;
  gradient = from.cwiseProduct((1 - step * curvatures.array()).matrix());
  const Vector s = -step * from, y = gradient - from;
  return {.step = step,
          .displacement = norm(s),
          .gradient_change = norm(y),
          .cosine = cosine(s, y, norm(s), norm(y)),
          .loss = 1,
          .gradient_norm = norm(gradient)};
}

Move pair_of(double long_step, double short_step, double step = 1) {
  const double cosine = std::sqrt(short_step / long_step);
  return {.step = step,
          .displacement = 1,
          .gradient_change = 1 / std::sqrt(long_step * short_step),
          .cosine = cosine,
          .loss = 1,
          .gradient_norm = 1};
}

double next(const AutoStep& rule) { return AutoStep(rule).first({}).step; }

}  // namespace

TEST_CASE("the sharpest step of two pairs is the inverse of the larger curvature of a quadratic of two unknowns") {
  constexpr unsigned seed = 17;
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> uniform;
  for (int round = 0; round < 500; ++round) {
    const double scale = std::pow(10, 200 * (uniform(random) - 0.5));
    Vector curvatures(2);
    curvatures << scale, scale * (2 + 100 * uniform(random));
    Vector gradient(2);
    gradient << 0.1 + uniform(random), 0.1 + uniform(random);
    const double first = (0.1 + 0.3 * uniform(random)) / curvatures[1],
                 second = (0.5 + uniform(random)) / curvatures[0];
    const Spectral before = spectral(descend(curvatures, gradient, first)),
                   now = spectral(descend(curvatures, gradient, second));
    INFO("seed " << seed << ", round " << round);
    CHECK(AutoStep::sharpest(before.long_step, before.short_step, now.long_step, now.short_step) ==
          Approx(1 / curvatures[1]).epsilon(1e-6));
  }
}

TEST_CASE("two pairs that are alike have no sharpest step, and any others a positive one") {
  CHECK(AutoStep::sharpest(2, 1, 2, 1) == infinity);
  constexpr unsigned seed = 19;
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> uniform;
  for (int round = 0; round < 1000; ++round) {
    const auto length = [&] { return std::pow(10, 6 * uniform(random)); };
    const double short_before = length(), long_before = short_before * length(), short_now = length(),
                 long_now = short_now * length();
    INFO("seed " << seed << ", round " << round);
    CHECK(AutoStep::sharpest(long_before, short_before, long_now, short_now) > 0);
  }
}

TEST_CASE("on a quadratic no step of auto is longer than the inverse of the least curvature") {
  constexpr unsigned seed = 23;
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> uniform;
  for (int round = 0; round < 100; ++round) {
    Vector curvatures(10), gradient(10);
    for (double& c : curvatures) c = std::pow(10, 4 * uniform(random));
    for (double& g : gradient) g = uniform(random) - 0.5;
    AutoStep rule;
    rule.taken(descend(curvatures, gradient, 0.5 / curvatures.maxCoeff()));
    INFO("seed " << seed << ", round " << round);
    for (int k = 0; k < 40 && norm(gradient) > 1e-9; ++k) {
      CHECK(next(rule) <= (1 + 1e-6) / curvatures.minCoeff());
      rule.taken(descend(curvatures, gradient, next(rule)));
    }
  }
}

TEST_CASE("where one curvature was met auto alternates, the long step first; a mixed pair brings a short one") {
  AutoStep rule{.threshold = 0.5, .adaptation = 1.01};
  rule.taken(pair_of(4, 3));
  CHECK(next(rule) == Approx(4));
  rule.taken(pair_of(5, 4));
  CHECK(next(rule) == Approx(4));
  rule.taken(pair_of(6, 5));
  CHECK(next(rule) == Approx(6));
  rule.taken(pair_of(6, 0.1));
  CHECK(next(rule) <= 0.1 * (1 + 1e-12));
  rule.taken(pair_of(4, 3));
  CHECK(next(rule) == Approx(4));  // after a short one the long one comes first again
}

TEST_CASE("auto's threshold falls with each short step and rises with each other") {
  AutoStep rule{.threshold = 0.5, .adaptation = 1.25};
  rule.taken(pair_of(4, 1));
  CHECK(rule.state.threshold == Approx(0.4));
  rule.taken(pair_of(4, 1.2));
  CHECK(rule.state.threshold == Approx(0.32));
  rule.taken(pair_of(4, 3));
  CHECK(rule.state.threshold == Approx(0.4));
}

TEST_CASE("negative curvature and an unchanged gradient bring the substitutes of the family, and no old pair is used") {
  AutoStep rule;
  rule.taken(pair_of(4, 3));
  rule.taken({.step = 1, .displacement = 6, .gradient_change = 2, .cosine = -0.5, .loss = 1, .gradient_norm = 1});
  CHECK(next(rule) == 3);
  CHECK(rule.state.long_step == 0);
  rule.taken({.step = 2, .displacement = 6, .gradient_change = 0, .cosine = 0, .loss = 1, .gradient_norm = 1});
  CHECK(next(rule) == 8);
}

TEST_CASE("auto does not depend on the scale of the loss or of the weights") {
  Vector curvatures(6);
  curvatures << 1, 3, 10, 50, 200, 1000;
  const auto steps = [&](double loss_scale, double weight_scale) {
    Vector scaled = curvatures * loss_scale / weight_scale / weight_scale;
    Vector gradient = Vector::LinSpaced(6, 1, 2) * (loss_scale / weight_scale);
    const double unit = weight_scale * weight_scale / loss_scale;
    std::vector<double> seen;
    AutoStep rule;
    rule.taken(descend(scaled, gradient, 1e-4 * unit));
    for (int k = 0; k < 15; ++k) {
      seen.push_back(next(rule) / unit);
      rule.taken(descend(scaled, gradient, next(rule)));
    }
    return seen;
  };
  const auto plain = steps(1, 1);
  for (const auto& [loss, weight] : {std::pair{1e100, 1.0}, {1e-100, 1.0}, {1.0, 1e50}, {1.0, 1e-50}}) {
    const auto scaled = steps(loss, weight);
    for (std::size_t i = 0; i < plain.size(); ++i) CHECK(scaled[i] == Approx(plain[i]).epsilon(1e-3));
  }
}

TEST_CASE(
    "auto after a rollback shrinks its step and forgets the pair before, after a restart everything but its step") {
  AutoStep rule;
  rule.taken(pair_of(4, 3));
  rule.taken(pair_of(4, 1));
  const double before = next(rule);
  rule.rolled_back(0.5);
  CHECK(next(rule) == before / 2);
  CHECK(rule.state.long_step == 0);
  rule.restarted({});
  CHECK(next(rule) == before / 2);
  CHECK(rule.state.threshold == 0);
}

TEST_CASE("auto's parameters are checked") {
  CHECK_THROWS_AS(validate_rule(AutoStep{.threshold = 1}), std::invalid_argument);
  CHECK_THROWS_AS(validate_rule(AutoStep{.adaptation = 1}), std::invalid_argument);
}

TEST_CASE(
    "over the reference problems auto arrives from any first step, in fewer calls than every other spectral rule") {
  const auto mean_calls = [](const std::string& rule, std::optional<double> first_step) {
    double logs = 0;
    for (const ReferenceProblem& problem : reference_problems()) {
      for (int start = 1; start <= reference_starts; ++start) {
        const Vector w0 = problem.start(start);
        const Stop stop{.target = problem.minimum + 1e-6 * (problem.loss(w0) - problem.minimum),
                        .max_evaluations = 5000};
        const Result result = test::AnyMinimizer{SteepestDescent{}, make_rule(rule), Monitor{}, stop}.run(
            problem, w0, {.first_step = first_step});
        INFO(rule << " on " << problem.name << ", start " << start << ": " << result.reason);
        CHECK(result.code == Code::target);
        logs += std::log(static_cast<double>(result.gradient_evaluations));
      }
    }
    return std::exp(logs / reference_starts / static_cast<double>(reference_problems().size()));
  };
  const double ours = mean_calls("auto", {});
  for (const char* rule : {"bb1", "bb2", "bb-alternate", "abb", "abbmin1", "abb-variable", "stabilised-bb"}) {
    INFO(rule);
    CHECK(ours < mean_calls(rule, {}));
  }
  for (const double first_step : {1e-300, 1e300}) CHECK(mean_calls("auto", first_step) < 1.25 * ours);
}
