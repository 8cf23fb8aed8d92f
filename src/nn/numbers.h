// An attribute that is a number or an array of numbers.
#pragma once

#include "core/attributes.h"
#include "core/tensor.h"

namespace keratin {

// A number, lists of numbers nested to any depth (all of one length at each), or Keras' serialized
// form of an array.
struct Numbers {
  Json json;  // as it was given, and as it is written back

  Numbers() = default;
  Numbers(double value) : json(value) {}  // NOLINT(google-explicit-constructor)
  Tensor tensor(DType dtype) const;       // float32 or float64
};
KERATIN_JSON_TRAITS(Numbers)

}  // namespace keratin
