// Transcendental functions of float vectors, to within 2 units in the last place; special values as
// in IEEE 754 and C. Coefficients are minimax fits made for these intervals.
// Included once for each instruction set.
#if defined(KERATIN_KERNELS_ELEMENTWISE_MATH_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef KERATIN_KERNELS_ELEMENTWISE_MATH_INL_H_
#undef KERATIN_KERNELS_ELEMENTWISE_MATH_INL_H_
#else
#define KERATIN_KERNELS_ELEMENTWISE_MATH_INL_H_
#endif

#include <hwy/highway.h>

#include <limits>

HWY_BEFORE_NAMESPACE();
namespace keratin::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// c0 + x (c1 + x (c2 + ...)).
template <class D, class V>
HWY_INLINE V polynomial(D d, V, float c0) {
  return hn::Set(d, c0);
}
template <class D, class V, class... C>
HWY_INLINE V polynomial(D d, V x, float c0, C... more) {
  return hn::MulAdd(polynomial(d, x, more...), x, hn::Set(d, c0));
}

// 2^n for integer n in -126 .. 127.
template <class D, class VI>
HWY_INLINE hn::VFromD<D> power_of_two(D d, VI n) {
  const hn::RebindToSigned<D> di;
  return hn::BitCast(d, hn::ShiftLeft<23>(hn::Add(n, hn::Set(di, 127))));
}

// x = n ln 2 + r with |r| <= ln 2 / 2; gives n and e^r - 1.
template <class D, class V>
HWY_INLINE V expm1_reduced(D d, V x, V& n) {
  n = hn::Round(hn::Mul(x, hn::Set(d, 1.44269504088896341f)));
  V r = hn::NegMulAdd(n, hn::Set(d, 0.693359375f), x);  // n times this is exact
  r = hn::NegMulAdd(n, hn::Set(d, -2.12194440e-4f), r);
  const V p = polynomial(d, r, 5.000000000e-01f, 1.666666567e-01f, 4.166635871e-02f,
                         8.333389647e-03f, 1.394072082e-03f, 1.984588453e-04f);
  return hn::MulAdd(hn::Mul(r, r), p, r);
}

template <class D, class V>
HWY_INLINE V exp(D d, V x) {
  const hn::RebindToSigned<D> di;
  const V low = hn::Set(d, -104.0f), high = hn::Set(d, 89.0f);
  x = hn::IfThenElse(hn::Lt(x, low), low, x);  // so that not-a-number stays
  x = hn::IfThenElse(hn::Gt(x, high), high, x);
  V n;
  const V q = expm1_reduced(d, x, n);
  // In two steps: 2^n alone may be out of range where the result is not.
  const auto i = hn::ConvertTo(di, n);
  const auto half = hn::ShiftRight<1>(i);
  const V y = hn::Add(hn::Set(d, 1.0f), q);
  return hn::Mul(hn::Mul(y, power_of_two(d, half)), power_of_two(d, hn::Sub(i, half)));
}

template <class D, class V>
HWY_INLINE V expm1(D d, V x) {
  const hn::RebindToSigned<D> di;
  const V low = hn::Set(d, -30.0f), high = hn::Set(d, 89.0f), original = x;
  x = hn::IfThenElse(hn::Lt(x, low), low, x);
  x = hn::IfThenElse(hn::Gt(x, high), high, x);
  V n;
  const V q = expm1_reduced(d, x, n);
  const V half = hn::Set(d, 0.5f);
  const V scale = power_of_two(d, hn::Sub(hn::ConvertTo(di, n), hn::Set(di, 1)));  // 2^(n-1)
  const V y = hn::MulAdd(q, scale, hn::Sub(scale, half));
  const V result = hn::Add(y, y);
  // Tiny arguments are their own result; this also keeps the sign of zero.
  return hn::IfThenElse(hn::Lt(hn::Abs(original), hn::Set(d, 1e-12f)), original, result);
}

// log(m 2^e) for m = 1 + f in [sqrt(1/2), sqrt(2)): of normal, positive numbers.
template <class D, class V>
HWY_INLINE V log_normal(D d, V x, V e) {
  const hn::RebindToSigned<D> di;
  const auto bits = hn::BitCast(di, x);
  const auto offset = hn::Sub(bits, hn::Set(di, 0x3f3504f3));  // from sqrt(1/2) up
  const auto exponent = hn::ShiftRight<23>(offset);
  e = hn::Add(e, hn::ConvertTo(d, exponent));
  const V m = hn::BitCast(d, hn::Sub(bits, hn::ShiftLeft<23>(exponent)));
  const V f = hn::Sub(m, hn::Set(d, 1.0f));
  const V ff = hn::Mul(f, f);
  const V p = polynomial(d, f, 3.333331347e-01f, -2.500000894e-01f, 2.000211924e-01f,
                         -1.666799635e-01f, 1.421955079e-01f, -1.240559146e-01f, 1.188817471e-01f,
                         -1.167564094e-01f, 6.746601313e-02f);
  V y = hn::Mul(hn::Mul(ff, f), p);
  y = hn::MulAdd(e, hn::Set(d, -2.12194440e-4f), y);
  y = hn::NegMulAdd(hn::Set(d, 0.5f), ff, y);
  return hn::MulAdd(e, hn::Set(d, 0.693359375f), hn::Add(f, y));
}

