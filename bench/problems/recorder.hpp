/// Stands between a solver and the problem: counts calls, keeps the best loss so far, and ends the process when the
/// budget is spent. Every solver sees the objective through it, so all are counted alike.
#pragma once

#include "collection/problem.hpp"
#include "record.hpp"

namespace surefoot::problems {

/// What the run in a child process leaves to its parent, in shared memory.
struct Tape {
  static constexpr long capacity = 8192;
  long calls;
  long length;
  double best;
  double slope_left;
  char ended[96];
  Improvement improvements[capacity];
};

class Recorder {
 public:
  Recorder(const Problem& problem, Tape& tape, bool to_the_end);

  /// Loss at `w`, and its gradient. To ask again at the point asked last costs nothing: some libraries ask for the loss
  /// and then for the gradient, or forget what they had.
  double operator()(const Vector& w, Vector& gradient);
  double operator()(const double* w, double* gradient);
  double loss(const double* w);

  Index size() const { return problem_.start.size(); }
  const Vector& start() const { return problem_.start; }

 private:
  void evaluate();
  void note(double loss);
  [[noreturn]] void end(const char* why);

  const Problem& problem_;
  Tape& tape_;
  bool to_the_end_;     // also past a minimum that is known
  double good_enough_;  // below it no score changes any more
  double start_slope_;
  bool asked_ = false;
  int repeats_ = 0;  // at the same point, in a row
  Vector w_{}, gradient_{};
  double loss_ = not_a_number;
};

}  // namespace surefoot::problems
