#include "surefoot/loop/result.hpp"

#include <set>

#include "catch.hpp"

using namespace surefoot;

namespace {

const std::vector<std::pair<Code, Status>> codes{{Code::gradient, Status::converged},
                                                 {Code::decrease, Status::converged},
                                                 {Code::target, Status::converged},
                                                 {Code::rounding_floor, Status::stalled},
                                                 {Code::gave_up, Status::stalled},
                                                 {Code::gradient_disagrees, Status::stalled},
                                                 {Code::domain_edge, Status::stalled},
                                                 {Code::unbounded_below, Status::stalled},
                                                 {Code::iterations, Status::budget},
                                                 {Code::evaluations, Status::budget},
                                                 {Code::time, Status::budget},
                                                 {Code::cancelled, Status::interrupted},
                                                 {Code::start_not_finite, Status::failed},
                                                 {Code::gradient_not_filled, Status::failed}};

Result ended(Code code) {
  Result result;
  result.code = code;
  result.status = status_of(code);
  result.reason = "because";
  result.loss = 0.25;
  result.start_loss = 4;
  result.gradient_norm = 1e-9;
  result.start_gradient_norm = 8;
  result.iterations = 17;
  result.loss_evaluations = 2;
  result.gradient_evaluations = 21;
  result.step = 0.125;
  return result;
}

}  // namespace

TEST_CASE("every code belongs to the status of the design's table") {
  for (const auto& [code, status] : codes) CHECK(status_of(code) == status);
}

TEST_CASE("every code and status has a name of its own") {
  std::set<std::string> names;
  for (const auto& [code, status] : codes) names.insert(to_string(code));
  CHECK(names.size() == codes.size());
  CHECK(names.count("rounding_floor") == 1);
  CHECK(names.count("gradient_not_filled") == 1);
  CHECK(std::string(to_string(Status::converged)) == "converged");
  CHECK(std::string(to_string(Status::stalled)) == "stalled");
  CHECK(std::string(to_string(Status::budget)) == "budget");
  CHECK(std::string(to_string(Status::interrupted)) == "interrupted");
  CHECK(std::string(to_string(Status::failed)) == "failed");
}

TEST_CASE("only a failed run is not ok") {
  for (const auto& [code, status] : codes) CHECK(ended(code).ok() == (status != Status::failed));
}

TEST_CASE("a result explains why the run ended, what it did, and what to do next") {
  std::set<std::string> moves;
  for (const auto& [code, status] : codes) {
    const std::string text = ended(code).explain();
    INFO(text);
    CHECK(text.find(std::string(to_string(status)) + " (" + to_string(code) + "): because.") == 0);
    CHECK(text.find("loss 4 -> 0.25") != std::string::npos);
    CHECK(text.find("8 -> 1e-09") != std::string::npos);
    CHECK(text.find("17 iterations") != std::string::npos);
    CHECK(text.find("23 evaluations") != std::string::npos);
    CHECK(text.find("last step 0.125") != std::string::npos);
    const auto next = text.find("next: ");
    REQUIRE(next != std::string::npos);
    CHECK(text.size() > next + 20);
    moves.insert(text.substr(next));
  }
  CHECK(moves.size() >= 10);  // the advice fits the case
}

TEST_CASE("a result tells how often the monitor went back and why, and of trials that were not finite") {
  Result result = ended(Code::gradient);
  CHECK(result.explain().find("monitor") == std::string::npos);
  CHECK(result.explain().find("NaN or Inf") == std::string::npos);
  result.rollbacks = 6;
  result.rolled_back_for = {.rose = 3, .not_finite = 2, .cycle = 1};
  result.trials_not_finite = 9;
  const std::string text = result.explain();
  INFO(text);
  CHECK(text.find("6 times: 3 for a loss that rose too far, 2 for a value that was not finite, 1 for many steps") !=
        std::string::npos);
  CHECK(text.find("9 trials met NaN or Inf") != std::string::npos);
  result.rollbacks = 1;
  CHECK(result.explain().find("1 time:") != std::string::npos);
}

TEST_CASE("a result says of a fixed step how much too small it looks") {
  Result result = ended(Code::iterations);
  CHECK(result.explain().find("too small") == std::string::npos);
  result.step_too_small = 2500;
  CHECK(result.explain().find("fixed step looks about 2500 times too small") != std::string::npos);
}
