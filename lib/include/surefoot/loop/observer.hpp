/// Who wants to know? Anything that can be called with an Event sees every trial, step and rollback, with its cause.
///
///   minimizer.run(objective, w0, {}, [](const Event& event) { std::clog << describe(event) << '\n'; });
///
/// An observer may answer `false` to end the run (status interrupted) with the best point so far.
#pragma once

#include <functional>
#include <tuple>
#include <vector>

#include "surefoot/loop/result.hpp"

namespace surefoot {

/// Something that happened in a run. Numbers only, so that making one costs nothing; `describe` puts it into words.
struct Event {
  enum class Kind {
    start,     // the start was evaluated
    trial,     // a point was tried and refused; `next_step` is what is tried next
    step,      // a step was taken
    rollback,  // back to the best point; the step shrinks by `factor`
    restart,   // the direction began anew along the negative gradient
    end        // the run is over
  };
  Kind kind = Kind::start;
  Cause cause = Cause::none;
  int iteration = 0;
  long evaluations = 0;
  double loss = not_a_number;           // at the point that this is about
  double previous_loss = not_a_number;  // at the iterate that it came from
  double gradient_max = not_a_number;
  double step = not_a_number;
  double next_step = not_a_number;
  double factor = 1;  // with rollback
  int tries = 0;
  int rollbacks = 0;
  double seconds = 0;
};

namespace detail {

inline std::string percent(double now, double before) {
  const double change = (now - before) / std::abs(before);
  if (!std::isfinite(change)) return "from " + number(before) + " to " + number(now);
  return "by " + number(100 * change) + " %";
}

}  // namespace detail

/// One line for a person: "step 0.5 -> 0.25: the loss rose by 3 %".
inline std::string describe(const Event& event) {
  const std::string arrow =
      std::isfinite(event.next_step) ? number(event.step) + " -> " + number(event.next_step) : number(event.step);
  switch (event.kind) {
    case Event::Kind::start:
      return "start: loss " + number(event.loss);
    case Event::Kind::trial:
      if (event.cause == Cause::not_finite) return "step " + arrow + ": the loss or its gradient was not finite there";
      if (event.loss > event.previous_loss) {
        return "step " + arrow + ": the loss rose " + detail::percent(event.loss, event.previous_loss);
      }
      return "step " + arrow + ": the loss fell, but the rule's condition did not hold";
    case Event::Kind::step:
      return "step " + number(event.step) + " taken: loss " + number(event.loss) +
             (event.tries > 1 ? " after " + std::to_string(event.tries) + " tries" : "");
    case Event::Kind::rollback: {
      std::string why = "nothing lower was found";
      if (event.cause == Cause::rose) why = "the loss rose " + detail::percent(event.loss, event.previous_loss);
      if (event.cause == Cause::not_finite) why = "the loss or its gradient was not finite";
      if (event.cause == Cause::cycle) why = "many steps brought no new best loss";
      return "back to the best point, step times " + number(event.factor) + ": " + why;
    }
    case Event::Kind::restart:
      return "the direction starts anew along the negative gradient";
    case Event::Kind::end:
      return "end: loss " + number(event.loss);
  }
  return {};
}

/// Nobody wants to know: costs nothing.
struct Unobserved {
  void operator()(const Event&) const {}
};

/// Keeps every event. Its memory grows as it goes: a run under it allocates.
struct TraceRecorder {
  std::vector<Event>* events;
  void operator()(const Event& event) const { events->push_back(event); }
};

/// Several observers as one; the run goes on while all of them agree.
template <class... Observer>
struct Observers {
  std::tuple<Observer...> each;
  explicit Observers(Observer... observers) : each(std::move(observers)...) {}
  bool operator()(const Event& event) {
    bool go_on = true;
    std::apply([&](auto&... observer) { ((go_on = notify(observer, event) && go_on), ...); }, each);
    return go_on;
  }

  template <class One>
  static bool notify(One& observer, const Event& event) {
    if constexpr (std::is_same_v<std::invoke_result_t<One&, const Event&>, bool>) {
      return observer(event);
    } else {
      observer(event);
      return true;
    }
  }
};

/// Tells an observer; false if it wants the run to end.
template <class One>
bool notify(One& observer, const Event& event) {
  return Observers<One>::notify(observer, event);
}

}  // namespace surefoot
