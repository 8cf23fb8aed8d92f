// Images seen through affine and other maps, as jax.scipy.ndimage.map_coordinates interpolates
// them.
#pragma once

#include <cstdint>

namespace keratin::kernels {

// What stands outside an image: a value, the nearest pixel, the image again, or its mirror image
// about the middle of the border's pixels (kMirror) or about their outer edge (kReflect).
enum class Fill { kConstant, kNearest, kWrap, kMirror, kReflect };

struct AffineShape {
  std::int64_t batch, height, width, channels;  // of x
  std::int64_t out_height, out_width;
  bool bilinear;
  Fill fill;
  double value;  // kConstant
};

// Pixel (x, y) of the output is (a0 x + a1 y + a2, b0 x + b1 y + b2) of the image; `maps` holds
// a0 a1 a2 b0 b1 b2 of each.
template <class T>
void affine_transform(const AffineShape& shape, const T* x, const T* maps, T* y);

// The same, with the place (across, down) of each pixel given: places [batch, out_height,
// out_width, 2].
template <class T>
void sample(const AffineShape& shape, const T* x, const T* places, T* y);
// Its gradients by the images and by the places, given that by y.
template <class T>
void sample_gradient(const AffineShape& shape, const T* x, const T* places, const T* d, T* d_x,
                     T* d_places);

}  // namespace keratin::kernels
