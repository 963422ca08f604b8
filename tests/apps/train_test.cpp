#include <Eigen/Dense>
#include <cmath>

#include "apps/run_app.hpp"
#include "catch.hpp"
#include "data/temporary_file.hpp"
#include "support/dense_algebra.hpp"
#include "surefoot/surefoot.hpp"

using namespace surefoot::test;

namespace {

/// The demo's data by a reader of its own: the columns, standardised, and a column of ones; 1 for malignant.
struct DemoData {
  Eigen::MatrixXd x;
  Eigen::VectorXd y;

  DemoData() {
    std::ifstream in(demo_data);
    std::string line, cell;
    std::getline(in, line);
    std::vector<double> numbers;
    std::vector<double> classes;
    while (std::getline(in, line)) {
      std::istringstream cells(line);
      while (std::getline(cells, cell, ',')) {
        if (cell == "malignant" || cell == "benign") {
          classes.push_back(cell == "malignant" ? 1 : 0);
        } else {
          numbers.push_back(std::stod(cell));
        }
      }
    }
    const auto rows = static_cast<Eigen::Index>(classes.size());
    using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    x.setOnes(rows, 31);
    x.leftCols(30) = Eigen::Map<RowMajor>(numbers.data(), rows, 30);
    y = Eigen::Map<Eigen::VectorXd>(classes.data(), rows);
    for (Eigen::Index j = 0; j < 30; ++j) {
      x.col(j).array() -= x.col(j).mean();
      x.col(j) /= std::sqrt(x.col(j).squaredNorm() / static_cast<double>(rows));
    }
  }

  /// The minimum of the penalised logistic loss, by Newton's method.
  double minimum(double l2) const {
    Eigen::VectorXd penalty = Eigen::VectorXd::Constant(31, l2);
    penalty[30] = 0;
    Eigen::VectorXd w = Eigen::VectorXd::Zero(31);
    const auto n = static_cast<double>(y.size());
    const auto loss = [&](const Eigen::VectorXd& at) {
      const Eigen::ArrayXd m = (x * at).array() * (1 - 2 * y.array());
      return (m.max(0.0) + (-m.abs()).exp().log1p()).mean() + 0.5 * penalty.dot(at.cwiseAbs2());
    };
    for (int k = 0; k < 100; ++k) {
      const Eigen::ArrayXd p = 1 / (1 + (-(x * w)).array().exp());
      const Eigen::VectorXd g = x.transpose() * (p - y.array()).matrix() / n + penalty.cwiseProduct(w);
      if (g.lpNorm<Eigen::Infinity>() < 1e-14) break;
      Eigen::MatrixXd h = x.transpose() * (p * (1 - p)).matrix().asDiagonal() * x / n;
      h += penalty.asDiagonal();
      const Eigen::VectorXd newton = solution(h, g);
      double t = 1;
      while (loss(w - t * newton) > loss(w) + 1e-15 && t > 1e-10) t /= 2;
      w -= t * newton;
    }
    return loss(w);
  }
};

/// Of the demo's data, without any column: the entropy of its classes. There the runs start.
const double loss_of_constant = -(357 * std::log(357.0 / 569) + 212 * std::log(212.0 / 569)) / 569;

const std::string line_data = "x,y\n0,1\n1,3.5\n2,4.5\n3,7\n";  // least squares by hand: y = 1.15 + 1.9 x

}  // namespace

