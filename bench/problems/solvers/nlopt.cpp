// NLopt's own ports of Lukšan's codes: L-BFGS with as many pairs as 10 MiB hold, its default, and with 10; truncated
// Newton with preconditioning and restart. No stop test is on by default, so both modes are the same. (A test on the
// gradient inside these codes can't be turned off.)

#include <nlopt.h>

#include <memory>

#include "solver.hpp"

namespace surefoot::problems {

namespace {

double evaluate(unsigned, const double* w, double* gradient, void* objective) {
  return (*static_cast<Recorder*>(objective))(w, gradient);
}

Solver configured(const std::string& name, nlopt_algorithm algorithm, unsigned pairs) {
  return {.name = "NLopt " + name,
          .has_stop_tests = false,
          .run = [algorithm, pairs](Recorder& objective, Mode, const Start&) {
            const std::unique_ptr<nlopt_opt_s, void (*)(nlopt_opt)> optimizer(
                nlopt_create(algorithm, static_cast<unsigned>(objective.size())), nlopt_destroy);
            nlopt_set_min_objective(optimizer.get(), evaluate, &objective);
            if (pairs > 0) nlopt_set_vector_storage(optimizer.get(), pairs);
            Vector w = objective.start();
            double loss = not_a_number;
            return std::string(nlopt_result_to_string(nlopt_optimize(optimizer.get(), w.data(), &loss)));
          }};
}

}  // namespace

Solvers nlopt_solvers() {
  return {configured("L-BFGS", NLOPT_LD_LBFGS, 0), configured("L-BFGS 10", NLOPT_LD_LBFGS, 10),
          configured("truncated Newton", NLOPT_LD_TNEWTON_PRECOND_RESTART, 0)};
}

}  // namespace surefoot::problems
