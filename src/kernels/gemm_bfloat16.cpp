#include "kernels/gemm_bfloat16.h"

#include <algorithm>

#include "core/threads.h"
#include "kernels/bfloat16.h"
#include "kernels/bfloat16_kernels.h"
#include "kernels/pieces.h"

namespace keratin::kernels {
namespace {

// How a product is cut depends on its shape alone.
constexpr std::int64_t kPieceWork = 256 * 1024;  // multiplications that are worth a thread's while
constexpr std::int64_t kFewRows = 128;           // of C: columns are cut for threads
constexpr std::int64_t kMaxRows = 32;            // of C at a time, else
constexpr std::int64_t kMaxPairs = 256;          // of k at a time
constexpr std::int64_t kPanelColumns = 32;
constexpr std::int64_t kColumns = 4096;  // of B at a time: bounds the scratch memory
constexpr ConvSegment kWhole{0, 0};

template <class Fn>
void for_ranges(std::int64_t size, std::int64_t pieces, const Fn& fn) {
  pieces = std::clamp<std::int64_t>(pieces, 1, size);
  parallel_for(pieces, [&](std::int64_t i) { fn(size * i / pieces, size * (i + 1) / pieces); });
}

// Pairs of k at a time: about equal parts.
std::int64_t pairs_of(std::int64_t k) {
  const std::int64_t all = ceil_div(k, 2);
  return ceil_div(ceil_div(all, ceil_div(all, kMaxPairs)), 16) * 16;
}

// The panel of B from step p and column j on: `k` steps and at most kPanelColumns columns.
void pack(const BFloat16Kernels& kernels, const GemmShape& s, const float* b, std::int64_t p,
          std::int64_t k, std::int64_t j, std::int64_t columns, float* panel) {
  if (s.transpose_b)
    kernels.round_transposed(b + j * s.k + p, s.k, k, columns, panel, kPanelColumns);
  else
    kernels.round_steps(b + p * s.n + j, s.n, k, columns, panel, kPanelColumns);
}

// Rows of A from step p on, as pairs; returns how they lie.
ConvTile round_rows(const BFloat16Kernels& kernels, const GemmShape& s, const float* a,
                    std::int64_t row, std::int64_t rows, std::int64_t p, std::int64_t k,
                    float* pairs) {
  ConvTile tile{};
  tile.a = pairs;
  tile.segments = &kWhole;
  tile.count = 1;
  tile.steps = ceil_div(k, 2);
  tile.b_step = kPanelColumns;
  tile.c_row = s.n;
  tile.a_row = tile.steps;
  tile.a_step = 1;
  if (s.transpose_a)
    kernels.round_columns(a + p * s.m + row, s.m, k, rows, pairs, tile.a_row);
  else
    kernels.round_rows(a + row * s.k + p, s.k, rows, k, pairs, tile.a_row);
  return tile;
}

// A is rounded into scratch memory; a piece is a few panels of B, packed on the stack.
void multiply_columns(const BFloat16Kernels& kernels, const GemmShape& s, const float* a,
                      const float* b, float* c, RowEpilogue epilogue, float* rounded) {
  const std::int64_t steps = 2 * pairs_of(s.k);
  const std::int64_t block = s.m * steps / 2;  // of A, for these steps
  for_ranges(ceil_div(s.k, steps), s.m * s.k / 65536, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i)
      round_rows(kernels, s, a, 0, s.m, i * steps, std::min(s.k - i * steps, steps),
                 rounded + i * block);
  });
  for_ranges(ceil_div(s.n, kPanelColumns), s.m * s.n * s.k / kPieceWork,
             [&](std::int64_t begin, std::int64_t end) {
               alignas(64) float panel[kMaxPairs * kPanelColumns];
               for (std::int64_t j = begin * kPanelColumns; j < std::min(end * kPanelColumns, s.n);
                    j += kPanelColumns) {
                 const std::int64_t columns = std::min(s.n - j, kPanelColumns);
                 for (std::int64_t p = 0; p < s.k; p += steps) {
                   const std::int64_t k = std::min(s.k - p, steps), pairs = ceil_div(k, 2);
                   pack(kernels, s, b, p, k, j, columns, panel);
                   kernels.multiply({rounded + p / steps * block, pairs, 1, &kWhole, 1, pairs,
                                     panel, kPanelColumns, c + j, s.n, p > 0},
                                    s.m, columns);
                 }
               }
             });
  if (epilogue.fn != nullptr)
    for_ranges(s.m, s.m * s.n / 16384, [&](std::int64_t begin, std::int64_t end) {
      epilogue.fn(epilogue.context, begin, end);
    });
}

