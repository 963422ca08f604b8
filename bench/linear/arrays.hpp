/// Arrays in numpy's own file format, for the peers and the reference in Python.
#pragma once

#include <string>

#include "data.hpp"

namespace surefoot::linear {

/// Writes the fitted columns and the target into a folder: `X.npy`, or `values.npy`, `columns.npy` and `starts.npy` of
/// compressed rows with `shape.npy`; and `y.npy`.
void write_arrays(const std::string& folder, const Data& data);

/// A matrix of doubles that numpy wrote. Throws std::runtime_error if it is anything else.
Eigen::MatrixXd read_array(const std::string& path);

}  // namespace surefoot::linear
