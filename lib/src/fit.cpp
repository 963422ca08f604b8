#include "surefoot/fit.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <nlohmann/json.hpp>
#include <set>

#include "data/encoding_json.hpp"
#include "data/text.hpp"
#include "surefoot/data/error.hpp"
#include "surefoot/data/read.hpp"
#include "surefoot/data/write_file.hpp"
#include "surefoot/minimize.hpp"
#include "surefoot/objectives/linear.hpp"
#include "surefoot/registry.hpp"
#include "surefoot/version.hpp"

namespace surefoot {
namespace {

using Index = Eigen::Index;

// --- which model ----------------------------------------------------------------------------------------------------

/// The target as a model sees it.
struct Target {
  std::string model, why;
  Vector y{};                          // as the loss wants it
  std::vector<std::string> classes{};  // logistic: negative, positive
};

/// A number as it would stand in a file: the fewest digits that give it back.
std::string shortest(double value) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, value).ptr;
  return {text, end};
}

/// The distinct values of y, ascending, or none if there are more than `most`.
std::vector<double> distinct(const Vector& y, std::size_t most) {
  std::set<double> values;
  for (const double value : y) {
    values.insert(value);
    if (values.size() > most) return {};
  }
  return {values.begin(), values.end()};
}

/// The target as a person calls it.
std::string target_called(const Encoding& encoding) {
  if (encoding.target_index == 0) return "the label";
  return encoding.named ? "the target '" + encoding.target_name + "'"
                        : "the target, column " + encoding.target_name + ",";
}

void check_model(const std::string& name) {
  if (name == "least-squares" || name == "logistic") return;
  throw std::invalid_argument("there is no model '" + name + "'; there are least-squares, logistic");
}

Target choose_model(const Table& table, const std::string& wanted) {
  if (!table.has_target) throw std::invalid_argument("the table has no target: name one, {.target = \"price\"}");
  const std::string name = target_called(table.encoding);
  const auto& levels = table.encoding.classes;
  const bool is_text = !levels.empty();
  const std::vector<double> two = is_text ? std::vector<double>{} : distinct(table.y, 2);

  Target target;
  target.model = wanted;
  target.why = "as asked";
  if (wanted.empty()) {
    if (is_text) {
      if (levels.size() > 2) {
        throw std::invalid_argument(name + " has " + std::to_string(levels.size()) +
                                    " classes: more than two can't be fitted yet (softmax)");
      }
      target.model = "logistic";
      target.why = name + " is text of two levels";
    } else if (two.size() == 2) {
      target.model = "logistic";
      target.why = name + " has two values, " + shortest(two[0]) + " and " + shortest(two[1]);
    } else {
      target.model = "least-squares";
      target.why = name + " is a number";
    }
  }

  if (target.model == "least-squares") {
    if (is_text) throw std::invalid_argument(name + " is text: least-squares needs a number");
    target.y = table.y;
  } else {
    if (is_text ? levels.size() != 2 : two.size() != 2) {
      throw std::invalid_argument("logistic needs a target of two classes, and " + name + " has " +
                                  (is_text       ? std::to_string(levels.size())
                                   : two.empty() ? std::string("more")
                                                 : std::to_string(two.size())));
    }
    target.classes = is_text ? levels : std::vector<std::string>{shortest(two[0]), shortest(two[1])};
    target.y = is_text ? table.y : Vector((table.y.array() == two[1]).cast<double>());
  }
  return target;
}

// --- the columns as they are fitted -----------------------------------------------------------------------------------

struct Columns {
  Vector centre{}, scale{};    // empty: as they are
  DenseMatrix shifted_copy{};  // where shifting in passing would cost digits
};

Columns standardise(const DenseMatrix& x, std::vector<std::string>& notes) {
  Columns columns;
  const auto n = static_cast<double>(x.rows());
  Vector mean = Vector::Zero(x.cols()), largest = mean, squares = mean;
  for (Index i = 0; i < x.rows(); ++i) {  // row by row, as they lie in memory
    mean += x.row(i).transpose();
    largest = largest.cwiseMax(x.row(i).transpose().cwiseAbs());
  }
  mean /= n;
  for (Index i = 0; i < x.rows(); ++i) squares.array() += (x.row(i).transpose() - mean).array().square();
  columns.scale = (squares / n).cwiseSqrt();
  for (Index j = 0; j < x.cols(); ++j) {
    if (well_scaled(squares[j]) || largest[j] == 0) continue;
    // Values near 1e±200: their sums or squares leave the range of a double, so they are taken of the shares.
    const Vector shares = x.col(j) / largest[j];
    mean[j] = largest[j] * shares.mean();
    columns.scale[j] = largest[j] * std::sqrt((shares.array() - shares.mean()).square().mean());
  }
  int hardly_vary = 0;
  double most_digits = 0;
  for (Index j = 0; j < x.cols(); ++j) {
    // Spread by rounding only, or too little to divide by.
    if (columns.scale[j] <= 1e-12 * largest[j] || columns.scale[j] < 1e-300) {
      columns.scale[j] = infinity;
      if (x.col(j).maxCoeff() > x.col(j).minCoeff()) ++hardly_vary;  // of constant ones the reader tells
    } else {
      most_digits = std::max(most_digits, std::abs(mean[j]) / columns.scale[j]);
    }
  }
  if (hardly_vary > 0) {
    notes.push_back(std::to_string(hardly_vary) + (hardly_vary == 1 ? " column varies" : " columns vary") +
                    " by too little beside the size of the numbers: no coefficient can be told");
  }
  columns.centre = mean;
  if (most_digits > 1e5) columns.shifted_copy = x.rowwise() - mean.transpose();
  return columns;
}

