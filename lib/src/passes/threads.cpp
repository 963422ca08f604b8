#include "surefoot/passes/threads.hpp"

#include <oneapi/tbb/info.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/task_arena.h>

#include <algorithm>

namespace surefoot::passes {

void run_pieces(int threads, std::ptrdiff_t pieces, Piece piece, void* work) {
  // More than there are would only be warned of.
  oneapi::tbb::task_arena arena(std::min(threads, available_threads()));
  arena.execute([=] {
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
