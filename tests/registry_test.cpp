#include "surefoot/registry.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <random>
#include <set>

#include "catch.hpp"
#include "support/minimized.hpp"
#include "support/ray_driver.hpp"
#include "support/thrown.hpp"
#include "surefoot/directions/steepest.hpp"
#include "surefoot/loop/minimizer.hpp"
#include "surefoot/objectives/functions.hpp"

using namespace surefoot;

namespace {

std::string message(const std::string& specification) {
  return thrown([&] { make_rule(specification); });
}

std::vector<std::string> all_names() {
  std::vector<std::string> names;
  for (const RuleEntry& entry : registry()) names.push_back(entry.name);
  return names;
}

std::vector<std::string> values(const AnyRule& rule) {
  std::vector<std::string> found;
  for (const Parameter& parameter : rule.parameters_now()) found.push_back(parameter.value);
  return found;
}

/// Written down and resumed by a fresh rule before every single call: if a run under it is the same, bit for bit, then
/// nothing of a rule lives outside its written state.
struct Reborn {
  std::string specification;
  AnyRule rule;
  explicit Reborn(const std::string& name) : specification(name), rule(make_rule(name)) {}

  AnyRule& again() {
    const RuleState written = rule.write();
    rule = make_rule(specification);
    rule.resume(written);
    return rule;
  }
  Ask first(const Ray& ray) { return again().first(ray); }
  Verdict judge(const Ray& ray, const Trial& trial) { return again().judge(ray, trial); }
  void taken(const Move& move) { again().taken(move); }
  void taken(const Move& move, const Vector& from, const Vector& to) { again().taken(move, from, to); }
  bool needs_gradients() const { return rule.needs_gradients(); }
  void rolled_back(double factor) { again().rolled_back(factor); }
  void restarted(const Ray& ray) { again().restarted(ray); }
  Learns learns() const { return rule.learns(); }
  Probe probes() const { return rule.probes(); }
  bool adapts() const { return rule.adapts(); }
  double given_step() const { return rule.given_step(); }
};
static_assert(StepRule<Reborn>);

AnyRule reborn(const std::string& name) { return {Reborn(name), name}; }

std::vector<double> trace(const AnyRule& rule, const test::AnyObjective& objective, const Vector& w0) {
  std::vector<double> numbers;
  test::AnyMinimizer minimizer{SteepestDescent{}, rule, Monitor{}, Stop{.gradient = 1e-9, .max_iterations = 300}};
  minimizer.run(objective, w0, {}, [&](const Event& event) {
    numbers.push_back(event.step);
    numbers.push_back(event.loss);
  });
  return numbers;
}

/// NaN beyond a wall, so that runs meet every kind of verdict.
struct Walled {
  Rosenbrock valley{};
  double loss(const Vector& w, Vector& gradient) const {
    const double value = valley.loss(w, gradient);
    return w[0] > 0.9 ? std::nan("") : value;
  }
};

bool same_bits(const std::vector<double>& a, const std::vector<double>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](double x, double y) { return x == y || (std::isnan(x) && std::isnan(y)); });
}

bool same_state(const RuleState& a, const RuleState& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& one, const auto& other) {
    return one.first == other.first && same_bits(one.second, other.second);
  });
}

}  // namespace

TEST_CASE("every entry of the registry tells all that there is to tell of its rule") {
  std::set<std::string> names;
  for (const RuleEntry& entry : registry()) {
    INFO(entry.name);
    CHECK_FALSE(entry.name.empty());
    CHECK_FALSE(entry.title.empty());
    CHECK_FALSE(entry.source.empty());
    CHECK(std::stod(entry.cost) >= 1);
    CHECK(names.insert(entry.name).second);
    for (const auto& alias : entry.aliases) CHECK(names.insert(alias).second);  // no name means two rules
    CHECK(entry.rule.spelling() == entry.name);
    CHECK_NOTHROW(entry.rule.validate());
    for (const Parameter& parameter : entry.rule.parameters_now()) {
      CHECK_FALSE(parameter.name.empty());
      CHECK_FALSE(parameter.value.empty());
      CHECK_FALSE(parameter.range.empty());
      CHECK_FALSE(parameter.what.empty());
    }
  }
}

TEST_CASE("every entry's header, test and page exist") {
  const std::filesystem::path top = SUREFOOT_SOURCE_DIR;
  for (const RuleEntry& entry : registry()) {
    for (const std::string& file : {entry.header, entry.test, entry.page}) {
      INFO(entry.name << ": " << file);
      CHECK(std::filesystem::is_regular_file(top / file));
    }
  }
}

