#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "passes/instruction_sets.hpp"
#include "support/guarded.hpp"
#include "support/margin_losses.hpp"
#include "surefoot/passes/kernels.hpp"
#include "surefoot/vector.hpp"

using namespace surefoot;
using namespace surefoot::passes;
using surefoot::test::Guarded;
using surefoot::test::on_each_instruction_set;

namespace {

using Index = passes::Index;
constexpr unsigned seed = 31;

const LossKernels<LeastSquaresLoss>& of(const Kernels& kernel, const LeastSquaresLoss&) { return kernel.least_squares; }
const LossKernels<HuberLoss>& of(const Kernels& kernel, const HuberLoss&) { return kernel.huber; }
const LossKernels<QuantileLoss>& of(const Kernels& kernel, const QuantileLoss&) { return kernel.quantile; }
const LossKernels<LogisticLoss>& of(const Kernels& kernel, const LogisticLoss&) { return kernel.logistic; }
const LossKernels<PoissonLoss>& of(const Kernels& kernel, const PoissonLoss&) { return kernel.poisson; }
const LossKernels<SquaredHingeLoss>& of(const Kernels& kernel, const SquaredHingeLoss&) { return kernel.squared_hinge; }

/// The size of what is added up in a value and a slope, where terms of either sign may cancel.
template <class Loss>
Terms<double> sizes_of(const Loss&, double, double) {
  return {0, 0, 0};
}
Terms<double> sizes_of(const PoissonLoss&, double z, double y) {
  const double mean = std::exp(z);
  return {mean + std::abs(y * z), mean + y, 0};
}
Terms<double> sizes_of(const QuantileLoss&, double, double) { return {0, 1, 0}; }

/// Equal to the last digits, Inf and NaN as they are. Below the smallest normal number a pack has 0; sixteen may be added.
bool agrees(double value, double expected, double size) {
  if (std::abs(value - expected) <= 16 * std::numeric_limits<double>::min()) return true;
  if (std::isnan(expected)) return std::isnan(value);
  if (std::isinf(expected)) return value == expected;
  return to_the_last_digits(value, expected, size);
}
template <class Loss>
bool agrees(const Terms<double>& value, const Loss& loss, double z, double y, double weight = 1) {
  const Terms<double> expected = loss.at(z, y), size = sizes_of(loss, z, y);
  return agrees(value.value, weight * expected.value, weight * size.value) &&
         agrees(value.slope, weight * expected.slope, weight * size.slope) &&
         agrees(value.curvature, weight * expected.curvature, weight * size.curvature);
}

/// Every size of margin, where exp leaves the range of double too, and what is no number.
std::vector<double> margins_and_worse() {
  std::vector<double> margins = all_margins();
  for (const double m : {1.0, 30.0, 708.3964, 708.3965, 709.7, 709.78, 709.79, 745.2}) {
    margins.insert(margins.end(), {m, -m});
  }
  margins.insert(margins.end(), {infinity, -infinity, not_a_number});
  return margins;
}

/// The losses with which all are tried, and their targets.
template <class Check>
void for_each_loss(Check&& check) {
  const std::vector<double> numbers{0, 1, -2.5, 1e8, 1e300}, classes{0, 1}, counts{0, 1, 7, 1e6};
  check(LeastSquaresLoss{}, numbers);
  check(HuberLoss{}, numbers);
  check(HuberLoss{.delta = 0.01}, numbers);
  check(QuantileLoss{}, numbers);
  check(QuantileLoss{.level = 0.9, .width = 2}, numbers);
  check(LogisticLoss{}, classes);
  check(PoissonLoss{}, counts);
  check(SquaredHingeLoss{}, classes);
}

/// Random rows, each array at the end of memory. No loss is Inf, so that a weight of 0 leaves it out.
struct Rows {
  Guarded<double> margins, change, targets, weights, slopes, curvatures;