TEST_CASE("the JSON of train has every field of the contract, with its type") {
  const Outcome outcome = run_app(train_demo({"--json"}));
  CHECK(outcome.code == 0);
  const auto json = outcome.json();
  for (const char* text : {"status", "code", "reason", "strategy", "direction", "coordinates", "model", "version"}) {
    INFO(text);
    CHECK(json.at(text).is_string());
  }
  for (const char* number : {"loss", "data_loss", "gradient_norm", "seconds", "read_seconds", "step", "passes"}) {
    INFO(number);
    CHECK(json.at(number).is_number());
  }
  for (const char* count : {"iterations", "loss_evaluations", "gradient_evaluations", "ray_trials", "hessian_products",
                            "rollbacks", "rows", "columns", "threads", "resumed_at"}) {
    INFO(count);
    CHECK(json.at(count).is_number_integer());
  }
  CHECK(json.at("status") == "converged");
  CHECK(json.at("code") == "gradient");
  CHECK(json.at("rows") == 569);
  CHECK(json.at("columns") == 30);
  CHECK(json.at("model") == "logistic");
  CHECK(json.at("classes") == std::vector<std::string>{"benign", "malignant"});
  CHECK(json.at("version") == surefoot::version);
  CHECK(json.at("threads") == 1);
  CHECK(json.at("resumed_at") == 0);
  CHECK(json.at("data_loss").get<double>() < json.at("loss").get<double>());
  CHECK(json.at("most_frequent").get<double>() == Approx(357.0 / 569));
  CHECK(json.at("passes").get<double>() > 0);
  CHECK(json.at("l1") == 0);
  CHECK(json.at("l2") == 1e-3);
  CHECK(json.at("weights").is_null());
  CHECK(json.at("class_weight").is_null());
  CHECK(json.at("separated") == false);
  CHECK_FALSE(json.at("why_solver").get<std::string>().empty());
  CHECK(says(outcome.err, "accuracy"));
}

TEST_CASE("a number that is not finite is null in JSON") {
  const TemporaryFolder folder;
  const std::string data = folder.file("constant.csv", "x,y\n1,7\n2,7\n4,7\n");
  const auto json = run_app({"train", data, "--target", "y", "--json"}).json();
  CHECK(json.at("r2").is_null());  // of a constant target
  CHECK(json.at("rmse").get<double>() == Approx(0).margin(1e-4));
}

TEST_CASE("stdout is empty without --json, and stderr is with --quiet") {
  CHECK(run_app(train_demo({})).out.empty());
  const Outcome quiet = run_app(train_demo({"-q"}));
  CHECK(quiet.code == 0);
  CHECK(quiet.out.empty());
  CHECK(quiet.err.empty());
  CHECK_FALSE(says(run_app(train_demo({})).err, "\033"));  // no colour, no live line: it is not a terminal
}

TEST_CASE("a target may be named by its name, its index, or from the end") {
  const double by_name = run_app(train_demo({"--json"})).json().at("loss");
  for (const char* index : {"31", "-1"}) {
    CHECK(run_app({"train", demo_data, "--target", index, "--l2", "1e-3", "--json"}).json().at("loss") == by_name);
  }
  const auto first = run_app({"train", demo_data, "--target", "1", "--drop", "-1", "--json"}).json();
  CHECK(first.at("target") == "mean_radius");
  CHECK(first.at("columns") == 29);
}

TEST_CASE("the summary says what was read, which model and why, and the coefficients in the file's own units") {
  const TemporaryFolder folder;
  const Outcome outcome =
      run_app({"train", folder.file("line.csv", line_data), "--target", "y", "--tolerance", "1e-12"});
  CHECK(outcome.code == 0);
  CHECK(says(outcome.err, "4 rows, 1 column beside 'y'; csv with a header"));
  CHECK(says(outcome.err, "least-squares: the target 'y' is a number"));
  CHECK(says(outcome.err, "converged"));
  CHECK(says(outcome.err, "change per unit"));
  // x̄ = 1.5, ȳ = 4, Σ(x−x̄)(y−ȳ) = 9.5, Σ(x−x̄)² = 5; Σ(y−ȳ)² = 18.5, so R² = 9.5²/5/18.5 = 0.9757
  CHECK(says(outcome.err, "1.9 "));
  CHECK(says(outcome.err, "1.15\n"));
  CHECK(says(outcome.err, "R² 0.9757"));
}

TEST_CASE("the levels of a text column stand in the summary as column = level") {
  const TemporaryFolder folder;
  const std::string data = folder.file("people.csv",
                                       "sex,age,survived\nmale,30,0\nfemale,20,1\nmale,40,0\nfemale,50,1\n"
                                       "male,35,1\nfemale,33,0\n");
  const Outcome outcome = run_app({"train", data, "--target", "survived", "--l2", "1e-2"});
  CHECK(says(outcome.err, "sex = female"));
  CHECK(says(outcome.err, "has two values, 0 and 1; the positive class is 1"));
}

TEST_CASE("a run that comes to its limit is done, with a note that names the option") {
  const Outcome outcome = run_app(train_demo({"--max-iterations", "3", "--json"}));
  CHECK(outcome.code == 0);
  CHECK(outcome.json().at("status") == "budget");
  CHECK(outcome.json().at("iterations") == 3);
  CHECK(says(outcome.err, "raise --max-iterations"));
  const auto in_time = run_app(train_demo({"--max-seconds", "0", "--json"})).json();
  CHECK(in_time.at("code") == "time");
}

