// The inner parts of products of int8, compiled for each instruction set; all give the same
// numbers. Everything here runs in the calling thread.
//
// Inputs are bytes, their value plus 128, for VPDPBUSD multiplies unsigned by signed bytes: a sum
// is right after 128 times its column of the kernel was taken off. Sums are exact up to k = 65,000
// and wrap beyond. The kernel lies in panels of 16, 32, 48 or 64 columns, four steps of a column
// side by side ("quad").
#pragma once

#include <cstdint>

namespace keratin::kernels {

inline constexpr std::int64_t kInt8Columns = 64;  // of the widest panel
inline constexpr std::int64_t kInt8Rows = 6;      // of the largest tile

// y[i, j] = (the sum over segments s and bytes p of rows[i][offsets[s] + p] and the panel's
// column j) / (scales[j] * row_scales[i]), or, with `factors`, times scales[j].
struct Int8Tile {
  const std::uint8_t* rows[kInt8Rows];
  const std::int64_t* offsets;  // of each segment from the row's pointer on
  std::int64_t segments;
  std::int64_t quads;  // of a segment: 4 * quads bytes of each row are read
  const std::int8_t* panel;
  const std::int32_t* sums;  // 128 times each column's sum
  const float* scales;       // of the columns
  float row_scales[kInt8Rows];
  float* y;
  std::int64_t y_row;
  std::int64_t columns;  // that are written
  bool factors;
};

// The same with one segment and the kernel as it is stored, `step` bytes from one row to the next.
struct Int8Direct {
  const std::uint8_t* rows[kInt8Rows];
  std::int64_t k;  // bytes up to the next four are read of the rows
  const std::int8_t* kernel;
  std::int64_t step;
  const float* scales;
  float row_scales[kInt8Rows];
  float* y;
  std::int64_t y_row;
  std::int64_t columns;  // at most kInt8Columns
};

struct Int8Kernels {
  // rows: 1 to kInt8Rows; vectors of 16 columns: 1 to 4, the panel's width.
  void (*tile)(const Int8Tile& tile, std::int64_t rows, std::int64_t vectors);
  // NULL where packing first is as good.
  void (*direct)(const Int8Direct& tile, std::int64_t rows);
  // `columns` columns and `k` rows of a kernel with `step` bytes a row to (k + 3) / 4 quads of a
  // panel of `vectors` vectors, padded by zeros; adds 128 times the columns to `sums`.
  void (*pack)(const std::int8_t* kernel, std::int64_t step, std::int64_t k, std::int64_t columns,
               std::int64_t vectors, std::int8_t* panel, std::int32_t* sums);
  // The largest magnitude; not-a-number if there is one.
  float (*largest)(const float* x, std::int64_t count);
  // Bytes of x times scale, rounded to even, within low and high, which are whole; 0 for
  // not-a-number.
  void (*quantize)(const float* x, std::int64_t count, float scale, float low, float high,
                   std::uint8_t* bytes);
};

// Those for this machine; anew at each call, for tests that choose the instruction set.
Int8Kernels choose_int8_kernels();
const Int8Kernels& int8_kernels();

}  // namespace keratin::kernels
