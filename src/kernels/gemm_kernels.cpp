#include "kernels/gemm_kernels.h"

#include <algorithm>
#include <utility>

#include "kernels/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/gemm_kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace keratin::kernels::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
using D = hn::ScalableTag<float>;
using V = hn::VFromD<D>;

constexpr std::int64_t kLanes = hn::MaxLanes(D());
// Accumulators, two vectors of B and one of A fill the registers.
constexpr int kRows = HWY_TARGET == HWY_AVX3 || HWY_ARCH_ARM_A64 ? 12 : 6;

// The first `count` floats, zeros behind. Masked loads of older instruction sets read all lanes, at
// aligned addresses.
HWY_INLINE V load_first(const float* from, std::int64_t count) {
  const D d;
  if (count >= kLanes) return hn::LoadU(d, from);
  if (HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX2)
    return hn::MaskedLoad(hn::FirstN(d, std::size_t(count)), d, from);
  HWY_ALIGN float part[kLanes] = {};
  for (std::int64_t j = 0; j < count; ++j) part[j] = from[j];
  return hn::Load(d, part);
}

// The rows of B lie too far apart for the processor to see them coming.
constexpr std::int64_t kAhead = 12;
HWY_INLINE void fetch_steps(const float* b) {
  __builtin_prefetch(b);
  __builtin_prefetch(b + 2 * kLanes - 1);
}
// Of the panel to the right, which is packed next.
HWY_INLINE void fetch_right(const float* b) {
  __builtin_prefetch(b + 2 * kLanes, 0, 2);
  __builtin_prefetch(b + 4 * kLanes - 1, 0, 2);
}

