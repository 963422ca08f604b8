#include "statistics.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace surefoot::data {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// Sums of a column, divided by a power of two near its largest magnitude, so that neither a sum nor a square can leave
/// the range of double, and the division is exact.
struct Sums {
  double scale = 1;
  double per_scale = 1;
  double mean = 0;  // of the scaled values, as `sum` is
  double sum = 0;
  double squares = 0;

  explicit Sums(const Statistics& of) {
    const double largest = std::max(std::abs(of.min), std::abs(of.max));
    if (of.count == 0 || largest == 0) return;
    const int exponent = std::clamp(std::ilogb(largest), -1000, 1000);
    scale = std::ldexp(1.0, exponent);
    per_scale = std::ldexp(1.0, -exponent);
  }
};

void finish(Statistics& of, const Sums& sums) {
  // Rounding may carry the mean of equal values past them.
  of.mean = std::clamp(sums.mean * sums.scale, of.min, of.max);
  of.deviation = of.min == of.max ? 0 : std::sqrt(sums.squares / static_cast<double>(of.count)) * sums.scale;
}

}  // namespace

std::vector<Statistics> statistics_of(const double* values, Eigen::Index rows, Eigen::Index stride,
                                      const std::vector<Eigen::Index>& wanted) {
  std::vector<Statistics> all(wanted.size(), {infinity, -infinity, 0, 0, 0});
  const auto each = [&](auto&& visit) {
    for (Eigen::Index i = 0; i < rows; ++i) {
      const double* const row = values + i * stride;
      for (std::size_t k = 0; k < wanted.size(); ++k) {
        const double value = row[wanted[k]];
        if (value == value) visit(k, value);
      }
    }
  };
  each([&](std::size_t k, double value) {
    Statistics& of = all[k];
    of.min = value < of.min ? value : of.min;
    of.max = value > of.max ? value : of.max;
    ++of.count;
  });
  for (auto& of : all) {
    if (of.count == 0) of = {};
  }
  std::vector<Sums> sums(all.begin(), all.end());
  each([&](std::size_t k, double value) { sums[k].sum += value * sums[k].per_scale; });
  for (std::size_t k = 0; k < all.size(); ++k) {
    if (all[k].count > 0) sums[k].mean = sums[k].sum / static_cast<double>(all[k].count);
  }
  each([&](std::size_t k, double value) {
    const double from_mean = value * sums[k].per_scale - sums[k].mean;
    sums[k].squares += from_mean * from_mean;
  });
  for (std::size_t k = 0; k < all.size(); ++k) {
    if (all[k].count > 0) finish(all[k], sums[k]);
  }
  return all;
}

std::vector<Statistics> statistics_of(const SparseMatrix& matrix) {
  const auto rows = static_cast<long>(matrix.rows());
  const auto columns = static_cast<std::size_t>(matrix.cols());
  std::vector<Statistics> all(columns, {infinity, -infinity, 0, 0, 0});
  const auto each = [&](auto&& visit) {
    for (Eigen::Index k = 0; k < matrix.nonZeros(); ++k) {
      visit(static_cast<std::size_t>(matrix.innerIndexPtr()[k]), matrix.valuePtr()[k]);
    }
  };
  each([&](std::size_t j, double value) {
    Statistics& of = all[j];
    of.min = std::min(of.min, value);
    of.max = std::max(of.max, value);
    ++of.count;
  });
  std::vector<Sums> sums;
  sums.reserve(columns);
  std::vector<double> zeros(columns);
  for (std::size_t j = 0; j < columns; ++j) {
    Statistics& of = all[j];
    zeros[j] = static_cast<double>(rows - of.count);
    if (of.count < rows) {
      of.min = std::min(of.min, 0.0);
      of.max = std::max(of.max, 0.0);
    }
    of.count = rows;
    sums.emplace_back(of);
  }
  each([&](std::size_t j, double value) { sums[j].sum += value * sums[j].per_scale; });
  for (auto& of_column : sums) of_column.mean = of_column.sum / static_cast<double>(rows);
  each([&](std::size_t j, double value) {
    const double from_mean = value * sums[j].per_scale - sums[j].mean;
    sums[j].squares += from_mean * from_mean;
  });
  for (std::size_t j = 0; j < columns; ++j) {
    sums[j].squares += zeros[j] * sums[j].mean * sums[j].mean;
    finish(all[j], sums[j]);
  }
  return all;
}

}  // namespace surefoot::data
