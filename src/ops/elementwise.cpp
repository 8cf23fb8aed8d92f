#include "ops/elementwise.h"

#include "core/error.h"
#include "ops/elementwise_op.h"

namespace keratin::ops {

using kernels::Fn;
using kernels::Operand;
using kernels::Program;

ElementwiseOp::Argument::Argument(Value v) : value(v) {
  if (!v) fail(Code::kInvalidArgument, "an operand of an elementwise function is missing");
}

namespace {

using Argument = ElementwiseOp::Argument;
constexpr auto& apply = ElementwiseOp::apply;

// A constant scalar is as good as a number, and cheaper.
Argument simplified(const Argument& argument) {
  const Value& value = argument.value;
  if (!value || value.node->kind != Node::Kind::kConstant || value.rank() != 0 ||
      !is_floating(value.dtype()))
    return argument;
  return *value.node->constant.as(DType::kFloat64).data<double>();
}

}  // namespace

Value ElementwiseOp::apply(Fn fn, std::initializer_list<Argument> given) {
  Graph* graph = nullptr;
  DType dtype = DType::kFloat32;
  for (const Argument& argument : given)
    if (argument.value && !graph) graph = &argument.value.graph(), dtype = argument.value.dtype();

  kernels::Instruction instruction{fn, {}};
  std::vector<Value> inputs;
  double numbers[3] = {0, 0, 0};
  int k = 0;
  for (const Argument& each : given) {
    if (each.value)
      require(each.value.dtype() == dtype, kernels::name_of(fn),
              ": operands must have one dtype, got ", keratin::name_of(dtype), " and ",
              keratin::name_of(each.value.dtype()));
    const Argument argument = simplified(each);
    Operand& operand = instruction.operands[k];
    numbers[k++] = argument.number;
    if (!argument.value) {
      operand = Operand::of(argument.number);
      continue;
    }
    std::size_t i = 0;
    while (i < inputs.size() && !(inputs[i] == argument.value)) ++i;
    if (i == inputs.size()) inputs.push_back(argument.value);
    operand = Operand::input(static_cast<int>(i));
  }
  if (inputs.empty())
    return graph->constant(kernels::evaluate(fn, numbers[0], numbers[1], numbers[2]), dtype);
  Program program{static_cast<int>(inputs.size()), {instruction}};
  auto op = std::make_shared<ElementwiseOp>(std::move(program), std::string(kernels::name_of(fn)));
  return graph->apply(std::move(op), std::move(inputs))[0];
}

namespace {

// Comparisons also take integers and bools, by way of float64.
Value compare(Fn fn, Value a, const Argument& b) {
  if (!a || is_floating(a.dtype())) return apply(fn, {a, b});
  if (b.value)
    require(a.dtype() == b.value.dtype(), kernels::name_of(fn),
            ": operands must have one dtype, got ", keratin::name_of(a.dtype()), " and ",
            keratin::name_of(b.value.dtype()));
  const Argument wide = b.value ? Argument(cast(b.value, DType::kFloat64)) : b;
  return cast(apply(fn, {cast(a, DType::kFloat64), wide}), DType::kFloat32);
}

// A program whose only use of x is its shape.
Value number_like(Value x, double number, const char* name) {
  if (!is_floating(x.dtype()))
    return cast(number_like(cast(x, DType::kFloat32), number, name), x.dtype());
  Program program{1, {{Fn::copy, {Operand::of(number)}}}};
  return x.graph().apply(std::make_shared<ElementwiseOp>(std::move(program), name), {x})[0];
}

}  // namespace

Value add(Value a, Value b) { return apply(Fn::add, {a, b}); }
Value subtract(Value a, Value b) { return apply(Fn::subtract, {a, b}); }
Value multiply(Value a, Value b) { return apply(Fn::multiply, {a, b}); }
Value divide(Value a, Value b) { return apply(Fn::divide, {a, b}); }
Value maximum(Value a, Value b) { return apply(Fn::maximum, {a, b}); }
Value minimum(Value a, Value b) { return apply(Fn::minimum, {a, b}); }
Value power(Value a, Value b) { return apply(Fn::power, {a, b}); }
Value fmod(Value a, Value b) { return apply(Fn::fmod, {a, b}); }
Value atan2(Value a, Value b) { return apply(Fn::atan2, {a, b}); }
Value add(Value a, double b) { return apply(Fn::add, {a, b}); }
Value subtract(Value a, double b) { return apply(Fn::subtract, {a, b}); }
Value subtract(double a, Value b) { return apply(Fn::subtract, {a, b}); }
Value multiply(Value a, double b) { return apply(Fn::multiply, {a, b}); }
Value divide(Value a, double b) { return apply(Fn::divide, {a, b}); }
Value divide(double a, Value b) { return apply(Fn::divide, {a, b}); }
Value maximum(Value a, double b) { return apply(Fn::maximum, {a, b}); }
Value minimum(Value a, double b) { return apply(Fn::minimum, {a, b}); }
Value power(Value a, double b) { return apply(Fn::power, {a, b}); }

Value negative(Value x) { return apply(Fn::negative, {x}); }
Value abs(Value x) { return apply(Fn::abs, {x}); }
Value sign(Value x) { return apply(Fn::sign, {x}); }
Value square(Value x) { return apply(Fn::square, {x}); }
Value sqrt(Value x) { return apply(Fn::sqrt, {x}); }
Value rsqrt(Value x) { return apply(Fn::rsqrt, {x}); }
Value reciprocal(Value x) { return apply(Fn::reciprocal, {x}); }
Value exp(Value x) { return apply(Fn::exp, {x}); }
Value expm1(Value x) { return apply(Fn::expm1, {x}); }
Value log(Value x) { return apply(Fn::log, {x}); }
Value log1p(Value x) { return apply(Fn::log1p, {x}); }
Value sin(Value x) { return apply(Fn::sin, {x}); }
Value cos(Value x) { return apply(Fn::cos, {x}); }
Value tanh(Value x) { return apply(Fn::tanh, {x}); }
Value sigmoid(Value x) { return apply(Fn::sigmoid, {x}); }
Value softplus(Value x) { return apply(Fn::softplus, {x}); }
Value relu(Value x) { return apply(Fn::relu, {x}); }
Value erf(Value x) { return apply(Fn::erf, {x}); }
Value gelu(Value x) { return apply(Fn::gelu, {x}); }
Value floor(Value x) { return apply(Fn::floor, {x}); }
Value round(Value x) { return apply(Fn::round, {x}); }
Value clip(Value x, double low, double high) { return apply(Fn::clip, {x, low, high}); }

Value equal(Value a, Value b) { return compare(Fn::equal, a, b); }
Value not_equal(Value a, Value b) { return compare(Fn::not_equal, a, b); }
Value greater(Value a, Value b) { return compare(Fn::greater, a, b); }
Value greater_equal(Value a, Value b) { return compare(Fn::greater_equal, a, b); }
Value less(Value a, Value b) { return compare(Fn::less, a, b); }
Value less_equal(Value a, Value b) { return compare(Fn::less_equal, a, b); }
Value equal(Value a, double b) { return compare(Fn::equal, a, b); }
Value greater(Value a, double b) { return compare(Fn::greater, a, b); }
Value greater_equal(Value a, double b) { return compare(Fn::greater_equal, a, b); }
Value less(Value a, double b) { return compare(Fn::less, a, b); }
Value less_equal(Value a, double b) { return compare(Fn::less_equal, a, b); }
Value is_finite(Value x) { return apply(Fn::is_finite, {x}); }

Value where(Value condition, Value a, Value b) { return apply(Fn::where, {condition, a, b}); }
Value where(Value condition, double a, Value b) { return apply(Fn::where, {condition, a, b}); }
Value where(Value condition, Value a, double b) { return apply(Fn::where, {condition, a, b}); }

Value stop_gradient(Value x) {
  if (!is_floating(x.dtype())) return x;
  return x.graph().apply(std::make_shared<StopGradientOp>(), {x})[0];
}
Value zeros_like(Value x) { return number_like(x, 0, "zeros_like"); }
Value ones_like(Value x) { return number_like(x, 1, "ones_like"); }

}  // namespace keratin::ops
