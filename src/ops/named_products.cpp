// Products of vectors and matrices.
#include "core/error.h"
#include "ops/einsum.h"
#include "ops/elementwise.h"
#include "ops/matmul.h"
#include "ops/named_call.h"
#include "ops/picking.h"
#include "ops/reduce.h"
#include "ops/shape.h"

namespace keratin::ops {
namespace {

// By a function of floating operands; the result has their common dtype.
template <class Fn>
Value in_common_dtype(const OpCall& call, Fn&& fn) {
  const auto [a, b] = call.pair();
  return cast(fn(widened(a), widened(b)), a.dtype());
}

// NumPy's rules for vectors: an axis is put in and taken out again.
Value product(Value a, Value b) {
  const bool row = a.rank() == 1, column = b.rank() == 1;
  if (row) a = expand_dims(a, 0);
  if (column) b = expand_dims(b, 1);
  Value y = matmul(a, b);
  if (row) y = squeeze(y, int(y.rank()) - 2);
  if (column) y = squeeze(y, int(y.rank()) - 1);
  return y;
}

Values matrix_product(const OpCall& call) { return {in_common_dtype(call, product)}; }

std::string letters(std::size_t rank, char first) {
  std::string text;
  for (std::size_t i = 0; i < rank; ++i) text += char(first + char(i));
  return text;
}

// Sums over pairs of axes; the others follow in order.
Value contraction(Value a, Value b, const std::vector<std::int64_t>& axes_a,
                  const std::vector<std::int64_t>& axes_b) {
  require(axes_a.size() == axes_b.size(), "expected as many axes of one as of the other");
  const std::string in_a = letters(a.rank(), 'a');
  std::string in_b = letters(b.rank(), 'n'), out = in_a, rest = in_b;
  for (std::size_t i = 0; i < axes_a.size(); ++i) {
    const char letter = in_a[std::size_t(normalize_axis(axes_a[i], a.rank()))];
    const auto at = std::size_t(normalize_axis(axes_b[i], b.rank()));
    std::erase(out, letter);
    std::erase(rest, in_b[at]);
    in_b[at] = letter;
  }
  return einsum(in_a + "," + in_b + "->" + out + rest, {a, b});
}

Values dot(const OpCall& call) {
  return {in_common_dtype(call, [](Value a, Value b) {
    if (a.rank() == 0 || b.rank() == 0) return a * b;
    return contraction(a, b, {-1}, {b.rank() == 1 ? -1 : -2});
  })};
}

Values inner(const OpCall& call) {
  return {in_common_dtype(call, [](Value a, Value b) {
    if (a.rank() == 0 || b.rank() == 0) return a * b;
    return contraction(a, b, {-1}, {-1});
  })};
}

Value flat(Value x) { return reshape(x, {kUnknown}); }

Values vdot(const OpCall& call) {
  return {in_common_dtype(call, [](Value a, Value b) { return sum(flat(a) * flat(b)); })};
}

Values outer(const OpCall& call) {
  return {in_common_dtype(
      call, [](Value a, Value b) { return expand_dims(flat(a), 1) * expand_dims(flat(b), 0); })};
}

Values tensordot(const OpCall& call) {
  const Json& axes = call["axes"];
  return {in_common_dtype(call, [&](Value a, Value b) {
    std::vector<std::int64_t> of_a, of_b;
    if (axes.is_number()) {
      const auto n = axes.get<std::int64_t>();
      for (std::int64_t i = 0; i < n; ++i) of_a.push_back(i - n), of_b.push_back(i);
    } else {
      const auto list = [](const Json& json) {
        return json.is_array() ? json.get<std::vector<std::int64_t>>()
                               : std::vector<std::int64_t>{json.get<std::int64_t>()};
      };
      of_a = list(axes.at(0)), of_b = list(axes.at(1));
    }
    return contraction(a, b, of_a, of_b);
  })};
}

Values kron(const OpCall& call) {
  return {in_common_dtype(call, [](Value a, Value b) {
    while (a.rank() < b.rank()) a = expand_dims(a, 0);
    while (b.rank() < a.rank()) b = expand_dims(b, 0);
    Shape shape;
    for (std::size_t i = 0; i < a.rank(); ++i) {
      const std::int64_t n = a.shape()[i], m = b.shape()[i];
      shape.push_back(n == kUnknown || m == kUnknown ? kUnknown : n * m);
    }
    for (std::size_t i = a.rank(); i-- > 0;) {
      a = expand_dims(a, int(i) + 1);
      b = expand_dims(b, int(i));
    }
    return reshape(a * b, shape);
  })};
}

Values cross(const OpCall& call) {
  return {in_common_dtype(call, [&](Value a, Value b) {
    const bool one = !call.is_null("axis");
    const auto last = [](Value x, int axis) {
      std::vector<int> order;
      axis = normalize_axis(axis, x.rank());
      for (int i = 0; i < int(x.rank()); ++i)
        if (i != axis) order.push_back(i);
      order.push_back(axis);
      return transpose(x, order);
    };
    a = last(a, call.axis(one ? "axis" : "axisa"));
    b = last(b, call.axis(one ? "axis" : "axisb"));
    const auto part = [](Value x, std::int64_t i) {
      return i < x.shape().back() ? slice(x, -1, i, i + 1) : 0.0 * slice(x, -1, 0, 1);
    };
    const auto component = [&](std::int64_t i, std::int64_t k) {
      return part(a, i) * part(b, k) - part(a, k) * part(b, i);
    };
    if (a.shape().back() == 2 && b.shape().back() == 2) return squeeze(component(0, 1), -1);
    const Value y = concatenate({component(1, 2), component(2, 0), component(0, 1)}, -1);
    const int axis = normalize_axis(call.axis(one ? "axis" : "axisc"), y.rank());
    std::vector<int> order;
    for (int i = 0; i + 1 < int(y.rank()); ++i) order.push_back(i);
    order.insert(order.begin() + axis, int(y.rank()) - 1);
    return transpose(y, order);
  })};
}

Values named_einsum(const OpCall& call) {
  Values operands = call.list();
  const DType dtype = promoted(operands);
  for (Value& operand : operands) operand = widened(cast(operand, dtype));
  return {cast(einsum(call.text("subscripts"), operands), dtype)};
}

constexpr OpRow kRows[] = {
    {"matmul", "numpy.Matmul", "x1, x2", "Matrix product over the last two axes.", matrix_product},
    {"dot", "numpy.Dot", "x1, x2", "Sum over the last axis of x1 and the last but one of x2.", dot},
    {"inner", "numpy.Inner", "x1, x2", "Sum over the last axes.", inner},
    {"vdot", "numpy.Vdot", "x1, x2", "Sum of the products of all elements.", vdot},
    {"outer", "numpy.Outer", "x1, x2", "Products of each element with each.", outer},
    {"tensordot", "numpy.Tensordot", "x1, x2; axes: any = 2", "Sum over pairs of axes.", tensordot},
    {"kron", "numpy.Kron", "x1, x2", "Kronecker product.", kron},
    {"cross", "numpy.Cross",
     "x1, x2; axisa: int = -1; axisb: int = -1; axisc: int = -1; axis: int? = null",
     "Vector product.", cross},
    {"einsum", "numpy.Einsum", "*operands; subscripts: string", "Sums of products over named axes.",
     named_einsum},
};
KERATIN_REGISTER_OPS(kRows);

}  // namespace
}  // namespace keratin::ops
