// GSL's multimin: vector BFGS (the newer of its two) and Polak–Ribière conjugate gradients, with the manual's line search
// tolerance of 0.1 and, where none is given, a first step of a tenth of |w|. Its standard stop is the manual's example:
// |g| < 1e-3.

#include <gsl/gsl_errno.h>
#include <gsl/gsl_multimin.h>

#include <memory>

#include "solver.hpp"

namespace surefoot::problems {

namespace {

double loss(const gsl_vector* w, void* objective) { return static_cast<Recorder*>(objective)->loss(w->data); }
void gradient(const gsl_vector* w, void* objective, gsl_vector* g) {
  (*static_cast<Recorder*>(objective))(w->data, g->data);
}
void both(const gsl_vector* w, void* objective, double* f, gsl_vector* g) {
  *f = (*static_cast<Recorder*>(objective))(w->data, g->data);
}

std::string minimise(Recorder& objective, Mode mode, const Start& start, const gsl_multimin_fdfminimizer_type* type) {
  gsl_set_error_handler_off();
  const auto n = static_cast<std::size_t>(objective.size());
  gsl_multimin_function_fdf function{&loss, &gradient, &both, n, &objective};
  Vector w0 = objective.start();
  const gsl_vector_view w = gsl_vector_view_array(w0.data(), n);
  const double size = w0.norm();
  const double first_step = start.first_step.value_or(size > 0 ? 0.1 * size : 0.1);

  const std::unique_ptr<gsl_multimin_fdfminimizer, void (*)(gsl_multimin_fdfminimizer*)> minimizer(
      gsl_multimin_fdfminimizer_alloc(type, n), gsl_multimin_fdfminimizer_free);
  int status = gsl_multimin_fdfminimizer_set(minimizer.get(), &function, &w.vector, first_step, 0.1);
  bool fresh = true;
  while (status == GSL_SUCCESS) {
    status = gsl_multimin_fdfminimizer_iterate(minimizer.get());
    // The manual: where it can't go on, it may after a restart along the gradient. Once, until it moves again.
    if (status == GSL_ENOPROG && mode == Mode::tight && !fresh) {
      status = gsl_multimin_fdfminimizer_restart(minimizer.get());
      fresh = true;
      continue;
    }
    fresh = false;
    if (mode == Mode::standard && status == GSL_SUCCESS &&
        gsl_multimin_test_gradient(gsl_multimin_fdfminimizer_gradient(minimizer.get()), 1e-3) == GSL_SUCCESS) {
      return "gradient test";
    }
  }
  return gsl_strerror(status);
}

Solver configured(const std::string& name, const gsl_multimin_fdfminimizer_type* type) {
  return {.name = "GSL " + name,
          .takes_first_step = true,
          .run = [type](Recorder& objective, Mode mode, const Start& start) {
            return minimise(objective, mode, start, type);
          }};
}

}  // namespace

Solvers gsl_solvers() {
  return {configured("bfgs2", gsl_multimin_fdfminimizer_vector_bfgs2),
          configured("CG Polak-Ribiere", gsl_multimin_fdfminimizer_conjugate_pr)};
}

}  // namespace surefoot::problems
