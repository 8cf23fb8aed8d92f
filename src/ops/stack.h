// Tensors joined along a new axis, and taken apart along one. Any dtype; gradients for floating
// ones.
#pragma once

#include <vector>

#include "graph/graph.h"

namespace keratin::ops {

Value stack(const std::vector<Value>& values, int axis);  // all of one shape
std::vector<Value> unstack(Value x, int axis);            // the axis has a known extent

}  // namespace keratin::ops
