#include "kernels/pool.h"

#include <algorithm>

#include "core/threads.h"

namespace keratin::kernels {
namespace {

constexpr std::int64_t kPieceElements = 64 * 1024;  // of x, that are worth a piece

std::int64_t extent(const std::vector<PoolWindow>& windows) {
  return windows.empty() ? 1 : std::int64_t(windows.size());
}

// In double precision: plain.
constexpr PoolFunctions<double> kPlain{
    [](const double* x, const PoolBox& box, double* y, std::int64_t n) {
      for (std::int64_t c = 0; c < n; ++c) {
        y[c] = x[box.begin + c];
        box.each([&](std::int64_t at) {
          if (!(x[at + c] <= y[c])) y[c] = x[at + c];
        });
      }
    },
    [](const double* x, const PoolBox& box, double scale, double* y, std::int64_t n) {
      for (std::int64_t c = 0; c < n; ++c) {
        double sum = 0;
        box.each([&](std::int64_t at) { sum += x[at + c]; });
        y[c] = sum * scale;
      }
    },
    [](const double* x, const PoolBox& box, const double* y, const double* d_y, double* d_x,
       std::int64_t n) {
      for (std::int64_t c = 0; c < n; ++c) {
        bool found = false;
        box.each([&](std::int64_t at) {
          if (found || x[at + c] != y[c]) return;
          d_x[at + c] += d_y[c];
          found = true;
        });
      }
    },
    [](const PoolBox& box, double scale, const double* d_y, double* d_x, std::int64_t n) {
      for (std::int64_t c = 0; c < n; ++c)
        box.each([&](std::int64_t at) { d_x[at + c] += scale * d_y[c]; });
    }};

template <class T>
const PoolFunctions<T>& functions();
template <>
const PoolFunctions<float>& functions<float>() {
  return float_pool_functions();
}
template <>
const PoolFunctions<double>& functions<double>() {
  return kPlain;
}

// Calls fn(pixel of y, box, elements) for the windows of an image; places are in elements from the
// image's beginning.
template <class Fn>
void for_windows(const PoolShape& s, const Fn& fn) {
  static constexpr PoolWindow kWhole{0, 1};
  const auto window = [&](std::size_t axis, std::int64_t at) {
    return s.windows[axis].empty() ? kWhole : s.windows[axis][std::size_t(at)];
  };
  const std::int64_t row = s.in[2] * s.channels, plane = s.in[1] * row;
  std::int64_t pixel = 0;
  for (std::int64_t i = 0; i < extent(s.windows[0]); ++i)
    for (std::int64_t j = 0; j < extent(s.windows[1]); ++j)
      for (std::int64_t k = 0; k < extent(s.windows[2]); ++k, ++pixel) {
        const PoolWindow a = window(0, i), b = window(1, j), c = window(2, k);
        const PoolBox box{a.begin * plane + b.begin * row + c.begin * s.channels,
                          {a.end - a.begin, b.end - b.begin, c.end - c.begin},
                          {plane, row, s.channels}};
        fn(pixel, box, box.count[0] * box.count[1] * box.count[2]);
      }
}

// Calls fn(image) for all images, a few of them in a piece.
template <class Fn>
void for_images(const PoolShape& s, const Fn& fn) {
  const std::int64_t group = std::max<std::int64_t>(
      1, kPieceElements / std::max<std::int64_t>(1, s.in_pixels() * s.channels));
  parallel_for((s.batch + group - 1) / group, [&](std::int64_t piece) {
    for (std::int64_t i = piece * group; i < std::min(s.batch, (piece + 1) * group); ++i) fn(i);
  });
}

}  // namespace

std::int64_t PoolShape::out_pixels() const {
  return extent(windows[0]) * extent(windows[1]) * extent(windows[2]);
}

template <class T>
void pool(const PoolShape& s, Pooling kind, const T* x, T* y) {
  const PoolFunctions<T>& f = functions<T>();
  const std::int64_t n = s.channels, from = s.in_pixels() * n, to = s.out_pixels() * n;
  for_images(s, [&](std::int64_t image) {
    const T* source = x + image * from;
    T* target = y + image * to;
    for_windows(s, [&](std::int64_t pixel, const PoolBox& box, std::int64_t elements) {
      if (kind == Pooling::kMean)
        f.mean(source, box, T(1) / T(elements), target + pixel * n, n);
      else
        f.largest(source, box, target + pixel * n, n);
    });
  });
}

template <class T>
void pool_gradient(const PoolShape& s, Pooling kind, const T* x, const T* y, const T* d_y, T* d_x) {
  const PoolFunctions<T>& f = functions<T>();
  const std::int64_t n = s.channels, from = s.in_pixels() * n, to = s.out_pixels() * n;
  for_images(s, [&](std::int64_t image) {
    T* target = d_x + image * from;
    std::fill_n(target, from, T{0});
    for_windows(s, [&](std::int64_t pixel, const PoolBox& box, std::int64_t elements) {
      const std::int64_t at = image * to + pixel * n;
      if (kind == Pooling::kMean)
        f.mean_gradient(box, T(1) / T(elements), d_y + at, target, n);
      else
        f.largest_gradient(x + image * from, box, y + at, d_y + at, target, n);
    });
  });
}

template void pool(const PoolShape&, Pooling, const float*, float*);
template void pool(const PoolShape&, Pooling, const double*, double*);
template void pool_gradient(const PoolShape&, Pooling, const float*, const float*, const float*,
                            float*);
template void pool_gradient(const PoolShape&, Pooling, const double*, const double*, const double*,
                            double*);

}  // namespace keratin::kernels
