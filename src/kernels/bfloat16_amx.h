// Products of pairs of bfloat16 by the matrix unit of newer Intel processors (AMX-BF16): sixteen
// times the multiplications of a vector instruction.
#pragma once

#include "kernels/conv_kernels.h"

namespace keratin::kernels {

// Whether the processor has the unit and the system lets this process use it; the first call asks
// for that (Linux: arch_prctl, once for the process).
bool amx_is_there();

// As BFloat16Kernels::multiply, where a_row or a_step is 1; only where amx_is_there().
void multiply_amx(const ConvTile& tile, std::int64_t rows, std::int64_t columns);

}  // namespace keratin::kernels
