/// A pack of doubles as wide as the processor's registers, with the functions that a loss may use (models/number.hpp has
/// them for one double). Compiled once for each instruction set, in a namespace of its own: SUREFOOT_ISA names it and
/// SUREFOOT_PACK says how many doubles a register holds.
///
/// Everything here, and in the kernels above it, must be a template or live in that namespace: an inline function that
/// two instruction sets share would be kept once by the linker, in whichever version it met first, and might then run
/// where the processor doesn't know it. So nothing of the standard library or of Eigen is used either.
#pragma once

#include <cstdint>
#include <cstring>

#if defined(__AVX__)
#include <immintrin.h>
#endif

#if !defined(SUREFOOT_ISA) || !defined(SUREFOOT_PACK)
#error "define SUREFOOT_ISA and SUREFOOT_PACK before this header"
#endif

namespace surefoot::passes::SUREFOOT_ISA {

using Index = std::ptrdiff_t;

constexpr int pack_size = SUREFOOT_PACK;

using Doubles = double __attribute__((vector_size(8 * pack_size)));
using Floats = float __attribute__((vector_size(4 * pack_size)));
using Bits = std::int64_t __attribute__((vector_size(8 * pack_size)));
using Unsigned = std::uint64_t __attribute__((vector_size(8 * pack_size)));
// As they lie in memory: aligned as their elements only.
using DoublesInMemory = double __attribute__((vector_size(8 * pack_size), aligned(8), may_alias));
using FloatsInMemory = float __attribute__((vector_size(4 * pack_size), aligned(4), may_alias));

struct Mask {
  Bits bits;  // all ones where it holds
};
inline Mask operator&(const Mask& a, const Mask& b) { return {a.bits & b.bits}; }
inline Mask operator|(const Mask& a, const Mask& b) { return {a.bits | b.bits}; }

struct Pack {
  Doubles lanes;

  Pack() = default;
  Pack(const Doubles& values) : lanes(values) {}
  Pack(double value) : lanes(value - Doubles{}) {}