  Rows(Index count, const std::vector<double>& possible_targets, std::mt19937_64& random)
      : margins(count, 0),
        change(count, 0),
        targets(count, 0),
        weights(count, 0),
        slopes(count, not_a_number),
        curvatures(count, not_a_number) {
    std::normal_distribution<double> normal(0, 3);
    for (Index i = 0; i < count; ++i) {
      margins[i] = normal(random);
      change[i] = std::ldexp(random() % 2 == 0 ? 1 : -1, static_cast<int>(random() % 5) - 2);
      do {
        targets[i] = possible_targets[random() % possible_targets.size()];
      } while (targets[i] > 1e100);
      weights[i] = random() % 4 == 0 ? 0 : std::abs(normal(random));
    }
  }
  Index count() const { return margins.size(); }
  double weight(Index i, bool weighted) const { return weighted ? weights[i] : 1; }
  RowTerms terms(bool weighted, bool with_slopes, bool with_curvatures) {
    return {margins.data(),
            targets.data(),
            weighted ? weights.data() : nullptr,
            count(),
            with_slopes ? slopes.data() : nullptr,
            with_curvatures ? curvatures.data() : nullptr};
  }
  RowRay ray(bool weighted, double step) const {
    return {margins.data(), change.data(), targets.data(), weighted ? weights.data() : nullptr, count(), step};
  }
};

/// Equal but for the rounding of a sum of `count` numbers of that size.
bool sums_to(double value, long double expected, long double sizes, Index count) {
  const long double eps = std::numeric_limits<double>::epsilon();
  return std::abs(static_cast<long double>(value) - expected) <= static_cast<long double>(count + 16) * eps * sizes;
}

template <class Loss>
void check_one_margin(const Kernels& kernel, const Loss& loss, double z, double y) {
  constexpr Index many = 16;  // whole packs
  const std::vector<double> margins(many, z), targets(many, y), change(many, 0.5);
  std::vector<double> slopes(many), curvatures(many);
  const Terms<double> at = loss.at(z, y), size = sizes_of(loss, z, y);
  for (const Index count : {Index(1), many}) {
    const auto times = static_cast<double>(count);
    const RowSums sums =
        of(kernel, loss)
            .terms(loss, {margins.data(), targets.data(), nullptr, count, slopes.data(), curvatures.data()});
    INFO(Loss::name << ", z = " << z << ", y = " << y << ", " << count << " rows: value " << sums.value << ", slope "
                    << slopes[0] << ", curvature " << curvatures[0]);
    CHECK(agrees(sums.value, times * at.value, times * size.value));
    CHECK(agrees(slopes[0], at.slope, size.slope));
    CHECK(agrees(curvatures[0], at.curvature, size.curvature));

    // From margins that lie a step of 2 before this one, unless it is so large that it doesn't feel that.
    const std::vector<double> before(many, z - 1);
    const RowSums along =
        of(kernel, loss).along(loss, {before.data(), change.data(), targets.data(), nullptr, count, 2.0});
    const Terms<double> there = loss.at((z - 1) + 1, y);
    CHECK(agrees(along.value, times * there.value, times * size.value));
    CHECK(agrees(along.slope, times / 2 * there.slope, times / 2 * size.slope));
    CHECK(agrees(along.curvature, times / 4 * there.curvature, times / 4 * size.curvature));
  }
}

}  // namespace

TEST_CASE("a loss computed in packs is that of one row at a time, at every margin, Inf and NaN included") {
  on_each_instruction_set([](const Kernels& kernel) {
    for_each_loss([&](const auto& loss, const std::vector<double>& targets) {
      for (const double z : margins_and_worse()) {
        for (const double y : targets) check_one_margin(kernel, loss, z, y);
      }
    });
  });
}

