/// An Encoding in a model file. Not among the public headers, so that users of the library don't need nlohmann-json.
///
///     nlohmann::json model;
///     model["encoding"] = table.encoding;
///     auto encoding = model.at("encoding").get<surefoot::Encoding>();
///
/// Of a LIBSVM file only what encodes another one is written: the number of columns, not each one's statistics.
#pragma once

#include <nlohmann/json.hpp>

#include "surefoot/data/table.hpp"

namespace surefoot {

void to_json(nlohmann::json& json, const Encoding& encoding);

/// Throws std::invalid_argument where the parts contradict each other, nlohmann's own exceptions where one is absent.
void from_json(const nlohmann::json& json, Encoding& encoding);

}  // namespace surefoot
