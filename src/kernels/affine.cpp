#include "kernels/affine.h"

#include <algorithm>
#include <cmath>

#include "core/threads.h"

namespace keratin::kernels {
namespace {

std::int64_t modulo(std::int64_t a, std::int64_t n) { return ((a % n) + n) % n; }

std::int64_t mirrored(std::int64_t i, std::int64_t size) {
  const std::int64_t last = size - 1;
  return last == 0 ? 0 : std::abs(modulo(i + last, 2 * last) - last);
}

// The place inside 0 .. size-1 that stands for i, or -1: the constant does.
std::int64_t inside(std::int64_t i, std::int64_t size, Fill fill) {
  if (i >= 0 && i < size) return i;
  switch (fill) {
    case Fill::kConstant:
      return -1;
    case Fill::kNearest:
      return std::clamp<std::int64_t>(i, 0, size - 1);
    case Fill::kWrap:
      return modulo(i, size);
    case Fill::kMirror:
      return mirrored(i, size);
    case Fill::kReflect:
      return (mirrored(2 * i + 1, 2 * size + 1) - 1) / 2;
  }
  return -1;
}

// Where a coordinate falls: two places, the second with this weight.
template <class T>
struct Place {
  std::int64_t at[2];
  T weight;

  Place(T coordinate, std::int64_t size, const AffineShape& s) {
    // Far outside, all that matters is that the integer exists.
    constexpr T kFar = T(1 << 30);
    coordinate = coordinate > -kFar ? std::min(coordinate, kFar) : -kFar;
    if (s.bilinear) {
      const T lower = std::floor(coordinate);
      weight = coordinate - lower;
      at[0] = inside(std::int64_t(lower), size, s.fill);
      at[1] = inside(std::int64_t(lower) + 1, size, s.fill);
    } else {
      at[0] = at[1] = inside(std::int64_t(std::round(coordinate)), size, s.fill);
      weight = 0;
    }
  }
};

// locate(image, line, column, coordinates) gives the place of a pixel, across and down.
template <class T, class Locate>
void sample_at(const AffineShape& s, const T* x, T* y, const Locate& locate) {
  parallel_for(s.batch * s.out_height, [&](std::int64_t row) {
    const std::int64_t image = row / s.out_height, line = row % s.out_height;
    const T* from = x + image * s.height * s.width * s.channels;
    T* to = y + row * s.out_width * s.channels;
    for (std::int64_t column = 0; column < s.out_width; ++column, to += s.channels) {
      T at[2];
      locate(image, line, column, at);
      const Place<T> across(at[0], s.width, s), down(at[1], s.height, s);
      std::fill_n(to, s.channels, T{0});
      for (int i = 0; i < 2; ++i)
        for (int j = 0; j < 2; ++j) {
          const T weight =
              (i ? down.weight : 1 - down.weight) * (j ? across.weight : 1 - across.weight);
          if (weight == 0) continue;
          const bool is_inside = down.at[i] >= 0 && across.at[j] >= 0;
          const T* pixel =
              is_inside ? from + (down.at[i] * s.width + across.at[j]) * s.channels : nullptr;
          for (std::int64_t c = 0; c < s.channels; ++c)
            to[c] += weight * (pixel ? pixel[c] : T(s.value));
        }
    }
  });
}

}  // namespace

template <class T>
void affine_transform(const AffineShape& s, const T* x, const T* maps, T* y) {
  sample_at(s, x, y, [&](std::int64_t image, std::int64_t line, std::int64_t column, T(&at)[2]) {
    const T* m = maps + image * 6;
    const T u = T(column), v = T(line);
    at[0] = m[0] * u + m[1] * v + m[2];
    at[1] = m[3] * u + m[4] * v + m[5];
  });
}

template <class T>
void sample(const AffineShape& s, const T* x, const T* places, T* y) {
  sample_at(s, x, y, [&](std::int64_t image, std::int64_t line, std::int64_t column, T(&at)[2]) {
    const T* place = places + ((image * s.out_height + line) * s.out_width + column) * 2;
    at[0] = place[0];
    at[1] = place[1];
  });
}

template <class T>
void sample_gradient(const AffineShape& s, const T* x, const T* places, const T* d, T* d_x,
                     T* d_places) {
  const std::int64_t size = s.height * s.width * s.channels, pixels = s.out_height * s.out_width;
  parallel_for(s.batch, [&](std::int64_t image) {
    const T* from = x + image * size;
    T* to = d_x + image * size;
    std::fill_n(to, size, T{0});
    for (std::int64_t i = image * pixels; i < (image + 1) * pixels; ++i) {
      const Place<T> across(places[2 * i], s.width, s), down(places[2 * i + 1], s.height, s);
      T d_across = 0, d_down = 0;
      for (int row = 0; row < 2; ++row)
        for (int column = 0; column < 2; ++column) {
          const T w_down = row ? down.weight : 1 - down.weight;
          const T w_across = column ? across.weight : 1 - across.weight;
          const bool is_inside = down.at[row] >= 0 && across.at[column] >= 0;
          const std::int64_t at = (down.at[row] * s.width + across.at[column]) * s.channels;
          T sum = 0;  // what the weight of this pixel counts for
          for (std::int64_t c = 0; c < s.channels; ++c) {
            const T by = d[i * s.channels + c];
            sum += by * (is_inside ? from[at + c] : T(s.value));
            if (is_inside) to[at + c] += w_down * w_across * by;
          }
          d_across += (column ? w_down : -w_down) * sum;
          d_down += (row ? w_across : -w_across) * sum;
        }
      d_places[2 * i] = s.bilinear ? d_across : T{0};
      d_places[2 * i + 1] = s.bilinear ? d_down : T{0};
    }
  });
}

template void sample_gradient(const AffineShape&, const float*, const float*, const float*, float*,
                              float*);
template void sample_gradient(const AffineShape&, const double*, const double*, const double*,
                              double*, double*);
template void sample(const AffineShape&, const float*, const float*, float*);
template void sample(const AffineShape&, const double*, const double*, double*);
template void affine_transform(const AffineShape&, const float*, const float*, float*);
template void affine_transform(const AffineShape&, const double*, const double*, double*);

}  // namespace keratin::kernels
