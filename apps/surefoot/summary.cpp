#include "summary.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "options.hpp"
#include "terminal.hpp"
#include "text.hpp"

namespace surefoot::app {
namespace {

using Index = Eigen::Index;

constexpr std::size_t coefficients_shown = 8;
constexpr std::size_t longest_name = 40;

std::string column_called(const Encoding& encoding, const Column& column) {
  return encoding.named ? column.name : "column " + column.name;
}

bool has_classes(const Fit& fit) { return !fit.trained.classes.empty(); }
bool is_softmax(const Fit& fit) { return fit.trained.class_coefficients.size() > 0; }

/// "huber:delta=1.35", as it would be asked for.
std::string specification_of(const LinearModel& model) {
  std::string text = model.model;
  for (const auto& [option, value] : model.options) {
    text += (text == model.model ? ":" : ",") + option + "=" + digits(value, 5);
  }
  return text;
}

std::string penalty_of(const FitOptions& options) {
  std::vector<std::string> parts;
  if (options.l1 > 0) parts.push_back("l1 penalty " + number(options.l1));
  if (options.l2 > 0) parts.push_back("l2 penalty " + number(options.l2));
  return parts.empty() ? "no penalty" : joined(parts);
}

std::string counted_classes(const std::vector<std::string>& classes) {
  constexpr std::size_t most = 8;
  const std::vector<std::string> first(classes.begin(),
                                       classes.begin() + static_cast<long>(std::min(most, classes.size())));
  return std::to_string(classes.size()) + " classes: " + joined(first) + (classes.size() > most ? ", …" : "");
}

std::string describe_model(const Table& table, const Fit& fit, const FitOptions& options) {
  std::string text = bold(specification_of(fit.trained)) + ": " + fit.why_model;
  if (fit.trained.classes.size() == 2) text += "; the positive class is " + fit.trained.classes[1];
  if (fit.trained.classes.size() > 2) text += "; " + counted_classes(fit.trained.classes);
  text += "\n  ";
  if (fit.scale == "standard") {
    text += table.encoding.sparse_format ? "fitted in columns divided by their largest |x|"
                                         : "fitted in standardised columns";
  } else {
    text += "fitted in the columns as they are";
  }
  text += ", " + penalty_of(options);
  if (!options.intercept) text += ", no intercept";
  if (!options.class_weight.empty()) text += ", " + options.class_weight + " class weights";
  text += ", by " + fit.strategy + " steps along ";
  text += fit.direction == "steepest" ? "the negative gradient" : "the direction of " + fit.direction;
  if (fit.coordinates != "plain") text += " in " + fit.coordinates + " coordinates";
  if (!fit.why_solver.empty()) text += " (" + fit.why_solver + ")";
  return text + "\n";
}

std::string describe_end(const Fit& fit) {
  const Result& result = fit.result;
  const std::string status = to_string(result.status);
  const bool well = result.status == Status::converged;
  std::string text = (well ? bold(status) : warning_colour(status)) + " after " +
                     counted(result.iterations, "iteration") + ": " + result.reason + "\n";
  text += "  loss " + digits(result.start_loss, 7) + " -> " + digits(result.loss, 10);
  if (fit.data_loss != result.loss) text += " (" + digits(fit.data_loss, 10) + " without the penalty)";
  text += ", largest gradient entry " + number(result.start_gradient_norm) + " -> " + number(result.gradient_norm);
  if (!std::isnan(result.step)) text += ", last step " + number(result.step);
  text += "\n";
  if (fit.duality_gap) {
    text += "  duality gap " + digits(*fit.duality_gap, 3) + ": the least possible loss is lower by no more than that";
    // The bound suffers before the fit does where the gradient left is not small beside l1.
    const double share = *fit.duality_gap / result.loss;
    if (well && share > 1e-3)
      text += ", " + digits(100 * share, 3) + " % of it; a smaller --tolerance brings that down";
    text += "\n";
  }
  return text;
}

std::string describe_quality(const Fit& fit) {
  if (has_classes(fit)) {
    if (std::isnan(fit.accuracy)) return {};
    return "  " + bold("accuracy " + digits(100 * fit.accuracy, 4) + " %") +
           " on these rows; always the most frequent class: " + digits(100 * fit.most_frequent, 4) + " %\n";
  }
  if (std::isnan(fit.rmse)) return {};
  if (!std::isnan(fit.share_below)) {
    return "  " + bold(digits(100 * fit.share_below, 4) + " % of these rows") + " are not above their prediction\n";
  }
  if (!std::isnan(fit.deviance_explained)) {
    return "  " + bold("deviance explained " + digits(100 * fit.deviance_explained, 4) + " %") + ", RMSE " +
           digits(fit.rmse, 5) + " on these rows\n";
  }
  const std::string r2 =
      std::isnan(fit.r2) ? "R² is not defined as the target is constant" : bold("R² " + digits(fit.r2, 4));
  return "  " + r2 + ", RMSE " + digits(fit.rmse, 5) + " on these rows\n";
}

std::string unit_of_coefficients(const Fit& fit) {
  const std::string& model = fit.trained.model;
  if (model == "logistic" || model == "softmax") return "log-odds per unit";
  if (model == "poisson") return "log of the mean per unit";
  if (model == "squared-hinge") return "margin per unit";
  return "change per unit";
}

/// A coefficient's place in Fit::fitted_weights, which of softmax lie class after class.
struct Place {
  std::size_t feature, margin;

