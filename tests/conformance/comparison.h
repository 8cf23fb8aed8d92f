// When numbers are equal: |got - wanted| <= atol + rtol |wanted|, in shape and kind of dtype.
#pragma once

#include <string>

#include "core/json.h"
#include "core/tensor.h"

namespace keratin::conformance {

struct Tolerance {
  double atol, rtol;
};

// Throws saying where they differ.
void compare(const std::string& what, const Tensor& got, const Tensor& wanted, Tolerance tolerance);
// Nested lists of strings, as case.json has them.
void compare_strings(const std::string& what, const Tensor& got, const Json& wanted);

// A tensor of strings from nested lists.
Tensor strings_of(const Json& nested);

}  // namespace keratin::conformance
