/// Which model a target is fitted by, and the target as that model's loss wants it.
#pragma once

#include <string>
#include <vector>

#include "fit/models.hpp"
#include "surefoot/fit.hpp"

namespace surefoot::fitting {

struct Target {
  ModelChoice model{};
  std::string why{};                   // this model, in a phrase
  std::vector<std::string> classes{};  // of a model of classes, in their order
  const Vector* given = nullptr;       // the table's own, where the loss can take it as it is
  Vector recoded{};                    // else: each row's class, from 0

  const Vector& y() const { return given != nullptr ? *given : recoded; }
};

/// Throws DataError where the target does not suit the model, std::invalid_argument where the options contradict each other.
/// What a person should be told goes into `notes`.
Target choose_target(const Table& table, const FitOptions& options, std::vector<std::string>& notes);

/// The target as a person calls it: "the target 'price'", "the label".
std::string target_called(const Encoding& encoding);

}  // namespace surefoot::fitting
