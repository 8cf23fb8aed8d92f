// Convolutions as their definition has them, element by element: in double precision for the checks
// of gradients, and the reference that the fast ones are tested against.
#pragma once

#include <algorithm>

#include "kernels/conv_shape.h"

namespace keratin::kernels {

// Calls fn(pixel of x, tap, pixel of y) for every product of the convolution, images included.
template <class Fn>
void for_products(const ConvShape& s, const Fn& fn) {
  const auto& [depth, height, width] = s.out;
  for (std::int64_t y = 0; y < s.batch * s.out_pixels(); ++y) {
    const std::int64_t at[3] = {y / (height * width) % depth, y / width % height, y % width};
    for (std::int64_t tap = 0; tap < s.taps(); ++tap) {
      const std::int64_t of[3] = {tap / (s.kernel[1] * s.kernel[2]),
                                  tap / s.kernel[2] % s.kernel[1], tap % s.kernel[2]};
      std::int64_t x = y / s.out_pixels();
      bool inside = true;
      for (std::size_t i = 0; i < 3; ++i) {
        const std::int64_t source = at[i] * s.stride[i] + of[i] * s.dilation[i] - s.before[i];
        inside &= source >= 0 && source < s.in[i];
        x = x * s.in[i] + source;
      }
      if (inside) fn(x, tap, y);
    }
  }
}

// Calls fn(x, kernel, y) with the places of the elements of every product.
template <class Fn>
void for_element_products(const ConvShape& s, const Fn& fn) {
  for_products(s, [&](std::int64_t x, std::int64_t tap, std::int64_t y) {
    for (std::int64_t group = 0; group < s.groups; ++group)
      for (std::int64_t i = 0; i < s.group_in(); ++i)
        for (std::int64_t o = group * s.group_out(); o < (group + 1) * s.group_out(); ++o)
          fn(x * s.channels_in + group * s.group_in() + i,
             (tap * s.group_in() + i) * s.channels_out + o, y * s.channels_out + o);
  });
}

template <class T>
void plain_convolution(const ConvShape& s, const T* x, const T* kernel, T* y) {
  std::fill_n(y, s.batch * s.out_pixels() * s.channels_out, T{0});
  for_element_products(
      s, [&](std::int64_t i, std::int64_t k, std::int64_t o) { y[o] += x[i] * kernel[k]; });
}

template <class T>
void plain_input_gradient(const ConvShape& s, const T* d_y, const T* kernel, T* d_x) {
  std::fill_n(d_x, s.batch * s.in_pixels() * s.channels_in, T{0});
  for_element_products(
      s, [&](std::int64_t i, std::int64_t k, std::int64_t o) { d_x[i] += d_y[o] * kernel[k]; });
}

template <class T>
void plain_kernel_gradient(const ConvShape& s, const T* x, const T* d_y, T* d_kernel) {
  std::fill_n(d_kernel, s.taps() * s.group_in() * s.channels_out, T{0});
  for_element_products(
      s, [&](std::int64_t i, std::int64_t k, std::int64_t o) { d_kernel[k] += x[i] * d_y[o]; });
}

}  // namespace keratin::kernels
