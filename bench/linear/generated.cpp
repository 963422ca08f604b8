// Tables made from a fixed seed. std::normal_distribution may differ between standard libraries, so the bits are those
// of one machine; every solver of a run gets the same.

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "sets.hpp"

namespace surefoot::linear {

namespace {

/// What the reader would say of the columns of a file with these numbers.
Encoding encoding_of(Index columns, bool sparse) {
  Encoding encoding{.target_name = sparse ? "label" : "y", .sparse_format = sparse};
  encoding.columns.resize(static_cast<std::size_t>(columns));
  encoding.features.resize(encoding.columns.size());
  for (std::size_t j = 0; j < encoding.columns.size(); ++j) {
    const std::string name = std::to_string(j + 1);
    encoding.columns[j].name = name;
    encoding.columns[j].index = static_cast<int>(j + 1);
    encoding.features[j] = {.name = name, .column = static_cast<int>(j)};
  }
  return encoding;
}

void add_statistics(Table& table) {
  const auto n = static_cast<double>(table.rows());
  Vector sum = Vector::Zero(table.columns()), squares = sum, least = sum, largest = sum;
  const auto add = [&](Index j, double x) {
    sum[j] += x;
    squares[j] += x * x;
    least[j] = std::min(least[j], x);
    largest[j] = std::max(largest[j], x);
  };
  if (const auto* dense = std::get_if<DenseMatrix>(&table.x)) {
    least = dense->row(0).transpose();
    largest = least;
    for (Index i = 0; i < dense->rows(); ++i) {
      for (Index j = 0; j < dense->cols(); ++j) add(j, (*dense)(i, j));
    }
  } else {
    const auto& sparse = std::get<SparseMatrix>(table.x);
    for (Index i = 0; i < sparse.rows(); ++i) {
      for (SparseMatrix::InnerIterator entry(sparse, i); entry; ++entry) add(entry.col(), entry.value());
    }
  }
  for (Index j = 0; j < table.columns(); ++j) {
    Column& column = table.encoding.columns[static_cast<std::size_t>(j)];
    column.min = least[j];
    column.max = largest[j];
    column.mean = sum[j] / n;
    column.deviation = std::sqrt(std::max(squares[j] / n - column.mean * column.mean, 0.0));
  }
}

class Generator {
 public:
  explicit Generator(unsigned seed) : random_(seed) {}

  double normal() { return normal_(random_); }
  double uniform() { return uniform_(random_); }
  Vector normals(Index count) {
    Vector numbers(count);
    for (double& number : numbers) number = normal();
    return numbers;
  }
  DenseMatrix normals(Index rows, Index columns) {
    DenseMatrix numbers(rows, columns);
    for (Index i = 0; i < rows; ++i) {
      for (Index j = 0; j < columns; ++j) numbers(i, j) = normal();
    }
    return numbers;
  }
  /// Classes by chance, with log odds `margins` brought to a spread of 2 around `middle`.
  Vector classes(Vector margins, double middle) {
    margins.array() -= margins.mean();
    margins *= 2 / std::sqrt(margins.squaredNorm() / static_cast<double>(margins.size()));
    return margins.unaryExpr([&](double m) { return uniform() < 1 / (1 + std::exp(-m - middle)) ? 1.0 : 0.0; });
  }