TEST_CASE("every header of a rule in steps/ is named by an entry, so that none is forgotten") {
  std::set<std::string> named;
  for (const RuleEntry& entry : registry()) named.insert(entry.header);
  const std::filesystem::path folder = std::filesystem::path(SUREFOOT_SOURCE_DIR) / "lib/include/surefoot/steps";
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    const std::string name = file.path().filename().string();
    const std::set<std::string> shared{"backtrack.hpp", "curvature_probe.hpp", "interpolate.hpp", "joined.hpp",
                                       "spectral.hpp"};
    if (shared.count(name) == 1) continue;
    INFO(name);
    CHECK(named.count("lib/include/surefoot/steps/" + name) == 1);
  }
}

TEST_CASE("every strategy of the literature that the catalogue promises is there, also under its other names") {
  const auto names = all_names();
  for (const char* name :
       {"fixed",        "armijo",        "nonmonotone", "zhang-hager",  "goldstein",     "weak-wolfe", "strong-wolfe",
        "more-thuente", "hager-zhang",   "grow",        "bold-driver",  "auto",          "bb1",        "bb2",
        "bb-alternate", "abb",           "abbmin1",     "abb-variable", "stabilised-bb", "cyclic-bb",  "cauchy",
        "dai-yuan",     "sdc",           "lmsd",        "adgd",         "adgd2",         "adapg",      "polyak",
        "polyak-level", "hypergradient", "silver"}) {
    INFO(name);
    CHECK(std::count(names.begin(), names.end(), name) == 1);
  }
  for (const auto& [alias, name] :
       std::map<std::string, std::string>{{"bb", "bb1"}, {"gll", "nonmonotone"}, {"grow-shrink", "grow"}}) {
    AnyRule one = make_rule(alias), other = make_rule(name);
    CHECK(one.spelling() == alias);
    CHECK(one.write() == other.write());
    one.taken({.step = 1, .displacement = 2, .gradient_change = 1, .cosine = 0.5, .loss = 1});
    other.taken({.step = 1, .displacement = 2, .gradient_change = 1, .cosine = 0.5, .loss = 1});
    CHECK(one.write() == other.write());
  }
}

TEST_CASE("bb1, bb2 and bb-alternate are the long, the short and the alternating form") {
  const Move move{.step = 1, .displacement = 1, .gradient_change = 1, .cosine = 0.5};
  const auto steps = [&](const char* name) {
    AnyRule rule = make_rule(name);
    rule.taken(move);
    const double first = rule.first({}).step;
    rule.taken(move);
    return std::pair(first, rule.first({}).step);
  };
  CHECK(steps("bb1") == std::pair(2.0, 2.0));
  CHECK(steps("bb2") == std::pair(0.5, 0.5));
  CHECK(steps("bb-alternate") == std::pair(2.0, 0.5));
}

TEST_CASE("every name that the registry gives makes a rule, spelled so") {
  const auto names = rule_names();
  CHECK(std::set<std::string>(names.begin(), names.end()).size() == names.size());
  for (const auto& name : names) CHECK(make_rule(name).spelling() == name);
}

TEST_CASE("options set parameters; values are numbers of any common form") {
  AnyRule rule = make_rule("nonmonotone:memory=7,sufficient_decrease=1e-3");
  const auto list = rule.parameters_now();
  CHECK(list[0].value == "0.001");
  CHECK(list[1].value == "7");
  CHECK(rule.spelling() == "nonmonotone:memory=7,sufficient_decrease=1e-3");
  CHECK(make_rule("fixed:step=0.5").given_step() == 0.5);
  CHECK(make_rule("fixed:step=1e5").given_step() == 1e5);
  CHECK(make_rule("fixed:step=1E-5").given_step() == 1e-5);
  CHECK(make_rule("gll:memory=3").parameters_now()[1].value == "3");
  CHECK(make_rule("fixed").parameters_now()[0].value == "unset");
}

TEST_CASE("a number with a plus in its exponent, as C++ and Python print it, is a number and no pair") {
  CHECK(make_rule("fixed:step=1e+05").given_step() == 1e5);
  CHECK(make_rule("bb+nonmonotone:growth=1e+01").spelling() == "bb+nonmonotone:growth=1e+01");
}