TEST_CASE("rows beside each other do not mix: a NaN, an Inf, another branch in the next lane changes nothing") {
  const std::vector<double> margins = margins_and_worse();
  const auto count = std::ssize(margins);
  on_each_instruction_set([&](const Kernels& kernel) {
    for_each_loss([&](const auto& loss, const std::vector<double>& possible) {
      std::vector<double> targets(margins.size()), slopes(margins.size()), curvatures(margins.size());
      for (std::size_t i = 0; i < targets.size(); ++i) targets[i] = possible[i % possible.size()];
      const RowSums sums =
          of(kernel, loss)
              .terms(loss, {margins.data(), targets.data(), nullptr, count, slopes.data(), curvatures.data()});
      CHECK(std::isnan(sums.value));
      for (std::size_t i = 0; i < targets.size(); ++i) {
        const Terms<double> expected = loss.at(margins[i], targets[i]);
        INFO(loss.name << ", z = " << margins[i] << ", y = " << targets[i]);
        CHECK(agrees({expected.value, slopes[i], curvatures[i]}, loss, margins[i], targets[i]));
      }
    });
  });
}

TEST_CASE("the losses of any number of rows add up, weighted or not, and nothing beyond their end is touched") {
  on_each_instruction_set([](const Kernels& kernel) {
    for_each_loss([&](const auto& loss, const std::vector<double>& targets) {
      std::mt19937_64 random(seed);
      for (Index count = 0; count <= 20; ++count) {
        for (const bool weighted : {false, true}) {
          Rows rows(count, targets, random);
          const RowSums sums = of(kernel, loss).terms(loss, rows.terms(weighted, true, true));
          long double value = 0, slope = 0, curvature = 0;
          Terms<double> sizes{0, 0, 0};
          bool each_agrees = true;
          for (Index i = 0; i < count; ++i) {
            const double weight = rows.weight(i, weighted), z = rows.margins[i], y = rows.targets[i];
            const Terms<double> at = loss.at(z, y), size = sizes_of(loss, z, y);
            value += weight * at.value;
            slope += weight * at.slope;
            curvature += weight * at.curvature;
            sizes.value += weight * (std::abs(at.value) + size.value);
            sizes.slope += weight * (std::abs(at.slope) + size.slope);
            each_agrees &= agrees({weight * at.value, rows.slopes[i], rows.curvatures[i]}, loss, z, y, weight);
          }
          INFO(loss.name << ", " << count << " rows, weighted " << weighted << ", seed " << seed);
          CHECK(each_agrees);
          CHECK(sums_to(sums.value, value, sizes.value, count));
          CHECK(sums_to(sums.slope, slope, sizes.slope, count));
          CHECK(sums_to(sums.curvature, curvature, curvature, count));
        }
      }
    });
  });
}

TEST_CASE("what is not asked for is neither written nor summed, and changes nothing else but rounding") {
  on_each_instruction_set([](const Kernels& kernel) {
    for_each_loss([&](const auto& loss, const std::vector<double>& targets) {
      std::mt19937_64 random(seed);
      for (Index count = 0; count <= 20; ++count) {
        for (const bool weighted : {false, true}) {
          Rows rows(count, targets, random);
          const auto terms = of(kernel, loss).terms;
          const RowSums all = terms(loss, rows.terms(weighted, true, true));
          const RowSums value = terms(loss, rows.terms(weighted, false, false));
          const RowSums slopes = terms(loss, rows.terms(weighted, true, false));
          const RowSums curvatures = terms(loss, rows.terms(weighted, false, true));
          INFO(loss.name << ", " << count << " rows, weighted " << weighted << ", seed " << seed);
          // A compiler may contract the same sums to other FMAs (g++ 14 does).
          const auto same = [](double sum, double of_all) {
            return sum == of_all || sum == Approx(of_all).epsilon(1e-14);
          };
          CHECK(same(value.value, all.value));
          CHECK(same(slopes.value, all.value));
          CHECK(same(curvatures.value, all.value));
          CHECK(same(slopes.slope, all.slope));
          CHECK(same(curvatures.curvature, all.curvature));
          CHECK(value.slope == 0);
          CHECK(curvatures.slope == 0);
          CHECK(value.curvature == 0);
          CHECK(slopes.curvature == 0);
        }
      }
    });
  });
}

