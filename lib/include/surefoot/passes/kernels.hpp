/// The inner loops of a pass over data, compiled for several instruction sets; the best that this processor knows is
/// chosen once, when the program first asks.
///
///   const passes::Kernels& kernel = passes::kernels();
///   kernel.multiply(rows, w, offset, margins);                       // margins = rows · w + offset
///   passes::RowSums sums = passes::loss_kernels<LogisticLoss>().terms(loss, {margins, targets, …});
///   kernel.accumulate(rows, slopes, gradient);                       // gradient += rowsᵀ slopes
///
/// A block of rows is small enough that its second use, for the gradient, finds it in the first cache (see
/// objectives/row_blocks.hpp), so a pass reads memory once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "surefoot/models/huber.hpp"
#include "surefoot/models/least_squares.hpp"
#include "surefoot/models/logistic.hpp"
#include "surefoot/models/poisson.hpp"
#include "surefoot/models/quantile.hpp"
#include "surefoot/models/squared_hinge.hpp"

namespace surefoot::passes {

using Index = std::ptrdiff_t;

/// In bytes: of wider rows the first cache has not kept eight from the margins to the gradient.
inline constexpr Index widest_kept_row = 4096;
/// Likewise: of rows up to this the gradient finds all that the margins have fetched in the first cache.
inline constexpr Index widest_short_row = 1024;

/// Rows of a dense table, one after the other; looked at, not copied.
template <class Value>
struct DenseRows {
  const Value* data;
  Index rows, columns;
  Index stride;  // from a row to the next, in values
  // How far beyond the first row to fetch from memory meanwhile, in values; 0: nothing. Together, the margins and the
  // gradient of these rows fetch as much as the rows take, so that memory never rests.
  Index ahead = 0;
};

/// Rows of a sparse table, what is stored of each together; looked at, not copied.
template <class Value, class Place = std::int32_t>
struct SparseRows {
  const Value* values;  // null: all that is stored is 1
  const Place* columns;
  const Place* begin;   // of a row, in values and columns
  const Place* counts;  // what is stored of a row; null: up to where the next begins
  Index rows;

  // Inlined whatever the options, for no instruction set may run another's copy (see lib/src/passes/pack.hpp).
  [[gnu::always_inline]] Index count(Index row) const {
    return counts != nullptr ? counts[row] : begin[row + 1] - begin[row];
  }
};

/// The losses of some rows: what goes in, and where what is wanted is written. `weights`, `slopes` and `curvatures` may
/// be null: rows of weight 1; not wanted.
struct RowTerms {
  const double *margins, *targets, *weights;
  Index count;
  double *slopes, *curvatures;  // times the row's weight
};

/// The losses of some rows along a ray: at the margins z + step · change.
struct RowRay {
  const double *margins, *change, *targets, *weights;
  Index count;
  double step;
};

/// Sums over rows, each times its weight. Of a ray: the loss and its two derivatives by the step.
struct RowSums {
  double value = 0, slope = 0, curvature = 0;

  RowSums& operator+=(const RowSums& other) {
    value += other.value;
    slope += other.slope;
    curvature += other.curvature;
    return *this;
  }
};

/// The margins of some rows for each of `classes` classes, class k from margins + k · stride; on return the slopes by them,
/// times the row's weight. `targets` are classes.
struct SoftmaxRows {
  double* margins;
  Index stride, classes;
  const double *targets, *weights;
  Index count;
};

template <class Loss>
struct LossKernels {
  /// Slopes and curvatures are summed where `slopes` and `curvatures` are given, else 0.
  RowSums (*terms)(const Loss&, const RowTerms&);
  RowSums (*along)(const Loss&, const RowRay&);
};

/// The rows as they enter a Gram matrix: (x − centre) · inverse_scale, and a 1 after them where there is an intercept;
/// each times the root of its factor. `centre` and `inverse_scale` may be null: 0 and 1.
template <class Value>
struct GramRows {
  DenseRows<Value> rows;
  const double *factors, *centre, *inverse_scale;  // factors >= 0
  bool intercept;
};

struct Kernels {
  const char* name;  // of the instruction set

