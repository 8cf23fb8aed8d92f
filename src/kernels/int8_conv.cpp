// A convolution of int8 without a copy of the patches: images lie in memory as bytes with their
// padding around them, and a tile's rows point at the pixels where their windows begin.
#include <algorithm>

#include "core/threads.h"
#include "kernels/int8_gemm.h"
#include "kernels/int8_panels.h"

namespace keratin::kernels {
namespace {

constexpr std::int64_t kTaskWork = 1024 * 1024;
constexpr std::int64_t kMostBlocks = 16;  // of an image
constexpr std::uint8_t kZero = 128;       // the byte of 0

// Of `blocks` in an image: lines are those of depth and height together.
std::int64_t border(std::int64_t lines, std::int64_t block, std::int64_t blocks) {
  return lines * block / blocks;
}

}  // namespace

struct Int8Convolution::Call {
  const Int8Operands& operands;
  RowEpilogue epilogue;
  std::uint8_t* images;
  const char* panels;  // of one group after another
  const float* factors;
  float scale;  // of the inputs
};

Int8Convolution::Int8Convolution(const ConvShape& shape, Int8Inputs inputs)
    : shape_(shape), inputs_(inputs) {
  const ConvShape& s = shape_;
  for (std::size_t a = 0; a < 3; ++a)
    padded_[a] = std::max(s.before[a] + s.in[a],
                          (s.out[a] - 1) * s.stride[a] + (s.kernel[a] - 1) * s.dilation[a] + 1);
  const std::int64_t line = padded_[2] * s.channels_in;
  if (s.dilation[2] == 1 && s.groups == 1) segment_taps_ = s.kernel[2];
  const std::int64_t segment = segment_taps_ * s.group_in();
  quads_ = (segment + 3) / 4;
  for (std::int64_t d = 0; d < s.kernel[0]; ++d)
    for (std::int64_t h = 0; h < s.kernel[1]; ++h)
      for (std::int64_t w = 0; w < s.kernel[2]; w += segment_taps_)
        offsets_.push_back((d * s.dilation[0] * padded_[1] + h * s.dilation[1]) * line +
                           w * s.dilation[2] * s.channels_in);
  // The last segment is read up to a whole quad.
  image_bytes_ = std::int64_t(aligned(std::size_t(padded_[0] * padded_[1] * line + 3)));
  scratch_ = std::size_t(s.batch * image_bytes_) + std::size_t(s.groups) * group_panels().bytes() +
             std::size_t(s.channels_out) * sizeof(float);
}

Int8Panels Int8Convolution::group_panels() const {
  return {shape_.group_out(), quads_ * std::int64_t(offsets_.size())};
}

void Int8Convolution::quantize_lines(const Call& call, std::int64_t image, std::int64_t begin,
                                     std::int64_t end) const {
  const Int8Kernels& kernels = int8_kernels();
  const ConvShape& s = shape_;
  const std::int64_t line = padded_[2] * s.channels_in, inner = s.in[2] * s.channels_in;
  const std::int64_t left = s.before[2] * s.channels_in;
  std::uint8_t* to = call.images + image * image_bytes_;
  for (std::int64_t i = begin; i < end; ++i) {
    const std::int64_t d = i / padded_[1] - s.before[0], h = i % padded_[1] - s.before[1];
    std::uint8_t* bytes = to + i * line;
    if (d < 0 || d >= s.in[0] || h < 0 || h >= s.in[1]) {
      std::fill(bytes, bytes + line, kZero);
      continue;
    }
    const float* x = call.operands.x + ((image * s.in[0] + d) * s.in[1] + h) * inner;
    std::fill(bytes, bytes + left, kZero);
    kernels.quantize(x, inner, call.scale, inputs_.low, inputs_.high, bytes + left);
    std::fill(bytes + left + inner, bytes + line, kZero);
  }
  if (end == padded_[0] * padded_[1]) std::fill(to + end * line, to + image_bytes_, kZero);
}

void Int8Convolution::multiply_lines(const Call& call, std::int64_t image, std::int64_t begin,
                                     std::int64_t end) const {
  const Int8Kernels& kernels = int8_kernels();
  const ConvShape& s = shape_;
  const std::int64_t line = padded_[2] * s.channels_in;
  const std::int64_t first = begin * s.out[2], last = end * s.out[2];  // pixels of the image
  const Int8Panels panels = group_panels();
  Int8Tile t{};
  t.offsets = offsets_.data();
  t.segments = std::int64_t(offsets_.size());
  t.y_row = s.channels_out;
  t.factors = true;
  for (std::int64_t g = 0; g < s.groups; ++g) {
    const std::uint8_t* from = call.images + image * image_bytes_ + g * s.group_in();
    float* to = call.operands.y + image * s.out_pixels() * s.channels_out + g * s.group_out();
    const auto multiply = [&](std::int64_t column, std::int64_t vectors) {
      std::int64_t w = 0, h = begin % s.out[1], d = begin / s.out[1];
      const auto line_at = [&] {
        return from + (d * s.stride[0] * padded_[1] + h * s.stride[1]) * line;
      };
      const std::uint8_t* pixel = line_at();
      for_rows(first, last, [&](std::int64_t row, std::int64_t count) {
        for (std::int64_t i = 0; i < count; ++i) {
          t.rows[i] = pixel;
          pixel += s.stride[2] * s.channels_in;
          if (++w < s.out[2]) continue;
          w = 0;
          if (++h == s.out[1]) h = 0, ++d;
          pixel = line_at();
        }
        t.y = to + row * s.channels_out + column;
        kernels.tile(t, count, vectors);
      });
    };
    panels.each(call.panels + g * std::int64_t(panels.bytes()), call.factors + g * s.group_out(), t,
                multiply);
  }
  if (call.epilogue.fn) {
    const std::int64_t before = image * s.out_pixels();
    call.epilogue.fn(call.epilogue.context, before + first, before + last);
  }
}

void Int8Convolution::run(const Int8Operands& o, RowEpilogue epilogue, void* scratch) const {
  const ConvShape& s = shape_;
  if (s.batch * s.out_pixels() * s.channels_out == 0) return;
  auto* images = static_cast<std::uint8_t*>(scratch);
  char* memory = static_cast<char*>(scratch) + s.batch * image_bytes_;
  const Int8Panels panels = group_panels();
  for (std::int64_t g = 0; g < s.groups; ++g)
    panels.pack(o.kernel + g * s.group_out(), s.channels_out, segment_taps_ * s.group_in(),
                std::int64_t(offsets_.size()), memory + g * std::int64_t(panels.bytes()));
  float scale = o.input_scale;
  if (scale == 0)
    scale = inputs_.high / (int8_kernels().largest(o.x, s.batch * s.in_pixels() * s.channels_in) +
                            inputs_.epsilon);
  // There are many results to a column: divided once.
  auto* factors = reinterpret_cast<float*>(memory + s.groups * std::int64_t(panels.bytes()));
  for (std::int64_t j = 0; j < s.channels_out; ++j) factors[j] = 1 / (o.kernel_scale[j] * scale);
  const Call call{o, epilogue, images, memory, factors, scale};

  const std::int64_t in_lines = padded_[0] * padded_[1], out_lines = s.out[0] * s.out[1];
  const std::int64_t work =
      s.out_pixels() * s.channels_out * quads_ * 4 * std::int64_t(offsets_.size());
  if (s.batch >= 8 || work < 2 * kTaskWork) {
    // Whole images, as many as are worth it.
    const std::int64_t pieces = std::clamp<std::int64_t>(s.batch * work / kTaskWork, 1, s.batch);
    parallel_for(pieces, [&](std::int64_t piece) {
      for (std::int64_t i = border(s.batch, piece, pieces); i < border(s.batch, piece + 1, pieces);
           ++i) {
        quantize_lines(call, i, 0, in_lines);
        multiply_lines(call, i, 0, out_lines);
      }
    });
    return;
  }
  // All bytes first: blocks of lines read those of their neighbours.
  const std::int64_t most = std::clamp<std::int64_t>(work / kTaskWork, 1, kMostBlocks);
  const std::int64_t in_blocks = std::min(most, in_lines), blocks = std::min(most, out_lines);
  parallel_for(s.batch * in_blocks, [&](std::int64_t piece) {
    const std::int64_t block = piece % in_blocks;
    quantize_lines(call, piece / in_blocks, border(in_lines, block, in_blocks),
                   border(in_lines, block + 1, in_blocks));
  });
  parallel_for(s.batch * blocks, [&](std::int64_t piece) {
    const std::int64_t block = piece % blocks;
    multiply_lines(call, piece / blocks, border(out_lines, block, blocks),
                   border(out_lines, block + 1, blocks));
  });
}

}  // namespace keratin::kernels
