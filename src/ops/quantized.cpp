#include "ops/quantized.h"

#include "core/error.h"
#include "ops/elementwise.h"
#include "ops/matmul.h"
#include "ops/row_epilogue.h"

namespace keratin::ops {
namespace {

using kernels::ConvShape;
using kernels::Int8Convolution;
using kernels::Int8Inputs;
using kernels::Int8Operands;
using kernels::Int8Product;

constexpr int kOwnInputs = 4;  // x, kernel, kernel_scale, input_scale

void check_operands(const char* name, std::span<const Spec> in) {
  require(in[0].dtype == DType::kFloat32 && in[1].dtype == DType::kInt8 &&
              in[2].dtype == DType::kFloat32 && in[3].dtype == DType::kFloat32,
          name, ": expected an input of float32, a kernel of int8 and scales of float32, got ",
          keratin::name_of(in[0].dtype), ", ", keratin::name_of(in[1].dtype), ", ",
          keratin::name_of(in[2].dtype), " and ", keratin::name_of(in[3].dtype));
  require(
      in[1].shape.size() >= 2 && in[2].shape == Shape{in[1].shape.back()} && in[3].shape.empty(),
      name, ": expected a scale for each of the kernel's columns and one for the inputs, got ",
      "shapes ", to_string(in[1].shape), ", ", to_string(in[2].shape), " and ",
      to_string(in[3].shape));
}

Int8Operands operands_of(const Buffers& b) {
  return {b.input<float>(0), b.input<std::int8_t>(1), b.input<float>(2), *b.input<float>(3),
          b.output<float>(0)};
}

class QuantizedOp : public EpilogueOp {
 public:
  QuantizedOp(Int8Inputs inputs, kernels::Program epilogue)
      : inputs_(inputs), epilogue_(std::move(epilogue)) {}
  const kernels::Program& epilogue() const override { return epilogue_; }
  bool shape_only(int input) const override {
    return input >= kOwnInputs && !epilogue_.reads(input - kOwnInputs + 1);
  }

 protected:
  template <class Work>
  Kernel kernel_of(std::shared_ptr<const Work> work, std::span<const Spec> in,
                   std::span<const Spec> out) const {
    const RowProgram after(epilogue_, out[0], in.subspan(kOwnInputs));
    const std::size_t scratch = work->scratch_bytes();
    return {[work, after](const Buffers& b) {
              RowProgram::Call call(after, b, kOwnInputs);
              work->run(operands_of(b), call.epilogue(), b.scratch);
            },
            scratch};
  }

  Int8Inputs inputs_;
  kernels::Program epilogue_;  // input 0: the product; input i: the op's input i + 3
};

class QuantizedMatMulOp : public QuantizedOp {
 public:
  using QuantizedOp::QuantizedOp;
  std::string_view name() const override { return "quantized_matmul"; }
  std::shared_ptr<const Op> with_epilogue(kernels::Program program) const override {
    return std::make_shared<QuantizedMatMulOp>(inputs_, std::move(program));
  }

  std::vector<Spec> infer(std::span<const Spec> in) const override {
    check_operands("quantized_matmul", in);
    Shape shape = in[0].shape;
    require(shape.size() >= 2 && in[1].shape.size() == 2 && shape.back() == in[1].shape[0],
            "quantized_matmul: shapes ", to_string(shape), " and ", to_string(in[1].shape),
            " do not fit");
    shape.back() = in[1].shape[1];
    return {{DType::kFloat32, std::move(shape)}};
  }

  std::vector<Value> gradient(const Node& node, std::span<const Value> d_out) const override {
    const Value kernel = dequantized(node.inputs[1], node.inputs[2]);
    return {matmul(d_out[0], kernel, false, true), {}, {}, {}};
  }

