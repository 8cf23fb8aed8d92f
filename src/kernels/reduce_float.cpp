// Reductions of floats, for each instruction set. Blocks of at most kBlock elements (rows, in
// columns) are reduced in float, in several lanes and accumulators; what comes of them is joined in
// double.
#include "kernels/reduce_merge.h"
#include "kernels/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/reduce_float.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace keratin::kernels::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
using D = hn::ScalableTag<float>;
using V = hn::VFromD<D>;

struct Sum {
  static constexpr Reduction kKind = Reduction::kSum;
  static HWY_INLINE V join(V a, V b) { return hn::Add(a, b); }
  static float join(float a, float b) { return a + b; }
};
struct Prod {
  static constexpr Reduction kKind = Reduction::kProd;
  static HWY_INLINE V join(V a, V b) { return hn::Mul(a, b); }
  static float join(float a, float b) { return a * b; }
};
struct Max {
  static constexpr Reduction kKind = Reduction::kMax;
  static HWY_INLINE V join(V a, V b) {
    return hn::IfThenElse(hn::Or(hn::Gt(a, b), hn::IsNaN(a)), a, b);
  }
  static float join(float a, float b) { return larger(a, b); }
};
struct Min {
  static constexpr Reduction kKind = Reduction::kMin;
  static HWY_INLINE V join(V a, V b) {
    return hn::IfThenElse(hn::Or(hn::Lt(a, b), hn::IsNaN(a)), a, b);
  }
  static float join(float a, float b) { return smaller(a, b); }
};

struct Same {
  HWY_INLINE V operator()(V x) const { return x; }
  float operator()(float x) const { return x; }
};
struct SquaredDistance {
  float mean;
  HWY_INLINE V operator()(V x) const {
    const V distance = hn::Sub(x, hn::Set(D(), mean));
    return hn::Mul(distance, distance);
  }
  float operator()(float x) const { return (x - mean) * (x - mean); }
};

constexpr std::int64_t kBlock = 1024;  // elements of a row
constexpr std::int64_t kRows = 64;     // rows of columns

template <class R, class Map>
HWY_INLINE double reduce_block(const float* x, std::int64_t n, Map map) {
  const D d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  const auto start = static_cast<float>(reduction_start(R::kKind));
  float rest = start;
  std::int64_t i = 0;
  if (n >= lanes) {
    V v0 = hn::Set(d, start), v1 = v0, v2 = v0, v3 = v0;
    for (; i + 4 * lanes <= n; i += 4 * lanes) {
      v0 = R::join(v0, map(hn::LoadU(d, x + i)));
      v1 = R::join(v1, map(hn::LoadU(d, x + i + lanes)));
      v2 = R::join(v2, map(hn::LoadU(d, x + i + 2 * lanes)));
      v3 = R::join(v3, map(hn::LoadU(d, x + i + 3 * lanes)));
    }
    for (; i + lanes <= n; i += lanes) v0 = R::join(v0, map(hn::LoadU(d, x + i)));
    HWY_ALIGN float lane[hn::MaxLanes(d)];
    hn::Store(R::join(R::join(v0, v1), R::join(v2, v3)), d, lane);
    for (std::int64_t half = lanes / 2; half > 0; half /= 2)
      for (std::int64_t k = 0; k < half; ++k) lane[k] = R::join(lane[k], lane[k + half]);
    rest = lane[0];
  }
  for (; i < n; ++i) rest = R::join(rest, map(x[i]));
  return rest;
}

template <class R>
void row(const void* from, std::int64_t n, double& a, double& b, std::int64_t seen) {
  const auto* x = static_cast<const float*>(from);
  for (std::int64_t i = 0; i < n; i += kBlock) {
    const std::int64_t length = HWY_MIN(kBlock, n - i);
    merge(R::kKind, a, b, seen + i, reduce_block<R>(x + i, length, Same()), 0, length);
  }
}

// The squares are taken about the block's mean, as rounded to float, and then moved to the true
// one.
HWY_INLINE void merge_block(double& a, double& b, std::int64_t seen, float about, double sum,
                            double squares, std::int64_t n) {
  const auto count = static_cast<double>(n);
  const double shift = sum / count - static_cast<double>(about);
  const double corrected = squares - shift * shift * count;
  merge_moments(a, b, seen, sum / count, corrected < 0 ? 0 : corrected, n);
}

