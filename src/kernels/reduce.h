// Reductions over any set of axes, bound to a shape. Sums are accurate to about the rounding of the
// result: short runs are added in the dtype, those in double. Order and pieces depend on the shape
// alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/dtype.h"
#include "core/shape.h"

namespace keratin::kernels {

// max and min are not-a-number if an element is. moments: mean and biased variance. Of no elements:
// sum 0, prod 1, max and min the infinities, mean and moments not-a-number.
enum class Reduction { kSum, kMean, kProd, kMax, kMin, kMoments };

class Reduce {
 public:
  // `reduced[i]` tells whether axis i goes; `dtype` is kFloat32 or kFloat64.
  Reduce(Reduction kind, DType dtype, const Shape& shape, const std::vector<bool>& reduced);

  std::size_t scratch_bytes() const { return scratch_bytes_; }
  // out[1] is of moments only: the variance.
  void run(const void* in, void* const* out, void* scratch) const;

  // What is known of the elements seen so far: the sum, product, extreme, or mean (a) and the sum
  // of squared distances from it (b). Each function takes in more; `seen` is their number before.
  struct Functions {
    // n elements in a row.
    void (*row)(const void* x, std::int64_t n, double& a, double& b, std::int64_t seen);
    // `width` neighbouring columns of `rows` rows, a stride of elements apart.
    void (*columns)(const void* x, std::int64_t rows, std::int64_t stride, std::int64_t width,
                    double* a, double* b, std::int64_t seen);
  };

 private:
  struct Axis {
    std::int64_t extent, stride;
  };
  template <class T>
  void run_piece(const T* in, T* const* out, double* partial, std::int64_t piece) const;
  template <class T>
  void finish(T* const* out, std::int64_t at, double a, double b) const;
  std::int64_t offset(const std::vector<Axis>& axes, std::int64_t index) const;

  Reduction kind_;
  DType dtype_;
  Functions functions_;
  std::vector<Axis> kept_, reduced_;  // neighbours merged; without the axis below
  std::int64_t outputs_ = 1;          // of kept_
  std::int64_t positions_ = 1;        // of reduced_
  bool rows_ = false;                 // the last axis goes: `run_` elements in a row; else it stays
  std::int64_t run_ = 1;              // extent of the last axis
  std::int64_t count_ = 1;            // elements to each result

  // How the work is cut: each result (or tile of neighbouring results) into splits_ parts, done
  // `batch_` at a time by one thread.
  std::int64_t tile_ = 1, tiles_ = 1, splits_ = 1, batch_ = 1, units_ = 1;
  std::size_t scratch_bytes_ = 0;
};

Reduce::Functions float_reduction(Reduction kind);
Reduce::Functions double_reduction(Reduction kind);

}  // namespace keratin::kernels
