// Which rows differ.
#pragma once

#include <vector>

#include "graph/graph.h"

namespace keratin::ops {

// The first `size` different rows of x [rows, n], from the smallest on, the first element counting
// most: where each stands first [size], the number of the row that each of x is [rows], and how
// often each occurs [size]; int32. Where there are fewer, the smallest one again, occurring 0
// times. What is not a number differs from itself. Floating operands; no gradient.
std::vector<Value> unique(Value x, std::int64_t size);

}  // namespace keratin::ops
