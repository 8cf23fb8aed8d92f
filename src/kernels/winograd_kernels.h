// The transforms of Winograd's F(2x2, 3x3), compiled for each instruction set: Lavin and Gray,
// "Fast Algorithms for Convolutional Neural Networks", 2015, from whom the matrices A, B and G are.
// Everything here runs in the calling thread; channels are worked on side by side.
#pragma once

#include <cstdint>

namespace keratin::kernels {

// A tile's 16 positions lie `step` floats apart. Pixels are pointers to their first channel.
struct WinogradKernels {
  // B^T d B of 4 x 4 pixels.
  void (*input)(const float* const* pixels, std::int64_t channels, float* to, std::int64_t step);
  // A^T m A: 2 x 2 pixels.
  void (*output)(const float* from, std::int64_t step, std::int64_t channels, float* const* pixels);
  // A y A^T of 2 x 2 pixels: the gradient of output().
  void (*output_gradient)(const float* const* pixels, std::int64_t channels, float* to,
                          std::int64_t step);
  // G g G^T of `count` kernels, whose taps are pointers.
  void (*kernel)(const float* const* taps, std::int64_t count, float* to, std::int64_t step);
  // G^T u G: the gradient of kernel().
  void (*kernel_gradient)(const float* from, std::int64_t step, std::int64_t count,
                          float* const* taps);
};

// Those for this machine.
const WinogradKernels& winograd_kernels();

}  // namespace keratin::kernels