void row_moments(const void* from, std::int64_t n, double& a, double& b, std::int64_t seen) {
  const auto* x = static_cast<const float*>(from);
  for (std::int64_t i = 0; i < n; i += kBlock) {
    const std::int64_t length = HWY_MIN(kBlock, n - i);
    const double sum = reduce_block<Sum>(x + i, length, Same());
    const auto mean = static_cast<float>(sum / static_cast<double>(length));
    const double squares = reduce_block<Sum>(x + i, length, SquaredDistance{mean});
    merge_block(a, b, seen + i, mean, sum, squares, length);
  }
}

// One block of rows; `a` is joined with the result.
template <class R>
HWY_INLINE void reduce_columns(const float* x, std::int64_t rows, std::int64_t stride,
                               std::int64_t width, double* a) {
  const D d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  const auto start = static_cast<float>(reduction_start(R::kKind));
  HWY_ALIGN float lane[2 * hn::MaxLanes(d)];
  double unused = 0;
  std::int64_t i = 0;
  for (; i + 2 * lanes <= width; i += 2 * lanes) {
    V v0 = hn::Set(d, start), v1 = v0;
    const float* p = x + i;
    for (std::int64_t r = 0; r < rows; ++r, p += stride) {
      v0 = R::join(v0, hn::LoadU(d, p));
      v1 = R::join(v1, hn::LoadU(d, p + lanes));
    }
    hn::Store(v0, d, lane);
    hn::Store(v1, d, lane + lanes);
    for (std::int64_t k = 0; k < 2 * lanes; ++k)
      merge(R::kKind, a[i + k], unused, 0, lane[k], 0, 1);
  }
  for (; i + lanes <= width; i += lanes) {
    V v0 = hn::Set(d, start);
    const float* p = x + i;
    for (std::int64_t r = 0; r < rows; ++r, p += stride) v0 = R::join(v0, hn::LoadU(d, p));
    hn::Store(v0, d, lane);
    for (std::int64_t k = 0; k < lanes; ++k) merge(R::kKind, a[i + k], unused, 0, lane[k], 0, 1);
  }
  for (; i < width; ++i) {
    float v = start;
    const float* p = x + i;
    for (std::int64_t r = 0; r < rows; ++r, p += stride) v = R::join(v, *p);
    merge(R::kKind, a[i], unused, 0, v, 0, 1);
  }
}

template <class R>
void columns(const void* from, std::int64_t rows, std::int64_t stride, std::int64_t width,
             double* a, double*, std::int64_t) {
  const auto* x = static_cast<const float*>(from);
  for (std::int64_t r = 0; r < rows; r += kRows)
    reduce_columns<R>(x + r * stride, HWY_MIN(kRows, rows - r), stride, width, a);
}

void column_moments(const void* from, std::int64_t rows, std::int64_t stride, std::int64_t width,
                    double* a, double* b, std::int64_t seen) {
  constexpr std::int64_t kWidth = 64;
  const auto* x = static_cast<const float*>(from);
  for (std::int64_t r = 0; r < rows; r += kRows) {
    const std::int64_t n = HWY_MIN(kRows, rows - r);
    for (std::int64_t i = 0; i < width; i += kWidth) {
      const std::int64_t w = HWY_MIN(kWidth, width - i);
      const float* block = x + r * stride + i;
      double sum[kWidth] = {};
      float mean[kWidth], squares[kWidth] = {};
      reduce_columns<Sum>(block, n, stride, w, sum);
      for (std::int64_t k = 0; k < w; ++k)
        mean[k] = static_cast<float>(sum[k] / static_cast<double>(n));
      for (std::int64_t j = 0; j < n; ++j)
        for (std::int64_t k = 0; k < w; ++k) {
          const float distance = block[j * stride + k] - mean[k];
          squares[k] += distance * distance;
        }
      for (std::int64_t k = 0; k < w; ++k)
        merge_block(a[i + k], b[i + k], seen + r, mean[k], sum[k], static_cast<double>(squares[k]),
                    n);
    }
  }
}

}  // namespace

Reduce::Functions functions(Reduction kind) {
  switch (kind) {
    case Reduction::kSum:
    case Reduction::kMean:
      return {row<Sum>, columns<Sum>};
    case Reduction::kProd:
      return {row<Prod>, columns<Prod>};
    case Reduction::kMax:
      return {row<Max>, columns<Max>};
    case Reduction::kMin:
      return {row<Min>, columns<Min>};
    case Reduction::kMoments:
      break;
  }
  return {row_moments, column_moments};
}

}  // namespace keratin::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace keratin::kernels {

HWY_EXPORT(functions);
Reduce::Functions float_reduction(Reduction kind) { return HWY_DYNAMIC_DISPATCH(functions)(kind); }

}  // namespace keratin::kernels
#endif
