// Elementwise functions of symbolic values, with NumPy broadcasting. Operands have one floating
// dtype (float32 or float64) unless said otherwise; numbers take the dtype of the other operand.
#pragma once

#include "graph/graph.h"

namespace keratin::ops {

Value add(Value a, Value b);
Value subtract(Value a, Value b);
Value multiply(Value a, Value b);
Value divide(Value a, Value b);
Value maximum(Value a, Value b);
Value minimum(Value a, Value b);
Value power(Value a, Value b);
Value fmod(Value a, Value b);   // a less a whole number of b, towards 0
Value atan2(Value a, Value b);  // angle of the point (b, a)
Value add(Value a, double b);
Value subtract(Value a, double b);
Value subtract(double a, Value b);
Value multiply(Value a, double b);
Value divide(Value a, double b);
Value divide(double a, Value b);
Value maximum(Value a, double b);
Value minimum(Value a, double b);
Value power(Value a, double b);

Value negative(Value x);
Value abs(Value x);
Value sign(Value x);  // -1, 0 or 1
Value square(Value x);
Value sqrt(Value x);
Value rsqrt(Value x);
Value reciprocal(Value x);
Value exp(Value x);
Value expm1(Value x);
Value log(Value x);
Value log1p(Value x);
Value sin(Value x);
Value cos(Value x);
Value tanh(Value x);
Value sigmoid(Value x);
Value softplus(Value x);  // log(1 + exp(x)), stable
Value relu(Value x);
Value erf(Value x);
Value gelu(Value x);  // not approximate: by erf
Value floor(Value x);
Value round(Value x);  // to nearest, halves to even
Value clip(Value x, double low,
           double high);  // gradient 1 inside, 0 outside (at a bound: as jnp.clip)

// 1 where it holds, else 0, in the operands' dtype; no gradient. Operands may be of any one dtype:
// integer and bool operands give float32.
Value equal(Value a, Value b);
Value not_equal(Value a, Value b);
Value greater(Value a, Value b);
Value greater_equal(Value a, Value b);
Value less(Value a, Value b);
Value less_equal(Value a, Value b);
Value equal(Value a, double b);
Value greater(Value a, double b);
Value greater_equal(Value a, double b);
Value less(Value a, double b);
Value less_equal(Value a, double b);
Value is_finite(Value x);

// a where condition is not 0, else b. The condition has the dtype of a and b.
Value where(Value condition, Value a, Value b);
Value where(Value condition, double a, Value b);
Value where(Value condition, Value a, double b);

Value cast(
    Value x,
    DType dtype);  // from any dtype to any; itself if it has it already; gradient between floats
Value stop_gradient(Value x);
Value zeros_like(Value x);
Value ones_like(Value x);

}  // namespace keratin::ops

namespace keratin {

// Operators are found by the type of their operands, from any namespace.
inline Value operator+(Value a, Value b) { return ops::add(a, b); }
inline Value operator-(Value a, Value b) { return ops::subtract(a, b); }
inline Value operator*(Value a, Value b) { return ops::multiply(a, b); }
inline Value operator/(Value a, Value b) { return ops::divide(a, b); }
inline Value operator+(Value a, double b) { return ops::add(a, b); }
inline Value operator-(Value a, double b) { return ops::subtract(a, b); }
inline Value operator*(Value a, double b) { return ops::multiply(a, b); }
inline Value operator/(Value a, double b) { return ops::divide(a, b); }
inline Value operator+(double a, Value b) { return ops::add(b, a); }
inline Value operator-(double a, Value b) { return ops::subtract(a, b); }
inline Value operator*(double a, Value b) { return ops::multiply(b, a); }
inline Value operator/(double a, Value b) { return ops::divide(a, b); }
inline Value operator-(Value x) { return ops::negative(x); }

// d(loss)/d(each of wrt): see graph.h.
inline std::vector<Value> gradients(Value loss, std::span<const Value> wrt) {
  return gradients(loss, wrt, static_cast<AddFn>(ops::add));
}

}  // namespace keratin