  Place(std::size_t at, std::size_t features) : feature(at % features), margin(at / features) {}
};

std::string name_of(const Table& table, const Fit& fit, const Place& place) {
  const std::string name = called(table.encoding, table.encoding.features[place.feature]);
  return is_softmax(fit) ? name + ", class " + fit.trained.classes[place.margin] : name;
}

double value_of(const Fit& fit, const Place& place) {
  const auto row = static_cast<Index>(place.feature);
  return is_softmax(fit) ? fit.trained.class_coefficients(row, static_cast<Index>(place.margin))
                         : fit.trained.coefficients[row];
}

std::string describe_coefficients(const Table& table, const Fit& fit) {
  const std::size_t features = table.encoding.features.size();
  const Vector& fitted = fit.fitted_weights;
  std::vector<std::size_t> order(static_cast<std::size_t>(fitted.size()));
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto size_of = [&](std::size_t j) { return std::abs(fitted[static_cast<Index>(j)]); };
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return size_of(a) > size_of(b); });
  const auto none = std::find_if(order.begin(), order.end(), [&](auto j) { return !(size_of(j) > 0); });
  order.erase(none, order.end());
  const std::size_t nonzero = order.size(), shown = std::min(coefficients_shown, nonzero);
  order.resize(shown);

  const bool rescaled = fit.scale == "standard";
  const std::string unit = unit_of_coefficients(fit);
  const std::string spread = table.encoding.sparse_format ? "per largest |x|" : "per deviation";
  std::size_t name_width = width_of("intercept");
  for (const std::size_t j : order) {
    name_width = std::max(name_width, width_of(cut(name_of(table, fit, {j, features}), longest_name)));
  }
  const auto line = [&](const std::string& name, const std::string& value, const std::string& effect) {
    std::string text = "    " + left(cut(name, longest_name), name_width) + "  " + right(value, width_of(unit));
    if (rescaled) text += "  " + right(effect, width_of(spread));
    return text.substr(0, text.find_last_not_of(' ') + 1) + "\n";
  };

  std::string text = "  ";
  if (nonzero == 0) {
    text += "every coefficient is zero\n";
  } else if (nonzero > shown) {
    text += "the " + std::to_string(shown) + " largest of " + std::to_string(nonzero) +
            " coefficients, largest effect first\n";
  } else {
    text += counted(static_cast<long>(nonzero), "coefficient") + (nonzero > 1 ? ", largest effect first\n" : "\n");
  }
  if (nonzero > 0) text += line("", unit, spread);
  for (const std::size_t j : order) {
    const Place place(j, features);
    text += line(name_of(table, fit, place), digits(value_of(fit, place), 5), digits(fitted[static_cast<Index>(j)], 4));
  }
  if (fit.trained.intercept == 0) return text;  // there is none, or one a class
  return text + line("intercept", digits(fit.trained.intercept, 5), "");
}

