#include "surefoot/loop/event.hpp"

#include <nlohmann/json.hpp>

namespace surefoot {

std::string to_json(const Event& event) {
  nlohmann::ordered_json json;
  const auto put = [&](const char* name, double value) {
    if (std::isfinite(value)) {
      json[name] = value;
    } else {
      json[name] = std::isnan(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
    }
  };
  const auto put_if_known = [&](const char* name, double value) {
    if (!std::isnan(value)) put(name, value);
  };
  json["event"] = to_string(event.kind);
  if (event.cause != Cause::none) json["cause"] = to_string(event.cause);
  json["iteration"] = event.iteration;
  json["evaluations"] = event.evaluations;
  if (event.kind != Event::Kind::restart && event.kind != Event::Kind::cap) put("loss", event.loss);
  put_if_known("previous_loss", event.previous_loss);
  if (event.kind == Event::Kind::step || event.kind == Event::Kind::start) put("gradient_norm", event.gradient_max);
  put_if_known("step", event.step);
  put_if_known("previous_step", event.previous_step);
  put_if_known("next_step", event.next_step);
  if (event.kind == Event::Kind::rollback) put("factor", event.factor);
  if (event.tries > 0) json["tries"] = event.tries;
  json["rollbacks"] = event.rollbacks;
  json["seconds"] = event.seconds;
  json["text"] = describe(event);
  return json.dump();
}

}  // namespace surefoot
