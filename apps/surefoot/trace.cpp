#include "trace.hpp"

#include "text.hpp"

namespace surefoot::app {
namespace {

struct Row {
  int iteration = 0;
  long evaluations = 0;
  std::string loss{}, gradient_norm{}, step{}, tries{};
  std::string event{}, cause{}, why{};
  double seconds = 0;
};

void append(std::string& csv, const Row& row) {
  csv += std::to_string(row.iteration) + "," + std::to_string(row.evaluations) + "," + row.loss + "," +
         row.gradient_norm + "," + row.step + "," + row.tries + "," + row.event + "," + row.cause + "," +
         csv_cell(row.why) + "," + digits(row.seconds, 6) + "\n";
}

}  // namespace

int iteration_of(const Event& event) {
  const bool between = event.kind != Event::Kind::start && event.kind != Event::Kind::end;
  return event.iteration + (between ? 1 : 0);
}

void Trace::add(const Event& event) {
  using Kind = Event::Kind;
  if (json_) {
    text_ += to_json(event) + "\n";
    return;
  }
  if (event.kind == Kind::end) return;  // `finish` knows the reason
  const bool at_start = event.kind == Kind::start;
  // The gradient of a point that was refused is not told.
  Row row{.iteration = iteration_of(event), .evaluations = event.evaluations};
  row.event = to_string(event.kind);
  row.cause = to_string(event.cause);
  row.why = describe(event);
  row.seconds = event.seconds;
  const bool of_a_point = event.kind != Kind::restart && event.kind != Kind::cap;
  if (of_a_point) row.loss = shortest(event.loss);
  if (at_start || event.kind == Kind::step) row.gradient_norm = shortest(event.gradient_max);
  if (!at_start && event.kind != Kind::restart)
    row.step = shortest(event.kind == Kind::cap ? event.next_step : event.step);
  if (event.kind == Kind::step) row.tries = std::to_string(event.tries);
  append(text_, row);
}

void Trace::finish(const Result& result) {
  if (json_) return;
  append(text_, {.iteration = result.iterations,
                 .evaluations = result.loss_evaluations + result.gradient_evaluations,
                 .loss = shortest(result.loss),
                 .gradient_norm = shortest(result.gradient_norm),
                 .step = std::isnan(result.step) ? "" : shortest(result.step),
                 .event = "end",
                 .cause = surefoot::to_string(result.code),
                 .why = result.reason,
                 .seconds = result.seconds});
}

}  // namespace surefoot::app
