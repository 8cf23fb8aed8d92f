// Linear maps along one axis of known extent. Floating operands.
#pragma once

#include <string_view>

#include "graph/graph.h"
#include "kernels/resample.h"

namespace keratin::ops {

Value resample(Value x, int axis, kernels::AxisMap map);

Value zero_pad(Value x, int axis, std::int64_t before, std::int64_t after);
Value repeat_elements(Value x, int axis, std::int64_t times);  // each `times` times, side by side
// Between extents, by the interpolations of resize_axis.
kernels::AxisMap resize_map(std::int64_t in, std::int64_t out, std::string_view interpolation,
                            bool antialias = false);
// To another extent, as jax.image.resize does: "nearest", "bilinear", "bicubic", "lanczos3",
// "lanczos5".
Value resize_axis(Value x, int axis, std::int64_t extent, std::string_view interpolation,
                  bool antialias = false);

// Of images whose height is along `axis`, the width along the next one. The middle part along an
// axis; the largest middle part of these proportions; the smallest image around of these
// proportions, its borders `fill`.
Value middle(Value x, int axis, std::int64_t extent);
Value crop_to_proportions(Value x, int axis, std::int64_t height, std::int64_t width);
Value pad_to_proportions(Value x, int axis, std::int64_t height, std::int64_t width, double fill);

}  // namespace keratin::ops
