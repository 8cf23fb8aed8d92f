#include "kernels/softmax.h"

#include "kernels/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/softmax.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/elementwise_math-inl.h"

#ifndef KERATIN_KERNELS_SOFTMAX_CPP_
#define KERATIN_KERNELS_SOFTMAX_CPP_
namespace keratin::kernels {

// What the rest of a row is filled up with to a whole vector: its exponential is 0.
inline constexpr float kNothing = -std::numeric_limits<float>::infinity();

}  // namespace keratin::kernels
#endif

HWY_BEFORE_NAMESPACE();
namespace keratin::kernels::HWY_NAMESPACE {
namespace {

using D = hn::ScalableTag<float>;
using V = hn::VFromD<D>;

HWY_INLINE V larger(V a, V b) { return hn::IfThenElse(hn::Or(hn::Gt(a, b), hn::IsNaN(a)), a, b); }

// The last n % lanes elements, filled up.
HWY_INLINE V load_rest(const float* x, std::int64_t n) {
  const D d;
  HWY_ALIGN float lane[hn::MaxLanes(d)];
  hn::Store(hn::Set(d, kNothing), d, lane);
  for (std::int64_t k = 0; k < n; ++k) lane[k] = x[k];
  return hn::Load(d, lane);
}
HWY_INLINE void store_rest(V v, float* out, std::int64_t n) {
  const D d;
  HWY_ALIGN float lane[hn::MaxLanes(d)];
  hn::Store(v, d, lane);
  for (std::int64_t k = 0; k < n; ++k) out[k] = lane[k];
}

HWY_INLINE float largest(const float* x, std::int64_t n) {
  const D d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  V v = hn::Set(d, kNothing);
  std::int64_t i = 0;
  for (; i + lanes <= n; i += lanes) v = larger(v, hn::LoadU(d, x + i));
  if (i < n) v = larger(v, load_rest(x + i, n - i));
  HWY_ALIGN float lane[hn::MaxLanes(d)];
  hn::Store(v, d, lane);
  float result = lane[0];
  for (std::int64_t k = 1; k < lanes; ++k)
    if (lane[k] > result || lane[k] != lane[k]) result = lane[k];
  return result;
}

// Writes exp(x - top), or x - top itself if kLog, and gives the sum of the exponentials.
template <bool kLog>
HWY_INLINE double shifted_exponentials(const float* x, std::int64_t n, float top, float* out) {
  constexpr std::int64_t kBlock = 1024;
  const D d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  const V about = hn::Set(d, top);
  double sum = 0;
  for (std::int64_t block = 0; block < n; block += kBlock) {
    const std::int64_t end = HWY_MIN(n, block + kBlock);
    V total = hn::Zero(d);
    std::int64_t i = block;
    for (; i + lanes <= end; i += lanes) {
      const V shifted = hn::Sub(hn::LoadU(d, x + i), about), e = exp(d, shifted);
      total = hn::Add(total, e);
      hn::StoreU(kLog ? shifted : e, d, out + i);
    }
    if (i < end) {
      const V shifted = hn::Sub(load_rest(x + i, end - i), about), e = exp(d, shifted);
      total = hn::Add(total, e);
      store_rest(kLog ? shifted : e, out + i, end - i);
    }
    sum += static_cast<double>(hn::GetLane(hn::SumOfLanes(d, total)));
  }
  return sum;
}

}  // namespace

void softmax_row(const float* x, std::int64_t n, float* out) {
  const D d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  const auto sum = static_cast<float>(shifted_exponentials<false>(x, n, largest(x, n), out));
  const V divisor = hn::Set(d, sum);
  std::int64_t i = 0;
  for (; i + lanes <= n; i += lanes)
    hn::StoreU(hn::Div(hn::LoadU(d, out + i), divisor), d, out + i);
  for (; i < n; ++i) out[i] /= sum;
}

void log_softmax_row(const float* x, std::int64_t n, float* out) {
  const D d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  const auto sum = static_cast<float>(shifted_exponentials<true>(x, n, largest(x, n), out));
  const V offset = log(d, hn::Set(d, sum));
  std::int64_t i = 0;
  for (; i + lanes <= n; i += lanes) hn::StoreU(hn::Sub(hn::LoadU(d, out + i), offset), d, out + i);
  for (; i < n; ++i) out[i] -= hn::GetLane(offset);
}

// x = exp(scale x - top) times inverse, and the sum of the exponentials.
HWY_INLINE float scaled_exponentials(float* x, std::int64_t n, float scale, float top,
                                     float inverse) {
  const D d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  const V factor = hn::Set(d, scale), about = hn::Set(d, top), times = hn::Set(d, inverse);
  V total = hn::Zero(d);
  std::int64_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    const V e = exp(d, hn::Sub(hn::Mul(hn::LoadU(d, x + i), factor), about));
    total = hn::Add(total, e);
    hn::StoreU(hn::Mul(e, times), d, x + i);
  }
  if (i < n) {
    // What fills up the vector is `top` less infinity whatever the sign of the scale.
    HWY_ALIGN float lane[hn::MaxLanes(d)];
    hn::Store(hn::Set(d, kNothing), d, lane);
    for (std::int64_t k = 0; i + k < n; ++k) lane[k] = x[i + k] * scale;
    const V e = exp(d, hn::Sub(hn::Load(d, lane), about));
    total = hn::Add(total, hn::IfThenElseZero(hn::FirstN(d, static_cast<std::size_t>(n - i)), e));
    store_rest(hn::Mul(e, times), x + i, n - i);
  }
  return hn::GetLane(hn::SumOfLanes(d, total));
}

