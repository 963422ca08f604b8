// The data sets of ../shared/data, where they are at hand (SUREFOOT_DATA names another folder). Their sizes are from that
// folder's README, the means from numpy over what its load.py delivers.
#include <cstdlib>
#include <filesystem>

#include "catch.hpp"
#include "data/reading.hpp"

using namespace surefoot;
using namespace surefoot::test;

namespace {

std::string path_of(const std::string& name) {
  const char* const folder = std::getenv("SUREFOOT_DATA");
#ifdef SUREFOOT_SHARED_DATA
  const std::string fallback = SUREFOOT_SHARED_DATA;
#else
  const std::string fallback = "../shared/data";
#endif
  const std::filesystem::path path = std::filesystem::path(folder != nullptr ? folder : fallback) / name;
  return std::filesystem::exists(path) ? path.string() : std::string();
}

void check_means(const Table& table, const std::vector<double>& expected) {
  const DenseMatrix& x = std::get<DenseMatrix>(table.x);
  REQUIRE(static_cast<std::size_t>(x.cols()) == expected.size());
  for (std::size_t j = 0; j < expected.size(); ++j) {
    INFO(table.encoding.features[j].name);
    CHECK(x.col(static_cast<Eigen::Index>(j)).mean() == Approx(expected[j]).epsilon(1e-12));
  }
}

}  // namespace

TEST_CASE("real files have the sizes that they are known to have") {
  struct Known {
    std::string name;
    ReadOptions options;
    std::string format;
    long rows;
    long columns;
  };
  const std::vector<Known> all{
      {"california_housing.csv", {.target = "median_house_value"}, "csv", 20640, 13},
      {"winequality-white.csv", {.target = "quality"}, "semicolon", 4898, 11},
      {"auto-mpg.data", {.target = "1", .drop = {"9"}, .text = {"8"}}, "whitespace", 398, 9},
      {"gasoline_nir.csv", {.target = "octane"}, "csv", 60, 401},
      {"abalone_scale", {}, "libsvm", 4177, 8},
      {"titanic.csv", {.target = "survived", .drop = {"name", "ticket", "cabin"}, .text = {"pclass"}}, "csv", 891, 13},
      {"mushrooms", {}, "libsvm", 8124, 112},
      {"breast-cancer", {}, "libsvm", 683, 10},
      {"wine.csv", {.target = "14"}, "csv", 178, 13},
      {"digits.csv.gz", {.target = "65"}, "csv", 1797, 64},
      {"DoctorVisits.tsv", {.target = "visits", .drop = {"1"}}, "tsv", 5190, 17},
      {"sms_spam.libsvm.gz", {}, "libsvm", 5574, 8923},
  };
  for (const auto& known : all) {
    const std::string path = path_of(known.name);
    if (path.empty()) {
      WARN(known.name << " is not at hand, so it is not tested");
      continue;
    }
    INFO(known.name);
    const Table table = read(path, known.options);
    CHECK(table.format == known.format);
    CHECK(table.rows() == known.rows);
    CHECK(table.columns() == known.columns);
    CHECK(table.has_target);
    CHECK(table.rows_left_out == 0);
    CHECK(same_matrix(read(path, table.encoding), table));
  }
}

TEST_CASE("california_housing.csv has the means that numpy finds") {
  const std::string path = path_of("california_housing.csv");
  if (path.empty()) {
    WARN("california_housing.csv is not at hand, so it is not tested");
    return;
  }
  const Table table = read(path, {.target = "median_house_value"});
  check_means(table, {-119.569704457361, 35.6318614341087, 28.6394864341085, 2635.76308139535, 537.870552537564,
                      1425.47674418605, 499.539680232558, 3.87067100290702, 0.442635658914729, 0.317393410852713,
                      0.000242248062015504, 0.110949612403101, 0.128779069767442});
  CHECK(table.y.mean() == Approx(206855.81690891474).epsilon(1e-12));
  CHECK(table.encoding.columns[4].missing == 207);
  CHECK(table.encoding.columns[3].deviation == Approx(2181.56240173596).epsilon(1e-12));
  CHECK(names_of(table)[8] == "ocean_proximity=<1H OCEAN");
}

TEST_CASE("titanic.csv has the means that numpy finds, and leaves out by itself what load.py drops") {
  const std::string path = path_of("titanic.csv");
  if (path.empty()) {
    WARN("titanic.csv is not at hand, so it is not tested");
    return;
  }
  const Table table = read(path, {.target = "survived", .text = {"pclass"}});
  check_means(table, {0.242424242424242, 0.206509539842873, 0.551066217732884, 0.352413019079686, 0.647586980920314,
                      29.6991176470588, 0.52300785634119, 0.381593714927048, 32.2042079685746, 0.188552188552189,
                      0.00224466891133558, 0.0864197530864197, 0.722783389450056});
  CHECK(names_of(table) == Names{"pclass=1", "pclass=2", "pclass=3", "sex=female", "sex=male", "age", "sibsp", "parch",
                                 "fare", "embarked=C", "embarked=NA", "embarked=Q", "embarked=S"});
  for (const std::string name : {"name", "ticket", "cabin"}) CHECK(has_note(table, name + " left out"));
}

TEST_CASE("sms_spam.libsvm.gz has the sums that scipy finds") {
  const std::string path = path_of("sms_spam.libsvm.gz");
  if (path.empty()) {
    WARN("sms_spam.libsvm.gz is not at hand, so it is not tested");
    return;
  }
  const Table table = read(path);
  const SparseMatrix& x = std::get<SparseMatrix>(table.x);
  CHECK(x.nonZeros() == 83083);
  CHECK(x.sum() == 91808);
  CHECK(x.squaredNorm() == 117466);
  CHECK((table.y.array() == 1).count() == 747);
  CHECK((table.y.array() == -1).count() == 5574 - 747);
}
