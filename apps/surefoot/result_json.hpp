/// A trained model and its run as the one JSON object of `train --json`.
#pragma once

#include <nlohmann/json.hpp>

#include "surefoot/data/table.hpp"
#include "surefoot/fit.hpp"

namespace surefoot::app {

nlohmann::ordered_json json_of(const Table& table, const Fit& fit, const FitOptions& options, double read_seconds);

}  // namespace surefoot::app
