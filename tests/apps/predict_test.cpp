#include "apps/run_app.hpp"
#include "catch.hpp"
#include "surefoot/surefoot.hpp"

using namespace surefoot::test;

namespace {

using Rows = std::vector<std::vector<std::string>>;

/// A CSV file without quotes.
Rows rows_of(const std::string& csv) {
  Rows rows;
  std::istringstream lines(csv);
  for (std::string line; std::getline(lines, line);) {
    rows.emplace_back();
    std::istringstream cells(line);
    for (std::string cell; std::getline(cells, cell, ',');) rows.back().push_back(cell);
  }
  return rows;
}

std::string train_and_save(const TemporaryFolder& folder, const std::string& csv,
                           const std::vector<std::string>& more) {
  const Outcome outcome =
      run_app(with({"train", folder.file("train.csv", csv), "--save", folder / "model.json", "-q"}, more));
  INFO(outcome.err);
  REQUIRE(outcome.code == 0);
  return folder / "model.json";
}

}  // namespace

TEST_CASE("a saved classifier predicts what the library's fit does") {
  const TemporaryFolder folder;
  REQUIRE(run_app(train_demo({"--save", folder / "model.json", "-q"})).code == 0);
  const Outcome outcome = run_app({"predict", folder / "model.json", demo_data, "-q"});
  REQUIRE(outcome.code == 0);
  CHECK(outcome.err.empty());

  const auto table = surefoot::read(demo_data, {.target = "diagnosis"});
  const auto expected = surefoot::fit(table, {.l2 = 1e-3}).predict(table);
  const Rows rows = rows_of(outcome.out);
  CHECK(rows[0] == std::vector<std::string>{"prediction", "probability"});
  REQUIRE(rows.size() == 570);
  for (Eigen::Index i = 0; i < 569; ++i) {
    const auto& row = rows[static_cast<std::size_t>(i) + 1];
    CHECK(row[0] == (expected.values[i] == 1 ? "malignant" : "benign"));
    // Not to the bit: the test and the app may be compiled apart, and round in another order.
    CHECK(std::stod(row[1]) == Approx(expected.probabilities[i]).epsilon(1e-6));
  }
}

TEST_CASE("a model loses nothing by being saved and loaded") {
  const TemporaryFolder folder;
  const auto table = surefoot::read(demo_data, {.target = "diagnosis"});
  const auto fit = surefoot::fit(table, {.l2 = 1e-3});
  fit.save(folder / "model.json");
  const auto loaded = surefoot::LinearModel::load(folder / "model.json");
  CHECK(loaded.coefficients == fit.trained.coefficients);
  CHECK(loaded.intercept == fit.trained.intercept);
  CHECK(loaded.encoding == fit.trained.encoding);
  CHECK(loaded.predict(table).probabilities == fit.predict(table).probabilities);
}

TEST_CASE("a saved regression predicts the numbers of its line, also from a file without the target") {
  const TemporaryFolder folder;
  const std::string model =
      train_and_save(folder, "x,y\n0,1\n1,3.5\n2,4.5\n3,7\n", {"--target", "y", "--tolerance", "1e-14"});
  const Rows rows = rows_of(run_app({"predict", model, folder.file("fresh.csv", "x\n10\n-1\n0.5\n"), "-q"}).out);
  REQUIRE(rows.size() == 4);  // y = 1.15 + 1.9 x
  CHECK(rows[0] == std::vector<std::string>{"prediction"});
  CHECK(std::stod(rows[1][0]) == Approx(20.15));
  CHECK(std::stod(rows[2][0]) == Approx(-0.75));
  CHECK(std::stod(rows[3][0]) == Approx(2.1));
}

TEST_CASE("each row gets its prediction, one without a target too, and in any order of columns") {
  const TemporaryFolder folder;
  const std::string model =
      train_and_save(folder, "a,b,y\n0,1,1\n1,0,3\n2,1,5\n3,5,7\n", {"--target", "y", "--tolerance", "1e-14"});
  const std::string fresh = folder.file("fresh.csv", "y,b,a,c\n,0,4,x\n11,3,5,y\n");
  const Rows rows = rows_of(run_app({"predict", model, fresh, "-q"}).out);
  REQUIRE(rows.size() == 3);  // y = 1 + 2 a
  CHECK(std::stod(rows[1][0]) == Approx(9));
  CHECK(std::stod(rows[2][0]) == Approx(11));
}

