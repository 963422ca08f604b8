#include "encoding_json.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

#include "columns.hpp"

namespace surefoot {
namespace {

using data::why_left_out;
using data::Wish;

const std::array<std::pair<ColumnKind, const char*>, 3> kind_names{
    {{ColumnKind::number, "number"}, {ColumnKind::text, "text"}, {ColumnKind::left_out, "left-out"}}};

std::string name_of(ColumnKind kind) {
  for (const auto& [known, name] : kind_names) {
    if (known == kind) return name;
  }
  return "number";
}

[[noreturn]] void refuse(const std::string& field, const std::string& value, const std::string& range) {
  throw std::invalid_argument("encoding." + field + " is " + value + "; it must be " + range);
}

ColumnKind kind_named(const std::string& wanted) {
  for (const auto& [kind, name] : kind_names) {
    if (wanted == name) return kind;
  }
  refuse("columns.kind", "'" + wanted + "'", "number, text or left-out");
}

nlohmann::json json_of(const Column& column) {
  nlohmann::json json{
      {"name", column.name}, {"kind", name_of(column.kind)}, {"missing", column.missing}, {"why", column.why}};
  if (column.kind == ColumnKind::text) json["levels"] = column.levels;
  if (column.kind == ColumnKind::number) {
    json["min"] = column.min;
    json["max"] = column.max;
    json["mean"] = column.mean;
    json["deviation"] = column.deviation;
  }
  return json;
}

Column column_from(const nlohmann::json& json, int index) {
  Column column;
  json.at("name").get_to(column.name);
  column.index = index;
  column.kind = kind_named(json.at("kind").get<std::string>());
  column.missing = json.value("missing", 0L);
  column.why = json.value("why", "");
  if (column.kind == ColumnKind::text) json.at("levels").get_to(column.levels);
  if (column.kind == ColumnKind::number) {
    json.at("min").get_to(column.min);
    json.at("max").get_to(column.max);
    json.at("mean").get_to(column.mean);
    json.at("deviation").get_to(column.deviation);
  }
  return column;
}

void sparse_to_json(nlohmann::json& json, const Encoding& encoding) {
  std::vector<int> dropped, not_kept;
  for (const Column& column : encoding.columns) {
    if (column.kind != ColumnKind::left_out || column.index == encoding.weights_index) continue;
    (column.why == why_left_out(Wish::not_kept) ? not_kept : dropped).push_back(column.index);
  }
  json["columns"] = encoding.columns.size();
  json["index_base"] = encoding.index_base;
  json["dropped"] = dropped;
  if (!not_kept.empty()) json["not_kept"] = not_kept;
}

void sparse_from_json(const nlohmann::json& json, Encoding& encoding) {
  const auto count = json.at("columns").get<long>();
  json.at("index_base").get_to(encoding.index_base);
  constexpr long most = 2147483646;
  if (count < 1 || count > most) refuse("columns", std::to_string(count), "from 1 to " + std::to_string(most));
  const int base = encoding.index_base;
  if (base != 0 && base != 1) refuse("index_base", std::to_string(base), "0 or 1");
  encoding.columns.resize(static_cast<std::size_t>(count));
  for (std::size_t j = 0; j < encoding.columns.size(); ++j) {
    Column& column = encoding.columns[j];
    column.name = std::to_string(static_cast<long>(j) + base);
    column.index = static_cast<int>(j) + 1;
    column.why = "LIBSVM value";
  }
  const auto leave_out = [&](const std::string& field, const std::vector<long>& indices, Wish wish) {
    for (const long index : indices) {
      if (index < 1 || index > count) refuse(field, std::to_string(index), "from 1 to " + std::to_string(count));
      Column& column = encoding.columns[static_cast<std::size_t>(index) - 1];
      column.kind = ColumnKind::left_out;
      column.why = why_left_out(wish);
    }
  };
  leave_out("dropped", json.at("dropped").get<std::vector<long>>(), Wish::drop);
  leave_out("not_kept", json.value("not_kept", std::vector<long>{}), Wish::not_kept);
  if (encoding.weights_index > 0) leave_out("weights_index", {encoding.weights_index}, Wish::weights);
}

void table_from_json(const nlohmann::json& json, Encoding& encoding) {
  json.at("named").get_to(encoding.named);
  json.at("target_index").get_to(encoding.target_index);
  int index = 0;
  for (const auto& column : json.at("columns")) encoding.columns.push_back(column_from(column, ++index));
  const int target = encoding.target_index;
  if (target < 0 || target > index) {
    refuse("target_index", std::to_string(target), "from 0 to " + std::to_string(index));
  }
  if (target > 0) encoding.classes = encoding.columns[static_cast<std::size_t>(target) - 1].levels;
  if (encoding.weights_index > index) {
    refuse("weights_index", std::to_string(encoding.weights_index), "from 1 to " + std::to_string(index));
  }
}

}  // namespace

void to_json(nlohmann::json& json, const Encoding& encoding) {
  json = nlohmann::json{{"sparse_format", encoding.sparse_format}, {"target", encoding.target_name}};
  if (encoding.weights_index > 0) json["weights_index"] = encoding.weights_index;
  if (encoding.sparse_format) {
    sparse_to_json(json, encoding);
    return;
  }
  json["named"] = encoding.named;
  json["target_index"] = encoding.target_index;
  json["columns"] = nlohmann::json::array();
  for (const Column& column : encoding.columns) json["columns"].push_back(json_of(column));
}

void from_json(const nlohmann::json& json, Encoding& encoding) {
  Encoding read;
  json.at("sparse_format").get_to(read.sparse_format);
  json.at("target").get_to(read.target_name);
  read.weights_index = json.value("weights_index", 0);
  if (read.weights_index < 0) refuse("weights_index", std::to_string(read.weights_index), "0 or more");
  if (read.sparse_format) {
    sparse_from_json(json, read);
  } else {
    table_from_json(json, read);
  }
  // Not written: they follow from the columns.
  read.features = data::features_of(read);
  if (read.features.empty()) refuse("columns", "without a feature", "a list with at least one number or text");
  encoding = std::move(read);
}

}  // namespace surefoot
