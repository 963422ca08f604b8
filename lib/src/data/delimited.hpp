/// CSV, TSV, semicolons and columns of blanks.
#pragma once

#include "format.hpp"
#include "surefoot/data/read.hpp"
#include "text.hpp"

namespace surefoot::data {

Table read_delimited(const Text& text, const Format& format, const ReadOptions& options);
Table read_delimited(const Text& text, const Format& format, const Encoding& as, const ReadOptions& options);

}  // namespace surefoot::data
