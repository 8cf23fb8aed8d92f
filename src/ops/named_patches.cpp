// Blocks of pixels as channels, windows of images as columns, and back.
#include <algorithm>

#include "core/error.h"
#include "ops/channels.h"
#include "ops/conv.h"
#include "ops/elementwise.h"
#include "ops/named_call.h"
#include "ops/picking.h"
#include "ops/resample.h"
#include "ops/shape.h"

namespace keratin::ops {
namespace {

// Pixels of blocks to channels, and back. Where the channels are first, a block stands within each
// of them, else they within each of its pixels.
Values to_depth(const OpCall& call) {
  const Value x = call.value();
  const bool first = call.text("data_format") == "channels_first";
  const int row = first ? 2 : 1;
  const std::int64_t b = call.integer("block_size"), c = known_extent(x, first ? 1 : 3);
  const std::int64_t h = known_extent(x, row) / b, w = known_extent(x, row + 1) / b;
  if (first)
    return {reshape(transpose(reshape(x, {kUnknown, c, h, b, w, b}), {0, 1, 3, 5, 2, 4}),
                    {kUnknown, c * b * b, h, w})};
  return {reshape(transpose(reshape(x, {kUnknown, h, b, w, b, c}), {0, 1, 3, 2, 4, 5}),
                  {kUnknown, h, w, b * b * c})};
}
Values to_space(const OpCall& call) {
  const Value x = call.value();
  const bool first = call.text("data_format") == "channels_first";
  const int row = first ? 2 : 1;
  const std::int64_t b = call.integer("block_size");
  const std::int64_t c = known_extent(x, first ? 1 : 3) / (b * b);
  const std::int64_t h = known_extent(x, row), w = known_extent(x, row + 1);
  if (first)
    return {reshape(transpose(reshape(x, {kUnknown, c, b, b, h, w}), {0, 1, 4, 2, 5, 3}),
                    {kUnknown, c, h * b, w * b})};
  return {reshape(transpose(reshape(x, {kUnknown, h, w, b, b, c}), {0, 1, 3, 2, 4, 5}),
                  {kUnknown, h * b, w * b, c})};
}

// Windows along an axis that is padded with `before` zeros: all first elements, then all second
// ones.
kernels::AxisMap windows(std::int64_t in, std::int64_t count, std::int64_t size,
                         std::int64_t stride, std::int64_t dilation, std::int64_t before) {
  kernels::AxisMap map;
  map.in = in;
  for (std::int64_t k = 0; k < size; ++k)
    for (std::int64_t i = 0; i < count; ++i) {
      const std::int64_t at = i * stride + k * dilation - before;
      if (at >= 0 && at < in) map.add(at, 1);
      map.finish();
    }
  return map;
}

std::vector<std::int64_t> for_axes(const OpCall& call, const char* name, std::size_t axes,
                                   std::int64_t least) {
  std::vector<std::int64_t> numbers = call.integers(name);
  if (numbers.size() == 1) numbers.assign(axes, numbers[0]);
  require(numbers.size() == axes, name, ": expected ", axes, " numbers, got ", numbers.size());
  for (const std::int64_t n : numbers)
    require(n >= least, name, ": expected ", least, " or more, got ", n);
  return numbers;
}

// Windows of images [batch, channels, height, width], as PyTorch has them.
struct Columns {
  std::vector<std::int64_t> size, stride, dilation, padding;

