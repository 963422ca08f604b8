// The kernels for processors with AVX2 and FMA; the compiler's options for this file stand in CMakeLists.txt.
#if defined(__AVX2__)

#define SUREFOOT_ISA avx2
#define SUREFOOT_PACK 4
#include "kernels_of_isa.hpp"

namespace surefoot::passes {

extern const Kernels avx2_kernels;
constinit const Kernels avx2_kernels = avx2::make_kernels("avx2");

}  // namespace surefoot::passes

#endif
