#include "ops/reduce.h"

#include "core/error.h"
#include "graph/op.h"
#include "kernels/reduce.h"
#include "ops/elementwise.h"
#include "ops/elementwise_op.h"
#include "ops/shape.h"

namespace keratin::ops {
namespace {

using kernels::Reduction;

std::string_view name_of(Reduction kind) {
  switch (kind) {
    case Reduction::kSum:
      return "sum";
    case Reduction::kMean:
      return "mean";
    case Reduction::kProd:
      return "prod";
    case Reduction::kMax:
      return "max";
    case Reduction::kMin:
      return "min";
    case Reduction::kMoments:
      break;
  }
  return "moments";
}

// Which of `rank` axes are meant.
std::vector<bool> axis_mask(std::string_view op, const std::vector<int>& axes, std::size_t rank) {
  std::vector<bool> mask(rank, axes.empty());
  for (int axis : axes) {
    require(axis >= -static_cast<int>(rank) && axis < static_cast<int>(rank), op, ": axis ", axis,
            " is out of range for a tensor of rank ", rank);
    const auto i = static_cast<std::size_t>(axis < 0 ? axis + static_cast<int>(rank) : axis);
    require(!mask[i], op, ": axis ", axis, " is given twice");
    mask[i] = true;
  }
  return mask;
}

Kernel kernel_of(Reduction kind, const Spec& in, const std::vector<bool>& mask) {
  auto kernel = std::make_shared<const kernels::Reduce>(kind, in.dtype, in.shape, mask);
  const std::size_t scratch = kernel->scratch_bytes();
  return {
      [kernel = std::move(kernel)](const Buffers& b) { kernel->run(b.in[0], b.out, b.scratch); },
      scratch};
}

// A result of a reduction with the axes that went put back, of extent 1.
Value put_back(Value result, const std::vector<bool>& mask, bool keepdims) {
  if (keepdims) return result;
  for (std::size_t i = 0; i < mask.size(); ++i)
    if (mask[i]) result = expand_dims(result, static_cast<int>(i));
  return result;
}

class ReduceOp : public Op {
 public:
  ReduceOp(Reduction kind, std::vector<int> axes, bool keepdims)
      : kind_(kind), axes_(std::move(axes)), keepdims_(keepdims) {}

  std::string_view name() const override { return name_of(kind_); }

  // An axis 0 that is reduced is not the batch any more.
  bool by_row(const Node&) const override { return true; }
  std::vector<Spec> infer(std::span<const Spec> in) const override {
    require(is_floating(in[0].dtype), name(), ": expected float32 or float64, got ",
            keratin::name_of(in[0].dtype));
    const std::vector<bool> mask = axis_mask(name(), axes_, in[0].shape.size());
    Spec out{in[0].dtype, {}};
    for (std::size_t i = 0; i < mask.size(); ++i) {
      if (!mask[i]) out.shape.push_back(in[0].shape[i]);
      if (mask[i] && keepdims_) out.shape.push_back(1);
    }
    if (kind_ == Reduction::kMoments) return {out, out};
    return {out};
  }

  std::vector<Value> gradient(const Node& node, std::span<const Value> d_out) const override {
    const Value x = node.inputs[0];
    const std::vector<bool> mask = axis_mask(name(), axes_, x.rank());
    const auto full = [&](Value v) { return put_back(v, mask, keepdims_); };
    std::vector<int> axes;
    for (std::size_t i = 0; i < mask.size(); ++i)
      if (mask[i]) axes.push_back(static_cast<int>(i));
    if (axes.empty() && kind_ != Reduction::kMoments) return {d_out[0]};
    const Value out{const_cast<Node*>(&node), 0};
    switch (kind_) {
      case Reduction::kSum:
        return {broadcast_like(full(d_out[0]), x)};
      case Reduction::kMean:
        return {broadcast_like(full(d_out[0] / count(x, axes)), x)};
      case Reduction::kMax:
      case Reduction::kMin: {
        const Value is_extreme = equal(x, full(out));
        return {is_extreme * (full(d_out[0]) / sum(is_extreme, axes, true))};
      }
      case Reduction::kProd: {
        // The product of the others: not to be had by division where an element is zero.
        const Value is_zero = equal(x, 0.0), zeros = sum(is_zero, axes, true);
        const Value safe = where(is_zero, 1.0, x), rest = prod(safe, axes, true);
        const Value others = where(is_zero, where(equal(zeros, 1.0), rest, 0.0),
                                   where(equal(zeros, 0.0), rest / safe, 0.0));
        return {full(d_out[0]) * others};
      }
      case Reduction::kMoments: {
        Value d;
        const Value n = axes.empty() ? x.graph().constant(1.0, x.dtype()) : count(x, axes);
        if (d_out[0]) d = broadcast_like(full(d_out[0] / n), x);
        if (d_out[1]) {
          const Value spread = full(d_out[1] * 2.0 / n) * (x - full(out));
          d = d ? d + spread : spread;
        }
        return {d};
      }
    }
    return {};
  }

  Kernel bind(std::span<const Spec> in, std::span<const Spec>) const override {
    return kernel_of(kind_, in[0], axis_mask(name(), axes_, in[0].shape.size()));
  }

