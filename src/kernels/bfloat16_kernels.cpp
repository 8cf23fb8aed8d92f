#include "kernels/bfloat16_kernels.h"

#include <hwy/targets.h>

#include <atomic>

#include "kernels/bfloat16_amx.h"

namespace keratin::kernels {
namespace {
constinit std::atomic<BFloat16Unit> most{BFloat16Unit::kMatrices};
}
}  // namespace keratin::kernels

#if HWY_ARCH_X86_64
#include <immintrin.h>

#include "kernels/transpose_16.h"

// Highway 1.0 has no target with these instructions.
HWY_PUSH_ATTRIBUTES("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16")
namespace keratin::kernels {
namespace {

constexpr std::int64_t kLanes = 16, kColumns = 2 * kLanes;
constexpr int kRows = 12;  // accumulators, two vectors of B and one of A fill the registers

// The lanes of the first `count`; all if there are more.
HWY_INLINE __mmask16 first(std::int64_t count) {
  return count >= kLanes ? __mmask16(0xffff) : __mmask16((1u << count) - 1u);
}

// R rows and V vectors of columns; `last`: the lanes of the last vector. Half of the rows are found
// from a second pointer: with one, the distances of all would not stay in registers.
template <int R, int V>
HWY_INLINE void multiply_tile(const ConvTile& t, __mmask16 last) {
  constexpr int kHalf = (R + 1) / 2;
  const std::int64_t a_row = t.a_row, a_step = t.a_step, b_step = t.b_step;
  __m512 sum[R][V];
#pragma GCC unroll 12
  for (int i = 0; i < R; ++i)
#pragma GCC unroll 2
    for (int j = 0; j < V; ++j) sum[i][j] = _mm512_setzero_ps();
  for (std::int64_t s = 0; s < t.count; ++s) {
    const float* HWY_RESTRICT a = t.a + t.segments[s].a;
    const float* HWY_RESTRICT second = a + kHalf * a_row;
    const float* HWY_RESTRICT b = t.b + t.segments[s].b;
#pragma GCC unroll 2
    for (std::int64_t p = t.steps; p > 0; --p) {
      __m512bh y[V];
#pragma GCC unroll 2
      for (int j = 0; j < V; ++j)
        y[j] = (__m512bh)(j == V - 1 ? _mm512_maskz_loadu_ps(last, b + j * kLanes)
                                     : _mm512_loadu_ps(b + j * kLanes));
#pragma GCC unroll 12
      for (int i = 0; i < R; ++i) {
        const auto x =
            (__m512bh)_mm512_set1_ps(i < kHalf ? a[i * a_row] : second[(i - kHalf) * a_row]);
#pragma GCC unroll 2
        for (int j = 0; j < V; ++j) sum[i][j] = _mm512_dpbf16_ps(sum[i][j], x, y[j]);
      }
      a += a_step;
      second += a_step;
      b += b_step;
    }
  }
  float* HWY_RESTRICT c = t.c;
#pragma GCC unroll 12
  for (int i = 0; i < R; ++i, c += t.c_row)
#pragma GCC unroll 2
    for (int j = 0; j < V; ++j) {
      const __mmask16 mask = j == V - 1 ? last : __mmask16(0xffff);
      float* to = c + j * kLanes;
      if (t.add) sum[i][j] = _mm512_add_ps(_mm512_maskz_loadu_ps(mask, to), sum[i][j]);
      _mm512_mask_storeu_ps(to, mask, sum[i][j]);
    }
}

template <int V>
HWY_INLINE void multiply_rows(const ConvTile& t, int rows, __mmask16 last) {
  switch (rows) {
#define KERATIN_ROWS(R)           \
  case R:                         \
    multiply_tile<R, V>(t, last); \
    break;
    KERATIN_ROWS(1)
    KERATIN_ROWS(2)
    KERATIN_ROWS(3)
    KERATIN_ROWS(4)
    KERATIN_ROWS(5)
    KERATIN_ROWS(6)
    KERATIN_ROWS(7)
    KERATIN_ROWS(8)
    KERATIN_ROWS(9)
    KERATIN_ROWS(10)
    KERATIN_ROWS(11)
    KERATIN_ROWS(12)
#undef KERATIN_ROWS
    default:
      break;
  }
}

// Tiles of about equal height.
void multiply(const ConvTile& t, std::int64_t rows, std::int64_t columns) {
  const std::int64_t tiles = (rows + kRows - 1) / kRows;
  for (std::int64_t j = 0; j < columns; j += kColumns) {
    const std::int64_t width = columns - j < kColumns ? columns - j : kColumns;
    for (std::int64_t i = 0; i < tiles; ++i) {
      const std::int64_t row = rows * i / tiles, end = rows * (i + 1) / tiles;
      ConvTile part = t;
      part.a += row * t.a_row;
      part.b += j;
      part.c += row * t.c_row + j;
      if (width > kLanes)
        multiply_rows<2>(part, int(end - row), first(width - kLanes));
      else
        multiply_rows<1>(part, int(end - row), first(width));
    }
  }
}

// The matrix unit takes sixteen rows and steps at once: what is much less is left to vectors.
void multiply_best(const ConvTile& t, std::int64_t rows, std::int64_t columns) {
  (rows >= 8 && t.steps >= 8 ? multiply_amx : multiply)(t, rows, columns);
}

// Pairs of the 32 floats from `from` on, of which `k` are there.
HWY_INLINE __m512i pairs_of_row(const float* from, std::int64_t k) {
  const __m512 low = _mm512_maskz_loadu_ps(first(k), from);
  const __m512 high =
      k > kLanes ? _mm512_maskz_loadu_ps(first(k - kLanes), from + kLanes) : _mm512_setzero_ps();
  return (__m512i)_mm512_cvtne2ps_pbh(high, low);
}

void round_rows(const float* from, std::int64_t from_row, std::int64_t rows, std::int64_t k,
                float* to, std::int64_t to_row) {
  for (std::int64_t i = 0; i < rows; ++i, from += from_row, to += to_row)
    for (std::int64_t p = 0; p < k; p += 2 * kLanes)
      _mm512_mask_storeu_epi32(to + p / 2, first((k - p + 1) / 2), pairs_of_row(from + p, k - p));
}

// The pairs of `width` columns of steps p and p + 1, as round_steps writes them.
HWY_INLINE __m512i pairs_of_steps(const float* from, std::int64_t from_step, __mmask16 mask,
                                  bool both) {
  alignas(64) static constexpr std::uint16_t kInterleave[32] = {
      0, 16, 1, 17, 2,  18, 3,  19, 4,  20, 5,  21, 6,  22, 7,  23,
      8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31};
  const __m512 low = _mm512_maskz_loadu_ps(mask, from);
  const __m512 high = both ? _mm512_maskz_loadu_ps(mask, from + from_step) : _mm512_setzero_ps();
  return _mm512_permutexvar_epi16(_mm512_load_si512(kInterleave),
                                  (__m512i)_mm512_cvtne2ps_pbh(high, low));
}

void round_steps(const float* from, std::int64_t from_step, std::int64_t k, std::int64_t columns,
                 float* to, std::int64_t to_step) {
  for (std::int64_t p = 0; p < k; p += 2, from += 2 * from_step, to += to_step)
    for (std::int64_t j = 0; j < columns; j += kLanes) {
      const __mmask16 mask = first(columns - j);
      _mm512_mask_storeu_epi32(to + j, mask, pairs_of_steps(from + j, from_step, mask, p + 1 < k));
    }
}

void round_columns(const float* from, std::int64_t from_step, std::int64_t k, std::int64_t columns,
                   float* to, std::int64_t to_row) {
  for (std::int64_t p = 0; p < k; p += 2 * kLanes)
    for (std::int64_t j = 0; j < columns; j += kLanes) {
      const std::int64_t width = columns - j < kLanes ? columns - j : kLanes;
      const __mmask16 steps = first((k - p + 1) / 2);
      __m512i r[16];
#pragma GCC unroll 16
      for (int i = 0; i < 16; ++i)
        r[i] = p + 2 * i < k ? pairs_of_steps(from + (p + 2 * i) * from_step + j, from_step,
                                              first(width), p + 2 * i + 1 < k)
                             : _mm512_setzero_si512();
      transpose_16(r);
      float* row = to + j * to_row + p / 2;
#pragma GCC unroll 16
      for (int i = 0; i < 16; ++i, row += to_row)
        if (i < width) _mm512_mask_storeu_epi32(row, steps, r[i]);
    }
}

void round_transposed(const float* from, std::int64_t from_column, std::int64_t k,
                      std::int64_t columns, float* to, std::int64_t to_step) {
  for (std::int64_t j = 0; j < columns; j += kLanes) {
    const std::int64_t width = columns - j < kLanes ? columns - j : kLanes;
    for (std::int64_t p = 0; p < k; p += 2 * kLanes) {
      __m512i r[16];
#pragma GCC unroll 16
      for (int i = 0; i < 16; ++i)
        r[i] = i < width ? pairs_of_row(from + (j + i) * from_column + p, k - p)
                         : _mm512_setzero_si512();
      transpose_16(r);
      const std::int64_t steps = (k - p + 1) / 2;
      float* row = to + p / 2 * to_step + j;
#pragma GCC unroll 16
      for (int i = 0; i < 16; ++i, row += to_step)
        if (i < steps) _mm512_mask_storeu_epi32(row, first(width), r[i]);
    }
  }
}

}  // namespace
}  // namespace keratin::kernels
HWY_POP_ATTRIBUTES

namespace keratin::kernels {

const BFloat16Kernels* bfloat16_kernels() {
  static constexpr BFloat16Kernels kByVectors{
      kColumns, 2 * kRows, 2, multiply, round_rows, round_steps, round_columns, round_transposed};
  static constexpr BFloat16Kernels kByMatrices{kColumns,      kColumns,        8,
                                               multiply_best, round_rows,      round_steps,
                                               round_columns, round_transposed};
  static const bool is_there =
      (hwy::SupportedTargets() & HWY_AVX3) != 0 && __builtin_cpu_supports("avx512bf16");
  const BFloat16Unit unit = most.load(std::memory_order_relaxed);
  if (!is_there || unit == BFloat16Unit::kNone) return nullptr;
  return unit == BFloat16Unit::kMatrices && amx_is_there() ? &kByMatrices : &kByVectors;
}

}  // namespace keratin::kernels

#else

namespace keratin::kernels {
const BFloat16Kernels* bfloat16_kernels() { return nullptr; }
}  // namespace keratin::kernels

#endif

namespace keratin::kernels {
void limit_bfloat16_kernels(BFloat16Unit unit) { most = unit; }
}  // namespace keratin::kernels
