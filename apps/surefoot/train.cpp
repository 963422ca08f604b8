#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "commands.hpp"
#include "exit_codes.hpp"
#include "interrupts.hpp"
#include "options.hpp"
#include "result_json.hpp"
#include "summary.hpp"
#include "surefoot/data/read.hpp"
#include "surefoot/data/write_file.hpp"
#include "surefoot/fit.hpp"
#include "terminal.hpp"
#include "text.hpp"
#include "trace.hpp"

namespace surefoot::app {
namespace {

using Clock = std::chrono::steady_clock;

std::vector<Option> known_options() {
  return {
      {"target", "t", "NAME|INDEX",
       "the column to predict: its name, or its index from 1 (-1: the last); LIBSVM: the label"},
      {"model", "m", "M",
       "least-squares, huber, quantile, logistic, softmax, poisson or squared-hinge, with options as in "
       "huber:delta=1.35 or quantile:level=0.9; without it the target decides: two values make it logistic, text of "
       "more than two softmax"},
      {"step", "", "S",
       "the step rule, as `surefoot strategies` lists them, e.g. bb+nonmonotone or fixed:step=1e-3; along the negative "
       "gradient unless --direction says otherwise; without it surefoot chooses"},
      {"direction", "", "D",
       "steepest, heavy-ball, nesterov, cg, l-bfgs or truncated-newton; without it surefoot chooses, and says which "
       "and why"},
      {"coordinates", "", "C", "plain, diagonal or gram; without it surefoot chooses"},
      {"first-step", "", "X", "the step to try first, 1e-300 to 1e300; without it surefoot finds its scale"},
      {"l1", "", "X", "adds X |w|₁ over the fitted columns, which makes some of them exactly zero"},
      {"l2", "", "X", "adds X/2 |w|² over the fitted columns; the intercept is not penalised"},
      {"scale", "", "standard|none",
       "standard (the default): fit in standardised columns; none: in the columns as they are"},
      {"no-intercept", "", "", "no intercept in the fitted columns (with --scale none: through the origin)"},
      {"weights", "", "COLUMN", "the column that says how much each row counts, 0 or more; it is no feature"},
      {"class-weight", "", "balanced", "balanced: each class counts the same in all, however many its rows"},
      {"drop", "", "COLUMNS", "columns to leave out, by name or index: age,fare"},
      {"keep", "", "COLUMNS", "the only columns to learn from"},
      {"text", "", "COLUMNS", "columns of codes: one 0/1 column for each value"},
      {"number", "", "COLUMNS", "columns that must be numbers: any other cell is an error"},
      {"format", "", "F", "csv, tsv, semicolon, whitespace or libsvm; without it the file tells"},
      {"header", "", "", "the first line holds the columns' names", "no-header"},
      {"no-header", "", "", "the first line is data; without either the file tells", "header"},
      {"tolerance", "", "X", "done when the largest gradient entry is X times the start's (1e-6)"},
      {"max-iterations", "", "N", "stop after N iterations (10000)"},
      {"max-seconds", "", "X", "stop after X seconds"},
      {"threads", "", "N", "threads for a pass over the data; 0 (the default): as many as pay"},
      {"start", "", "MODEL.json", "begin at this model, of the same kind and columns"},
      {"save", "", "MODEL.json", "write the trained model, for `surefoot predict`"},
      {"trace", "", "T.csv",
       "write a row for each step, refused trial and rollback, with its cause (T.jsonl: as JSON lines)"},
      {"json", "", "", "print the result on stdout as one JSON object"},
      {"quiet", "q", "", "say nothing but warnings and errors", "verbose"},
      {"verbose", "v", "", "log each event", "quiet"},
  };
}

std::string help(const Options& options) {
  return "surefoot train DATA --target NAME|INDEX [options]\n"
         "\n"
         "Fits a linear model to a file and says how good it is and what drives it.\n"
         "DATA is CSV, TSV, semicolon- or blank-separated, or LIBSVM, each also gzip'd; - is standard input.\n"
         "\n" +
         options.help() +
         "\n"
         "Examples\n"
         "  surefoot train houses.csv --target price\n"
         "  surefoot train titanic.csv --target survived --drop name,ticket --text pclass --l2 1e-3 --save model.json\n"
         "  surefoot train visits.tsv --target visits --model poisson --weights exposure\n"
         "  gzip -dc log.csv.gz | surefoot train - --target -1 --json\n"
         "\n"
         "The live line: iteration, loss, gradient (its largest entry), the last step, rollbacks by the monitor.\n"
         "Exit code: 0 done, also when stalled or out of budget (status in --json); 1 nothing finite was reached;\n"
         "2 usage; 65 bad data, also a target that the model can't serve; 66 cannot read; 73 cannot write;\n"
         "130 interrupted, after saving what was asked for.\n";
}

struct Job {
  std::string data{};
  ReadOptions read{};
  FitOptions fit{};
  std::string start{}, save{}, trace{};
  bool json = false, quiet = false, verbose = false;
};

Job job_of(const Options& options) {
  Job job;
  job.data = options.arguments()[0];
  job.read.target = options.text("target").value_or("");
  job.read.weights = options.text("weights").value_or("");
  job.read.drop = options.list("drop");
  job.read.keep = options.list("keep");
  job.read.text = options.list("text");
  job.read.number = options.list("number");
  job.read.format = options.text("format").value_or("");
  if (options.has("header")) job.read.header = true;
  if (options.has("no-header")) job.read.header = false;

  job.fit.model = options.text("model").value_or("");
  job.fit.step = options.text("step").value_or("");
  job.fit.direction = options.text("direction").value_or("");
  job.fit.coordinates = options.text("coordinates").value_or("");
  job.fit.first_step = options.number("first-step");
  job.fit.l1 = options.number("l1").value_or(job.fit.l1);
  job.fit.l2 = options.number("l2").value_or(job.fit.l2);
  job.fit.scale = options.text("scale").value_or(job.fit.scale);
  job.fit.intercept = !options.has("no-intercept");
  job.fit.class_weight = options.text("class-weight").value_or("");
  job.fit.threads = options.whole("threads").value_or(job.fit.threads);
  job.fit.tolerance = options.number("tolerance").value_or(job.fit.tolerance);
  if (const auto limit = options.whole("max-iterations")) job.fit.max_iterations = limit;
  job.fit.max_seconds = options.number("max-seconds");

  job.start = options.text("start").value_or("");
  job.save = options.text("save").value_or("");
  job.trace = options.text("trace").value_or("");
  job.json = options.has("json");
  job.quiet = options.has("quiet");
  job.verbose = options.has("verbose");
  if (job.start == "-" && job.data == "-") throw UsageError("only one of DATA and --start can be standard input");
  validate(job.fit);
  return job;
}

bool same_file(const std::string& a, const std::string& b) {
  std::error_code ignored;
  return a == b || std::filesystem::equivalent(a, b, ignored);
}

/// A run must not be lost because its result can't be written: find out before it.
void check_outputs(const Job& job) {
  const std::vector<std::pair<std::string, std::string>> outputs{{"--save", job.save}, {"--trace", job.trace}};
  if (!job.save.empty() && same_file(job.save, job.trace)) {
    throw UsageError("--save and --trace name the same file, " + job.save);
  }
  for (const auto& [option, path] : outputs) {
    if (path.empty()) continue;
    if (path == "-") {
      if (job.json) throw UsageError("standard output is --json's: give " + option + " a file");
      continue;
    }
    if (same_file(path, job.data)) throw UsageError(option + " would overwrite the data, " + path);
    std::error_code ignored;
    const auto status = std::filesystem::status(path, ignored);
    if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {
      // A pipe is not opened before there is something to write.
      const int reason = std::filesystem::is_directory(status) ? EISDIR : access(path.c_str(), W_OK) == 0 ? 0 : errno;
      if (reason != 0) throw WriteError("cannot write " + path + ": " + std::strerror(reason));
      continue;
    }
    // As write_file will do it: a file beside it. (access() can't tell for all file systems.)
    const std::string beside = path + ".part-" + std::to_string(getpid());
    std::FILE* file = std::fopen(beside.c_str(), "wb");
    if (file == nullptr) throw WriteError("cannot write " + path + ": " + std::strerror(errno));
    std::fclose(file);
    std::remove(beside.c_str());
  }
}

void require_target(const Table& table) {
  if (table.has_target) return;
  std::vector<std::string> names;
  constexpr std::size_t most = 12;
  const auto& columns = table.encoding.columns;
  for (std::size_t j = 0; j < std::min(most, columns.size()); ++j) names.push_back(columns[j].name);
  if (columns.size() > most) names.push_back("… (" + std::to_string(columns.size()) + " in all)");
  throw UsageError("which column is to be predicted? Give --target NAME, or its index from 1 (-1: the last); " +
                   table.file + " has the columns " + joined(names));
}

/// Whoever wants to know of the run's events, and Ctrl-C.
class Watcher {
 public:
  Watcher(const Job& job, const Interruptible& interrupts, std::stop_source& cancel)
      : job_(job), interrupts_(interrupts), cancel_(cancel), live_(!job.quiet && !job.verbose), trace_(job.trace) {
    if (!job.verbose) return;
    log_ = std::make_shared<spdlog::logger>("surefoot", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    log_->set_pattern("[%H:%M:%S.%e] %v");
  }

  void operator()(const Event& event) {
    if (interrupts_.asked()) cancel_.request_stop();
    if (!job_.trace.empty()) trace_.add(event);
    if (log_)
      log_->info("iteration {}, {}: {}", iteration_of(event), counted(event.evaluations, "evaluation"),
                 describe(event));
    if (event.kind == Event::Kind::step) {
      live_.show([&] {
        return "iteration " + std::to_string(iteration_of(event)) + "   loss " + digits(event.loss, 7) +
               "   gradient " + digits(event.gradient_max, 3) + "   step " + digits(event.step, 3) + "   rollbacks " +
               std::to_string(event.rollbacks);
      });
    }
  }
  void finish(const Result& result) {
    live_.clear();
    trace_.finish(result);
  }
  const Trace& trace() const { return trace_; }

 private:
  const Job& job_;
  const Interruptible& interrupts_;
  std::stop_source& cancel_;
  LiveLine live_;
  Trace trace_;
  std::shared_ptr<spdlog::logger> log_{};
};

/// Writes what was asked for; what can't be written is told, and does not keep the rest from being written.
bool write_outputs(const Job& job, const Fit& fit, const Trace& trace) {
  bool all = true;
  const auto write = [&](const std::string& path, const std::string& what, auto&& to) {
    if (path.empty()) return;
    try {
      to(path);
      if (!job.quiet) say("  " + what + (path == "-" ? " on standard output" : " in " + path));
    } catch (const WriteError& error) {
      say(std::string("surefoot: ") + error.what());
      all = false;
    }
  };
  if (fit.result.ok()) {
    write(job.save, "model saved", [&](const std::string& path) { fit.save(path); });
  } else if (!job.save.empty()) {
    say("surefoot: there is no model to save");
  }
  write(job.trace, "trace", [&](const std::string& path) { write_file(path, trace.text()); });
  return all;
}

int exit_code_of(Status status) {
  switch (status) {
    case Status::converged:
    case Status::stalled:
    case Status::budget:
      return done;
    case Status::interrupted:
      return interrupted;
    case Status::failed:
      return failed;
  }
  return failed;
}

int run(const Job& job) {
  check_outputs(job);
  FitOptions options = job.fit;
  if (!job.start.empty()) options.start = LinearModel::load(job.start);
  const auto began = Clock::now();
  LiveLine reading(!job.quiet);
  reading.show([&] { return "reading " + job.data; });
  const Table table = read(job.data, job.read);
  reading.clear();
  const double read_seconds = std::chrono::duration<double>(Clock::now() - began).count();
  require_target(table);
  if (!job.quiet) say(describe_table(table));

  const Interruptible interrupts;
  std::stop_source cancel;
  Watcher watcher(job, interrupts, cancel);
  options.cancel = cancel.get_token();
  options.observer = [&](const Event& event) {
    watcher(event);
    return true;
  };
  const Fit trained = fit(table, options);
  watcher.finish(trained.result);

  if (!job.quiet) say(describe_fit(table, trained, options, read_seconds));
  const std::string warning = warning_of(trained);
  if (!warning.empty()) say(warning_colour(warning));
  const bool written = write_outputs(job, trained, watcher.trace());
  if (job.json) write_file("-", json_of(table, trained, options, read_seconds).dump(2) + "\n");
  return written ? exit_code_of(trained.result.status) : cannot_write;
}

}  // namespace

int train(const Words& words) {
  Options options("train", known_options());
  options.read(words, {"DATA"}, 1);
  if (options.has("help")) {
    write_file("-", help(options));
    return done;
  }
  return run(job_of(options));
}

}  // namespace surefoot::app
