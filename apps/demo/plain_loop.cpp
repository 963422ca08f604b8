// The loop that everybody writes first: w -= step * gradient, with a step that somebody guessed and nothing that looks
// after it. apps/demo.sh runs it to show what surefoot is for; the loss and its gradient are surefoot's own.
//
//   plain_loop FILE TARGET least-squares|logistic STEP STEPS     prints the start's loss, the highest and the last one
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <surefoot/surefoot.hpp>

namespace {

std::string shown(double loss) { return std::isnan(loss) ? "NaN" : surefoot::number(loss); }

template <class Model>
void descend(Model model, double step, long steps) {
  const Eigen::Index size = model.columns() + 1;
  Eigen::VectorXd w = Eigen::VectorXd::Zero(size), gradient(size);
  const double start = model.loss(w, gradient);
  double loss = start, highest = start;
  for (long k = 0; k < steps; ++k) {
    w -= step * gradient;
    loss = model.loss(w, gradient);
    highest = std::max(highest, loss);  // keeps the larger where the loss is NaN
  }
  std::printf("%s %s %s\n", shown(start).c_str(), shown(highest).c_str(), shown(loss).c_str());
}

}  // namespace

int main(int count, char** values) try {
  if (count != 6) throw std::invalid_argument("plain_loop FILE TARGET least-squares|logistic STEP STEPS");
  const std::string file = values[1], target = values[2], name = values[3];
  const double step = std::atof(values[4]);
  const long steps = std::atol(values[5]);

  const auto table = surefoot::read(file, {.target = target});
  const auto& x = std::get<surefoot::DenseMatrix>(table.x);
  if (name == "logistic") {
    descend(surefoot::Logistic{x, table.y, {.l2 = 1e-3}}, step, steps);
  } else if (name == "least-squares") {
    descend(surefoot::LeastSquares{x, table.y, {.l2 = 1e-3}}, step, steps);
  } else {
    throw std::invalid_argument("there is no model '" + name + "'");
  }
} catch (const std::exception& error) {
  std::fprintf(stderr, "plain_loop: %s\n", error.what());
  return 1;
}
