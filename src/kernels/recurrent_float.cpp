// The steps of recurrent layers in float, for each instruction set.
#include "kernels/recurrent_rows.h"
#include "kernels/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/recurrent_float.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/each-inl.h"
#include "kernels/elementwise_math-inl.h"
#include "kernels/recurrent_rows-inl.h"

HWY_BEFORE_NAMESPACE();
namespace keratin::kernels::HWY_NAMESPACE {
namespace {

template <class D>
struct Vectors {
  using V = hn::VFromD<D>;
  D d;

  HWY_INLINE V set(double x) const { return hn::Set(d, float(x)); }
  HWY_INLINE V load(const float* p) const { return hn::LoadU(d, p); }
  HWY_INLINE void store(V v, float* p) const { hn::StoreU(v, d, p); }
  HWY_INLINE V add(V a, V b) const { return hn::Add(a, b); }
  HWY_INLINE V sub(V a, V b) const { return hn::Sub(a, b); }
  HWY_INLINE V mul(V a, V b) const { return hn::Mul(a, b); }
  HWY_INLINE V add_product(V a, V b, V c) const { return hn::MulAdd(b, c, a); }
  HWY_INLINE V tanh(V x) const { return HWY_NAMESPACE::tanh(d, x); }
  HWY_INLINE V sigmoid(V x) const { return HWY_NAMESPACE::sigmoid(d, x); }
  HWY_INLINE V positive(V x) const { return hn::Max(x, hn::Zero(d)); }
  HWY_INLINE V clamp(V x) const { return hn::Min(positive(x), set(1)); }
  HWY_INLINE V where_positive(V y, V x) const {
    return hn::IfThenElseZero(hn::Gt(y, hn::Zero(d)), x);
  }
  HWY_INLINE V where_inside(V y, V x) const {
    return hn::IfThenElseZero(hn::And(hn::Gt(y, hn::Zero(d)), hn::Lt(y, set(1))), x);
  }
};

struct Math {
  using T = float;
  template <class Step>
  static HWY_INLINE void each(std::int64_t count, const Step& step) {
    HWY_NAMESPACE::each(count, [&](auto d, std::int64_t i) { step(Vectors<decltype(d)>{d}, i); });
  }
};

void row_product(const float* HWY_RESTRICT a, std::int64_t k, const float* HWY_RESTRICT panels,
                 std::int64_t stride, float* HWY_RESTRICT c, bool add) {
  const hn::ScalableTag<float> d;
  constexpr std::int64_t kLanes = hn::MaxLanes(d);
  hn::VFromD<decltype(d)> sum[8];
#pragma GCC unroll 8
  for (int i = 0; i < 8; ++i) sum[i] = add ? hn::LoadU(d, c + i * kLanes) : hn::Zero(d);
  for (std::int64_t p = 0; p < k; ++p, panels += 2 * kLanes) {
    const auto x = hn::Set(d, a[p]);
#pragma GCC unroll 8
    for (int i = 0; i < 8; ++i)
      sum[i] = hn::MulAdd(x, hn::LoadU(d, panels + i / 2 * stride + i % 2 * kLanes), sum[i]);
  }
#pragma GCC unroll 8
  for (int i = 0; i < 8; ++i) hn::StoreU(sum[i], d, c + i * kLanes);
}

}  // namespace

RowProduct row_product_for_target() { return row_product; }
RecurrentRows<float> rows_for_target() { return recurrent_rows<Math>(); }

}  // namespace keratin::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace keratin::kernels {
HWY_EXPORT(rows_for_target);
HWY_EXPORT(row_product_for_target);

RowProduct recurrent_row_product() {
  static const RowProduct product = HWY_DYNAMIC_DISPATCH(row_product_for_target)();
  return product;
}

const RecurrentRows<float>& recurrent_rows_float() {
  static const RecurrentRows<float> rows = HWY_DYNAMIC_DISPATCH(rows_for_target)();
  return rows;
}

}  // namespace keratin::kernels
#endif
