// Which elements differ.
#pragma once

#include <vector>

#include "graph/graph.h"

namespace keratin::ops {

// The first `size` different elements of x, from the smallest on: where each stands first among all
// elements [size], the number of the element that each of x is (shape of x), and how often each
// occurs [size]; int32. Where there are fewer, the smallest one again, occurring 0 times. What is
// not a number differs from itself. Floating operands; no gradient.
std::vector<Value> unique(Value x, std::int64_t size);

}  // namespace keratin::ops
