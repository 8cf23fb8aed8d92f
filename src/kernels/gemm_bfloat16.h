// Matrix products of operands rounded to bfloat16: what gemm() does for Precision::kBFloat16.
#pragma once

#include "kernels/gemm.h"

namespace keratin::kernels {

std::size_t gemm_bfloat16_scratch_bytes(const GemmShape& shape);
// No extent of the shape is 0.
void gemm_bfloat16(const GemmShape& shape, const float* a, const float* b, float* c,
                   RowEpilogue epilogue, void* scratch);

}  // namespace keratin::kernels
