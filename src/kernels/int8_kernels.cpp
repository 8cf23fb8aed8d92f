#include "kernels/int8_kernels.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

#include "kernels/int8_vnni.h"
#include "kernels/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/int8_kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace keratin::kernels::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
constexpr std::int64_t kVector = 16;  // columns

template <class T>
HWY_INLINE T load_as(const void* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

void pack(const std::int8_t* kernel, std::int64_t step, std::int64_t k, std::int64_t columns,
          std::int64_t vectors, std::int8_t* panel, std::int32_t* sums) {
  for (std::int64_t p = 0; p < k; p += 4, kernel += 4 * step)
    for (std::int64_t j = 0; j < kVector * vectors; ++j)
      for (std::int64_t q = 0; q < 4; ++q) {
        const std::int8_t w = j < columns && p + q < k ? kernel[q * step + j] : std::int8_t{0};
        *panel++ = w;
        sums[j] += 128 * w;
      }
}

// Sums of 16 columns of R rows, the panel being `width` columns wide.
#if HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_SSE4

template <int R>
HWY_INLINE void sums_of(const Int8Tile& t, std::int64_t first_row, std::int64_t first_column,
                        std::int64_t width, std::int32_t* out) {
  const hn::ScalableTag<std::int16_t> d;
  const hn::RepartitionToWide<decltype(d)> d32;
  const hn::Rebind<std::int8_t, decltype(d)> d8;
  constexpr int kLanes = hn::MaxLanes(hn::ScalableTag<std::int16_t>());
  constexpr int kParts = 64 / kLanes;
  hn::VFromD<decltype(d32)> sum[R][kParts];
#pragma GCC unroll 8
  for (int i = 0; i < R; ++i)
#pragma GCC unroll 8
    for (int j = 0; j < kParts; ++j) sum[i][j] = hn::Zero(d32);
  const std::int8_t* HWY_RESTRICT b = t.panel + 4 * first_column;
  for (std::int64_t s = 0; s < t.segments; ++s)
    for (std::int64_t p = 0; p < 4 * t.quads; p += 4, b += 4 * width) {
      hn::VFromD<decltype(d)> x[R];
#pragma GCC unroll 8
      for (int i = 0; i < R; ++i) {
        const auto* from = t.rows[first_row + i] + t.offsets[s] + p;
        const std::uint64_t quad = std::uint64_t{from[0]} | std::uint64_t{from[1]} << 16 |
                                   std::uint64_t{from[2]} << 32 | std::uint64_t{from[3]} << 48;
        x[i] = hn::BitCast(d, hn::Set(hn::Repartition<std::uint64_t, decltype(d)>(), quad));
      }
#pragma GCC unroll 8
      for (int j = 0; j < kParts; ++j) {
        const auto w = hn::PromoteTo(d, hn::LoadU(d8, b + j * kLanes));
        auto none = hn::Zero(d32);
#pragma GCC unroll 8
        for (int i = 0; i < R; ++i)
          sum[i][j] = hn::ReorderWidenMulAccumulate(d32, x[i], w, sum[i][j], none);
      }
    }
  // Two lanes a column.
  for (int i = 0; i < R; ++i)
    for (int j = 0; j < kParts; ++j) {
      HWY_ALIGN std::int32_t pairs[kLanes / 2];
      hn::Store(sum[i][j], d32, pairs);
      for (int c = 0; c < kLanes / 4; ++c)
        out[i * kVector + j * (kLanes / 4) + c] =
            std::int32_t(std::uint32_t(pairs[2 * c]) + std::uint32_t(pairs[2 * c + 1]));
    }
}
constexpr int kSumRows = HWY_TARGET == HWY_AVX3 ? 6 : HWY_TARGET == HWY_AVX2 ? 2 : 1;

#else

template <int R>
void sums_of(const Int8Tile& t, std::int64_t first_row, std::int64_t first_column,
             std::int64_t width, std::int32_t* out) {
  static_assert(R == 1);
  std::uint32_t sum[kVector] = {};
  const std::int8_t* HWY_RESTRICT b = t.panel + 4 * first_column;
  for (std::int64_t s = 0; s < t.segments; ++s)
    for (std::int64_t p = 0; p < 4 * t.quads; p += 4, b += 4 * width) {
      const auto* x = t.rows[first_row] + t.offsets[s] + p;
      for (std::int64_t j = 0; j < kVector; ++j)
        sum[j] += std::uint32_t(x[0] * b[4 * j] + x[1] * b[4 * j + 1] + x[2] * b[4 * j + 2] +
                                x[3] * b[4 * j + 3]);
    }
  for (std::int64_t j = 0; j < kVector; ++j) out[j] = std::int32_t(sum[j]);
}
constexpr int kSumRows = 1;

#endif

void give_rows(const Int8Tile& t, std::int64_t row, std::int64_t rows, std::int64_t column,
               const std::int32_t* sums) {
  for (std::int64_t i = 0; i < rows; ++i) {
    float* y = t.y + (row + i) * t.y_row + column;
    const std::int64_t count = std::min(kVector, t.columns - column);
    for (std::int64_t j = 0; j < count; ++j) {
      const auto exact =
          std::int32_t(std::uint32_t(sums[i * kVector + j]) - std::uint32_t(t.sums[column + j]));
      y[j] = t.factors ? float(exact) * t.scales[column + j]
                       : float(exact) / (t.scales[column + j] * t.row_scales[row + i]);
    }
  }
}

void tile(const Int8Tile& t, std::int64_t rows, std::int64_t vectors) {
  std::int32_t sums[kSumRows * kVector];
  for (std::int64_t column = 0; column < std::min(t.columns, kVector * vectors);
       column += kVector) {
    std::int64_t row = 0;
    for (; row + kSumRows <= rows; row += kSumRows) {
      sums_of<kSumRows>(t, row, column, kVector * vectors, sums);
      give_rows(t, row, kSumRows, column, sums);
    }
    for (; row < rows; ++row) {
      sums_of<1>(t, row, column, kVector * vectors, sums);
      give_rows(t, row, 1, column, sums);
    }
  }
}

// As whole numbers, magnitudes are in order and not-a-number is above all.
float largest(const float* x, std::int64_t count) {
  const hn::ScalableTag<std::int32_t> d;
  const auto lanes = std::int64_t(hn::Lanes(d));
  const auto magnitude = hn::Set(d, 0x7FFFFFFF);
  const auto* bits = reinterpret_cast<const std::int32_t*>(x);
  auto most0 = hn::Zero(d), most1 = hn::Zero(d);
  std::int64_t i = 0;
  for (; i + 2 * lanes <= count; i += 2 * lanes) {
    most0 = hn::Max(most0, hn::And(magnitude, hn::LoadU(d, bits + i)));
    most1 = hn::Max(most1, hn::And(magnitude, hn::LoadU(d, bits + i + lanes)));
  }
  std::int32_t most = hn::GetLane(hn::MaxOfLanes(d, hn::Max(most0, most1)));
  for (; i < count; ++i) most = std::max(most, load_as<std::int32_t>(x + i) & 0x7FFFFFFF);
  return load_as<float>(&most);
}

template <class D>
HWY_INLINE void quantize_at(D d, const float* x, float scale, float low, float high,
                            std::uint8_t* bytes) {
  const hn::Rebind<std::int8_t, D> d8;
  const hn::Rebind<std::uint8_t, D> du8;
  const auto v = hn::Mul(hn::LoadU(d, x), hn::Set(d, scale));
  const auto number = hn::IfThenElseZero(hn::Eq(v, v), v);
  const auto within = hn::Min(hn::Max(number, hn::Set(d, low)), hn::Set(d, high));
  const auto q = hn::DemoteTo(d8, hn::NearestInt(within));
  hn::StoreU(hn::Xor(hn::BitCast(du8, q), hn::Set(du8, 0x80)), du8, bytes);
}

void quantize(const float* x, std::int64_t count, float scale, float low, float high,
              std::uint8_t* bytes) {
  const hn::CappedTag<float, 16> d;
  const hn::CappedTag<float, 1> one;
  const auto lanes = std::int64_t(hn::Lanes(d));
  std::int64_t i = 0;
  for (; i + lanes <= count; i += lanes) quantize_at(d, x + i, scale, low, high, bytes + i);
  if (i < count && count >= lanes) {  // some once more
    i = count - lanes;
    return quantize_at(d, x + i, scale, low, high, bytes + i);
  }
  for (; i < count; ++i) quantize_at(one, x + i, scale, low, high, bytes + i);
}

}  // namespace

Int8Kernels int8_kernels_for_target() { return {tile, nullptr, pack, largest, quantize}; }

}  // namespace keratin::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace keratin::kernels {
HWY_EXPORT(int8_kernels_for_target);

Int8Kernels choose_int8_kernels() {
  Int8Kernels kernels = HWY_DYNAMIC_DISPATCH(int8_kernels_for_target)();
  use_vnni(kernels);
  return kernels;
}

const Int8Kernels& int8_kernels() {
  static const Int8Kernels kernels = choose_int8_kernels();
  return kernels;
}

}  // namespace keratin::kernels
#endif