template <class D, class V>
HWY_INLINE V log(D d, V x) {
  const V zero = hn::Zero(d), infinity = hn::Set(d, std::numeric_limits<float>::infinity());
  const auto tiny =
      hn::Lt(x, hn::Set(d, std::numeric_limits<float>::min()));  // not normal, or below 0
  const V scaled = hn::IfThenElse(tiny, hn::Mul(x, hn::Set(d, 0x1p25f)), x);
  V y = log_normal(d, scaled, hn::IfThenElseZero(tiny, hn::Set(d, -25.0f)));
  y = hn::IfThenElse(hn::Lt(x, infinity), y, x);  // infinity and not-a-number are their own
  y = hn::IfThenElse(hn::Lt(x, zero), hn::Set(d, std::numeric_limits<float>::quiet_NaN()), y);
  return hn::IfThenElse(hn::Eq(x, zero), hn::Neg(infinity), y);
}

// log(1 + x) = log u + what is lost in u = 1 + x, to first order.
template <class D, class V>
HWY_INLINE V log1p(D d, V x) {
  const V one = hn::Set(d, 1.0f);
  const V u = hn::Add(one, x);
  const V lost = hn::Sub(x, hn::Sub(u, one));
  const V y = hn::Add(log(d, u), hn::Div(lost, u));
  // Where u is 1, x is its own result; where u is 0 or infinite, nothing was lost.
  const auto exact = hn::Or(hn::Eq(hn::Abs(u), hn::Set(d, std::numeric_limits<float>::infinity())),
                            hn::Eq(u, hn::Zero(d)));
  return hn::IfThenElse(hn::Eq(u, one), x, hn::IfThenElse(exact, log(d, u), y));
}

template <class D, class V>
HWY_INLINE V tanh(D d, V x) {
  const V limit = hn::Set(d, 10.0f);  // tanh(10) is 1
  const V magnitude = hn::Abs(x);
  const V a = hn::IfThenElse(hn::Gt(magnitude, limit), limit, magnitude);
  const V e = expm1(d, hn::Add(a, a));
  const V y = hn::CopySign(hn::Div(e, hn::Add(e, hn::Set(d, 2.0f))), x);
  return hn::IfThenElse(hn::Lt(magnitude, hn::Set(d, 1e-4f)), x, y);
}

template <class D, class V>
HWY_INLINE V sigmoid(D d, V x) {
  const V one = hn::Set(d, 1.0f);
  const V e = exp(d, hn::Neg(hn::Abs(x)));
  return hn::Div(hn::IfThenElse(hn::Lt(x, hn::Zero(d)), e, one), hn::Add(one, e));
}

template <class D, class V>
HWY_INLINE V softplus(D d, V x) {
  const V positive = hn::IfThenElse(hn::Lt(x, hn::Zero(d)), hn::Zero(d), x);
  return hn::Add(positive, log1p(d, exp(d, hn::Neg(hn::Abs(x)))));
}

// Below 1 a polynomial in x^2; above, 1 - exp(-p(x)).
template <class D, class V>
HWY_INLINE V erf(D d, V x) {
  const V a = hn::Abs(x), xx = hn::Mul(x, x), one = hn::Set(d, 1.0f), limit = hn::Set(d, 4.0f);
  const V small = hn::Mul(
      x, polynomial(d, xx, 1.128379107e+00f, -3.761262596e-01f, 1.128358543e-01f, -2.685381472e-02f,
                    5.188333802e-03f, -8.010242018e-04f, 7.854009164e-05f));
  const V b = hn::IfThenElse(hn::Gt(a, limit), limit, a);
  const V p = polynomial(d, b, 2.447135921e-04f, 1.127475023e+00f, 6.375170350e-01f,
                         1.036403254e-01f, -2.208764292e-02f, 3.008537460e-03f, -1.924260723e-04f);
  const V large = hn::CopySign(hn::Sub(one, exp(d, hn::Neg(p))), x);
  return hn::IfThenElse(hn::Ge(a, one), large, small);
}

// The normal distribution function of x is half of 1 + erf(x / sqrt 2).
template <class D, class V>
HWY_INLINE V twice_normal(D d, V x) {
  return hn::Add(hn::Set(d, 1.0f), erf(d, hn::Mul(x, hn::Set(d, 0.70710678118654752f))));
}

template <class D, class V>
HWY_INLINE V gelu(D d, V x) {
  return hn::Mul(hn::Mul(hn::Set(d, 0.5f), x), twice_normal(d, x));
}

template <class D, class V>
HWY_INLINE V gelu_slope(D d, V x) {
  const V density = exp(d, hn::Mul(hn::Mul(x, x), hn::Set(d, -0.5f)));
  return hn::MulAdd(hn::Mul(x, hn::Set(d, 0.39894228040143268f)), density,
                    hn::Mul(hn::Set(d, 0.5f), twice_normal(d, x)));
}

}  // namespace keratin::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