std::string describe_rescues(const Result& result) {
  std::string text;
  if (result.rollbacks > 0) {
    std::vector<std::string> causes;
    const auto add = [&](int count, const std::string& cause) {
      if (count > 0) causes.push_back(std::to_string(count) + " " + cause);
    };
    add(result.rolled_back_for.rose, "as the loss rose too far");
    add(result.rolled_back_for.not_finite, "as a value was not finite");
    add(result.rolled_back_for.failed_ray, "as nothing lower was found");
    add(result.rolled_back_for.cycle, "as many steps brought no new best loss");
    text += "  the monitor went back to the best point, with a shorter step, " + counted(result.rollbacks, "time") +
            ": " + joined(causes) + "\n";
  }
  if (result.trials_not_finite > 0) {
    text += "  " + counted(result.trials_not_finite, "trial step") + " met NaN or Inf and " +
            (result.trials_not_finite == 1 ? "was" : "were") + " shortened\n";
  }
  if (result.step_too_small > 0) {
    text += "  the fixed step looks about " + number(result.step_too_small) +
            " times too small for the curvature that was met; without --step surefoot finds it\n";
  }
  return text;
}

/// How far the sizes of the columns' numbers lie apart.
double spread_of_columns(const Encoding& encoding) {
  double least = infinity, most = 0;
  for (const Feature& feature : encoding.features) {
    const Column& column = encoding.columns[static_cast<std::size_t>(feature.column)];
    const double size = feature.level >= 0 ? 1 : std::max(std::abs(column.min), std::abs(column.max));
    if (!(size > 0)) continue;
    least = std::min(least, size);
    most = std::max(most, size);
  }
  return most > 0 ? most / least : 1;
}

/// How many deviations from 0 a column's mean lies, at most.
double farthest_mean(const Encoding& encoding) {
  double farthest = 0;
  for (const Feature& feature : encoding.features) {
    const Column& column = encoding.columns[static_cast<std::size_t>(feature.column)];
    if (column.deviation > 0) farthest = std::max(farthest, std::abs(column.mean) / column.deviation);
  }
  return farthest;
}

/// Of a quantile model whose kink is hardly rounded off: its width; else 0.
double narrow_width(const Table& table, const Fit& fit) {
  if (fit.trained.model != "quantile" || table.encoding.target_index == 0) return 0;
  const double deviation = table.encoding.columns[static_cast<std::size_t>(table.encoding.target_index) - 1].deviation;
  for (const auto& [option, value] : fit.trained.options) {
    if (option == "width" && value < 1e-3 * deviation) return value;
  }
  return 0;
}

