// The elementwise functions of one element: their definition, and the kernel for double.
// All take three operands, of which they use as many as they have.
#pragma once

#include <cmath>

namespace keratin::kernels::scalar {

template <class T>
T copy(T a, T, T) {
  return a;
}
template <class T>
T add(T a, T b, T) {
  return a + b;
}
template <class T>
T subtract(T a, T b, T) {
  return a - b;
}
template <class T>
T multiply(T a, T b, T) {
  return a * b;
}
template <class T>
T divide(T a, T b, T) {
  return a / b;
}
// Not a number if either operand is not.
template <class T>
T maximum(T a, T b, T) {
  return a > b || a != a ? a : b;
}
template <class T>
T minimum(T a, T b, T) {
  return a < b || a != a ? a : b;
}
template <class T>
T power(T a, T b, T) {
  return std::pow(a, b);
}
template <class T>
T negative(T a, T, T) {
  return -a;
}
template <class T>
T abs(T a, T, T) {
  return std::fabs(a);
}
template <class T>
T sign(T a, T, T) {
  return a > 0 ? T(1) : a < 0 ? T(-1) : a;
}
template <class T>
T square(T a, T, T) {
  return a * a;
}
template <class T>
T sqrt(T a, T, T) {
  return std::sqrt(a);
}
template <class T>
T rsqrt(T a, T, T) {
  return 1 / std::sqrt(a);
}
template <class T>
T reciprocal(T a, T, T) {
  return 1 / a;
}
template <class T>
T exp(T a, T, T) {
  return std::exp(a);
}
template <class T>
T expm1(T a, T, T) {
  return std::expm1(a);
}
template <class T>
T log(T a, T, T) {
  return std::log(a);
}
template <class T>
T log1p(T a, T, T) {
  return std::log1p(a);
}
template <class T>
T sin(T a, T, T) {
  return std::sin(a);
}
template <class T>
T cos(T a, T, T) {
  return std::cos(a);
}
template <class T>
T tanh(T a, T, T) {
  return std::tanh(a);
}
template <class T>
T sigmoid(T a, T, T) {
  return 1 / (1 + std::exp(-a));
}
template <class T>
T softplus(T a, T, T) {
  return a != a ? a : (a > 0 ? a : T(0)) + std::log1p(std::exp(-std::fabs(a)));
}
template <class T>
T relu(T a, T, T) {
  return a < 0 ? T(0) : a;
}
template <class T>
T erf(T a, T, T) {
  return std::erf(a);
}
template <class T>
T floor(T a, T, T) {
  return std::floor(a);
}
template <class T>
T round(T a, T, T) {
  return std::nearbyint(a);
}
template <class T>
T equal(T a, T b, T) {
  return a == b;
}
template <class T>
T not_equal(T a, T b, T) {
  return a != b;
}
template <class T>
T greater(T a, T b, T) {
  return a > b;
}
template <class T>
T greater_equal(T a, T b, T) {
  return a >= b;
}
template <class T>
T less(T a, T b, T) {
  return a < b;
}
template <class T>
T less_equal(T a, T b, T) {
  return a <= b;
}
template <class T>
T is_finite(T a, T, T) {
  return a - a == 0;
}
template <class T>
T where(T a, T b, T c) {
  return a != 0 ? b : c;
}
template <class T>
T twice_normal(T a) {
  return 1 + std::erf(a * T(0.70710678118654752440));
}
template <class T>
T gelu(T a, T, T) {
  return T(0.5) * a * twice_normal(a);
}
template <class T>
T gelu_slope(T a, T, T) {
  return T(0.5) * twice_normal(a) + a * T(0.39894228040143267794) * std::exp(T(-0.5) * a * a);
}
template <class T>
T where_positive(T a, T b, T c) {
  return a > 0 ? b : c;
}
template <class T>
T clip(T a, T low, T high) {
  return minimum(maximum(a, low, low), high, high);
}
template <class T>
T fmod(T a, T b, T) {
  return std::fmod(a, b);
}
template <class T>
T atan2(T a, T b, T) {
  return std::atan2(a, b);
}
template <class T>
T share_of_clip(T a, T low, T high) {
  return a == low || a == high ? T(0.5) : a > low && a < high ? T(1) : T(0);
}
template <class T>
T share_of_extreme(T a, T extreme, T b) {
  return a != extreme ? T(0) : b == extreme ? T(0.5) : T(1);
}
template <class T>
T log_or_zero(T a, T, T) {
  return a == 0 ? T(0) : std::log(a);
}

}  // namespace keratin::kernels::scalar
