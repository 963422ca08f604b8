#include "interrupts.hpp"

#include <unistd.h>

#include <csignal>

#include "exit_codes.hpp"

namespace surefoot::app {
namespace {

// A handler may touch little else.
volatile std::sig_atomic_t can_wait = 0;
volatile std::sig_atomic_t was_asked = 0;

extern "C" void on_interrupt(int) {
  if (!can_wait || was_asked) _exit(interrupted);
  was_asked = 1;
}

}  // namespace

void watch_for_interrupts() {
  struct sigaction action {};
  action.sa_handler = on_interrupt;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

Interruptible::Interruptible() { can_wait = 1; }
Interruptible::~Interruptible() { can_wait = 0; }
bool Interruptible::asked() const { return was_asked != 0; }

}  // namespace surefoot::app
