/// What bench/strategies.cpp compares rules on: the five reference problems of the tests, diagonal quadratics of 1000
/// unknowns, logistic regression on three files of shared/data, and Powell's singular function.
#pragma once

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "../tests/support/reference_problems.hpp"
#include "surefoot/objectives/more_garbow_hillstrom.hpp"
#include "surefoot/surefoot.hpp"

namespace surefoot {

namespace strategy_problems {

enum class Spectrum { log_spaced, clustered, random };

/// Curvatures from 1 to `condition`: log-spaced; two clusters, each a tenth wide, at the ends; or uniform.
inline ReferenceProblem quadratic(const std::string& name, double condition, Spectrum spectrum) {
  constexpr Eigen::Index n = 1000;
  Vector curvatures = Quadratic::log_spaced(n, condition).curvatures;
  std::mt19937_64 random(20261124);
  std::uniform_real_distribution<double> uniform;
  for (Eigen::Index i = 1; i + 1 < n; ++i) {
    if (spectrum == Spectrum::clustered) {
      curvatures[i] = i < n / 2 ? 1 + 0.1 * uniform(random) : condition * (1 - 0.1 * uniform(random));
    } else if (spectrum == Spectrum::random) {
      curvatures[i] = 1 + (condition - 1) * uniform(random);
    }
  }
  return reference::problem(
      name, [](int s) { return reference::spread(n, s); }, 0, Vector::Zero(n), Quadratic{curvatures});
}

inline ReferenceProblem powell_singular(Eigen::Index size) {
  const TestProblem powell = mgh::extended_powell_singular(size);
  const auto start = [w0 = powell.start](int s) -> Vector { return w0 + 0.3 * reference::spread(w0.size(), s); };
  return reference::problem("powell" + std::to_string(size), start, 0, Vector::Zero(size), powell);
}

/// Logistic regression, l2 1e-3, on a file: dense columns are standardised, sparse ones as they are; no intercept.
struct FileLogistic {
  Table table;
  std::variant<std::monostate, Logistic<DenseMatrix>, Logistic<SparseMatrix>> model{};

  explicit FileLogistic(Table read) : table(std::move(read)) {
    const double positive = table.y.maxCoeff();
    table.y = table.y.unaryExpr([positive](double y) { return y == positive ? 1.0 : 0.0; });
    if (auto* dense = std::get_if<DenseMatrix>(&table.x)) {
      const auto rows = static_cast<double>(dense->rows());
      for (Eigen::Index j = 0; j < dense->cols(); ++j) {
        auto column = dense->col(j);
        column.array() -= column.mean();
        const double deviation = std::sqrt(column.squaredNorm() / rows);
        if (deviation > 0) column /= deviation;
      }
      model.emplace<1>(*dense, table.y, LinearOptions{.l2 = 1e-3});
    } else {
      model.emplace<2>(std::get<SparseMatrix>(table.x), table.y, LinearOptions{.l2 = 1e-3});
    }
  }
  FileLogistic(const FileLogistic&) = delete;  // the model looks at the table of this very object
  FileLogistic& operator=(const FileLogistic&) = delete;

  Eigen::Index columns() const {
    return std::visit([](const auto& x) { return static_cast<Eigen::Index>(x.cols()); }, table.x);
  }
  double loss(const Vector& w, Vector& gradient) {
    if (auto* dense = std::get_if<1>(&model)) return dense->loss(w, gradient);
    return std::get<2>(model).loss(w, gradient);
  }
};

inline ReferenceProblem logistic(const std::string& name, Table table) {
  const auto shared = std::make_shared<FileLogistic>(std::move(table));
  const auto loss_and_gradient = [shared](const Vector& w, Vector& gradient) { return shared->loss(w, gradient); };
  const Eigen::Index columns = shared->columns();
  const Result best = minimize(loss_and_gradient, Vector::Zero(columns), {.stop = {.gradient = 1e-12}});
  return {name,
          [columns](int s) -> Vector { return 0.1 * reference::spread(columns, s); },
          best.loss,
          best.w,
          [](const Vector&) { return not_a_number; },
          loss_and_gradient};
}

}  // namespace strategy_problems

struct StrategyProblem {
  std::string group;
  ReferenceProblem problem;
};

/// All of them; those on files only where `data` has them.
inline std::vector<StrategyProblem> make_strategy_problems(const std::filesystem::path& data) {
  using namespace strategy_problems;
  std::vector<StrategyProblem> all;
  for (const ReferenceProblem& problem : reference_problems()) all.push_back({"reference", problem});
  for (const auto& [condition, power] : {std::pair{1e2, "2"}, {1e4, "4"}, {1e6, "6"}}) {
    for (const auto& [spectrum, kind] :
         {std::pair{Spectrum::log_spaced, "log"}, {Spectrum::clustered, "clustered"}, {Spectrum::random, "random"}}) {
      all.push_back({"quadratics", quadratic(std::string(kind) + "-1e" + power, condition, spectrum)});
    }
  }
  for (const auto& [file, target] :
       {std::pair{"titanic.csv", "survived"}, {"mushrooms", ""}, {"sms_spam.libsvm.gz", ""}}) {
    if (!std::filesystem::exists(data / file)) {
      std::cerr << "left out: " << (data / file).string() << " is not there\n";
      continue;
    }
    ReadOptions options;
    if (*target != '\0') options.target = target;
    const std::string name = std::filesystem::path(file).stem().stem().string();
    all.push_back({"logistic", logistic(name, read((data / file).string(), options))});
  }
  all.push_back({"powell", powell_singular(100)});
  return all;
}

}  // namespace surefoot
