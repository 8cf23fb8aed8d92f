// Matrix products.
#pragma once

#include "graph/graph.h"

namespace keratin::ops {

// NumPy's matmul over the last two axes, either operand transposed there first.
//   [..., m, k] x [k, n]        -> [..., m, n]   (one product over all rows)
//   [batch..., m, k] x [batch..., k, n] -> [batch..., m, n]   (equal or broadcast batch axes)
Value matmul(Value a, Value b, bool transpose_a = false, bool transpose_b = false);

}  // namespace keratin::ops