  void (*multiply)(const DenseRows<double>&, const double* w, double offset, double* margins);
  void (*multiply_floats)(const DenseRows<float>&, const double* w, double offset, double* margins);
  void (*accumulate)(const DenseRows<double>&, const double* factors, double* sum);
  void (*accumulate_floats)(const DenseRows<float>&, const double* factors, double* sum);
  void (*multiply_sparse)(const SparseRows<double>&, const double* w, double offset, double* margins);
  void (*multiply_sparse_floats)(const SparseRows<float>&, const double* w, double offset, double* margins);
  void (*accumulate_sparse)(const SparseRows<double>&, const double* factors, double* sum);
  void (*accumulate_sparse_floats)(const SparseRows<float>&, const double* factors, double* sum);
  /// sum_j += Σ_i factor_i ((x_ij − centre_j) · inverse_scale_j)²; `inverse_scale` may be null: 1
  void (*squares)(const DenseRows<double>&, const double* factors, const double* centre, const double* inverse_scale,
                  double* sum);
  void (*squares_floats)(const DenseRows<float>&, const double* factors, const double* centre,
                         const double* inverse_scale, double* sum);
  /// The lower triangle of `gram` (row-major, `size` = columns + intercept) += rowsᵀ diag(factors) rows. `scratch` holds
  /// gram_scratch(size) doubles.
  void (*gram)(const GramRows<double>&, double* gram, double* scratch);
  void (*gram_floats)(const GramRows<float>&, double* gram, double* scratch);

  /// The sum over rows of log Σ_k exp(z_k) − z_y, each times its weight.
  double (*softmax)(const SoftmaxRows&);

  LossKernels<LeastSquaresLoss> least_squares;
  LossKernels<HuberLoss> huber;
  LossKernels<QuantileLoss> quantile;
  LossKernels<LogisticLoss> logistic;
  LossKernels<PoissonLoss> poisson;
  LossKernels<SquaredHingeLoss> squared_hinge;
};

Index gram_scratch(Index size);
/// How many rows enter a Gram matrix at once: 256 KB of them, which stay in the second cache; the more there are, the less often the
/// sums are read and written. (Measured: with 96 KB 500 columns take a fifth longer, 2000 half as long again.)
inline constexpr Index gram_block_size = 32 * 1024, most_gram_rows = 256;  // in doubles; in rows
[[gnu::always_inline]] constexpr Index gram_rows(Index size) {
  const Index width = size < 8 ? 8 : (size + 7) / 8 * 8, rows = gram_block_size / width / 8 * 8;
  return rows < 8 ? 8 : rows > most_gram_rows ? most_gram_rows : rows;
}

/// For this processor.
const Kernels& kernels();

/// All that this processor can run, the plainest first: for tests and benchmarks.
const Kernels* const* all_kernels(int& count);

inline void multiply(const DenseRows<double>& rows, const double* w, double offset, double* margins) {
  kernels().multiply(rows, w, offset, margins);
}
inline void multiply(const DenseRows<float>& rows, const double* w, double offset, double* margins) {
  kernels().multiply_floats(rows, w, offset, margins);
}
inline void accumulate(const DenseRows<double>& rows, const double* factors, double* sum) {
  kernels().accumulate(rows, factors, sum);
}
inline void accumulate(const DenseRows<float>& rows, const double* factors, double* sum) {
  kernels().accumulate_floats(rows, factors, sum);
}
/// Sparse rows on any processor, with indices of any width.
template <class Value, class Place>
void multiply_entries(const SparseRows<Value, Place>& rows, const double* w, double offset, double* margins) {
  for (Index i = 0; i < rows.rows; ++i) {
    const Index begin = rows.begin[i], count = rows.count(i);
    // Four sums, so that an entry need not wait for the one before it.
    double sums[4] = {offset, 0, 0, 0};
    const auto add = [&](Index lane, Index k) {
      const double weight = w[rows.columns[begin + k]];
      sums[lane] += rows.values == nullptr ? weight : static_cast<double>(rows.values[begin + k]) * weight;
    };
    Index k = 0;
    for (; k + 4 <= count; k += 4) {
      for (Index lane = 0; lane < 4; ++lane) add(lane, k + lane);
    }
    for (; k < count; ++k) add(0, k);
    margins[i] = (sums[0] + sums[1]) + (sums[2] + sums[3]);
  }
}
template <class Value, class Place>
void accumulate_entries(const SparseRows<Value, Place>& rows, const double* factors, double* sum) {
  for (Index i = 0; i < rows.rows; ++i) {
    const double factor = factors[i];
    if (factor == 0) continue;  // hinge and Huber: many rows pull no more
    const Index begin = rows.begin[i], count = rows.count(i);
    for (Index k = 0; k < count; ++k) {
      sum[rows.columns[begin + k]] +=
          rows.values == nullptr ? factor : static_cast<double>(rows.values[begin + k]) * factor;
    }
  }
}

template <class Value, class Place>
void multiply(const SparseRows<Value, Place>& rows, const double* w, double offset, double* margins) {
  if constexpr (!std::is_same_v<Place, std::int32_t>) {
    multiply_entries(rows, w, offset, margins);
  } else if constexpr (std::is_same_v<Value, double>) {
    kernels().multiply_sparse(rows, w, offset, margins);
  } else {
    kernels().multiply_sparse_floats(rows, w, offset, margins);
  }
}
template <class Value, class Place>
void accumulate(const SparseRows<Value, Place>& rows, const double* factors, double* sum) {
  if constexpr (!std::is_same_v<Place, std::int32_t>) {
    accumulate_entries(rows, factors, sum);
  } else if constexpr (std::is_same_v<Value, double>) {
    kernels().accumulate_sparse(rows, factors, sum);
  } else {
    kernels().accumulate_sparse_floats(rows, factors, sum);
  }
}

inline void add_squares(const DenseRows<double>& rows, const double* factors, const double* centre,
                        const double* inverse_scale, double* sum) {
  kernels().squares(rows, factors, centre, inverse_scale, sum);
}
inline void add_squares(const DenseRows<float>& rows, const double* factors, const double* centre,
                        const double* inverse_scale, double* sum) {
  kernels().squares_floats(rows, factors, centre, inverse_scale, sum);
}
inline void add_gram(const GramRows<double>& rows, double* gram, double* scratch) {
  kernels().gram(rows, gram, scratch);
}
inline void add_gram(const GramRows<float>& rows, double* gram, double* scratch) {
  kernels().gram_floats(rows, gram, scratch);
}

inline double softmax(const SoftmaxRows& rows) { return kernels().softmax(rows); }

/// The compiled kernels of the library's own losses; for a loss of somebody else's the same, one row at a time.
template <class Loss>
struct Scalar {
  /// A row of weight 0 counts for nothing, even where its loss is infinite.
  static double counted(double margin, double weight) { return weight == 0 ? 0 : margin; }

