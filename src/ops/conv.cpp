#include "ops/conv.h"

#include <algorithm>
#include <cctype>

#include "core/error.h"
#include "graph/rows.h"
#include "kernels/conv.h"
#include "ops/conv_geometry.h"
#include "ops/row_epilogue.h"
#include "ops/shape.h"

namespace keratin::ops {
namespace {

using kernels::Convolution;
using kernels::ConvShape;
using kernels::KernelGradient;
using Way = Convolution::Way;

void expect(const char* what, const Spec& spec, const Shape& shape, DType dtype) {
  require(is_floating(spec.dtype) && spec.dtype == dtype,
          "conv: expected operands of one dtype, float32 or float64, got ",
          keratin::name_of(spec.dtype));
  require(compatible(spec.shape, shape), "conv: expected ", what, " of shape ", to_string(shape),
          ", got ", to_string(spec.shape));
}

Value kernel_gradient(Value x, Value d_y, const ConvGeometry& geometry);

// The convolution, or its gradient by x: (x, kernel) -> y, (d_y, kernel) -> d_x.
class ConvOp : public EpilogueOp {
 public:
  ConvOp(const ConvGeometry& geometry, Way way, kernels::Program epilogue)
      : geometry_(geometry), way_(way), epilogue_(std::move(epilogue)) {}

  std::string_view name() const override {
    const bool plain = is_no_epilogue(epilogue_);
    if (way_ == Way::kOutput) return plain ? "conv" : "conv+elementwise";
    return plain ? "conv_transpose" : "conv_transpose+elementwise";
  }
  const kernels::Program& epilogue() const override { return epilogue_; }
  std::shared_ptr<const Op> with_epilogue(kernels::Program program) const override {
    return std::make_shared<ConvOp>(geometry_, way_, std::move(program));
  }
  bool shape_only(int input) const override { return input >= 2 && !epilogue_.reads(input - 1); }
  bool by_row(const Node& node) const override {
    return !has_rows(node.inputs[1]) && rows_line_up(node, 1);
  }

  std::vector<Spec> infer(std::span<const Spec> in) const override {
    require(!in[0].shape.empty(), "conv: expected an input with a batch axis, got a scalar");
    const std::int64_t batch = in[0].shape[0];
    const bool output = way_ == Way::kOutput;
    expect("an input", in[0], output ? geometry_.x(batch) : geometry_.y(batch), in[0].dtype);
    expect("a kernel", in[1], geometry_.kernel(), in[0].dtype);
    return {{in[0].dtype, output ? geometry_.y(batch) : geometry_.x(batch)}};
  }

  std::vector<Value> gradient(const Node& node, std::span<const Value> d_out) const override {
    if (!is_no_epilogue(epilogue_)) fail(Code::kInternal, "conv: its gradient comes after fusion");
    const Value from = node.inputs[0], kernel = node.inputs[1], d = d_out[0];
    const bool output = way_ == Way::kOutput;
    auto back =
        std::make_shared<ConvOp>(geometry_, output ? Way::kInput : Way::kOutput, no_epilogue());
    return {node.graph->apply(std::move(back), {d, kernel})[0],
            output ? kernel_gradient(from, d, geometry_) : kernel_gradient(d, from, geometry_)};
  }

  Kernel bind(std::span<const Spec> in, std::span<const Spec> out) const override {
    auto conv = std::make_shared<const Convolution>(geometry_.with_batch(in[0].shape[0]), way_);
    const RowProgram after(epilogue_, out[0], in.subspan(2));
    const std::size_t scratch = in[0].dtype == DType::kFloat32 ? conv->scratch_bytes() : 0;
    return {[conv, after, dtype = in[0].dtype](const Buffers& b) {
              RowProgram::Call call(after, b, 2);
              if (dtype == DType::kFloat64)
                conv->run(b.input<double>(0), b.input<double>(1), b.output<double>(0),
                          call.epilogue(), b.scratch);
              else
                conv->run(b.input<float>(0), b.input<float>(1), b.output<float>(0), call.epilogue(),
                          b.scratch);
            },
            scratch};
  }

 private:
  ConvGeometry geometry_;
  Way way_;
  kernels::Program epilogue_;  // input 0: the result; input i: the op's input i + 1
};

// (x, d_y) -> d_kernel.
class ConvKernelGradientOp : public Op {
 public:
  explicit ConvKernelGradientOp(const ConvGeometry& geometry) : geometry_(geometry) {}
  std::string_view name() const override { return "conv_kernel_gradient"; }

  std::vector<Spec> infer(std::span<const Spec> in) const override {
    const std::int64_t batch = in[0].shape.empty() ? 0 : in[0].shape[0];
    expect("an input", in[0], geometry_.x(batch), in[0].dtype);
    expect("a gradient", in[1], geometry_.y(batch), in[0].dtype);
    return {{in[0].dtype, geometry_.kernel()}};
  }

