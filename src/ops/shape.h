// Ops that move elements without changing them. Any dtype; gradients for floating ones.
#pragma once

#include <vector>

#include "graph/graph.h"

namespace keratin::ops {

Value reshape(Value x, Shape shape);  // one extent may be kUnknown: it takes what is left
Value reshape_like(Value x, Value like);
Value transpose(Value x, std::vector<int> permutation);
// Axes go to other places, the rest follows in order (NumPy's moveaxis).
Value move_axes(Value x, const std::vector<int>& from, const std::vector<int>& to);
Value expand_dims(Value x, int axis);
Value squeeze(Value x, int axis);
Value concatenate(const std::vector<Value>& values, int axis);
Value slice(Value x, int axis, std::int64_t begin,
            std::int64_t end);  // the half-open range along one axis
// The reverse: x placed at `begin` along the axis of a zero tensor of the shape of `like`.
Value slice_into_zeros_like(Value x, Value like, int axis, std::int64_t begin);
// indices: integer, any shape; out: indices.shape + [depth], of `dtype`. An index outside
// 0..depth-1 gives zeros.
Value one_hot(Value indices, std::int64_t depth, DType dtype = DType::kFloat32);

}  // namespace keratin::ops
