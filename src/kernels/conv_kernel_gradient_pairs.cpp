// The gradient of a kernel from pairs of bfloat16 (bfloat16_kernels.h): the sum goes over pixels,
// so a pair is two pixels of y side by side, and of x the two that one tap takes for them. Taps
// begin at any pixel: x has a pair for each. Lines are padded with zeros, so that all taps take
// whole lines; a number that is not finite may reach more taps so than it does as floats.
#include <algorithm>
#include <bit>

#include "kernels/bfloat16_kernels.h"
#include "kernels/conv.h"

namespace keratin::kernels {

// The lines of x that these lines of y take.
KernelGradient::Range KernelGradient::sources_of(Range lines) const {
  const ConvShape& s = shape_;
  const auto source = [&](std::int64_t line, std::int64_t tap) {
    const std::int64_t height = line % s.out[1] * s.stride[1] + tap * s.dilation[1] - s.before[1];
    return line / s.out[1] * s.in[1] + std::clamp<std::int64_t>(height, 0, s.in[1] - 1);
  };
  return {source(lines.begin, 0), source(lines.end - 1, s.kernel[1] - 1) + 1};
}

// Of all blocks.
std::int64_t KernelGradient::most_sources() const {
  const std::int64_t block = block_lines();
  std::int64_t most = 0;
  for (std::int64_t i = 0; i < parts_; ++i)
    for (std::int64_t first = part(i).begin; first < part(i).end; first += block) {
      const Range sources = sources_of({first, std::min(first + block, part(i).end)});
      most = std::max(most, sources.end - sources.begin);
    }
  return most;
}

// Element i of a line of pairs is x[i - before] and x[i - before + stride], zero outside.
void KernelGradient::round_sources(const float* x, Range sources, float* pairs) const {
  const BFloat16Kernels& kernels = *bfloat16_kernels();
  const std::int64_t channels = shape_.channels_in, width = shape_.in[2] * channels;
  const std::int64_t before = shape_.before[2] * channels, stride = shape_.stride[2] * channels;
  // Where there is a first one, a second one; of the line of pairs.
  const auto clip = [&](std::int64_t i) { return std::clamp<std::int64_t>(i, 0, x_line_); };
  const Range first{clip(before), clip(before + width)};
  const Range second{clip(before - stride), clip(before - stride + width)};
  const Range both{std::max(first.begin, second.begin),
                   std::max(std::min(first.end, second.end), std::max(first.begin, second.begin))};
  for (std::int64_t line = sources.begin; line < sources.end; ++line, pairs += x_line_) {
    const float* from = x + line * width;
    std::fill_n(pairs, x_line_, 0.0f);
    if (both.end > both.begin)
      kernels.round_steps(from + both.begin - before, stride, 2, both.end - both.begin,
                          pairs + both.begin, 0);
    const auto only_first = [&](std::int64_t begin, std::int64_t end) {
      if (end > begin)
        kernels.round_steps(from + begin - before, 0, 1, end - begin, pairs + begin, 0);
    };
    const auto only_second = [&](std::int64_t begin, std::int64_t end) {
      if (end <= begin) return;
      kernels.round_steps(from + begin - before + stride, 0, 1, end - begin, pairs + begin, 0);
      for (std::int64_t i = begin; i < end; ++i)
        pairs[i] = std::bit_cast<float>(std::bit_cast<std::uint32_t>(pairs[i]) << 16);
    };
    only_first(std::max(first.begin, both.end), first.end);
    only_second(second.begin, std::min(second.end, both.begin));
  }
}

KernelGradient::Block KernelGradient::round_block(const float* x, const float* d_y, Range lines,
                                                  Range outputs, float* scratch) const {
  const std::int64_t width = shape_.out[2], all = shape_.channels_out;
  if (shape_.groups > 1) outputs = {0, all};
  const std::int64_t columns = outputs.end - outputs.begin;
  const Range sources = sources_of(lines);
  Block block{scratch, scratch + x_pairs_, sources.begin,
              x_line_, lines.begin,        (width + 1) / 2 * columns};
  round_sources(x, sources, scratch);
  for (std::int64_t line = lines.begin; line < lines.end; ++line)
    bfloat16_kernels()->round_steps(d_y + line * width * all + outputs.begin, all, width, columns,
                                    scratch + x_pairs_ + (line - lines.begin) * block.y_line,
                                    columns);
  return block;
}

// As add_taps, of lines of pairs.
void KernelGradient::add_pairs(const ConvTile& whole, std::int64_t row, float* d_kernel,
                               Range outputs) const {
  const std::int64_t in = shape_.group_in(), out = shape_.group_out(), all = shape_.channels_out;
  const std::int64_t taps = merged_ ? shape_.kernel[2] : 1;
  const std::int64_t columns = std::min(out, outputs.end - outputs.begin);
  for (std::int64_t tap = 0; tap < shape_.kernel[2]; tap += taps)
    for (std::int64_t group = 0; group < shape_.groups; ++group) {
      ConvTile tile = whole;
      tile.steps = (shape_.out[2] + 1) / 2;
      tile.a += tap * shape_.dilation[2] * shape_.channels_in + group * in;
      tile.a_step = 2 * shape_.stride[2] * shape_.channels_in;
      tile.b += group * out;
      tile.b_step = shape_.groups > 1 ? all : columns;
      tile.c = d_kernel + (row + tap) * in * all + group * out + outputs.begin;
      bfloat16_kernels()->multiply(tile, taps * in, columns);
    }
}

}  // namespace keratin::kernels
