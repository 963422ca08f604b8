/// The models that `fit` knows by name, each with its loss.
///
///   ModelChoice asked = make_model("huber:delta=1.35");
///   std::visit([&](const auto& loss) { … }, asked.loss);
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "surefoot/models/huber.hpp"
#include "surefoot/models/least_squares.hpp"
#include "surefoot/models/logistic.hpp"
#include "surefoot/models/poisson.hpp"
#include "surefoot/models/quantile.hpp"
#include "surefoot/models/squared_hinge.hpp"

namespace surefoot::fitting {

/// Softmax has a margin for each class, so it is no loss of one margin: objectives/softmax.hpp.
struct SoftmaxLoss {
  static constexpr std::string_view name = "softmax";
};

using AnyLoss =
    std::variant<LeastSquaresLoss, HuberLoss, QuantileLoss, LogisticLoss, SoftmaxLoss, PoissonLoss, SquaredHingeLoss>;

template <class Loss>
inline constexpr bool is_softmax = std::is_same_v<Loss, SoftmaxLoss>;

/// Its target is one of two classes.
template <class Loss>
inline constexpr bool is_binary = std::is_same_v<Loss, LogisticLoss> || std::is_same_v<Loss, SquaredHingeLoss>;

template <class Loss>
inline constexpr bool has_options = requires(Loss loss) {
  Loss::parameters(loss, [](auto&&...) {});
};

struct ModelChoice {
  AnyLoss loss{};
  std::vector<std::string> given{};  // the options that were set

  std::string name() const {
    return std::visit([](const auto& held) { return std::string(held.name); }, loss);
  }
  bool is_given(std::string_view option) const { return std::find(given.begin(), given.end(), option) != given.end(); }
  bool classifies() const {
    return std::visit([]<class Loss>(const Loss&) { return is_softmax<Loss> || is_binary<Loss>; }, loss);
  }
  /// The options with their present values.
  std::vector<std::pair<std::string, double>> options() const;
};

/// All of them, in the order of the docs.
std::vector<std::string> model_names();

/// From `name` or `name:option=value,option=value`. Throws std::invalid_argument that names what exists.
ModelChoice make_model(const std::string& specification);

/// The model called `name` with options as `options()` gave them. Throws std::invalid_argument.
ModelChoice make_model(const std::string& name, const std::vector<std::pair<std::string, double>>& options);

}  // namespace surefoot::fitting
