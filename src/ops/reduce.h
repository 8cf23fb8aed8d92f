// Reductions over axes. Empty `axes` means all; negative axes count from the end. Floating
// operands.
#pragma once

#include <vector>

#include "graph/graph.h"

namespace keratin::ops {

Value sum(Value x, std::vector<int> axes = {}, bool keepdims = false);
Value mean(Value x, std::vector<int> axes = {}, bool keepdims = false);
Value prod(Value x, std::vector<int> axes = {}, bool keepdims = false);
Value max(Value x, std::vector<int> axes = {},
          bool keepdims = false);  // gradient shared equally by ties
Value min(Value x, std::vector<int> axes = {}, bool keepdims = false);
Value logsumexp(Value x, std::vector<int> axes = {}, bool keepdims = false);
// Mean and biased variance E[(x - mean)^2] in one pass over memory.
std::pair<Value, Value> moments(Value x, std::vector<int> axes, bool keepdims = false);

// Index of the first largest element, int32; no gradient.
Value argmax(Value x, int axis);

// The number of elements of x along the axes, as a scalar of x's dtype (the batch size is known
// only in a plan).
Value count(Value x, std::vector<int> axes = {});

// Sums x down to the shape of `like`, which broadcasts to x's: the gradient of broadcasting.
Value sum_to_like(Value x, Value like);
Value broadcast_like(Value x, Value like);

}  // namespace keratin::ops