void softmax_scaled_row(float* x, std::int64_t n, float scale, float* kept) {
  const D d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  float top;
  if (scale < 0) {
    top = x[0] * scale;
    for (std::int64_t i = 1; i < n; ++i) top = HWY_MAX(top, x[i] * scale);
  } else {
    top = largest(x, n) * scale;
  }
  const float inverse = 1 / scaled_exponentials(x, n, scale, top, 1);
  const V times = hn::Set(d, inverse);
  std::int64_t i = 0;
  for (; i + lanes <= n; i += lanes) hn::StoreU(hn::Mul(hn::LoadU(d, x + i), times), d, x + i);
  for (; i < n; ++i) x[i] *= inverse;
  kept[0] = top;
  kept[1] = inverse;
}

void softmax_again_row(float* x, std::int64_t n, float scale, float top, float inverse) {
  scaled_exponentials(x, n, scale, top, inverse);
}

void softmax_scaled_gradient_row(const float* y, std::int64_t n, float scale, float* g) {
  const D d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  V total = hn::Zero(d);
  std::int64_t i = 0;
  for (; i + lanes <= n; i += lanes)
    total = hn::MulAdd(hn::LoadU(d, y + i), hn::LoadU(d, g + i), total);
  float sum = hn::GetLane(hn::SumOfLanes(d, total));
  for (; i < n; ++i) sum += y[i] * g[i];
  const V mean = hn::Set(d, sum), factor = hn::Set(d, scale);
  for (i = 0; i + lanes <= n; i += lanes) {
    const V centred = hn::Sub(hn::LoadU(d, g + i), mean);
    hn::StoreU(hn::Mul(hn::Mul(hn::LoadU(d, y + i), centred), factor), d, g + i);
  }
  for (; i < n; ++i) g[i] = y[i] * (g[i] - sum) * scale;
}

}  // namespace keratin::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

#include <algorithm>
#include <cmath>
#include <functional>

