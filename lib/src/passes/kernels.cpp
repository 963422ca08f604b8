#include "surefoot/passes/kernels.hpp"

#include <algorithm>
#include <array>

namespace surefoot::passes {

extern const Kernels plain_kernels;
#if defined(SUREFOOT_X86_KERNELS)
extern const Kernels avx2_kernels, avx512_kernels;
#endif

namespace {

struct Available {
  std::array<const Kernels*, 3> kernels{};
  int count = 0;

  Available() {
    add(plain_kernels);
#if defined(SUREFOOT_X86_KERNELS)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) add(avx2_kernels);
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512vl"))
      add(avx512_kernels);
#endif
  }
  void add(const Kernels& more) { kernels[static_cast<std::size_t>(count++)] = &more; }
};

const Available& available() {
  static const Available found;
  return found;
}

}  // namespace

const Kernels& kernels() {
  static const Kernels& best = *available().kernels[static_cast<std::size_t>(available().count - 1)];
  return best;
}

const Kernels* const* all_kernels(int& count) {
  count = available().count;
  return available().kernels.data();
}

Index gram_scratch(Index size) {
  // Of the widest tiles, 16 columns, whichever instruction set runs; 8 rows at least.
  const Index padded = (size + 15) / 16 * 16;
  return std::max<Index>(padded * 8, gram_block_size);
}

}  // namespace surefoot::passes
