// The inner parts of matrix products of float, compiled for each instruction set. Everything here
// runs in the calling thread.
//
// An element of C is the sum over p of A[i, p] B[p, j] in the order of p with one accumulator,
// whichever tile it falls into: how C is cut changes no bits.
#pragma once

#include <cstdint>

namespace keratin::kernels {

// C[rows, columns] (+)= A[rows, k] B[k, columns]. The extents are arguments of the functions.
struct Tile {
  const float* a;
  std::int64_t a_row, a_step;  // A[i, p] is a[i * a_row + p * a_step]
  const float* b;
  std::int64_t b_step;  // B[p, j] is b[p * b_step + j]
  std::int64_t k;
  float* c;
  std::int64_t c_row;  // C[i, j] is c[i * c_row + j]
  bool add;            // to what is in C
};

struct GemmKernels {
  std::int64_t rows;     // of the largest tile that registers hold
  std::int64_t columns;  // of a full tile: two vectors

  // Any rows, any columns; B as it is stored.
  void (*direct)(const Tile& tile, std::int64_t rows, std::int64_t columns);
  // At most `columns` columns of B (in memory every `b_step`, or with `transposed` every element),
  // `k` steps, laid out for packed(): `columns` floats a step, 64-byte aligned.
  void (*pack)(const float* b, std::int64_t b_step, bool transposed, std::int64_t k,
               std::int64_t columns, float* packed);
  // As direct, on one packed panel (b_step is not read).
  void (*packed)(const Tile& tile, std::int64_t rows, std::int64_t columns);
  // Both at once, of a whole panel: a tile of B as it is stored, which is packed into `panel`.
  void (*pack_and_multiply)(const Tile& tile, std::int64_t rows, float* panel);
  // C[rows, columns] = A B^T, each element a scalar product of two rows of memory: A[i, p] is
  // a[i * a_row + p], B[j, p] is b[j * b_step + p]. The sum is taken in several lanes.
  void (*dots)(const Tile& tile, std::int64_t rows, std::int64_t columns);
};

// Those for this machine.
const GemmKernels& gemm_kernels();

}  // namespace keratin::kernels
