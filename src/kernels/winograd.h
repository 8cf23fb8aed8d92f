// Convolutions by 3x3 kernels of stride 1, and their gradients, with fewer multiplications:
// Winograd's F(2x2, 3x3) takes 16 products of matrices where 36 would be (see winograd_kernels.h).
// Only additions and halves lie around them: results are as near to the exact ones as direct sums
// are. In bfloat16 what is rounded are the transformed operands.
// The bits of a result depend on the shape and the machine, never on the number of threads.
#pragma once

#include <cstddef>

#include "kernels/conv_shape.h"
#include "kernels/gemm.h"

namespace keratin::kernels {

// How one side's images are cut into tiles of 2x2 pixels, one after another.
struct WinogradTiles {
  std::int64_t images, height, width;  // of the side whose pixels the tiles are
  std::int64_t rows() const { return (height + 1) / 2; }
  std::int64_t columns() const { return (width + 1) / 2; }
  std::int64_t in_image() const { return rows() * columns(); }
  std::int64_t count() const { return images * in_image(); }
};

class Winograd {
 public:
  // Whether it takes this convolution, and is the faster way as far as a count of its work tells.
  static bool pays(const ConvShape& shape);
  // y of x, or with `backwards` what reaches x of y's gradient.
  Winograd(const ConvShape& shape, bool backwards);

  std::size_t scratch_bytes() const;
  // As Convolution::run.
  void run(const float* from, const float* kernel, float* to, RowEpilogue epilogue,
           void* scratch) const;

 private:
  std::int64_t steps() const { return pairs_ ? from_channels_ / 2 : from_channels_; }
  void pack(const float* kernel, float* transformed, float* panels) const;
  void run_part(std::int64_t part, const float* from, const float* panels, float* to,
                RowEpilogue epilogue, float* scratch) const;
  std::int64_t panels() const;
  std::int64_t part_floats() const;

  bool backwards_, pairs_;  // pairs_: in bfloat16
  WinogradTiles tiles_;
  std::int64_t width_;  // of a panel
  std::int64_t from_height_, from_width_, from_channels_, to_channels_;
  std::int64_t before_height_, before_width_;
  std::int64_t parts_, block_;  // of the rows of tiles; tiles taken together
};

// The gradient of the kernel, of x and the gradient of y.
class WinogradKernelGradient {
 public:
  static bool pays(const ConvShape& shape);
  explicit WinogradKernelGradient(const ConvShape& shape);

  std::size_t scratch_bytes() const;
  void run(const float* x, const float* d_y, float* d_kernel, void* scratch) const;

 private:
  void add_part(std::int64_t part, const float* x, const float* d_y, float* scratch) const;
  std::int64_t part_floats() const;

  ConvShape shape_;
  WinogradTiles tiles_;
  std::int64_t parts_, block_;  // of the tiles; tiles taken together
};

}  // namespace keratin::kernels
