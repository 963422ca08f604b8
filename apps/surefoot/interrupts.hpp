/// Ctrl-C and SIGTERM. During a run the first one asks it to end with the best point so far; before and after, and the
/// second time, it ends the program at once. Either way the exit code is 130.
#pragma once

namespace surefoot::app {

void watch_for_interrupts();

/// While one lives, an interrupt is a request and not the end.
class Interruptible {
 public:
  Interruptible();
  ~Interruptible();
  Interruptible(const Interruptible&) = delete;
  Interruptible& operator=(const Interruptible&) = delete;

  bool asked() const;
};

}  // namespace surefoot::app
