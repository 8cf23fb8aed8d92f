// How preprocessing layers give indices out: as they are, or one-hot, multi-hot or counted.
#pragma once

#include <string>

#include "graph/graph.h"

namespace keratin {

// indices: integers. "int": cast to dtype. "one_hot": [..., depth], a last axis of 1 dropped
// before. "multi_hot" and "count": over axis 1, [batch, n, ...] -> [batch, ..., depth]. An index
// outside 0 .. depth-1 counts nothing.
// weights, where given, are what each index counts, in the shape of indices ("count").
Value encode_categories(Value indices, const std::string& mode, std::int64_t depth, DType dtype,
                        Value weights = {});

}  // namespace keratin
