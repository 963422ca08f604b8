// Ours: `surefoot::fit` with nothing set but the penalty.

#include "../oracle.hpp"
#include "peer.hpp"
#include "surefoot/fit.hpp"

namespace surefoot::linear {

namespace {

FitOptions options_for(const Case& of, int threads) {
  const Set& set = of.data->set;
  return {.model = set.model, .l2 = of.l2, .scale = set.scale, .threads = threads};
}

/// Until the observer first saw a loss that is low enough, with what the fit spends outside of the run.
void run_to_the_goal(const Case& of, int threads, Attempt& attempt) {
  const double goal = of.optimum * (1 + wanted_excess);
  double reached = unknown, seen = unknown;
  FitOptions options = options_for(of, threads);
  options.observer = [&](const Event& event) {
    if (event.loss <= goal && !(reached == reached)) {
      reached = event.seconds;
      seen = event.loss;
    }
    return true;
  };
  const Fit fit = surefoot::fit(of.data->table, options);
  attempt.prepare = fit.seconds - fit.result.seconds;
  attempt.seconds = reached + attempt.prepare;
  attempt.excess = (seen - of.optimum) / of.optimum;
}

void run_whole(const Case& of, int threads, Attempt& attempt) {
  const Fit fit = surefoot::fit(of.data->table, options_for(of, threads));
  attempt.whole = fit.seconds;
  attempt.whole_excess = excess(of, weights_of(fit.result.w, *of.data), Bias::free);
  attempt.passes = fit.passes;
  attempt.threads = fit.threads;
  attempt.note = fit.strategy + "; " + fit.direction + "; " + fit.coordinates;
}

}  // namespace

Peers our_peers(const Data&, const Setup& setup) {
  const auto configured = [](const std::string& name, int threads) {
    return Peer{.name = name, .threads = {threads}, .run = [](const Case& of, double, int count, double) {
                  Attempt attempt;
                  try {
                    // In this order: the first fit after another solver's turn finds cold caches, which liblbfgs, in four
                    // settings one after the other, does not either.
                    run_whole(of, count, attempt);
                    run_to_the_goal(of, count, attempt);
                  } catch (const std::invalid_argument& refusal) {
                    attempt = {.note = std::string("not built yet: ") + refusal.what()};
                  }
                  return attempt;
                }};
  };
  return {configured(family::ours, setup.threads), configured(family::ours + " on one thread", 1)};
}

}  // namespace surefoot::linear