  friend Pack operator+(const Pack& a, const Pack& b) { return a.lanes + b.lanes; }
  friend Pack operator-(const Pack& a, const Pack& b) { return a.lanes - b.lanes; }
  friend Pack operator*(const Pack& a, const Pack& b) { return a.lanes * b.lanes; }
  friend Pack operator/(const Pack& a, const Pack& b) { return a.lanes / b.lanes; }
  friend Pack operator-(const Pack& a) { return -a.lanes; }
  friend Mask operator<(const Pack& a, const Pack& b) { return {a.lanes < b.lanes}; }
  friend Mask operator<=(const Pack& a, const Pack& b) { return {a.lanes <= b.lanes}; }
  friend Mask operator>(const Pack& a, const Pack& b) { return {a.lanes > b.lanes}; }
  friend Mask operator>=(const Pack& a, const Pack& b) { return {a.lanes >= b.lanes}; }
  friend Mask operator==(const Pack& a, const Pack& b) { return {a.lanes == b.lanes}; }
};

// --- memory -----------------------------------------------------------------------------------------------------------

inline Pack load(const double* from) { return Doubles(*reinterpret_cast<const DoublesInMemory*>(from)); }
inline Pack load(const float* from) {
  return __builtin_convertvector(Floats(*reinterpret_cast<const FloatsInMemory*>(from)), Doubles);
}
inline void store(double* to, const Pack& values) { *reinterpret_cast<DoublesInMemory*>(to) = values.lanes; }

/// The first `count` lanes, 0 <= count < pack_size, from memory; zeros in the others. Nothing beyond is read.
template <class Value>
inline Pack load_first(const Value* from, Index count) {
#if defined(__AVX512F__) && defined(__AVX512VL__)
  const auto mask = static_cast<__mmask8>((1U << count) - 1U);
  if constexpr (sizeof(Value) == sizeof(double)) {
    return Doubles(_mm512_maskz_loadu_pd(mask, from));
  } else {
    return __builtin_convertvector(Floats(_mm256_maskz_loadu_ps(mask, from)), Doubles);
  }
#else
#if defined(__AVX__)
  if constexpr (sizeof(Value) == sizeof(double)) {
    const Bits lane{0, 1, 2, 3};
    return Doubles(_mm256_maskload_pd(from, __m256i(lane < (count - Bits{}))));
  }
#endif
  Doubles values{};
  for (Index i = 0; i < count; ++i) values[i] = static_cast<double>(from[i]);
  return values;
#endif
}
inline void store_first(double* to, const Pack& values, Index count) {
#if defined(__AVX512F__)
  _mm512_mask_storeu_pd(to, static_cast<__mmask8>((1U << count) - 1U), __m512d(values.lanes));
#else
  for (Index i = 0; i < count; ++i) to[i] = values.lanes[i];
#endif
}

/// Into the second cache: the first is full of the rows at work, and its few requests under way are wanted for them
/// (measured on Zen 4: a pass takes a third to a half less time than with fetches into the first).
inline void prefetch(const void* address) { __builtin_prefetch(address, 0, 2); }

// --- what a loss may use ------------------------------------------------------------------------------------------------

inline Pack select(const Mask& where, const Pack& yes, const Pack& no) { return where.bits ? yes.lanes : no.lanes; }
// As for a double in models/number.hpp: a NaN in the second place is kept.
inline Pack min(const Pack& a, const Pack& b) { return select(a < b, a, b); }
inline Pack max(const Pack& a, const Pack& b) { return select(a > b, a, b); }
inline Pack abs(const Pack& a) { return Doubles(Bits(a.lanes) & INT64_MAX); }
inline Pack square(const Pack& a) { return a * a; }

/// e^x, within 3 units in the last place; 0 below -708.39, where a double loses its digits; Inf above 709.78.
/// x = k ln 2 + r with |r| <= ln 2 / 2; adding 1.5 · 2^52 rounds to the integer k and leaves it in the lowest bits. Then
/// e^r = 1 + r + r² q(r) (interpolated at the Chebyshev nodes, error 1.3e-17) and k is added to the exponent.
inline Pack exp(const Pack& x) {
  constexpr double rounder = 0x1.8p52, per_ln2 = 0x1.71547652b82fep+0;
  constexpr double ln2_high = 0x1.62e42fefa3800p-1, ln2_low = 0x1.ef35793c76730p-45;  // 42 bits: k · high is exact
  const Pack rounded = x * per_ln2 + rounder, k = rounded - rounder;
  const Pack r = (x - k * ln2_high) - k * ln2_low, r2 = r * r, r4 = r2 * r2;
  const Pack q01 = r * 0x1.5555555555556p-3 + 0x1.0000000000001p-1,
             q23 = r * 0x1.11111111109b3p-7 + 0x1.5555555553d63p-5,
             q45 = r * 0x1.a01a01a7c41d5p-13 + 0x1.6c16c1788bd90p-10,
             q67 = r * 0x1.71de0dae63bb3p-19 + 0x1.a019b90d2ae7ap-16,
             q89 = r * 0x1.af38a9b0ec855p-26 + 0x1.289185613a3d6p-22;
  const Pack q = q89 * (r4 * r4) + ((q67 * r2 + q45) * r4 + (q23 * r2 + q01));
  const Pack power = (q * r2 + r) + 1;
  // Unsigned: out of range the bits are meaningless, and wrap.
  const Pack scaled = Doubles(Unsigned(power.lanes) + (Unsigned(rounded.lanes) << 52));
  const Pack infinite = select(x > 709.782712893384, __builtin_inf(), scaled);
  return select(x < -708.3964185322641, 0.0, select(x == x, infinite, x));
}

/// log(1 + u) for u in [0, 1], within 4 units in the last place: 2 atanh(s) with s = u / (2 + u), as s times a polynomial
/// in s² (interpolated at the Chebyshev nodes, error 1.3e-18).
inline Pack log1p_unit(const Pack& u) {
  const Pack s = u / (u + 2), x = s * s, x2 = x * x, x4 = x2 * x2;
  const Pack p01 = x * 0x1.5555555555527p-1 + 0x1.0p+1, p23 = x * 0x1.249249201beacp-2 + 0x1.99999999a1c4fp-2,
             p45 = x * 0x1.745caf74cbe5ep-3 + 0x1.c71c7445b2127p-3,
             p67 = x * 0x1.106443d797a85p-3 + 0x1.3b1e2bc8a12dep-3,
             p89 = x * 0x1.54f8c703ce149p-4 + 0x1.f00852a5c69fap-4;
  const Pack high = x2 * 0x1.5d1081172f887p-3 + p89;  // the coefficients of x^8 to x^10
  return s * (high * (x4 * x4) + ((p67 * x2 + p45) * x4 + (p23 * x2 + p01)));
}

// --- sums over lanes ----------------------------------------------------------------------------------------------------

inline double sum(const Pack& a) {
  double total = 0;
  for (int i = 0; i < pack_size; ++i) total += a.lanes[i];
  return total;
}

/// The sums of `pack_size` packs, as one pack: a transposition that adds on its way.
inline Pack sums(const Pack* a) {
#if SUREFOOT_PACK == 8
  const auto pairs = [](const Doubles& x, const Doubles& y) __attribute__((always_inline)) {
    return __builtin_shufflevector(x, y, 0, 8, 2, 10, 4, 12, 6, 14) +
           __builtin_shufflevector(x, y, 1, 9, 3, 11, 5, 13, 7, 15);
  };
  const auto fours = [](const Doubles& x, const Doubles& y) __attribute__((always_inline)) {
    return __builtin_shufflevector(x, y, 0, 1, 8, 9, 4, 5, 12, 13) +
           __builtin_shufflevector(x, y, 2, 3, 10, 11, 6, 7, 14, 15);
  };
  const Doubles low = fours(pairs(a[0].lanes, a[1].lanes), pairs(a[2].lanes, a[3].lanes));
  const Doubles high = fours(pairs(a[4].lanes, a[5].lanes), pairs(a[6].lanes, a[7].lanes));
  return __builtin_shufflevector(low, high, 0, 1, 2, 3, 8, 9, 10, 11) +
         __builtin_shufflevector(low, high, 4, 5, 6, 7, 12, 13, 14, 15);
#elif SUREFOOT_PACK == 4
  const auto pairs = [](const Doubles& x, const Doubles& y) __attribute__((always_inline)) {
    return __builtin_shufflevector(x, y, 0, 4, 2, 6) + __builtin_shufflevector(x, y, 1, 5, 3, 7);
  };
  const Doubles low = pairs(a[0].lanes, a[1].lanes), high = pairs(a[2].lanes, a[3].lanes);
  return __builtin_shufflevector(low, high, 0, 1, 4, 5) + __builtin_shufflevector(low, high, 2, 3, 6, 7);
#else
  return __builtin_shufflevector(a[0].lanes, a[1].lanes, 0, 2) + __builtin_shufflevector(a[0].lanes, a[1].lanes, 1, 3);
#endif
}

}  // namespace surefoot::passes::SUREFOOT_ISA
