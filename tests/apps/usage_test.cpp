#include "apps/run_app.hpp"
#include "catch.hpp"
#include "surefoot/version.hpp"

using namespace surefoot::test;

namespace {

/// Refused as usage: exit code 2, nothing on stdout, and why on stderr.
void refuses(const std::vector<std::string>& words, const std::string& why) {
  const Outcome outcome = run_app(words);
  INFO(outcome.err);
  CHECK(outcome.code == 2);
  CHECK(outcome.out.empty());
  CHECK(says(outcome.err, why));
}

}  // namespace

TEST_CASE("help and version go to stdout") {
  for (const std::vector<std::string>& words : {std::vector<std::string>{"--help"},
                                                {"train", "--help"},
                                                {"predict", "-h"},
                                                {"strategies", "--help"},
                                                {"--version"}}) {
    const Outcome outcome = run_app(words);
    INFO(words[0]);
    CHECK(outcome.code == 0);
    CHECK_FALSE(outcome.out.empty());
    CHECK(outcome.err.empty());
  }
  CHECK(run_app({"--version"}).out == std::string("surefoot ") + surefoot::version + "\n");
}

TEST_CASE("a command that does not exist is refused with those that do") {
  refuses({}, "which command?");
  refuses({"trian"}, "there are train, predict, strategies");
  refuses({"strategie"}, "did you mean strategies?");
  refuses({"--quiet"}, "the command comes first");
  for (const char* later : {"compare", "range", "evaluate", "inspect", "diagnose", "coach"}) {
    refuses({later, demo_data, "--target", "diagnosis"}, std::string("unknown command '") + later + "'");
  }
}

TEST_CASE("an option of the design that is not built is unknown, never ignored") {
  const std::vector<std::vector<std::string>> later{
      {"--batch", "32"},      {"--epochs", "3"},     {"--seed", "1"}, {"--validation", "0.2"},
      {"--report", "r.html"}, {"--checkpoint", "c"}, {"--resume"}};
  for (const auto& option : later) refuses(train_demo(option), "unknown option " + option[0] + "; ");
}

TEST_CASE("a misspelt option is refused with the one that was probably meant") {
  refuses({"train", demo_data, "--targte", "diagnosis"}, "unknown option --targte (did you mean --target?)");
  refuses(train_demo({"--max-iteration", "3"}), "did you mean --max-iterations?");
  refuses(train_demo({"-x"}), "unknown option -x");
}

TEST_CASE("no abbreviation of an option is guessed") {
  refuses({"train", demo_data, "--targ", "diagnosis"}, "unknown option --targ");
  refuses(train_demo({"--tol", "1e-3"}), "unknown option --tol");
  refuses(train_demo({"--jso"}), "unknown option --jso");
}

TEST_CASE("an option without its value, or a flag with one, is refused") {
  refuses({"train", demo_data, "--target"}, "--target");
  refuses({"train", demo_data, "--target", "--json"}, "--target needs a value");
  refuses({"train", demo_data, "--target", "-q"}, "--target");
  refuses({"train", demo_data, "--target", ""}, "--target");
  refuses(train_demo({"--json=yes"}), "--json");
  refuses(train_demo({"--drop", " , "}), "--drop names no column");
}

TEST_CASE("a word too many, or too few, is refused") {
  refuses({"train"}, "train needs DATA");
  refuses({"predict", "model.json"}, "predict needs DATA");
  refuses(train_demo({"another.csv"}), "'another.csv' is one word too many");
  refuses({"predict", "-", "-"}, "only one");
}

TEST_CASE("a value out of its range is refused before any file is opened") {
  const auto train = [](const std::string& option, const std::string& value) {
    return std::vector<std::string>{"train", "no-such-file.csv", "--target", "1", option, value};
  };
  refuses(train("--l2", "-1"), "l2 = -1");
  refuses(train("--l2", "nan"), "l2 = NaN");
  refuses(train("--l2", "much"), "--l2 needs a number, not 'much'");
  refuses(train("--l2", "1e-3x"), "--l2 needs a number");
  refuses(train("--tolerance", "-1e-6"), "tolerance");
  refuses(train("--first-step", "0"), "first_step = 0");
  refuses(train("--first-step", "-1"), "first_step = -1");
  refuses(train("--first-step", "1e400"), "beyond the range of a double");
  refuses(train("--max-iterations", "-1"), "max_iterations");
  refuses(train("--max-iterations", "2.5"), "whole number");
  refuses(train("--max-iterations", "1e10"), "whole number up to");
  refuses(train("--max-seconds", "-1"), "max_seconds");
  refuses(train("--scale", "some"), "there are standard, none");
  refuses(train("--l1", "-1"), "l1 = -1");
  refuses(train("--threads", "-1"), "threads = -1");
  refuses(train("--threads", "two"), "--threads needs a number");
  refuses(train("--direction", "down"), "there are steepest, heavy-ball, nesterov, cg, l-bfgs, truncated-newton");
  refuses(train("--coordinates", "polar"), "there are plain, diagonal, gram");
  refuses(train("--class-weight", "heavy"), "there is balanced");
  refuses(train("--model", "forest"), "there are least-squares, huber, quantile, logistic, softmax, poisson");
  refuses(train("--model", "huber:delta=-1"), "delta = -1 of huber is out of range");
  refuses(train("--model", "quantile:levl=0.5"), "quantile has no option 'levl'; it has level, width");
  refuses(train("--step", "newton"), "there are fixed");
  refuses(train("--step", "fixed:step=-1"), "step = -1 of fixed is out of range");
  refuses(train("--step", "bb1+weak-wolfe"), "would undo");
}

TEST_CASE("a table without a named target is refused with its columns") {
  refuses({"train", demo_data}, "mean_radius");
  refuses({"train", demo_data, "--json"}, "--target");
}

TEST_CASE("options of train that contradict each other are refused") {
  refuses(train_demo({"--drop", "diagnosis"}), "diagnosis");
  refuses(train_demo({"--drop", "mean_area", "--keep", "mean_area"}), "named in keep and in drop");
  refuses(train_demo({"--weights", "diagnosis"}), "both the target and the row weights");
  refuses(train_demo({"--l1", "0.1", "--direction", "cg"}), "can't be combined");
  refuses(train_demo({"--class-weight", "balanced", "--target", "mean_area"}), "class weights are for classes");
  refuses({"train", "-", "--target", "1", "--start", "-"}, "only one of DATA and --start");
  refuses(train_demo({"--save", "-", "--json"}), "standard output is --json's");
  const TemporaryFolder folder;
  refuses(train_demo({"--save", folder / "same", "--trace", folder / "same"}), "the same file");
  const std::string data = folder.file("data.csv", "x,y\n1,2\n2,3\n3,5\n");
  refuses({"train", data, "--target", "y", "--save", data}, "would overwrite the data");
  CHECK(content_of(data) == "x,y\n1,2\n2,3\n3,5\n");
}

TEST_CASE("the last of a repeated option counts") {
  const auto json = run_app({"train", demo_data, "--json", "--target", "mean_radius", "--l2", "nonsense", "--l2", "7",
                             "--target=diagnosis", "--l2", "1e-3", "--json", "--quiet", "--quiet"})
                        .json();
  CHECK(json.at("target") == "diagnosis");
  CHECK(json.at("l2") == 1e-3);
  CHECK(run_app(train_demo({"-q", "-v"})).err.size() > run_app(train_demo({})).err.size());
  CHECK(run_app(train_demo({"-v", "-q"})).err.empty());
  CHECK(run_app(train_demo({"--no-header", "--header"})).code == 0);
}
