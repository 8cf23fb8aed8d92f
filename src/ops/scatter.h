// Rows of a tensor that others are worked into, by index. Floating operands. Places that are none
// leave nothing.
#pragma once

#include "graph/graph.h"

namespace keratin::ops {

// Where the rows x[i0, i1, ...] of a tensor like x stand among all of them, its first axes taken as
// one: indices int32 [..., axes] -> int32 [...]. `from_end`: indices below 0 count from the end.
// INT32_MIN where an index is none. No gradient.
Value row_places(Value indices, Value like, bool from_end = true);

// x [rows, n], places int32 [m], updates [m, n] -> x with each update worked into its row: added,
// multiplied, the larger or smaller one of both, or put there (the last one of several).
Value scatter_add(Value x, Value places, Value updates);
Value scatter_multiply(Value x, Value places, Value updates);
Value scatter_max(Value x, Value places, Value updates);  // gradient shared equally by ties
Value scatter_min(Value x, Value places, Value updates);
Value scatter_set(Value x, Value places, Value updates);

}  // namespace keratin::ops
