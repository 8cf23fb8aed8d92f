// Images seen through affine maps.
#pragma once

#include <string_view>

#include "graph/graph.h"
#include "kernels/affine.h"

namespace keratin::ops {

kernels::Fill fill_named(std::string_view name);  // Keras' fill_mode

// images [batch, height, width, channels], maps [batch, 6] (kernels/affine.h) -> [batch,
// out_height, out_width, channels]. No gradient: it is for data.
Value affine_transform(Value images, Value maps, std::int64_t out_height, std::int64_t out_width,
                       bool bilinear, kernels::Fill fill, double fill_value);
// The same, with the place (across, down) in the image of each pixel: places [batch, out_height,
// out_width, 2]. With gradients by both.
Value sample(Value images, Value places, bool bilinear, kernels::Fill fill, double fill_value);

}  // namespace keratin::ops
