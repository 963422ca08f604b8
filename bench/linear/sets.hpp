/// The data sets: real ones from a folder, and generated ones, the same bits at every run.
#pragma once

#include "data.hpp"

namespace surefoot::linear {

/// The files that ../shared/data/README.md describes, as far as this benchmark uses them.
std::vector<Set> shared_sets(const std::string& folder);

/// The files of any folder. Its `sets.txt`, where it has one, names them, a line each, with options as for the app:
///
///     titanic.csv --target survived --drop name,ticket,cabin --text pclass
///     DoctorVisits.tsv --target visits --drop 1 --model poisson
///
/// Without it: every file, by its label (LIBSVM) or its last column.
std::vector<Set> folder_sets(const std::string& folder);

std::vector<Set> generated_sets();

}  // namespace surefoot::linear
