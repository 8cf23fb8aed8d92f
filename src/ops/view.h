// The bytes of a tensor seen as another dtype.
#pragma once

#include "graph/graph.h"

namespace keratin::ops {

// Where elements have another size the last axis grows or shrinks. Throws kInvalidArgument where it
// does not come out even. No gradient but to the same dtype.
Value view(Value x, DType dtype);

}  // namespace keratin::ops