Columns standardise(const SparseMatrix& x, std::vector<std::string>&) {
  Columns columns;
  columns.scale.setZero(x.cols());
  for (Index i = 0; i < x.outerSize(); ++i) {
    for (SparseMatrix::InnerIterator entry(x, i); entry; ++entry) {
      columns.scale[entry.col()] = std::max(columns.scale[entry.col()], std::abs(entry.value()));
    }
  }
  columns.scale = (columns.scale.array() == 0).select(1.0, columns.scale);
  return columns;
}

// --- the run --------------------------------------------------------------------------------------------------------

template <class Model>
Result train(Model& model, Index size, const FitOptions& options, Fit& fit) {
  const Stop stop{.gradient = options.tolerance,
                  .max_iterations = options.max_iterations,
                  .max_seconds = options.max_seconds,
                  .cancel = options.cancel};
  const Vector start = Vector::Zero(size);
  const RunOptions run{.first_step = options.first_step};
  const auto with = [&](const auto& minimizer) {
    return options.observer ? minimizer.run(model, start, run, options.observer) : minimizer.run(model, start, run);
  };
  fit.coordinates = "plain";
  if (options.step.empty()) {
    fit.strategy = std::string(WeakWolfe::name);
    fit.direction = std::string(LBFGS::name);
    return with(Minimizer{Inferred{LBFGS{}}, WeakWolfe{}, Monitor{}, stop});
  }
  fit.strategy = options.step;
  fit.direction = std::string(SteepestDescent::name);
  return with(Minimizer{SteepestDescent{}, make_rule(options.step), Monitor{}, stop});
}

template <class Matrix>
Result train(const std::string& name, const Matrix& x, const Vector& y, const LinearOptions& linear, Index size,
             const FitOptions& options, Fit& fit) {
  if (name == "logistic") {
    Logistic<Matrix> model(x, y, linear);
    return train(model, size, options, fit);
  }
  LeastSquares<Matrix> model(x, y, linear);
  return train(model, size, options, fit);
}

void measure(Fit& fit, const Table& table, const Vector& y) {
  const Predictions predicted = fit.trained.predict(table);
  const auto n = static_cast<double>(y.size());
  if (fit.trained.model == "logistic") {
    fit.accuracy = static_cast<double>((predicted.values.array() == y.array()).count()) / n;
    fit.most_frequent = std::max(y.mean(), 1 - y.mean());
    return;
  }
  const double residual = (predicted.values - y).squaredNorm(), spread = (y.array() - y.mean()).matrix().squaredNorm();
  fit.rmse = std::sqrt(residual / n);
  if (spread > 0) fit.r2 = 1 - residual / spread;
}

}  // namespace

void validate(const FitOptions& options) {
  require("fit", "l2", options.l2, Range::at_least(0));
  require("fit", "tolerance", options.tolerance, Range::at_least(0));
  if (options.first_step) require("fit", "first_step", *options.first_step, Range::within(smallest_step, largest_step));
  if (options.max_iterations) require("fit", "max_iterations", *options.max_iterations, Range::at_least(0));
  if (options.max_seconds) require("fit", "max_seconds", *options.max_seconds, Range::at_least(0));
  if (options.scale != "standard" && options.scale != "none") {
    throw std::invalid_argument("there is no scale '" + options.scale + "'; there are standard, none");
  }
  if (!options.model.empty()) check_model(options.model);
  if (!options.step.empty()) make_rule(options.step);
}

