#include "commands.hpp"
#include "exit_codes.hpp"
#include "options.hpp"
#include "surefoot/data/read.hpp"
#include "surefoot/data/write_file.hpp"
#include "surefoot/fit.hpp"
#include "terminal.hpp"
#include "text.hpp"

namespace surefoot::app {
namespace {

std::vector<Option> known_options() {
  return {
      {"output", "o", "OUT.csv", "where to write; without it standard output"},
      {"drop", "", "COLUMNS", "columns of DATA to ignore, by name or index: its target, where that can't be read"},
      {"format", "", "F", "csv, tsv, semicolon, whitespace or libsvm; without it the file tells"},
      {"header", "", "", "the first line holds the columns' names", "no-header"},
      {"no-header", "", "", "the first line is data; without either the file tells", "header"},
      {"quiet", "q", "", "say nothing but warnings and errors"},
  };
}

std::string help(const Options& options) {
  return "surefoot predict MODEL.json DATA [-o OUT.csv] [options]\n"
         "\n"
         "What a model that `surefoot train --save MODEL.json` wrote says of each row of a file: CSV with the column\n"
         "prediction, and for two classes probability, that of the positive one (of squared-hinge the margin), for "
         "more\n"
         "probability:LEVEL for each. The target may be there or not.\n"
         "\n" +
         options.help();
}

std::string header_of(const Predictions& predictions) {
  std::string header = "prediction";
  if (predictions.probabilities.size() > 0) return header + ",probability\n";
  if (predictions.class_probabilities.size() == 0)
    return header + (predictions.margins.size() > 0 ? ",margin\n" : "\n");
  for (const std::string& name : predictions.classes) header += "," + csv_cell("probability:" + name);
  return header + "\n";
}

/// What stands behind a row's prediction: a probability, that of each class, or the margin of a model that has none.
std::string rest_of(const Predictions& predictions, Eigen::Index row) {
  if (predictions.probabilities.size() > 0) return "," + shortest(predictions.probabilities[row]);
  if (predictions.margins.size() > 0) return "," + shortest(predictions.margins[row]);
  std::string rest;
  for (Eigen::Index k = 0; k < predictions.class_probabilities.cols(); ++k) {
    rest += "," + shortest(predictions.class_probabilities(row, k));
  }
  return rest;
}

std::string csv_of(const Predictions& predictions) {
  std::string csv = header_of(predictions);
  for (Eigen::Index i = 0; i < predictions.values.size(); ++i) {
    const double value = predictions.values[i];
    csv +=
        predictions.classes.empty() ? shortest(value) : csv_cell(predictions.classes[static_cast<std::size_t>(value)]);
    csv += rest_of(predictions, i) + "\n";
  }
  return csv;
}

}  // namespace

int predict(const Words& words) {
  Options options("predict", known_options());
  options.read(words, {"MODEL.json", "DATA"}, 2);
  if (options.has("help")) {
    write_file("-", help(options));
    return done;
  }
  const std::string model_path = options.arguments()[0], data = options.arguments()[1];
  const std::string output = options.text("output").value_or("-");
  if (model_path == "-" && data == "-") throw UsageError("only one of MODEL.json and DATA can be standard input");

  ReadOptions as;
  as.drop = options.list("drop");
  as.format = options.text("format").value_or("");
  if (options.has("header")) as.header = true;
  if (options.has("no-header")) as.header = false;

  const LinearModel model = LinearModel::load(model_path);
  const Table table = read(data, model.encoding, as);
  write_file(output, csv_of(model.predict(table)));
  if (!options.has("quiet")) {
    for (const std::string& note : table.notes) say(note);
    if (output != "-") say(counted(table.rows(), "prediction") + " in " + output);
  }
  return done;
}

}  // namespace surefoot::app
