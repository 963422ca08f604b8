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
#include <utility>
#include <vector>

#include "surefoot/data/table.hpp"
#include "surefoot/loop/observer.hpp"
#include "surefoot/loop/result.hpp"

namespace surefoot {

/// What a model says of each row of a table.
struct Predictions {
  Vector values{};  // the number that is predicted; of a model of classes the class's place in `classes`
  std::vector<std::string> classes{};     // of a model of classes; else empty
  Vector margins{};                       // x·w + b of a model of two classes: its sign is the class; else empty
  Vector probabilities{};                 // logistic: of the positive class, the last of `classes`; else empty
  Eigen::MatrixXd class_probabilities{};  // softmax: a row of the table each, a column a class; else empty
};

/// A trained model: everything that a prediction needs, in the user's own units.
struct LinearModel {
  std::string model{};  // least-squares, huber, quantile, logistic, softmax, poisson or squared-hinge
  std::vector<std::pair<std::string, double>> options{};  // of the model: {"delta", 1.35}
  Encoding encoding{};                                    // how a file becomes its columns
  std::vector<std::string> classes{};                     // of a model of classes: of two the last is the positive one
  // Of every model but softmax:
  Vector coefficients{};  // one a feature: the change of the margin for a change of 1 in the file's own units
  double intercept = 0;   // what centring the columns adds is in it
  // Of softmax, which has a margin for each class:
  Eigen::MatrixXd class_coefficients{};  // a row a feature, a column a class
  Vector class_intercepts{};

  /// Throws std::invalid_argument if the table's columns are not the model's.
  Predictions predict(const Table& table) const;
  /// Writes the model as JSON, whole or not at all. Throws WriteError.
  void save(const std::string& path) const;
  /// Reads what `save` wrote. Throws DataError or FileError.
  static LinearModel load(const std::string& path);
};

struct FitOptions {
  // One of those above, options behind a colon: "huber:delta=1.35", "quantile:level=0.9,width=0.01". Empty: that of
  // `start`, or from the target.
  std::string model{};
  std::string step{};         // a rule of the registry; empty: surefoot chooses
  std::string direction{};    // steepest, heavy-ball, nesterov, cg, l-bfgs or truncated-newton; empty: surefoot chooses
  std::string coordinates{};  // plain, diagonal or gram; empty: surefoot chooses
  std::optional<double> first_step{};  // > 0
  double l1 = 0;                       // >= 0: adds l1 |w|₁ over the fitted columns; the intercept is not penalised
  double l2 = 0;                       // >= 0: adds l2/2 |w|² likewise
  std::string scale = "standard";      // standard: fit in standardised columns; none: in the file's own
  bool intercept = true;               // without one the margin is 0 at the fitted columns' origin: at the means of
                                       // standardised columns; for a line through the file's own, scale = "none"
  std::string class_weight{};          // balanced: every class counts the same in all; empty: every row does
  double tolerance = 1e-6;             // >= 0: stop when |g|∞ <= tolerance · |g₀|∞, in the fitted columns
                                       // (or at what rounding makes of g, where that is more)
  std::optional<int> max_iterations = 10000;
  std::optional<double> max_seconds{};
  std::optional<LinearModel> start{};  // begin at this model, of the same kind, columns and classes
  int threads = 0;                     // >= 0; 0: as many as pay. The same bits for the same number
  std::stop_token cancel{};
  std::function<bool(const Event&)> observer{};  // false ends the run
};

struct Fit {
  Result result{};          // of the run, in the fitted columns
  LinearModel trained{};    // in the user's units
  std::string why_model{};  // why this model, in a phrase
  std::string strategy{}, direction{}, coordinates{}, scale{};
  std::string why_solver{};             // why these three, in a phrase
  double data_loss = not_a_number;      // without the penalty
  std::optional<double> duality_gap{};  // with l1: the loss is above the least possible by no more
  double seconds = 0;                   // from the table to the fit, everything included
  long ray_trials = 0;                  // trials that cost no pass over the data
  double passes = 0;                    // reads of the data
  int threads = 1;
  // Of the features, in the fitted columns: comparable with each other. Of softmax class after class.
  Vector fitted_weights{};
  // On the rows that it was fitted on, weighted as they are:
  double r2 = not_a_number, rmse = not_a_number;  // of a number; R² is NaN for a constant target
  double deviance_explained = not_a_number;  // poisson: 1 − deviance / that of the mean; NaN for a constant target
  double share_below = not_a_number;         // quantile: of the rows, those that are not above the prediction
  double accuracy = not_a_number, most_frequent = not_a_number;  // of classes: and the share of the most frequent one
  bool separated = false;  // the classes separate and there is no penalty: the loss has no minimum, the weights grow on
  std::vector<std::string> notes{};

  Predictions predict(const Table& table) const { return trained.predict(table); }
  void save(const std::string& path) const { trained.save(path); }
};

/// What can be said of the options before any data is read: throws std::invalid_argument that names the one at fault.
void validate(const FitOptions& options);

/// Fits a linear model to a table with a target. The loss is the mean over rows, weighted by Table::weights where there
/// are some, of the model's loss (models/*.hpp), plus the penalties. With scale "standard" the columns of a table are
/// centred and divided by their population standard deviation (constant ones become zeros), those of a LIBSVM file
/// divided by their largest |x|; row weights do not enter there.
/// Where nothing is set: a target of two values, or text of two levels, is fitted by logistic regression, text of more
/// levels by softmax, any other by least squares. Huber's delta is 1 in the target's units; a quantile's band is 0.01 of
/// the target's standard deviation to either side.
/// Class weights "balanced" multiply a row's weight by n / (K n_k), of n rows and K classes, n_k of them the row's own,
/// rows counted by their weights.
/// From `start` the run begins at that model, and `tolerance` still compares with the gradient at the start that it
/// would have had without, so that it ends where that run would.
/// Throws std::invalid_argument for an option out of its range, options that contradict each other or a start that does not
/// fit; DataError for a target that the model can't serve: with line and column of the first value at fault, where there is
/// one and the table's file still has it.
Fit fit(const Table& table, const FitOptions& options = {});

}  // namespace surefoot
