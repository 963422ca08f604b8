// Ceres' GradientProblemSolver with its Wolfe search: L-BFGS with 20 pairs, its default, and two conjugate gradients.
// Its limit of 50 iterations is lifted in both modes: the benchmark has one of its own, in calls.

#include <ceres/ceres.h>
#include <glog/logging.h>

#include "solver.hpp"

namespace surefoot::problems {

namespace {

class Watched : public ceres::FirstOrderFunction {
 public:
  explicit Watched(Recorder& recorder) : recorder_(recorder) {}

  bool Evaluate(const double* w, double* loss, double* gradient) const override {
    *loss = recorder_(w, gradient);
    return std::isfinite(*loss);  // false makes its search shorten the step
  }
  int NumParameters() const override { return static_cast<int>(recorder_.size()); }

 private:
  Recorder& recorder_;
};

using Options = ceres::GradientProblemSolver::Options;

Solver configured(const std::string& name, void (*choose)(Options&)) {
  return {.name = "Ceres " + name, .run = [choose](Recorder& objective, Mode mode, const Start&) {
            FLAGS_minloglevel = google::GLOG_FATAL;  // a line each time conjugate gradients restart
            Options options;
            choose(options);
            options.logging_type = ceres::SILENT;
            options.max_num_iterations = budget;
            if (mode == Mode::tight) {
              options.function_tolerance = 0;
              options.gradient_tolerance = 0;
              options.parameter_tolerance = 0;
              options.min_line_search_step_size = 1e-300;              // 1e-9
              options.max_num_line_search_step_size_iterations = 100;  // 20
              options.max_num_line_search_direction_restarts = 1000;   // 5
            }
            Vector w = objective.start();
            const ceres::GradientProblem problem(new Watched(objective));
            ceres::GradientProblemSolver::Summary summary;
            ceres::Solve(options, problem, w.data(), &summary);
            return summary.message;
          }};
}

}  // namespace

Solvers ceres_solvers() {
  return {configured("L-BFGS", [](Options& options) { options.line_search_direction_type = ceres::LBFGS; }),
          configured("CG Fletcher-Reeves",
                     [](Options& options) {
                       options.line_search_direction_type = ceres::NONLINEAR_CONJUGATE_GRADIENT;
                       options.nonlinear_conjugate_gradient_type = ceres::FLETCHER_REEVES;
                     }),
          configured("CG Polak-Ribiere", [](Options& options) {
            options.line_search_direction_type = ceres::NONLINEAR_CONJUGATE_GRADIENT;
            options.nonlinear_conjugate_gradient_type = ceres::POLAK_RIBIERE;
          })};
}

}  // namespace surefoot::problems
