// Functions of integers and bools of one dtype, with NumPy broadcasting; no gradients.
#pragma once

#include "graph/graph.h"

namespace keratin::ops {

// Shifts by less than 0 or more than the bits there are give 0 (-1 where the sign goes on).
enum class IntegerFn { kAnd, kOr, kXor, kLeftShift, kRightShift, kGcd, kLcm };
Value integer_function(IntegerFn fn, Value a, Value b);

}  // namespace keratin::ops
