// A trained model as JSON: what LinearModel::save writes and LinearModel::load reads.
#include <nlohmann/json.hpp>

#include "data/encoding_json.hpp"
#include "data/text.hpp"
#include "fit/models.hpp"
#include "surefoot/data/error.hpp"
#include "surefoot/data/write_file.hpp"
#include "surefoot/fit.hpp"
#include "surefoot/version.hpp"

namespace surefoot {
namespace {

using Index = Eigen::Index;
using Numbers = std::vector<double>;

Numbers numbers_of(const Vector& values) { return {values.data(), values.data() + values.size()}; }

Vector vector_of(const Numbers& values) {
  return Eigen::Map<const Vector>(values.data(), static_cast<Index>(values.size()));
}

/// What the file holds contradicts itself, or this version does not know it.
[[noreturn]] void refuse(const std::string& path, const std::string& why) { throw DataError(path, why); }

fitting::ModelChoice kind_of(const std::string& path, const LinearModel& model) {
  try {
    return fitting::make_model(model.model, model.options);
  } catch (const std::invalid_argument& error) {
    refuse(path,
           "it holds a model that this version does not know (" + std::string(error.what()) + "); use a newer one");
  }
}

void check_classes(const std::string& path, const LinearModel& model, const fitting::ModelChoice& kind) {
  const std::size_t count = model.classes.size();
  const bool is_softmax = std::holds_alternative<fitting::SoftmaxLoss>(kind.loss);
  const bool fits = !kind.classifies() ? count == 0 : is_softmax ? count >= 2 : count == 2;
  if (fits) return;
  refuse(path, "a " + model.model + " model with " + std::to_string(count) + " classes is none; train the model again");
}

void read_coefficients(const std::string& path, const nlohmann::json& json, LinearModel& model) {
  const auto listed = json.value("coefficients", nlohmann::json::array());
  const std::size_t columns = model.encoding.features.size();
  if (listed.size() != columns) {
    refuse(path, "it has " + std::to_string(listed.size()) + " coefficients for " + std::to_string(columns) +
                     " columns; train the model again");
  }
  if (model.model != fitting::SoftmaxLoss::name) {
    model.intercept = json.at("intercept").get<double>();
    model.coefficients.resize(static_cast<Index>(columns));
    for (std::size_t j = 0; j < columns; ++j) {
      model.coefficients[static_cast<Index>(j)] = listed[j].at("value").get<double>();
    }
    return;
  }
  const auto classes = static_cast<Index>(model.classes.size());
  const auto one_a_class = [&](const nlohmann::json& values) {
    const Vector read = vector_of(values.get<Numbers>());
    if (read.size() != classes) refuse(path, "it does not have a coefficient for each class; train the model again");
    return read;
  };
  model.class_intercepts = one_a_class(json.at("intercepts"));
  model.class_coefficients.resize(static_cast<Index>(columns), classes);
  for (std::size_t j = 0; j < columns; ++j) {
    model.class_coefficients.row(static_cast<Index>(j)) = one_a_class(listed[j].at("values")).transpose();
  }
}

LinearModel model_from(const std::string& path, const nlohmann::json& json) {
  LinearModel model;
  model.model = json.at("model").get<std::string>();
  const auto options = json.value("options", nlohmann::json::object());
  for (const auto& [option, value] : options.items()) {
    model.options.emplace_back(option, value.get<double>());
  }
  const fitting::ModelChoice kind = kind_of(path, model);
  model.classes = json.value("classes", std::vector<std::string>{});
  check_classes(path, model, kind);
  model.encoding = json.at("encoding").get<Encoding>();
  read_coefficients(path, json, model);
  return model;
}

}  // namespace

void LinearModel::save(const std::string& path) const {
  nlohmann::ordered_json json;
  json["surefoot"] = version;
  json["model"] = model;
  for (const auto& [option, value] : options) json["options"][option] = value;
  json["target"] = encoding.target_name;
  if (!classes.empty()) json["classes"] = classes;
  const bool is_softmax = model == fitting::SoftmaxLoss::name;
  if (is_softmax) {
    json["intercepts"] = numbers_of(class_intercepts);
  } else {
    json["intercept"] = intercept;
  }
  for (std::size_t j = 0; j < encoding.features.size(); ++j) {
    const auto at = static_cast<Index>(j);
    nlohmann::ordered_json entry{{"name", encoding.features[j].name}};
    if (is_softmax) {
      entry["values"] = numbers_of(class_coefficients.row(at).transpose());
    } else {
      entry["value"] = coefficients[at];
    }
    json["coefficients"].push_back(std::move(entry));
  }
  json["encoding"] = nlohmann::json(encoding);
  write_file(path, json.dump(1) + "\n");
}

LinearModel LinearModel::load(const std::string& path) {
  const data::Text text = data::Text::load(path);
  try {
    return model_from(path, nlohmann::json::parse(text.begin(), text.end()));
  } catch (const DataError&) {
    throw;
  } catch (const std::exception& error) {  // of nlohmann's, or what an encoding that contradicts itself throws
    throw DataError(path, std::string("it is not a model that surefoot wrote (") + error.what() +
                              "); give the file that `train --save` made");
  }
}

}  // namespace surefoot
