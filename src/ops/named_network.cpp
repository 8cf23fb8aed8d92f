// Parts of networks: normalizations, convolutions, pooling, attention.
#include <cmath>

#include "core/error.h"
#include "ops/attention.h"
#include "ops/channels.h"
#include "ops/conv.h"
#include "ops/elementwise.h"
#include "ops/linalg.h"
#include "ops/matmul.h"
#include "ops/named_call.h"
#include "ops/picking.h"
#include "ops/pool.h"
#include "ops/reduce.h"
#include "ops/shape.h"
#include "ops/softmax.h"

namespace keratin::ops {
namespace {

constexpr double kEpsilon = 1e-7;  // Keras' backend.epsilon()

double epsilon_of(const OpCall& call) {
  return call.is_null("epsilon") ? kEpsilon : call.number("epsilon");
}

// What a layer would keep as a weight, spread over the axes.
Value along(Value weight, Value x, const std::vector<int>& axes) {
  weight = cast(weight, x.dtype());
  if (axes.size() != 1) return weight;
  Shape shape(x.rank(), 1);
  shape[std::size_t(normalize_axis(axes[0], x.rank()))] = kUnknown;
  return reshape(weight, shape);
}

Values layer_normalization(const OpCall& call) {
  const Value x = call.floating();
  const std::vector<int> axes = call.axes();
  const auto [mean, variance] = moments(x, axes, true);
  const Value factor = rsqrt(variance + epsilon_of(call));
  if (call.flag("rms_scaling"))
    return {x * (call.has(1) ? factor * along(call.value(1), x, axes) : factor)};
  const Value scale = call.has(1) ? factor * along(call.value(1), x, axes) : factor;
  const Value y = (x - mean) * scale;
  return {call.has(2) ? y + along(call.value(2), x, axes) : y};
}

Values rms_normalization(const OpCall& call) {
  const Value x = call.floating();
  const std::vector<int> axes = call.axes();
  const Value y = x * rsqrt(ops::mean(square(x), axes, true) + epsilon_of(call));
  return {call.has(1) ? y * along(call.value(1), x, axes) : y};
}

Values batch_normalization(const OpCall& call) {
  const Value x = call.floating();
  const std::vector<int> axes = call.axes();
  Value factor = rsqrt(along(call.value(2), x, axes) + call.number("epsilon"));
  if (call.has(4)) factor = factor * along(call.value(4), x, axes);
  const Value y = (x - along(call.value(1), x, axes)) * factor;
  return {call.has(3) ? y + along(call.value(3), x, axes) : y};
}

Values normalized(const OpCall& call) {
  const Value x = call.floating();
  const std::vector<int> axes = call.axes();
  const double order = call.number("order"), epsilon = epsilon_of(call);
  if (order == 2) return {x * minimum(rsqrt(sum(square(x), axes, true)), 1 / epsilon)};
  return {x / maximum(power_norm(x, order, axes, true), epsilon)};
}

// A number stands for each of the axes of the image.
std::vector<std::int64_t> for_axes(const OpCall& call, const char* name, std::size_t axes) {
  std::vector<std::int64_t> numbers = call.integers(name);
  if (numbers.size() == 1) numbers.assign(axes, numbers[0]);
  require(numbers.size() == axes, name, ": expected ", axes, " numbers, got ", numbers.size());
  return numbers;
}

std::string format_of(const OpCall& call) {
  return call.is_null("data_format") ? "channels_last" : call.text("data_format");
}

std::size_t axes_of(Value x) {
  require(x.rank() >= 3 && x.rank() <= 5, "expected shape [batch, extents..., channels], got ",
          to_string(x.shape()));
  return x.rank() - 2;
}

// The channels last; and back to where they were.
Value images_of(const OpCall& call) { return to_channels_last(call.floating(), format_of(call)); }
Values images_of(const OpCall& call, Value y) { return {from_channels_last(y, format_of(call))}; }

Padding padding_of(const OpCall& call) { return padding_named(call.text("padding")); }

template <Value (*fn)(Value, Value, const std::vector<std::int64_t>&,
                      const std::vector<std::int64_t>&, Padding)>
Values convolved(const OpCall& call) {
  const Value x = images_of(call);
  const std::size_t axes = axes_of(x);
  return images_of(call, fn(x, cast(call.value(1), x.dtype()), for_axes(call, "strides", axes),
                            for_axes(call, "dilation_rate", axes), padding_of(call)));
}

Values conv_transposed(const OpCall& call) {
  const Value x = images_of(call);
  const std::size_t axes = axes_of(x);
  std::vector<std::int64_t> output_padding;
  if (!call.is_null("output_padding")) output_padding = for_axes(call, "output_padding", axes);
  return images_of(
      call,
      conv_transpose(x, cast(call.value(1), x.dtype()), for_axes(call, "strides", axes),
                     for_axes(call, "dilation_rate", axes), padding_of(call), output_padding));
}

Values separable(const OpCall& call) {
  const Value x = images_of(call);
  const std::size_t axes = axes_of(x);
  const std::vector<std::int64_t> ones(axes, 1);
  const Value y = depthwise_conv(x, cast(call.value(1), x.dtype()), for_axes(call, "strides", axes),
                                 for_axes(call, "dilation_rate", axes), padding_of(call));
  return images_of(call, conv(y, cast(call.value(2), x.dtype()), ones, ones, Padding::kValid));
}

template <Value (*fn)(Value, const std::vector<std::int64_t>&, const std::vector<std::int64_t>&,
                      Padding)>
Values pooled(const OpCall& call) {
  const Value x = images_of(call);
  const std::size_t axes = axes_of(x);
  const auto size = for_axes(call, "pool_size", axes);
  return images_of(call,
                   fn(x, size, call.is_null("strides") ? size : for_axes(call, "strides", axes),
                      padding_of(call)));
}

template <Value (*fn)(Value, const std::vector<std::int64_t>&)>
Values adaptive(const OpCall& call) {
  const Value x = images_of(call);
  return images_of(call, fn(x, for_axes(call, "output_size", axes_of(x))));
}

Values attention(const OpCall& call) {
  const Value q = call.floating(0), k = call.floating(1), v = call.floating(2);
  // As in Keras, attn_logits_soft_cap has no effect but on a TPU.
  AttentionScores scores;
  scores.scale =
      call.has(5) ? call.constant(5).get<double>() : 1 / std::sqrt(double(known_extent(k, -1)));
  scores.causal = call.flag("is_causal");
  if (call.has(3)) scores.bias = cast(call.value(3), q.dtype());
  if (call.has(4)) scores.mask = cast(cast(call.value(4), DType::kBool), q.dtype());
  return {dot_product_attention(q, k, v, scores)};
}

Values signal_to_noise(const OpCall& call) {
  const auto [a, b] = call.pair();
  const Value error = mean(square(to_floating(a) - to_floating(b)));
  const double top = 20 * std::log10(call.number("max_val"));
  return {top - log(error) * (10 / std::log(10.0))};
}

#define IMAGE "; padding: string = \"valid\"; data_format: string? = null"
#define WINDOWS "; strides: list of int = 1" IMAGE "; dilation_rate: list of int = 1"

constexpr OpRow kRows[] = {
    {"layer_normalization", "nn.LayerNorm",
     "x, gamma = null, beta = null; axis: list of int = -1; epsilon: float? = null; rms_scaling: "
     "bool = false",
     "x with mean 0 and variance 1 along axes.", layer_normalization},
    {"rms_normalization", "nn.RMSNorm",
     "x, scale = null; axis: list of int = -1; epsilon: float? = null",
     "x with a mean square of 1 along axes.", rms_normalization},
    {"batch_normalization", "nn.BatchNorm",
     "x, mean, variance, offset = null, scale = null; axis: int; epsilon: float = 0.001",
     "x less a mean, over a deviation.", batch_normalization},
    {"normalize", "nn.Normalize",
     "x; axis: list of int = -1; order: int = 2; epsilon: float? = null",
     "x with a norm of 1 along axes.", normalized},
    {"conv", "nn.Conv", "inputs, kernel" WINDOWS, "Convolution.", convolved<conv>},
    {"depthwise_conv", "nn.DepthwiseConv", "inputs, kernel" WINDOWS,
     "Convolution of each channel by itself.", convolved<depthwise_conv>},
    {"separable_conv", "nn.SeparableConv", "inputs, depthwise_kernel, pointwise_kernel" WINDOWS,
     "depthwise_conv, then one over the channels.", separable},
    {"conv_transpose", "nn.ConvTranspose",
     "inputs, kernel" WINDOWS "; output_padding: list of int? = null",
     "The gradient of a convolution.", conv_transposed},
    {"max_pool", "nn.MaxPool", "inputs; pool_size: list of int; strides: list of int? = null" IMAGE,
     "The largest in each window.", pooled<max_pool>},
    {"average_pool", "nn.AveragePool",
     "inputs; pool_size: list of int; strides: list of int? = null" IMAGE,
     "The mean of each window.", pooled<average_pool>},
    {"adaptive_max_pool", "nn.AdaptiveMaxPool",
     "inputs; output_size: list of int; data_format: string? = null",
     "The largest of so many windows.", adaptive<adaptive_max_pool>},
    {"adaptive_average_pool", "nn.AdaptiveAveragePool",
     "inputs; output_size: list of int; data_format: string? = null",
     "The means of so many windows.", adaptive<adaptive_average_pool>},
    {"dot_product_attention", "nn.DotProductAttention",
     "query, key, value, bias = null, mask = null, scale = null; is_causal: bool = false; "
     "flash_attention: bool? = null; attn_logits_soft_cap: float? = null",
     "Values weighted by how keys agree with queries.", attention},
    {"psnr", "nn.PSNR", "x1, x2; max_val: float", "Peak signal-to-noise ratio in decibels.",
     signal_to_noise},
};
KERATIN_REGISTER_OPS(kRows);

}  // namespace
}  // namespace keratin::ops
