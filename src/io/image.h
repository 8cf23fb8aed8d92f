// Pictures: PNG by libpng, JPEG by libjpeg-turbo.
#pragma once

#include <string>
#include <string_view>

#include "core/tensor.h"

namespace keratin::io {

// Decoded into uint8 [height, width, channels]; channels is 1 (grey, by ITU-R 601's weights), 3 or
// 4. Grey pictures are repeated, a transparency that is not asked for is dropped, one that is not
// there is full. Throws kCorrupt, kUnsupported (neither form), kInvalidArgument, naming `what`.
Tensor decode_image(std::string_view bytes, const std::string& what, std::int64_t channels);

// float32 [height, width, channels] of the same range, resized by ops::resize_axis' interpolations.
Tensor resized_image(const Tensor& image, std::int64_t height, std::int64_t width,
                     std::string_view interpolation);

}  // namespace keratin::io