// B is packed into panels in scratch memory; a piece is some rows of C, for which A is rounded on
// the stack.
void multiply_rows(const BFloat16Kernels& kernels, const GemmShape& s, const float* a,
                   const float* b, float* c, RowEpilogue epilogue, float* panels) {
  const std::int64_t steps = 2 * pairs_of(s.k), panel = steps / 2 * kPanelColumns;
  for (std::int64_t j = 0; j < s.n; j += kColumns) {
    const std::int64_t columns = std::min(s.n - j, kColumns);
    const std::int64_t count = ceil_div(columns, kPanelColumns);
    for (std::int64_t p = 0; p < s.k; p += steps) {
      const std::int64_t k = std::min(s.k - p, steps);
      for_ranges(count, columns * k / 32768, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i)
          pack(kernels, s, b, p, k, j + i * kPanelColumns,
               std::min(columns - i * kPanelColumns, kPanelColumns), panels + i * panel);
      });
      const bool last = j + columns == s.n && p + k == s.k;
      const std::int64_t pieces =
          std::min(ceil_div(s.m, kernels.rows), s.m * columns * k / kPieceWork);
      for_ranges(s.m, pieces, [&](std::int64_t begin, std::int64_t end) {
        alignas(64) float rounded[kMaxRows * kMaxPairs];
        for (std::int64_t row = begin; row < end; row += kernels.rows) {
          const std::int64_t rows = std::min(end - row, kernels.rows);
          ConvTile tile = round_rows(kernels, s, a, row, rows, p, k, rounded);
          tile.add = p > 0;
          for (std::int64_t i = 0; i < count; ++i) {
            tile.b = panels + i * panel;
            tile.c = c + row * s.n + j + i * kPanelColumns;
            kernels.multiply(tile, rows, std::min(columns - i * kPanelColumns, kPanelColumns));
          }
        }
        if (last && epilogue.fn != nullptr) epilogue.fn(epilogue.context, begin, end);
      });
    }
  }
}

GemmShape full(GemmShape s) {
  s.precision = Precision::kFull;
  return s;
}

std::int64_t round_up(std::int64_t count) { return ceil_div(count, 16) * 16; }

}  // namespace

std::size_t gemm_bfloat16_scratch_bytes(const GemmShape& s) {
  if (bfloat16_kernels() == nullptr)
    return std::size_t(round_up(s.m * s.k) + round_up(s.k * s.n)) * sizeof(float) +
           gemm_scratch_bytes(full(s), DType::kFloat32);
  const std::int64_t pairs = pairs_of(s.k);
  if (s.m <= kFewRows) return std::size_t(ceil_div(s.k, 2 * pairs) * pairs * s.m) * sizeof(float);
  return std::size_t(pairs * ceil_div(std::min(s.n, kColumns), kPanelColumns) * kPanelColumns) *
         sizeof(float);
}

void gemm_bfloat16(const GemmShape& s, const float* a, const float* b, float* c,
                   RowEpilogue epilogue, void* scratch) {
  auto* memory = static_cast<float*>(scratch);
  if (const BFloat16Kernels* kernels = bfloat16_kernels()) {
    const auto multiply = s.m <= kFewRows ? multiply_columns : multiply_rows;
    return multiply(*kernels, s, a, b, c, epilogue, memory);
  }
  float* rounded_b = memory + round_up(s.m * s.k);
  round_to_bfloat16(a, s.m * s.k, memory);
  round_to_bfloat16(b, s.k * s.n, rounded_b);
  gemm(full(s), memory, rounded_b, c, epilogue, rounded_b + round_up(s.k * s.n));
}

}  // namespace keratin::kernels
