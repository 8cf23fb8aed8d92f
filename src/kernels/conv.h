// Convolutions and their gradients, without a copy of the patches: tiles of pixels are multiplied
// where they lie, pixels at the borders in tiles of their own, so that padding costs nothing.
// Winograd takes those with 3x3 kernels where it is faster.
// The bits of a result depend on the shape and the machine, never on the number of threads.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "kernels/conv_kernels.h"
#include "kernels/conv_shape.h"
#include "kernels/gemm.h"
#include "kernels/winograd.h"

namespace keratin::kernels {

// How operands are rounded: not at all, to pairs (bfloat16_kernels.h), or as floats.
enum class Rounding { kNone, kPairs, kFloats };

class Convolution {
 public:
  // kOutput: y of x. kInput: what reaches x of y's gradient: also Keras' transposed convolution.
  enum class Way { kOutput, kInput };
  Convolution(const ConvShape& shape, Way way);

  std::size_t scratch_bytes() const { return scratch_; }
  // `from` is x (kOutput) or y's gradient (kInput), `to` the other; rows of the epilogue are pixels
  // of `to`. Scratch is 64-byte aligned; may be NULL where scratch_bytes() is 0.
  void run(const float* from, const float* kernel, float* to, RowEpilogue epilogue,
           void* scratch) const;
  // Simple and slow: for the checks of gradients in double precision.
  void run(const double* from, const double* kernel, double* to, RowEpilogue epilogue,
           void* scratch) const;

 private:
  // A box of pixels of `to` that take the same taps. Axes: image, depth, height, width.
  struct Box {
    std::int64_t from = 0, to = 0;  // of its first pixel, from the piece's first image on
    std::int64_t count[4] = {}, from_step[4] = {}, to_step[4] = {};
    int tile_axis = 3;  // along which tiles take their rows
    std::size_t segment = 0;
    std::int64_t segments = 0, steps = 0;
  };

  void cut();
  void add_boxes(std::int64_t begin, std::int64_t end);
  void add_boxes(const AxisClass& d, const std::vector<AxisClass>& h,
                 const std::vector<AxisClass>& w);
  GemmShape product() const;
  void pack(const float* kernel, float* panels) const;
  void run_piece(std::int64_t piece, const float* from, const float* panels, float* to) const;

  ConvShape shape_;
  Way way_;
  std::optional<Winograd> winograd_;
  ConvShape::Extents from_, to_;         // extents of both sides
  Rounding rounding_ = Rounding::kNone;  // to pairs: from_channels_ and from_group_ count them
  std::int64_t from_channels_, to_channels_, from_group_, to_group_, width_;
  std::size_t scratch_ = 0;
  std::int64_t panel_ = 0;              // floats of a packed panel
  std::int64_t panels_ = 0;             // floats of all
  std::int64_t images_ = 1;             // of a piece
  std::int64_t lines_ = 0;              // of `to` in a block
  std::vector<std::size_t> first_box_;  // of each block, and the end
  std::vector<Box> boxes_;
  std::vector<ConvSegment> segments_;
};

// The gradient of the kernel, of x and the gradient of y.
class KernelGradient {
 public:
  explicit KernelGradient(const ConvShape& shape);

  std::size_t scratch_bytes() const;
  void run(const float* x, const float* d_y, float* d_kernel, void* scratch) const;
  void run(const double* x, const double* d_y, double* d_kernel, void* scratch) const;

 private:
  struct Range {
    std::int64_t begin, end;
  };
  // Where a block's lines of both sides are found: where they lie, or rounded to pairs.
  struct Block {
    const float *x, *d_y;
    std::int64_t first_x, x_line, first_y, y_line;  // lines, and elements of a line
  };
  Range part(std::int64_t i) const;  // of the lines of y
  std::int64_t block_lines() const;
  Range columns_of(std::int64_t tap) const;
  Range sources_of(Range lines) const;
  std::int64_t most_sources() const;
  void round_sources(const float* x, Range sources, float* pairs) const;
  Block round_block(const float* x, const float* d_y, Range lines, Range outputs,
                    float* scratch) const;
  void add(const float* x, const float* d_y, float* d_kernel, Range lines, Range outputs,
           float* scratch) const;
  void add_taps(const ConvTile& whole, std::int64_t row, float* d_kernel, Range outputs) const;
  void add_pairs(const ConvTile& whole, std::int64_t row, float* d_kernel, Range outputs) const;

  ConvShape shape_;
  std::optional<WinogradKernelGradient> winograd_;
  Rounding rounding_ = Rounding::kNone;
  bool merged_;                  // taps of a row are taken together
  std::int64_t parts_, strips_;  // pieces: of the lines of y, of the output channels
  std::int64_t x_line_ = 0, x_pairs_ = 0, y_pairs_ = 0;  // pairs of a line of x; of a block
};

}  // namespace keratin::kernels
