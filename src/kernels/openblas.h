// OpenBLAS beneath the largest products, and its LAPACK: see README.md.
#pragma once

#include <mutex>

#include "kernels/gemm.h"

namespace keratin::kernels {

// While one lives, no other thread is in OpenBLAS: its build without threads is not made for
// callers at once, who may get each other's memory for packing. A fork waits for it.
class OpenBlasTurn {
 public:
  OpenBlasTurn();

 private:
  std::lock_guard<std::mutex> lock_;
};

// A function of OpenBLAS' build without threads, which is loaded when the first is asked for; NULL
// if it is not there.
void* openblas_function(const char* name);

// Whether products of this size go through OpenBLAS here: it is there, runs on one thread, and has
// code for the vectors that this machine has. Loads it when asked for the first time about a
// product that is large enough. The answer for a shape does not change within a process; a thread
// that is Alone is always told no, for OpenBLAS takes a lock.
bool openblas_takes(const GemmShape& shape);

// C[m, n] = op(A)[m, k] op(B)[k, n] in the calling thread, for rows and columns of larger matrices:
// `lda`, `ldb`, `ldc` are the distances of their rows in memory. Only after openblas_takes().
void openblas_gemm(const GemmShape& shape, const float* a, std::int64_t lda, const float* b,
                   std::int64_t ldb, float* c, std::int64_t ldc);

}  // namespace keratin::kernels
