#include <cmath>
#include <random>

#include "apps/run_app.hpp"
#include "catch.hpp"
#include "support/allocations.hpp"
#include "surefoot/surefoot.hpp"

using namespace surefoot::test;

namespace {

/// Two columns, a weight, and a target that is made of a row's number.
template <class Target>
std::string file_of(int rows, const Target& target) {
  std::string text = "a,b,w,y\n";
  for (int i = 0; i < rows; ++i) {
    text += std::to_string((5 * i) % 13) + "," + std::to_string((3 * i) % 7) + "," + std::to_string(i % 3) + "," +
            target(i) + "\n";
  }
  return text;
}

std::string counts() {
  return file_of(40, [](int i) { return std::to_string((7 * i) % 5); });
}
std::string kinds() {
  return file_of(60, [](int i) { return std::string(1, static_cast<char>('p' + (i * i + i / 3) % 3)); });
}

std::vector<std::string> first_line(const std::string& csv) {
  std::vector<std::string> cells;
  std::istringstream line(csv.substr(0, csv.find('\n')));
  for (std::string cell; std::getline(line, cell, ',');) cells.push_back(cell);
  return cells;
}

}  // namespace

TEST_CASE("train fits what the library fits, for every model, and its JSON has the measures that apply") {
  const TemporaryFolder folder;
  const std::string numbers = folder.file("counts.csv", counts()), classes = folder.file("kinds.csv", kinds());
  struct Case {
    std::string model, data;
    std::vector<std::string> measures;
  };
  for (const Case& each : {Case{"least-squares", numbers, {"r2", "rmse"}},
                           {"huber:delta=1.35", numbers, {"r2", "rmse"}},
                           {"quantile:level=0.9,width=0.1", numbers, {"r2", "rmse", "share_below"}},
                           {"poisson", numbers, {"r2", "rmse", "deviance_explained"}},
                           {"softmax", classes, {"accuracy", "most_frequent"}}}) {
    const auto json =
        run_app({"train", each.data, "--target", "y", "--model", each.model, "--l2", "1e-2", "--json"}).json();
    const auto table = surefoot::read(each.data, {.target = "y"});
    const auto fit = surefoot::fit(table, {.model = each.model, .l2 = 1e-2});
    INFO(each.model);
    CHECK(json.at("status") == "converged");
    CHECK(json.at("model") == fit.trained.model);
    CHECK(json.at("loss").get<double>() == Approx(fit.result.loss).epsilon(1e-8));
    for (const std::string& measure : each.measures) CHECK(json.at(measure).is_number());
  }
}

TEST_CASE("the options of a model stand in the JSON and in the summary") {
  const TemporaryFolder folder;
  const Outcome outcome = run_app({"train", folder.file("c.csv", counts()), "--target", "y", "--model",
                                   "quantile:level=0.9,width=0.125", "--json"});
  CHECK(outcome.json().at("model_options") == nlohmann::json{{"level", 0.9}, {"width", 0.125}});
  CHECK(says(outcome.err, "quantile:level=0.9,width=0.125: as asked"));
  CHECK(says(outcome.err, "% of these rows are not above their prediction"));
}

TEST_CASE("text of more than two levels is fitted by softmax, and the app says so") {
  const TemporaryFolder folder;
  const Outcome outcome = run_app({"train", folder.file("k.csv", kinds()), "--target", "y", "--l2", "1e-2", "--json"});
  CHECK(outcome.json().at("model") == "softmax");
  CHECK(outcome.json().at("classes") == std::vector<std::string>{"p", "q", "r"});
  CHECK(says(outcome.err, "softmax: the target 'y' is text of 3 levels; 3 classes: p, q, r"));
  CHECK(says(outcome.err, ", class q "));
  CHECK(says(outcome.err, "accuracy"));
}

