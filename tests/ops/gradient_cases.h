// What gradient_test.cpp holds each function of src/ops against: cases by theme.
#pragma once

#include <functional>
#include <vector>

#include "graph/graph.h"

namespace keratin::ops {

using Values = std::vector<Value>;

struct Case {
  const char* function;  // of src/ops
  const char* what;
  std::vector<Shape> shapes;
  double low, high;  // of the operands
  std::function<Value(const Values&)> build;
};

// Of matrix products, convolutions, pooling, recurrent cells and attention; of linear algebra and
// Fourier transforms; of scattering, windows, ranges and images.
std::vector<Case> network_cases();
std::vector<Case> linalg_cases();
std::vector<Case> place_cases();

}  // namespace keratin::ops
