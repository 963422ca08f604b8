#include <sstream>
#include <string>

#include "apps/run_app.hpp"
#include "catch.hpp"
#include "surefoot/registry.hpp"

using namespace surefoot::test;

TEST_CASE("the catalogue has every rule of the registry, and the pairs") {
  const Outcome outcome = run_app({"strategies"});
  CHECK(outcome.code == 0);
  CHECK(outcome.err.empty());
  for (const auto& entry : surefoot::registry()) {
    CHECK(says(outcome.out, entry.name));
    CHECK(says(outcome.out, entry.title));
    CHECK(says(outcome.out, entry.source));
  }
  CHECK(says(outcome.out, "auto+nonmonotone"));
  CHECK(says(outcome.out, "armijo, nonmonotone, zhang-hager"));
  std::istringstream lines(outcome.out);  // none that no terminal could show
  for (std::string line; std::getline(lines, line);) CHECK(line.size() <= 260);
}

TEST_CASE("the catalogue as JSON has the fields of the contract") {
  const auto json = run_app({"strategies", "--json"}).json();
  const auto& list = json.at("strategies");
  REQUIRE(list.size() == surefoot::registry().size());
  for (std::size_t i = 0; i < list.size(); ++i) {
    const auto& entry = surefoot::registry()[i];
    CHECK(list[i].at("name") == entry.name);
    CHECK(list[i].at("title") == entry.title);
    CHECK(list[i].at("source") == entry.source);
    CHECK(list[i].at("parameters").size() == entry.rule.parameters_now().size());
    for (const auto& parameter : list[i].at("parameters")) {
      CHECK(parameter.at("name").is_string());
      CHECK(parameter.at("what").is_string());
    }
  }
  const auto judges = [&](const std::string& name) {
    return run_app({"strategies", name, "--json"}).json().at("strategies").at(0).at("judges");
  };
  const auto learns = [&](const std::string& name) {
    return run_app({"strategies", name, "--json"}).json().at("strategies").at(0).at("learns");
  };
  const auto role = [&](const std::string& name) {
    return run_app({"strategies", name, "--json"}).json().at("strategies").at(0).at("role");
  };
  CHECK(role("weak-wolfe") == "judges");
  CHECK(role("armijo") == "shrinks");
  CHECK(role("auto") == "proposes");
  CHECK(role("auto+armijo") == "pair");
  CHECK(judges("fixed") == "nothing");
  CHECK(judges("armijo") == "loss");
  CHECK(judges("weak-wolfe") == "slope");
  CHECK(judges("bb1+armijo") == "loss");
  CHECK(learns("fixed") == "nothing");
  CHECK(learns("bb1") == "pair");
  CHECK(learns("bb1+armijo") == "pair");
}

TEST_CASE("one strategy in full has its parameters, header and page") {
  const std::string out = run_app({"strategies", "nonmonotone"}).out;
  for (const char* part : {"memory", "10", "sufficient_decrease", "0.0001", "in (0, 0.5)", "nonmonotone_armijo.hpp",
                           "docs/strategies/nonmonotone.md"}) {
    INFO(part);
    CHECK(says(out, part));
  }
  CHECK(run_app({"strategies", "gll"}).out == out);  // by another name
}

TEST_CASE("a step with a plus in its exponent is shown like any other") {
  const auto shown = run_app({"strategies", "fixed:step=1e+05", "--json"});
  CHECK(shown.code == 0);
  CHECK(shown.json().at("strategies").at(0).at("name") == "fixed");
}

TEST_CASE("a pair in full has the parameters of both") {
  const auto pair = run_app({"strategies", "bb+nonmonotone", "--json"}).json().at("strategies").at(0);
  CHECK(pair.at("name") == "bb1+nonmonotone");
  CHECK(pair.at("headers").size() == 3);  // and joined.hpp
  CHECK(says(run_app({"strategies", "bb+nonmonotone"}).out, "memory"));
}

TEST_CASE("a strategy that does not exist is refused with those that do, a pair that does not fit with the reason") {
  const Outcome unknown = run_app({"strategies", "newton"});
  CHECK(unknown.code == 2);
  CHECK(unknown.out.empty());
  CHECK(says(unknown.err, "bb-alternate"));
  const Outcome pair = run_app({"strategies", "bb1+weak-wolfe"});
  CHECK(pair.code == 2);
  CHECK(says(pair.err, "would undo"));
}