TEST_CASE("predict writes the mean of a Poisson model, and a probability for each class of a softmax model") {
  const TemporaryFolder folder;
  const auto predict = [&](const std::string& text, const std::vector<std::string>& options) {
    const std::string data = folder.file("data.csv", text), model = folder / "model.json";
    const Outcome trained =
        run_app(with({"train", data, "--target", "y", "--l2", "1e-2", "--save", model, "-q"}, options));
    INFO(trained.err);
    REQUIRE(trained.code == 0);
    return run_app({"predict", model, data, "-q"}).out;
  };
  const std::string means = predict(counts(), {"--model", "poisson"});
  CHECK(first_line(means) == std::vector<std::string>{"prediction"});
  CHECK(means.find('-') == std::string::npos);  // no mean is negative

  const std::string shares = predict(kinds(), {});
  CHECK(first_line(shares) ==
        std::vector<std::string>{"prediction", "probability:p", "probability:q", "probability:r"});
  const auto row = first_line(shares.substr(shares.find('\n') + 1));
  CHECK(std::stod(row[1]) + std::stod(row[2]) + std::stod(row[3]) == Approx(1));

  const std::string hinge =
      predict(file_of(30, [](int i) { return std::to_string((i * i / 3) % 2); }), {"--model", "squared-hinge"});
  CHECK(first_line(hinge) == std::vector<std::string>{"prediction", "margin"});
}

TEST_CASE("a class whose name needs quotes gets them in the header of its probability too") {
  const TemporaryFolder folder;
  std::string text = "x,y\n";
  for (int i = 0; i < 12; ++i)
    text += std::to_string((5 * i) % 7) + (i % 3 == 0 ? ",\"a,b\"\n" : i % 3 == 1 ? ",c\n" : ",d\n");
  const std::string data = folder.file("data.csv", text), model = folder / "model.json";
  REQUIRE(run_app({"train", data, "--target", "y", "--l2", "1", "--save", model, "-q"}).code == 0);
  CHECK(run_app({"predict", model, data, "-q"}).out.starts_with("prediction,\"probability:a,b\",probability:c,"));
}

TEST_CASE("a column of row weights is used and named") {
  const TemporaryFolder folder;
  const std::string data = folder.file("c.csv", counts());
  const Outcome outcome = run_app({"train", data, "--target", "y", "--weights", "w", "--json"});
  const auto json = outcome.json();
  CHECK(json.at("weights") == "w");
  CHECK(json.at("columns") == 2);
  CHECK(says(outcome.err, "row weights from w, 0 to 2: 14 rows of weight 0"));
  const auto table = surefoot::read(data, {.target = "y", .weights = "w"});
  CHECK(json.at("loss").get<double>() == Approx(surefoot::fit(table).result.loss));
}

TEST_CASE("a row weight or a target that can't be is bad data that is named") {
  const TemporaryFolder folder;
  const std::string data = folder.file("bad.csv", "a,w,y\n1,1,2\n2,-1,3\n3,1,-4\n");
  const Outcome weight = run_app({"train", data, "--target", "y", "--weights", "w", "--json"});
  CHECK(weight.code == 65);
  CHECK(weight.out.empty());
  CHECK(weight.err.find(data + ":3:2: the row weight '-1'") != std::string::npos);
  const Outcome target = run_app({"train", data, "--target", "y", "--model", "poisson", "--json", "-q"});
  CHECK(target.code == 65);
  CHECK(target.out.empty());
  CHECK(
      target.err.starts_with(data + ":4:3: the target 'y' is -4, and poisson needs targets that are finite and >= 0;"));
  const Outcome classes = run_app({"train", data, "--target", "y", "--model", "logistic", "-q"});
  CHECK(classes.code == 65);
  CHECK(
      classes.err.starts_with(data + ":4:3: logistic needs a target of two classes, and the target 'y' has 3 classes"));
}

TEST_CASE("a target that the model can't serve is bad data; options that contradict each other are usage") {
  const TemporaryFolder folder;
  const std::string words = folder.file("words.csv", "x,y\n1,3\n2,b\n3,a\n");
  const Outcome text = run_app({"train", words, "--target", "y", "--model", "poisson"});
  CHECK(text.code == 65);
  CHECK(says(text.err, words + ":3:2: the target 'y' is 'b', and poisson needs a number; mend it"));
  const std::string alike = folder.file("alike.csv", "x,y\n1,3\n2,3\n3,3\n");
  for (const std::string model : {"logistic", "squared-hinge", "softmax"}) {
    const Outcome one = run_app({"train", alike, "--target", "y", "--model", model});
    CHECK(one.code == 65);
    CHECK(says(one.err, alike + ": " + model + " needs a target of "));
    CHECK(says(one.err, "the target 'y' has 1 class, so there is nothing to tell apart; choose another target"));
  }
  const Outcome piped =
      run_app({"train", "-", "--target", "y", "--model", "poisson"}, folder.file("less.csv", "x,y\n1,3\n2,-1\n"));
  CHECK(piped.code == 65);
  CHECK(says(piped.err, "stdin: row 2: the target 'y' is -1, and poisson needs"));  // it can't be read again

  CHECK(run_app({"train", alike, "--target", "y", "--text", "y", "--model", "poisson"}).code == 2);
  CHECK(run_app({"train", alike, "--target", "y", "--class-weight", "balanced"}).code == 2);
}

