/// How the program ends: scripts rely on these numbers.
#pragma once

namespace surefoot::app {

enum ExitCode : int {
  done = 0,           // also stalled (with a warning) and out of budget (with a note)
  failed = 1,         // nothing finite was reached
  usage = 2,          // the command line can't be meant
  bad_data = 65,      // EX_DATAERR of sysexits.h
  cannot_read = 66,   // EX_NOINPUT
  cannot_write = 73,  // EX_CANTCREAT
  interrupted = 130   // 128 + SIGINT, after saving what was asked for
};

}  // namespace surefoot::app
