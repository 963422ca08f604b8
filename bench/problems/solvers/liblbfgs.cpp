// liblbfgs (Okazaki): L-BFGS with 6 pairs, its default, and two of its searches. It has no option for the first step.

#include <lbfgs.h>

#include "solver.hpp"

namespace surefoot::problems {

namespace {

double evaluate(void* instance, const double* w, double* gradient, int, double) {
  return (*static_cast<Recorder*>(instance))(w, gradient);
}

Solver configured(const std::string& name, int line_search) {
  return {.name = "liblbfgs " + name, .run = [line_search](Recorder& objective, Mode mode, const Start&) {
            lbfgs_parameter_t parameter;
            lbfgs_parameter_init(&parameter);
            parameter.linesearch = line_search;
            if (mode == Mode::tight) {
              parameter.epsilon = 0;
              parameter.max_linesearch = 100;  // 40
              parameter.min_step = 1e-300;     // 1e-20
              parameter.max_step = 1e300;      // 1e20
            }
            const Vector start = objective.start();
            double* w = lbfgs_malloc(static_cast<int>(start.size()));
            Eigen::Map<Vector>(w, start.size()) = start;
            const int status =
                lbfgs(static_cast<int>(start.size()), w, nullptr, evaluate, nullptr, &objective, &parameter);
            lbfgs_free(w);
            return "status " + std::to_string(status);
          }};
}

}  // namespace

Solvers liblbfgs_solvers() {
  return {configured("more-thuente", LBFGS_LINESEARCH_MORETHUENTE),
          configured("backtracking", LBFGS_LINESEARCH_BACKTRACKING_STRONG_WOLFE)};
}

}  // namespace surefoot::problems
