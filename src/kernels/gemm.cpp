#include "kernels/gemm.h"

#include <algorithm>

namespace keratin::kernels {
namespace {

// Row by row: C's row is a sum of B's rows, or of products of A's row with B's.
template <class T>
void plain(const GemmShape& s, const T* a, const T* b, T* c, RowEpilogue epilogue) {
  for (std::int64_t i = 0; i < s.m; ++i) {
    T* row = c + i * s.n;
    std::fill(row, row + s.n, T{0});
    for (std::int64_t p = 0; p < s.k; ++p) {
      const T x = s.transpose_a ? a[p * s.m + i] : a[i * s.k + p];
      const T* y = s.transpose_b ? b + p : b + p * s.n;
      const std::int64_t stride = s.transpose_b ? s.k : 1;
      for (std::int64_t j = 0; j < s.n; ++j) row[j] += x * y[j * stride];
    }
  }
  if (epilogue.fn != nullptr && s.m > 0) epilogue.fn(epilogue.context, 0, s.m);
}

}  // namespace

std::size_t gemm_scratch_bytes(const GemmShape&, DType) { return 0; }

void gemm(const GemmShape& shape, const float* a, const float* b, float* c, RowEpilogue epilogue,
          void*) {
  plain(shape, a, b, c, epilogue);
}

void gemm(const GemmShape& shape, const double* a, const double* b, double* c, RowEpilogue epilogue,
          void*) {
  plain(shape, a, b, c, epilogue);
}

}  // namespace keratin::kernels
