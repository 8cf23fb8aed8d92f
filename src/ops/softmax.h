// Normalised exponentials along one axis.
#pragma once

#include "graph/graph.h"

namespace keratin::ops {

Value softmax(Value x, int axis = -1);
Value log_softmax(Value x, int axis = -1);
Value sparsemax(Value x,
                int axis = -1);  // Martins & Astudillo 2016, https://arxiv.org/abs/1602.02068

}  // namespace keratin::ops
