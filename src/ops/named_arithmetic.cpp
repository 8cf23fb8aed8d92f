// Functions of two operands, computed in their common dtype.
#include <limits>

#include "core/error.h"
#include "ops/elementwise.h"
#include "ops/integer.h"
#include "ops/named_call.h"
#include "ops/reduce.h"
#include "ops/view.h"

namespace keratin::ops {
namespace {

// In floating numbers; the result has the operands' common dtype, or `dtype`.
template <Value (*fn)(Value, Value)>
Values arithmetic(const OpCall& call) {
  const auto [a, b] = call.pair();
  if (is_floating(a.dtype())) return {fn(a, b)};
  return {cast(fn(widened(a), widened(b)), a.dtype())};
}

// Integers and bools become float32 first.
template <Value (*fn)(Value, Value)>
Values in_float32(const OpCall& call) {
  const auto [a, b] = call.pair();
  return {fn(to_floating(a), to_floating(b))};
}

template <Value (*fn)(Value, Value)>
Values comparison(const OpCall& call) {
  const auto [a, b] = call.pair();
  return {cast(fn(widened(a), widened(b)), DType::kBool)};
}

// Of truth values, which are 0 or 1.
template <Value (*fn)(Value, Value)>
Values logical(const OpCall& call) {
  const auto truth = [](Value x) { return cast(cast(x, DType::kBool), DType::kFloat32); };
  return {cast(fn(truth(call.value(0)), truth(call.value(1))), DType::kBool)};
}

template <IntegerFn fn>
Values on_integers(const OpCall& call) {
  const auto [a, b] = call.pair();
  return {integer_function(fn, a, b)};
}

Value remainder(Value a, Value b) {
  const Value r = fmod(a, b);
  const Value crosses = multiply(not_equal(r, 0.0 * r), not_equal(less(r, 0.0), less(b, 0.0)));
  return where(crosses, r + b, r);
}

Value floor_quotient(Value a, Value b) {
  // The sign of zero and infinities are those of the quotient.
  return where(is_finite(a / b), round((a - remainder(a, b)) / b), a / b);
}

Value divide_no_nan(Value a, Value b) {
  const Value is_zero = equal(b, 0.0);
  return where(is_zero, 0.0, a / where(is_zero, 1.0, b));
}

Value hypot(Value a, Value b) { return sqrt(square(a) + square(b)); }

Value logaddexp(Value a, Value b) {
  // About the larger one; equal infinities have no difference.
  const Value difference = a - b, same = equal(a, b);
  const Value spread = where(same, 0.0, abs(difference));
  return maximum(a, b) + log1p(exp(-spread));
}
Value logaddexp2(Value a, Value b) {
  const double ln2 = 0.69314718055994530942;
  return logaddexp(a * ln2, b * ln2) / ln2;
}

// The other operand where one is not a number.
Value fmax(Value a, Value b) {
  return where(not_equal(a, a), b, where(not_equal(b, b), a, maximum(a, b)));
}
Value fmin(Value a, Value b) {
  return where(not_equal(a, a), b, where(not_equal(b, b), a, minimum(a, b)));
}

Value heaviside(Value x, Value at_zero) {
  return where(equal(x, 0.0), at_zero, greater(x, 0.0) + (x - x));
}

Value logical_and(Value a, Value b) { return a * b; }
Value logical_or(Value a, Value b) { return maximum(a, b); }
Value logical_xor(Value a, Value b) { return not_equal(a, b); }

Values choose(const OpCall& call) {
  const auto [a, b] = call.pair(1, 2);
  const Value wide_a = widened(a), wide_b = widened(b);
  const Value condition = cast(cast(call.value(0), DType::kBool), wide_a.dtype());
  return {cast(where(condition, wide_a, wide_b), a.dtype())};
}

// 1 where it holds, else 0.
Value is_close(const OpCall& call) {
  const auto [first, second] = call.pair();
  const Value a = widened(first), b = widened(second);
  const bool in_call = call.op().argument("rtol") != nullptr;
  const Value rtol =
      in_call ? cast(call.value(2), a.dtype()) : a.graph().constant(call.number("rtol"), a.dtype());
  const Value atol =
      in_call ? cast(call.value(3), a.dtype()) : a.graph().constant(call.number("atol"), a.dtype());
  const Value finite = is_finite(a) * is_finite(b);
  const Value close = less_equal(abs(a - b), atol + rtol * abs(b));
  const Value result = where(finite, close, equal(a, b));
  return call.flag("equal_nan") ? where(not_equal(a, a) * not_equal(b, b), 1.0, result) : result;
}
Values each_close(const OpCall& call) { return {cast(is_close(call), DType::kBool)}; }
Values all_close(const OpCall& call) { return {cast(min(is_close(call)), DType::kBool)}; }

Values times_power_of_2(const OpCall& call) {
  const Value x = call.floating(0), exponent = call.value(1);
  require(!is_floating(exponent.dtype()) && exponent.dtype() != DType::kBool,
          "x2: expected integers, got ", keratin::name_of(exponent.dtype()));
  // In two steps, for the power alone may be too large or small.
  const Value n = cast(exponent, x.dtype()), half = floor(n * 0.5);
  const auto power_of_2 = [](Value e) { return power(e.graph().constant(2.0, e.dtype()), e); };
  return {x * power_of_2(half) * power_of_2(n - half)};
}

// The next float32 on the way: the next integer of the bits, which count away from 0.
Values next_after(const OpCall& call) {
  const auto [a, b] = call.pair();
  const Value x = cast(a, DType::kFloat32), y = cast(b, DType::kFloat32);
  const Value both = x + zeros_like(y), up = greater(y, x), away = equal(up, greater(x, 0.0));
  const Value bits = cast(view(both, DType::kInt32), DType::kFloat64);
  const Value moved = bits + cast(2.0 * away - 1.0, DType::kFloat64);
  const double least = std::numeric_limits<float>::denorm_min();
  Value next = view(cast(moved, DType::kInt32), DType::kFloat32);
  next = where(equal(both, 0.0), least * (2.0 * up - 1.0), next);
  next = where(equal(x, y), y, next);
  return {where(equal(x, x) * equal(y, y), next, x + y)};
}

constexpr OpRow kRows[] = {
    {"add", "numpy.Add", "x1, x2", "x1 + x2", arithmetic<add>},
    {"subtract", "numpy.Subtract", "x1, x2", "x1 - x2", arithmetic<subtract>},
    {"multiply", "numpy.Multiply", "x1, x2", "x1 * x2", arithmetic<multiply>},
    {"divide", "numpy.Divide", "x1, x2", "x1 / x2", in_float32<divide>},
    {"true_divide", "numpy.TrueDivide", "x1, x2", "x1 / x2", in_float32<divide>},
    {"divide_no_nan", "numpy.DivideNoNan", "x1, x2", "x1 / x2, but 0 where x2 is 0.",
     in_float32<divide_no_nan>},
    {"floor_divide", "numpy.FloorDivide", "x1, x2", "The floor of x1 / x2.",
     arithmetic<floor_quotient>},
    {"mod", "numpy.Mod", "x1, x2", "What floor_divide leaves; of x2's sign.",
     arithmetic<remainder>},
    {"fmod", "numpy.Fmod", "x1, x2", "What division towards 0 leaves; of x1's sign.",
     arithmetic<fmod>},
    {"maximum", "numpy.Maximum", "x1, x2", "The larger of x1 and x2.", arithmetic<maximum>},
    {"minimum", "numpy.Minimum", "x1, x2", "The smaller of x1 and x2.", arithmetic<minimum>},
    {"fmax", "numpy.Fmax", "x1, x2", "The larger one, or the one that is a number.",
     arithmetic<fmax>},
    {"fmin", "numpy.Fmin", "x1, x2", "The smaller one, or the one that is a number.",
     arithmetic<fmin>},
    {"power", "numpy.Power", "x1, x2", "x1 to the power of x2.", arithmetic<power>},
    {"hypot", "numpy.Hypot", "x1, x2", "sqrt(x1^2 + x2^2)", in_float32<hypot>},
    {"arctan2", "numpy.Arctan2", "x1, x2", "Angle of the point (x2, x1).", in_float32<atan2>},
    {"logaddexp", "numpy.Logaddexp", "x1, x2", "log(exp(x1) + exp(x2))", in_float32<logaddexp>},
    {"logaddexp2", "numpy.Logaddexp2", "x1, x2", "log2(2^x1 + 2^x2)", in_float32<logaddexp2>},
    {"heaviside", "numpy.Heaviside", "x1, x2", "0 below 0, 1 above, x2 at 0.",
     in_float32<heaviside>},
    {"equal", "numpy.Equal", "x1, x2", "Whether x1 == x2.", comparison<equal>},
    {"not_equal", "numpy.NotEqual", "x1, x2", "Whether x1 != x2.", comparison<not_equal>},
    {"greater", "numpy.Greater", "x1, x2", "Whether x1 > x2.", comparison<greater>},
    {"greater_equal", "numpy.GreaterEqual", "x1, x2", "Whether x1 >= x2.",
     comparison<greater_equal>},
    {"less", "numpy.Less", "x1, x2", "Whether x1 < x2.", comparison<less>},
    {"less_equal", "numpy.LessEqual", "x1, x2", "Whether x1 <= x2.", comparison<less_equal>},
    {"isclose", "numpy.Isclose", "x1, x2, rtol = 1e-05, atol = 1e-08; equal_nan: bool = false",
     "Whether |x1 - x2| <= atol + rtol |x2|.", each_close},
    {"allclose", "numpy.AllClose",
     "x1, x2; rtol: float = 1e-05; atol: float = 1e-08; equal_nan: bool = false",
     "Whether all |x1 - x2| <= atol + rtol |x2|.", all_close},
    {"ldexp", "numpy.Ldexp", "x1, x2", "x1 2^x2", times_power_of_2},
    {"nextafter", "numpy.Nextafter", "x1, x2", "The next float32 after x1 on the way to x2.",
     next_after},
    {"logical_and", "numpy.LogicalAnd", "x1, x2", "Whether both are not 0.", logical<logical_and>},
    {"logical_or", "numpy.LogicalOr", "x1, x2", "Whether one is not 0.", logical<logical_or>},
    {"logical_xor", "numpy.LogicalXor", "x1, x2", "Whether just one is not 0.",
     logical<logical_xor>},
    {"bitwise_and", "numpy.BitwiseAnd", "x, y", "Bits that both have.",
     on_integers<IntegerFn::kAnd>},
    {"bitwise_or", "numpy.BitwiseOr", "x, y", "Bits that one has.", on_integers<IntegerFn::kOr>},
    {"bitwise_xor", "numpy.BitwiseXor", "x, y", "Bits that just one has.",
     on_integers<IntegerFn::kXor>},
    {"bitwise_left_shift", "numpy.BitwiseLeftShift", "x, y", "x times 2^y.",
     on_integers<IntegerFn::kLeftShift>},
    {"left_shift", "numpy.LeftShift", "x, y", "x times 2^y.", on_integers<IntegerFn::kLeftShift>},
    {"bitwise_right_shift", "numpy.BitwiseRightShift", "x, y", "The floor of x / 2^y.",
     on_integers<IntegerFn::kRightShift>},
    {"right_shift", "numpy.RightShift", "x, y", "The floor of x / 2^y.",
     on_integers<IntegerFn::kRightShift>},
    {"gcd", "numpy.Gcd", "x1, x2", "Greatest common divisor.", on_integers<IntegerFn::kGcd>},
    {"lcm", "numpy.Lcm", "x1, x2", "Least common multiple.", on_integers<IntegerFn::kLcm>},
    {"where", "numpy.Where", "condition, x1, x2", "x1 where the condition is not 0, else x2.",
     choose},
};
KERATIN_REGISTER_OPS(kRows);

}  // namespace
}  // namespace keratin::ops
