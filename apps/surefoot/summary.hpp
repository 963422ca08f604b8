/// A trained model in words: what was read, what was fitted and why, how it ended, how good it is.
#pragma once

#include <string>
#include <vector>

#include "surefoot/data/table.hpp"
#include "surefoot/fit.hpp"

namespace surefoot::app {

// Texts of several lines, without the last one's line feed.

/// What was read, and what was decided on the way.
std::string describe_table(const Table& table);

/// All else, for people, in the user's own units.
std::string describe_fit(const Table& table, const Fit& fit, const FitOptions& options, double read_seconds);

/// One line where a run ended otherwise than well, for those who asked for silence too; else empty.
std::string warning_of(const Fit& fit);

/// A feature as people call it: "age", "sex = female", "column 7" where the file has no names.
std::string called(const Encoding& encoding, const Feature& feature);

/// The target's name, quoted, or "column 7"; "the label" of a LIBSVM file.
std::string target_called(const Encoding& encoding);

}  // namespace surefoot::app
