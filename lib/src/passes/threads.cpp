#include "surefoot/passes/threads.hpp"

#include <oneapi/tbb/info.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/task_arena.h>

#include <algorithm>
#include <map>
#include <mutex>

namespace surefoot::passes {
namespace {

/// Kept: to make one for each pass costs 10 to 40 µs, mostly the wait for its threads to leave at the end.
oneapi::tbb::task_arena& arena_of(int threads) {
  // Never destroyed: a pass may run while the program ends, and nothing says that TBB is still there by then.
  static auto& arenas = *new std::map<int, oneapi::tbb::task_arena>;
  static std::mutex one_at_a_time;
  const std::lock_guard lock(one_at_a_time);
  return arenas.try_emplace(threads, threads).first->second;
}

}  // namespace

void run_pieces(int threads, std::ptrdiff_t pieces, Piece piece, void* work) {
  // More than there are would only be warned of.
  arena_of(std::min(threads, available_threads())).execute([=] {
    oneapi::tbb::parallel_for(
        oneapi::tbb::blocked_range<std::ptrdiff_t>(0, pieces, 1),
        [=](const auto& range) {
          for (std::ptrdiff_t i = range.begin(); i != range.end(); ++i) piece(work, i);
        },
        oneapi::tbb::simple_partitioner{});
  });
}

int available_threads() { return oneapi::tbb::info::default_concurrency(); }

}  // namespace surefoot::passes
