#include "runner.hpp"

#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <exception>
#include <new>
#include <stdexcept>

#include "recorder.hpp"

namespace surefoot::problems {

namespace {

Tape* shared_tape() {
  void* memory = mmap(nullptr, sizeof(Tape), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  return static_cast<Tape*>(memory);
}

[[noreturn]] void work(const Job& job, Tape& tape) {
  const rlimit limit{cpu_seconds, cpu_seconds};
  setrlimit(RLIMIT_CPU, &limit);
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  std::string ended;
  try {
    // Ours runs to its own end: how many calls it spends after the minimum is reached is reported too.
    const bool to_the_end = job.mode == Mode::standard || !job.solver->is_peer;
    Recorder recorder(*job.problem, tape, to_the_end);
    ended = job.solver->run(recorder, job.mode, job.start);
  } catch (const std::exception& error) {
    ended = std::string("threw: ") + error.what();
  }
  std::snprintf(tape.ended, sizeof tape.ended, "%s", ended.c_str());
  _exit(0);
}

Run read_off(const Job& job, const Tape& tape, int status, const rusage& usage) {
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  Run run{.solver = job.solver->name,
          .mode = job.mode,
          .problem = job.problem->name,
          .calls = tape.calls,
          .seconds = seconds(usage.ru_utime) + seconds(usage.ru_stime),
          .ended = tape.ended,
          .start_loss = job.problem->start_loss(),
          .slope_left = tape.slope_left,
          .improvements = {tape.improvements, tape.improvements + tape.length}};
  for (char& letter : run.ended) {
    if (letter == '\t' || letter == '\n') letter = ' ';
  }
  if (WIFSIGNALED(status)) {
    const int signal = WTERMSIG(status);
    run.ended = signal == SIGKILL || signal == SIGXCPU ? "time limit" : "crashed: signal " + std::to_string(signal);
  }
  return run;
}

}  // namespace

Runs run_all(const std::vector<Job>& jobs, int processes) {
  struct Slot {
    pid_t process = 0;
    std::size_t job = 0;
    Tape* tape = shared_tape();
  };
  std::vector<Slot> slots(static_cast<std::size_t>(processes));
  Runs runs(jobs.size());
  std::fflush(stdout);

  std::size_t next = 0, done = 0;
  while (done < jobs.size()) {
    for (Slot& slot : slots) {
      if (slot.process != 0 || next == jobs.size()) continue;
      slot.job = next++;
      new (slot.tape) Tape{};
      slot.process = fork();
      if (slot.process < 0) throw std::runtime_error("fork failed");
      if (slot.process == 0) work(jobs[slot.job], *slot.tape);
    }
    int status = 0;
    rusage usage{};
    const pid_t ended = wait4(-1, &status, 0, &usage);
    for (Slot& slot : slots) {
      if (slot.process != ended) continue;
      runs[slot.job] = read_off(jobs[slot.job], *slot.tape, status, usage);
      slot.process = 0;
      if (++done % 100 == 0) std::fprintf(stderr, "%zu of %zu runs\n", done, jobs.size());
    }
  }
  for (Slot& slot : slots) munmap(slot.tape, sizeof(Tape));
  return runs;
}

}  // namespace surefoot::problems
