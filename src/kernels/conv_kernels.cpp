#include "kernels/conv_kernels.h"

#include <algorithm>
#include <utility>

#include "kernels/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/conv_kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace keratin::kernels::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
using D = hn::ScalableTag<float>;
using V = hn::VFromD<D>;
using Mask = decltype(hn::FirstN(D(), 1));

constexpr std::int64_t kLanes = hn::MaxLanes(D());
// As in gemm_kernels.cpp: accumulators, two vectors of B and one of A fill the registers.
constexpr int kRows = HWY_TARGET == HWY_AVX3 || HWY_ARCH_ARM_A64 ? 12 : 6;
// Of one channel vector: an accumulator and an element of A for each.
constexpr int kChannelRows = HWY_TARGET == HWY_AVX3 || HWY_ARCH_ARM_A64 ? 12 : 6;

// Memory past the columns is neither read nor written, whatever the instruction set.
HWY_INLINE V load(Mask mask, const float* from, std::int64_t columns) {
  const D d;
  if (columns >= kLanes) return hn::LoadU(d, from);
  if (HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX2) return hn::MaskedLoad(mask, d, from);
  HWY_ALIGN float part[kLanes] = {};
  for (std::int64_t j = 0; j < columns; ++j) part[j] = from[j];
  return hn::Load(d, part);
}

HWY_INLINE void store(V v, Mask mask, float* to, std::int64_t columns) {
  const D d;
  if (columns >= kLanes) return hn::StoreU(v, d, to);
  if (HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX2) return hn::BlendedStore(v, mask, d, to);
  HWY_ALIGN float part[kLanes];
  hn::Store(v, d, part);
  for (std::int64_t j = 0; j < columns; ++j) to[j] = part[j];
}

// The first of the rows that are found from a second pointer: with one, distances of twelve rows
// would not all stay in registers.
template <int R>
constexpr int kHalf = (R + 1) / 2;

// R rows and two vectors of columns; the second begins at `b_second` and `c_second`, which may be
// less than a vector on: what they share is computed twice, with the same result.
template <int R>
HWY_INLINE void wide_tile(const ConvTile& t, std::int64_t b_second, std::int64_t c_second) {
  const D d;
  const std::int64_t a_row = t.a_row, a_step = t.a_step, b_step = t.b_step;
  V sum[R][2];
#pragma GCC unroll 12
  for (int i = 0; i < R; ++i) sum[i][0] = sum[i][1] = hn::Zero(d);
  for (std::int64_t s = 0; s < t.count; ++s) {
    const float* HWY_RESTRICT a = t.a + t.segments[s].a;
    const float* HWY_RESTRICT second = a + kHalf<R> * a_row;
    const float* HWY_RESTRICT b = t.b + t.segments[s].b;
#pragma GCC unroll 2
    for (std::int64_t p = t.steps; p > 0; --p) {
      const V b0 = hn::LoadU(d, b), b1 = hn::LoadU(d, b + b_second);
#pragma GCC unroll 12
      for (int i = 0; i < R; ++i) {
        const V x = hn::Set(d, i < kHalf<R> ? a[i * a_row] : second[(i - kHalf<R>)*a_row]);
        sum[i][0] = hn::MulAdd(x, b0, sum[i][0]);
        sum[i][1] = hn::MulAdd(x, b1, sum[i][1]);
      }
      a += a_step;
      second += a_step;
      b += b_step;
    }
  }
  float* HWY_RESTRICT c = t.c;
#pragma GCC unroll 12
  for (int i = 0; i < R; ++i, c += t.c_row) {
    if (t.add) {
      sum[i][0] = hn::Add(hn::LoadU(d, c), sum[i][0]);
      sum[i][1] = hn::Add(hn::LoadU(d, c + c_second), sum[i][1]);
    }
    hn::StoreU(sum[i][0], d, c);
    hn::StoreU(sum[i][1], d, c + c_second);
  }
}

// R rows and one vector of columns, or less.
template <int R>
HWY_INLINE void narrow_tile(const ConvTile& t, std::int64_t columns) {
  const D d;
  const Mask mask = hn::FirstN(d, std::size_t(std::min(columns, kLanes)));
  const std::int64_t a_row = t.a_row, a_step = t.a_step, b_step = t.b_step;
  V sum[R];
#pragma GCC unroll 12
  for (int i = 0; i < R; ++i) sum[i] = hn::Zero(d);
  for (std::int64_t s = 0; s < t.count; ++s) {
    const float* HWY_RESTRICT a = t.a + t.segments[s].a;
    const float* HWY_RESTRICT second = a + kHalf<R> * a_row;
    const float* HWY_RESTRICT b = t.b + t.segments[s].b;
#pragma GCC unroll 2
    for (std::int64_t p = t.steps; p > 0; --p) {
      const V b0 = load(mask, b, columns);
#pragma GCC unroll 12
      for (int i = 0; i < R; ++i)
        sum[i] = hn::MulAdd(hn::Set(d, i < kHalf<R> ? a[i * a_row] : second[(i - kHalf<R>)*a_row]),
                            b0, sum[i]);
      a += a_step;
      second += a_step;
      b += b_step;
    }
  }
  float* HWY_RESTRICT c = t.c;
#pragma GCC unroll 12
  for (int i = 0; i < R; ++i, c += t.c_row) {
    if (t.add) sum[i] = hn::Add(load(mask, c, columns), sum[i]);
    store(sum[i], mask, c, columns);
  }
}