 private:
  std::mt19937_64 random_;
  std::normal_distribution<double> normal_{};
  std::uniform_real_distribution<double> uniform_{};
};

Table table_of(Matrix x, Vector y) {
  const bool sparse = std::holds_alternative<SparseMatrix>(x);
  const Index columns = std::visit([](const auto& matrix) { return matrix.cols(); }, x);
  Table table{.file = "generated",
              .format = sparse ? "libsvm" : "csv",
              .encoding = encoding_of(columns, sparse),
              .x = std::move(x),
              .y = std::move(y),
              .has_target = true};
  add_statistics(table);
  return table;
}

/// Normal columns, neighbours correlated by `correlation`, in units that differ as e^(spread N(0, 1)).
Table dense_logistic(Index rows, Index columns, double spread, double correlation, unsigned seed) {
  Generator random(seed);
  const Vector units = (spread * random.normals(columns)).array().exp();
  DenseMatrix x = random.normals(rows, columns);
  const double rest = std::sqrt(1 - correlation * correlation);
  for (Index j = 1; j < columns && correlation != 0; ++j) x.col(j) = correlation * x.col(j - 1) + rest * x.col(j);
  Vector y = random.classes(x * random.normals(columns), 0.5);
  x.array().rowwise() *= units.transpose().array();
  return table_of(std::move(x), std::move(y));
}

Table dense_least_squares(Index rows, Index columns, unsigned seed) {
  Generator random(seed);
  DenseMatrix x = random.normals(rows, columns);
  const double noise = std::sqrt(static_cast<double>(columns));  // as much as the columns explain
  Vector y = x * random.normals(columns) + noise * random.normals(rows);
  return table_of(std::move(x), std::move(y));
}

SparseMatrix from_rows(std::vector<std::vector<std::pair<int, double>>>& rows, Index columns) {
  std::vector<Eigen::Triplet<double, int>> entries;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (const auto& [column, value] : rows[i]) entries.emplace_back(static_cast<int>(i), column, value);
  }
  SparseMatrix x(static_cast<Index>(rows.size()), columns);
  x.setFromTriplets(entries.begin(), entries.end());
  return x;
}

/// Like words of a text: column ⌊columns u²⌋, so that a few are common and most rare; values uniform in (0, 1].
Table sparse_logistic(Index rows, Index columns, int each, unsigned seed) {
  Generator random(seed);
  std::vector<std::vector<std::pair<int, double>>> entries(static_cast<std::size_t>(rows));
  for (auto& row : entries) {
    while (static_cast<int>(row.size()) < each) {
      const double u = random.uniform();
      const int column = static_cast<int>(static_cast<double>(columns) * u * u);
      const auto is_it = [&](const auto& entry) { return entry.first == column; };
      if (std::none_of(row.begin(), row.end(), is_it)) row.emplace_back(column, 1 - random.uniform());
    }
  }
  SparseMatrix x = from_rows(entries, columns);
  Vector y = random.classes(x * random.normals(columns), 0);
  return table_of(std::move(x), std::move(y));
}

/// Like the census table a9a: each row has one 0/1 column of each of several questions, some answers much more common.
Table questions_logistic(Index rows, const std::vector<int>& answers, unsigned seed) {
  Generator random(seed);
  int columns = 0;
  std::vector<std::discrete_distribution<int>> questions;
  for (const int count : answers) {
    std::vector<double> shares;
    for (int k = 0; k < count; ++k) shares.push_back(std::exp(1.2 * random.normal()));
    questions.emplace_back(shares.begin(), shares.end());
    columns += count;
  }
  std::mt19937_64 chosen(seed + 1);
  std::vector<std::vector<std::pair<int, double>>> entries(static_cast<std::size_t>(rows));
  for (auto& row : entries) {
    int first = 0;
    for (std::size_t q = 0; q < answers.size(); ++q) {
      row.emplace_back(first + questions[q](chosen), 1.0);
      first += answers[q];
    }
  }
  SparseMatrix x = from_rows(entries, columns);
  Vector y = random.classes(x * random.normals(columns), -1.2);
  return table_of(std::move(x), std::move(y));
}

}  // namespace

std::vector<Set> generated_sets() {
  return {
      {.name = "questions-30k-120",
       .load =
           [] {
             return questions_logistic(30'000, {5, 8, 5, 16, 5, 7, 14, 6, 5, 2, 3, 3, 5, 36}, 1);
           }},
      {.name = "raw-200k-100", .scale = "none", .load = [] { return dense_logistic(200'000, 100, 1.15, 0, 2); }},
      {.name = "dense-50k-500", .load = [] { return dense_logistic(50'000, 500, 0, 0, 3); }},
      {.name = "correlated-50k-500", .load = [] { return dense_logistic(50'000, 500, 0, 0.7, 6); }},
      {.name = "squares-50k-500", .load = [] { return dense_least_squares(50'000, 500, 4); }},
      {.name = "sparse-100k-50k", .load = [] { return sparse_logistic(100'000, 50'000, 50, 5); }},
  };
}

}  // namespace surefoot::linear
