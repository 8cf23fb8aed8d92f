// Functions that move elements: order of axes, joining, splitting, repeating, padding.
#include <algorithm>
#include <numeric>

#include "core/error.h"
#include "ops/linalg.h"
#include "ops/elementwise.h"
#include "ops/gather.h"
#include "ops/matmul.h"
#include "ops/named_call.h"
#include "ops/picking.h"
#include "ops/reduce.h"
#include "ops/resample.h"
#include "ops/shape.h"

namespace keratin::ops {
namespace {

int normal_axis(Value x, std::int64_t axis) { return normalize_axis(axis, x.rank()); }

Values reshaped(const OpCall& call) {
  Shape shape = call.integers("newshape");
  const Value x = call.value();
  // A batch that is not known takes what is left, as where Keras writes -1.
  if (!x.shape().empty() && x.shape()[0] == kUnknown && !shape.empty() && is_static(shape))
    if (product(x.shape(), 1, x.rank()) == product(shape, 1, shape.size())) shape[0] = kUnknown;
  return {reshape(x, shape)};
}

Values raveled(const OpCall& call) { return {reshape(call.value(), {kUnknown})}; }

std::vector<int> all_axes(Value x) {
  std::vector<int> axes(x.rank());
  std::iota(axes.begin(), axes.end(), 0);
  return axes;
}

Values transposed(const OpCall& call) {
  const Value x = call.value();
  std::vector<int> axes = all_axes(x);
  std::reverse(axes.begin(), axes.end());
  if (!call.is_null("axes")) axes = call.axes("axes");
  for (int& axis : axes) axis = normal_axis(x, axis);
  return {transpose(x, axes)};
}

Value swapped(Value x, int a, int b) {
  std::vector<int> axes = all_axes(x);
  std::swap(axes[std::size_t(normal_axis(x, a))], axes[std::size_t(normal_axis(x, b))]);
  return transpose(x, axes);
}

Values swapaxes(const OpCall& call) {
  return {swapped(call.value(), call.axis("axis1"), call.axis("axis2"))};
}

Value moved(Value x, std::vector<int> from, std::vector<int> to) {
  require(from.size() == to.size(), "source and destination have different lengths");
  std::vector<int> axes(x.rank(), -1);
  std::vector<bool> taken(x.rank(), false);
  for (std::size_t i = 0; i < from.size(); ++i) {
    const int source = normal_axis(x, from[i]);
    axes[std::size_t(normal_axis(x, to[i]))] = source;
    taken[std::size_t(source)] = true;
  }
  std::size_t next = 0;
  for (int& axis : axes) {
    if (axis >= 0) continue;
    while (taken[next]) ++next;
    axis = int(next++);
  }
  return transpose(x, axes);
}

Values moveaxis(const OpCall& call) {
  return {moved(call.value(), call.axes("source"), call.axes("destination"))};
}

Values expanded(const OpCall& call) {
  Value x = call.value();
  std::vector<int> axes = call.axes();
  for (int& axis : axes) axis = normalize_axis(axis, x.rank() + axes.size());
  std::sort(axes.begin(), axes.end());
  for (const int axis : axes) x = expand_dims(x, axis);
  return {x};
}

Values squeezed(const OpCall& call) {
  Value x = call.value();
  std::vector<int> axes;
  for (const int axis : call.axes()) axes.push_back(normal_axis(x, axis));
  if (call.is_null("axis"))
    for (std::size_t i = 0; i < x.rank(); ++i)
      if (x.shape()[i] == 1) axes.push_back(int(i));
  std::sort(axes.rbegin(), axes.rend());
  for (const int axis : axes) x = squeeze(x, axis);
  return {x};
}

Values flipped(const OpCall& call) {
  Value x = call.value();
  for (const int axis : call.is_null("axis") ? all_axes(x) : call.axes()) x = flip(x, axis);
  return {x};
}
template <int axis>
Values flipped_there(const OpCall& call) {
  return {flip(call.value(), axis)};
}

Values rolled(const OpCall& call) {
  const Value x = call.value();
  const auto shifts = call.integers("shift");
  if (call.is_null("axis")) return {reshape_like(roll(reshape(x, {kUnknown}), 0, shifts.at(0)), x)};
  const std::vector<int> axes = call.axes();
  Value y = x;
  for (std::size_t i = 0; i < axes.size(); ++i)
    y = roll(y, axes[i], shifts.size() == 1 ? shifts[0] : shifts.at(i));
  return {y};
}

Values rotated(const OpCall& call) {
  const Value x = call.value();
  const std::vector<int> axes = call.axes("axes");
  require(axes.size() == 2, "axes: expected two, got ", axes.size());
  const std::int64_t quarters = ((call.integer("k") % 4) + 4) % 4;
  if (quarters == 0) return {x};
  if (quarters == 2) return {flip(flip(x, axes[0]), axes[1])};
  if (quarters == 1) return {swapped(flip(x, axes[1]), axes[0], axes[1])};
  return {flip(swapped(x, axes[0], axes[1]), axes[1])};
}

Values repeated(const OpCall& call) {
  Value x = call.value();
  if (call.is_null("axis")) x = reshape(x, {kUnknown});
  const int axis = call.is_null("axis") ? 0 : normal_axis(x, call.axis());
  const auto repeats = call.integers("repeats");
  std::vector<std::int32_t> places;
  for (std::int64_t i = 0; i < known_extent(x, axis); ++i)
    for (std::int64_t k = 0; k < repeats.at(repeats.size() == 1 ? 0 : std::size_t(i)); ++k)
      places.push_back(std::int32_t(i));
  return {pick(x, axis, places)};
}

Values tiled(const OpCall& call) {
  Value x = call.value();
  auto repeats = call.integers("repeats");
  while (repeats.size() < x.rank()) repeats.insert(repeats.begin(), 1);
  while (x.rank() < repeats.size()) x = expand_dims(x, 0);
  for (std::size_t axis = 0; axis < repeats.size(); ++axis)
    if (repeats[axis] != 1) x = concatenate(Values(std::size_t(repeats[axis]), x), int(axis));
  return {x};
}

Values in_one_dtype(Values values) {
  const DType dtype = promoted(values);
  for (Value& value : values) value = cast(value, dtype);
  return values;
}

Values concatenated(const OpCall& call) {
  return {concatenate(in_one_dtype(call.list()), call.axis())};
}

Values stacked(const OpCall& call) {
  Values values = in_one_dtype(call.list());
  const int axis = normalize_axis(call.axis(), values[0].rank() + 1);
  for (Value& value : values) value = expand_dims(value, axis);
  return {concatenate(values, axis)};
}

// vstack, hstack, dstack: joined along `axis` once each has that many axes.
template <int axis>
Values joined(const OpCall& call) {
  Values values = in_one_dtype(call.list());
  for (Value& value : values) {
    if (axis != 1 && value.rank() == 0) value = expand_dims(value, 0);
    if (axis != 1 && value.rank() == 1) value = expand_dims(value, 0);
    if (axis == 1 && value.rank() == 0) value = expand_dims(value, 0);
    if (axis == 2 && value.rank() == 2) value = expand_dims(value, 2);
  }
  return {concatenate(values, axis == 1 && values[0].rank() == 1 ? 0 : axis)};
}

Values appended(const OpCall& call) {
  auto [a, b] = call.pair();
  if (!call.is_null("axis")) return {concatenate({a, b}, call.axis())};
  return {concatenate({reshape(a, {kUnknown}), reshape(b, {kUnknown})}, 0)};
}

// In `n` parts (`even`: of one size), or at the borders given.
Values parts(Value x, int axis, const Json& sections, bool even) {
  const std::int64_t extent = known_extent(x, axis);
  std::vector<std::int64_t> borders{0};
  if (sections.is_array()) {
    for (const Json& border : sections)
      borders.push_back(std::clamp<std::int64_t>(border.get<std::int64_t>(), 0, extent));
  } else {
    const auto n = sections.get<std::int64_t>();
    require(n > 0 && (!even || extent % n == 0), "an axis of ", extent, " cannot be split in ", n);
    for (std::int64_t i = 1; i < n; ++i)
      borders.push_back(borders.back() + extent / n + (i <= extent % n));
  }
  borders.push_back(extent);
  Values values;
  for (std::size_t i = 0; i + 1 < borders.size(); ++i)
    values.push_back(slice(x, axis, borders[i], std::max(borders[i], borders[i + 1])));
  return values;
}

template <bool even>
Values split(const OpCall& call) {
  return parts(call.value(), normal_axis(call.value(), call.axis()), call["indices_or_sections"],
               even);
}
template <int axis>
Values split_there(const OpCall& call) {
  const Value x = call.value();
  return parts(x, axis == 1 && x.rank() == 1 ? 0 : axis, call["indices_or_sections"], true);
}

Values unstacked(const OpCall& call) {
  const Value x = call.value();
  const int axis = normal_axis(x, call.axis());
  Values values;
  for (std::int64_t i = 0; i < known_extent(x, axis); ++i)
    values.push_back(squeeze(slice(x, axis, i, i + 1), axis));
  return values;
}

std::pair<std::int64_t, std::int64_t> padding_of(const Json& width, std::size_t axis) {
  if (width.is_number()) return {width.get<std::int64_t>(), width.get<std::int64_t>()};
  const Json& own = width.at(0).is_array() ? width.at(width.size() == 1 ? 0 : axis) : width;
  if (own.is_number() || own.size() == 1) {
    const Json& n = own.is_number() ? own : own[0];
    return {n.get<std::int64_t>(), n.get<std::int64_t>()};
  }
  return {own.at(0).get<std::int64_t>(), own.at(1).get<std::int64_t>()};
}

Values padded(const OpCall& call) {
  Value x = call.value();
  const DType dtype = x.dtype();
  const std::string mode = call.text("mode");
  if (mode != "constant") {
    for (std::size_t axis = 0; axis < x.rank(); ++axis) {
      const auto [before, after] = padding_of(call["pad_width"], axis);
      if (before || after) x = pad_mirrored(x, int(axis), before, after, mode);
    }
    return {x};
  }
  const Value wide = widened(x);
  Value y = wide, inside = ones_like(wide);
  const bool zero = !call.has(1);
  for (std::size_t axis = 0; axis < x.rank(); ++axis) {
    const auto [before, after] = padding_of(call["pad_width"], axis);
    if (before == 0 && after == 0) continue;
    y = zero_pad(y, int(axis), before, after);
    if (!zero) inside = zero_pad(inside, int(axis), before, after);
  }
  if (!zero) y = y + (1.0 - inside) * cast(call.value(1), y.dtype());
  return {cast(y, dtype)};
}

Values broadcast(const OpCall& call) {
  const Value x = call.value();
  Shape shape = call.integers("shape");
  // Where the batch is not known, it is what x has.
  const std::size_t more = shape.size() - std::min(shape.size(), x.rank());
  for (std::size_t i = more; i < shape.size(); ++i)
    if (x.shape()[i - more] == kUnknown) shape[i] = 1;
  Value wide = widened(x);
  const Value zeros = wide.graph().constant(Tensor(wide.dtype(), shape));
  return {cast(wide + zeros, x.dtype())};
}

// A matrix of 0 and 1 over the last two axes.
template <class Fn>
Value mask_of(Value x, Fn&& is_one) {
  require(x.rank() >= 2, "expected at least two axes");
  const std::int64_t rows = known_extent(x, -2), columns = known_extent(x, -1);
  Tensor mask(DType::kFloat64, {rows, columns});
  for (std::int64_t i = 0; i < rows; ++i)
    for (std::int64_t k = 0; k < columns; ++k)
      mask.data<double>()[i * columns + k] = is_one(i, k) ? 1 : 0;
  const DType dtype = widened(x).dtype();
  return x.graph().constant(mask.as(dtype));
}

template <bool lower>
Values triangle(const OpCall& call) {
  const std::int64_t k = call.integer("k");
  const Value x = call.value();
  return {cast(ops::triangle(widened(x), lower, k), x.dtype())};
}

// The diagonal of the last two axes, as the last axis.
Value diagonal_of(Value x, std::int64_t offset) {
  const std::int64_t rows = known_extent(x, -2), columns = known_extent(x, -1);
  std::vector<std::int32_t> places;
  for (std::int64_t i = 0; i < rows; ++i)
    if (i + offset >= 0 && i + offset < columns)
      places.push_back(std::int32_t(i * columns + i + offset));
  Shape flat(x.shape().begin(), x.shape().end() - 2);
  flat.push_back(rows * columns);
  return pick(reshape(x, flat), -1, places);
}

Value diagonal_of(const OpCall& call) {
  const Value x = call.value();
  return diagonal_of(moved(x, {call.axis("axis1"), call.axis("axis2")}, {-2, -1}),
                     call.integer("offset"));
}
Values diagonal(const OpCall& call) { return {diagonal_of(call)}; }
Values trace(const OpCall& call) {
  const Value x = diagonal_of(call);
  const DType dtype = x.dtype() == DType::kBool ? DType::kInt32 : x.dtype();
  return {cast(sum(widened(x), {-1}), dtype)};
}

Value matrix_of_diagonal(Value x, std::int64_t offset) {
  const std::int64_t n = known_extent(x, 0), size = n + std::abs(offset);
  const Value wide = widened(x);
  Value rows = reshape(wide, {n, 1});
  rows = zero_pad(rows, 0, std::max<std::int64_t>(0, -offset), std::max<std::int64_t>(0, offset));
  const Value mask = mask_of(rows + rows.graph().constant(Tensor(rows.dtype(), {size, size})),
                             [offset](std::int64_t i, std::int64_t k) { return k - i == offset; });
  return cast(mask * rows, x.dtype());
}

Values diag(const OpCall& call) {
  const Value x = call.value();
  return {x.rank() == 1 ? matrix_of_diagonal(x, call.integer("k"))
                        : diagonal_of(x, call.integer("k"))};
}
Values diagflat(const OpCall& call) {
  return {matrix_of_diagonal(reshape(call.value(), {element_count(call.value().shape())}),
                             call.integer("k"))};
}

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

constexpr OpRow kRows[] = {
    {"reshape", "numpy.Reshape", "x; newshape: list of int",
     "x in another shape, batch axis included; one extent may be -1.", reshaped},
    {"ravel", "numpy.Ravel", "x", "All elements in one axis.", raveled},
    {"transpose", "numpy.Transpose", "x; axes: list of int? = null",
     "x with its axes in another order; null: reversed.", transposed},
    {"swapaxes", "numpy.Swapaxes", "x; axis1: int; axis2: int", "Two axes change places.",
     swapaxes},
    {"moveaxis", "numpy.Moveaxis", "x; source: list of int; destination: list of int",
     "Axes go to other places.", moveaxis},
    {"expand_dims", "numpy.ExpandDims", "x; axis: list of int", "x with new axes of 1.", expanded},
    {"squeeze", "numpy.Squeeze", "x; axis: list of int? = null",
     "x without axes of 1; null: without any.", squeezed},
    {"flip", "numpy.Flip", "x; axis: list of int? = null", "The other way round; null: all axes.",
     flipped},
    {"fliplr", "numpy.Fliplr", "x", "Axis 1 the other way round.", flipped_there<1>},
    {"flipud", "numpy.Flipud", "x", "Axis 0 the other way round.", flipped_there<0>},
    {"roll", "numpy.Roll", "x; shift: list of int; axis: list of int? = null",
     "Shifted; what leaves comes in again.", rolled},
    {"rot90", "numpy.Rot90", "array; k: int = 1; axes: list of int = [0, 1]",
     "Turned by k quarters.", rotated},
    {"repeat", "numpy.Repeat", "x; repeats: list of int; axis: int? = null",
     "Each element so many times.", repeated},
    {"tile", "numpy.Tile", "x; repeats: list of int", "The whole so many times.", tiled},
    {"concatenate", "numpy.Concatenate", "[xs]; axis: int = 0",
     "All inputs in a row along an axis.", concatenated},
    {"stack", "numpy.Stack", "[x]; axis: int = 0", "All inputs along a new axis.", stacked},
    {"hstack", "numpy.Hstack", "[xs]", "Joined along axis 1, vectors along axis 0.", joined<1>},
    {"vstack", "numpy.Vstack", "[xs]", "Joined along axis 0.", joined<0>},
    {"dstack", "numpy.Dstack", "[xs]", "Joined along axis 2.", joined<2>},
    {"append", "numpy.Append", "x1, x2; axis: int? = null", "x2 after x1; null: all in one axis.",
     appended},
    {"split", "numpy.Split", "x; indices_or_sections: any; axis: int = 0",
     "In equal parts, or at borders.", split<true>},
    {"array_split", "numpy.ArraySplit", "x; indices_or_sections: any; axis: int = 0",
     "In parts that are equal but for one.", split<false>},
    {"hsplit", "numpy.Hsplit", "x; indices_or_sections: any", "Split along axis 1.",
     split_there<1>},
    {"vsplit", "numpy.Vsplit", "x; indices_or_sections: any", "Split along axis 0.",
     split_there<0>},
    {"dsplit", "numpy.Dsplit", "x; indices_or_sections: any", "Split along axis 2.",
     split_there<2>},
    {"unstack", "core.Unstack", "x; num: int? = null; axis: int = 0", "What stack had joined.",
     unstacked},
    {"pad", "numpy.Pad", "x, constant_values = null; pad_width: any; mode: string = \"constant\"",
     "x with a border: constant, edge, reflect or symmetric.", padded},
    {"broadcast_to", "numpy.BroadcastTo", "x; shape: list of int", "x spread over a shape.",
     broadcast},
    {"tril", "numpy.Tril", "x; k: int = 0", "0 above a diagonal.", triangle<true>},
    {"triu", "numpy.Triu", "x; k: int = 0", "0 below a diagonal.", triangle<false>},
    {"diagonal", "numpy.Diagonal", "x; offset: int = 0; axis1: int = 0; axis2: int = 1",
     "The diagonal of two axes.", diagonal},
    {"trace", "numpy.Trace", "x; offset: int = 0; axis1: int = 0; axis2: int = 1",
     "Sum of the diagonal of two axes.", trace},
    {"diag", "numpy.Diag", "x; k: int = 0", "A matrix with this diagonal, or its diagonal.", diag},
    {"diagflat", "numpy.Diagflat", "x; k: int = 0", "A matrix with these on its diagonal.",
     diagflat},
    {"space_to_depth", "nn.SpaceToDepth",
     "x; block_size: int; data_format: string = \"channels_last\"", "Pixels of blocks to channels.",
     to_depth},
    {"depth_to_space", "nn.DepthToSpace",
     "x; block_size: int; data_format: string = \"channels_last\"", "Channels to pixels of blocks.",
     to_space},
};
KERATIN_REGISTER_OPS(kRows);

}  // namespace
}  // namespace keratin::ops