TEST_CASE("class weights, kept columns, an l1 and threads go where they are meant to") {
  const auto json =
      run_app({"train", demo_data, "--target", "diagnosis", "--keep", "mean_radius,mean_texture,area_error",
               "--class-weight", "balanced", "--l1", "0.2", "--threads", "1", "--json"})
          .json();
  CHECK(json.at("columns") == 3);
  CHECK(json.at("class_weight") == "balanced");
  CHECK(json.at("l1") == 0.2);
  CHECK(json.at("zero_coefficients").get<int>() >= 1);
  CHECK(json.at("threads") == 1);
  CHECK(json.at("direction") == "steepest");
  const auto table = surefoot::read(demo_data, {.target = "diagnosis", .keep = {"1", "2", "area_error"}});
  const auto fit = surefoot::fit(table, {.l1 = 0.2, .class_weight = "balanced"});
  CHECK(json.at("loss").get<double>() == Approx(fit.result.loss).epsilon(1e-8));
}

TEST_CASE("direction and coordinates can be forced, and the summary names them") {
  const Outcome outcome = run_app(train_demo({"--direction", "cg", "--coordinates", "diagonal", "--json"}));
  CHECK(outcome.json().at("direction") == "cg");
  CHECK(outcome.json().at("coordinates") == "diagonal");
  CHECK(says(outcome.err, "along the direction of cg in diagonal coordinates"));
}

TEST_CASE("a run begins at the model that --start names, which may be overwritten") {
  const TemporaryFolder folder;
  const std::string model = folder / "model.json";
  REQUIRE(run_app(train_demo({"--save", model, "--tolerance", "1e-8", "-q"})).code == 0);
  const auto json = run_app(train_demo({"--start", model, "--save", model, "--json"})).json();
  CHECK(json.at("status") == "converged");
  CHECK(json.at("iterations") == 0);
  CHECK(json.at("why_model") == "that of the model it starts from");

  CHECK(run_app(train_demo({"--start", folder / "none.json"})).code == 66);
  CHECK(run_app(train_demo({"--start", demo_data})).code == 65);
  const Outcome other = run_app(train_demo({"--start", model, "--drop", "mean_area"}));
  CHECK(other.code == 2);
  CHECK(says(other.err, "the model to start from has other columns"));
}

TEST_CASE("classes that separate without a penalty are said in the summary and in the JSON") {
  const TemporaryFolder folder;
  const std::string data = folder.file("apart.csv", "x,y\n1,a\n2,a\n3,b\n4,b\n6,c\n7,c\n");
  const Outcome outcome = run_app({"train", data, "--target", "y", "--max-iterations", "300", "--json"});
  CHECK(outcome.json().at("separated") == true);
  CHECK(says(outcome.err, "the weights grow without bound: add --l2 1e-3"));
}

TEST_CASE("a Huber delta far from the target's units is said with the option's name") {
  const TemporaryFolder folder;
  const std::string data = folder.file("huge.csv", file_of(20, [](int i) { return std::to_string(100000 * (i % 5)); }));
  CHECK(says(run_app({"train", data, "--target", "y", "--model", "huber"}).err, "the model huber:delta=14000, say"));
}

TEST_CASE("to read and fit takes at most 15 % more memory than the table has numbers, and 64 MB") {
  if (!allocations_are_counted()) return;  // under a sanitizer, which takes memory of its own
  constexpr int rows = 2'000'000, columns = 8;
  const TemporaryFolder folder;
  const std::string data = folder / "many.csv";
  std::ofstream file(data);
  file << "a,b,c,d,e,f,g,h,y\n";
  for (int i = 0; i < rows; ++i) {
    for (int j = 0; j < columns; ++j) file << (i / (j + 1) + i % 7 * j) % 10 << ',';
    file << (i % 10 + i % 3 > 6) << '\n';
  }
  file.close();
  const double table = 8.0 * rows * (columns + 1);
  for (const std::string model : {"least-squares", "logistic", "softmax"}) {
    const Outcome outcome = run_app({"train", data, "--target", "y", "--model", model, "--tolerance", "1e-3", "-q"});
    CAPTURE(model, outcome.err);
    CHECK(outcome.code == 0);
    CHECK(outcome.peak_bytes < 1.15 * table + 64e6);
  }
}