namespace keratin::kernels {

HWY_EXPORT(softmax_row);
HWY_EXPORT(log_softmax_row);
HWY_EXPORT(softmax_scaled_row);
HWY_EXPORT(softmax_again_row);
HWY_EXPORT(softmax_scaled_gradient_row);

void softmax(const float* x, std::int64_t n, float* out) {
  HWY_DYNAMIC_DISPATCH(softmax_row)(x, n, out);
}
void log_softmax(const float* x, std::int64_t n, float* out) {
  HWY_DYNAMIC_DISPATCH(log_softmax_row)(x, n, out);
}

SoftmaxRow<float> softmax_scaled(float* x, std::int64_t n, float scale) {
  float kept[2];
  HWY_DYNAMIC_DISPATCH(softmax_scaled_row)(x, n, scale, kept);
  return {kept[0], kept[1]};
}
void softmax_again(float* x, std::int64_t n, float scale, SoftmaxRow<float> row) {
  HWY_DYNAMIC_DISPATCH(softmax_again_row)(x, n, scale, row.top, row.inverse);
}
void softmax_scaled_gradient(const float* y, std::int64_t n, float scale, float* d) {
  HWY_DYNAMIC_DISPATCH(softmax_scaled_gradient_row)(y, n, scale, d);
}

SoftmaxRow<double> softmax_scaled(double* x, std::int64_t n, double scale) {
  double top = -HUGE_VAL, sum = 0;
  for (std::int64_t i = 0; i < n; ++i) top = std::max(top, x[i] * scale);
  for (std::int64_t i = 0; i < n; ++i) sum += std::exp(x[i] * scale - top);
  const SoftmaxRow<double> row{top, 1 / sum};
  softmax_again(x, n, scale, row);
  return row;
}
void softmax_again(double* x, std::int64_t n, double scale, SoftmaxRow<double> row) {
  for (std::int64_t i = 0; i < n; ++i) x[i] = std::exp(x[i] * scale - row.top) * row.inverse;
}
void softmax_scaled_gradient(const double* y, std::int64_t n, double scale, double* d) {
  double sum = 0;
  for (std::int64_t i = 0; i < n; ++i) sum += y[i] * d[i];
  for (std::int64_t i = 0; i < n; ++i) d[i] = y[i] * (d[i] - sum) * scale;
}

namespace {

// As std::max_element, but not-a-number is the largest.
double largest(const double* x, std::int64_t n) {
  double top = -HUGE_VAL;
  for (std::int64_t i = 0; i < n; ++i)
    if (x[i] > top || x[i] != x[i]) top = x[i];
  return top;
}

}  // namespace

void softmax(const double* x, std::int64_t n, double* out) {
  const double top = largest(x, n);
  double sum = 0;
  for (std::int64_t i = 0; i < n; ++i) sum += out[i] = std::exp(x[i] - top);
  for (std::int64_t i = 0; i < n; ++i) out[i] /= sum;
}

void log_softmax(const double* x, std::int64_t n, double* out) {
  const double top = largest(x, n);
  double sum = 0;
  for (std::int64_t i = 0; i < n; ++i) sum += std::exp(out[i] = x[i] - top);
  for (std::int64_t i = 0; i < n; ++i) out[i] -= std::log(sum);
}

namespace {

struct Support {
  std::int64_t size;
  double threshold;
};

// Sorts the row downwards. The support is the longest beginning with 1 + k z_k > z_1 + ... + z_k.
// Keras' threshold is (sum of the support's partial sums - 1) / k, where Martins & Astudillo 2016
// have the last partial sum: Keras' is taken.
template <class T>
Support find_support(const T* x, std::int64_t n, T* sorted) {
  std::copy_n(x, n, sorted);
  std::sort(sorted, sorted + n, std::greater<T>());
  double sum = 0, sums = 0;
  std::int64_t size = 0;
  for (std::int64_t k = 0; k < n; ++k) {
    const auto z = static_cast<double>(sorted[k]);
    sum += z;
    if (1 + static_cast<double>(k + 1) * z <= sum) continue;
    ++size;
    sums += sum;
  }
  return {size, (sums - 1) / static_cast<double>(size)};
}

}  // namespace

template <class T>
void sparsemax(const T* x, std::int64_t n, T* out, T* sorted) {
  const double threshold = find_support(x, n, sorted).threshold;
  for (std::int64_t i = 0; i < n; ++i) {
    const T y = static_cast<T>(static_cast<double>(x[i]) - threshold);
    out[i] = y < 0 ? T(0) : y;
  }
}

template <class T>
void sparsemax_gradient(const T* x, const T* d, std::int64_t n, T* dx, T* sorted) {
  const Support support = find_support(x, n, sorted);
  double through_threshold = 0;
  for (std::int64_t i = 0; i < n; ++i) {
    dx[i] = static_cast<double>(x[i]) > support.threshold ? d[i] : T(0);
    through_threshold -= static_cast<double>(dx[i]);
  }
  // The element at place r of the sorted row is in the last size - r of its partial sums.
  for (std::int64_t i = 0; i < n; ++i) {
    std::int64_t place = std::lower_bound(sorted, sorted + n, x[i], std::greater<T>()) - sorted;
    if (place >= support.size) continue;
    place += std::count(x, x + i, x[i]);
    if (place < support.size)
      dx[i] += static_cast<T>(through_threshold * static_cast<double>(support.size - place) /
                              static_cast<double>(support.size));
  }
}

template void sparsemax(const float*, std::int64_t, float*, float*);
template void sparsemax(const double*, std::int64_t, double*, double*);
template void sparsemax_gradient(const float*, const float*, std::int64_t, float*, float*);
template void sparsemax_gradient(const double*, const double*, std::int64_t, double*, double*);

}  // namespace keratin::kernels
#endif
