/// What happened in a run, and why: numbers, a line for a person, a line of JSON.
///
///   minimizer.run(objective, w0, {}, [](const Event& event) { std::clog << describe(event) << '\n'; });
///   // step 0.5 -> 0.25: the loss rose by 3 %
#pragma once

#include <string>

#include "surefoot/loop/numbers.hpp"
#include "surefoot/loop/parameters.hpp"

namespace surefoot {

/// Why a trial was refused, a step chosen, undone or held, a direction restarted.
enum class Cause {
  none,
  rose,         // the loss
  not_finite,   // the loss, its gradient or the weights; of a restart: the direction
  condition,    // the rule's condition did not hold, though the loss fell: too short, or too little gained
  failed_ray,   // nothing lower was found
  cycle,        // many steps without a new best
  rule,         // the rule's own first step, taken
  searched,     // the end of a search: the refused trials tell why
  natural,      // the direction's own step, taken
  stretched,    // twice the direction's own or more: the last ones were too short
  reach,        // shorter than the direction's own: no more than so many times the last one
  inferred,     // a step was taken for its slopes: the next ray starts where they say the minimum is
  regrown,      // good steps let the cap on a fixed step grow
  uphill,       // the direction did not lead downhill
  direction,    // the direction's own test found what it had learnt to be stale
  coordinates,  // the coordinates changed
  lower         // a lower point had been seen
};

constexpr const char* to_string(Cause cause) {
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
    case Cause::rule:
      return "rule";
    case Cause::searched:
      return "searched";
    case Cause::natural:
      return "natural";
    case Cause::stretched:
      return "stretched";
    case Cause::reach:
      return "reach";
    case Cause::inferred:
      return "inferred";
    case Cause::regrown:
      return "regrown";
    case Cause::uphill:
      return "uphill";
    case Cause::direction:
      return "direction";
    case Cause::coordinates:
      return "coordinates";
    case Cause::lower:
      return "lower";
  }
  return "";
}

/// Something that happened in a run. Numbers only, so that making one costs nothing; `describe` puts it into words.
struct Event {
  enum class Kind {
    start,     // the start was evaluated
    trial,     // a point was tried and refused; `next_step` is what is tried next
    step,      // a step was taken; where it was taken for its slopes, `next_step` is the inferred minimiser's
    rollback,  // the monitor: back to the best point; the step shrinks by `factor`
    cap,       // the monitor: the cap on a fixed step is now `next_step`
    retreat,   // an inferred start led to nothing lower: back to the best point that was evaluated
    restart,   // the direction began anew along the negative gradient
    end        // the run is over
  };
  Kind kind = Kind::start;
  Cause cause = Cause::none;
  int iteration = 0;
  long evaluations = 0;
  double loss = not_a_number;           // at the point that this is about
  double previous_loss = not_a_number;  // at the point that it came from
  double gradient_max = not_a_number;
  double step = not_a_number;
  double previous_step = not_a_number;  // with step: the last one taken
  double next_step = not_a_number;
  double factor = 1;  // with rollback
  int tries = 0;
  int rollbacks = 0;
  double seconds = 0;
};

constexpr const char* to_string(Event::Kind kind) {
  switch (kind) {
    case Event::Kind::start:
      return "start";
    case Event::Kind::trial:
      return "trial";
    case Event::Kind::step:
      return "step";
    case Event::Kind::rollback:
      return "rollback";
    case Event::Kind::cap:
      return "cap";
    case Event::Kind::retreat:
      return "retreat";
    case Event::Kind::restart:
      return "restart";
    case Event::Kind::end:
      return "end";
  }
  return "";
}

