// The inner parts of products of bfloat16 summed in float, for machines with instructions for them
// (AVX512_BF16, and AMX-BF16 where that is there, too). Everything here runs in the calling thread.
//
// Operands are pairs: two consecutive steps of the sum side by side in the 32 bits of one element,
// the first in the lower half. So a product of pairs looks like one of floats with half the steps;
// pairs are carried as float*, but are no floats. What a last pair lacks is zero.
#pragma once

#include <cstdint>

#include "kernels/conv_kernels.h"

namespace keratin::kernels {

struct BFloat16Kernels {
  std::int64_t columns;  // of a full tile
  std::int64_t rows;     // that fill tiles
  std::int64_t speed;    // multiplications in the time of one of float, about

  // C (+)= A B of pairs: a, b and steps of the tile are pairs. Any rows, any columns.
  void (*multiply)(const ConvTile& tile, std::int64_t rows, std::int64_t columns);
  // Rounds rows of `k` floats, `from_row` apart, to (k + 1) / 2 pairs each, `to_row` apart.
  void (*round_rows)(const float* from, std::int64_t from_row, std::int64_t rows, std::int64_t k,
                     float* to, std::int64_t to_row);
  // The same, where steps lie from_step apart: to[p * to_step + j] is the pair of from[2p, j] and
  // from[2p + 1, j], for j < columns.
  void (*round_steps)(const float* from, std::int64_t from_step, std::int64_t k,
                      std::int64_t columns, float* to, std::int64_t to_step);
  // The transpose of that: to[j * to_row + p].
  void (*round_columns)(const float* from, std::int64_t from_step, std::int64_t k,
                        std::int64_t columns, float* to, std::int64_t to_row);
  // As round_steps, of a transposed matrix: from[j, p] is from[j * from_column + p].
  void (*round_transposed)(const float* from, std::int64_t from_column, std::int64_t k,
                           std::int64_t columns, float* to, std::int64_t to_step);
};

// NULL where the machine has no such instructions.
const BFloat16Kernels* bfloat16_kernels();
// For tests of what other machines do: the best of these units is left aside.
enum class BFloat16Unit { kNone, kVectors, kMatrices };
void limit_bfloat16_kernels(BFloat16Unit most);

}  // namespace keratin::kernels