template <int R>
HWY_INLINE void channel_tile(const ConvTile& t, std::int64_t columns) {
  const D d;
  const Mask mask = hn::FirstN(d, std::size_t(std::min(columns, kLanes)));
  const std::int64_t a_row = t.a_row;
  V sum[R];
#pragma GCC unroll 12
  for (int i = 0; i < R; ++i) sum[i] = hn::Zero(d);
  for (std::int64_t s = 0; s < t.count; ++s) {
    const float* HWY_RESTRICT a = t.a + t.segments[s].a;
    const V weight = load(mask, t.b + t.segments[s].b, columns);
#pragma GCC unroll 12
    for (int i = 0; i < R; ++i)
      sum[i] = hn::MulAdd(load(mask, a + i * a_row, columns), weight, sum[i]);
  }
  float* HWY_RESTRICT c = t.c;
#pragma GCC unroll 12
  for (int i = 0; i < R; ++i, c += t.c_row) store(sum[i], mask, c, columns);
}

// Calls fn(integral constant R, first row) for tiles of about equal height.
template <class Fn, int... I>
HWY_INLINE void for_tiles(std::int64_t rows, const Fn& fn, std::integer_sequence<int, I...>) {
  constexpr std::int64_t kMost = sizeof...(I);
  const std::int64_t tiles = (rows + kMost - 1) / kMost;
  const std::int64_t height = rows / tiles, taller = rows % tiles;
  std::int64_t row = 0;
  for (std::int64_t i = 0; i < tiles; ++i) {
    const int r = int(height + (i < taller));
    (void)((r == I + 1 && (fn(std::integral_constant<int, I + 1>(), row), true)) || ...);
    row += r;
  }
}

ConvTile from_row(const ConvTile& t, std::int64_t row) {
  ConvTile part = t;
  part.a += row * t.a_row;
  part.c += row * t.c_row;
  return part;
}

void wide(const ConvTile& t, std::int64_t rows, std::int64_t b_second, std::int64_t c_second) {
  for_tiles(
      rows,
      [&](auto r, std::int64_t row) {
        wide_tile<decltype(r)::value>(from_row(t, row), b_second, c_second);
      },
      std::make_integer_sequence<int, kRows>());
}

void narrow(const ConvTile& t, std::int64_t rows, std::int64_t columns) {
  for_tiles(
      rows,
      [&](auto r, std::int64_t row) { narrow_tile<decltype(r)::value>(from_row(t, row), columns); },
      std::make_integer_sequence<int, kRows>());
}

void packed(const ConvTile& t, std::int64_t rows, std::int64_t columns) {
  if (columns > kLanes)
    wide(t, rows, kLanes, columns - kLanes);
  else
    narrow(t, rows, columns);
}

void direct(const ConvTile& t, std::int64_t rows, std::int64_t columns) {
  ConvTile part = t;
  for (std::int64_t j = 0; j < columns;
       j += 2 * kLanes, part.b += 2 * kLanes, part.c += 2 * kLanes) {
    const std::int64_t width = std::min(columns - j, 2 * kLanes);
    if (width > kLanes)
      wide(part, rows, width - kLanes, width - kLanes);
    else
      narrow(part, rows, width);
  }
}

void channels(const ConvTile& t, std::int64_t rows, std::int64_t columns) {
  ConvTile part = t;
  for (std::int64_t j = 0; j < columns;
       j += kLanes, part.a += kLanes, part.b += kLanes, part.c += kLanes)
    for_tiles(
        rows,
        [&](auto r, std::int64_t row) {
          channel_tile<decltype(r)::value>(from_row(part, row), columns - j);
        },
        std::make_integer_sequence<int, kChannelRows>());
}

template <int C>
HWY_INLINE void sums_tile(const ConvTile& t, std::int64_t j, std::int64_t columns) {
  const D d;
  const Mask mask = hn::FirstN(d, std::size_t(std::min(columns, kLanes)));
  const std::int64_t width = C == 1 ? columns : kLanes;
  V sum[C];
#pragma GCC unroll 4
  for (int i = 0; i < C; ++i) sum[i] = hn::Zero(d);
  for (std::int64_t s = 0; s < t.count; ++s) {
    const float* HWY_RESTRICT a = t.a + t.segments[s].a + j;
    const float* HWY_RESTRICT b = t.b + t.segments[s].b + j;
    for (std::int64_t p = t.steps; p > 0; --p, a += t.a_step, b += t.b_step) {
#pragma GCC unroll 4
      for (int i = 0; i < C; ++i)
        sum[i] = hn::MulAdd(load(mask, a + i * kLanes, width), load(mask, b + i * kLanes, width),
                            sum[i]);
    }
  }
#pragma GCC unroll 4
  for (int i = 0; i < C; ++i) {
    float* c = t.c + j + i * kLanes;
    store(hn::Add(load(mask, c, width), sum[i]), mask, c, width);
  }
}

void channel_sums(const ConvTile& t, std::int64_t columns) {
  std::int64_t j = 0;
  for (; j + 4 * kLanes <= columns; j += 4 * kLanes) sums_tile<4>(t, j, 4 * kLanes);
  for (; j < columns; j += kLanes) sums_tile<1>(t, j, columns - j);
}

}  // namespace

ConvKernels conv_kernels_for_target() { return {packed, direct, channels, channel_sums}; }

}  // namespace keratin::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace keratin::kernels {
HWY_EXPORT(conv_kernels_for_target);

const ConvKernels& conv_kernels() {
  static const ConvKernels kernels = HWY_DYNAMIC_DISPATCH(conv_kernels_for_target)();
  return kernels;
}

}  // namespace keratin::kernels
#endif
