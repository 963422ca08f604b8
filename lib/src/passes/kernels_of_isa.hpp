/// The kernels of passes/kernels.hpp, written once over `Pack`, compiled for each instruction set (kernels_*.cpp). What
/// must not be used here: see pack.hpp.
#pragma once

#include "pack.hpp"
#include "surefoot/passes/kernels.hpp"

namespace surefoot::passes::SUREFOOT_ISA {

/// Rows that share each load of w, and each load and store of the gradient.
constexpr Index group = 8;

/// A whole pack, or its first lanes.
template <class Value>
inline Pack load_lanes(const Value* from, Index lanes) {
  return lanes == pack_size ? load(from) : load_first(from, lanes);
}

/// Fetches the rows that `ahead` says, line after line: in the order of addresses, as processors foresee it, though the
/// kernel goes down eight rows at once. A group of rows is done in steps, and each fetches some lines; of those that a group
/// takes, the margins and the gradient fetch a half each; of short rows, which the gradient finds in the first cache, the margins
/// three eighths (measured).
class Fetch {
 public:
  /// `lines` of cache under the rows of a step, `steps` in a group.
  template <class Value>
  static Fetch with_margins(const DenseRows<Value>& x, Index lines) {
    return {x.data + x.ahead, 0, of_margins(x, lines)};
  }
  template <class Value>
  static Fetch with_gradient(const DenseRows<Value>& x, Index lines, Index steps) {
    return {x.data + x.ahead, x.rows / group * steps * of_margins(x, lines), lines - of_margins(x, lines)};
  }
  void operator()() {
    for (Index i = 0; i < lines_; ++i) prefetch(next_ + i * line);
    next_ += lines_ * line;
  }

  static constexpr Index line = 64;

 private:
  Fetch(const void* from, Index skipped, Index lines)
      : next_(static_cast<const char*>(from) + skipped * line), lines_(lines) {}
  template <class Value>
  static Index of_margins(const DenseRows<Value>& x, Index lines) {
    const Index row = x.columns * static_cast<Index>(sizeof(Value));
    return row > widest_short_row ? (lines + 1) / 2 : (3 * lines + 7) / 8;
  }

