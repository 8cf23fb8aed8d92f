// Arithmetic of images [batch, height, width, channels]; floating.
#pragma once

#include "graph/graph.h"
#include "ops/conv.h"

namespace keratin::ops {

// 0, 1, 2, ... along one axis of four, in the dtype of `like`.
Value counted_along(Value like, std::int64_t count, int axis);

Value to_grayscale(Value images);  // of three channels or one: one

// Of three channels, red, green and blue: hue, saturation and value, each [..., 1], from 0 to 1.
struct Hsv {
  Value hue, saturation, value;
};
Hsv to_hsv(Value images);
Value from_hsv(const Hsv& of);

// Blurred along axis 1 or 2 by a bell of `size` pixels, zeros outside; sigma is a scalar.
Value blur(Value images, int axis, std::int64_t size, Value sigma,
           Padding padding = Padding::kSame);

}  // namespace keratin::ops