  std::vector<Value> gradient(const Node& node, std::span<const Value> d_out) const override {
    const auto apply = [&](Way way, Value from) {
      auto op = std::make_shared<ConvOp>(geometry_, way, no_epilogue());
      return node.graph->apply(std::move(op), {from, d_out[0]})[0];
    };
    return {apply(Way::kInput, node.inputs[1]), apply(Way::kOutput, node.inputs[0])};
  }

  Kernel bind(std::span<const Spec> in, std::span<const Spec>) const override {
    const KernelGradient gradient(geometry_.with_batch(in[0].shape[0]));
    if (in[0].dtype == DType::kFloat64)
      return {[gradient](const Buffers& b) {
        gradient.run(b.input<double>(0), b.input<double>(1), b.output<double>(0), nullptr);
      }};
    return {[gradient](const Buffers& b) {
              gradient.run(b.input<float>(0), b.input<float>(1), b.output<float>(0), b.scratch);
            },
            gradient.scratch_bytes()};
  }

 private:
  ConvGeometry geometry_;
};

Value kernel_gradient(Value x, Value d_y, const ConvGeometry& geometry) {
  return x.graph().apply(std::make_shared<ConvKernelGradientOp>(geometry), {x, d_y})[0];
}

// The axes of x and kernel, as far as they stand in both: strides, dilation and kernel extents.
ConvGeometry geometry_of(const char* op, Value x, Value kernel,
                         const std::vector<std::int64_t>& strides,
                         const std::vector<std::int64_t>& dilation) {
  const std::size_t axes = strides.size();
  require(axes >= 1 && axes <= 3 && dilation.size() == axes, op,
          ": expected strides and dilations for one to three axes, got ", axes, " and ",
          dilation.size());
  require(x.rank() == axes + 2 && kernel.rank() == axes + 2, op, ": expected an input of rank ",
          axes + 2, " and a kernel of the same, got shapes ", to_string(x.shape()), " and ",
          to_string(kernel.shape()));
  ConvGeometry g{{}, axes};
  g.shape.precision = x.graph().precision;
  for (std::size_t i = 0; i < axes; ++i) {
    const std::size_t at = 3 - axes + i;
    require(x.shape()[i + 1] != kUnknown, op, ": the input's axis ", i + 1, " is not known, of ",
            to_string(x.shape()));
    g.shape.kernel[at] = kernel.shape()[i];
    g.shape.stride[at] = strides[i];
    g.shape.dilation[at] = dilation[i];
    require(strides[i] > 0 && dilation[i] > 0 && kernel.shape()[i] > 0, op,
            ": expected strides, dilations and kernel extents above 0, got ", strides[i], ", ",
            dilation[i], " and ", kernel.shape()[i]);
  }
  require(x.shape().back() != kUnknown, op, ": the number of channels is not known");
  return g;
}

}  // namespace

Padding padding_named(std::string_view name) {
  std::string lower(name);
  for (char& c : lower) c = char(std::tolower(static_cast<unsigned char>(c)));
  if (lower == "valid") return Padding::kValid;
  if (lower == "same") return Padding::kSame;
  if (lower == "causal") return Padding::kCausal;
  fail(Code::kInvalidArgument, "expected padding 'valid', 'same' or 'causal', got '", name, "'");
}

Window window(std::int64_t in, std::int64_t size, std::int64_t stride, std::int64_t dilation,
              Padding padding) {
  const std::int64_t reach = (size - 1) * dilation + 1;
  if (padding == Padding::kSame) {
    const std::int64_t out = (in + stride - 1) / stride;
    return {out, std::max<std::int64_t>(0, (out - 1) * stride + reach - in) / 2};
  }
  const std::int64_t before = padding == Padding::kCausal ? reach - 1 : 0;
  require(in + before >= reach, "an axis of ", in, " is too short for a window of ", reach);
  return {(in + before - reach) / stride + 1, before};
}

Window transposed_window(std::int64_t in, std::int64_t size, std::int64_t stride,
                         std::int64_t dilation, Padding padding,
                         std::optional<std::int64_t> output_padding) {
  require(padding != Padding::kCausal, "conv_transpose: padding cannot be 'causal'");
  const std::int64_t reach = (size - 1) * dilation + 1;
  if (padding == Padding::kValid)
    return {(in - 1) * stride + reach + output_padding.value_or(std::max(reach, stride) - reach),
            0};
  // What stands around the input, spread by the stride.
  const std::int64_t around =
      output_padding ? reach + reach % 2 - 2 + *output_padding : stride + reach - 2;
  const std::int64_t left = std::min(around / 2 + around % 2, reach - 1);
  return {output_padding ? (in - 1) * stride + reach % 2 + *output_padding : in * stride,
          reach - 1 - left};
}

ConvGeometry conv_geometry(const char* op, Value x, Value kernel,
                           const std::vector<std::int64_t>& strides,
                           const std::vector<std::int64_t>& dilation, Padding padding) {
  ConvGeometry g = geometry_of(op, x, kernel, strides, dilation);
  ConvShape& s = g.shape;
  for (std::size_t i = 0; i < g.axes; ++i) {
    const std::size_t at = 3 - g.axes + i;
    s.in[at] = x.shape()[i + 1];
    const Window w = window(s.in[at], s.kernel[at], s.stride[at], s.dilation[at], padding);
    s.out[at] = w.out;
    s.before[at] = w.before;
  }
  s.channels_in = x.shape().back();
  s.channels_out = kernel.shape().back();
  const std::int64_t depth = kernel.shape()[g.axes];
  require(depth > 0 && s.channels_in > 0 && s.channels_in % depth == 0, op, ": ", s.channels_in,
          " channels of the input cannot be cut into groups of the kernel's ", depth);
  s.groups = s.channels_in / depth;
  require(s.channels_out % s.groups == 0, op, ": ", s.channels_out,
          " output channels cannot be cut into ", s.groups, " groups");
  return g;
}

Value conv_input_gradient(Value d_y, Value kernel, const ConvGeometry& geometry) {
  auto op = std::make_shared<ConvOp>(geometry, Way::kInput, no_epilogue());
  return d_y.graph().apply(std::move(op), {d_y, kernel})[0];
}

Value conv(Value x, Value kernel, const std::vector<std::int64_t>& strides,
           const std::vector<std::int64_t>& dilation, Padding padding) {
  ConvGeometry g = conv_geometry("conv", x, kernel, strides, dilation, padding);
  ConvShape& s = g.shape;
  if (s.group_in() == 1 && s.groups > 1 && s.channels_out > s.channels_in) {
    // Several filters a channel: each channel stands as often side by side.
    const Value one = expand_dims(x, int(x.rank()));
    Shape wide = x.shape();
    wide.back() = s.channels_out;
    x = reshape(concatenate(std::vector<Value>(std::size_t(s.group_out()), one), -1), wide);
    s.channels_in = s.groups = s.channels_out;
  }
  auto op = std::make_shared<ConvOp>(g, Way::kOutput, no_epilogue());
  return x.graph().apply(std::move(op), {x, kernel})[0];
}

Value depthwise_conv(Value x, Value kernel, const std::vector<std::int64_t>& strides,
                     const std::vector<std::int64_t>& dilation, Padding padding) {
  Shape shape = kernel.shape();
  require(shape.size() >= 2, "depthwise_conv: expected a kernel of rank 3 or more, got shape ",
          to_string(shape));
  const std::int64_t channels = shape[shape.size() - 2];
  require(x.rank() == shape.size() && x.shape().back() == channels, "depthwise_conv: the input ",
          to_string(x.shape()), " does not fit the kernel ", to_string(shape));
  shape.back() *= channels;
  shape[shape.size() - 2] = 1;
  return conv(x, reshape(kernel, shape), strides, dilation, padding);
}

Value conv_transpose(Value x, Value kernel, const std::vector<std::int64_t>& strides,
                     const std::vector<std::int64_t>& dilation, Padding padding,
                     const std::vector<std::int64_t>& output_padding) {
  ConvGeometry g = geometry_of("conv_transpose", x, kernel, strides, dilation);
  require(output_padding.empty() || output_padding.size() == g.axes,
          "conv_transpose: expected output_padding for ", g.axes, " axes, got ",
          output_padding.size());
  ConvShape& s = g.shape;
  for (std::size_t i = 0; i < g.axes; ++i) {
    const std::size_t at = 3 - g.axes + i;
    s.out[at] = x.shape()[i + 1];
    const Window w =
        transposed_window(s.out[at], s.kernel[at], s.stride[at], s.dilation[at], padding,
                          output_padding.empty() ? std::nullopt : std::optional(output_padding[i]));
    require(w.out > 0, "conv_transpose: nothing is left of an axis of ", s.out[at]);
    s.in[at] = w.out;
    s.before[at] = w.before;
  }
  s.channels_out = x.shape().back();
  s.channels_in = kernel.shape()[g.axes];
  require(s.channels_out == kernel.shape().back(), "conv_transpose: the input ",
          to_string(x.shape()), " does not fit the kernel ", to_string(kernel.shape()));
  auto op = std::make_shared<ConvOp>(g, Way::kInput, no_epilogue());
  return x.graph().apply(std::move(op), {x, kernel})[0];
}

}  // namespace keratin::ops
