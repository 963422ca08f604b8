// surefoot::minimize with nothing set but the budget.

#include "solver.hpp"
#include "surefoot/minimize.hpp"

namespace surefoot::problems {

namespace {

struct Watched {
  Recorder* recorder;
  double loss(const Vector& w, Vector& gradient) const { return (*recorder)(w, gradient); }
};

}  // namespace

Solvers surefoot_solvers() {
  return {{.name = "surefoot",
           .is_peer = false,
           .has_stop_tests = false,
           .takes_first_step = true,
           .run = [](Recorder& objective, Mode, const Start& start) {
             const Result result = minimize(Watched{&objective}, objective.start(),
                                            {.stop = {.max_evaluations = budget}, .first_step = start.first_step});
             return std::string(to_string(result.code));
           }}};
}

}  // namespace surefoot::problems
