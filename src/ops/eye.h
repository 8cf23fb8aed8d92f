// The unit matrix.
#pragma once

#include "graph/graph.h"

namespace keratin::ops {

// 1 where the last two indices are the same, else 0; shape and dtype of x. No gradient.
Value eye_like(Value x);

}  // namespace keratin::ops
