// Functions of each element.
#include <cmath>
#include <limits>
#include <numbers>

#include "core/error.h"
#include "ops/elementwise.h"
#include "ops/integer.h"
#include "ops/named_call.h"
#include "ops/view.h"

namespace keratin::ops {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Integers and bools become float32 first.
template <Value (*fn)(Value)>
Values in_float32(const OpCall& call) {
  return {fn(call.floating())};
}

// Integers stay integers.
template <Value (*fn)(Value)>
Values kept(const OpCall& call) {
  return {in_floats(call.value(), fn)};
}

template <Value (*fn)(Value)>
Values predicate(const OpCall& call) {
  return {cast(fn(widened(call.value())), DType::kBool)};
}

Values itself(const OpCall& call) { return {call.value()}; }

Value ceil(Value x) { return -floor(-x); }
Value trunc(Value x) { return where(less(x, 0.0), ceil(x), floor(x)); }
Value tan(Value x) { return sin(x) / cos(x); }
Value sinh(Value x) { return 0.5 * (expm1(x) - expm1(-x)); }
Value cosh(Value x) { return 0.5 * (exp(x) + exp(-x)); }
Value one_like(Value x) { return x.graph().constant(1.0, x.dtype()); }
Value arctan(Value x) { return atan2(x, one_like(x)); }
Value arcsin(Value x) { return atan2(x, sqrt((1.0 - x) * (1.0 + x))); }
Value arccos(Value x) { return atan2(sqrt((1.0 - x) * (1.0 + x)), x); }
Value arcsinh(Value x) {
  const Value a = abs(x), aa = square(a);
  return sign(x) * log1p(a + aa / (1.0 + sqrt(1.0 + aa)));
}
Value arccosh(Value x) { return log(x + sqrt((x - 1.0) * (x + 1.0))); }
Value arctanh(Value x) { return 0.5 * (log1p(x) - log1p(-x)); }
Value exp2(Value x) { return exp(x * std::numbers::ln2); }
Value log2(Value x) { return log(x) / std::numbers::ln2; }
Value log10(Value x) { return log(x) / std::numbers::ln10; }
Value cbrt(Value x) { return sign(x) * power(abs(x), 1.0 / 3.0); }
Value deg2rad(Value x) { return x * (std::numbers::pi / 180.0); }
Value rad2deg(Value x) { return x * (180.0 / std::numbers::pi); }
Value erfc(Value x) { return 1.0 - erf(x); }

Value sinc(Value x) {
  const Value is_zero = equal(x, 0.0), angle = where(is_zero, 1.0, x) * std::numbers::pi;
  return where(is_zero, 1.0, sin(angle) / angle);
}

Value polynomial(Value x, std::initializer_list<double> highest_first) {
  auto c = highest_first.begin();
  Value y = x * *c++;
  while (c + 1 != highest_first.end()) y = (y + *c++) * x;
  return y + *c;
}

// Giles, "Approximating the erfinv function", 2011: single precision.
Value erfinv(Value x) {
  const Value w = -log1p(-square(x)), is_central = less(w, 5.0);
  const Value inner = where(is_central, w, 0.0) - 2.5;
  const Value outer = sqrt(where(is_central, 5.0, w)) - 3.0;
  const Value central =
      polynomial(inner, {2.81022636e-08, 3.43273939e-07, -3.5233877e-06, -4.39150654e-06,
                         0.00021858087, -0.00125372503, -0.00417768164, 0.246640727, 1.50140941});
  const Value tail =
      polynomial(outer, {-0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844,
                         0.00573950773, -0.0076224613, 0.00943887047, 1.00167406, 2.83297682});
  const Value y = where(is_central, central, tail) * x;
  return where(equal(x, 1.0), kInfinity, where(equal(x, -1.0), -kInfinity, y));
}

// Abramowitz & Stegun 9.8.1 and 9.8.2.
Value i0(Value x) {
  const Value a = abs(x), is_small = less(a, 3.75);
  const Value t = square(where(is_small, a, 0.0) / 3.75), u = 3.75 / where(is_small, 3.75, a);
  const Value small =
      polynomial(t, {0.0045813, 0.0360768, 0.2659732, 1.2067492, 3.0899424, 3.5156229, 1.0});
  const Value large = polynomial(u, {0.00392377, -0.01647633, 0.02635537, -0.02057706, 0.00916281,
                                     -0.00157565, 0.00225319, 0.01328592, 0.39894228});
  const Value b = where(is_small, 3.75, a);
  return where(is_small, small, large * exp(b) / sqrt(b));
}

Value is_nan(Value x) { return not_equal(x, x); }
Value is_inf(Value x) { return equal(abs(x), kInfinity); }
Value is_positive_inf(Value x) { return equal(x, kInfinity); }
Value is_negative_inf(Value x) { return equal(x, -kInfinity); }
Value has_sign(Value x) { return less(where(equal(x, 0.0), 1.0 / x, x), 0.0); }
Value is_zero(Value x) { return equal(x, 0.0); }
Value always(Value x) { return ones_like(x); }

Values bits_inverted(const OpCall& call) {
  const Value x = call.value();
  const double all = x.dtype() == DType::kBool ? 1.0 : -1.0;
  return {integer_function(IntegerFn::kXor, x,
                           cast(x.graph().constant(all, DType::kFloat64), x.dtype()))};
}

Values rounded(const OpCall& call) {
  const std::int64_t decimals = call.integer("decimals");
  const Value x = call.value();
  const double scale = std::pow(10.0, double(std::abs(decimals)));
  if (decimals == 0) return {is_floating(x.dtype()) ? round(x) : x};
  const Value wide = widened(x);
  const Value y = decimals > 0 ? round(wide * scale) / scale : round(wide / scale) * scale;
  return {cast(y, x.dtype())};
}

Values clipped(const OpCall& call) {
  const Value x = call.value();
  const bool whole = call["x_min"].is_number_integer() && call["x_max"].is_number_integer();
  const DType dtype = is_floating(x.dtype())      ? x.dtype()
                      : !whole                    ? DType::kFloat32
                      : x.dtype() == DType::kBool ? DType::kInt32
                                                  : x.dtype();
  return {cast(clip(widened(x), call.number("x_min"), call.number("x_max")), dtype)};
}

Values numbers_for_nan(const OpCall& call) {
  const Value x = call.value();
  if (!is_floating(x.dtype())) return {x};
  const double largest = x.dtype() == DType::kFloat64 ? std::numeric_limits<double>::max()
                                                      : double(std::numeric_limits<float>::max());
  const double above = call.is_null("posinf") ? largest : call.number("posinf");
  const double below = call.is_null("neginf") ? -largest : call.number("neginf");
  Value y = where(is_nan(x), call.number("nan"), x);
  y = where(is_positive_inf(x), above, y);
  return {where(is_negative_inf(x), below, y)};
}

Values as_tensor(const OpCall& call) {
  const Value x = call.value();
  return {cast(x, call.dtype(x.dtype()))};
}

Values in_dtype(const OpCall& call) { return {cast(call.value(), call.dtype(DType::kFloat32))}; }

Values zeros(const OpCall& call) {
  const Value x = call.value();
  return {cast(zeros_like(widened(x)), call.dtype(x.dtype()))};
}
Values no_numbers(const OpCall& call) {
  return {cast(zeros_like(widened(call.value())), call.value().dtype())};
}
Values ones(const OpCall& call) {
  const Value x = call.value();
  return {cast(ones_like(widened(x)), call.dtype(x.dtype()))};
}
Values full(const OpCall& call) {
  const Value x = call.value(), wide = widened(x);
  return {cast(ones_like(wide) * cast(call.value(1), wide.dtype()), call.dtype(x.dtype()))};
}

Values seen_as(const OpCall& call) {
  return {view(call.value(), call.dtype(call.value().dtype()))};
}

Values stopped(const OpCall& call) { return {stop_gradient(call.value())}; }

Values saturated(const OpCall& call) {
  const DType dtype = call.dtype(DType::kFloat32);
  const Value x = cast(call.value(), DType::kFloat64);
  if (dtype == DType::kUint8) return {cast(clip(x, 0, 255), dtype)};
  if (dtype == DType::kInt32) return {cast(clip(x, INT32_MIN, INT32_MAX), dtype)};
  return in_dtype(call);
}

Values magnitude(const OpCall& call) {
  const Value x = call.value();
  return {x.dtype() == DType::kBool ? x : in_floats(x, abs)};
}

constexpr OpRow kRows[] = {
    {"negative", "numpy.Negative", "x", "-x", kept<negative>},
    {"abs", "numpy.Abs", "x", "|x|", magnitude},
    {"absolute", "numpy.Absolute", "x", "|x|", magnitude},
    {"fabs", "numpy.Fabs", "x", "|x|, floating", in_float32<abs>},
    {"sign", "numpy.Sign", "x", "-1, 0 or 1.", kept<sign>},
    {"signbit", "numpy.Signbit", "x", "Whether x is below 0 or -0.", predicate<has_sign>},
    {"square", "numpy.Square", "x", "x * x", kept<square>},
    {"sqrt", "numpy.Sqrt", "x", "Square root.", in_float32<sqrt>},
    {"cbrt", "numpy.Cbrt", "x", "Cube root.", in_float32<cbrt>},
    {"rsqrt", "math.Rsqrt", "x", "1 / sqrt(x)", in_float32<rsqrt>},
    {"reciprocal", "numpy.Reciprocal", "x", "1 / x", in_float32<reciprocal>},
    {"exp", "numpy.Exp", "x", "e to the power of x.", in_float32<exp>},
    {"exp2", "numpy.Exp2", "x", "2 to the power of x.", in_float32<exp2>},
    {"expm1", "numpy.Expm1", "x", "exp(x) - 1", in_float32<expm1>},
    {"log", "numpy.Log", "x", "Natural logarithm.", in_float32<log>},
    {"log1p", "numpy.Log1p", "x", "log(1 + x)", in_float32<log1p>},
    {"log2", "numpy.Log2", "x", "Logarithm to base 2.", in_float32<log2>},
    {"log10", "numpy.Log10", "x", "Logarithm to base 10.", in_float32<log10>},
    {"sin", "numpy.Sin", "x", "Sine.", in_float32<sin>},
    {"cos", "numpy.Cos", "x", "Cosine.", in_float32<cos>},
    {"tan", "numpy.Tan", "x", "Tangent.", in_float32<tan>},
    {"sinh", "numpy.Sinh", "x", "Hyperbolic sine.", in_float32<sinh>},
    {"cosh", "numpy.Cosh", "x", "Hyperbolic cosine.", in_float32<cosh>},
    {"tanh", "numpy.Tanh", "x", "Hyperbolic tangent.", in_float32<tanh>},
    {"arcsin", "numpy.Arcsin", "x", "Inverse sine.", in_float32<arcsin>},
    {"arccos", "numpy.Arccos", "x", "Inverse cosine.", in_float32<arccos>},
    {"arctan", "numpy.Arctan", "x", "Inverse tangent.", in_float32<arctan>},
    {"arcsinh", "numpy.Arcsinh", "x", "Inverse hyperbolic sine.", in_float32<arcsinh>},
    {"arccosh", "numpy.Arccosh", "x", "Inverse hyperbolic cosine.", in_float32<arccosh>},
    {"arctanh", "numpy.Arctanh", "x", "Inverse hyperbolic tangent.", in_float32<arctanh>},
    {"sinc", "numpy.Sinc", "x", "sin(pi x) / (pi x)", in_float32<sinc>},
    {"i0", "numpy.I0", "x", "Modified Bessel function of order 0.", in_float32<i0>},
    {"deg2rad", "numpy.Deg2rad", "x", "Degrees in radians.", in_float32<deg2rad>},
    {"rad2deg", "numpy.Rad2deg", "x", "Radians in degrees.", in_float32<rad2deg>},
    {"erf", "math.Erf", "x", "Error function.", in_float32<erf>},
    {"erfc", "math.Erfc", "x", "1 - erf(x)", in_float32<erfc>},
    {"erfinv", "math.Erfinv", "x", "Inverse error function.", in_float32<erfinv>},
    {"floor", "numpy.Floor", "x", "Largest integer that is not larger.", in_float32<floor>},
    {"ceil", "numpy.Ceil", "x", "Smallest integer that is not smaller.", in_float32<ceil>},
    {"trunc", "numpy.Trunc", "x", "Nearest integer towards 0.", kept<trunc>},
    {"round", "numpy.Round", "x; decimals: int = 0", "Nearest number, halves to even.", rounded},
    {"clip", "numpy.Clip", "x; x_min: float; x_max: float",
     "x, but not below x_min nor above x_max.", clipped},
    {"nan_to_num", "numpy.NanToNum",
     "x; nan: float = 0.0; posinf: float? = null; neginf: float? = null",
     "Numbers for what is none or infinite.", numbers_for_nan},
    {"isfinite", "numpy.Isfinite", "x", "Whether finite.", predicate<is_finite>},
    {"isnan", "numpy.Isnan", "x", "Whether not a number.", predicate<is_nan>},
    {"isinf", "numpy.Isinf", "x", "Whether infinite.", predicate<is_inf>},
    {"isposinf", "numpy.Isposinf", "x", "Whether infinite above 0.", predicate<is_positive_inf>},
    {"isneginf", "numpy.Isneginf", "x", "Whether infinite below 0.", predicate<is_negative_inf>},
    {"isreal", "numpy.Isreal", "x", "Whether real: always.", predicate<always>},
    {"logical_not", "numpy.LogicalNot", "x", "Whether 0.", predicate<is_zero>},
    {"bitwise_invert", "numpy.BitwiseInvert", "x", "Bits the other way.", bits_inverted},
    {"bitwise_not", "numpy.BitwiseNot", "x", "Bits the other way.", bits_inverted},
    {"real", "numpy.Real", "x", "x: there are no complex numbers.", itself},
    {"conj", "numpy.Conj", "x", "x: there are no complex numbers.", itself},
    {"conjugate", "numpy.Conjugate", "x", "x: there are no complex numbers.", itself},
    {"copy", "numpy.Copy", "x", "x", itself},
    {"cast", "core.Cast", "x; dtype: string", "x in another dtype.", in_dtype},
    {"convert_to_tensor", "core.ConvertToTensor",
     "x; dtype: string? = null; sparse: bool? = null; ragged: bool? = null", "x, in a dtype.",
     as_tensor},
    {"array", "numpy.Array", "x; dtype: string? = null", "x, in a dtype.", as_tensor},
    {"view", "numpy.View", "x; dtype: string? = null", "The bytes of x as another dtype.", seen_as},
    {"saturate_cast", "core.SaturateCast", "x; dtype: string",
     "x in another dtype, the nearest number that fits.", saturated},
    {"stop_gradient", "core.StopGradient", "variable", "x, seen as a constant by gradients.",
     stopped},
    {"zeros_like", "numpy.ZerosLike", "x; dtype: string? = null", "Zeros of the shape of x.",
     zeros},
    {"empty_like", "numpy.EmptyLike", "x; dtype: string? = null", "Zeros of the shape of x.",
     zeros},
    {"imag", "numpy.Imag", "x", "Zeros: there are no complex numbers.", no_numbers},
    {"ones_like", "numpy.OnesLike", "x; dtype: string? = null", "Ones of the shape of x.", ones},
    {"full_like", "numpy.FullLike", "x, fill_value; dtype: string? = null",
     "One number everywhere, in the shape of x.", full},
};
KERATIN_REGISTER_OPS(kRows);

}  // namespace
}  // namespace keratin::ops
