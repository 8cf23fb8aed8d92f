// The inner parts of convolutions of float, compiled for each instruction set. Everything here runs
// in the calling thread. As with gemm_kernels.h, how a result is cut into tiles changes no bits.
#pragma once

#include <cstdint>

namespace keratin::kernels {

// A stretch of the sum, as distances in elements from where a and b begin.
struct ConvSegment {
  std::int64_t a, b;
};

// C[i, j] (+)= sum over segments s and steps p of
//   a[s.a + i * a_row + p * a_step] * b[s.b + p * b_step + j]
// The extents of i and j are arguments of the functions.
struct ConvTile {
  const float* a;
  std::int64_t a_row, a_step;
  const ConvSegment* segments;
  std::int64_t count;  // of segments; 0: C is zero
  std::int64_t steps;  // of each segment
  const float* b;
  std::int64_t b_step;
  float* c;
  std::int64_t c_row;
  bool add;  // to what is in C
};

struct ConvKernels {
  // On one panel of B as GemmKernels::pack lays it out (b_step is that of the panel).
  void (*packed)(const ConvTile& tile, std::int64_t rows, std::int64_t columns);
  // Any columns; B as it is stored.
  void (*direct)(const ConvTile& tile, std::int64_t rows, std::int64_t columns);
  // C[i, j] = sum over segments of a[s.a + i * a_row + j] * b[s.b + j]: each channel by itself.
  void (*channels)(const ConvTile& tile, std::int64_t rows, std::int64_t columns);
  // c[j] += sum over segments and steps of a[s.a + p * a_step + j] * b[s.b + p * b_step + j].
  void (*channel_sums)(const ConvTile& tile, std::int64_t columns);
};

// Those for this machine.
const ConvKernels& conv_kernels();

}  // namespace keratin::kernels