TEST_CASE("options of a pair reach the part that they follow") {
  AnyRule rule = make_rule("bb+nonmonotone:memory=2");
  // Three losses: with a memory of 2 the largest of the last two is the reference.
  for (double loss : {9.0, 5.0, 4.0}) {
    rule.first({.loss = loss, .slope = -1});
    rule.taken({.step = 1, .displacement = 1, .gradient_change = 1, .cosine = 1, .loss = loss, .trials = 2});
  }
  const Ray ray{.loss = 4, .slope = -1};
  rule.first(ray);
  CHECK(rule.judge(ray, {.step = 1e-3, .loss = 4.9, .model_decrease = -1e-3}).action == Verdict::Action::take);
  CHECK(rule.judge(ray, {.step = 1e-3, .loss = 5.1, .model_decrease = -1e-3}).action == Verdict::Action::retry);
}

TEST_CASE("options may come in any order, as long as their values fit together") {
  CHECK_NOTHROW(make_rule("weak-wolfe:sufficient_decrease=0.4,curvature_condition=0.5"));
  CHECK_NOTHROW(make_rule("weak-wolfe:curvature_condition=0.5,sufficient_decrease=0.4"));
  CHECK_NOTHROW(make_rule("weak-wolfe:sufficient_decrease=1e-6,curvature_condition=1e-5"));
  CHECK_NOTHROW(make_rule("weak-wolfe:curvature_condition=1e-5,sufficient_decrease=1e-6"));
}

TEST_CASE("values that do not fit together are refused when the rule is made, in whatever order they stand") {
  CHECK(mentions(message("weak-wolfe:sufficient_decrease=0.4,curvature_condition=0.3"), "curvature_condition = 0.3"));
  CHECK(mentions(message("weak-wolfe:curvature_condition=0.3,sufficient_decrease=0.4"), "curvature_condition = 0.3"));
}

TEST_CASE("every parameter of every rule refuses what is out of its range, naming field, value and range") {
  int checked = 0;
  for (const RuleEntry& entry : registry()) {
    for (const Parameter& parameter : entry.rule.parameters_now()) {
      const auto wrong = [&](double value, const std::string& typed) {
        for (const std::string& specification : {entry.name, "bb1+" + entry.name}) {
          if (specification != entry.name && entry.role != Role::shrinks) continue;
          const std::string text = message(specification + ":" + parameter.name + "=" + typed);
          INFO(specification << ": " << text);
          CHECK(mentions(text, parameter.name + " = " + number(value)));
          CHECK(mentions(text, parameter.range));
        }
        AnyRule rule = entry.rule;
        CHECK_THROWS_AS(rule.set(parameter.name, value), std::invalid_argument);
        CHECK(values(rule) == values(entry.rule));  // and the parameter stays as it was
        ++checked;
      };
      for (const auto& [value, typed] : {std::pair{0.0, "0"},
                                         {-1.0, "-1"},
                                         {-1e-300, "-1e-300"},
                                         {not_a_number, "nan"},
                                         {infinity, "inf"},
                                         {-infinity, "-inf"}}) {
        if (!parameter.bounds.contains(value)) wrong(value, typed);
      }
      if (parameter.name == "sufficient_decrease") wrong(2, "2");
    }
  }
  CHECK(checked >= 200);
}

TEST_CASE("an unknown name is answered with the names that exist") {
  for (const char* wrong : {"amijo", "", "BB", "bb ", "bb3:m=2"}) {
    const std::string text = message(wrong);
    INFO(text);
    for (const auto& name : all_names()) CHECK(mentions(text, name));
  }
  CHECK(mentions(message("amijo"), "'amijo'"));
}

TEST_CASE("an unknown option is answered with the options that exist") {
  const std::string text = message("nonmonotone:memories=5");
  CHECK(mentions(text, "memories"));
  for (const char* known : {"memory", "sufficient_decrease", "growth"}) CHECK(mentions(text, known));
  CHECK(mentions(message("bb:tau=0.5"), "none"));
  CHECK(mentions(message("gll:x=1"), "nonmonotone has no option 'x'"));
}