std::string next_move(const Table& table, const Fit& fit, const FitOptions& options) {
  const Result& result = fit.result;
  std::vector<std::string> moves;
  const double spread = spread_of_columns(table.encoding);
  const bool no_penalty = options.l1 == 0 && options.l2 == 0;
  if (fit.separated) {
    moves.push_back("the classes separate, so without a penalty the weights grow without bound: add --l2 1e-3");
  }
  if (!has_classes(fit) && no_penalty && table.columns() >= table.rows()) {
    moves.push_back(
        "there are as many columns as rows or more, so a close fit says nothing of other rows: give --l2 1e-3");
  }
  if (options.scale == "none" && spread > 100) {
    const std::string differ = "the columns' sizes differ " + digits(spread, 2) + "-fold";
    moves.push_back(result.status == Status::converged
                        ? differ +
                              ", and the largest alone may decide when a gradient counts as small: give a smaller "
                              "--tolerance, or leave out --scale none"
                        : differ + ": leave out --scale none");
  } else if (options.scale == "none" && result.status == Status::stalled && farthest_mean(table.encoding) > 1000) {
    moves.push_back(
        "the columns' means are up to " + digits(farthest_mean(table.encoding), 2) +
        " times their deviations, and the digits that tell rows apart are lost in rounding: leave out --scale none");
  }
  if (const double width = narrow_width(table, fit); width > 0 && result.status == Status::stalled) {
    moves.push_back("the quantile's kink is rounded off within a width of " + number(width) +
                    " only: give a larger one, or leave width out");
  }
  if (result.status == Status::budget && !options.step.empty()) {
    moves.push_back("leave out --step, and surefoot chooses");
  }
  switch (result.code) {
    case Code::iterations:
      moves.push_back("raise --max-iterations");
      break;
    case Code::time:
      moves.push_back("raise --max-seconds");
      break;
    case Code::rounding_floor:
      moves.push_back("nothing to do: these are all the digits that the loss has; a larger --tolerance is reached");
      break;
    case Code::domain_edge:
    case Code::gave_up:
    case Code::gradient_disagrees:
    case Code::unbounded_below:
      if (no_penalty && moves.empty()) moves.push_back("add a penalty: --l2 1e-3");
      break;
    case Code::start_not_finite:
      moves.push_back(
          "the numbers are too large to compute with: rescale the target and the columns, or take the default --scale");
      break;
    default:
      break;
  }
  return moves.empty() ? "" : "  next: " + joined(moves, "\n    or: ") + "\n";
}

std::string describe_work(const Fit& fit, double read_seconds) {
  const Result& result = fit.result;
  return "  " + counted(result.loss_evaluations + result.gradient_evaluations, "evaluation") + ", " +
         (fit.ray_trials > 0 ? counted(fit.ray_trials, "free trial") + ", " : "") + digits(fit.passes, 4) +
         " passes over the data" + (fit.threads > 1 ? " on " + counted(fit.threads, "thread") : "") + "; " +
         digits(fit.seconds, 3) + " s to fit, " + digits(read_seconds, 3) + " s to read\n";
}

}  // namespace

std::string called(const Encoding& encoding, const Feature& feature) {
  const Column& column = encoding.columns[static_cast<std::size_t>(feature.column)];
  const std::string name = column_called(encoding, column);
  return feature.level < 0 ? name : name + " = " + column.levels[static_cast<std::size_t>(feature.level)];
}

std::string target_called(const Encoding& encoding) {
  if (encoding.target_index == 0) return "the label";
  return encoding.named ? "'" + encoding.target_name + "'" : "column " + encoding.target_name;
}

std::string describe_table(const Table& table) {
  const auto in_file = static_cast<long>(table.encoding.columns.size()) - (table.encoding.target_index > 0 ? 1 : 0);
  const auto fitted = static_cast<long>(table.columns());
  std::string text = bold(table.file) + ": " + counted(table.rows(), "row") + ", " + counted(in_file, "column") +
                     " beside " + target_called(table.encoding);
  if (fitted != in_file) text += ", " + std::to_string(fitted) + " as fitted";
  text += "; " + table.format + (table.encoding.named ? " with a header" : "") + "\n";
  for (const std::string& note : table.notes) text += "  " + note + "\n";
  text.pop_back();
  return text;
}

std::string describe_fit(const Table& table, const Fit& fit, const FitOptions& options, double read_seconds) {
  std::string text = describe_model(table, fit, options);
  for (const std::string& note : fit.notes) text += "  " + note + "\n";
  text += describe_end(fit);
  text += describe_rescues(fit.result);
  text += next_move(table, fit, options);
  if (fit.result.ok()) {
    text += describe_quality(fit);
    text += describe_coefficients(table, fit);
  }
  text += describe_work(fit, read_seconds);
  text.pop_back();
  return text;
}

std::string warning_of(const Fit& fit) {
  const Result& result = fit.result;
  switch (result.status) {
    case Status::converged:
    case Status::budget:
      return {};
    case Status::stalled:
      return "surefoot: warning: stalled: " + result.reason;
    case Status::interrupted:
      return "surefoot: interrupted: the best point so far is kept";
    case Status::failed:
      return "surefoot: training failed: " + result.reason;
  }
  return {};
}

}  // namespace surefoot::app