  const char* next_;
  Index lines_;
};

/// Of wide rows a step is a pack of each.
template <class Value>
constexpr Index lines_of_packs() {
  return group * pack_size * static_cast<Index>(sizeof(Value)) / Fetch::line;
}
template <class Value>
Index packs_of(const DenseRows<Value>& x) {
  return (x.columns + pack_size - 1) / pack_size;
}
/// Of narrow ones the whole group.
template <class Value>
Index lines_of_group(const DenseRows<Value>& x) {
  return group * x.stride * static_cast<Index>(sizeof(Value)) / Fetch::line;
}

// --- margins ------------------------------------------------------------------------------------------------------------

/// The sums of the eight packs, plus `offset`, as eight doubles.
inline void store_sums(const Pack* of_rows, const Pack& offset, double* to) {
  for (Index i = 0; i < group; i += pack_size) store(to + i, sums(of_rows + i) + offset);
}

/// A row of up to `packs` packs, of which the last has `rest` lanes (1 to pack_size): w stays in registers.
template <int packs, class Value>
void multiply_narrow(const DenseRows<Value>& x, Index rest, const double* w, double offset, double* margins) {
  Pack weights[packs];
  for (int p = 0; p + 1 < packs; ++p) weights[p] = load(w + p * pack_size);
  const Index whole = (packs - 1) * pack_size;
  weights[packs - 1] = rest == pack_size ? load(w + whole) : load_first(w + whole, rest);
  const auto product = [&](const Value* row) __attribute__((always_inline)) {
    Pack sum = (rest == pack_size ? load(row + whole) : load_first(row + whole, rest)) * weights[packs - 1];
    for (int p = 0; p + 1 < packs; ++p) sum = sum + load(row + p * pack_size) * weights[p];
    return sum;
  };
  Fetch fetch = Fetch::with_margins(x, lines_of_group(x));
  Index i = 0;
  for (; i + group <= x.rows; i += group) {
    const Value* row = x.data + i * x.stride;
    Pack sums_of_rows[group];
    for (Index r = 0; r < group; ++r) sums_of_rows[r] = product(row + r * x.stride);
    if (x.ahead > 0) fetch();
    store_sums(sums_of_rows, offset, margins + i);
  }
  for (; i < x.rows; ++i) margins[i] = sum(product(x.data + i * x.stride)) + offset;
}

template <bool fetches, class Value>
void multiply_wide(const DenseRows<Value>& x, const double* w, double offset, double* margins) {
  const Index whole = x.columns - x.columns % pack_size, rest = x.columns - whole;
  Fetch fetch = Fetch::with_margins(x, lines_of_packs<Value>());
  Index i = 0;
  for (; i + group <= x.rows; i += group) {
    const Value* rows = x.data + i * x.stride;
    Pack sums_of_rows[group] = {0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0};
    Index j = 0;
    for (; j < whole; j += pack_size) {
      const Pack weights = load(w + j);
      for (Index r = 0; r < group; ++r) {
        sums_of_rows[r] = sums_of_rows[r] + load(rows + r * x.stride + j) * weights;
      }
      if (fetches) fetch();
    }
    if (rest > 0) {
      if (fetches) fetch();
      const Pack weights = load_first(w + whole, rest);
      for (Index r = 0; r < group; ++r) {
        sums_of_rows[r] = sums_of_rows[r] + load_first(rows + r * x.stride + whole, rest) * weights;
      }
    }
    store_sums(sums_of_rows, offset, margins + i);
  }
  for (; i < x.rows; ++i) {
    const Value* row = x.data + i * x.stride;
    Pack total = 0.0;
    for (Index j = 0; j < whole; j += pack_size) total = total + load(row + j) * load(w + j);
    if (rest > 0) total = total + load_first(row + whole, rest) * load_first(w + whole, rest);
    margins[i] = sum(total) + offset;
  }
}

// --- gradient -------------------------------------------------------------------------------------------------------------

/// The gradient stays in registers over the whole block.
template <int packs, class Value>
void accumulate_narrow(const DenseRows<Value>& x, Index rest, const double* factors, double* to) {
  const Index whole = (packs - 1) * pack_size;
  // Two sums each, so that a row need not wait for the one before it.
  Pack even[packs], odd[packs];
  for (int p = 0; p < packs; ++p) even[p] = odd[p] = 0.0;
  const auto add = [&](const Value* row, const Pack& factor, Pack* sums) __attribute__((always_inline)) {
    for (int p = 0; p + 1 < packs; ++p) sums[p] = sums[p] + load(row + p * pack_size) * factor;
    const Pack last = rest == pack_size ? load(row + whole) : load_first(row + whole, rest);
    sums[packs - 1] = sums[packs - 1] + last * factor;
  };
  Fetch fetch = Fetch::with_gradient(x, lines_of_group(x), 1);
  Index i = 0;
  for (; i + group <= x.rows; i += group) {
    for (Index r = 0; r < group; r += 2) {
      add(x.data + (i + r) * x.stride, factors[i + r], even);
      add(x.data + (i + r + 1) * x.stride, factors[i + r + 1], odd);
    }
    if (x.ahead > 0) fetch();
  }
  for (; i < x.rows; ++i) add(x.data + i * x.stride, factors[i], even);
  for (int p = 0; p + 1 < packs; ++p) store(to + p * pack_size, load(to + p * pack_size) + (even[p] + odd[p]));
  const Pack last = even[packs - 1] + odd[packs - 1];
  if (rest == pack_size) {
    store(to + whole, load(to + whole) + last);
  } else {
    store_first(to + whole, load_first(to + whole, rest) + last, rest);
  }
}

template <bool fetches, class Value>
void accumulate_wide(const DenseRows<Value>& x, const double* factors, double* to) {
  const Index whole = x.columns - x.columns % pack_size, rest = x.columns - whole;
  Fetch fetch = Fetch::with_gradient(x, lines_of_packs<Value>(), packs_of(x));
  Index i = 0;
  for (; i + group <= x.rows; i += group) {
    const Value* rows = x.data + i * x.stride;
    Pack factor[group];
    for (Index r = 0; r < group; ++r) factor[r] = factors[i + r];
    for (Index j = 0; j < whole; j += pack_size) {
      Pack even = load(to + j), odd = 0.0;  // two sums, so that a row need not wait for the one before it
      for (Index r = 0; r < group; r += 2) {
        even = even + load(rows + r * x.stride + j) * factor[r];
        odd = odd + load(rows + (r + 1) * x.stride + j) * factor[r + 1];
      }
      if (fetches) fetch();
      store(to + j, even + odd);
    }
    if (rest > 0) {
      if (fetches) fetch();
      Pack sum = load_first(to + whole, rest);
      for (Index r = 0; r < group; ++r) sum = sum + load_first(rows + r * x.stride + whole, rest) * factor[r];
      store_first(to + whole, sum, rest);
    }
  }
  for (; i < x.rows; ++i) {
    const Value* row = x.data + i * x.stride;
    const Pack factor = factors[i];
    for (Index j = 0; j < whole; j += pack_size) store(to + j, load(to + j) + load(row + j) * factor);
    if (rest > 0) store_first(to + whole, load_first(to + whole, rest) + load_first(row + whole, rest) * factor, rest);
  }
}

// --- narrow or wide ---------------------------------------------------------------------------------------------------------

/// The most packs of a row that is narrow.
constexpr int most_narrow = 4;

template <int packs, class Value>
bool try_narrow(const DenseRows<Value>& x, const double* w, double offset, double* margins) {
  if constexpr (packs <= most_narrow) {
    if (x.columns > packs * pack_size) return try_narrow<packs + 1>(x, w, offset, margins);
    multiply_narrow<packs>(x, x.columns - (packs - 1) * pack_size, w, offset, margins);
    return true;
  }
  return false;
}
template <int packs, class Value>
bool try_narrow(const DenseRows<Value>& x, const double* factors, double* to) {
  if constexpr (packs <= most_narrow) {
    if (x.columns > packs * pack_size) return try_narrow<packs + 1>(x, factors, to);
    accumulate_narrow<packs>(x, x.columns - (packs - 1) * pack_size, factors, to);
    return true;
  }
  return false;
}

template <class Value>
void multiply(const DenseRows<Value>& x, const double* w, double offset, double* margins) {
  if (x.columns == 0) {
    for (Index i = 0; i < x.rows; ++i) margins[i] = offset;
  } else if (try_narrow<1>(x, w, offset, margins)) {
    return;
  } else if (x.ahead > 0) {
    multiply_wide<true>(x, w, offset, margins);
  } else {
    multiply_wide<false>(x, w, offset, margins);
  }
}
template <class Value>
void accumulate(const DenseRows<Value>& x, const double* factors, double* to) {
  if (x.columns == 0 || try_narrow<1>(x, factors, to)) return;
  if (x.ahead > 0) {
    accumulate_wide<true>(x, factors, to);
  } else {
    accumulate_wide<false>(x, factors, to);
  }
}

// --- sparse rows --------------------------------------------------------------------------------------------------------

#if defined(__AVX__)

// Four entries at once, whatever the registers' width: rows are short, and more would have to be fetched one by one all the
// same. (The processors' own gathers take longer: measured on Zen 4.)
using Four = double __attribute__((vector_size(32)));
using FourBits = std::int64_t __attribute__((vector_size(32)));
using FourInMemory = double __attribute__((vector_size(32), aligned(8), may_alias));
using FourFloats = float __attribute__((vector_size(16)));
using FourFloatsInMemory = float __attribute__((vector_size(16), aligned(4), may_alias));
using FourBitsInMemory = std::int64_t __attribute__((vector_size(32), aligned(8), may_alias));

inline Four four(const double* from) { return *reinterpret_cast<const FourInMemory*>(from); }
inline Four four(const float* from) {
  return __builtin_convertvector(FourFloats(*reinterpret_cast<const FourFloatsInMemory*>(from)), Four);
}

/// Two columns from one load: loads are what these kernels wait for.
struct TwoColumns {
  std::uint64_t both;
  explicit TwoColumns(const std::int32_t* columns) { std::memcpy(&both, columns, sizeof both); }
  std::uint64_t first() const { return both & 0xffffffffU; }
  std::uint64_t second() const { return both >> 32; }
};

inline Four gathered(const double* w, const std::int32_t* columns) {
  const TwoColumns low(columns), high(columns + 2);
  return Four{w[low.first()], w[low.second()], w[high.first()], w[high.second()]};
}

/// All ones in the last `count` lanes, 1 to 4.
inline FourBits last_lanes(Index count) {
  static constexpr std::int64_t lanes[7] = {0, 0, 0, -1, -1, -1, -1};
  return FourBits(*reinterpret_cast<const FourBitsInMemory*>(lanes + count - 1));
}

template <bool ones, class Value>
void multiply_stored(const SparseRows<Value>& x, const double* w, double offset, double* margins) {
  for (Index i = 0; i < x.rows; ++i) {
    const Index begin = x.begin[i], count = x.count(i);
    const std::int32_t* columns = x.columns + begin;
    const auto values = [&](Index k) __attribute__((always_inline)) {
      return ones ? Four{1, 1, 1, 1} : four(x.values + begin + k);
    };
    if (count < 4) {
      double sum = offset;
      for (Index k = 0; k < count; ++k) sum += (ones ? 1.0 : static_cast<double>(x.values[begin + k])) * w[columns[k]];
      margins[i] = sum;
      continue;
    }
    Four sum{};
    Index k = 0;
    for (; k + 4 < count; k += 4) sum += values(k) * gathered(w, columns + k);
    // The last four, less what was counted: a loop over the rest, of a length that nothing foresees, would cost a wrong guess.
    const Four last = Four(FourBits(gathered(w, columns + count - 4)) & last_lanes(count - k));
    sum += values(count - 4) * last;
    margins[i] = offset + ((sum[0] + sum[1]) + (sum[2] + sum[3]));
  }
}

template <bool ones, class Value>
void accumulate_stored(const SparseRows<Value>& x, const double* factors, double* to) {
  for (Index i = 0; i < x.rows; ++i) {
    const double factor = factors[i];
    if (factor == 0) continue;  // hinge and Huber: many rows pull no more
    const Index begin = x.begin[i], count = x.count(i);
    const std::int32_t* columns = x.columns + begin;
    Index k = 0;
    for (; k + 4 <= count; k += 4) {
      const Four terms = ones ? factor - Four{} : factor * four(x.values + begin + k);
      const TwoColumns low(columns + k), high(columns + k + 2);
      to[low.first()] += terms[0];
      to[low.second()] += terms[1];
      to[high.first()] += terms[2];
      to[high.second()] += terms[3];
    }
    for (; k < count; ++k) to[columns[k]] += (ones ? 1.0 : static_cast<double>(x.values[begin + k])) * factor;
  }
}

template <class Value>
void multiply(const SparseRows<Value>& x, const double* w, double offset, double* margins) {
  if (x.values == nullptr) {
    multiply_stored<true>(x, w, offset, margins);
  } else {
    multiply_stored<false>(x, w, offset, margins);
  }
}
template <class Value>
void accumulate(const SparseRows<Value>& x, const double* factors, double* to) {
  if (x.values == nullptr) {
    accumulate_stored<true>(x, factors, to);
  } else {
    accumulate_stored<false>(x, factors, to);
  }
}

#else

template <class Value>
void multiply(const SparseRows<Value>& x, const double* w, double offset, double* margins) {
  multiply_entries(x, w, offset, margins);
}
template <class Value>
void accumulate(const SparseRows<Value>& x, const double* factors, double* to) {
  accumulate_entries(x, factors, to);
}

#endif

// --- the diagonal of the curvature --------------------------------------------------------------------------------------

template <class Value>
void squares(const DenseRows<Value>& x, const double* factors, const double* centre, const double* inverse_scale,
             double* to) {
  for (Index i = 0; i < x.rows; i += group) {
    const Value* rows = x.data + i * x.stride;
    const Index count = x.rows - i < group ? x.rows - i : group;
    const auto add = [&](Pack sum, Index j, Index lanes) __attribute__((always_inline)) {
      const auto at = [&](const auto* from) __attribute__((always_inline)) {
        return lanes == pack_size ? load(from + j) : load_first(from + j, lanes);
      };
      const Pack middle = at(centre), scale = inverse_scale == nullptr ? Pack(1.0) : at(inverse_scale);
      for (Index r = 0; r < count; ++r) {
        // Scaled before it is squared: the square of a number near 1e±200 leaves the range of a double.
        const Pack away = (at(rows + r * x.stride) - middle) * scale;
        sum = sum + away * away * factors[i + r];
      }
      return sum;
    };
    Index j = 0;
    for (; j + pack_size <= x.columns; j += pack_size) {
      if (x.ahead > 0) {
        for (Index r = 0; r < count; ++r) prefetch(rows + r * x.stride + j + x.ahead);
      }
      store(to + j, add(load(to + j), j, pack_size));
    }
    const Index rest = x.columns - j;
    if (rest > 0) store_first(to + j, add(load_first(to + j, rest), j, rest), rest);
  }
}

// --- losses ---------------------------------------------------------------------------------------------------------------

/// A row of weight 0 counts for nothing, even where its loss is infinite: it is looked at where it is 0.
inline Pack counted(const Pack& margin, const Pack& weight) { return select(weight == 0.0, 0.0, margin); }

template <class Loss>
struct Losses {
  /// Which of the results are wanted is settled before the loop.
  template <bool slopes, bool curvatures, bool weights>
  static RowSums run(const Loss& loss, const RowTerms& rows) {
    Pack value = 0.0, slope = 0.0, curvature = 0.0;
    const auto add = [&](Pack z, Pack y, Pack weight) __attribute__((always_inline)) {
      auto at = loss.at(weights ? counted(z, weight) : z, y);
      if constexpr (weights) {
        at.value = at.value * weight;
        at.slope = at.slope * weight;
        at.curvature = at.curvature * weight;
      }
      return at;
    };
    Index i = 0;
    for (; i + pack_size <= rows.count; i += pack_size) {
      const auto at = add(load(rows.margins + i), load(rows.targets + i), weights ? load(rows.weights + i) : Pack(1.0));
      value = value + at.value;
      if constexpr (slopes) {
        slope = slope + at.slope;
        store(rows.slopes + i, at.slope);
      }
      if constexpr (curvatures) {
        curvature = curvature + at.curvature;
        store(rows.curvatures + i, at.curvature);
      }
    }
    RowSums total{sum(value), sum(slope), sum(curvature)};
    const Index rest = rows.count - i;
    if (rest > 0) {
      const auto at = add(load_first(rows.margins + i, rest), load_first(rows.targets + i, rest),
                          weights ? load_first(rows.weights + i, rest) : Pack(1.0));
      for (Index r = 0; r < rest; ++r) {
        total.value += at.value.lanes[r];
        if constexpr (slopes) total.slope += at.slope.lanes[r];
        if constexpr (curvatures) total.curvature += at.curvature.lanes[r];
      }
      if constexpr (slopes) store_first(rows.slopes + i, at.slope, rest);
      if constexpr (curvatures) store_first(rows.curvatures + i, at.curvature, rest);
    }
    return total;
  }

