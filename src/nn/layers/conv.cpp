#include "nn/layers/conv.h"

#include <algorithm>

#include "ops/elementwise.h"
#include "ops/shape.h"

namespace keratin {
namespace {

bool is_first(const std::string& data_format) { return data_format == "channels_first"; }

}  // namespace

Value to_channels_last(Value x, const std::string& data_format) {
  if (!is_first(data_format) || x.rank() < 3) return x;
  std::vector<int> order{0};
  for (int axis = 2; axis < int(x.rank()); ++axis) order.push_back(axis);
  order.push_back(1);
  return ops::transpose(x, order);
}

Value from_channels_last(Value x, const std::string& data_format) {
  if (!is_first(data_format) || x.rank() < 3) return x;
  std::vector<int> order{0, int(x.rank()) - 1};
  for (int axis = 1; axis + 1 < int(x.rank()); ++axis) order.push_back(axis);
  return ops::transpose(x, order);
}

Shape to_channels_last(Shape shape, const std::string& data_format) {
  if (is_first(data_format) && shape.size() > 2)
    std::rotate(shape.begin() + 1, shape.begin() + 2, shape.end());
  return shape;
}

void expand_to_axes(const Layer& layer, const char* attribute, std::vector<std::int64_t>& values,
                    std::size_t axes) {
  if (values.size() == 1) values.resize(axes, values[0]);
  require(values.size() == axes, "layer '", layer.name, "' (", layer.info().name, "): expected ",
          attribute, " to be one number or ", axes, ", got ", Json(values).dump());
}

void ConvLayer::configured() {
  Layer::configured();
  expand_to_axes(*this, "kernel_size", kernel_size, axes_);
  expand_to_axes(*this, "strides", strides, axes_);
  expand_to_axes(*this, "dilation_rate", dilation_rate, axes_);
  if (!data_format) data_format = "channels_last";
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
  require(shape.size() == axes_ + 2, "expected an input of rank ", axes_ + 2, ", got shape ",
          to_string(inputs[0]));
  require(shape.back() != kUnknown, "the number of channels of the input ", to_string(inputs[0]),
          " must be known");
  const std::int64_t width = build_kernels(shape.back());
  if (use_bias)
    bias_ = add_weight("bias", {width}, bias_initializer, true, bias_regularizer, bias_constraint);
}

std::vector<Value> ConvLayer::call(CallContext& context, std::span<const Value> inputs) {
  require(inputs[0].rank() == axes_ + 2, "expected an input of rank ", axes_ + 2, ", got shape ",
          to_string(inputs[0].shape()));
  Value y = convolve(context.graph, to_channels_last(inputs[0], *data_format));
  if (use_bias) y = y + context.graph.variable(bias_);
  return {activation->call(from_channels_last(y, *data_format))};
}

}  // namespace keratin
