// Pooling over up to three axes of [batch, extents..., channels]: the largest element or the mean
// of each window, channel by channel. Windows are ranges of x along each axis, cut at its ends.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace keratin::kernels {

struct PoolWindow {
  std::int64_t begin, end;  // not empty
};

struct PoolShape {
  std::int64_t batch = 1, channels = 1;
  std::array<std::int64_t, 3> in{1, 1, 1};
  std::array<std::vector<PoolWindow>, 3> windows;  // of each position of y

  std::int64_t in_pixels() const { return in[0] * in[1] * in[2]; }
  std::int64_t out_pixels() const;
};

enum class Pooling { kMax, kMean };

// T is float or double. Cut by shape alone; runs in all threads.
template <class T>
void pool(const PoolShape& shape, Pooling kind, const T* x, T* y);
// Of a largest element that stands several times, the first gets the gradient. x and y are not read
// for kMean.
template <class T>
void pool_gradient(const PoolShape& shape, Pooling kind, const T* x, const T* y, const T* d_y,
                   T* d_x);

// The elements of a window: counts and distances along the axes, outermost first.
struct PoolBox {
  std::int64_t begin;
  std::int64_t count[3], step[3];

  // Calls fn(place) for each, in order.
  template <class Fn>
  inline void each(const Fn& fn) const {
    for (std::int64_t i = 0; i < count[0]; ++i)
      for (std::int64_t j = 0; j < count[1]; ++j) {
        std::int64_t at = begin + i * step[0] + j * step[1];
        for (std::int64_t k = count[2]; k > 0; --k, at += step[2]) fn(at);
      }
  }
};

// What is done with n neighbouring channels of the elements of a window.
template <class T>
struct PoolFunctions {
  void (*largest)(const T* x, const PoolBox& box, T* y, std::int64_t n);
  void (*mean)(const T* x, const PoolBox& box, T scale, T* y, std::int64_t n);
  // Both add to d_x.
  void (*largest_gradient)(const T* x, const PoolBox& box, const T* y, const T* d_y, T* d_x,
                           std::int64_t n);
  void (*mean_gradient)(const PoolBox& box, T scale, const T* d_y, T* d_x, std::int64_t n);
};
const PoolFunctions<float>& float_pool_functions();

}  // namespace keratin::kernels