  Kernel bind(std::span<const Spec> in, std::span<const Spec> out) const override {
    const Shape& x = in[0].shape;
    return kernel_of(std::make_shared<const Int8Product>(product(x, 0, x.size() - 1),
                                                         in[1].shape[1], in[1].shape[0], inputs_),
                     in, out);
  }
};

class QuantizedConvOp : public QuantizedOp {
 public:
  QuantizedConvOp(std::vector<std::int64_t> strides, std::vector<std::int64_t> dilation,
                  Padding padding, Int8Inputs inputs, kernels::Program epilogue)
      : QuantizedOp(inputs, std::move(epilogue)),
        strides_(std::move(strides)),
        dilation_(std::move(dilation)),
        padding_(padding) {}
  std::string_view name() const override { return "quantized_conv"; }
  std::shared_ptr<const Op> with_epilogue(kernels::Program program) const override {
    return std::make_shared<QuantizedConvOp>(strides_, dilation_, padding_, inputs_,
                                             std::move(program));
  }

  std::vector<Spec> infer(std::span<const Spec> in) const override {
    check_operands("quantized_conv", in);
    const std::size_t axes = strides_.size();
    const Shape &x = in[0].shape, &kernel = in[1].shape;
    require(axes >= 1 && axes <= 3 && dilation_.size() == axes && x.size() == axes + 2 &&
                kernel.size() == axes + 2 && x.back() == kernel[axes],
            "quantized_conv: an input of shape ", to_string(x), " and a kernel of ",
            to_string(kernel), " do not fit ", axes, " axes of one group");
    Shape shape{x[0]};
    for (std::size_t i = 0; i < axes; ++i) {
      require(x[i + 1] != kUnknown, "quantized_conv: the input's axis ", i + 1,
              " is not known, of ", to_string(x));
      require(strides_[i] > 0 && dilation_[i] > 0 && kernel[i] > 0,
              "quantized_conv: expected strides, dilations and kernel extents above 0");
      shape.push_back(window(x[i + 1], kernel[i], strides_[i], dilation_[i], padding_).out);
    }
    shape.push_back(kernel.back());
    return {{DType::kFloat32, std::move(shape)}};
  }

  std::vector<Value> gradient(const Node& node, std::span<const Value> d_out) const override {
    const Value y = conv(node.inputs[0], dequantized(node.inputs[1], node.inputs[2]), strides_,
                         dilation_, padding_);
    return {y.node->op->gradient(*y.node, d_out)[0], {}, {}, {}};
  }

  Kernel bind(std::span<const Spec> in, std::span<const Spec> out) const override {
    ConvShape s;
    const std::size_t axes = strides_.size();
    const Shape &x = in[0].shape, &kernel = in[1].shape;
    s.batch = x[0];
    for (std::size_t i = 0; i < axes; ++i) {
      const std::size_t at = 3 - axes + i;
      const Window w = window(x[i + 1], kernel[i], strides_[i], dilation_[i], padding_);
      s.in[at] = x[i + 1], s.out[at] = w.out, s.before[at] = w.before;
      s.kernel[at] = kernel[i], s.stride[at] = strides_[i], s.dilation[at] = dilation_[i];
    }
    s.channels_in = x.back(), s.channels_out = kernel.back();
    return kernel_of(std::make_shared<const Int8Convolution>(s, inputs_), in, out);
  }

 private:
  std::vector<std::int64_t> strides_, dilation_;
  Padding padding_;
};

}  // namespace

Value quantized_matmul(Value x, const Int8Kernel& k) {
  auto op = std::make_shared<QuantizedMatMulOp>(k.inputs, no_epilogue());
  return x.graph().apply(std::move(op), {x, k.kernel, k.kernel_scale, k.input_scale})[0];
}

Value quantized_conv(Value x, const Int8Kernel& k, const std::vector<std::int64_t>& strides,
                     const std::vector<std::int64_t>& dilation, Padding padding) {
  auto op = std::make_shared<QuantizedConvOp>(strides, dilation, padding, k.inputs, no_epilogue());
  return x.graph().apply(std::move(op), {x, k.kernel, k.kernel_scale, k.input_scale})[0];
}

Value dequantized(Value kernel, Value kernel_scale) {
  return cast(kernel, kernel_scale.dtype()) / kernel_scale;
}

}  // namespace keratin::ops
