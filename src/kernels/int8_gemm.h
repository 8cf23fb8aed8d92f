// Products and convolutions of float inputs that are made int8 on the way with an int8 kernel, as
// Keras has them: y = (integer sum) / (kernel scale * input scale). The bits of a result depend on
// the values alone, not on the machine nor the number of threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernels/conv_shape.h"
#include "kernels/gemm.h"

namespace keratin::kernels {

class Int8Panels;

// How inputs become whole numbers: times scale, which is high / (largest magnitude + epsilon),
// rounded to even, within low and high.
struct Int8Inputs {
  float low = -127, high = 127, epsilon = 1e-7F;
};

struct Int8Operands {
  const float* x;
  const std::int8_t* kernel;
  const float* kernel_scale;  // of each column
  float input_scale;          // 0: each row's own
  float* y;
};

// y[m, n] of x[m, k] and kernel[k, n].
class Int8Product {
 public:
  Int8Product(std::int64_t m, std::int64_t n, std::int64_t k, Int8Inputs inputs);
  std::size_t scratch_bytes() const { return scratch_; }
  void run(const Int8Operands& operands, RowEpilogue epilogue, void* scratch) const;

 private:
  std::int64_t m_, n_, k_, row_bytes_;
  Int8Inputs inputs_;
  std::size_t scratch_;
};

// y = (integer sum) * (1 / (kernel scale * input scale)); `input_scale` 0 stands for that of the
// whole batch.
class Int8Convolution {
 public:
  Int8Convolution(const ConvShape& shape, Int8Inputs inputs);
  std::size_t scratch_bytes() const { return scratch_; }
  // Rows of the epilogue are pixels.
  void run(const Int8Operands& operands, RowEpilogue epilogue, void* scratch) const;

 private:
  struct Call;
  Int8Panels group_panels() const;
  void quantize_lines(const Call& call, std::int64_t image, std::int64_t begin,
                      std::int64_t end) const;
  void multiply_lines(const Call& call, std::int64_t image, std::int64_t begin,
                      std::int64_t end) const;

  ConvShape shape_;
  Int8Inputs inputs_;
  ConvShape::Extents padded_;          // of an image in bytes, `before` and what is read beyond
  std::int64_t image_bytes_ = 0;       // of a padded image
  std::int64_t quads_ = 0;             // of a segment
  std::int64_t segment_taps_ = 1;      // taps that lie side by side
  std::vector<std::int64_t> offsets_;  // of segments within a padded image
  std::size_t scratch_ = 0;
};

}  // namespace keratin::kernels
