// Elements of one dtype as those of another.
#pragma once

#include <cstdint>

#include "core/dtype.h"

namespace keratin {

// Throws kInvalidArgument for strings against numbers, which do not convert.
void check_convertible(DType from, DType to);

// `count` elements, into other memory; each as by static_cast, to booleans as != 0. Neither dtype
// may be kString.
void convert(const void* from, DType from_dtype, void* to, DType to_dtype, std::int64_t count);

}  // namespace keratin