TEST_CASE("an l1 fit of a tall sparse table takes, beside it, 8 bytes a row and one copy of its working set") {
  if (!allocations_are_counted()) return;  // under a sanitizer, which takes memory of its own
  constexpr int rows = 1'500'000, columns = 2000, per_row = 4;
  const TemporaryFolder folder;
  const std::string data = folder / "tall.libsvm";
  std::mt19937 random(5);
  std::ofstream file(data);
  for (int i = 0; i < rows; ++i) {
    // One entry in each quarter of the columns; every ninth column tells something.
    std::string text;
    unsigned long told = 0;
    for (unsigned long k = 0; k < per_row; ++k) {
      const unsigned long column = k * columns / per_row + random() % (columns / per_row);
      text += " " + std::to_string(column + 1) + ":1";
      if (column % 9 == 0) told = 1 + column % 2;
    }
    file << (told == 0 ? random() % 2 : told - 1) << text << '\n';
  }
  file.close();
  const Outcome outcome = run_app({"train", data, "--l1", "3e-4", "--threads", "1", "--json", "-q"});
  CAPTURE(outcome.out, outcome.err);
  CHECK(outcome.json().at("status") == "converged");
  const double entries = 1.0 * rows * per_row, table = 12 * entries + (4 + 8) * rows;
  const double copy = 12 * 0.25 * entries + 4 * rows;  // of 512 columns at most
  CHECK(outcome.peak_bytes < table + 8 * rows + copy + 16e6);
}

TEST_CASE("a sparse column near the ends of double takes no more iterations than one near 1") {
  const TemporaryFolder folder;
  const auto iterations = [&](const std::string& unit, const std::vector<std::string>& options) {
    std::string text;
    for (int i = 0; i < 200; ++i) {
      text += std::to_string((i * i + i / 7) % 2) + " 1:" + std::to_string(1 + i % 5) + unit +
              " 2:" + std::to_string(i % 11) + " 3:" + std::to_string((i * i) % 13) + "\n";
    }
    const std::string data = folder.file("data" + unit + ".libsvm", text);
    const auto json = run_app(with({"train", data, "--json", "-q"}, options)).json();
    CHECK(json.at("status") == "converged");
    return json.at("iterations").get<int>();
  };
  for (const std::vector<std::string>& options :
       {std::vector<std::string>{"--l1", "1e-3"}, {"--l2", "1e-3", "--coordinates", "diagonal"}}) {
    const int near = iterations("", options);
    CAPTURE(options, near);
    for (const std::string unit : {"e160", "e200", "e-200"}) CHECK(std::abs(iterations(unit, options) - near) <= 1);
  }
}

TEST_CASE("the duality gap of an l1 fit is in the summary and the JSON, which has null where there is none") {
  const Outcome lasso = run_app(train_demo({"--l1", "0.05", "--tolerance", "1e-9", "--json"}));
  const auto json = lasso.json();
  CHECK(says(lasso.err, "duality gap"));
  CHECK_FALSE(says(lasso.err, "a smaller --tolerance"));
  const Outcome faint = run_app({"train", demo_data, "--target", "diagnosis", "--l1", "1e-9"});
  CHECK(says(faint.err, "of it; a smaller --tolerance brings that down"));
  CHECK(json.at("duality_gap").get<double>() >= 0);
  CHECK(json.at("duality_gap").get<double>() < 1e-6 * json.at("loss").get<double>());
  const Outcome ridge = run_app(train_demo({"--l2", "0.05", "--json"}));
  CHECK(ridge.json().at("duality_gap").is_null());
  CHECK_FALSE(says(ridge.err, "duality gap"));
  const TemporaryFolder folder;
  const Outcome softmax =
      run_app({"train", folder.file("kinds.csv", kinds()), "--target", "y", "--l1", "0.01", "--json"});
  CHECK(softmax.json().at("duality_gap").get<double>() <= 1e-3 * softmax.json().at("loss").get<double>());
}