TEST_CASE("along a ray the losses are those at its margins, with slope and curvature by the step") {
  on_each_instruction_set([](const Kernels& kernel) {
    for_each_loss([&](const auto& loss, const std::vector<double>& targets) {
      std::mt19937_64 random(seed);
      for (Index count = 0; count <= 20; ++count) {
        const Rows rows(count, targets, random);
        for (const double step : {0.0, 1.0, -0.25, 8.0}) {  // times a power of two: the margin is rounded once
          for (const bool weighted : {false, true}) {
            const RowSums sums = of(kernel, loss).along(loss, rows.ray(weighted, step));
            long double value = 0, slope = 0, curvature = 0, value_size = 0, slope_size = 0;
            for (Index i = 0; i < count; ++i) {
              const double weight = rows.weight(i, weighted), change = rows.change[i];
              const double z = rows.margins[i] + step * change, y = rows.targets[i];
              const Terms<double> at = loss.at(z, y), size = sizes_of(loss, z, y);
              value += weight * at.value;
              slope += weight * at.slope * change;
              curvature += weight * at.curvature * change * change;
              value_size += weight * (std::abs(at.value) + size.value);
              slope_size += weight * (std::abs(at.slope) + size.slope) * std::abs(change);
            }
            INFO(loss.name << ", " << count << " rows, step " << step << ", weighted " << weighted << ", seed "
                           << seed);
            CHECK(sums_to(sums.value, value, value_size, count));
            CHECK(sums_to(sums.slope, slope, slope_size, count));
            CHECK(sums_to(sums.curvature, curvature, curvature, count));
          }
        }
      }
    });
  });
}

namespace {

/// A loss of somebody else's: ¼ (z − y)⁴.
struct Quartic {
  static constexpr std::string_view targets = "finite";
  static constexpr double lower_bound = 0;
  static bool accepts(double y) { return std::isfinite(y); }
  template <class Real>
  Terms<Real> at(const Real& z, const Real& y) const {
    const Real r = z - y;
    return {0.25 * r * r * r * r, r * r * r, 3.0 * r * r};
  }
};
static_assert(MarginLoss<Quartic>);

}  // namespace

TEST_CASE("a row of weight 0 counts for nothing, even where its loss or its margin is infinite") {
  on_each_instruction_set([](const Kernels& kernel) {
    for_each_loss([&](const auto& loss, const std::vector<double>& targets) {
      for (const double margin : {1000.0, -1e300, std::numeric_limits<double>::infinity()}) {
        for (Index at = 0; at < 11; ++at) {
          const std::vector<double> y(11, targets.front()), change(11, 1.0);
          std::vector<double> z(11, 0.5), weights(11, 1.0), without(10, 0.5), slopes(11), curvatures(11);
          z[static_cast<std::size_t>(at)] = margin;
          weights[static_cast<std::size_t>(at)] = 0;
          const auto kernels = of(kernel, loss);
          const RowSums sums =
              kernels.terms(loss, {z.data(), y.data(), weights.data(), 11, slopes.data(), curvatures.data()});
          const RowSums along = kernels.along(loss, {z.data(), change.data(), y.data(), weights.data(), 11, 0.0});
          const RowSums expected =
              kernels.terms(loss, {without.data(), y.data(), nullptr, 10, slopes.data(), curvatures.data()});
          INFO(loss.name << ", margin " << margin << " in row " << at);
          CHECK(sums.value == Approx(expected.value));
          CHECK(sums.slope == Approx(expected.slope));
          CHECK(sums.curvature == Approx(expected.curvature));
          CHECK(along.value == Approx(expected.value));
          CHECK(along.slope == Approx(expected.slope));
        }
      }
    });
  });
}

