#include "kernels/winograd.h"
#include "kernels/pieces.h"

#include <algorithm>

#include "core/threads.h"
#include "kernels/bfloat16_kernels.h"
#include "kernels/conv_kernels.h"
#include "kernels/gemm_kernels.h"
#include "kernels/winograd_kernels.h"

namespace keratin::kernels {
namespace {

// How the work is cut depends on the shape alone.
constexpr std::int64_t kPositions = 16;               // of a transformed tile
constexpr std::int64_t kPieceWork = 512 * 1024;       // multiplications that are worth a piece
constexpr std::int64_t kParts = 16;                   // at most: each has scratch memory of its own
constexpr std::int64_t kBlockFloats = 48 * 1024;      // of transformed tiles that stay in cache
constexpr std::int64_t kMinBlock = 12;                // tiles
constexpr std::int64_t kSumFloats = 1024 * 1024;      // of all parts' sums of a kernel's gradient
constexpr std::int64_t kChunk = 1024;                 // kernels transformed at once
constexpr std::int64_t kGradientKernels = 128 * 128;  // more would be added up in memory too often

// What the transforms cost, in multiplications of a product: measured within networks, where pixels
// come from memory. Of a channel of a tile, and of one of all kernels.
constexpr std::int64_t kTransform = 200;
constexpr std::int64_t kKernelTransform = 340;
constexpr std::int64_t kRounding = 15;  // of a channel of a tile, to pairs

bool fits(const ConvShape& s) {
  return s.kernel == ConvShape::Extents{1, 3, 3} && s.stride == ConvShape::Extents{1, 1, 1} &&
         s.dilation == ConvShape::Extents{1, 1, 1} && s.groups == 1 &&
         (s.precision == Precision::kFull || bfloat16_kernels() != nullptr) &&
         s.in[0] == s.out[0] && s.before[0] == 0;
}

WinogradTiles tiles_of(const ConvShape& s, const ConvShape::Extents& side) {
  return {s.batch * side[0], side[1], side[2]};
}

// What the transforms have to do: 16 channels at once; fewer go one by one.
std::int64_t lanes_of(std::int64_t channels) {
  return 16 * (channels < 16 ? channels : ceil_div(channels, 16));
}

// 9 multiplications for a pixel and a pair of channels, against 16 for a tile.
bool is_cheaper(const ConvShape& s) {
  const std::int64_t products = s.channels_in * s.channels_out;
  const bool pairs = s.precision == Precision::kBFloat16;
  const std::int64_t speed = pairs ? bfloat16_kernels()->speed : 1;
  const std::int64_t direct = s.batch * s.out_pixels() * s.taps() * products / speed;
  const std::int64_t tiles = tiles_of(s, s.out).count();
  const std::int64_t transform = kTransform + (pairs ? kRounding : 0);
  return tiles * (kPositions * products / speed +
                  transform * (lanes_of(s.channels_in) + lanes_of(s.channels_out))) +
             kKernelTransform * products <
         direct;
}

std::int64_t block_of(std::int64_t channels, std::int64_t tiles) {
  return std::clamp<std::int64_t>(kBlockFloats / (kPositions * channels), kMinBlock,
                                  std::max(kMinBlock, tiles));
}

std::int64_t parts_of(std::int64_t work, std::int64_t most) {
  return std::max<std::int64_t>(1, std::min({work / kPieceWork, kParts, most}));
}

// Positions lie a cache line more than a multiple apart: at powers of two they would all fall into
// the same few lines of the first cache.
std::int64_t step_of(std::int64_t tiles, std::int64_t channels) {
  return ceil_div(tiles * channels, 16) * 16 + 16;
}

// Images of one side, [images, height, width, channels].
template <class Float>
struct Side {
  Float* images;
  std::int64_t height, width, channels;
  Float* image(std::int64_t i) const { return images + i * height * width * channels; }
};

// Pointers to the size x size pixels whose first is (y, x), `outside` for those that do not exist.
template <int kSize, class Float>
void find_pixels(const Side<Float>& side, std::int64_t image, std::int64_t y, std::int64_t x,
                 Float* outside, Float** pixels) {
  Float* const first = side.image(image) + (y * side.width + x) * side.channels;
  const std::int64_t row = side.width * side.channels;
  const bool inside = y >= 0 && y + kSize <= side.height && x >= 0 && x + kSize <= side.width;
  for (std::int64_t i = 0; i < kSize; ++i)
    for (std::int64_t j = 0; j < kSize; ++j)
      pixels[i * kSize + j] = first + i * row + j * side.channels;
  if (inside) return;
  for (std::int64_t i = 0; i < kSize; ++i)
    for (std::int64_t j = 0; j < kSize; ++j)
      if (y + i < 0 || y + i >= side.height || x + j < 0 || x + j >= side.width)
        pixels[i * kSize + j] = outside;
}

// Of the tile: its image, and its first pixel.
struct Place {
  Place(const WinogradTiles& tiles, std::int64_t tile)
      : image(tile / tiles.in_image()),
        y(tile % tiles.in_image() / tiles.columns() * 2),
        x(tile % tiles.columns() * 2) {}
  std::int64_t image, y, x;
};

// The transformed kSize x kSize pixels of `count` tiles from `first` on, [position, tile, channel].
// A tile's pixels begin `top` and `left` before its own.
template <int kSize, class Transform>
void gather(const WinogradTiles& tiles, std::int64_t first, std::int64_t count,
            const Side<const float>& side, std::int64_t top, std::int64_t left,
            const float* outside, Transform transform, float* to, std::int64_t step) {
  for (std::int64_t i = 0; i < count; ++i, to += side.channels) {
    const Place place(tiles, first + i);
    const float* pixels[kSize * kSize];
    find_pixels<kSize>(side, place.image, place.y - top, place.x - left, outside, pixels);
    transform(pixels, side.channels, to, step);
  }
}

}  // namespace

bool Winograd::pays(const ConvShape& shape) {
  const bool whole_pairs = shape.channels_in % 2 == 0 && shape.channels_out % 2 == 0;
  return fits(shape) && (shape.precision == Precision::kFull || whole_pairs) && is_cheaper(shape);
}

Winograd::Winograd(const ConvShape& s, bool backwards)
    : backwards_(backwards),
      pairs_(s.precision == Precision::kBFloat16),
      tiles_(tiles_of(s, backwards ? s.in : s.out)),
      width_(pairs_ ? bfloat16_kernels()->columns : gemm_kernels().columns) {
  const ConvShape::Extents& from = backwards ? s.out : s.in;
  from_height_ = from[1];
  from_width_ = from[2];
  from_channels_ = backwards ? s.channels_out : s.channels_in;
  to_channels_ = backwards ? s.channels_in : s.channels_out;
  before_height_ = backwards ? 2 - s.before[1] : s.before[1];
  before_width_ = backwards ? 2 - s.before[2] : s.before[2];
  const std::int64_t work = tiles_.count() * kPositions * from_channels_ * to_channels_;
  parts_ = parts_of(work, tiles_.images * tiles_.rows());
  block_ = block_of(from_channels_ + to_channels_, tiles_.count());
}

std::int64_t Winograd::panels() const {
  return kPositions * ceil_div(to_channels_, width_) * width_ * steps();
}

// Transformed pixels of both sides, and a place for pixels that do not exist.
std::int64_t Winograd::part_floats() const {
  return kPositions * (step_of(block_, from_channels_) + step_of(block_, to_channels_)) +
         ceil_div(std::max(from_channels_, to_channels_), 16) * 16;
}

std::size_t Winograd::scratch_bytes() const {
  const std::int64_t transformed = ceil_div(kPositions * from_channels_ * to_channels_, 16) * 16;
  return std::size_t(panels() + std::max(transformed, parts_ * part_floats())) * sizeof(float);
}

// Panels of the transformed kernels, [16, from_channels, to_channels].
void Winograd::pack(const float* kernel, float* transformed, float* panels) const {
  const std::int64_t size = from_channels_ * to_channels_;
  parallel_for(ceil_div(size, kChunk), [&](std::int64_t chunk) {
    const std::int64_t begin = chunk * kChunk;
    const float* taps[9];
    for (std::int64_t i = 0; i < 9; ++i) taps[i] = kernel + (backwards_ ? 8 - i : i) * size + begin;
    winograd_kernels().kernel(taps, std::min(kChunk, size - begin), transformed + begin, size);
  });
  const std::int64_t across = ceil_div(to_channels_, width_);
  parallel_for(kPositions * across, [&](std::int64_t panel) {
    const std::int64_t column = panel % across * width_, row = backwards_ ? from_channels_ : 1;
    const std::int64_t columns = std::min(width_, to_channels_ - column);
    const std::int64_t step = backwards_ ? from_channels_ : to_channels_;
    const float* from = transformed + panel / across * size + column * row;
    float* to = panels + panel * width_ * steps();
    if (!pairs_) return gemm_kernels().pack(from, step, backwards_, from_channels_, columns, to);
    const BFloat16Kernels& kernels = *bfloat16_kernels();
    (backwards_ ? kernels.round_transposed : kernels.round_steps)(from, step, from_channels_,
                                                                  columns, to, width_);
  });
}

void Winograd::run_part(std::int64_t part, const float* from, const float* panels, float* to,
                        RowEpilogue epilogue, float* scratch) const {
  const WinogradKernels& kernels = winograd_kernels();
  const std::int64_t rows = tiles_.images * tiles_.rows(), columns = tiles_.columns();
  const std::int64_t begin = rows * part / parts_ * columns;
  const std::int64_t end = rows * (part + 1) / parts_ * columns;
  const std::int64_t from_step = step_of(block_, from_channels_);
  const std::int64_t to_step = step_of(block_, to_channels_);
  float* inputs = scratch;
  float* outputs = inputs + kPositions * from_step;
  float* outside = outputs + kPositions * to_step;
  const Side<const float> from_side{from, from_height_, from_width_, from_channels_};
  const Side<float> to_side{to, tiles_.height, tiles_.width, to_channels_};
  const std::int64_t across = ceil_div(to_channels_, width_);
  const auto multiply = pairs_ ? bfloat16_kernels()->multiply : conv_kernels().packed;
  constexpr ConvSegment kWhole{0, 0};

  // The pixels before this row of tiles.
  const auto pixels_before = [&](std::int64_t row) {
    return (row / tiles_.rows() * tiles_.height + row % tiles_.rows() * 2) * tiles_.width;
  };
  std::int64_t done = begin / columns;  // rows of tiles
  for (std::int64_t first = begin; first < end; first += block_) {
    const std::int64_t count = std::min(block_, end - first);
    std::fill_n(outside, from_channels_, 0.0f);
    gather<4>(tiles_, first, count, from_side, before_height_, before_width_, outside,
              kernels.input, inputs, from_step);
    for (std::int64_t position = 0; position < kPositions; ++position) {
      float* a = inputs + position * from_step;
      if (pairs_)
        bfloat16_kernels()->round_rows(a, from_channels_, count, from_channels_, a, steps());
      for (std::int64_t i = 0; i < across; ++i) {
        const ConvTile tile{a,
                            steps(),
                            1,
                            &kWhole,
                            1,
                            steps(),
                            panels + (position * across + i) * width_ * steps(),
                            width_,
                            outputs + position * to_step + i * width_,
                            to_channels_,
                            false};
        multiply(tile, count, std::min(width_, to_channels_ - i * width_));
      }
    }
    for (std::int64_t i = 0; i < count; ++i) {
      const Place place(tiles_, first + i);
      float* pixels[4];
      find_pixels<2>(to_side, place.image, place.y, place.x, outside, pixels);
      kernels.output(outputs + i * to_channels_, to_step, to_channels_, pixels);
    }
    const std::int64_t row = (first + count) / columns;
    if (epilogue.fn != nullptr && row > done)
      epilogue.fn(epilogue.context, pixels_before(done), pixels_before(row));
    done = row;
  }
}

void Winograd::run(const float* from, const float* kernel, float* to, RowEpilogue epilogue,
                   void* scratch) const {
  auto* packed = static_cast<float*>(scratch);
  float* rest = packed + panels();
  pack(kernel, rest, packed);
  parallel_for(parts_, [&](std::int64_t part) {
    run_part(part, from, packed, to, epilogue, rest + part * part_floats());
  });
}

bool WinogradKernelGradient::pays(const ConvShape& shape) {
  return fits(shape) && shape.channels_in * shape.channels_out <= kGradientKernels &&
         is_cheaper(shape);
}

WinogradKernelGradient::WinogradKernelGradient(const ConvShape& s)
    : shape_(s), tiles_(tiles_of(s, s.out)) {
  const std::int64_t sums = kPositions * s.channels_in * s.channels_out;
  const std::int64_t most = std::min(tiles_.count(), kSumFloats / sums);
  parts_ = parts_of(tiles_.count() * sums, most);
  block_ = block_of(s.channels_in + s.channels_out, tiles_.count());
}

// Sums, transformed pixels of both sides, and a place for pixels that do not exist.
std::int64_t WinogradKernelGradient::part_floats() const {
  const std::int64_t in = shape_.channels_in, out = shape_.channels_out;
  return kPositions * (step_of(in, out) + step_of(block_, in) + step_of(block_, out)) +
         ceil_div(std::max(in, out), 16) * 16;
}

std::size_t WinogradKernelGradient::scratch_bytes() const {
  return std::size_t(parts_ * part_floats()) * sizeof(float);
}

// Sums of the products of transformed inputs and gradients of outputs over the part's tiles.
void WinogradKernelGradient::add_part(std::int64_t part, const float* x, const float* d_y,
                                      float* scratch) const {
  const ConvShape& s = shape_;
  const WinogradKernels& kernels = winograd_kernels();
  const std::int64_t in = s.channels_in, out = s.channels_out;
  const std::int64_t in_step = step_of(block_, in), out_step = step_of(block_, out);
  const std::int64_t sum_step = step_of(in, out);
  const Side<const float> x_side{x, s.in[1], s.in[2], in}, y_side{d_y, s.out[1], s.out[2], out};
  float* sums = scratch;
  float* inputs = sums + kPositions * sum_step;
  float* outputs = inputs + kPositions * in_step;
  float* outside = outputs + kPositions * out_step;
  const bool pairs = s.precision == Precision::kBFloat16;
  const auto multiply = pairs ? bfloat16_kernels()->multiply : conv_kernels().direct;
  constexpr ConvSegment kWhole{0, 0};
  std::fill_n(sums, kPositions * sum_step, 0.0f);
  std::fill_n(outside, std::max(in, out), 0.0f);
  const std::int64_t begin = tiles_.count() * part / parts_;
  const std::int64_t end = tiles_.count() * (part + 1) / parts_;
  for (std::int64_t first = begin; first < end; first += block_) {
    const std::int64_t count = std::min(block_, end - first);
    gather<4>(tiles_, first, count, x_side, s.before[1], s.before[2], outside, kernels.input,
              inputs, in_step);
    gather<2>(tiles_, first, count, y_side, 0, 0, outside, kernels.output_gradient, outputs,
              out_step);
    for (std::int64_t position = 0; position < kPositions; ++position) {
      float* a = inputs + position * in_step;
      float* b = outputs + position * out_step;
      if (pairs) {
        bfloat16_kernels()->round_steps(a, in, count, in, a, in);
        bfloat16_kernels()->round_steps(b, out, count, out, b, out);
      }
      const std::int64_t steps = pairs ? (count + 1) / 2 : count;
      multiply({a, 1, in, &kWhole, 1, steps, b, out, sums + position * sum_step, out, true}, in,
               out);
    }
  }
}

void WinogradKernelGradient::run(const float* x, const float* d_y, float* d_kernel,
                                 void* scratch) const {
  auto* parts = static_cast<float*>(scratch);
  parallel_for(parts_,
               [&](std::int64_t part) { add_part(part, x, d_y, parts + part * part_floats()); });
  const std::int64_t size = shape_.channels_in * shape_.channels_out;
  const std::int64_t step = step_of(shape_.channels_in, shape_.channels_out);
  parallel_for(ceil_div(size, kChunk), [&](std::int64_t chunk) {
    const std::int64_t begin = chunk * kChunk, count = std::min(kChunk, size - begin);
    for (std::int64_t position = 0; position < kPositions; ++position) {
      float* sum = parts + position * step + begin;
      for (std::int64_t part = 1; part < parts_; ++part)
        for (std::int64_t i = 0; i < count; ++i) sum[i] += sum[part * part_floats() + i];
    }
    float* taps[9];
    for (std::int64_t i = 0; i < 9; ++i) taps[i] = d_kernel + i * size + begin;
    winograd_kernels().kernel_gradient(parts + begin, step, count, taps);
  });
}

}  // namespace keratin::kernels
