/// One run of a step rule on one and the same problem, trial by trial: what the pictures of docs/strategies/ show. It is
/// made by bench/traces.cpp, which draws them, and by tests/bench_strategy_pictures_test.cpp, which asks whether the
/// committed ones are still true.
///
///   for (const RuleEntry& entry : registry()) {
///     strategy_trace::write(folder / (entry.name + ".tsv"), strategy_trace::run(entry.rule));
///   }
#pragma once

#include <algorithm>
#include <boost/crc.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "surefoot/any_rule.hpp"
#include "surefoot/directions/steepest.hpp"
#include "surefoot/loop/minimizer.hpp"
#include "surefoot/objectives/functions.hpp"

namespace surefoot::strategy_trace {

inline constexpr double target = 1e-8;
inline constexpr long max_evaluations = 120;

/// One trial: a step from `from` that led to `to`. Weights that the run never evaluated are NaN.
struct Row {
  long evaluations = 0;  // calls up to and with this trial
  double step = not_a_number, loss = not_a_number;
  double from0 = not_a_number, from1 = not_a_number, to0 = not_a_number, to1 = not_a_number;
  std::string what{};  // taken, refused, or undone (by the monitor)
};

/// Rosenbrock's function that remembers where it was evaluated: an observer is told losses, no weights.
struct Remembering {
  struct Visit {
    double loss, w0, w1;
  };
  Rosenbrock valley{};
  std::vector<Visit> visits{};

  double loss(const Vector& w, Vector& gradient) {
    visits.push_back({valley.loss(w, gradient), w[0], w[1]});
    return visits.back().loss;
  }
  double lower_bound() const { return valley.lower_bound(); }

  /// The last point with exactly this loss.
  Visit at(double loss) const {
    const auto found = std::find_if(visits.rbegin(), visits.rend(), [&](const Visit& v) { return v.loss == loss; });
    return found != visits.rend() ? *found : Visit{loss, not_a_number, not_a_number};
  }
};

/// Rosenbrock's function from (-1.2, 1) along the negative gradient, with opening and monitor, without a first step.
/// `off`: by what share the start is moved, to see what rounding may do.
inline std::vector<Row> run(const AnyRule& rule, double off = 0) {
  Remembering objective;
  Vector start = objective.valley.start();
  start[0] *= 1 + off;
  std::vector<Row> rows;
  const Minimizer minimizer{SteepestDescent{}, rule, Monitor{},
                            Stop{.target = target, .max_evaluations = max_evaluations}};
  minimizer.run(objective, start, {}, [&](const Event& event) {
    using Kind = Event::Kind;
    // A failed ray's rollback undoes no trial: its trials were all refused.
    const bool undone = event.kind == Kind::rollback && event.cause != Cause::failed_ray;
    if (event.kind != Kind::step && event.kind != Kind::trial && !undone) return;
    const auto to = objective.at(event.loss);
    // An undone step is told with the best loss as the previous one; it came from where the last taken one led.
    const auto last = std::find_if(rows.rbegin(), rows.rend(), [](const Row& row) { return row.what == "taken"; });
    const auto from = objective.at(undone && last != rows.rend() ? last->loss : event.previous_loss);
    rows.push_back({event.evaluations, event.step, event.loss, from.w0, from.w1, to.w0, to.w1,
                    undone                     ? "undone"
                    : event.kind == Kind::step ? "taken"
                                               : "refused"});
  });
  return rows;
}

inline void write(const std::filesystem::path& file, const std::vector<Row>& rows) {
  std::ofstream out(file);
  out.precision(6);
  out << "evaluations\tstep\tloss\tfrom0\tfrom1\tto0\tto1\twhat\n";
  for (const Row& row : rows) {
    out << row.evaluations;
    for (const double value : {row.step, row.loss, row.from0, row.from1, row.to0, row.to1}) out << '\t' << value;
    out << '\t' << row.what << '\n';
  }
  if (!out.flush()) throw std::runtime_error(file.string() + " can't be written");
}

inline std::string contents(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// What `write` wrote; no rows where there is no such file.
inline std::vector<Row> read(const std::filesystem::path& file) {
  std::istringstream lines(contents(file));
  std::vector<Row> rows;
  std::string line;
  std::getline(lines, line);  // the names
  while (std::getline(lines, line)) {
    std::istringstream fields(line);
    const auto number = [&] {  // by way of text: operator>> does not read nan
      std::string text;
      fields >> text;
      return std::strtod(text.c_str(), nullptr);
    };
    Row row;
    fields >> row.evaluations;
    for (double* value : {&row.step, &row.loss, &row.from0, &row.from1, &row.to0, &row.to1}) *value = number();
    fields >> row.what;
    rows.push_back(row);
  }
  return rows;
}

/// The comment by which a picture says what it was drawn from.
inline std::string stamp(const std::filesystem::path& table) {
  const std::string text = contents(table);
  boost::crc_32_type crc;
  crc.process_bytes(text.data(), text.size());
  std::ostringstream comment;
  comment << "<!-- drawn from " << table.filename().string() << ", CRC-32 " << std::hex << crc.checksum() << " -->";
  return comment.str();
}

}  // namespace surefoot::strategy_trace
