#include "surefoot/loop/event.hpp"

#include <nlohmann/json.hpp>
#include <sstream>

#include "catch.hpp"
#include "surefoot/loop/observer.hpp"

using namespace surefoot;
using Kind = Event::Kind;

TEST_CASE("an event is described in a line that a person understands, with its cause") {
  CHECK(describe({.kind = Kind::start, .loss = 2.5}) == "start: loss 2.5");
  CHECK(describe({.kind = Kind::step, .loss = 2, .step = 0.25, .tries = 1}) == "step 0.25 taken: loss 2");
  CHECK(describe({.kind = Kind::step, .loss = 2, .step = 0.25, .tries = 3}) == "step 0.25 taken: loss 2 after 3 tries");
  CHECK(describe({.kind = Kind::step, .loss = 2, .step = 0.25, .previous_step = 0.5, .tries = 1}) ==
        "step 0.5 -> 0.25 taken: loss 2");
  CHECK(describe({.kind = Kind::step, .cause = Cause::inferred, .loss = 2, .step = 1, .next_step = 0.25, .tries = 1}) ==
        "step 1 taken: loss 2; the next starts where the slopes say the minimum is, at step 0.25");
  CHECK(describe({.kind = Kind::step, .cause = Cause::rule, .loss = 2, .step = 0.25, .previous_step = 0.5}) ==
        "step 0.5 -> 0.25 by the rule taken: loss 2");
  CHECK(describe({.kind = Kind::step, .cause = Cause::natural, .loss = 2, .step = 1, .previous_step = 0.5}) ==
        "step 0.5 -> 1 by the direction taken: loss 2");
  CHECK(describe({.kind = Kind::step, .cause = Cause::stretched, .loss = 2, .step = 2, .previous_step = 1}) ==
        "step 1 -> 2 (the last ones were too short) taken: loss 2");
  CHECK(describe({.kind = Kind::step, .cause = Cause::reach, .loss = 2, .step = 0.5, .previous_step = 1}) ==
        "step 1 -> 0.5 (within reach of the last one) taken: loss 2");
  CHECK(describe({.kind = Kind::trial, .loss = 1.03, .previous_loss = 1, .step = 0.5, .next_step = 0.25}) ==
        "step 0.5 -> 0.25: the loss rose by 3 %");
  CHECK(describe({.kind = Kind::trial, .cause = Cause::not_finite, .step = 8, .next_step = 0.8}) ==
        "step 8 -> 0.8: the loss or its gradient was not finite there");
  CHECK(describe({.kind = Kind::trial, .loss = 0.9, .previous_loss = 1, .step = 0.5, .next_step = 1}) ==
        "step 0.5 -> 1: the loss fell by 10 %, and it is worth going further");
  CHECK(describe({.kind = Kind::trial, .loss = 0.9, .previous_loss = 1, .step = 0.5, .next_step = 0.25}) ==
        "step 0.5 -> 0.25: the loss fell by 10 %, too little for its slope");
  CHECK(describe({.kind = Kind::trial, .loss = 1, .previous_loss = 1, .step = 0.5, .next_step = 0.25}) ==
        "step 0.5 -> 0.25: the loss did not change");
  CHECK(describe({.kind = Kind::retreat}) == "back to the best point: from the inferred start nothing lower was found");
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

TEST_CASE("a restart says why, and a cap where it stood and where it stands") {
  const auto line = [](Cause cause) { return describe({.kind = Kind::restart, .cause = cause}); };
  const std::string anew = "the direction starts anew along the negative gradient: ";
  CHECK(line(Cause::uphill) == anew + "it did not lead downhill");
  CHECK(line(Cause::not_finite) == anew + "it was not finite");
  CHECK(line(Cause::direction) == anew + "its own test found what it had learnt to be stale");
  CHECK(line(Cause::coordinates) == anew + "the coordinates changed");
  CHECK(line(Cause::lower) == anew + "a lower point had been seen");
  CHECK(line(Cause::failed_ray) == anew + "what it had learnt failed");
  CHECK(describe({.kind = Kind::cap, .cause = Cause::rose, .step = infinity, .next_step = 0.5}) ==
        "cap on the step Inf -> 0.5: longer ones failed");
  CHECK(describe({.kind = Kind::cap, .cause = Cause::regrown, .step = 0.5, .next_step = 1}) ==
        "cap on the step 0.5 -> 1: the last steps were good");
}

TEST_CASE("an event as JSON carries its kind, its cause and the numbers that it has") {
  const auto json = nlohmann::json::parse(to_json({.kind = Kind::trial,
                                                   .cause = Cause::rose,
                                                   .iteration = 3,
                                                   .evaluations = 9,
                                                   .loss = 1.03,
                                                   .previous_loss = 1,
                                                   .step = 0.5,
                                                   .next_step = 0.25,
                                                   .seconds = 0.125}));
  CHECK(json["event"] == "trial");
  CHECK(json["cause"] == "rose");
  CHECK(json["iteration"] == 3);
  CHECK(json["evaluations"] == 9);
  CHECK(json["loss"] == 1.03);
  CHECK(json["previous_loss"] == 1);
  CHECK(json["step"] == 0.5);
  CHECK(json["next_step"] == 0.25);
  CHECK(json["seconds"] == 0.125);
  CHECK(json["text"] == "step 0.5 -> 0.25: the loss rose by 3 %");
  CHECK_FALSE(json.contains("factor"));
  CHECK_FALSE(json.contains("previous_step"));
}

TEST_CASE("what is not finite is a text in JSON, which has no such numbers") {
  CHECK(nlohmann::json::parse(to_json({.kind = Kind::trial, .loss = not_a_number}))["loss"] == "NaN");
  CHECK(nlohmann::json::parse(to_json({.kind = Kind::trial, .loss = infinity}))["loss"] == "Infinity");
  CHECK(nlohmann::json::parse(to_json({.kind = Kind::trial, .loss = -infinity}))["loss"] == "-Infinity");
}

TEST_CASE("every kind and cause of event has a name of its own") {
  std::vector<std::string> names;
  for (int kind = 0; kind <= static_cast<int>(Kind::end); ++kind) names.push_back(to_string(static_cast<Kind>(kind)));
  for (int cause = 1; cause <= static_cast<int>(Cause::lower); ++cause) {
    names.push_back(std::string("cause ") + to_string(static_cast<Cause>(cause)));
  }
  for (const auto& name : names) CHECK(std::count(names.begin(), names.end(), name) == 1);
  for (const auto& name : names) CHECK(name.size() > 2);
}

TEST_CASE("the logs write a line an event: text after its iteration, and JSON") {
  std::ostringstream text, json;
  Observers both{TextLog{&text}, JsonLog{&json}};
  CHECK(notify(both, {.kind = Kind::start, .loss = 2}));
  CHECK(notify(both, {.kind = Kind::step, .iteration = 1, .loss = 1, .step = 0.5, .tries = 1}));
  CHECK(text.str() == "0: start: loss 2\n1: step 0.5 taken: loss 1\n");
  std::istringstream lines(json.str());
  std::string line;
  std::vector<std::string> kinds;
  while (std::getline(lines, line)) kinds.push_back(nlohmann::json::parse(line)["event"]);
  CHECK(kinds == std::vector<std::string>{"start", "step"});
}
