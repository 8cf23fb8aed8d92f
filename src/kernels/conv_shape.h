// What a convolution is, and which taps of the kernel each position takes: the one place that knows
// strides, dilation and padding. Up to three axes; fewer are padded in front with axes of 1.
//   x [batch, in..., channels_in], kernel [kernel..., channels_in / groups, channels_out],
//   y [batch, out..., channels_out];
//   y[o] = sum over taps t of x[o * stride + t * dilation - before] kernel[t], x being 0 outside.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "core/precision.h"

namespace keratin::kernels {

struct ConvShape {
  using Extents = std::array<std::int64_t, 3>;
  std::int64_t batch = 1;
  Extents in{1, 1, 1}, out{1, 1, 1}, kernel{1, 1, 1}, stride{1, 1, 1}, dilation{1, 1, 1};
  Extents before{0, 0, 0};  // padding
  std::int64_t channels_in = 1, channels_out = 1, groups = 1;
  // Of products of float; depthwise ones, which memory bounds, are always computed in full.
  Precision precision = Precision::kFull;

  std::int64_t taps() const { return kernel[0] * kernel[1] * kernel[2]; }
  std::int64_t in_pixels() const { return in[0] * in[1] * in[2]; }
  std::int64_t out_pixels() const { return out[0] * out[1] * out[2]; }
  std::int64_t group_in() const { return channels_in / groups; }
  std::int64_t group_out() const { return channels_out / groups; }
  bool is_depthwise() const { return group_in() == 1 && group_out() == 1; }
  // A product of matrices: every pixel by itself.
  bool is_pointwise() const;
};

// Positions along one axis that take the same taps. Position first + i * step, for i < count, sums
// over t < taps what tap + t * tap_step makes of the element source + i * source_step +
// t * source_tap of the other side.
struct AxisClass {
  std::int64_t first, step, count;
  std::int64_t tap, tap_step, taps;
  std::int64_t source, source_step, source_tap;
};

// Of the positions of y along an axis, reading x; every position is in one class.
std::vector<AxisClass> output_classes(const ConvShape& shape, int axis);
// Of the positions of x, reading y: what gradients of x are made by. Taps count from the kernel's
// end.
std::vector<AxisClass> input_classes(const ConvShape& shape, int axis);

}  // namespace keratin::kernels
