/// LIBSVM and SVMlight: LABEL INDEX:VALUE INDEX:VALUE … # comment
#pragma once

#include "surefoot/data/read.hpp"
#include "text.hpp"

namespace surefoot::data {

Table read_libsvm(const Text& text, const ReadOptions& options);
Table read_libsvm(const Text& text, const Encoding& as, const ReadOptions& options);

}  // namespace surefoot::data
