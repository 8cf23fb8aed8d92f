// The `noise_shape` attribute of dropouts: along an axis where it is 1, all elements share their
// noise.
#pragma once

#include <optional>
#include <vector>

#include "graph/graph.h"

namespace keratin {

using NoiseShape = std::optional<std::vector<std::optional<std::int64_t>>>;

// A value of the shape of the noise for x: x, narrowed to one element along axes that share it.
Value narrowed(Value x, const NoiseShape& shape);

}  // namespace keratin