Fit fit(const Table& table, const FitOptions& options) {
  const auto began = std::chrono::steady_clock::now();
  validate(options);
  const Target target = choose_model(table, options.model);

  Fit fit;
  fit.why_model = target.why;
  fit.scale = options.scale;
  const Index d = table.columns(), size = d + (options.intercept ? 1 : 0);
  if (size == 0) throw std::invalid_argument("the table has no columns to fit beside the target");
  Columns columns;
  std::visit(
      [&](const auto& x) {
        using Matrix = std::remove_cvref_t<decltype(x)>;
        if (options.scale == "standard") columns = standardise(x, fit.notes);
        LinearOptions linear{.l2 = options.l2, .centre = columns.centre, .scale = columns.scale};
        if constexpr (std::is_same_v<Matrix, DenseMatrix>) {
          if (columns.shifted_copy.size() > 0) {
            linear.centre = {};
            fit.result = train(target.model, columns.shifted_copy, target.y, linear, size, options, fit);
            return;
          }
        }
        fit.result = train(target.model, x, target.y, linear, size, options, fit);
      },
      table.x);

  fit.fitted_weights = fit.result.w.head(d);
  fit.data_loss = fit.result.loss - 0.5 * options.l2 * fit.fitted_weights.squaredNorm();
  LinearModel& trained = fit.trained;
  trained.model = target.model;
  trained.encoding = table.encoding;
  trained.classes = target.classes;
  trained.coefficients = fit.fitted_weights;
  if (columns.scale.size() > 0) trained.coefficients.array() /= columns.scale.array();
  trained.intercept = options.intercept ? fit.result.w[d] : 0;
  if (columns.centre.size() > 0) trained.intercept -= columns.centre.dot(trained.coefficients);
  fit.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  measure(fit, table, target.y);
  return fit;
}

// --- the trained model ------------------------------------------------------------------------------------------------

Predictions LinearModel::predict(const Table& table) const {
  if (table.columns() != coefficients.size()) {
    throw std::invalid_argument("the table has " + std::to_string(table.columns()) + " columns and the model " +
                                std::to_string(coefficients.size()) +
                                ": read the file with the model's encoding, read(path, model.encoding)");
  }
  Predictions predictions;
  predictions.values = std::visit([&](const auto& x) { return Vector(x * coefficients); }, table.x);
  predictions.values.array() += intercept;
  if (model != "logistic") return predictions;
  predictions.classes = classes;
  predictions.probabilities = predictions.values.unaryExpr([](double margin) {
    const double u = std::exp(-std::abs(margin));
    return margin >= 0 ? 1 / (1 + u) : u / (1 + u);
  });
  predictions.values = (predictions.values.array() > 0).cast<double>();
  return predictions;
}

void LinearModel::save(const std::string& path) const {
  nlohmann::ordered_json json;
  json["surefoot"] = version;
  json["model"] = model;
  json["target"] = encoding.target_name;
  if (!classes.empty()) json["classes"] = classes;
  json["intercept"] = intercept;
  for (std::size_t j = 0; j < encoding.features.size(); ++j) {
    json["coefficients"].push_back(
        {{"name", encoding.features[j].name}, {"value", coefficients[static_cast<Index>(j)]}});
  }
  json["encoding"] = nlohmann::json(encoding);
  write_file(path, json.dump(1) + "\n");
}

LinearModel LinearModel::load(const std::string& path) {
  const data::Text text = data::Text::load(path);
  try {
    const auto json = nlohmann::json::parse(text.begin(), text.end());
    LinearModel model;
    model.model = json.at("model").get<std::string>();
    if (model.model != "least-squares" && model.model != "logistic") {
      throw DataError(path,
                      "it holds a model '" + model.model + "', which this version does not know; use a newer one");
    }
    if (json.contains("classes")) model.classes = json.at("classes").get<std::vector<std::string>>();
    model.intercept = json.at("intercept").get<double>();
    model.encoding = json.at("encoding").get<Encoding>();
    const auto coefficients = json.value("coefficients", nlohmann::json::array());
    if (coefficients.size() != model.encoding.features.size()) {
      throw DataError(path, "it has " + std::to_string(coefficients.size()) + " coefficients for " +
                                std::to_string(model.encoding.features.size()) + " columns; train the model again");
    }
    model.coefficients.resize(static_cast<Index>(coefficients.size()));
    for (std::size_t j = 0; j < coefficients.size(); ++j) {
      model.coefficients[static_cast<Index>(j)] = coefficients[j].at("value").get<double>();
    }
    if (model.model == "logistic" && model.classes.size() != 2) {
      throw DataError(path, "a logistic model needs two classes; train the model again");
    }
    return model;
  } catch (const DataError&) {
    throw;
  } catch (const std::exception& error) {  // of nlohmann's, or what an encoding that contradicts itself throws
    throw DataError(path, std::string("it is not a model that surefoot wrote (") + error.what() +
                              "); give the file that `train --save` made");
  }
}

}  // namespace surefoot
