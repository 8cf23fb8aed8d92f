// Convolutions over one to three axes, channels last:
//   x [batch, extents..., in], kernel [extents..., in / groups, out] -> [batch, extents..., out].
// All extents but the batch are known. Strides and dilations have one number for each axis.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "graph/graph.h"

namespace keratin::ops {

enum class Padding { kValid, kSame, kCausal };
Padding padding_named(std::string_view name);  // "valid", "same" or "causal" in any case

// What Keras' rules make of one axis.
struct Window {
  std::int64_t out;     // extent of the result
  std::int64_t before;  // padding
};
// Throws kInvalidArgument where nothing is left.
Window window(std::int64_t in, std::int64_t size, std::int64_t stride, std::int64_t dilation,
              Padding padding);
// Of a transposed convolution: `before` is that of the convolution whose gradient it is.
Window transposed_window(std::int64_t in, std::int64_t size, std::int64_t stride,
                         std::int64_t dilation, Padding padding,
                         std::optional<std::int64_t> output_padding);

// Groups follow from the kernel's shape: x's channels over the kernel's.
Value conv(Value x, Value kernel, const std::vector<std::int64_t>& strides,
           const std::vector<std::int64_t>& dilation, Padding padding);
// kernel [extents..., in, multiplier]: each channel by itself -> [batch, extents..., in *
// multiplier].
Value depthwise_conv(Value x, Value kernel, const std::vector<std::int64_t>& strides,
                     const std::vector<std::int64_t>& dilation, Padding padding);
// kernel [extents..., out, in]; output_padding has one number for each axis, or none at all.
Value conv_transpose(Value x, Value kernel, const std::vector<std::int64_t>& strides,
                     const std::vector<std::int64_t>& dilation, Padding padding,
                     const std::vector<std::int64_t>& output_padding = {});

}  // namespace keratin::ops