TEST_CASE("a loss of the user's own has kernels too, one row at a time") {
  const LossKernels<Quartic> own = loss_kernels<Quartic>();
  const std::vector<double> margins{1, 2, -1}, targets{0, 0, 1}, weights{1, 0.5, 2}, change{1, -1, 2};
  std::vector<double> slopes(3), curvatures(3);
  const RowSums sums =
      own.terms({}, {margins.data(), targets.data(), weights.data(), 3, slopes.data(), curvatures.data()});
  CHECK(sums.value == 0.25 + 2 + 8);
  CHECK(slopes == std::vector<double>{1, 4, -16});
  CHECK(curvatures == std::vector<double>{3, 6, 24});
  CHECK(sums.curvature == 33);
  const RowSums plain = own.terms({}, {margins.data(), targets.data(), nullptr, 3, nullptr, nullptr});
  CHECK(plain.value == 0.25 + 4 + 4);
  CHECK(plain.slope == 0);
  CHECK(plain.curvature == 0);
  const RowSums along = own.along({}, {margins.data(), change.data(), targets.data(), weights.data(), 3, 1});
  CHECK(along.value == 4 + 0.125 + 0);  // at 2, 1 and 1
  CHECK(along.slope == 8 - 0.5 + 0);
  CHECK(along.curvature == 12 + 1.5 + 0);
}

namespace {

/// The margins of some rows, class by class, at the end of memory, with NaN between the classes.
struct ClassRows {
  Index count, classes, stride;
  Guarded<double> margins, targets, weights;
  Eigen::MatrixXd before;  // the margins; the kernel overwrites them

  ClassRows(Index count_, Index classes_, double spread, std::mt19937_64& random)
      : count(count_),
        classes(classes_),
        stride(count + 3),
        margins((classes - 1) * stride + count, not_a_number),
        targets(count, 0),
        weights(count, 0),
        before(count, classes) {
    std::uniform_real_distribution<double> margin(-spread, spread);
    for (Index i = 0; i < count; ++i) {
      targets[i] = static_cast<double>(random() % static_cast<std::uint64_t>(classes));
      weights[i] = random() % 4 == 0 ? 0 : 0.1 + static_cast<double>(random() % 8);
      for (Index k = 0; k < classes; ++k) before(i, k) = in_steps(margin(random));
    }
  }
  /// Margins in steps of 1/1024: their differences are exact, so what is seen is the kernel's own rounding.
  static double in_steps(double margin) { return std::round(1024 * margin) / 1024; }

  double run(const Kernels& kernel, bool weighted) {
    for (Index k = 0; k < classes; ++k) {
      for (Index i = 0; i < count; ++i) margins[k * stride + i] = before(i, k);
    }
    return kernel.softmax(
        {margins.data(), stride, classes, targets.data(), weighted ? weights.data() : nullptr, count});
  }
  double slope(Index i, Index k) const { return margins[k * stride + i]; }
  Index own(Index i) const { return static_cast<Index>(targets[i]); }

  /// Σ over the classes but one of exp(z_k − z): in long double nothing of it is lost, whatever the margins.
  long double others_beside(Index i, Index but, long double z) const {
    long double sum = 0;
    for (Index k = 0; k < classes; ++k) {
      if (k != but) sum += std::exp(before(i, k) - z);
    }
    return sum;
  }
  long double loss(Index i) const { return std::log1p(others_beside(i, own(i), before(i, own(i)))); }
  /// 1 / Σ_k exp(z_k − z); of the own class what it lacks to 1.
  long double expected_slope(Index i, Index k) const {
    const long double others = others_beside(i, k, before(i, k));
    return k == own(i) ? -others / (1 + others) : 1 / (1 + others);
  }
};

void check_softmax(ClassRows& rows) {
  on_each_instruction_set([&](const Kernels& kernel) {
    for (const bool weighted : {false, true}) {
      const double value = rows.run(kernel, weighted);
      long double sum = 0;
      bool slopes_agree = true;
      for (Index i = 0; i < rows.count; ++i) {
        const double weight = weighted ? rows.weights[i] : 1;
        sum += weight * rows.loss(i);
        for (Index k = 0; k < rows.classes; ++k) {
          const auto expected = static_cast<double>(weight * rows.expected_slope(i, k));
          slopes_agree &= agrees(rows.slope(i, k), expected, 0);
        }
      }
      INFO(rows.count << " rows, " << rows.classes << " classes, weighted " << weighted << ", seed " << seed);
      CHECK(slopes_agree);
      CHECK(sums_to(value, sum, sum + std::numeric_limits<double>::min() / 1e-16L, rows.count));
    }
  });
}

}  // namespace

