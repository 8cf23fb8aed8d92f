// Functions that join, split, repeat and pad.
#include <algorithm>

#include "core/error.h"
#include "ops/elementwise.h"
#include "ops/named_call.h"
#include "ops/picking.h"
#include "ops/resample.h"
#include "ops/shape.h"

namespace keratin::ops {
namespace {

int normal_axis(Value x, std::int64_t axis) { return normalize_axis(axis, x.rank()); }

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

constexpr OpRow kRows[] = {
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
    {"repeat", "numpy.Repeat", "x; repeats: list of int; axis: int? = null",
     "Each element so many times.", repeated},
    {"tile", "numpy.Tile", "x; repeats: list of int", "The whole so many times.", tiled},
};
KERATIN_REGISTER_OPS(kRows);

}  // namespace
}  // namespace keratin::ops