  explicit Columns(const OpCall& call)
      : size(for_axes(call, "kernel_size", 2, 1)),
        stride(for_axes(call, "stride", 2, 1)),
        dilation(for_axes(call, "dilation", 2, 1)),
        padding(for_axes(call, "padding", 2, 0)) {}
  std::int64_t count(std::int64_t extent, std::size_t i) const {
    return window(extent + 2 * padding[i], size[i], stride[i], dilation[i], Padding::kValid).out;
  }
  kernels::AxisMap map(std::int64_t extent, std::size_t i) const {
    return windows(extent, count(extent, i), size[i], stride[i], dilation[i], padding[i]);
  }
};

Values unfolded(const OpCall& call) {
  const Value given = call.value();
  require(given.rank() == 4, "expected shape [batch, channels, height, width], got ",
          to_string(given.shape()));
  const Columns columns(call);
  Value x = widened(given);
  const std::int64_t c = known_extent(x, 1), h = known_extent(x, 2), w = known_extent(x, 3);
  for (std::size_t i = 0; i < 2; ++i) x = resample(x, int(i) + 2, columns.map(i ? w : h, i));
  const auto& size = columns.size;
  const std::int64_t rows = columns.count(h, 0), across = columns.count(w, 1);
  x = transpose(reshape(x, {kUnknown, c, size[0], rows, size[1], across}), {0, 1, 2, 4, 3, 5});
  return {cast(reshape(x, {kUnknown, c * size[0] * size[1], rows * across}), given.dtype())};
}

// The other way: what comes to one pixel is added up.
Values folded(const OpCall& call) {
  const Value given = call.value();
  const Columns columns(call);
  const auto extent = for_axes(call, "output_size", 2, 1);
  const auto& size = columns.size;
  const std::int64_t rows = columns.count(extent[0], 0), across = columns.count(extent[1], 1);
  const std::int64_t window = size[0] * size[1];
  require(given.rank() == 3 && given.shape()[1] % window == 0 && given.shape()[2] == rows * across,
          "expected shape [batch, channels * ", window, ", ", rows * across, "], got ",
          to_string(given.shape()));
  const std::int64_t c = given.shape()[1] / window;
  Value x = reshape(widened(given), {kUnknown, c, size[0], size[1], rows, across});
  x = reshape(transpose(x, {0, 1, 2, 4, 3, 5}), {kUnknown, c, size[0] * rows, size[1] * across});
  for (std::size_t i = 0; i < 2; ++i)
    x = resample(x, int(i) + 2, columns.map(extent[i], i).transposed());
  return {cast(x, given.dtype())};
}

// Of images or volumes: the pixels of each window as channels.
Values patches(const OpCall& call) {
  const Value given = call.value();
  auto size = call.integers("size");
  if (size.size() == 1) size.assign(2, size[0]);
  const std::size_t axes = size.size();
  require(axes == 2 || axes == 3, "size: expected 2 or 3 numbers, got ", axes);
  require(given.rank() == axes + 1 || given.rank() == axes + 2, "expected images of rank ",
          axes + 1, " or ", axes + 2, ", got shape ", to_string(given.shape()));
  const std::string format =
      call.is_null("data_format") ? "channels_last" : call.text("data_format");
  const bool is_one = given.rank() == axes + 1;
  Value x = widened(is_one ? expand_dims(given, 0) : given);
  x = to_channels_last(x, format);
  const auto strides = call.is_null("strides") ? size : for_axes(call, "strides", axes, 1);
  const auto dilation = for_axes(call, "dilation_rate", axes, 1);
  const Padding padding = padding_named(call.text("padding"));
  require(padding != Padding::kCausal, "padding: expected 'valid' or 'same', got 'causal'");
  Shape apart{kUnknown}, counts{kUnknown};
  std::vector<int> order{0};
  std::int64_t channels = x.shape().back();
  for (std::size_t i = 0; i < axes; ++i) {
    const int axis = int(i) + 1;
    const std::int64_t n = known_extent(x, axis);
    const Window w = window(n, size[i], strides[i], dilation[i], padding);
    x = resample(x, axis, windows(n, w.out, size[i], strides[i], dilation[i], w.before));
    apart.insert(apart.end(), {size[i], w.out});
    counts.push_back(w.out);
    channels *= size[i];
  }
  apart.push_back(x.shape().back());
  for (std::size_t i = 0; i < axes; ++i) order.push_back(2 + 2 * int(i));
  for (std::size_t i = 0; i < axes; ++i) order.push_back(1 + 2 * int(i));
  order.push_back(1 + 2 * int(axes));
  counts.push_back(channels);
  x = from_channels_last(reshape(transpose(reshape(x, apart), order), counts), format);
  return {cast(is_one ? squeeze(x, 0) : x, given.dtype())};
}

#define PATCHES                                                                               \
  "images; size: list of int; strides: list of int? = null; dilation_rate: list of int = 1; " \
  "padding: string = \"valid\"; data_format: string? = null"
#define COLUMNS                                                                                  \
  "kernel_size: list of int; dilation: list of int = 1; padding: list of int = 0; stride: list " \
  "of int = 1"

constexpr OpRow kRows[] = {
    {"space_to_depth", "nn.SpaceToDepth",
     "x; block_size: int; data_format: string = \"channels_last\"", "Pixels of blocks to channels.",
     to_depth},
    {"depth_to_space", "nn.DepthToSpace",
     "x; block_size: int; data_format: string = \"channels_last\"", "Channels to pixels of blocks.",
     to_space},
    {"unfold", "nn.Unfold", "x; " COLUMNS, "The pixels of each window as a column.", unfolded},
    {"fold", "nn.Fold", "x; output_size: list of int; " COLUMNS,
     "Columns put back into windows and added up.", folded},
    {"image.extract_patches", "image.ExtractPatches", PATCHES,
     "The pixels of each window as channels.", patches},
    {"image.extract_patches_3d", "image.ExtractPatches", PATCHES,
     "The voxels of each window as channels.", patches},
};
KERATIN_REGISTER_OPS(kRows);

}  // namespace
}  // namespace keratin::ops