TEST_CASE("what the user could do better stands in the summary") {
  CHECK(says(run_app({"train", demo_data, "--target", "diagnosis"}).err, "the classes separate"));
  CHECK(says(run_app(train_demo({"--scale", "none", "--max-iterations", "3"})).err, "leave out --scale none"));
  CHECK(says(run_app(train_demo({"--step", "fixed:step=1e-6", "--max-iterations", "3"})).err, "leave out --step"));
  const TemporaryFolder folder;
  const std::string wide = folder.file("wide.csv", "a,b,c,y\n1,2,5,1\n2,1,7,2\n4,3,6,5\n");
  CHECK(says(run_app({"train", wide, "--target", "y"}).err, "as many columns as rows or more"));
}

TEST_CASE("where numbers far from 0 or a kink stall a run, the summary says so, and names no penalty") {
  const TemporaryFolder folder;
  std::string text = "a,b,y\n";
  for (int i = 0; i < 100; ++i) {
    const int a = (7 * i) % 31, b = (i * i) % 17;
    text += std::to_string(1000000000L + a) + "," + std::to_string(1000000000L + b) + "," +
            std::to_string(a - 2 * b + (i * i * i) % 5) + "\n";
  }
  const std::string data = folder.file("far.csv", text);
  const Outcome far = run_app({"train", data, "--target", "y", "--scale", "none"});
  CHECK(says(far.err, "stalled"));
  CHECK(says(far.err,
             "times their deviations, and the digits that tell rows apart are lost in rounding: leave out --scale"));
  CHECK_FALSE(says(far.err, "penalty:"));
  const Outcome kink = run_app({"train", data, "--target", "y", "--model", "quantile:level=0.9,width=1e-14"});
  CHECK(says(kink.err, "stalled"));
  CHECK(says(kink.err, "the quantile's kink is rounded off within a width of 1e-14 only: give a larger one"));
  CHECK_FALSE(says(kink.err, "penalty:"));
}

TEST_CASE("a stalled run is done, with a warning that --quiet lets through") {
  const Outcome outcome = run_app(train_demo({"--step", "fixed:step=1e-300", "--json", "-q"}));
  CHECK(outcome.code == 0);
  CHECK(outcome.json().at("status") == "stalled");
  CHECK(says(outcome.err, "warning: stalled"));
}

TEST_CASE("a run that reaches nothing finite fails with one JSON object, and saves no model") {
  const TemporaryFolder folder;
  const std::string data = folder.file("huge.csv", "x,y\n1,1e200\n2,-1e200\n3,2e200\n");
  const Outcome outcome =
      run_app({"train", data, "--target", "y", "--json", "--save", folder / "m.json", "--trace", folder / "t.csv"});
  CHECK(outcome.code == 1);
  CHECK(outcome.json().at("status") == "failed");
  CHECK(outcome.json().at("code") == "start_not_finite");
  CHECK(outcome.json().at("loss").is_null());
  CHECK_FALSE(std::filesystem::exists(folder / "m.json"));
  CHECK(says(content_of(folder / "t.csv"), "start_not_finite"));
}

TEST_CASE("columns of values that are tiny or huge are fitted as any other") {
  const TemporaryFolder folder;
  for (const char* unit : {"e-200", "e-13", "e200"}) {
    std::string csv = "x,y\n";
    for (const char* row : {"0?,1\n", "1?,3.5\n", "2?,4.5\n", "3?,7\n"}) {
      csv += std::string(row).replace(std::string(row).find('?'), 1, unit);
    }
    INFO(csv);
    const auto json = run_app({"train", folder.file("units.csv", csv), "--target", "y", "--json"}).json();
    CHECK(json.at("r2").get<double>() == Approx(9.5 * 9.5 / 5 / 18.5));
  }
}

