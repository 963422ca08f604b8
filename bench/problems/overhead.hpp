/// What an iteration costs beside the objective, in nanoseconds, ours and liblbfgs's.
#pragma once

#include <iostream>

namespace surefoot::problems {

/// Medians of repeated runs of equally many iterations, less the calls they made times what a call takes alone.
void write_overhead(std::ostream& out);

}  // namespace surefoot::problems
