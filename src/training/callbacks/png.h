// Small PNG images, not compressed.
#pragma once

#include <cstdint>
#include <string>

namespace keratin {

// Bytes of [height, width, channels]; 1 channel is grey, 3 are RGB, 4 RGBA.
std::string write_png(const std::string& pixels, std::int64_t height, std::int64_t width,
                      std::int64_t channels);

}  // namespace keratin
