#include "kernels/gemm.h"

#include <algorithm>

#include "core/threads.h"
#include "kernels/gemm_bfloat16.h"
#include "kernels/gemm_kernels.h"
#include "kernels/pieces.h"

namespace keratin::kernels {
namespace {

// How a product is cut depends on its shape alone.
constexpr std::int64_t kPieceWork = 128 * 1024;  // multiplications that are worth a thread's while
constexpr std::int64_t kPieceRows = 24;          // of C in a piece of a packed product
constexpr std::int64_t kMaxSteps = 320;          // of k at a time
constexpr std::int64_t kPanel = 320 * 16;  // floats of a panel of B: stays in the first-level cache
constexpr std::int64_t kBlockRows = 256;   // of C; their part of A stays in the second-level cache
constexpr std::int64_t kBlockColumns = 64;
constexpr std::int64_t kColumns = 4096;  // of B at a time: bounds the scratch memory
constexpr std::int64_t kStack = 4096;    // floats of a B turned on the stack

// Calls fn(begin, end) over 0 .. size-1 in `pieces` pieces of about equal size.
template <class Fn>
void for_ranges(std::int64_t size, std::int64_t pieces, const Fn& fn) {
  pieces = std::clamp<std::int64_t>(pieces, 1, size);
  parallel_for(pieces, [&](std::int64_t i) { fn(size * i / pieces, size * (i + 1) / pieces); });
}

struct Done {
  RowEpilogue epilogue;
  std::int64_t rows;  // of C
  void all() const { (*this)(0, rows); }
  void operator()(std::int64_t begin, std::int64_t end) const {
    if (epilogue.fn != nullptr) epilogue.fn(epilogue.context, begin, end);
  }
};

// The product as it is computed. A row or column of a matrix looks the same in memory either way;
// of a C with one column, the transpose is computed: a row.
struct Product {
  GemmShape shape;
  bool swapped;  // A and B change places; a column of what is computed is a row of C
};

Product simplest(GemmShape s) {
  const bool swapped = s.n == 1 && s.m > 1;
  if (swapped) s = {1, s.m, s.k, false, !s.transpose_a};
  if (s.m == 1 || s.k == 1) s.transpose_a = false;
  if (s.n == 1 || s.k == 1) s.transpose_b = false;
  return {s, swapped};
}

enum class Way {
  kDirect,  // B is read where it lies
  kTurned,  // a small transposed B is turned on the stack
  kDots,    // few rows, B transposed: scalar products
  kBlocks,  // panels of B are packed on the stack
  kRows,    // A transposed: B is packed into panels in scratch memory
};

Way way_of(const GemmShape& s) {
  const std::int64_t work = s.m * s.n * s.k;
  const Way large = s.transpose_a ? Way::kRows : Way::kBlocks;
  if (!s.transpose_b) return s.m <= 12 || s.k <= 12 || work <= 32 * 1024 ? Way::kDirect : large;
  if (s.m <= 4 && s.k >= 32 && !s.transpose_a) return Way::kDots;
  const std::int64_t width = gemm_kernels().columns;
  return work <= 32 * 1024 && s.k * width <= kStack ? Way::kTurned : large;
}

Tile tile_of(const GemmShape& s, const float* a, const float* b, float* c) {
  return {a,
          s.transpose_a ? 1 : s.k,
          s.transpose_a ? s.m : 1,
          b,
          s.transpose_b ? s.k : s.n,
          s.k,
          c,
          s.n,
          false};
}

void multiply_turned(const GemmShape& s, const float* a, const float* b, float* c,
                     const Done& done) {
  const GemmKernels& kernels = gemm_kernels();
  alignas(64) float panel[kStack];
  Tile tile = tile_of(s, a, panel, c);
  for (std::int64_t j = 0; j < s.n; j += kernels.columns, tile.c += kernels.columns) {
    const std::int64_t width = std::min(s.n - j, kernels.columns);
    kernels.pack(b + j * s.k, s.k, true, s.k, width, panel);
    kernels.packed(tile, s.m, width);
  }
  done.all();
}

// With B as it is stored: pieces are rows of C, or columns if there are few rows.
void multiply_direct(const GemmShape& s, bool swapped, const float* a, const float* b, float* c,
                     const Done& done) {
  const GemmKernels& kernels = gemm_kernels();
  const auto multiply = s.transpose_b ? kernels.dots : kernels.direct;
  const Tile whole = tile_of(s, a, b, c);
  const std::int64_t pieces = s.m * s.n * s.k / kPieceWork;
  if (s.m > 48 || pieces <= 1) {
    if (pieces <= 1) {
      multiply(whole, s.m, s.n);
      return done.all();
    }
    for_ranges(s.m, std::min(pieces, s.m / 12), [&](std::int64_t begin, std::int64_t end) {
      Tile tile = whole;
      tile.a += begin * tile.a_row;
      tile.c += begin * tile.c_row;
      multiply(tile, end - begin, s.n);
      done(begin, end);
    });
    return;
  }
  constexpr std::int64_t kUnit = 64;  // columns
  for_ranges(ceil_div(s.n, kUnit), pieces, [&](std::int64_t begin, std::int64_t end) {
    begin *= kUnit;
    end = std::min(end * kUnit, s.n);
    Tile tile = whole;
    tile.b += begin * (s.transpose_b ? s.k : 1);
    tile.c += begin;
    multiply(tile, s.m, end - begin);
    if (swapped) done(begin, end);
  });
  if (!swapped) done.all();
}

// Steps of k at a time: at most kMaxSteps, about equal parts.
std::int64_t steps_of(std::int64_t k) {
  const std::int64_t most = std::min(kMaxSteps, kPanel / gemm_kernels().columns);
  return ceil_div(k, ceil_div(k, most));
}

// A as it is stored: a piece is a block of C, for which panels of B are packed on the stack.
void multiply_blocks(const GemmShape& s, const float* a, const float* b, float* c,
                     const Done& done) {
  const GemmKernels& kernels = gemm_kernels();
  const std::int64_t steps = steps_of(s.k), width = kernels.columns;
  const std::int64_t row_blocks = ceil_div(s.m, kBlockRows);
  const std::int64_t column_blocks = ceil_div(s.n, kBlockColumns);
  parallel_for(row_blocks * column_blocks, [&](std::int64_t piece) {
    const std::int64_t row = s.m * (piece / column_blocks) / row_blocks;
    const std::int64_t rows = s.m * (piece / column_blocks + 1) / row_blocks - row;
    const std::int64_t first = piece % column_blocks * kBlockColumns;
    const std::int64_t last = std::min(first + kBlockColumns, s.n);
    alignas(64) float panel[kPanel];
    for (std::int64_t p = 0; p < s.k; p += steps) {
      const std::int64_t k = std::min(s.k - p, steps);
      for (std::int64_t j = first; j < last; j += width) {
        const std::int64_t columns = std::min(last - j, width);
        const float* from = b + (s.transpose_b ? j * s.k + p : p * s.n + j);
        Tile tile{a + row * s.k + p, s.k, 1, from, s.n, k, c + row * s.n + j, s.n, p > 0};
        if (!s.transpose_b && columns == width) {
          kernels.pack_and_multiply(tile, rows, panel);
        } else {
          kernels.pack(from, s.transpose_b ? s.k : s.n, s.transpose_b, k, columns, panel);
          tile.b = panel;
          kernels.packed(tile, rows, columns);
        }
      }
    }
    if (column_blocks == 1) done(row, row + rows);
  });
  if (column_blocks > 1 && done.epilogue.fn != nullptr)
    for_ranges(s.m, s.m * s.n / (kPieceWork / 8), done);
}

// A transposed: B is packed into panels once, then a piece is a few rows of C, for which A is
// turned on the stack.
void multiply_rows(const GemmShape& s, const float* a, const float* b, float* c, const Done& done,
                   float* panels) {
  const GemmKernels& kernels = gemm_kernels();
  const std::int64_t steps = steps_of(s.k), width = kernels.columns;
  for (std::int64_t j = 0; j < s.n; j += kColumns) {
    const std::int64_t columns = std::min(s.n - j, kColumns),
                       panel_count = ceil_div(columns, width);
    for (std::int64_t p = 0; p < s.k; p += steps) {
      const std::int64_t k = std::min(s.k - p, steps);
      for_ranges(panel_count, panel_count * k * width / 16384,
                 [&](std::int64_t begin, std::int64_t end) {
                   for (std::int64_t i = begin; i < end; ++i) {
                     const std::int64_t first = j + i * width;
                     kernels.pack(b + (s.transpose_b ? first * s.k + p : p * s.n + first),
                                  s.transpose_b ? s.k : s.n, s.transpose_b, k,
                                  std::min(j + columns - first, width), panels + i * k * width);
                   }
                 });
      const bool last = j + columns == s.n && p + k == s.k;
      const std::int64_t pieces =
          std::min(ceil_div(s.m, kPieceRows), s.m * columns * k / kPieceWork);
      for_ranges(s.m, pieces, [&](std::int64_t begin, std::int64_t end) {
        alignas(64) float turned[kPieceRows * kMaxSteps];
        for (std::int64_t row = begin; row < end; row += kPieceRows) {
          const std::int64_t rows = std::min(end - row, kPieceRows);
          const float* from = a + p * s.m + row;
          if (rows == kPieceRows)  // copies of a known size take no call
            for (std::int64_t q = 0; q < k; ++q, from += s.m)
              std::copy_n(from, kPieceRows, turned + q * kPieceRows);
          else
            for (std::int64_t q = 0; q < k; ++q, from += s.m)
              std::copy_n(from, rows, turned + q * rows);
          for (std::int64_t i = 0; i < panel_count; ++i)
            kernels.packed({turned, 1, rows, panels + i * k * width, 0, k,
                            c + row * s.n + j + i * width, s.n, p > 0},
                           rows, std::min(columns - i * width, width));
        }
        if (last) done(begin, end);
      });
    }
  }
}

template <class T>
void multiply_plain(const GemmShape& s, const T* a, const T* b, T* c) {
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
}

bool is_empty(const GemmShape& s) { return s.m <= 0 || s.n <= 0; }

}  // namespace

std::size_t gemm_scratch_bytes(const GemmShape& shape, DType dtype) {
  if (dtype != DType::kFloat32 || is_empty(shape) || shape.k <= 0) return 0;
  if (shape.precision == Precision::kBFloat16) return gemm_bfloat16_scratch_bytes(shape);
  const GemmShape s = simplest(shape).shape;
  if (way_of(s) != Way::kRows) return 0;
  const std::int64_t width = gemm_kernels().columns;
  return std::size_t(steps_of(s.k) * ceil_div(std::min(s.n, kColumns), width) * width) *
         sizeof(float);
}

void gemm(const GemmShape& shape, const float* a, const float* b, float* c, RowEpilogue epilogue,
          void* scratch) {
  if (is_empty(shape)) return;
  const Done done{epilogue, shape.m};
  if (shape.k <= 0) {
    std::fill_n(c, shape.m * shape.n, 0.0f);
    return done.all();
  }
  if (shape.precision == Precision::kBFloat16)
    return gemm_bfloat16(shape, a, b, c, epilogue, scratch);
  const auto [s, swapped] = simplest(shape);
  if (swapped) std::swap(a, b);
  switch (way_of(s)) {
    case Way::kDirect:
    case Way::kDots:
      return multiply_direct(s, swapped, a, b, c, done);
    case Way::kTurned:
      return multiply_turned(s, a, b, c, done);
    case Way::kBlocks:
      return multiply_blocks(s, a, b, c, done);
    case Way::kRows:
      return multiply_rows(s, a, b, c, done, static_cast<float*>(scratch));
  }
}

void gemm(const GemmShape& shape, const double* a, const double* b, double* c, RowEpilogue epilogue,
          void*) {
  if (is_empty(shape)) return;
  multiply_plain(shape, a, b, c);
  Done{epilogue, shape.m}.all();
}

}  // namespace keratin::kernels
