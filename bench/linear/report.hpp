/// The table.
#pragma once

#include <iosfwd>

#include "record.hpp"

namespace surefoot::linear {

enum class Figure { median, fastest };

/// `about`: a line of the machine and the versions, which stands above it.
void write_table(std::ostream& out, const std::string& about, const Records& records, Figure figure);

}  // namespace surefoot::linear
