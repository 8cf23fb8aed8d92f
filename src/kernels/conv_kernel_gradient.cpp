#include <algorithm>

#include "core/threads.h"
#include "kernels/bfloat16.h"
#include "kernels/bfloat16_kernels.h"
#include "kernels/conv.h"
#include "kernels/conv_plain.h"
#include "kernels/gemm_kernels.h"
#include "kernels/pieces.h"

namespace keratin::kernels {
namespace {

// How the work is cut depends on the shape alone.
constexpr std::int64_t kPieceWork = 512 * 1024;    // multiplications that are worth a piece
constexpr std::int64_t kPieces = 16;               // at most
constexpr std::int64_t kPartFloats = 1024 * 1024;  // of all sums of parts
// Pixels summed in registers before the sums in memory are touched; their block stays in cache.
constexpr std::int64_t kBlockPixels = 512, kMaxBlockPixels = 2048;
constexpr std::int64_t kBlockFloats = 48 * 1024;
constexpr std::int64_t kMaxLines = 256;

std::int64_t size_of_kernel(const ConvShape& s) { return s.taps() * s.group_in() * s.channels_out; }

}  // namespace

KernelGradient::KernelGradient(const ConvShape& shape) : shape_(shape) {
  if (WinogradKernelGradient::pays(shape)) winograd_.emplace(shape);
  // A 1x1 convolution of stride 1 sees pixels in a row; any length that divides them will do.
  if (shape.is_pointwise()) {
    const std::int64_t pixels = shape.batch * shape.in_pixels();
    std::int64_t row = std::clamp<std::int64_t>(pixels, 1, kBlockPixels);
    while (pixels % row != 0) --row;
    shape_.batch = pixels / row;
    shape_.in = shape_.out = {1, 1, row};
  }
  const std::int64_t size = size_of_kernel(shape_);
  const std::int64_t lines = shape_.batch * shape_.out[0] * shape_.out[1];
  const std::int64_t pieces =
      std::clamp<std::int64_t>(lines * shape_.out[2] * size / kPieceWork, 1, kPieces);
  merged_ = !shape_.is_depthwise() && shape_.groups == 1 && shape_.dilation[2] == 1 &&
            shape_.kernel[2] > 1;
  parts_ = std::clamp<std::int64_t>(
      std::min({pieces, kPartFloats / std::max<std::int64_t>(1, size), lines}), 1, kPieces);
  strips_ = shape_.groups > 1 ? 1
                              : std::min(ceil_div(pieces, parts_),
                                         ceil_div(shape_.channels_out, gemm_kernels().columns));
  if (shape.precision != Precision::kBFloat16 || shape.is_depthwise()) return;
  // Sources of a block lie together where there is no depth.
  const bool flat = shape_.in[0] == 1 && shape_.out[0] == 1;
  rounding_ = flat && bfloat16_kernels() != nullptr ? Rounding::kPairs : Rounding::kFloats;
  if (rounding_ == Rounding::kFloats || lines <= 0 || shape_.out[2] == 0) return;
  x_line_ = ((shape_.out[2] - 1) / 2 * 2 * shape_.stride[2] +
             (shape_.kernel[2] - 1) * shape_.dilation[2] + 1) *
            shape_.channels_in;
  x_pairs_ = ceil_div(most_sources() * x_line_, 16) * 16;
  y_pairs_ = ceil_div(block_lines() * ceil_div(shape_.out[2], 2) * shape_.channels_out, 16) * 16;
}

std::size_t KernelGradient::scratch_bytes() const {
  if (winograd_) return winograd_->scratch_bytes();
  const std::int64_t sums = parts_ == 1 ? 0 : parts_ * size_of_kernel(shape_);
  std::int64_t rounded = parts_ * strips_ * (x_pairs_ + y_pairs_);
  if (rounding_ == Rounding::kFloats)
    rounded = shape_.batch *
              (shape_.in_pixels() * shape_.channels_in + shape_.out_pixels() * shape_.channels_out);
  return std::size_t(sums + rounded) * sizeof(float);
}

KernelGradient::Range KernelGradient::part(std::int64_t i) const {
  const std::int64_t lines = shape_.batch * shape_.out[0] * shape_.out[1];
  return {lines * i / parts_, lines * (i + 1) / parts_};
}

// Lines of y that are taken together.
std::int64_t KernelGradient::block_lines() const {
  const std::int64_t pixels = std::clamp<std::int64_t>(
      kBlockFloats / (shape_.stride[2] * shape_.channels_in + shape_.channels_out), kBlockPixels,
      kMaxBlockPixels);
  return std::clamp<std::int64_t>(pixels / shape_.out[2], 1, kMaxLines);
}

// The pixels of a line of y for which this tap along the width lies in x.
KernelGradient::Range KernelGradient::columns_of(std::int64_t tap) const {
  const std::int64_t offset = shape_.before[2] - tap * shape_.dilation[2];
  const std::int64_t stride = shape_.stride[2], last = shape_.in[2] - 1 + offset;
  const std::int64_t begin = offset <= 0 ? 0 : ceil_div(offset, stride);
  const std::int64_t end = last < 0 ? 0 : std::min(last / stride + 1, shape_.out[2]);
  return {begin, std::max(begin, end)};
}

// Adds what these lines make of the taps of a row of the kernel, which begins at `row`.
void KernelGradient::add_taps(const ConvTile& whole, std::int64_t row, float* d_kernel,
                              Range outputs) const {
  const ConvKernels& kernels = conv_kernels();
  const bool depthwise = shape_.is_depthwise();
  const std::int64_t in = shape_.group_in(), out = shape_.group_out(), all = shape_.channels_out;
  const auto add = [&](std::int64_t tap, std::int64_t taps, Range pixels) {
    if (pixels.end <= pixels.begin) return;
    ConvTile tile = whole;
    tile.steps = pixels.end - pixels.begin;
    tile.a += (pixels.begin * shape_.stride[2] + tap * shape_.dilation[2] - shape_.before[2]) *
              shape_.channels_in;
    tile.b += pixels.begin * all;
    tile.c = d_kernel + (row + tap) * in * all;
    if (depthwise) return kernels.channel_sums(tile, all);
    for (std::int64_t group = 0; group < shape_.groups; ++group) {
      ConvTile part = tile;
      part.a += group * in;
      part.b += group * out + outputs.begin;
      part.c += group * out + outputs.begin;
      kernels.direct(part, taps * in, std::min(out, outputs.end - outputs.begin));
    }
  };
  Range common{0, 0};
  const std::int64_t taps = shape_.kernel[2];
  if (merged_) common = {columns_of(0).begin, columns_of(taps - 1).end};
  if (common.end <= common.begin) common = {0, 0};
  if (common.end > common.begin) add(0, taps, common);
  for (std::int64_t tap = 0; tap < taps; ++tap) {
    const Range own = columns_of(tap);
    if (common.end == common.begin) {
      add(tap, 1, own);
      continue;
    }
    add(tap, 1, {own.begin, std::min(own.end, common.begin)});
    add(tap, 1, {std::max(own.begin, common.end), own.end});
  }
}

void KernelGradient::add(const float* x, const float* d_y, float* d_kernel, Range lines,
                         Range outputs, float* scratch) const {
  const ConvShape& s = shape_;
  const bool pairs = rounding_ == Rounding::kPairs;
  const std::int64_t block = block_lines();
  ConvSegment segments[kMaxLines];
  Block from{x, d_y, 0, s.in[2] * s.channels_in, 0, s.out[2] * s.channels_out};
  for (std::int64_t first = lines.begin; first < lines.end; first += block) {
    if (pairs)
      from = round_block(x, d_y, {first, std::min(first + block, lines.end)}, outputs, scratch);
    ConvTile tile{from.x,
                  1,
                  s.stride[2] * s.channels_in,
                  segments,
                  0,
                  0,
                  from.d_y,
                  s.channels_out,
                  nullptr,
                  s.channels_out,
                  true};
    for (std::int64_t tap = 0; tap < s.kernel[0] * s.kernel[1]; ++tap) {
      tile.count = 0;
      for (std::int64_t line = first; line < std::min(first + block, lines.end); ++line) {
        const std::int64_t depth = line / s.out[1] % s.out[0] * s.stride[0] +
                                   tap / s.kernel[1] * s.dilation[0] - s.before[0];
        const std::int64_t height =
            line % s.out[1] * s.stride[1] + tap % s.kernel[1] * s.dilation[1] - s.before[1];
        if (depth < 0 || depth >= s.in[0] || height < 0 || height >= s.in[1]) continue;
        const std::int64_t image = line / (s.out[0] * s.out[1]);
        const std::int64_t source = (image * s.in[0] + depth) * s.in[1] + height;
        segments[tile.count++] = {(source - from.first_x) * from.x_line,
                                  (line - from.first_y) * from.y_line};
      }
      if (tile.count == 0) continue;
      if (pairs)
        add_pairs(tile, tap * s.kernel[2], d_kernel, outputs);
      else
        add_taps(tile, tap * s.kernel[2], d_kernel, outputs);
    }
  }
}

void KernelGradient::run(const float* x, const float* d_y, float* d_kernel, void* scratch) const {
  if (winograd_) return winograd_->run(x, d_y, d_kernel, scratch);
  const std::int64_t size = size_of_kernel(shape_);
  const std::int64_t lines = shape_.batch * shape_.out[0] * shape_.out[1];
  auto* memory = static_cast<float*>(scratch);
  float* sums = parts_ == 1 ? d_kernel : memory;
  float* rounded = parts_ == 1 ? memory : memory + parts_ * size;
  std::fill_n(sums, parts_ * size, 0.0f);
  if (lines == 0 || shape_.out[2] == 0) {
    std::fill_n(d_kernel, size, 0.0f);
    return;
  }
  if (rounding_ == Rounding::kFloats) {
    const std::int64_t x_size = shape_.batch * shape_.in_pixels() * shape_.channels_in;
    const std::int64_t y_size = shape_.batch * shape_.out_pixels() * shape_.channels_out;
    round_to_bfloat16(x, x_size, rounded);
    round_to_bfloat16(d_y, y_size, rounded + x_size);
    x = rounded;
    d_y = rounded + x_size;
  }
  const std::int64_t width = gemm_kernels().columns;
  const std::int64_t panels = ceil_div(shape_.group_out(), width);
  parallel_for(parts_ * strips_, [&](std::int64_t piece) {
    const std::int64_t strip = piece % strips_;
    add(x, d_y, sums + piece / strips_ * size, part(piece / strips_),
        {panels * strip / strips_ * width,
         std::min(panels * (strip + 1) / strips_ * width, shape_.group_out())},
        rounded + piece * (x_pairs_ + y_pairs_));
  });
  if (parts_ == 1) return;
  const std::int64_t chunks = ceil_div(size, 4096);
  parallel_for(chunks, [&](std::int64_t chunk) {
    const std::int64_t begin = chunk * 4096, end = std::min(begin + 4096, size);
    std::copy(sums + begin, sums + end, d_kernel + begin);
    for (std::int64_t part = 1; part < parts_; ++part)
      for (std::int64_t i = begin; i < end; ++i) d_kernel[i] += sums[part * size + i];
  });
}

void KernelGradient::run(const double* x, const double* d_y, double* d_kernel, void*) const {
  plain_kernel_gradient(shape_, x, d_y, d_kernel);
}

}  // namespace keratin::kernels
