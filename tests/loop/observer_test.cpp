#include "surefoot/loop/observer.hpp"

#include "catch.hpp"

using namespace surefoot;
using Kind = Event::Kind;

TEST_CASE("a trace recorder keeps every event in order") {
  std::vector<Event> events;
  TraceRecorder recorder{&events};
  CHECK(notify(recorder, {.kind = Kind::start, .loss = 1}));
  CHECK(notify(recorder, {.kind = Kind::step, .loss = 0.5}));
  REQUIRE(events.size() == 2);
  CHECK(events[0].kind == Kind::start);
  CHECK(events[1].loss == 0.5);
}

TEST_CASE("an observer that answers false wants the end; one that answers nothing never does") {
  auto silent = [](const Event&) {};
  auto stopper = [](const Event& event) { return event.iteration < 3; };
  CHECK(notify(silent, {.iteration = 9}));
  CHECK(notify(stopper, {.iteration = 2}));
  CHECK_FALSE(notify(stopper, {.iteration = 3}));
  Unobserved nobody;
  CHECK(notify(nobody, {}));
}

TEST_CASE("several observers are one: each hears every event, and any of them may end the run") {
  int first = 0, last = 0;
  Observers all{[&](const Event&) { ++first; }, [](const Event& event) { return event.iteration < 2; },
                [&](const Event&) { ++last; }};
  CHECK(notify(all, {.iteration = 1}));
  CHECK_FALSE(notify(all, {.iteration = 2}));
  CHECK(first == 2);
  CHECK(last == 2);  // one that wants the end does not deafen the others
}
