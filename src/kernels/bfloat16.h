// Rounding to bfloat16: the upper half of a float.
#pragma once

#include <bit>
#include <cstdint>

namespace keratin::kernels {

// To the nearest, ties to even; as a float again. Not finite numbers stay what they are.
inline float round_to_bfloat16(float x) {
  const auto bits = std::bit_cast<std::uint32_t>(x);
  const std::uint32_t rounded = (bits + 0x7fff + ((bits >> 16) & 1)) & 0xffff0000u;
  const std::uint32_t quiet = (bits & 0xffff0000u) | 0x00400000u;
  return std::bit_cast<float>((bits & 0x7fffffffu) > 0x7f800000u ? quiet : rounded);
}

// `to` may be `from`. On any of the threads.
void round_to_bfloat16(const float* from, std::int64_t count, float* to);

}  // namespace keratin::kernels