TEST_CASE("a file that is not there is 66, a cell that can't be is 65 with file, line and column") {
  const Outcome missing = run_app({"train", "/no/such/file.csv", "--target", "1", "--json"});
  CHECK(missing.code == 66);
  CHECK(missing.out.empty());
  CHECK(says(missing.err, "/no/such/file.csv"));

  const TemporaryFolder folder;
  const std::string data = folder.file("bad.csv", "x,y\n1,2\n2,3\nthree,4\n5,6\n");
  const Outcome bad = run_app({"train", data, "--target", "y", "--number", "x", "--json"});
  CHECK(bad.code == 65);
  CHECK(bad.out.empty());
  CHECK(bad.err.starts_with(data + ":4:1: "));

  const Outcome unknown = run_app({"train", data, "--target", "z"});
  CHECK(unknown.code == 65);
  CHECK(says(unknown.err, "there is no column 'z'"));
  CHECK(run_app({"train", folder.file("empty.csv", ""), "--target", "1"}).code == 65);
}

TEST_CASE("a result that can't be written is found out before the run") {
  const TemporaryFolder folder;
  for (const char* option : {"--save", "--trace"}) {
    for (const std::string& path : {std::string("/no/such/folder/out"), folder / ""}) {
      const Outcome outcome = run_app(train_demo({option, path, "--json"}));
      INFO(option << " " << path);
      CHECK(outcome.code == 73);
      CHECK(outcome.out.empty());
      CHECK(says(outcome.err, "cannot write"));
    }
  }
  CHECK(folder.files() == 0);
}

TEST_CASE("a result that can't be written after the run still leaves the JSON and the other file") {
  const TemporaryFolder folder;
  const Outcome outcome = run_app(train_demo({"--save", "/dev/full", "--trace", folder / "t.csv", "--json"}));
  CHECK(outcome.code == 73);
  CHECK(outcome.json().at("status") == "converged");
  CHECK(std::filesystem::exists(folder / "t.csv"));
  CHECK(run_app(train_demo({"--json"}), "/dev/null", "/dev/full").code == 73);
}

TEST_CASE("a file may come gzip'd, or on standard input") {
  const TemporaryFolder folder;
  const std::string text = content_of(demo_data);
  const std::string zipped = folder.file("demo.csv.gz", gzipped(text));
  const double loss = run_app(train_demo({"--json"})).json().at("loss");
  CHECK(run_app({"train", zipped, "--target", "-1", "--l2", "1e-3", "--json"}).json().at("loss") == loss);
  for (const std::string& input : {zipped, demo_data}) {
    const Outcome outcome = run_app({"train", "-", "--target", "diagnosis", "--l2", "1e-3", "--json"}, input);
    CHECK(outcome.code == 0);
    CHECK(outcome.json().at("loss") == loss);
  }
}

TEST_CASE("LIBSVM needs no target") {
  const TemporaryFolder folder;
  const std::string data = folder.file("small", "1 1:0.5 3:2\n-1 2:1\n1 1:1 2:0.5\n-1 3:0.1\n");
  const auto json = run_app({"train", data, "--l2", "1e-2", "--json"}).json();
  CHECK(json.at("format") == "libsvm");
  CHECK(json.at("model") == "logistic");
  CHECK(json.at("rows") == 4);
}

TEST_CASE("the trace has a row for the start, each step and the end") {
  const TemporaryFolder folder;
  const Outcome outcome = run_app(train_demo({"--step", "fixed:step=1e-2", "--scale", "none", "--max-iterations", "50",
                                              "--trace", folder / "t.csv", "--json"}));
  const auto json = outcome.json();
  std::istringstream lines(content_of(folder / "t.csv"));
  std::string line, last;
  std::getline(lines, line);
  CHECK(line == "iteration,evaluations,loss,gradient_norm,step,tries,event,cause,why,seconds");
  std::getline(lines, line);
  CHECK(line.starts_with("0,1,"));
  CHECK(std::stod(line.substr(4)) == Approx(loss_of_constant));
  CHECK(says(line, ",start,,"));
  int steps = 0, rollbacks = 0;
  while (std::getline(lines, line)) {
    steps += says(line, ",step,") ? 1 : 0;
    rollbacks += says(line, ",rollback,rose,") ? 1 : 0;
    last = line;
  }
  CHECK(rollbacks == json.at("rollbacks"));
  CHECK(rollbacks > 0);
  CHECK(steps + rollbacks == json.at("iterations"));
  CHECK(says(last, ",end,iterations,"));
  CHECK(folder.files() == 1);  // nothing half-written beside it
}