  static RowSums terms(const Loss& loss, const RowTerms& rows) {
    RowSums sums;
    for (Index i = 0; i < rows.count; ++i) {
      const double weight = rows.weights == nullptr ? 1 : rows.weights[i];
      const auto at = loss.at(counted(rows.margins[i], weight), rows.targets[i]);
      sums.value += weight * at.value;
      if (rows.slopes != nullptr) {
        rows.slopes[i] = weight * at.slope;
        sums.slope += weight * at.slope;
      }
      if (rows.curvatures != nullptr) {
        rows.curvatures[i] = weight * at.curvature;
        sums.curvature += weight * at.curvature;
      }
    }
    return sums;
  }
  static RowSums along(const Loss& loss, const RowRay& ray) {
    RowSums sums;
    for (Index i = 0; i < ray.count; ++i) {
      const double change = ray.change[i], weight = ray.weights == nullptr ? 1 : ray.weights[i];
      const auto at = loss.at(counted(ray.margins[i] + ray.step * change, weight), ray.targets[i]);
      sums += {weight * at.value, weight * at.slope * change, weight * at.curvature * change * change};
    }
    return sums;
  }
};

template <class Loss>
LossKernels<Loss> loss_kernels() {
  return {Scalar<Loss>::terms, Scalar<Loss>::along};
}
template <>
inline LossKernels<LeastSquaresLoss> loss_kernels() {
  return kernels().least_squares;
}
template <>
inline LossKernels<HuberLoss> loss_kernels() {
  return kernels().huber;
}
template <>
inline LossKernels<QuantileLoss> loss_kernels() {
  return kernels().quantile;
}
template <>
inline LossKernels<LogisticLoss> loss_kernels() {
  return kernels().logistic;
}
template <>
inline LossKernels<PoissonLoss> loss_kernels() {
  return kernels().poisson;
}
template <>
inline LossKernels<SquaredHingeLoss> loss_kernels() {
  return kernels().squared_hinge;
}

}  // namespace surefoot::passes
