#include "surefoot/loop/observer.hpp"

#include "catch.hpp"

using namespace surefoot;
using Kind = Event::Kind;

TEST_CASE("an event is described in a line that a person understands, with its cause") {
  CHECK(describe({.kind = Kind::start, .loss = 2.5}) == "start: loss 2.5");
  CHECK(describe({.kind = Kind::step, .loss = 2, .step = 0.25, .tries = 1}) == "step 0.25 taken: loss 2");
  CHECK(describe({.kind = Kind::step, .loss = 2, .step = 0.25, .tries = 3}) == "step 0.25 taken: loss 2 after 3 tries");
  CHECK(describe({.kind = Kind::trial, .loss = 1.03, .previous_loss = 1, .step = 0.5, .next_step = 0.25}) ==
        "step 0.5 -> 0.25: the loss rose by 3 %");
  CHECK(describe({.kind = Kind::trial, .cause = Cause::not_finite, .step = 8, .next_step = 0.8}) ==
        "step 8 -> 0.8: the loss or its gradient was not finite there");
  CHECK(describe({.kind = Kind::trial, .loss = 0.9, .previous_loss = 1, .step = 0.5, .next_step = 1}) ==
        "step 0.5 -> 1: the loss fell, but the rule's condition did not hold");
  CHECK(describe({.kind = Kind::restart}) == "the direction starts anew along the negative gradient");
  CHECK(describe({.kind = Kind::end, .loss = 0.125}) == "end: loss 0.125");
}

TEST_CASE("a trial after which nothing is tried has no arrow") {
  CHECK(describe({.kind = Kind::trial, .loss = 2, .previous_loss = 1, .step = 0.5}) ==
        "step 0.5: the loss rose by 100 %");
}

TEST_CASE("a rise from zero is told by its two values, since no percentage fits") {
  CHECK(describe({.kind = Kind::trial, .loss = 3, .previous_loss = 0, .step = 1, .next_step = 0.5}) ==
        "step 1 -> 0.5: the loss rose from 0 to 3");
}

TEST_CASE("a rise above a negative loss is a rise by a positive percentage") {
  CHECK(describe({.kind = Kind::trial, .loss = -1, .previous_loss = -2, .step = 1, .next_step = 0.5}) ==
        "step 1 -> 0.5: the loss rose by 50 %");
}

TEST_CASE("a rollback names its factor and its cause") {
  const auto line = [](Cause cause) {
    return describe({.kind = Kind::rollback, .cause = cause, .loss = 3, .previous_loss = 2, .factor = 0.25});
  };
  CHECK(line(Cause::rose) == "back to the best point, step times 0.25: the loss rose by 50 %");
  CHECK(line(Cause::not_finite) == "back to the best point, step times 0.25: the loss or its gradient was not finite");
  CHECK(line(Cause::cycle) == "back to the best point, step times 0.25: many steps brought no new best loss");
  CHECK(line(Cause::failed_ray) == "back to the best point, step times 0.25: nothing lower was found");
}

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
