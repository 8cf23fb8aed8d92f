// Elements along one axis of known extent by places that are known beforehand. Any dtype; gradients
// for floating ones.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "graph/graph.h"

namespace keratin::ops {

// Throws kInvalidArgument where it is not known.
std::int64_t known_extent(Value x, int axis);

Value pick(Value x, int axis, const std::vector<std::int32_t>& places);
Value flip(Value x, int axis);
Value roll(Value x, int axis, std::int64_t shift);
// Every `step`th from `start` on, up to but without `stop`; a step below 0 goes backwards.
Value stride(Value x, int axis, std::int64_t start, std::int64_t stop, std::int64_t step);
// NumPy's modes "edge", "reflect" and "symmetric".
Value pad_mirrored(Value x, int axis, std::int64_t before, std::int64_t after,
                   std::string_view mode);

}  // namespace keratin::ops
