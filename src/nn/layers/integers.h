// Whole numbers in layers whose arithmetic is that of floating ones.
#pragma once

#include "ops/elementwise.h"

namespace keratin {

// fn(x), where what fn gives of whole numbers is whole: they come back in their dtype, as in Keras.
template <class Fn>
Value through_floats(Value x, const Fn& fn) {
  if (is_floating(x.dtype())) return fn(x);
  return ops::cast(fn(ops::cast(x, DType::kFloat64)), x.dtype());
}

}  // namespace keratin
