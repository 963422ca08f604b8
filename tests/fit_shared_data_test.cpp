// Optima of real files against those computed by another program (Newton's method in numpy; the f* of shared/data's
// README: the mean loss plus 0.0005 |w|² over standardised columns, intercept unpenalised).

#include "catch.hpp"
#include "support/shared_data.hpp"
#include "surefoot/data/read.hpp"
#include "surefoot/fit.hpp"

using namespace surefoot;

TEST_CASE("the optima of real files agree with independently computed ones to nine digits") {
  struct Known {
    std::string name;
    ReadOptions read;
    std::string model;
    double minimum;
  };
  const std::vector<Known> all{
      {"california_housing.csv", {.target = "median_house_value"}, "", 2367938815},
      {"winequality-white.csv", {.target = "quality"}, "", 0.2818154241},
      {"auto-mpg.data", {.target = "1", .drop = {"9"}, .text = {"8"}}, "", 5.373199786},
      {"gasoline_nir.csv", {.target = "octane"}, "", 0.001288054579},
      {"abalone_scale", {}, "least-squares", 2.565638586},
      {"titanic.csv", {.target = "survived", .drop = {"name", "ticket", "cabin"}, .text = {"pclass"}}, "", 0.440702336},
      {"mushrooms", {}, "", 0.05022141124},
      {"breast-cancer", {}, "", 0.1050794446},
      {"sms_spam.libsvm.gz", {}, "", 0.1218398168},
      {"wine.csv", {.target = "14"}, "softmax", 0.02584777177},
      {"digits.csv.gz", {.target = "65"}, "softmax", 0.08614548624},
      {"DoctorVisits.tsv", {.target = "visits", .drop = {"1"}}, "poisson", 0.5425114133},
  };
  for (const auto& known : all) {
    const std::string path = test::shared_data(known.name);
    if (path.empty()) {
      WARN(known.name << " is not here: skipped");
      continue;
    }
    INFO(known.name);
    const Fit fitted = fit(read(path, known.read), {.model = known.model, .l2 = 1e-3, .tolerance = 1e-10});
    CHECK(fitted.result.loss == Approx(known.minimum).epsilon(1e-9));
  }
}
