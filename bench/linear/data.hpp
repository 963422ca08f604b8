/// A data set as every solver gets it: the table for `surefoot::fit`, and the fitted columns for everyone else.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "surefoot/data/table.hpp"

namespace surefoot::linear {

using Index = Eigen::Index;
using Matrix = std::variant<DenseMatrix, SparseMatrix>;

/// What is known of a set before it is loaded.
struct Set {
  std::string name{};
  std::string model{};                // what `fit` is told; empty: it finds out from the target
  std::string scale = "standard";     // what `fit` is told
  std::optional<double> published{};  // f* at λ = 1e-3 by ../../shared/data/README.md, ten digits
  std::function<Table()> load{};
};

/// A loaded set.
struct Data {
  Set set{};
  std::string model{};  // least-squares, logistic, softmax or poisson
  Table table{};
  // By the conventions of docs/design.md, worked out here and not by the library:
  Matrix fitted{};         // the columns as they are fitted
  Vector target{};         // a number; 0 or 1; or the class, from 0
  Index classes = 1;       // of softmax; else 1
  Vector centre{};         // fitted column = (column − centre) / deviation; empty: 0
  Vector deviation{};      // Inf: a constant column, which becomes zeros. Empty: 1
  std::string checksum{};  // of all numbers above: what is kept from an earlier run is of the same data

  Index rows() const { return target.size(); }
  Index columns() const { return table.columns(); }
};

Data prepare(const Set& set);

/// A set, its penalty, and the optimum that solvers are measured against.
struct Case {
  const Data* data = nullptr;
  std::string lambda{};  // "1/n", "1e-3"
  double l2 = 0;
  double optimum = 0;            // of the mean loss + l2/2 |w|²
  double penalised_optimum = 0;  // the same with l2/2 b² added, which is what LIBLINEAR minimises; logistic only
};

inline constexpr double wanted_excess = 1e-6;  // (F − f*) / f*

enum class Bias { free, penalised };

double optimum(const Case& of, Bias bias);

/// F at the weights: a column a class, the intercept last. Computed row by row, with nothing of the library.
double objective(const Case& of, const Eigen::MatrixXd& weights, Bias bias);

/// (F − f*) / f*.
double excess(const Case& of, const Eigen::MatrixXd& weights, Bias bias);

}  // namespace surefoot::linear