TEST_CASE("-v logs each event with its cause") {
  const Outcome outcome =
      run_app(train_demo({"-v", "--step", "fixed:step=1", "--scale", "none", "--max-iterations", "5"}));
  CHECK(says(outcome.err, "start: loss 0.6603"));  // loss_of_constant
  CHECK(says(outcome.err, "back to the best point"));
  CHECK(says(outcome.err, "the monitor went back to the best point, with a shorter step,"));
}

TEST_CASE("a fixed step that is far too small is kept, and the summary says how much too small it looks") {
  const Outcome outcome = run_app(train_demo({"--step", "fixed:step=1e-9", "--max-iterations", "5", "--json"}));
  CHECK(outcome.json().at("step") == 1e-9);
  CHECK(outcome.json().at("step_too_small").get<double>() > 1e6);
  CHECK(says(outcome.err, "too small for the curvature"));
}

TEST_CASE("the demo's data is fitted to the minimum that Newton's method finds") {
  const double minimum = DemoData().minimum(1e-3);
  const double loss = run_app(train_demo({"--tolerance", "1e-10", "--json"})).json().at("loss");
  CHECK(std::abs(loss - minimum) <= 1e-9 * minimum);
}

TEST_CASE("any first step leads to the same minimum, on standardised and on raw columns") {
  for (const char* scale : {"standard", "none"}) {
    const double loss = run_app(train_demo({"--scale", scale, "--json"})).json().at("loss");
    for (const char* first : {"1e-300", "1e-100", "1e-10", "1", "1e10", "1e100", "1e300"}) {
      const Outcome outcome = run_app(train_demo({"--scale", scale, "--first-step", first, "--json"}));
      INFO(scale << ", first step " << first);
      CHECK(outcome.json().at("status") == "converged");
      CHECK(outcome.json().at("loss").get<double>() == Approx(loss).epsilon(1e-5));
    }
  }
}

TEST_CASE("surefoot on raw columns ends below every fixed step") {
  const double found = run_app(train_demo({"--scale", "none", "--json"})).json().at("loss");
  for (const char* step : {"1e-7", "1e-6", "1e-5", "1e-4", "1e-2"}) {
    const auto fixed = run_app(train_demo({"--scale", "none", "--step", std::string("fixed:step=") + step,
                                           "--max-iterations", "1000", "--json"}))
                           .json();
    INFO(step);
    CHECK(fixed.at("loss").get<double>() > found);
  }
}

TEST_CASE("every rule of the registry trains by its name") {
  for (const std::string& name : surefoot::rule_names()) {
    const Outcome outcome = run_app(train_demo({"--step", name, "--json", "-q"}));
    INFO(name << outcome.err);
    CHECK(outcome.code == 0);
    CHECK(outcome.json().at("strategy") == name);
    CHECK(outcome.json().at("direction") == "steepest");
    CHECK(outcome.json().at("loss").get<double>() < 0.2);
  }
}

TEST_CASE("Ctrl-C and SIGTERM end a run with the best point so far, saved, and exit code 130") {
  for (const int signal : {SIGINT, SIGTERM}) {
    const TemporaryFolder folder;
    RunningApp app(train_demo({"--step", "fixed:step=1e-9", "--max-iterations", "2000000000", "-v", "--json", "--save",
                               folder / "m.json", "--trace", folder / "t.csv"}));
    REQUIRE(app.has_said("taken"));
    app.send(signal);
    const Outcome outcome = app.wait();
    CHECK(outcome.code == 130);
    CHECK(outcome.json().at("status") == "interrupted");
    CHECK(outcome.json().at("code") == "cancelled");
    CHECK(outcome.json().at("loss").get<double>() < std::log(2.0));
    CHECK(says(content_of(folder / "t.csv"), ",end,cancelled,"));
    const Outcome predicted = run_app({"predict", folder / "m.json", demo_data, "-q"});
    CHECK(predicted.code == 0);
  }
}

TEST_CASE("Ctrl-C while the data is read ends the program at once, with 130") {
  const TemporaryFolder folder;
  const std::string pipe = folder / "pipe";
  REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
  const int writer = open(pipe.c_str(), O_RDWR);  // so that opening does not wait, and reading does
  RunningApp app({"train", "-", "--target", "1"}, pipe);
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  app.send(SIGINT);
  CHECK(app.wait().code == 130);
  close(writer);
}
