// Pooling over one to three axes, channels last: x [batch, extents..., channels].
#pragma once

#include <vector>

#include "graph/graph.h"
#include "kernels/pool.h"
#include "ops/conv.h"

namespace keratin::ops {

// Windows of these sizes at these distances; same padding counts for neither the largest nor the
// mean.
Value max_pool(Value x, const std::vector<std::int64_t>& size,
               const std::vector<std::int64_t>& strides, Padding padding);
Value average_pool(Value x, const std::vector<std::int64_t>& size,
                   const std::vector<std::int64_t>& strides, Padding padding);
// As many windows along each axis as asked for, of about equal size; they may overlap.
Value adaptive_max_pool(Value x, const std::vector<std::int64_t>& output);
Value adaptive_average_pool(Value x, const std::vector<std::int64_t>& output);

}  // namespace keratin::ops