TEST_CASE("a class whose name needs quotes gets them") {
  const TemporaryFolder folder;
  const std::string model = train_and_save(
      folder, "x,kind\n1,\"small, blue\"\n2,\"small, blue\"\n8,\"the \"\"big\"\" one\"\n9,\"the \"\"big\"\" one\"\n",
      {"--target", "kind", "--l2", "1e-2"});
  const std::string out = run_app({"predict", model, folder.file("fresh.csv", "x\n0\n10\n"), "-q"}).out;
  CHECK(says(out, "\n\"small, blue\",0."));
  CHECK(says(out, "\n\"the \"\"big\"\" one\",0."));
}

TEST_CASE("numeric classes come back as they stood in the file") {
  const TemporaryFolder folder;
  const std::string model =
      train_and_save(folder, "x,kind\n1,2\n2,2\n3,4\n8,2\n9,4\n10,4\n", {"--target", "kind", "--l2", "1e-2"});
  const Rows rows = rows_of(run_app({"predict", model, folder.file("fresh.csv", "x\n0\n20\n"), "-q"}).out);
  CHECK(rows[1][0] == "2");
  CHECK(rows[2][0] == "4");
}

TEST_CASE("predictions go to the file that is named, whole or not at all") {
  const TemporaryFolder folder;
  const std::string model = train_and_save(folder, "x,y\n0,1\n1,3.5\n2,4.5\n3,7\n", {"--target", "y"});
  const std::string fresh = folder.file("fresh.csv", "x\n1\n2\n");
  const Outcome outcome = run_app({"predict", model, fresh, "-o", folder / "out.csv"});
  CHECK(outcome.code == 0);
  CHECK(outcome.out.empty());
  CHECK(says(outcome.err, "2 predictions in"));
  CHECK(rows_of(content_of(folder / "out.csv")).size() == 3);
  CHECK(folder.files() == 4);
  CHECK(run_app({"predict", model, fresh, "-o", "/no/such/folder/out.csv"}).code == 73);
  CHECK(run_app({"predict", model, fresh}, "/dev/null", "/dev/full").code == 73);
}

TEST_CASE("model and data may each come on standard input") {
  const TemporaryFolder folder;
  const std::string model = train_and_save(folder, "x,y\n0,1\n1,3.5\n2,4.5\n3,7\n", {"--target", "y"});
  const std::string fresh = folder.file("fresh.csv", "x\n1\n2\n");
  const std::string expected = run_app({"predict", model, fresh, "-q"}).out;
  CHECK(run_app({"predict", "-", fresh, "-q"}, model).out == expected);
  CHECK(run_app({"predict", model, "-", "-q"}, fresh).out == expected);
}

TEST_CASE("a model that is not one is bad data, one that is not there can't be read") {
  const TemporaryFolder folder;
  const std::string fresh = folder.file("fresh.csv", "x\n1\n2\n");
  CHECK(run_app({"predict", folder / "none.json", fresh}).code == 66);
  const std::string good = content_of(train_and_save(folder, "x,y\n0,1\n1,3.5\n2,4.5\n3,7\n", {"--target", "y"}));
  auto wrong = nlohmann::json::parse(good);
  wrong["encoding"]["target_index"] = 7;
  auto newer = nlohmann::json::parse(good);
  newer["model"] = "forest";
  auto fewer = nlohmann::json::parse(good);
  fewer["coefficients"].clear();
  for (const std::string& text :
       {std::string("x,y\n1,2\n"), std::string("{}"), std::string("[1, 2]"), std::string("null"),
        good.substr(0, good.size() / 2), wrong.dump(), newer.dump(), fewer.dump()}) {
    const std::string model = folder.file("bad.json", text);
    const Outcome outcome = run_app({"predict", model, fresh});
    INFO(text << "\n" << outcome.err);
    CHECK(outcome.code == 65);
    CHECK(outcome.out.empty());
    CHECK(outcome.err.starts_with(model + ":"));
  }
}

TEST_CASE("a file that lacks a column of the model is bad data that names it") {
  const TemporaryFolder folder;
  const std::string model = train_and_save(folder, "a,b,y\n0,1,1\n1,0,3\n2,1,5\n3,5,7\n", {"--target", "y"});
  const Outcome outcome = run_app({"predict", model, folder.file("fresh.csv", "a,c\n1,2\n")});
  CHECK(outcome.code == 65);
  CHECK(says(outcome.err, "'b'"));
}