TEST_CASE("an option that is no option, or whose value is no number, is refused") {
  CHECK(mentions(message("armijo:"), "name:option=value"));
  CHECK(mentions(message("armijo:growth"), "'growth'"));
  CHECK(mentions(message("armijo:growth=2,"), "is not an option"));
  for (const char* value : {"two", "", "2x", " 2", "2 ", "0x10", "1e", "1e999"}) {
    const std::string text = message("armijo:growth=" + std::string(value));
    INFO(text);
    CHECK(mentions(text, "growth"));
    CHECK(mentions(text, "number"));
  }
  CHECK(mentions(message("nonmonotone:memory=2.5"), "whole number"));
}

TEST_CASE("a pair is a proposer and a judge that only shrinks; every other is refused with the reason") {
  int allowed = 0, proposers = 0, judges = 0;
  for (const RuleEntry& entry : registry()) {
    proposers += entry.role == Role::proposes ? 1 : 0;
    judges += entry.role == Role::shrinks ? 1 : 0;
  }
  for (const RuleEntry& first : registry()) {
    for (const RuleEntry& second : registry()) {
      const std::string pair = first.name + "+" + second.name;
      INFO(pair);
      if (first.role == Role::proposes && second.role == Role::shrinks) {
        CHECK_NOTHROW(make_rule(pair));
        ++allowed;
        continue;
      }
      const std::string text = message(pair);
      INFO(text);
      if (first.role != Role::proposes) {
        CHECK(mentions(text, first.name));
        for (const char* name : {"bb1", "bb2", "bb-alternate"}) CHECK(mentions(text, name));
      } else {
        CHECK(mentions(text, second.name));
        for (const char* name : {"armijo", "nonmonotone"}) CHECK(mentions(text, name));
      }
    }
  }
  CHECK(judges == 3);  // armijo, nonmonotone, zhang-hager
  CHECK(allowed == proposers * judges);
  const auto names = rule_names();
  CHECK(std::count_if(names.begin(), names.end(), [](const auto& name) { return mentions(name, "+"); }) == allowed);
  CHECK(mentions(message("bb+weak-wolfe"), "lengthen"));
  CHECK(mentions(message("bb+fixed"), "keeps to steps of its own"));
  CHECK(mentions(message("bb+auto"), "proposes a step itself"));
  CHECK(mentions(message("fixed+armijo"), "which a judge would spoil"));
  CHECK(mentions(message("armijo+nonmonotone"), "can't stand first"));
}

TEST_CASE("a chain of three, and half a pair, are refused") {
  for (const char* wrong : {"bb+armijo+nonmonotone", "bb+", "+armijo", "+"}) {
    CHECK_THROWS_AS(make_rule(wrong), std::invalid_argument);
  }
  CHECK(mentions(message("bb+armijo+nonmonotone"), "more than two rules"));
}

TEST_CASE("the entries of a specification are its one or two parts, whatever their options") {
  const auto names = [](const std::string& specification) {
    std::vector<std::string> found;
    for (const RuleEntry* entry : entries_of(specification)) found.push_back(entry->name);
    return found;
  };
  CHECK(names("fixed:step=1e+05") == std::vector<std::string>{"fixed"});
  CHECK(names("bb+gll:growth=1e+01") == std::vector<std::string>{"bb1", "nonmonotone"});
  CHECK_THROWS_AS(entries_of("bb+fixed"), std::invalid_argument);
}

TEST_CASE("a copy of any rule goes its own way, and leaves the one it was copied from as it was") {
  const Move first{.step = 1, .displacement = 1, .gradient_change = 2, .cosine = 0.5, .loss = 1, .gradient_norm = 1},
      later{.step = 0.25, .displacement = 1, .gradient_change = 3, .cosine = 0.75, .loss = 0.5, .gradient_norm = 2};
  const Vector from = Eigen::Vector2d(2, 1), to = Eigen::Vector2d(1, -1);
  for (const auto& name : rule_names()) {
    INFO(name);
    AnyRule original = make_rule(name);
    original.first({.loss = 2, .slope = -1, .gradient_norm = 1});
    original.taken(first, from, to);
    const RuleState before = original.write();
    AnyRule copy = original;
    CHECK(same_state(copy.write(), before));
    copy.first({.k = 1, .loss = 1, .slope = -4, .gradient_norm = 2});
    copy.judge({.k = 1, .loss = 1, .slope = -4}, {.step = 1, .loss = 9, .slope = 3, .model_decrease = -4});
    copy.taken(later, to, from);
    copy.rolled_back(0.5);
    CHECK(same_state(original.write(), before));
    if (name != "fixed") CHECK_FALSE(same_state(copy.write(), before));
  }
}