 private:
  Reduction kind_;
  std::vector<int> axes_;
  bool keepdims_;
};

Value reduce(Reduction kind, Value x, std::vector<int> axes, bool keepdims) {
  return x.graph().apply(std::make_shared<ReduceOp>(kind, std::move(axes), keepdims), {x})[0];
}

class CountOp : public Op {
 public:
  explicit CountOp(std::vector<int> axes) : axes_(std::move(axes)) {}
  std::string_view name() const override { return "count"; }
  bool differentiable() const override { return false; }
  bool shape_only(int) const override { return true; }
  std::vector<Spec> infer(std::span<const Spec> in) const override {
    axis_mask(name(), axes_, in[0].shape.size());
    return {{in[0].dtype, {}}};
  }
  Kernel bind(std::span<const Spec> in, std::span<const Spec>) const override {
    const std::vector<bool> mask = axis_mask(name(), axes_, in[0].shape.size());
    double n = 1;
    for (std::size_t i = 0; i < mask.size(); ++i)
      if (mask[i]) n *= static_cast<double>(in[0].shape[i]);
    if (in[0].dtype == DType::kFloat64)
      return {[n](const Buffers& b) { *b.output<double>(0) = n; }};
    return {[n](const Buffers& b) { *b.output<float>(0) = static_cast<float>(n); }};
  }

 private:
  std::vector<int> axes_;
};

// Which axes of `shape` were broadcast from `like`.
std::vector<bool> broadcast_mask(const Shape& shape, const Shape& like) {
  std::vector<bool> mask(shape.size(), true);
  for (std::size_t i = 0; i < like.size(); ++i) {
    const std::size_t k = shape.size() - 1 - i;
    mask[k] = like[like.size() - 1 - i] == 1 && shape[k] != 1;
  }
  return mask;
}

class SumToLikeOp : public Op {
 public:
  std::string_view name() const override { return "sum_to_like"; }
  bool shape_only(int input) const override { return input == 1; }
  std::vector<Spec> infer(std::span<const Spec> in) const override {
    require(is_floating(in[0].dtype), name(), ": expected float32 or float64, got ",
            keratin::name_of(in[0].dtype));
    require(in[1].shape.size() <= in[0].shape.size() &&
                compatible(broadcast_shapes(in[0].shape, in[1].shape), in[0].shape),
            name(), ": shape ", to_string(in[0].shape), " cannot be summed to ",
            to_string(in[1].shape));
    return {{in[0].dtype, in[1].shape}};
  }
  std::vector<Value> gradient(const Node& node, std::span<const Value> d_out) const override {
    return {broadcast_like(d_out[0], node.inputs[0]), Value{}};
  }
  Kernel bind(std::span<const Spec> in, std::span<const Spec>) const override {
    return kernel_of(Reduction::kSum, in[0], broadcast_mask(in[0].shape, in[1].shape));
  }
};

}  // namespace

Value sum(Value x, std::vector<int> axes, bool keepdims) {
  return reduce(Reduction::kSum, x, std::move(axes), keepdims);
}
Value mean(Value x, std::vector<int> axes, bool keepdims) {
  return reduce(Reduction::kMean, x, std::move(axes), keepdims);
}
Value prod(Value x, std::vector<int> axes, bool keepdims) {
  return reduce(Reduction::kProd, x, std::move(axes), keepdims);
}
Value max(Value x, std::vector<int> axes, bool keepdims) {
  return reduce(Reduction::kMax, x, std::move(axes), keepdims);
}
Value min(Value x, std::vector<int> axes, bool keepdims) {
  return reduce(Reduction::kMin, x, std::move(axes), keepdims);
}

Value logsumexp(Value x, std::vector<int> axes, bool keepdims) {
  // Taken about the largest element, unless that is infinite; its gradient passes by it.
  const Value top = stop_gradient(max(x, axes, true));
  const Value about = where(is_finite(top), top, 0.0);
  const Value total = log(sum(exp(x - about), axes, keepdims));
  return total + (keepdims ? about : reshape_like(about, total));
}

std::pair<Value, Value> moments(Value x, std::vector<int> axes, bool keepdims) {
  auto op = std::make_shared<ReduceOp>(Reduction::kMoments, std::move(axes), keepdims);
  const std::vector<Value> results = x.graph().apply(std::move(op), {x});
  return {results[0], results[1]};
}

Value count(Value x, std::vector<int> axes) {
  const std::vector<bool> mask = axis_mask("count", axes, x.rank());
  double n = 1;
  bool known = true;
  for (std::size_t i = 0; i < mask.size(); ++i) {
    if (mask[i]) n *= static_cast<double>(x.shape()[i]);
    if (mask[i] && x.shape()[i] == kUnknown) known = false;
  }
  require(is_floating(x.dtype()), "count: expected float32 or float64, got ",
          keratin::name_of(x.dtype()));
  if (known) return x.graph().constant(n, x.dtype());
  return x.graph().apply(std::make_shared<CountOp>(std::move(axes)), {x})[0];
}

Value sum_to_like(Value x, Value like) {
  if (x.shape() == like.shape()) return x;
  return x.graph().apply(std::make_shared<SumToLikeOp>(), {x, like})[0];
}

Value broadcast_like(Value x, Value like) {
  if (x.shape() == like.shape()) return x;
  require(compatible(broadcast_shapes(x.shape(), like.shape()), like.shape()),
          "broadcast_like: shape ", to_string(x.shape()), " does not broadcast to ",
          to_string(like.shape()));
  kernels::Program program{2, {{kernels::Fn::copy, {kernels::Operand::input(0)}}}};
  return x.graph().apply(std::make_shared<ElementwiseOp>(std::move(program), "broadcast_like"),
                         {x, like})[0];
}

}  // namespace keratin::ops
