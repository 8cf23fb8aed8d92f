// The functions applied to one block, by Fn.
#pragma once

#include "kernels/elementwise.h"

namespace keratin::kernels {

const Elementwise::BlockFn* float_functions();  // for the processor at hand
const Elementwise::BlockFn* double_functions();

inline const Elementwise::BlockFn* block_functions(DType dtype) {
  return dtype == DType::kFloat64 ? double_functions() : float_functions();
}

}  // namespace keratin::kernels
