#include "result_json.hpp"

#include <cmath>

#include "surefoot/version.hpp"

namespace surefoot::app {
namespace {

using Json = nlohmann::ordered_json;

/// JSON has neither NaN nor Inf.
Json finite(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

/// Nothing, where a text is empty.
Json some(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

void add_run(const Fit& fit, double read_seconds, Json& json) {
  const Result& result = fit.result;
  json["status"] = to_string(result.status);
  json["code"] = to_string(result.code);
  json["reason"] = result.reason;
  json["loss"] = finite(result.loss);
  json["data_loss"] = finite(fit.data_loss);
  json["duality_gap"] = fit.duality_gap ? finite(*fit.duality_gap) : Json(nullptr);
  json["gradient_norm"] = finite(result.gradient_norm);
  json["iterations"] = result.iterations;
  json["loss_evaluations"] = result.loss_evaluations;
  json["gradient_evaluations"] = result.gradient_evaluations;
  json["ray_trials"] = fit.ray_trials;
  json["hessian_products"] = result.hessian_products;
  json["passes"] = fit.passes;
  json["rollbacks"] = result.rollbacks;
  json["seconds"] = fit.seconds;
  json["read_seconds"] = read_seconds;
  json["step"] = finite(result.step);
  json["strategy"] = fit.strategy;
  json["direction"] = fit.direction;
  json["coordinates"] = fit.coordinates;
  json["why_solver"] = fit.why_solver;
  json["threads"] = fit.threads;
  json["resumed_at"] = 0;
  json["version"] = version;
  json["start_loss"] = finite(result.start_loss);
  json["start_gradient_norm"] = finite(result.start_gradient_norm);
  json["trials_not_finite"] = result.trials_not_finite;
  json["step_too_small"] = finite(result.step_too_small);
}

void add_model(const Fit& fit, const FitOptions& options, Json& json) {
  json["model"] = fit.trained.model;
  json["why_model"] = fit.why_model;
  json["model_options"] = Json::object();
  for (const auto& [option, value] : fit.trained.options) json["model_options"][option] = value;
  json["scale"] = fit.scale;
  json["l1"] = options.l1;
  json["l2"] = options.l2;
  json["class_weight"] = some(options.class_weight);
  json["zero_coefficients"] = (fit.fitted_weights.array() == 0).count();
}

void add_measures(const Fit& fit, Json& json) {
  if (!fit.trained.classes.empty()) {
    json["classes"] = fit.trained.classes;
    json["accuracy"] = finite(fit.accuracy);
    json["most_frequent"] = finite(fit.most_frequent);
    json["separated"] = fit.separated;
    return;
  }
  json["r2"] = finite(fit.r2);
  json["rmse"] = finite(fit.rmse);
  if (fit.trained.model == "quantile") json["share_below"] = finite(fit.share_below);
  if (fit.trained.model == "poisson") json["deviance_explained"] = finite(fit.deviance_explained);
}

void add_data(const Table& table, const Fit& fit, Json& json) {
  const Encoding& encoding = table.encoding;
  json["rows"] = table.rows();
  json["columns"] = table.columns();
  json["target"] = encoding.target_name;
  json["weights"] = nullptr;
  if (encoding.weights_index > 0) {
    json["weights"] = encoding.columns[static_cast<std::size_t>(encoding.weights_index) - 1].name;
  }
  json["format"] = table.format;
  json["rows_left_out"] = table.rows_left_out;
  json["missing_cells"] = table.missing_cells;
  json["notes"] = table.notes;
  for (const auto& note : fit.notes) json["notes"].push_back(note);
}

}  // namespace

nlohmann::ordered_json json_of(const Table& table, const Fit& fit, const FitOptions& options, double read_seconds) {
  Json json;
  add_run(fit, read_seconds, json);
  add_model(fit, options, json);
  add_measures(fit, json);
  add_data(table, fit, json);
  return json;
}

}  // namespace surefoot::app
