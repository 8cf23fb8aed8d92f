// Elementwise functions of float, for each instruction set.
#include "kernels/elementwise_functions.h"
#include "kernels/scalar_functions.h"
#include "kernels/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/elementwise_float.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/elementwise_math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace keratin::kernels::HWY_NAMESPACE {
namespace {

using D = hn::ScalableTag<float>;
using V = hn::VFromD<D>;
using Slot = Elementwise::Slot;
using Step = Elementwise::Step;

HWY_INLINE V one() { return hn::Set(D(), 1.0f); }
template <class M>
HWY_INLINE V one_where(M mask) {
  return hn::IfThenElseZero(mask, one());
}

// A function that the C library computes fast enough, and for every argument.
template <float (*kFn)(float, float, float)>
HWY_INLINE V each(V a, V b) {
  const D d;
  HWY_ALIGN float x[hn::MaxLanes(d)], y[hn::MaxLanes(d)];
  hn::Store(a, d, x);
  hn::Store(b, d, y);
  for (std::size_t i = 0; i < hn::Lanes(d); ++i) x[i] = kFn(x[i], y[i], 0.0f);
  return hn::Load(d, x);
}

// The functions by name, as in the table of program.h.
struct Functions {
  static HWY_INLINE V copy(V a, V, V) { return a; }
  static HWY_INLINE V add(V a, V b, V) { return hn::Add(a, b); }
  static HWY_INLINE V subtract(V a, V b, V) { return hn::Sub(a, b); }
  static HWY_INLINE V multiply(V a, V b, V) { return hn::Mul(a, b); }
  static HWY_INLINE V divide(V a, V b, V) { return hn::Div(a, b); }
  static HWY_INLINE V maximum(V a, V b, V) {
    return hn::IfThenElse(hn::Or(hn::Gt(a, b), hn::IsNaN(a)), a, b);
  }
  static HWY_INLINE V minimum(V a, V b, V) {
    return hn::IfThenElse(hn::Or(hn::Lt(a, b), hn::IsNaN(a)), a, b);
  }
  static HWY_INLINE V power(V a, V b, V) { return each<scalar::power<float>>(a, b); }
  static HWY_INLINE V fmod(V a, V b, V) { return each<scalar::fmod<float>>(a, b); }
  static HWY_INLINE V atan2(V a, V b, V) { return each<scalar::atan2<float>>(a, b); }
  static HWY_INLINE V sin(V a, V, V) { return each<scalar::sin<float>>(a, a); }
  static HWY_INLINE V cos(V a, V, V) { return each<scalar::cos<float>>(a, a); }
  static HWY_INLINE V negative(V a, V, V) { return hn::Neg(a); }
  static HWY_INLINE V abs(V a, V, V) { return hn::Abs(a); }
  static HWY_INLINE V sign(V a, V, V) {
    const V zero = hn::Zero(D());
    return hn::IfThenElse(hn::Gt(a, zero), one(),
                          hn::IfThenElse(hn::Lt(a, zero), hn::Neg(one()), a));
  }
  static HWY_INLINE V square(V a, V, V) { return hn::Mul(a, a); }
  static HWY_INLINE V sqrt(V a, V, V) { return hn::Sqrt(a); }
  static HWY_INLINE V rsqrt(V a, V, V) { return hn::Div(one(), hn::Sqrt(a)); }
  static HWY_INLINE V reciprocal(V a, V, V) { return hn::Div(one(), a); }
  static HWY_INLINE V exp(V a, V, V) { return HWY_NAMESPACE::exp(D(), a); }
  static HWY_INLINE V expm1(V a, V, V) { return HWY_NAMESPACE::expm1(D(), a); }
  static HWY_INLINE V log(V a, V, V) { return HWY_NAMESPACE::log(D(), a); }
  static HWY_INLINE V log1p(V a, V, V) { return HWY_NAMESPACE::log1p(D(), a); }
  static HWY_INLINE V tanh(V a, V, V) { return HWY_NAMESPACE::tanh(D(), a); }
  static HWY_INLINE V sigmoid(V a, V, V) { return HWY_NAMESPACE::sigmoid(D(), a); }
  static HWY_INLINE V softplus(V a, V, V) { return HWY_NAMESPACE::softplus(D(), a); }
  static HWY_INLINE V relu(V a, V, V) {
    return hn::IfThenElse(hn::Lt(a, hn::Zero(D())), hn::Zero(D()), a);
  }
  static HWY_INLINE V erf(V a, V, V) { return HWY_NAMESPACE::erf(D(), a); }
  static HWY_INLINE V gelu(V a, V, V) { return HWY_NAMESPACE::gelu(D(), a); }
  static HWY_INLINE V gelu_slope(V a, V, V) { return HWY_NAMESPACE::gelu_slope(D(), a); }
  static HWY_INLINE V floor(V a, V, V) { return hn::Floor(a); }
  static HWY_INLINE V round(V a, V, V) { return hn::Round(a); }
  static HWY_INLINE V equal(V a, V b, V) { return one_where(hn::Eq(a, b)); }
  static HWY_INLINE V not_equal(V a, V b, V) { return hn::IfThenZeroElse(hn::Eq(a, b), one()); }
  static HWY_INLINE V greater(V a, V b, V) { return one_where(hn::Gt(a, b)); }
  static HWY_INLINE V greater_equal(V a, V b, V) { return one_where(hn::Ge(a, b)); }
  static HWY_INLINE V less(V a, V b, V) { return one_where(hn::Lt(a, b)); }
  static HWY_INLINE V less_equal(V a, V b, V) { return one_where(hn::Le(a, b)); }
  static HWY_INLINE V is_finite(V a, V, V) {
    return one_where(hn::Eq(hn::Sub(a, a), hn::Zero(D())));
  }
  static HWY_INLINE V where(V a, V b, V c) {
    return hn::IfThenElse(hn::Eq(a, hn::Zero(D())), c, b);
  }
  static HWY_INLINE V where_positive(V a, V b, V c) {
    return hn::IfThenElse(hn::Gt(a, hn::Zero(D())), b, c);
  }
  static HWY_INLINE V clip(V a, V low, V high) { return minimum(maximum(a, low, low), high, high); }
  static HWY_INLINE V share_of_clip(V a, V low, V high) {
    const V inside = one_where(hn::And(hn::Gt(a, low), hn::Lt(a, high)));
    return hn::IfThenElse(hn::Or(hn::Eq(a, low), hn::Eq(a, high)), hn::Set(D(), 0.5f), inside);
  }
  static HWY_INLINE V share_of_extreme(V a, V extreme, V b) {
    const V part = hn::IfThenElse(hn::Eq(b, extreme), hn::Set(D(), 0.5f), one());
    return hn::IfThenElseZero(hn::Eq(a, extreme), part);
  }
  static HWY_INLINE V log_or_zero(V a, V, V) {
    return hn::IfThenElse(hn::Eq(a, hn::Zero(D())), a, HWY_NAMESPACE::log(D(), a));
  }
};

using Fn3 = V (*)(V, V, V);
template <Fn3 kFn, int kArity>
void apply(const Slot* slots, const Step& step, void* to, std::size_t n) {
  const D d;
  const auto operand = [&](int k) { return slots[step.operands[k < kArity ? k : 0]]; };
  const Slot sa = operand(0), sb = operand(1), sc = operand(2);
  const auto* a = static_cast<const float*>(sa.p);
  const auto* b = static_cast<const float*>(sb.p);
  const auto* c = static_cast<const float*>(sc.p);
  auto* out = static_cast<float*>(to);
  for (std::size_t i = 0; i < n; i += hn::Lanes(d)) {
    const V va = hn::LoadU(d, a + (i & sa.mask));
    const V vb = kArity > 1 ? hn::LoadU(d, b + (i & sb.mask)) : va;
    const V vc = kArity > 2 ? hn::LoadU(d, c + (i & sc.mask)) : va;
    hn::StoreU(kFn(va, vb, vc), d, out + i);
  }
}

}  // namespace

const Elementwise::BlockFn* functions() {
  static constexpr Elementwise::BlockFn kFunctions[] = {
#define KERATIN_X(name, arity) apply<Functions::name, arity>,
      KERATIN_ELEMENTWISE_FUNCTIONS(KERATIN_X)
#undef KERATIN_X
  };
  return kFunctions;
}

}  // namespace keratin::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace keratin::kernels {

HWY_EXPORT(functions);
const Elementwise::BlockFn* float_functions() { return HWY_DYNAMIC_DISPATCH(functions)(); }

}  // namespace keratin::kernels
#endif
