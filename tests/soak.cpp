// Fault injection at length: a million short random runs in which something goes wrong on purpose (see
// support/fault_injection.hpp). Prints what happened; exits with 1 if anything came back that must not, and says how to
// repeat that run alone.
//
//   tests/soak [--runs N] [--seed S]           N runs, 1,000,000 unless told
//   tests/soak --seed S --from I --to J        runs I to J of seed S; one alone is told call by call

#include <algorithm>
#include <boost/program_options.hpp>
#include <chrono>
#include <cstring>
#include <iomanip>
#include <iostream>
#include <map>

#include "support/fault_injection.hpp"

using namespace surefoot;
using namespace surefoot::test::soak;

namespace {

struct Options {
  std::uint64_t seed = 1, from = 0, to = 999'999;
};

[[noreturn]] void usage(const std::string& wrong) {
  std::cerr << "soak: " << wrong << "\nusage: soak [--runs N] [--seed S] [--from I --to J]\n";
  std::exit(2);
}

Options parse(int count, char** arguments) {
  namespace po = boost::program_options;
  po::options_description all;
  for (const char* name : {"runs", "seed", "from", "to"}) all.add_options()(name, po::value<std::int64_t>());
  po::variables_map found;
  try {
    constexpr int style = po::command_line_style::default_style & ~po::command_line_style::allow_guessing;
    po::store(po::command_line_parser(count, arguments).options(all).style(style).positional({}).run(), found);
  } catch (const po::error& error) {
    usage(error.what());
  }
  const auto whole = [&](const char* name, std::uint64_t otherwise) {
    if (found.count(name) == 0) return otherwise;
    const auto value = found[name].as<std::int64_t>();
    if (value < 0) usage(std::string("--") + name + " wants a whole number, not " + std::to_string(value));
    return static_cast<std::uint64_t>(value);
  };
  Options options;
  options.seed = whole("seed", options.seed);
  options.from = whole("from", options.from);
  options.to = whole("to", options.to);
  const std::uint64_t runs = whole("runs", 1);
  if (runs == 0) usage("--runs wants at least 1");
  if (found.count("runs") > 0) options.to = options.from + runs - 1;
  if (options.to < options.from) usage("--to lies before --from");
  return options;
}

/// What happened, over all runs.
struct Statistics {
  std::uint64_t runs = 0, refused = 0, thrown = 0, violations = 0, flawed = 0, evaluations = 0, repeated = 0;
  std::uint64_t clean = 0, clean_lower = 0;
  int most_evaluations = 0, most_events = 0;
  double longest = 0, fullest = 0;
  std::uint64_t longest_index = 0;
  std::map<std::string, std::uint64_t> refusals, codes;
  std::map<std::string, std::map<std::string, std::uint64_t>> codes_by_flaw;
  std::map<std::string, std::pair<std::uint64_t, std::uint64_t>> doubtful, broken;  // how many, and the first of them

  static void count_one(decltype(doubtful)& in, const std::string& what, std::uint64_t index) {
    ++in.try_emplace(what, 0, index).first->second.first;
  }

  /// Violations by what is broken, whatever the numbers in it.
  void add_violation(const std::string& what, const Plan& plan, const Outcome& outcome) {
    ++violations;
    std::string kind;
    for (std::size_t i = 0; i < what.size(); ++i) {
      const auto is_any_of = [](const char* characters, char c) { return std::strchr(characters, c) != nullptr; };
      const bool in_number = !kind.empty() && kind.back() == '#';
      const bool exponent =
          in_number && what[i] == 'e' && i + 1 < what.size() && is_any_of("+-0123456789", what[i + 1]);
      if (!exponent && !is_any_of("0123456789.+-", what[i])) {
        kind += what[i];
      } else if (!in_number) {
        kind += '#';
      }
    }
    if (outcome.kind == Outcome::Kind::returned) kind += std::string(" (") + to_string(outcome.result.code) + ")";
    count_one(broken, kind + " [" + name_of(plan.shape, shape_names) + "]", plan.index);
  }

  void add(const Plan& plan, const Outcome& outcome) {
    ++runs;
    evaluations += static_cast<std::uint64_t>(outcome.witness.count());
    flawed += outcome.witness.flawed > 0 ? 1 : 0;
    most_evaluations = std::max(most_evaluations, outcome.witness.count());
    most_events = std::max(most_events, outcome.heard.events);
    if (outcome.seconds > longest) {
      longest = outcome.seconds;
      longest_index = plan.index;
    }
    if (outcome.kind == Outcome::Kind::refused) {
      ++refused;
      ++refusals[plan.misuse != Misuse::none ? "misuse: " + name_of(plan.misuse, misuse_names) : "a pairing"];
    } else if (outcome.kind == Outcome::Kind::thrown) {
      ++thrown;
    } else if (outcome.kind == Outcome::Kind::returned) {
      add_returned(plan, outcome);
    }
  }

