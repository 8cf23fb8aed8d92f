// Sums of products over named axes.
#pragma once

#include <string_view>
#include <vector>

#include "graph/graph.h"

namespace keratin::ops {

// NumPy's einsum of one or two floating operands: "bij,bjk->bik"; "..." stands for the axes that
// are not named. Without "->" the result has the letters that stand once, in alphabetical order.
Value einsum(std::string_view subscripts, const std::vector<Value>& operands);

}  // namespace keratin::ops
