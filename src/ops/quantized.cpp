#include "ops/quantized.h"

#include "core/error.h"
#include "ops/conv_geometry.h"
#include "ops/elementwise.h"
#include "ops/matmul.h"
#include "ops/row_epilogue.h"

namespace keratin::ops {
namespace {

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
  QuantizedConvOp(const ConvGeometry& geometry, Int8Inputs inputs, kernels::Program epilogue)
      : QuantizedOp(inputs, std::move(epilogue)), geometry_(geometry) {}
  std::string_view name() const override { return "quantized_conv"; }
  std::shared_ptr<const Op> with_epilogue(kernels::Program program) const override {
    return std::make_shared<QuantizedConvOp>(geometry_, inputs_, std::move(program));
  }

  std::vector<Spec> infer(std::span<const Spec> in) const override {
    check_operands("quantized_conv", in);
    const std::int64_t batch = in[0].shape.empty() ? 0 : in[0].shape[0];
    require(compatible(in[0].shape, geometry_.x(batch)) && in[1].shape == geometry_.kernel(),
            "quantized_conv: expected an input of shape ", to_string(geometry_.x(batch)),
            " and a kernel of ", to_string(geometry_.kernel()), ", got ", to_string(in[0].shape),
            " and ", to_string(in[1].shape));
    return {{DType::kFloat32, geometry_.y(batch)}};
  }

  std::vector<Value> gradient(const Node& node, std::span<const Value> d_out) const override {
    const Value kernel = dequantized(node.inputs[1], node.inputs[2]);
    return {conv_input_gradient(d_out[0], kernel, geometry_), {}, {}, {}};
  }

  Kernel bind(std::span<const Spec> in, std::span<const Spec> out) const override {
    return kernel_of(
        std::make_shared<const Int8Convolution>(geometry_.with_batch(in[0].shape[0]), inputs_), in,
        out);
  }

 private:
  ConvGeometry geometry_;
};

}  // namespace

Value quantized_matmul(Value x, const Int8Kernel& k) {
  auto op = std::make_shared<QuantizedMatMulOp>(k.inputs, no_epilogue());
  return x.graph().apply(std::move(op), {x, k.kernel, k.kernel_scale, k.input_scale})[0];
}

Value quantized_conv(Value x, const Int8Kernel& k, const std::vector<std::int64_t>& strides,
                     const std::vector<std::int64_t>& dilation, Padding padding) {
  const ConvGeometry geometry =
      conv_geometry("quantized_conv", x, k.kernel, strides, dilation, padding);
  auto op = std::make_shared<QuantizedConvOp>(geometry, k.inputs, no_epilogue());
  return x.graph().apply(std::move(op), {x, k.kernel, k.kernel_scale, k.input_scale})[0];
}

Value dequantized(Value kernel, Value kernel_scale) {
  return cast(kernel, kernel_scale.dtype()) / kernel_scale;
}

}  // namespace keratin::ops
