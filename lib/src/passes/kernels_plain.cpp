// The kernels for any processor: packs of two doubles, which every 64-bit one has.
#define SUREFOOT_ISA plain
#define SUREFOOT_PACK 2
#include "kernels_of_isa.hpp"

namespace surefoot::passes {

extern const Kernels plain_kernels;
constinit const Kernels plain_kernels = plain::make_kernels("plain");

}  // namespace surefoot::passes
