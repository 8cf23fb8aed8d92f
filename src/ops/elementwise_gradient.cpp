// The gradient rules of the elementwise functions. Where it can, a rule uses the function's result
// rather than its operands, so that these need not be kept. At kinks the rules are JAX's.
#include <numbers>

#include "ops/elementwise.h"
#include "ops/elementwise_op.h"

namespace keratin::ops {

using kernels::Fn;

namespace {
constexpr auto& apply = ElementwiseOp::apply;
}

bool has_gradient(Fn fn) {
  switch (fn) {
    case Fn::sign:
    case Fn::floor:
    case Fn::round:
    case Fn::equal:
    case Fn::not_equal:
    case Fn::greater:
    case Fn::greater_equal:
    case Fn::less:
    case Fn::less_equal:
    case Fn::is_finite:
    case Fn::share_of_extreme:
    case Fn::share_of_clip:
      return false;
    default:
      return true;
  }
}

std::array<Value, 3> elementwise_gradient(Fn fn, const std::array<Value, 3>& operands, Value out,
                                          Value d) {
  const auto& [a, b, c] = operands;
  switch (fn) {
    case Fn::copy:
      return {d};
    case Fn::add:
      return {d, d};
    case Fn::subtract:
      return {d, -d};
    case Fn::multiply:
      return {d * b, d * a};
    case Fn::divide:
      return {d / b, -(d * out) / b};
    case Fn::maximum:
    case Fn::minimum:
      return {d * apply(Fn::share_of_extreme, {a, out, b}),
              d * apply(Fn::share_of_extreme, {b, out, a})};
    case Fn::power:
      return {d * (b * power(a, b - 1.0)), d * (apply(Fn::log_or_zero, {a}) * out)};
    case Fn::negative:
      return {-d};
    case Fn::abs:
      return {where(greater_equal(a, 0.0), d, -d)};
    case Fn::square:
      return {d * (a * 2.0)};
    case Fn::sqrt:
      return {d * (0.5 / out)};
    case Fn::rsqrt:
      return {d * (out / a * -0.5)};
    case Fn::reciprocal:
      return {-(d * square(out))};
    case Fn::exp:
      return {d * out};
    case Fn::expm1:
      return {d * (out + 1.0)};
    case Fn::log:
      return {d / a};
    case Fn::log1p:
      return {d / (a + 1.0)};
    case Fn::sin:
      return {d * cos(a)};
    case Fn::cos:
      return {-(d * sin(a))};
    case Fn::tanh:
      return {d * (1.0 - square(out))};
    case Fn::sigmoid:
      return {d * (out * (1.0 - out))};
    case Fn::softplus:
      return {d * sigmoid(a)};
    case Fn::relu:
      return {apply(Fn::where_positive, {out, d, 0.0})};
    case Fn::erf:
      return {d * (exp(-square(a)) * (2.0 * std::numbers::inv_sqrtpi))};
    case Fn::gelu:
      return {d * apply(Fn::gelu_slope, {a})};
    case Fn::gelu_slope: {
      const double density = std::numbers::inv_sqrtpi / std::numbers::sqrt2;  // at 0
      return {d * ((2.0 - square(a)) * exp(square(a) * -0.5) * density)};
    }
    case Fn::where:
      return {Value{}, where(a, d, 0.0), where(a, 0.0, d)};
    case Fn::where_positive:
      return {Value{}, apply(fn, {a, d, 0.0}), apply(fn, {a, 0.0, d})};
    case Fn::clip:
      return {d * apply(Fn::share_of_clip, {a, b, c})};
    case Fn::fmod: {
      const Value quotient = (a - out) / b;  // towards 0
      return {d, -(d * quotient)};
    }
    case Fn::atan2: {
      const Value scaled = d / (square(a) + square(b));
      return {scaled * b, -(scaled * a)};
    }
    case Fn::log_or_zero:
      return {where(equal(a, 0.0), 0.0, d / a)};
    case Fn::sign:
    case Fn::floor:
    case Fn::round:
    case Fn::equal:
    case Fn::not_equal:
    case Fn::greater:
    case Fn::greater_equal:
    case Fn::less:
    case Fn::less_equal:
    case Fn::is_finite:
    case Fn::share_of_extreme:
    case Fn::share_of_clip:
      return {};
  }
  return {};
}

}  // namespace keratin::ops