  template <bool weights>
  static RowSums run(const Loss& loss, const RowTerms& rows) {
    if (rows.curvatures != nullptr) {
      return rows.slopes != nullptr ? run<true, true, weights>(loss, rows) : run<false, true, weights>(loss, rows);
    }
    return rows.slopes != nullptr ? run<true, false, weights>(loss, rows) : run<false, false, weights>(loss, rows);
  }

  static RowSums terms(const Loss& loss, const RowTerms& rows) {
    return rows.weights != nullptr ? run<true>(loss, rows) : run<false>(loss, rows);
  }

  static RowSums along(const Loss& loss, const RowRay& ray) {
    Pack value = 0.0, slope = 0.0, curvature = 0.0;
    const Pack step = ray.step;
    Index i = 0;
    for (; i + pack_size <= ray.count; i += pack_size) {
      const Pack change = load(ray.change + i), weight = ray.weights != nullptr ? load(ray.weights + i) : Pack(1.0);
      const Pack z = load(ray.margins + i) + step * change;
      const auto at = loss.at(ray.weights != nullptr ? counted(z, weight) : z, load(ray.targets + i));
      value = value + weight * at.value;
      slope = slope + weight * at.slope * change;
      curvature = curvature + weight * at.curvature * change * change;
    }
    RowSums total{sum(value), sum(slope), sum(curvature)};
    const Index rest = ray.count - i;
    if (rest > 0) {
      const Pack change = load_first(ray.change + i, rest),
                 weight = ray.weights != nullptr ? load_first(ray.weights + i, rest) : Pack(1.0);
      const Pack z = load_first(ray.margins + i, rest) + step * change;
      const auto at = loss.at(ray.weights != nullptr ? counted(z, weight) : z, load_first(ray.targets + i, rest));
      for (Index r = 0; r < rest; ++r) {
        const double w = weight.lanes[r], c = change.lanes[r];
        total.value += w * at.value.lanes[r];
        total.slope += w * at.slope.lanes[r] * c;
        total.curvature += w * at.curvature.lanes[r] * c * c;
      }
    }
    return total;
  }

