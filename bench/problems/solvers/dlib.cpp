// dlib's find_min: BFGS with its dense matrix, L-BFGS with 10 pairs as in its examples, conjugate gradients. Its
// standard stop is that of its examples: an improvement below 1e-7.

#include <dlib/optimization.h>

#include "solver.hpp"

namespace surefoot::problems {

namespace {

using Column = dlib::matrix<double, 0, 1>;

struct NeverStop {
  bool should_continue_search(const Column&, double, const Column&) { return true; }
};

template <class Strategy>
Solver configured(const std::string& name, const Strategy& strategy, Index largest) {
  return {.name = "dlib " + name, .largest = largest, .run = [strategy](Recorder& objective, Mode mode, const Start&) {
            Column w(objective.size());
            for (Index i = 0; i < objective.size(); ++i) w(i) = objective.start()[i];
            const auto loss = [&](const Column& at) { return objective.loss(&at(0)); };
            const auto gradient = [&](const Column& at) {
              Column g(at.size());
              objective(&at(0), &g(0));
              return g;
            };
            const double lowest = -std::numeric_limits<double>::max();  // it stops below this loss: never
            if (mode == Mode::tight) {
              dlib::find_min(strategy, NeverStop{}, loss, gradient, w, lowest);
            } else {
              dlib::find_min(strategy, dlib::objective_delta_stop_strategy(1e-7), loss, gradient, w, lowest);
            }
            return std::string("stop test");
          }};
}

}  // namespace

Solvers dlib_solvers() {
  const Index any = std::numeric_limits<Index>::max();
  return {configured("BFGS (n <= 200)", dlib::bfgs_search_strategy(), 200),
          configured("L-BFGS 10", dlib::lbfgs_search_strategy(10), any),
          configured("CG", dlib::cg_search_strategy(), any)};
}

}  // namespace surefoot::problems
