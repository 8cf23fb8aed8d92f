// Elements picked by index. Any dtype; gradients for floating ones. Indices are int32; those below
// 0 count from the end. Beyond the ends there is NaN, as with JAX; of dtypes without one, the
// nearest.
#pragma once

#include "graph/graph.h"

namespace keratin::ops {

// x [a..., n, b...], indices of any shape -> [a..., indices..., b...].
Value take(Value x, Value indices, int axis);
Value take_or_zero(Value x, Value indices, int axis);  // the same, with 0 beyond the ends
// Indices have the shape of x but along the axis; each picks within its own row.
Value take_along_axis(Value x, Value indices, int axis);
// Their gradients: what was picked, added up in the places it came from, in the shape of `like`.
Value add_taken(Value taken, Value indices, Value like, int axis);
Value add_taken_along_axis(Value taken, Value indices, Value like, int axis);

}  // namespace keratin::ops
