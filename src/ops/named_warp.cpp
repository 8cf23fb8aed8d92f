// keras.ops.image: what looks pixels up at other places.
#include <algorithm>
#include <numbers>

#include "core/error.h"
#include "ops/affine.h"
#include "ops/channels.h"
#include "ops/elementwise.h"
#include "ops/gather.h"
#include "ops/images.h"
#include "ops/linalg.h"
#include "ops/matmul.h"
#include "ops/named_call.h"
#include "ops/picking.h"
#include "ops/reduce.h"
#include "ops/scatter.h"
#include "ops/shape.h"

namespace keratin::ops {
namespace {

bool is_bilinear(const OpCall& call) {
  const std::string name = call.text("interpolation");
  require(name == "bilinear" || name == "nearest",
          "interpolation: expected 'bilinear' or 'nearest', got '", name, "'");
  return name == "bilinear";
}

// Halves away from 0, as JAX rounds here.
Value rounded(Value x) { return sign(x) * floor(abs(x) + 0.5); }

// The images [batch, height, width, channels], and how they were given.
struct Images {
  Value given, x;
  std::string format;

  explicit Images(const OpCall& call)
      : given(call.value()),
        format(call.is_null("data_format") ? "channels_last" : call.text("data_format")) {
    require(given.rank() == 3 || given.rank() == 4, "expected images of rank 3 or 4, got shape ",
            to_string(given.shape()));
    const Value wide = to_floating(given);
    x = to_channels_last(wide.rank() == 3 ? expand_dims(wide, 0) : wide, format);
  }
  Values back(Value y) const {
    y = from_channels_last(y, format);
    if (!is_floating(given.dtype())) y = cast(rounded(y), given.dtype());
    return {given.rank() == 3 ? squeeze(y, 0) : y};
  }
};

// The same of all images, where there is one; else one of each.
Value for_each_image(Value places, Value images) {
  if (places.shape()[0] == images.shape()[0]) return places;
  const Value first = slice(slice(slice(images, 1, 0, 1), 2, 0, 1), 3, 0, 1);
  return places + zeros_like(first);
}

// Pixel (x, y) comes from ((a0 x + a1 y + a2), (b0 x + b1 y + b2)); of Keras' c0 and c1, which are
// 0 in an affine map, channel c adds c c0 down and c c1 across.
Values affine(const OpCall& call) {
  const Images images(call);
  Value maps = cast(call.value(1), images.x.dtype());
  if (maps.rank() == 1) maps = expand_dims(maps, 0);
  require(maps.rank() == 2 && maps.shape()[1] == 8,
          "transform: expected [8] or [batch, 8], got shape ", to_string(call.value(1).shape()));
  const std::int64_t height = known_extent(images.x, 1), width = known_extent(images.x, 2);
  const std::int64_t channels = known_extent(images.x, 3);
  maps = reshape(maps, {kUnknown, 1, 1, 8});
  const auto number = [&](std::int64_t i) { return slice(maps, 3, i, i + 1); };
  const Value column = counted_along(maps, width, 2), row = counted_along(maps, height, 1);
  const Value channel = counted_along(maps, channels, 3);
  // [batch, height, width, channels] each.
  const Value across = number(0) * column + number(1) * row + number(2) + number(7) * channel;
  const Value down = number(3) * column + number(4) * row + number(5) + number(6) * channel;
  const auto one_channel = [&](Value y) {
    return reshape(transpose(for_each_image(y, images.x), {0, 3, 1, 2}),
                   {kUnknown, height, width, 1});
  };
  const Value y =
      sample(one_channel(images.x), concatenate({one_channel(across), one_channel(down)}, 3),
             is_bilinear(call), fill_named(call.text("fill_mode")), call.number("fill_value"));
  return images.back(transpose(reshape(y, {kUnknown, channels, height, width}), {0, 2, 3, 1}));
}

// Corners [batch, 4, 2] as (x, y) go from start to end: the eight numbers [batch, 8] of the map
// back.
Value homography(Value start, Value end) {
  const auto part = [](Value points, std::int64_t i) { return slice(points, 2, i, i + 1); };
  const Value x = part(end, 0), y = part(end, 1), one = ones_like(x), zero = zeros_like(x);
  const auto rows = [&](Value target, bool first) {
    const Value there = concatenate({x, y, one}, 2), none = concatenate({zero, zero, zero}, 2);
    return concatenate({first ? there : none, first ? none : there, -target * x, -target * y}, 2);
  };
  const Value to_x = part(start, 0), to_y = part(start, 1);
  const Value matrix = concatenate({rows(to_x, true), rows(to_y, false)}, 1);
  return squeeze(solve(matrix, concatenate({to_x, to_y}, 1)), 2);
}

Values perspective(const OpCall& call) {
  const Images images(call);
  const auto points = [&](std::size_t i) {
    const Value p = cast(call.value(i), images.x.dtype());
    require(p.rank() >= 2 && p.rank() <= 3 && p.shape()[p.rank() - 2] == 4 && p.shape().back() == 2,
            call.op().arguments[i].name, ": expected [4, 2] or [batch, 4, 2], got shape ",
            to_string(p.shape()));
    return p.rank() == 2 ? expand_dims(p, 0) : p;
  };
  const std::int64_t height = known_extent(images.x, 1), width = known_extent(images.x, 2);
  const Value map = reshape(homography(points(1), points(2)), {kUnknown, 1, 1, 8});
  const auto number = [&](std::int64_t i) { return slice(map, 3, i, i + 1); };
  const Value column = counted_along(map, width, 2), row = counted_along(map, height, 1);
  const Value depth = number(6) * column + number(7) * row + 1.0;
  const Value across = (number(0) * column + number(1) * row + number(2)) / depth;
  const Value down = (number(3) * column + number(4) * row + number(5)) / depth;
  const Value places = for_each_image(concatenate({across, down}, 3), images.x);
  return images.back(sample(images.x, places, is_bilinear(call), kernels::Fill::kConstant,
                            call.number("fill_value")));
}

Value modulo(Value a, Value n) { return a - floor(a / n) * n; }

// The place inside 0 .. n-1 that stands for `at`; with kConstant, itself.
Value inside(Value at, Value n, kernels::Fill fill) {
  using kernels::Fill;
  const auto mirrored = [](Value i, Value size) {
    const Value last = size - 1.0, period = maximum(2.0 * last, 1.0);
    return abs(modulo(i + last, period) - last);
  };
  if (fill == Fill::kNearest) return maximum(minimum(at, n - 1.0), 0.0);
  if (fill == Fill::kWrap) return modulo(at, n);
  if (fill == Fill::kMirror) return mirrored(at, n);
  if (fill == Fill::kReflect) return floor((mirrored(2.0 * at + 1.0, 2.0 * n + 1.0) - 1.0) / 2.0);
  return at;
}

// inputs of any rank, coordinates [rank, ...]: elements at places between them.
Values at_coordinates(const OpCall& call) {
  const Value given = call.value(0), x = to_floating(given);
  const Value places = cast(call.floating(1), x.dtype());
  const auto rank = std::int64_t(x.rank());
  require(places.rank() >= 2 && places.shape()[0] == rank, "coordinates: expected shape [", rank,
          ", ...] of rank 2 or more, got ", to_string(places.shape()));
  const std::int64_t order = call.integer("order");
  require(order == 0 || order == 1, "order: expected 0 or 1, got ", order);
  const kernels::Fill fill = fill_named(call.text("fill_mode"));
  struct Neighbours {
    Value at[2], weight[2];
  };
  std::vector<Neighbours> axes;
  for (std::int64_t axis = 0; axis < rank; ++axis) {
    const Value place = squeeze(slice(places, 0, axis, axis + 1), 0);
    const Value n = count(x, {int(axis)}), first = order ? floor(place) : rounded(place);
    const auto stands = [&](Value at) {
      return expand_dims(cast(inside(at, n, fill), DType::kInt32), -1);
    };
    const Value above = place - first;
    axes.push_back({{stands(first), stands(first + 1.0)}, {1.0 - above, above}});
  }
  const Value flat = reshape(x, {kUnknown});
  const double outside = call.number("fill_value");
  Value y;
  for (std::int64_t corner = 0; corner < (order ? std::int64_t{1} << rank : 1); ++corner) {
    Values indices;
    Value weight;
    for (std::int64_t axis = 0; axis < rank; ++axis) {
      const auto& neighbours = axes[std::size_t(axis)];
      const auto side = std::size_t(corner >> axis & 1);
      indices.push_back(neighbours.at[side]);
      if (order) weight = weight ? weight * neighbours.weight[side] : neighbours.weight[side];
    }
    const Value from = row_places(concatenate(indices, -1), x, false);
    Value part = take_or_zero(flat, from, 0);
    if (fill == kernels::Fill::kConstant && outside != 0)
      part = part + cast(less(from, 0.0), x.dtype()) * outside;
    if (order) part = part * weight;
    y = y ? y + part : part;
  }
  return {is_floating(given.dtype()) ? y : cast(rounded(y), given.dtype())};
}

// How much a pixel at a distance counts; jax.image's kernels.
Value kernel_of(const std::string& method, Value x) {
  if (method == "linear" || method == "bilinear" || method == "trilinear")
    return maximum(1.0 - x, 0.0);
  if (method == "cubic" || method == "bicubic" || method == "tricubic") {
    const Value near = (1.5 * x - 2.5) * x * x + 1.0;
    const Value far = ((-0.5 * x + 2.5) * x - 4.0) * x + 2.0;
    return where(less(x, 1.0), near, where(less(x, 2.0), far, 0.0));
  }
  const double radius = method == "lanczos3" ? 3 : 5;
  require(method == "lanczos3" || method == "lanczos5",
          "method: expected 'linear', 'cubic', 'lanczos3' or 'lanczos5', got '", method, "'");
  const Value apart = greater(x, 1e-3), at = where(apart, x, 1.0) * std::numbers::pi;
  const Value y = sin(at) * sin(at / radius) * radius / (at * at);
  return where(greater(x, radius), 0.0, where(apart, y, 1.0));
}

// What each of `in` pixels counts for each of `out`: [in, out]; scale and shift are scalars.
Value weights_of(const std::string& method, std::int64_t in, std::int64_t out, Value scale,
                 Value shift, bool antialias) {
  const auto counted = [&](std::int64_t n, int axis) {
    return squeeze(squeeze(counted_along(scale, n, axis + 2), 0), 0);
  };
  const Value inverse = 1.0 / scale;
  const Value at = (counted(out, 1) + 0.5) * inverse - shift * inverse - 0.5;
  Value distance = abs(at - counted(in, 0));
  if (antialias) distance = distance / maximum(inverse, 1.0);
  const Value weights = kernel_of(method, distance), total = sum(weights, {0}, true);
  const Value counts = greater(abs(total), 1000 * 1.1920929e-7) * greater_equal(at, -0.5) *
                       less_equal(at, double(in) - 0.5);
  return where(counts, weights / where(counts, total, 1.0), 0.0);
}

Values scaled(const OpCall& call) {
  Value x = call.floating(0);
  const Json& shape = call.constant(1);
  require(shape.is_array() && shape.size() == x.rank(), "output_shape: expected ", x.rank(),
          " numbers, got ", shape.dump());
  const Value scale = cast(call.value(2), x.dtype()), shift = cast(call.value(3), x.dtype());
  const std::vector<int> axes = call.axes("spatial_dims");
  for (const Value& each : {scale, shift})
    require(each.rank() == 1 && each.shape()[0] == std::int64_t(axes.size()),
            "scale and translation: expected ", axes.size(), " numbers each, got shape ",
            to_string(each.shape()));
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const int axis = normalize_axis(axes[i], x.rank());
    const auto number = [i](Value of) {
      return squeeze(slice(of, 0, std::int64_t(i), std::int64_t(i) + 1), 0);
    };
    require(shape[std::size_t(axis)].is_number_integer(),
            "output_shape: expected a number for axis ", axis, ", got ", shape.dump());
    const Value weights = weights_of(call.text("method"), known_extent(x, axis),
                                     shape[std::size_t(axis)].get<std::int64_t>(), number(scale),
                                     number(shift), call.flag("antialias"));
    x = move_axes(matmul(move_axes(x, {axis}, {-1}), weights), {-1}, {axis});
  }
  for (std::size_t axis = 0; axis < x.rank(); ++axis)
    require(shape[axis].is_null() || x.shape()[axis] == kUnknown || shape[axis] == x.shape()[axis],
            "output_shape: ", shape.dump(), " is none for what becomes ", to_string(x.shape()));
  return {x};
}

constexpr OpRow kRows[] = {
    {"image.affine_transform", "image.AffineTransform",
     "images, transform; interpolation: string = \"bilinear\"; fill_mode: string = \"constant\"; "
     "fill_value: float = 0; data_format: string? = null",
     "Images seen through affine maps.", affine},
    {"image.perspective_transform", "image.PerspectiveTransform",
     "images, start_points, end_points; interpolation: string = \"bilinear\"; fill_value: float = "
     "0; data_format: string? = null",
     "Images whose corners go elsewhere.", perspective},
    {"image.map_coordinates", "image.MapCoordinates",
     "inputs, coordinates; order: int; fill_mode: string = \"constant\"; fill_value: float = 0",
     "Elements at places between them.", at_coordinates},
    {"image.scale_and_translate", "image.ScaleAndTranslate",
     "images, output_shape, scale, translation; spatial_dims: list of int; method: string; "
     "antialias: bool = true",
     "Images scaled and moved.", scaled},
};
KERATIN_REGISTER_OPS(kRows);

}  // namespace
}  // namespace keratin::ops
