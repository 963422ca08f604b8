/// The run as a CSV file, a row for each event: what `train --trace` writes.
#pragma once

#include <string>

#include "surefoot/loop/observer.hpp"

namespace surefoot::app {

class Trace {
 public:
  void add(const Event& event);
  /// The last row, with the reason why the run ended.
  void finish(const Result& result);
  const std::string& csv() const { return csv_; }

 private:
  std::string csv_ = "iteration,evaluations,loss,gradient_norm,step,tries,event,cause,why,seconds\n";
};

/// Iteration 0 is the start; what happens on the way to the k-th step belongs to iteration k.
int iteration_of(const Event& event);

/// "rose", "not_finite", …; empty for none.
const char* to_string(Cause cause);

}  // namespace surefoot::app
