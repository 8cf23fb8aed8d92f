#include "kernels/int8_vnni.h"

#include "kernels/simd_targets.h"
// After the targets.
#include <hwy/highway.h>

#if HWY_ARCH_X86_64
#include <immintrin.h>

#include <cstring>
#include <utility>

// Highway has no target of just this.
HWY_PUSH_ATTRIBUTES("avx512f,avx512vl,avx512dq,avx512bw,avx512vnni,avx2,fma,bmi,bmi2")
namespace keratin::kernels {
namespace {

// Where a mask is given without need: GCC 12 says of the plain form that it reads what is not
// initialized.

constexpr std::int64_t kVector = 16;  // columns

inline __m512i quad_at(const std::uint8_t* from) {
  std::int32_t quad;
  std::memcpy(&quad, from, sizeof quad);
  return _mm512_set1_epi32(quad);
}

inline void give(__m512i sums, __m512i column_sums, const float* scales, float row_scale, float* y,
                 std::int64_t columns, bool factors = false) {
  if (columns <= 0) return;
  const __mmask16 mask = columns >= kVector ? __mmask16(-1) : __mmask16((1 << columns) - 1);
  const __m512 exact = _mm512_maskz_cvtepi32_ps(mask, _mm512_sub_epi32(sums, column_sums));
  if (factors) {
    _mm512_mask_storeu_ps(y, mask, _mm512_mul_ps(exact, _mm512_maskz_loadu_ps(mask, scales)));
    return;
  }
  const __m512 scale =
      _mm512_mul_ps(_mm512_maskz_loadu_ps(mask, scales), _mm512_set1_ps(row_scale));
  _mm512_mask_storeu_ps(y, mask, _mm512_div_ps(exact, scale));
}

template <int R, int C>
void tile_of(const Int8Tile& t) {
  __m512i sum[R][C];
#pragma GCC unroll 6
  for (int i = 0; i < R; ++i)
#pragma GCC unroll 4
    for (int j = 0; j < C; ++j) sum[i][j] = _mm512_setzero_si512();
  const std::int8_t* __restrict b = t.panel;
  for (std::int64_t s = 0; s < t.segments; ++s) {
    const std::uint8_t* __restrict x[R];
#pragma GCC unroll 6
    for (int i = 0; i < R; ++i) x[i] = t.rows[i] + t.offsets[s];
    for (std::int64_t p = 0; p < 4 * t.quads; p += 4, b += 64 * C) {
      __m512i w[C];
#pragma GCC unroll 4
      for (int j = 0; j < C; ++j) w[j] = _mm512_loadu_si512(b + 64 * j);
#pragma GCC unroll 6
      for (int i = 0; i < R; ++i) {
        const __m512i v = quad_at(x[i] + p);
#pragma GCC unroll 4
        for (int j = 0; j < C; ++j) sum[i][j] = _mm512_dpbusd_epi32(sum[i][j], v, w[j]);
      }
    }
  }
#pragma GCC unroll 4
  for (int j = 0; j < C; ++j)
#pragma GCC unroll 6
    for (int i = 0; i < R; ++i)
      give(sum[i][j], _mm512_loadu_si512(t.sums + kVector * j), t.scales + kVector * j,
           t.row_scales[i], t.y + i * t.y_row + kVector * j, t.columns - kVector * j, t.factors);
}

// Four rows of 64 bytes to quads of 64 columns: w[j] has columns 16 b + 4 j .. + 3 in its block b.
inline void interleave(const __m512i (&row)[4], __m512i (&w)[4]) {
  const __m512i low01 = _mm512_unpacklo_epi8(row[0], row[1]);
  const __m512i high01 = _mm512_unpackhi_epi8(row[0], row[1]);
  const __m512i low23 = _mm512_unpacklo_epi8(row[2], row[3]);
  const __m512i high23 = _mm512_unpackhi_epi8(row[2], row[3]);
  w[0] = _mm512_unpacklo_epi16(low01, low23);
  w[1] = _mm512_unpackhi_epi16(low01, low23);
  w[2] = _mm512_unpacklo_epi16(high01, high23);
  w[3] = _mm512_unpackhi_epi16(high01, high23);
}

template <int kWhich>
inline __m512i blocks(__m512i a, __m512i b) {
  return _mm512_maskz_shuffle_i32x4(__mmask16(-1), a, b, kWhich);
}

// Blocks of 128 bits, the b-th of the j-th vector becoming the j-th of the b-th: columns in order.
inline void in_order(__m512i (&w)[4]) {
  const __m512i a = blocks<0x44>(w[0], w[1]), b = blocks<0xEE>(w[0], w[1]);
  const __m512i c = blocks<0x44>(w[2], w[3]), d = blocks<0xEE>(w[2], w[3]);
  w[0] = blocks<0x88>(a, c);
  w[1] = blocks<0xDD>(a, c);
  w[2] = blocks<0x88>(b, d);
  w[3] = blocks<0xDD>(b, d);
}

inline void load_rows(const std::int8_t* from, std::int64_t step, std::int64_t rows, __mmask64 mask,
                      __m512i (&row)[4]) {
#pragma GCC unroll 4
  for (int i = 0; i < 4; ++i)
    row[i] = i < rows ? _mm512_maskz_loadu_epi8(mask, from + i * step) : _mm512_setzero_si512();
}

__mmask64 first_bytes(std::int64_t count) {
  return count >= 64 ? ~__mmask64{0} : (__mmask64{1} << count) - 1;
}

template <int R>
void direct_of(const Int8Direct& t) {
  const __mmask64 mask = first_bytes(t.columns);
  const __m512i offset = _mm512_set1_epi8(char(-128));
  __m512i sum[R + 1][4];  // the last: of the columns
#pragma GCC unroll 7
  for (int i = 0; i <= R; ++i)
#pragma GCC unroll 4
    for (int j = 0; j < 4; ++j) sum[i][j] = _mm512_setzero_si512();
  const auto step = [&](std::int64_t p, std::int64_t rows) {
    __m512i row[4], w[4];
    load_rows(t.kernel + p * t.step, t.step, rows, mask, row);
    interleave(row, w);
#pragma GCC unroll 6
    for (int i = 0; i < R; ++i) {
      const __m512i v = quad_at(t.rows[i] + p);
#pragma GCC unroll 4
      for (int j = 0; j < 4; ++j) sum[i][j] = _mm512_dpbusd_epi32(sum[i][j], v, w[j]);
    }
#pragma GCC unroll 4
    for (int j = 0; j < 4; ++j) sum[R][j] = _mm512_dpbusd_epi32(sum[R][j], offset, w[j]);
  };
  std::int64_t p = 0;
  for (; p + 4 <= t.k; p += 4) step(p, 4);
  if (p < t.k) step(p, t.k - p);
#pragma GCC unroll 7
  for (int i = 0; i <= R; ++i) in_order(sum[i]);
#pragma GCC unroll 4
  for (int j = 0; j < 4; ++j)
#pragma GCC unroll 6
    for (int i = 0; i < R; ++i)
      give(sum[i][j], sum[R][j], t.scales + kVector * j, t.row_scales[i],
           t.y + i * t.y_row + kVector * j, t.columns - kVector * j);
}

template <int... I>
void direct(const Int8Direct& t, std::int64_t rows, std::integer_sequence<int, I...>) {
  (void)((rows == I + 1 && (direct_of<I + 1>(t), true)) || ...);
}
void direct(const Int8Direct& t, std::int64_t rows) {
  direct(t, rows, std::make_integer_sequence<int, kInt8Rows>());
}
void pack(const std::int8_t* kernel, std::int64_t step, std::int64_t k, std::int64_t columns,
          std::int64_t vectors, std::int8_t* panel, std::int32_t* sums) {
  const __mmask64 mask = first_bytes(columns);
  const __m512i offset = _mm512_set1_epi8(char(-128));
  __m512i sum[4];
  for (__m512i& s : sum) s = _mm512_setzero_si512();
  for (std::int64_t p = 0; p < k; p += 4, kernel += 4 * step, panel += 64 * vectors) {
    __m512i row[4], w[4];
    load_rows(kernel, step, k - p, mask, row);
    interleave(row, w);
    in_order(w);
    for (int j = 0; j < vectors; ++j) {
      _mm512_storeu_si512(panel + 64 * j, w[j]);
      sum[j] = _mm512_dpbusd_epi32(sum[j], offset, w[j]);
    }
  }
  for (int j = 0; j < vectors; ++j) {
    std::int32_t* to = sums + kVector * j;
    _mm512_storeu_si512(to, _mm512_add_epi32(sum[j], _mm512_loadu_si512(to)));
  }
}

template <int C, int... I>
HWY_INLINE void tile_rows(const Int8Tile& t, std::int64_t rows, std::integer_sequence<int, I...>) {
  (void)((rows == I + 1 && (tile_of<I + 1, C>(t), true)) || ...);
}

void tile(const Int8Tile& t, std::int64_t rows, std::int64_t vectors) {
  constexpr auto kAll = std::make_integer_sequence<int, kInt8Rows>();
  switch (vectors) {
    case 1:
      return tile_rows<1>(t, rows, kAll);
    case 2:
      return tile_rows<2>(t, rows, kAll);
    case 3:
      return tile_rows<3>(t, rows, kAll);
    default:
      return tile_rows<4>(t, rows, kAll);
  }
}

}  // namespace
}  // namespace keratin::kernels
HWY_POP_ATTRIBUTES
#endif

namespace keratin::kernels {

void use_vnni([[maybe_unused]] Int8Kernels& kernels) {
#if HWY_ARCH_X86_64
  if (!(hwy::SupportedTargets() & HWY_AVX3) || !__builtin_cpu_supports("avx512vnni")) return;
  kernels.tile = tile;
  kernels.direct = direct;
  kernels.pack = pack;
#endif
}

}  // namespace keratin::kernels