namespace event_text {

inline std::string change(double now, double before) {
  const double share = (now - before) / std::abs(before);
  if (!std::isfinite(share)) return "from " + number(before) + " to " + number(now);
  return "by " + number(100 * std::abs(share)) + " %";
}

/// "0.5", or "0.5 -> 0.25" where the second is known.
inline std::string arrow(double from, double to) {
  return std::isfinite(to) ? number(from) + " -> " + number(to) : number(from);
}

inline std::string describe_trial(const Event& event) {
  const std::string step = "step " + arrow(event.step, event.next_step) + ": ";
  if (event.cause == Cause::not_finite) return step + "the loss or its gradient was not finite there";
  if (event.loss > event.previous_loss) return step + "the loss rose " + change(event.loss, event.previous_loss);
  if (event.loss == event.previous_loss) return step + "the loss did not change";
  const std::string fell = step + "the loss fell " + change(event.loss, event.previous_loss);
  if (event.next_step > event.step) return fell + ", and it is worth going further";
  return fell + ", too little for its slope";
}

inline std::string describe_step(const Event& event) {
  const bool changed = std::isfinite(event.previous_step) && event.previous_step != event.step;
  std::string why;
  if (changed && event.cause == Cause::rule) why = " by the rule";
  if (changed && event.cause == Cause::natural) why = " by the direction";
  if (event.cause == Cause::stretched) why = " (the last ones were too short)";
  if (event.cause == Cause::reach) why = " (within reach of the last one)";
  std::string line = "step " + (changed ? arrow(event.previous_step, event.step) : number(event.step)) + why +
                     " taken: loss " + number(event.loss);
  if (event.tries > 1) line += " after " + std::to_string(event.tries) + " tries";
  if (event.cause == Cause::inferred) {
    line += "; the next starts where the slopes say the minimum is, at step " + number(event.next_step);
  }
  return line;
}

inline std::string describe_rollback(const Event& event) {
  std::string why = "nothing lower was found";
  if (event.cause == Cause::rose) why = "the loss rose " + change(event.loss, event.previous_loss);
  if (event.cause == Cause::not_finite) why = "the loss or its gradient was not finite";
  if (event.cause == Cause::cycle) why = "many steps brought no new best loss";
  return "back to the best point, step times " + number(event.factor) + ": " + why;
}

inline std::string describe_restart(const Event& event) {
  std::string why = "what it had learnt failed";
  if (event.cause == Cause::uphill) why = "it did not lead downhill";
  if (event.cause == Cause::not_finite) why = "it was not finite";
  if (event.cause == Cause::direction) why = "its own test found what it had learnt to be stale";
  if (event.cause == Cause::coordinates) why = "the coordinates changed";
  if (event.cause == Cause::lower) why = "a lower point had been seen";
  return "the direction starts anew along the negative gradient: " + why;
}

}  // namespace event_text

/// One line for a person: "step 0.5 -> 0.25: the loss rose by 3 %".
inline std::string describe(const Event& event) {
  switch (event.kind) {
    case Event::Kind::start:
      return "start: loss " + number(event.loss);
    case Event::Kind::trial:
      return event_text::describe_trial(event);
    case Event::Kind::step:
      return event_text::describe_step(event);
    case Event::Kind::rollback:
      return event_text::describe_rollback(event);
    case Event::Kind::cap:
      if (event.cause == Cause::regrown) {
        return "cap on the step " + event_text::arrow(event.step, event.next_step) + ": the last steps were good";
      }
      return "cap on the step " + event_text::arrow(event.step, event.next_step) + ": longer ones failed";
    case Event::Kind::retreat:
      return "back to the best point: from the inferred start nothing lower was found";
    case Event::Kind::restart:
      return event_text::describe_restart(event);
    case Event::Kind::end:
      return "end: loss " + number(event.loss);
  }
  return {};
}

/// One line of JSON, for a program: {"event":"trial","cause":"rose","iteration":3,…}. Fields that say nothing are left
/// out; what is not finite is a text ("NaN", "Infinity"), since JSON has no such numbers. (Compiled: it needs surefoot::surefoot, the headers alone
/// won't do.)
std::string to_json(const Event& event);

}  // namespace surefoot