 private:
  void add_returned(const Plan& plan, const Outcome& outcome) {
    const Result& result = outcome.result;
    const std::string code = to_string(result.code);
    const bool reached = outcome.witness.flawed > 0;
    fullest = std::max(fullest, outcome.witness.count() / static_cast<double>(*plan.stop.max_evaluations));
    ++codes[code];
    const std::string flaw = reached ? name_of(plan.flaw, flaw_names) : "none";
    ++codes_by_flaw[reached && plan.sticky ? flaw + ", on" : flaw][code];
    if (plan.clean() && result.status != Status::failed && result.start_gradient_norm > 0) {
      ++clean;
      clean_lower += result.loss < result.start_loss ? 1 : 0;
    }
    // Diagnoses that a run without a fault should not get: counted, not judged.
    if (reached) return;
    const bool wrong =
        result.code == Code::gradient_disagrees || (result.code == Code::unbounded_below && plan.landscape.coercive());
    if (!wrong) return;
    count_one(doubtful, code + " of " + name_of(plan.landscape.kind, kind_names), plan.index);
  }
};

double percent(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : 100 * static_cast<double>(part) / static_cast<double>(whole);
}

void print(const Statistics& all, double seconds) {
  std::cout << std::fixed << std::setprecision(2);
  std::cout << all.runs << " runs in " << seconds << " s, " << all.evaluations << " calls of the objective\n"
            << "  refused before any call: " << all.refused << " (" << percent(all.refused, all.runs) << " %)\n";
  for (const auto& [why, count] : all.refusals) std::cout << "    " << why << ": " << count << '\n';
  std::cout << "  met their fault:         " << all.flawed << " (" << percent(all.flawed, all.runs) << " %)\n"
            << "  an exception came through: " << all.thrown << '\n'
            << "  most calls in a run: " << all.most_evaluations << ", at most " << 100 * all.fullest
            << " % of its budget; most events: " << all.most_events << '\n'
            << "  longest run: " << 1e3 * all.longest << " ms (run " << all.longest_index << ")\n"
            << "  without a fault: " << all.clean << ", of which " << percent(all.clean_lower, all.clean)
            << " % came back lower than the start\n  by code:\n";
  for (const auto& [code, count] : all.codes) {
    std::cout << "    " << std::left << std::setw(22) << code << std::right << std::setw(9) << count << "  "
              << std::setw(6) << percent(count, all.runs) << " %\n";
  }
  std::cout << "  by fault that was met (\", on\": from that call on):\n";
  for (const auto& [flaw, codes] : all.codes_by_flaw) {
    std::cout << "    " << std::left << std::setw(20) << flaw << std::right;
    for (const auto& [code, count] : codes) std::cout << "  " << code << ' ' << count;
    std::cout << '\n';
  }
  const auto list = [](const char* title, const auto& found) {
    for (const auto& [what, entry] : found) {
      std::cout << "  " << title << what << ": " << entry.first << " times, first in run " << entry.second << '\n';
    }
  };
  list("doubtful without a fault: ", all.doubtful);
  list("BROKEN: ", all.broken);
}

void tell_in_full(const Plan& plan, const Outcome& outcome) {
  std::cout << describe(plan) << "  calls:\n";
  for (std::size_t i = 0; i < outcome.witness.calls.size(); ++i) {
    const auto& call = outcome.witness.calls[i];
    std::cout << "    " << i + 1 << ": loss " << exact(call.loss);
    if (call.joint) std::cout << ", |gradient| " << number(call.gradient_max);
    if (call.batch >= 0) std::cout << ", batch " << call.batch;
    std::cout << ", |w| " << number(norm(outcome.witness.points[i])) << (call.sound ? "" : ", not finite") << '\n';
  }
  std::cout << "  events (after so many calls):\n" << outcome.heard.text;
  if (outcome.kind == Outcome::Kind::returned) std::cout << outcome.result.explain();
  if (outcome.kind == Outcome::Kind::refused) std::cout << "refused: " << outcome.refusal << '\n';
  if (outcome.kind == Outcome::Kind::thrown) std::cout << "the exception came through\n";
}

}  // namespace

int main(int count, char** arguments) {
  const Options options = parse(count, arguments);
  const bool alone = options.from == options.to;
  std::cout << "soak: runs " << options.from << " to " << options.to << " of seed " << options.seed << std::endl;

  constexpr double limit_seconds = 5;
  constexpr int most_told = 10;
  Statistics all;
  Watchdog watchdog(options.seed, limit_seconds);
  const auto began = std::chrono::steady_clock::now();
  for (std::uint64_t index = options.from; index <= options.to; ++index) {
    watchdog.begin(index);
    const Plan plan = draw_plan(options.seed, index);
    const Outcome outcome = carry_out(plan, alone);
    all.add(plan, outcome);
    if (alone) tell_in_full(plan, outcome);
    std::string broken = find_violation(plan, outcome);
    if (broken.empty() && index % 16 == 0 && !same_bits(outcome, carry_out(plan))) {
      broken = "the same run again gave other bits";
    }
    if (broken.empty()) continue;
    all.add_violation(broken, plan, outcome);
    if (all.violations <= most_told) std::cerr << "VIOLATION: " << broken << '\n' << describe(plan) << std::endl;
  }
  print(all, std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count());

  // A library that refuses everything, or never moves, must not pass either.
  bool idle = false;
  if (all.runs >= 1000) {
    idle = percent(all.refused, all.runs) > 20 || percent(all.clean_lower, all.clean) < 80;
    if (idle) std::cout << "too many runs were refused, or too few came back lower than they began\n";
  }
  std::cout << all.violations << " violations\n";
  return all.violations > 0 || idle ? 1 : 0;
}
