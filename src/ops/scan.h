// Sums so far. Floating operands.
#pragma once

#include "graph/graph.h"

namespace keratin::ops {

Value cumsum(Value x, int axis);
Value reverse_cumsum(Value x, int axis);  // of what is still to come, itself included

}  // namespace keratin::ops
