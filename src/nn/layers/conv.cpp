#include "nn/layers/conv.h"

#include <algorithm>

#include "ops/elementwise.h"

namespace keratin {
void ConvLayer::configured() {
  ImageLayer::configured();
  expand_to_axes(*this, "kernel_size", kernel_size, axes());
  expand_to_axes(*this, "strides", strides, axes());
  expand_to_axes(*this, "dilation_rate", dilation_rate, axes());
  if (!activation) activation = linear();
  const auto largest = [](const std::vector<std::int64_t>& v) {
    return *std::max_element(v.begin(), v.end());
  };
  require(largest(strides) == 1 || largest(dilation_rate) == 1, "layer '", name, "' (", info().name,
          "): strides and dilation_rate cannot both be above 1, got ", Json(strides).dump(),
          " and ", Json(dilation_rate).dump());
  require(padding != "causal" || info().name == "Conv1D", "layer '", name, "' (", info().name,
          "): padding 'causal' is for Conv1D only");
}

ClassInfo ConvLayer::arranged(ClassInfo c) {
  static constexpr const char* kOrder[] = {"filters",
                                           "kernel_size",
                                           "strides",
                                           "padding",
                                           "output_padding",
                                           "depth_multiplier",
                                           "data_format",
                                           "dilation_rate",
                                           "groups",
                                           "activation",
                                           "use_bias",
                                           "kernel_initializer",
                                           "depthwise_initializer",
                                           "pointwise_initializer",
                                           "bias_initializer",
                                           "kernel_regularizer",
                                           "depthwise_regularizer",
                                           "pointwise_regularizer",
                                           "bias_regularizer",
                                           "activity_regularizer",
                                           "kernel_constraint",
                                           "depthwise_constraint",
                                           "pointwise_constraint",
                                           "bias_constraint",
                                           "lora_rank",
                                           "lora_alpha"};
  const auto place = [&](const Attribute& a) {
    // SeparableConv takes it after the dilation.
    const bool late = a.name == "depth_multiplier" && c.find("filters");
    const auto* at =
        std::find(std::begin(kOrder), std::end(kOrder), late ? std::string("groups") : a.name);
    return at == std::end(kOrder) ? -1 : int(at - kOrder);
  };
  std::stable_sort(c.attributes.begin(), c.attributes.end(),
                   [&](const Attribute& a, const Attribute& b) { return place(a) < place(b); });
  for (Attribute& a : c.attributes)
    if (a.name == "activity_regularizer") a.omit_default = false;
  return c;
}

Shape ConvLayer::kernel_shape(std::int64_t in, std::int64_t out) const {
  Shape shape = kernel_size;
  shape.push_back(in);
  shape.push_back(out);
  return shape;
}

void ConvLayer::build(std::span<const Shape> inputs) {
  const Shape shape = to_channels_last(inputs[0], *data_format);
  require_axes(shape.size(), axes(), inputs[0]);
  require(shape.back() != kUnknown, "the number of channels of the input ", to_string(inputs[0]),
          " must be known");
  const std::int64_t width = build_kernels(shape.back());
  if (use_bias)
    bias_ = add_weight("bias", {width}, bias_initializer, true, bias_regularizer, bias_constraint);
}

std::vector<Value> ConvLayer::call(CallContext& context, std::span<const Value> inputs) {
  require_axes(inputs[0].rank(), axes(), inputs[0].shape());
  const Value x = ops::cast(inputs[0], compute_dtype());
  Value y = convolve(context.graph, to_channels_last(x, *data_format));
  if (use_bias) y = y + context.graph.variable(bias_);
  return {activate(activation, from_channels_last(y, *data_format))};
}

}  // namespace keratin