  static constexpr LossKernels<Loss> kernels{terms, along};
};

/// `lanes` rows at once, across the classes: exp(z_k − the largest z) neither overflows nor loses them all. What the other
/// classes have is summed for itself: 1 − the own class's share would cancel where a row is right by a wide margin.
inline double softmax_of(const SoftmaxRows& rows, Index first, Index lanes) {
  const bool whole = lanes == pack_size;
  const auto read = [&](const double* from) __attribute__((always_inline)) {
    return whole ? load(from) : load_first(from, lanes);
  };
  const auto write = [&](double* to, const Pack& values) __attribute__((always_inline)) {
    if (whole) {
      store(to, values);
    } else {
      store_first(to, values, lanes);
    }
  };
  double* margins = rows.margins + first;
  Pack largest = read(margins);
  for (Index k = 1; k < rows.classes; ++k) largest = max(largest, read(margins + k * rows.stride));
  Pack own = 0.0, own_power = 1.0, others = 0.0;
  const Pack target = read(rows.targets + first);
  for (Index k = 0; k < rows.classes; ++k) {
    const Pack margin = read(margins + k * rows.stride), power = exp(margin - largest);
    const Mask hit = target == Pack(static_cast<double>(k));
    own = select(hit, margin - largest, own);
    own_power = select(hit, power, own_power);
    others = others + select(hit, 0.0, power);
    write(margins + k * rows.stride, power);
  }
  const Pack weight = rows.weights != nullptr ? read(rows.weights + first) : Pack(1.0);
  const Pack sum_of_powers = own_power + others, share = weight / sum_of_powers;
  for (Index k = 0; k < rows.classes; ++k) {
    const Mask hit = target == Pack(static_cast<double>(k));
    write(margins + k * rows.stride, share * select(hit, -others, read(margins + k * rows.stride)));
  }
  double total = 0;
  for (Index r = 0; r < lanes; ++r) {
    const double loss =
        own.lanes[r] == 0 ? __builtin_log1p(others.lanes[r]) : __builtin_log(sum_of_powers.lanes[r]) - own.lanes[r];
    total += weight.lanes[r] * loss;
  }
  return total;
}
inline double softmax(const SoftmaxRows& rows) {
  double total = 0;
  Index i = 0;
  for (; i + pack_size <= rows.count; i += pack_size) total += softmax_of(rows, i, pack_size);
  return i < rows.count ? total + softmax_of(rows, i, rows.count - i) : total;
}

// --- Gram matrix ------------------------------------------------------------------------------------------------------------

// A tile of the matrix stays in registers while a block of rows runs through it.
constexpr int tile_rows = pack_size == 8 ? 8 : 4;

inline Index padded(Index size) { return (size + pack_size - 1) / pack_size * pack_size; }

/// The rows, centred, scaled, each times the root of its factor, padded by zeros to whole packs.
template <bool centred, bool scaled, class Value>
void fill_block(const GramRows<Value>& x, Index first, Index count, Index width, double* block) {
  // In registers: what is written might be any of these, as far as the compiler knows.
  const Index columns = x.rows.columns, stride = x.rows.stride, rest = columns % pack_size, whole = columns - rest;
  const double *centre = x.centre, *inverse_scale = x.inverse_scale;
  const bool intercept = x.intercept;
  const Value* row = x.rows.data + first * stride;
  double roots[most_gram_rows];
  for (Index i = 0; i < count; ++i)
    roots[i] = __builtin_sqrt(x.factors[first + i]);  // the compiler makes packs of them
  for (Index i = 0; i < count; ++i, row += stride, block += width) {
    const double factor = roots[i];
    const auto entry = [&](Index j, Index lanes) __attribute__((always_inline)) {
      Pack value = load_lanes(row + j, lanes);
      if (centred) value = value - load_lanes(centre + j, lanes);
      if (scaled) value = value * load_lanes(inverse_scale + j, lanes);
      return value * factor;
    };
    for (Index j = 0; j < whole; j += pack_size) store(block + j, entry(j, pack_size));
    if (whole < width) store(block + whole, rest > 0 ? entry(whole, rest) : Pack(0.0));
    if (intercept) block[columns] = factor;
  }
}
template <class Value>
void fill_block(const GramRows<Value>& x, Index first, Index count, Index width, double* block) {
  if (x.inverse_scale == nullptr) {
    x.centre == nullptr ? fill_block<false, false>(x, first, count, width, block)
                        : fill_block<true, false>(x, first, count, width, block);
  } else {
    x.centre == nullptr ? fill_block<false, true>(x, first, count, width, block)
                        : fill_block<true, true>(x, first, count, width, block);
  }
}

/// A tile of the lower triangle: `height` of its rows and `lanes` of its columns, of `rows` and `packs` that are computed.
struct Tile {
  const double *rows_of, *columns_of;
  Index count, width;
  double* to;
  Index size, height, lanes;
};

/// to[0 … height)[0 … lanes) += blockᵀ block.
template <int rows, int packs>
void add_tile(const Tile& tile) {
  Pack sums[rows][packs];
  for (int r = 0; r < rows; ++r) {
    for (int p = 0; p < packs; ++p) sums[r][p] = 0.0;
  }
  for (Index k = 0; k < tile.count; ++k) {
    Pack b[packs];
    for (int p = 0; p < packs; ++p) b[p] = load(tile.columns_of + k * tile.width + p * pack_size);
    for (int r = 0; r < rows; ++r) {
      const Pack a = tile.rows_of[k * tile.width + r];
      for (int p = 0; p < packs; ++p) sums[r][p] = sums[r][p] + a * b[p];
    }
  }
  for (Index r = 0; r < tile.height; ++r) {
    for (int p = 0; p < packs; ++p) {
      double* at = tile.to + r * tile.size + p * pack_size;
      const Index lanes = tile.lanes - p * pack_size;
      if (lanes >= pack_size) {
        store(at, load(at) + sums[r][p]);
      } else if (lanes > 0) {
        store_first(at, load_first(at, lanes) + sums[r][p], lanes);
      }
    }
  }
}

/// No more rows and packs are computed than a tile has: of a matrix of 18 columns half of all tiles would be padding.
template <int rows>
void add_tile_of(const Tile& tile, Index packs) {
  if (packs == 1) return add_tile<rows, 1>(tile);
  if (packs == 2 || rows == tile_rows) return add_tile<rows, 2>(tile);
  if (packs == 3) return add_tile<rows, 3>(tile);
  add_tile<rows, 4>(tile);
}

template <class Value>
void gram(const GramRows<Value>& x, double* to, double* scratch) {
  const Index size = x.rows.columns + (x.intercept ? 1 : 0), width = padded(size), most = gram_rows(size);
  for (Index first = 0; first < x.rows.rows; first += most) {
    const Index count = x.rows.rows - first < most ? x.rows.rows - first : most;
    fill_block(x, first, count, width, scratch);
    for (Index i = 0; i < size; i += tile_rows) {
      const Index height = size - i < tile_rows ? size - i : tile_rows;
      // Fewer rows leave registers for more columns.
      const Index packs = 2 * height > tile_rows ? 2 : 4, end = i + height;
      // The lower triangle: columns up to the tile's last row.
      for (Index j = 0; j < end; j += packs * pack_size) {
        const Index lanes = end - j < packs * pack_size ? end - j : packs * pack_size;
        const Tile tile{scratch + i, scratch + j, count, width, to + i * size + j, size, height, lanes};
        const Index needed = (lanes + pack_size - 1) / pack_size;
        if (height == 1) {
          add_tile_of<1>(tile, needed);
        } else if (height == 2) {
          add_tile_of<2>(tile, needed);
        } else if (2 * height <= tile_rows) {
          add_tile_of<tile_rows / 2>(tile, needed);
        } else {
          add_tile_of<tile_rows>(tile, needed);
        }
      }
    }
  }
}

// --- the table ----------------------------------------------------------------------------------------------------------------

constexpr Kernels make_kernels(const char* name) {
  return {name,
          multiply<double>,
          multiply<float>,
          accumulate<double>,
          accumulate<float>,
          multiply<double>,
          multiply<float>,
          accumulate<double>,
          accumulate<float>,
          squares<double>,
          squares<float>,
          gram<double>,
          gram<float>,
          softmax,
          Losses<LeastSquaresLoss>::kernels,
          Losses<HuberLoss>::kernels,
          Losses<QuantileLoss>::kernels,
          Losses<LogisticLoss>::kernels,
          Losses<PoissonLoss>::kernels,
          Losses<SquaredHingeLoss>::kernels};
}

}  // namespace surefoot::passes::SUREFOOT_ISA
