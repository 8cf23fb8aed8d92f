#include "ops/picking.h"

#include <algorithm>

#include "core/error.h"
#include "ops/gather.h"

namespace keratin::ops {

std::int64_t known_extent(Value x, int axis) {
  const std::int64_t extent = x.shape()[std::size_t(normalize_axis(axis, x.rank()))];
  require(extent != kUnknown, "axis ", axis, " of ", to_string(x.shape()), " must be known");
  return extent;
}

Value pick(Value x, int axis, const std::vector<std::int32_t>& places) {
  const Tensor indices = Tensor::of<std::int32_t>({std::int64_t(places.size())}, places);
  return take(x, x.graph().constant(indices), axis);
}

Value flip(Value x, int axis) {
  const std::int64_t n = known_extent(x, axis);
  return stride(x, axis, n - 1, -1, -1);
}

Value roll(Value x, int axis, std::int64_t shift) {
  const std::int64_t n = known_extent(x, axis);
  std::vector<std::int32_t> places;
  for (std::int64_t i = 0; i < n; ++i) places.push_back(std::int32_t((((i - shift) % n) + n) % n));
  return pick(x, axis, places);
}

Value stride(Value x, int axis, std::int64_t start, std::int64_t stop, std::int64_t step) {
  require(step != 0, "a step of 0");
  std::vector<std::int32_t> places;
  for (std::int64_t i = start; step > 0 ? i < stop : i > stop; i += step)
    places.push_back(std::int32_t(i));
  return pick(x, axis, places);
}

Value pad_mirrored(Value x, int axis, std::int64_t before, std::int64_t after,
                   std::string_view mode) {
  const bool edge = mode == "edge", reflect = mode == "reflect";
  require(edge || reflect || mode == "symmetric",
          "mode: expected 'constant', 'edge', 'reflect' or 'symmetric', got '", mode, "'");
  const std::int64_t n = known_extent(x, axis);
  const std::int64_t period = reflect ? std::max<std::int64_t>(1, 2 * n - 2) : 2 * n;
  std::vector<std::int32_t> places;
  for (std::int64_t i = -before; i < n + after; ++i) {
    std::int64_t at =
        edge ? std::clamp<std::int64_t>(i, 0, n - 1) : ((i % period) + period) % period;
    if (at >= n) at = reflect ? period - at : period - 1 - at;
    places.push_back(std::int32_t(at));
  }
  return pick(x, axis, places);
}

}  // namespace keratin::ops
