#include "fit/models.hpp"

#include <stdexcept>

#include "specification.hpp"

namespace surefoot::fitting {
namespace {

/// One of each, with its defaults.
template <std::size_t... at>
std::vector<AnyLoss> all_losses(std::index_sequence<at...>) {
  return {AnyLoss(std::in_place_index<at>)...};
}
std::vector<AnyLoss> all_losses() { return all_losses(std::make_index_sequence<std::variant_size_v<AnyLoss>>{}); }

ModelChoice find(const std::string& name) {
  for (const AnyLoss& loss : all_losses()) {
    ModelChoice model{loss};
    if (model.name() == name) return model;
  }
  throw std::invalid_argument("there is no model '" + name + "'; there are " + joined(model_names()));
}

/// Sets an option by its name; false if there is none of that name.
bool set_option(ModelChoice& model, const std::string& option, double value) {
  const bool found = std::visit(
      [&]<class Loss>(Loss& loss) {
        if constexpr (has_options<Loss>) return set_parameter(loss, Loss::name, option, value);
        return false;
      },
      model.loss);
  if (found) model.given.push_back(option);
  return found;
}

std::vector<std::string> option_names(const ModelChoice& model) {
  std::vector<std::string> names;
  for (const auto& [name, value] : model.options()) names.push_back(name);
  return names;
}

}  // namespace

std::vector<std::pair<std::string, double>> ModelChoice::options() const {
  std::vector<std::pair<std::string, double>> all;
  std::visit(
      [&]<class Loss>(const Loss& held) {
        if constexpr (has_options<Loss>) {
          Loss::parameters(held, [&](std::string_view option, double value, const Range&, std::string_view) {
            all.emplace_back(option, value);
          });
        }
      },
      loss);
  return all;
}

std::vector<std::string> model_names() {
  std::vector<std::string> names;
  for (const AnyLoss& loss : all_losses()) names.push_back(ModelChoice{loss}.name());
  return names;
}

ModelChoice make_model(const std::string& specification) {
  const Specification asked = parse_specification(specification);
  ModelChoice model = find(asked.name);
  if (!asked.options) return model;
  set_options(
      asked.name, *asked.options,
      [&](const std::string& option, double value) { return set_option(model, option, value); },
      [&] { return option_names(model); });
  return model;
}

ModelChoice make_model(const std::string& name, const std::vector<std::pair<std::string, double>>& options) {
  ModelChoice model = find(name);
  for (const auto& [option, value] : options) {
    if (!set_option(model, option, value)) {
      throw std::invalid_argument(name + " has no option '" + option + "'; it has " + joined(option_names(model)));
    }
  }
  return model;
}

}  // namespace surefoot::fitting
