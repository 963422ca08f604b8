#include "recorder.hpp"

#include <unistd.h>

#include <cstdio>
#include <cstring>

namespace surefoot::problems {

Recorder::Recorder(const Problem& problem, Tape& tape, bool to_the_end)
    : problem_(problem), tape_(tape), to_the_end_(to_the_end), w_(problem.start), gradient_(problem.start.size()) {
  const double first = problem.evaluate(problem.start, gradient_);
  start_slope_ = gradient_.lpNorm<Eigen::Infinity>();
  good_enough_ = problem.minimum + 1e-11 * (first - problem.minimum);
  tape_.best = infinity;
  tape_.slope_left = 1;
}

double Recorder::operator()(const double* w, double* gradient) {
  const Eigen::Map<const Vector> asked(w, size());
  if (asked_ && asked == w_) {
    if (++repeats_ > 1000) end("asked the same again and again");
  } else {
    repeats_ = 0;
    asked_ = true;
    w_ = asked;
    evaluate();
  }
  if (gradient != nullptr) Eigen::Map<Vector>(gradient, size()) = gradient_;
  return loss_;
}

double Recorder::operator()(const Vector& w, Vector& gradient) {
  gradient.resize(size());
  return (*this)(w.data(), gradient.data());
}

double Recorder::loss(const double* w) { return (*this)(w, nullptr); }

void Recorder::evaluate() {
  if (tape_.calls == budget) end("budget");
  ++tape_.calls;
  loss_ = problem_.evaluate(w_, gradient_);
  if (std::isfinite(loss_) && loss_ < tape_.best) note(loss_);
}

void Recorder::note(double loss) {
  tape_.best = loss;
  tape_.slope_left = gradient_.lpNorm<Eigen::Infinity>() / start_slope_;
  // Every improvement up to 1000 calls, then one a thousandth of the calls: the last entry always is the best loss,
  // and no count is off by more than that.
  const auto is_close = [this](long before) { return tape_.calls > 1000 && real(tape_.calls) < 1.001 * real(before); };
  const bool replaces = tape_.length > 1 && is_close(tape_.improvements[tape_.length - 2].calls);
  if (!replaces && tape_.length < Tape::capacity) ++tape_.length;
  tape_.improvements[tape_.length - 1] = {tape_.calls, loss};
  if (!to_the_end_ && loss <= good_enough_) end("minimum");
}

void Recorder::end(const char* why) {
  std::snprintf(tape_.ended, sizeof tape_.ended, "%s", why);
  _exit(0);
}

}  // namespace surefoot::problems