TEST_CASE("softmax loses what the definition says in long double, margins of ±700 too, in any number of rows") {
  std::mt19937_64 random(seed);
  for (const Index classes : {2, 3, 10}) {
    for (Index count = 0; count <= 20; ++count) {
      for (const double spread : {0.1, 3.0, 40.0, 700.0}) {
        ClassRows rows(count, classes, spread, random);
        check_softmax(rows);
      }
    }
  }
}

TEST_CASE("a row that is right by a wide margin keeps the digits of its loss and its slopes, whichever class it is") {
  std::mt19937_64 random(seed);
  for (const Index classes : {2, 3, 10}) {
    for (const double margin : {1.0, 20.0, 36.0, 40.0, 300.0, 690.0}) {
      ClassRows rows(classes, classes, 1, random);
      for (Index i = 0; i < classes; ++i) {
        rows.targets[i] = static_cast<double>(i);
        for (Index k = 0; k < classes; ++k) rows.before(i, k) = 0.125 * static_cast<double>(k % 8) - 0.5;
        rows.before(i, i) = margin;
      }
      check_softmax(rows);
      // One by one, since the largest loss would hide the others in a sum.
      ClassRows one(1, classes, 1, random);
      for (Index i = 0; i < classes; ++i) {
        one.targets[0] = static_cast<double>(i);
        one.before = rows.before.row(i);
        CHECK(one.loss(0) > 0);
        check_softmax(one);
      }
    }
  }
}

TEST_CASE("softmax of rows whose margins are all alike is log K, with slopes of 1/K") {
  std::mt19937_64 random(seed);
  for (const double z : {0.0, 1e-300, -700.0, 1e300}) {
    ClassRows rows(11, 4, 1, random);
    rows.before.setConstant(z);
    on_each_instruction_set([&](const Kernels& kernel) {
      CHECK(rows.run(kernel, false) == Approx(11 * std::log(4.0)).epsilon(1e-14));
      for (Index i = 0; i < 11; ++i) {
        for (Index k = 0; k < 4; ++k) CHECK(rows.slope(i, k) == (k == rows.own(i) ? -0.75 : 0.25));
      }
    });
  }
}

TEST_CASE("softmax never answers a number where a margin is none, nor spoils the rows beside it") {
  std::mt19937_64 random(seed);
  for (Index bad_class = 0; bad_class < 3; ++bad_class) {
    for (const double bad : {not_a_number, infinity}) {
      ClassRows rows(9, 3, 2, random);
      rows.targets[4] = 1;
      rows.before(4, bad_class) = bad;
      on_each_instruction_set([&](const Kernels& kernel) {
        INFO("class " << bad_class << " is " << bad);
        CHECK_FALSE(std::isfinite(rows.run(kernel, false)));
        bool others_finite = true, others_right = true;
        for (Index i = 0; i < 9; ++i) {
          for (Index k = 0; k < 3 && i != 4; ++k) {
            others_finite &= std::isfinite(rows.slope(i, k));
            others_right &= agrees(rows.slope(i, k), static_cast<double>(rows.expected_slope(i, k)), 0);
          }
        }
        CHECK(others_finite);
        CHECK(others_right);
      });
    }
  }
  // Minus infinity is a class that can't be: no loss where it is another's, an infinite one where it is the row's own.
  ClassRows rows(3, 3, 2, random);
  rows.targets.fill(1);
  rows.before(1, 0) = -infinity;
  on_each_instruction_set([&](const Kernels& kernel) {
    CHECK(std::isfinite(rows.run(kernel, false)));
    CHECK(rows.slope(1, 0) == 0);
  });
  rows.before(1, 1) = -infinity;
  on_each_instruction_set([&](const Kernels& kernel) { CHECK(rows.run(kernel, false) == infinity); });
}