// R rows and two vectors of columns; the second vector begins at `b_second` and `c_second`, which
// may be less than a vector on: what they share is computed twice, with the same result.
// With kPacks the steps of B are copied to `panel` on the way, as pack() does.
template <int R, bool kPacks = false>
HWY_INLINE void wide_tile(const Tile& t, std::int64_t b_second, std::int64_t c_second,
                          float* HWY_RESTRICT panel = nullptr) {
  const D d;
  const float* HWY_RESTRICT a = t.a;
  const float* HWY_RESTRICT b = t.b;
  const std::int64_t a_row = t.a_row, a_step = t.a_step, b_step = t.b_step;
  V sum[R][2];
#pragma GCC unroll 12
  for (int i = 0; i < R; ++i) sum[i][0] = sum[i][1] = hn::Zero(d);
#pragma GCC unroll 2
  for (std::int64_t p = t.k; p > 0; --p) {
    const V b0 = hn::LoadU(d, b), b1 = hn::LoadU(d, b + b_second);
    if constexpr (kPacks) {
      if (p > kAhead) fetch_steps(b + kAhead * b_step);
      fetch_right(b);
      hn::Store(b0, d, panel);
      hn::Store(b1, d, panel + kLanes);
      panel += 2 * kLanes;
    }
#pragma GCC unroll 12
    for (int i = 0; i < R; ++i) {
      const V x = hn::Set(d, a[i * a_row]);
      sum[i][0] = hn::MulAdd(x, b0, sum[i][0]);
      sum[i][1] = hn::MulAdd(x, b1, sum[i][1]);
    }
    a += a_step;
    b += b_step;
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
HWY_INLINE void narrow_tile(const Tile& t, std::int64_t columns, std::int64_t room) {
  const D d;
  const float* HWY_RESTRICT a = t.a;
  const float* HWY_RESTRICT b = t.b;
  const std::int64_t a_row = t.a_row, a_step = t.a_step, b_step = t.b_step;
  V sum[R];
#pragma GCC unroll 12
  for (int i = 0; i < R; ++i) sum[i] = hn::Zero(d);
  for (std::int64_t p = t.k; p > 0; --p) {
    const V b0 = load_first(b, columns);
#pragma GCC unroll 12
    for (int i = 0; i < R; ++i) sum[i] = hn::MulAdd(hn::Set(d, a[i * a_row]), b0, sum[i]);
    a += a_step;
    b += b_step;
  }
  float* HWY_RESTRICT c = t.c;
#pragma GCC unroll 12
  for (int i = 0; i < R; ++i, c += t.c_row, room -= t.c_row) {
    if (t.add) sum[i] = hn::Add(load_first(c, columns), sum[i]);
    if (room >= kLanes) {
      hn::StoreU(sum[i], d, c);
    } else {
      HWY_ALIGN float part[kLanes];
      hn::Store(sum[i], d, part);
      for (std::int64_t j = 0; j < columns; ++j) c[j] = part[j];
    }
  }
}

// Calls fn(integral constant R, first row) for tiles of about equal height.
template <class Fn, int... I>
HWY_INLINE void for_tiles(std::int64_t rows, const Fn& fn, std::integer_sequence<int, I...>) {
  const std::int64_t tiles = (rows + kRows - 1) / kRows;
  const std::int64_t height = rows / tiles, taller = rows % tiles;
  std::int64_t row = 0;
  for (std::int64_t i = 0; i < tiles; ++i) {
    const int r = int(height + (i < taller));
    (void)((r == I + 1 && (fn(std::integral_constant<int, I + 1>(), row), true)) || ...);
    row += r;
  }
}

template <class Fn>
HWY_INLINE void for_tiles(std::int64_t rows, const Fn& fn) {
  for_tiles(rows, fn, std::make_integer_sequence<int, kRows>());
}

Tile from_row(const Tile& t, std::int64_t row) {
  Tile part = t;
  part.a += row * t.a_row;
  part.c += row * t.c_row;
  return part;
}

void wide(const Tile& t, std::int64_t rows, std::int64_t b_second, std::int64_t c_second) {
  for_tiles(rows, [&](auto r, std::int64_t row) {
    wide_tile<decltype(r)::value>(from_row(t, row), b_second, c_second);
  });
}

void narrow(const Tile& t, std::int64_t rows, std::int64_t columns) {
  // Rows that lie one after another are written as whole vectors: what spills over is overwritten
  // by the rows that follow. `room` is what may be written from a row on.
  const bool spill = t.c_row == columns && !t.add;
  for_tiles(rows, [&](auto r, std::int64_t row) {
    std::int64_t room = columns == kLanes ? rows * t.c_row + kLanes : 0;
    if (spill) room = (rows - row) * t.c_row;
    narrow_tile<decltype(r)::value>(from_row(t, row), columns, room);
  });
}

// R rows and C whole vectors of columns: few rows need many columns to keep the multipliers busy,
// and B is read in long runs.
template <int R, int C>
HWY_INLINE void flat_tile(const Tile& t) {
  const D d;
  const float* HWY_RESTRICT a = t.a;
  const float* HWY_RESTRICT b = t.b;
  const std::int64_t a_row = t.a_row, a_step = t.a_step, b_step = t.b_step;
  V sum[R][C];
#pragma GCC unroll 2
  for (int i = 0; i < R; ++i)
#pragma GCC unroll 16
    for (int j = 0; j < C; ++j) sum[i][j] = hn::Zero(d);
  for (std::int64_t p = t.k; p > 0; --p) {
    V x[R];
#pragma GCC unroll 2
    for (int i = 0; i < R; ++i) x[i] = hn::Set(d, a[i * a_row]);
#pragma GCC unroll 16
    for (int j = 0; j < C; ++j) {
      const V y = hn::LoadU(d, b + j * kLanes);
#pragma GCC unroll 2
      for (int i = 0; i < R; ++i) sum[i][j] = hn::MulAdd(x[i], y, sum[i][j]);
    }
    a += a_step;
    b += b_step;
  }
#pragma GCC unroll 2
  for (int i = 0; i < R; ++i)
#pragma GCC unroll 16
    for (int j = 0; j < C; ++j) hn::StoreU(sum[i][j], d, t.c + i * t.c_row + j * kLanes);
}

// As many columns as flat tiles take; returns their number.
template <int R>
HWY_INLINE std::int64_t flat(Tile t, std::int64_t columns) {
  constexpr int kMost = (kRows == 12 ? 16 : 8) / R;
  std::int64_t done = 0;
  const auto take = [&](auto c) {
    constexpr int C = decltype(c)::value;
    for (; columns - done >= C * kLanes; done += C * kLanes, t.b += C * kLanes, t.c += C * kLanes)
      flat_tile<R, C>(t);
  };
  take(std::integral_constant<int, kMost>());
  if constexpr (kMost > 8) take(std::integral_constant<int, 8>());
  if constexpr (kMost > 4) take(std::integral_constant<int, 4>());
  return done;
}

void direct(const Tile& t, std::int64_t rows, std::int64_t columns) {
  Tile part = t;
  if (rows <= 2 && !t.add && columns > 2 * kLanes) {
    const std::int64_t done = rows == 1 ? flat<1>(t, columns) : flat<2>(t, columns);
    part.b += done;
    part.c += done;
    columns -= done;
  }
  for (std::int64_t j = 0; j < columns;
       j += 2 * kLanes, part.b += 2 * kLanes, part.c += 2 * kLanes) {
    const std::int64_t width = std::min(columns - j, 2 * kLanes);
    if (width > kLanes)
      wide(part, rows, width - kLanes, width - kLanes);
    else
      narrow(part, rows, width);
  }
}

void packed(const Tile& t, std::int64_t rows, std::int64_t columns) {
  Tile part = t;
  part.b_step = 2 * kLanes;
  if (columns > kLanes)
    wide(part, rows, kLanes, columns - kLanes);
  else
    narrow(part, rows, columns);
}

// `width` (at most kLanes) columns of steps 0 .. k-1 to the first kLanes of every 2 kLanes floats.
void pack_vector(const float* HWY_RESTRICT b, std::int64_t b_step, bool transposed, std::int64_t k,
                 std::int64_t width, float* HWY_RESTRICT packed) {
  const D d;
  if (!transposed) {
    for (std::int64_t p = 0; p < k; ++p, b += b_step, packed += 2 * kLanes)
      hn::Store(load_first(b, width), d, packed);
    return;
  }
  std::int64_t p = 0;
#if HWY_TARGET != HWY_SCALAR
  // Squares of 4 by 4.
  const hn::Full128<float> d4;
  if (width == kLanes)
    for (; p + 4 <= k; p += 4) {
      for (std::int64_t j = 0; j < kLanes; j += 4) {
        const float* from = b + j * b_step + p;
        const auto r0 = hn::LoadU(d4, from), r1 = hn::LoadU(d4, from + b_step),
                   r2 = hn::LoadU(d4, from + 2 * b_step), r3 = hn::LoadU(d4, from + 3 * b_step);
        const auto x0 = hn::InterleaveLower(d4, r0, r2), x1 = hn::InterleaveLower(d4, r1, r3),
                   x2 = hn::InterleaveUpper(d4, r0, r2), x3 = hn::InterleaveUpper(d4, r1, r3);
        float* to = packed + p * 2 * kLanes + j;
        hn::Store(hn::InterleaveLower(d4, x0, x1), d4, to);
        hn::Store(hn::InterleaveUpper(d4, x0, x1), d4, to + 2 * kLanes);
        hn::Store(hn::InterleaveLower(d4, x2, x3), d4, to + 4 * kLanes);
        hn::Store(hn::InterleaveUpper(d4, x2, x3), d4, to + 6 * kLanes);
      }
    }
#endif
  for (; p < k; ++p)
    for (std::int64_t j = 0; j < kLanes; ++j)
      packed[p * 2 * kLanes + j] = j < width ? b[j * b_step + p] : 0.0f;
}

void pack(const float* b, std::int64_t b_step, bool transposed, std::int64_t k,
          std::int64_t columns, float* packed) {
  if (!transposed && columns == 2 * kLanes) {
    const D d;
    for (std::int64_t p = 0; p < k; ++p, b += b_step, packed += 2 * kLanes) {
      if (p + kAhead < k) fetch_steps(b + kAhead * b_step);
      fetch_right(b);
      hn::Store(hn::LoadU(d, b), d, packed);
      hn::Store(hn::LoadU(d, b + kLanes), d, packed + kLanes);
    }
    return;
  }
  pack_vector(b, b_step, transposed, k, std::min(columns, kLanes), packed);
  if (columns <= kLanes) return;
  const std::int64_t second = columns - kLanes;  // as in packed()
  pack_vector(b + second * (transposed ? b_step : 1), b_step, transposed, k, kLanes,
              packed + kLanes);
}

// The first tile packs, the others read the panel.
void pack_and_multiply(const Tile& t, std::int64_t rows, float* panel) {
  Tile packed = t;
  packed.b = panel;
  packed.b_step = 2 * kLanes;
  for_tiles(rows, [&](auto r, std::int64_t row) {
    constexpr int kHeight = decltype(r)::value;
    if (row == 0)
      wide_tile<kHeight, true>(t, kLanes, kLanes, panel);
    else
      wide_tile<kHeight>(from_row(packed, row), kLanes, kLanes);
  });
}

template <int R, int C>
HWY_INLINE void dots_tile(const Tile& t) {
  const D d;
  V sum[R][C];
#pragma GCC unroll 4
  for (int i = 0; i < R; ++i)
#pragma GCC unroll 4
    for (int j = 0; j < C; ++j) sum[i][j] = hn::Zero(d);
  std::int64_t p = 0;
  for (; p + kLanes <= t.k; p += kLanes) {
#pragma GCC unroll 4
    for (int j = 0; j < C; ++j) {
      const V b = hn::LoadU(d, t.b + j * t.b_step + p);
#pragma GCC unroll 4
      for (int i = 0; i < R; ++i)
        sum[i][j] = hn::MulAdd(hn::LoadU(d, t.a + i * t.a_row + p), b, sum[i][j]);
    }
  }
  if (p < t.k) {
#pragma GCC unroll 4
    for (int j = 0; j < C; ++j) {
      const V b = load_first(t.b + j * t.b_step + p, t.k - p);
#pragma GCC unroll 4
      for (int i = 0; i < R; ++i)
        sum[i][j] = hn::MulAdd(load_first(t.a + i * t.a_row + p, t.k - p), b, sum[i][j]);
    }
  }
#pragma GCC unroll 4
  for (int i = 0; i < R; ++i)
#pragma GCC unroll 4
    for (int j = 0; j < C; ++j) t.c[i * t.c_row + j] = hn::GetLane(hn::SumOfLanes(d, sum[i][j]));
}

template <int R>
HWY_INLINE void dots_rows(Tile t, std::int64_t columns) {
  for (; columns >= 4; columns -= 4, t.b += 4 * t.b_step, t.c += 4) dots_tile<R, 4>(t);
  for (; columns > 0; --columns, t.b += t.b_step, ++t.c) dots_tile<R, 1>(t);
}

void dots(const Tile& t, std::int64_t rows, std::int64_t columns) {
  std::int64_t row = 0;
  for (; row + 2 <= rows; row += 2) dots_rows<2>(from_row(t, row), columns);
  if (row < rows) dots_rows<1>(from_row(t, row), columns);
}

}  // namespace

GemmKernels kernels_for_target() {
  return {kRows, 2 * kLanes, direct, pack, packed, pack_and_multiply, dots};
}

}  // namespace keratin::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace keratin::kernels {
HWY_EXPORT(kernels_for_target);

const GemmKernels& gemm_kernels() {
  static const GemmKernels kernels = HWY_DYNAMIC_DISPATCH(kernels_for_target)();
  return kernels;
}

}  // namespace keratin::kernels
#endif
