#include "trace.hpp"

#include "text.hpp"

namespace surefoot::app {
namespace {

const char* to_string(Event::Kind kind) {
  switch (kind) {
    case Event::Kind::start:
      return "start";
    case Event::Kind::trial:
      return "trial";
    case Event::Kind::step:
      return "step";
    case Event::Kind::rollback:
      return "rollback";
    case Event::Kind::restart:
      return "restart";
    case Event::Kind::end:
      return "end";
  }
  return "";
}

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

const char* to_string(Cause cause) {
  switch (cause) {
    case Cause::none:
      return "";
    case Cause::rose:
      return "rose";
    case Cause::not_finite:
      return "not_finite";
    case Cause::condition:
      return "condition";
    case Cause::failed_ray:
      return "failed_ray";
    case Cause::cycle:
      return "cycle";
  }
  return "";
}

int iteration_of(const Event& event) {
  const bool between = event.kind != Event::Kind::start && event.kind != Event::Kind::end;
  return event.iteration + (between ? 1 : 0);
}

void Trace::add(const Event& event) {
  using Kind = Event::Kind;
  if (event.kind == Kind::end) return;  // `finish` knows the reason
  const bool at_start = event.kind == Kind::start;
  // The gradient of a point that was refused is not told.
  Row row{.iteration = iteration_of(event), .evaluations = event.evaluations};
  row.event = to_string(event.kind);
  row.cause = to_string(event.cause);
  row.why = describe(event);
  row.seconds = event.seconds;
  if (event.kind != Kind::restart) row.loss = shortest(event.loss);
  if (at_start || event.kind == Kind::step) row.gradient_norm = shortest(event.gradient_max);
  if (!at_start && event.kind != Kind::restart) row.step = shortest(event.step);
  if (event.kind == Kind::step) row.tries = std::to_string(event.tries);
  append(csv_, row);
}

void Trace::finish(const Result& result) {
  append(csv_, {.iteration = result.iterations,
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
