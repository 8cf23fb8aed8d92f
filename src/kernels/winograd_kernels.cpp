#include "kernels/winograd_kernels.h"

#include "kernels/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/winograd_kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace keratin::kernels::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// The products of a matrix with a column: B^T, A^T, A, G and G^T.
struct Input {
  static constexpr int kFrom = 4, kTo = 4;
  template <class V>
  HWY_INLINE void operator()(const V* x, V* y) const {
    y[0] = hn::Sub(x[0], x[2]);
    y[1] = hn::Add(x[1], x[2]);
    y[2] = hn::Sub(x[2], x[1]);
    y[3] = hn::Sub(x[1], x[3]);
  }
};

struct Output {
  static constexpr int kFrom = 4, kTo = 2;
  template <class V>
  HWY_INLINE void operator()(const V* x, V* y) const {
    y[0] = hn::Add(x[0], hn::Add(x[1], x[2]));
    y[1] = hn::Sub(hn::Sub(x[1], x[2]), x[3]);
  }
};

struct OutputGradient {
  static constexpr int kFrom = 2, kTo = 4;
  template <class V>
  HWY_INLINE void operator()(const V* x, V* y) const {
    y[0] = x[0];
    y[1] = hn::Add(x[0], x[1]);
    y[2] = hn::Sub(x[0], x[1]);
    y[3] = hn::Neg(x[1]);
  }
};

template <class V>
HWY_INLINE V half(V x) {
  return hn::Mul(x, hn::Set(hn::DFromV<V>(), 0.5f));
}

struct Kernel {
  static constexpr int kFrom = 3, kTo = 4;
  template <class V>
  HWY_INLINE void operator()(const V* x, V* y) const {
    const V sum = hn::Add(x[0], x[2]);
    y[0] = x[0];
    y[1] = half(hn::Add(sum, x[1]));
    y[2] = half(hn::Sub(sum, x[1]));
    y[3] = x[2];
  }
};

struct KernelGradient {
  static constexpr int kFrom = 4, kTo = 3;
  template <class V>
  HWY_INLINE void operator()(const V* x, V* y) const {
    const V sum = half(hn::Add(x[1], x[2]));
    y[0] = hn::Add(x[0], sum);
    y[1] = half(hn::Sub(x[1], x[2]));
    y[2] = hn::Add(sum, x[3]);
  }
};

// M x M^T for the matrix M of `transform`: from(i) and to(i) are where the elements of a square
// lie. Of vectors of squares from element `at` on.
template <class Transform, class D, class From, class To>
HWY_INLINE void both_sides(D d, std::int64_t at, const From& from, const To& to) {
  using V = hn::Vec<D>;
  constexpr int kFrom = Transform::kFrom, kTo = Transform::kTo;
  const Transform transform;
  V half_way[kTo][kFrom];
#pragma GCC unroll 4
  for (int j = 0; j < kFrom; ++j) {
    V column[kFrom], y[kTo];
#pragma GCC unroll 4
    for (int i = 0; i < kFrom; ++i) column[i] = hn::LoadU(d, from(i * kFrom + j) + at);
    transform(column, y);
#pragma GCC unroll 4
    for (int i = 0; i < kTo; ++i) half_way[i][j] = y[i];
  }
#pragma GCC unroll 4
  for (int i = 0; i < kTo; ++i) {
    V y[kTo];
    transform(half_way[i], y);
#pragma GCC unroll 4
    for (int j = 0; j < kTo; ++j) hn::StoreU(y[j], d, to(i * kTo + j) + at);
  }
}

// Of `count` elements, a vector at a time; the last may lie over the one before, and computes the
// same again. Fewer than a vector go one by one.
template <class Transform, class From, class To>
HWY_INLINE void both_sides(std::int64_t count, const From& from, const To& to) {
  const hn::ScalableTag<float> d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  std::int64_t at = 0;
  for (; at + lanes <= count; at += lanes) both_sides<Transform>(d, at, from, to);
  if (at < count && count > lanes) return both_sides<Transform>(d, count - lanes, from, to);
  for (; at < count; ++at) both_sides<Transform>(hn::CappedTag<float, 1>(), at, from, to);
}

template <class Transform>
void gather(const float* const* from, std::int64_t count, float* to, std::int64_t step) {
  both_sides<Transform>(
      count, [&](int i) { return from[i]; }, [&](int i) { return to + i * step; });
}

template <class Transform>
void scatter(const float* from, std::int64_t step, std::int64_t count, float* const* to) {
  both_sides<Transform>(
      count, [&](int i) { return from + i * step; }, [&](int i) { return to[i]; });
}

}  // namespace

WinogradKernels winograd_kernels_for_target() {
  return {gather<Input>, scatter<Output>, gather<OutputGradient>, gather<Kernel>,
          scatter<KernelGradient>};
}

}  // namespace keratin::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace keratin::kernels {
HWY_EXPORT(winograd_kernels_for_target);

const WinogradKernels& winograd_kernels() {
  static const WinogradKernels kernels = HWY_DYNAMIC_DISPATCH(winograd_kernels_for_target)();
  return kernels;
}

}  // namespace keratin::kernels
#endif
