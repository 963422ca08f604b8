/// Who wants to know? Anything that can be called with an Event sees every trial, step and rollback, with its cause.
///
///   minimizer.run(objective, w0, {}, [](const Event& event) { std::clog << describe(event) << '\n'; });
///
/// `TextLog{&std::clog}` and `JsonLog{&file}` are such. An observer may answer `false` to end the run (status interrupted) with the best point so far.
#pragma once

#include <functional>
#include <ostream>
#include <tuple>
#include <type_traits>
#include <vector>

#include "surefoot/loop/event.hpp"

namespace surefoot {

/// Nobody wants to know: costs nothing.
struct Unobserved {
  void operator()(const Event&) const {}
};

/// Is there anybody to tell? An empty std::function is nobody.
template <class One>
bool listens(const One& observer) {
  if constexpr (std::is_same_v<One, Unobserved>) return false;
  if constexpr (std::is_same_v<One, std::function<bool(const Event&)>>) return static_cast<bool>(observer);
  return true;
}

/// Keeps every event. Its memory grows as it goes: a run under it allocates.
struct TraceRecorder {
  std::vector<Event>* events;
  void operator()(const Event& event) const { events->push_back(event); }
};

/// The event log as text, a line each: "12: step 0.5 -> 0.25: the loss rose by 3 %" (the iteration first).
struct TextLog {
  std::ostream* out;
  void operator()(const Event& event) const { *out << event.iteration << ": " << describe(event) << '\n'; }
};

/// The event log as JSON lines.
struct JsonLog {
  std::ostream* out;
  void operator()(const Event& event) const { *out << to_json(event) << '\n'; }
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
