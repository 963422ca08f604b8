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
         "prediction, and for two classes probability, that of the positive one. The target may be there or not.\n"
         "\n" +
         options.help();
}

std::string csv_of(const Predictions& predictions) {
  const bool classes = !predictions.classes.empty();
  std::string csv = classes ? "prediction,probability\n" : "prediction\n";
  for (Eigen::Index i = 0; i < predictions.values.size(); ++i) {
    if (classes) {
      const auto at = static_cast<std::size_t>(predictions.values[i]);
      csv += csv_cell(predictions.classes[at]) + "," + shortest(predictions.probabilities[i]) + "\n";
    } else {
      csv += shortest(predictions.values[i]) + "\n";
    }
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
