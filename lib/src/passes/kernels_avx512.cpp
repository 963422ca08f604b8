// The kernels for processors with AVX-512 (F, DQ, BW, VL); the compiler's options for this file stand in CMakeLists.txt.
#if defined(__AVX512F__)

#define SUREFOOT_ISA avx512
#define SUREFOOT_PACK 8
#include "kernels_of_isa.hpp"

namespace surefoot::passes {

extern const Kernels avx512_kernels;
constinit const Kernels avx512_kernels = avx512::make_kernels("avx512");

}  // namespace surefoot::passes

#endif
