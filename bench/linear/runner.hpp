/// Runs peers on a set with a penalty: each at its best setting, by turns.
#pragma once

#include "peers/peer.hpp"

namespace surefoot::linear {

/// A record for each peer and number of threads.
Records run_case(const Case& of, const Peers& peers);

}  // namespace surefoot::linear