TEST_CASE("the index of the docs names every rule beside its page") {
  std::ifstream page(std::filesystem::path(SUREFOOT_SOURCE_DIR) / "docs/strategies/index.md");
  const std::string index{std::istreambuf_iterator<char>(page), {}};
  for (const RuleEntry& entry : registry()) {
    INFO(entry.name);
    CHECK(mentions(index, "[`" + entry.name + "`](" + std::filesystem::path(entry.page).filename().string() + ")"));
    for (const auto& alias : entry.aliases) CHECK(mentions(index, "`" + alias + "`"));
  }
}

TEST_CASE("rules from the registry are independent of each other and of the registry") {
  AnyRule one = make_rule("armijo"), two = make_rule("armijo");
  one.taken({.step = 5, .trials = 2});
  CHECK(two.write() != one.write());
  CHECK(make_rule("armijo").write() == two.write());
}

TEST_CASE("every rule that is written down and resumed before every call runs as if it never was, bit for bit") {
  const Vector starts[] = {Eigen::Vector2d(-1.2, 1), Eigen::Vector2d(0.3, -2)};
  for (const auto& name : rule_names()) {
    for (const Vector& w0 : starts) {
      INFO(name << " from " << w0.transpose());
      const auto plain = trace(make_rule(name), Rosenbrock{}, w0);
      CHECK(plain.size() > 20);
      CHECK(same_bits(plain, trace(reborn(name), Rosenbrock{}, w0)));
      CHECK(same_bits(trace(make_rule(name), Walled{}, w0), trace(reborn(name), Walled{}, w0)));
    }
  }
}

TEST_CASE("every rule refuses the written state of every other kind of rule") {
  std::map<std::string, std::string> kind;
  for (const RuleEntry& entry : registry()) kind[entry.name] = entry.header;
  const auto kind_of = [&](const std::string& name) {
    const auto plus = name.find('+');
    return plus == std::string::npos ? kind[name] : kind[name.substr(0, plus)] + kind[name.substr(plus + 1)];
  };
  for (const auto& name : rule_names()) {
    for (const auto& other : rule_names()) {
      if (kind_of(name) == kind_of(other)) continue;
      AnyRule rule = make_rule(name);
      INFO(name << " resumed from " << other);
      CHECK_THROWS_AS(rule.resume(make_rule(other).write()), std::invalid_argument);
    }
  }
}

TEST_CASE("whatever it has seen, every rule's steps are positive and finite and its searches end") {
  constexpr unsigned seed = 111;
  for (const auto& name : rule_names()) {
    std::mt19937 random(seed);
    const auto uniform = [&](double low, double high) {
      return std::uniform_real_distribution<double>(low, high)(random);
    };
    AnyRule rule = make_rule(name);
    rule.taken({.step = 1, .displacement = 1, .gradient_change = 1, .cosine = 1, .loss = 1});
    for (int k = 0; k < 500; ++k) {
      const Curve curve = random_curve(random, 3);
      const Ray ray = curve.ray(k);
      AnyRule twice = rule;
      CHECK(twice.first(ray).step == twice.first(ray).step);  // asked twice at one iterate
      const Search found = search(rule, curve, ray);
      INFO(name << ", " << curve.name << ", seed " << seed << ", k " << k);
      REQUIRE((found.end == Search::End::taken || found.end == Search::End::gave_up));
      REQUIRE(found.trials() <= 100);
      if (found.end == Search::End::gave_up || !found.last().finite()) {
        const double before = twice.first(ray).step;
        twice.rolled_back(0.5);
        if (rule.adapts()) CHECK(twice.first(ray).step == Approx(before / 2));
        rule.rolled_back(0.5);
        continue;
      }
      Move move = found.move(ray);
      move.gradient_change = ray.gradient_norm * std::abs(uniform(-1, 1));
      move.cosine = uniform(-1, 1);
      rule.taken(move);
    }
  }
}

TEST_CASE("a rollback shortens every adaptive rule's next step by its factor") {
  for (const auto& name : rule_names()) {
    AnyRule rule = make_rule(name);
    rule.taken({.step = 2, .displacement = 2, .gradient_change = 1, .cosine = 1, .loss = 1});
    const Ray ray{.k = 1, .loss = 1, .slope = -1};
    const double before = rule.first(ray).step;
    rule.rolled_back(0.25);
    INFO(name);
    CHECK(rule.first(ray).step == (rule.adapts() ? before / 4 : before));
  }
}
