// Matrix products: C[m, n] = op(A)[m, k] op(B)[k, n], row-major and contiguous; op transposes or
// not. Not finite numbers go through as plain arithmetic has it; k = 0 makes C zero. The bits of
// the result depend on the shape and the machine, never on the number of threads.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/dtype.h"
#include "core/precision.h"

namespace keratin::kernels {

struct GemmShape {
  std::int64_t m, n, k;
  bool transpose_a = false;                // A is stored as [k, m]
  bool transpose_b = false;                // B is stored as [n, k]
  Precision precision = Precision::kFull;  // of products of float
};

// Called from any thread when rows begin .. end-1 of C are done and still in cache, each row once:
// for what follows element by element (bias, activation). Must not throw.
struct RowEpilogue {
  void (*fn)(void* context, std::int64_t row_begin, std::int64_t row_end) = nullptr;
  void* context = nullptr;
};

// Bytes of scratch (64-byte aligned) that gemm() wants for this shape; the same at each call, 0:
// none.
std::size_t gemm_scratch_bytes(const GemmShape& shape, DType dtype);

// `c` overlaps neither operand. `scratch` may be NULL if gemm_scratch_bytes() is 0.
void gemm(const GemmShape& shape, const float* a, const float* b, float* c,
          RowEpilogue epilogue = {}, void* scratch = nullptr);
// Simple and slow beside the above: for the checks of gradients in double precision.
void gemm(const GemmShape& shape, const double* a, const double* b, double* c,
          RowEpilogue epilogue = {}, void* scratch = nullptr);

}  // namespace keratin::kernels
