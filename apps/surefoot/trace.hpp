/// The run, event by event: what `train --trace` writes. As CSV, or as JSON lines where the file's name ends in .jsonl.
#pragma once

#include <string>

#include "surefoot/loop/event.hpp"
#include "surefoot/loop/result.hpp"

namespace surefoot::app {

class Trace {
 public:
  explicit Trace(const std::string& path) : json_(path.ends_with(".jsonl")), text_(json_ ? "" : header) {}
  void add(const Event& event);
  /// The last row, with the reason why the run ended.
  void finish(const Result& result);
  const std::string& text() const { return text_; }

 private:
  static constexpr const char* header = "iteration,evaluations,loss,gradient_norm,step,tries,event,cause,why,seconds\n";
  bool json_;
  std::string text_;
};

/// Iteration 0 is the start; what happens on the way to the k-th step belongs to iteration k.
int iteration_of(const Event& event);

}  // namespace surefoot::app
