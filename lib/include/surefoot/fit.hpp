/// From a table to a trained linear model: what the app's `train` does.
///
///   auto table = surefoot::read("houses.csv", {.target = "price"});
///   auto fit = surefoot::fit(table, {.l2 = 1e-3});
///   fit.save("houses.json");
///   auto predicted = fit.predict(surefoot::read("fresh.csv", table.encoding)).values;
#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "surefoot/data/table.hpp"
#include "surefoot/loop/observer.hpp"
#include "surefoot/loop/result.hpp"

namespace surefoot {

/// What a model says of each row of a table.
struct Predictions {
  Vector values{};         // least squares: the prediction; logistic: 0 or 1, the class's place in `classes`
  Vector probabilities{};  // logistic: of the positive class, the last of `classes`; else empty
  std::vector<std::string> classes{};  // logistic: the two classes; else empty
};

/// A trained model: everything that a prediction needs, in the user's own units.
struct LinearModel {
  std::string model{};  // least-squares or logistic
  Encoding encoding{};  // how a file becomes its columns
  std::vector<std::string> classes{};
  Vector coefficients{};  // one a feature: the change of the margin for a change of 1 in the file's own units
  double intercept = 0;   // what centring the columns adds is in it

  /// Throws std::invalid_argument if the table's columns are not the model's.
  Predictions predict(const Table& table) const;
  /// Writes the model as JSON, whole or not at all. Throws WriteError.
  void save(const std::string& path) const;
  /// Reads what `save` wrote. Throws DataError or FileError.
  static LinearModel load(const std::string& path);
};

struct FitOptions {
  std::string model{};                 // least-squares or logistic; empty: from the target
  std::string step{};                  // a rule of the registry, along steepest descent; empty: surefoot chooses
  std::optional<double> first_step{};  // > 0
  double l2 = 0;                       // >= 0: adds l2/2 |w|² over the fitted columns; the intercept is not penalised
  std::string scale = "standard";      // standard: fit in standardised columns; none: in the file's own
  bool intercept = true;               // without one the margin is 0 at the fitted columns' origin: at the means of
                                       // standardised columns; for a line through the file's own, scale = "none"
  double tolerance = 1e-6;             // >= 0: stop when |g|∞ <= tolerance · |g₀|∞, in the fitted columns
  std::optional<int> max_iterations = 10000;
  std::optional<double> max_seconds{};
  std::stop_token cancel{};
  std::function<bool(const Event&)> observer{};  // false ends the run
};

struct Fit {
  Result result{};          // of the run, in the fitted columns
  LinearModel trained{};    // in the user's units
  std::string why_model{};  // why this model, in a phrase
  std::string strategy{}, direction{}, coordinates{}, scale{};
  double data_loss = not_a_number;  // without the penalty
  double seconds = 0;               // from the table to the fit, everything included
  Vector fitted_weights{};          // of the features, in the fitted columns: comparable with each other
  // On the rows that it was fitted on:
  double r2 = not_a_number, rmse = not_a_number;                 // least squares; R² is NaN for a constant target
  double accuracy = not_a_number, most_frequent = not_a_number;  // logistic: and the share of the most frequent class
  std::vector<std::string> notes{};

  Predictions predict(const Table& table) const { return trained.predict(table); }
  void save(const std::string& path) const { trained.save(path); }
};

/// What can be said of the options before any data is read: throws std::invalid_argument that names the one at fault.
void validate(const FitOptions& options);

/// Fits a linear model to a table with a target. The loss is the mean over rows of ½ r² or log(1 + e^−m), plus the
/// penalty. With scale "standard" the columns of a table are centred and divided by their population standard deviation
/// (constant ones become zeros), those of a LIBSVM file divided by their largest |x|.
/// Throws std::invalid_argument for an option out of its range or a model that the target does not suit.
Fit fit(const Table& table, const FitOptions& options = {});

}  // namespace surefoot
