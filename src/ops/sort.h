// Order along an axis. Floating operands; what is not a number comes last.
#pragma once

#include "graph/graph.h"

namespace keratin::ops {

// The places of the elements from the smallest on (descending: from the largest on), equal ones in
// their order; int32, no gradient.
Value argsort(Value x, int axis = -1, bool descending = false);
// x in that order.
Value sort(Value x, int axis = -1, bool descending = false);

}  // namespace keratin::ops
