// A whole int8 kernel as panels of up to 64 columns, with the sums of its columns.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "kernels/int8_kernels.h"
#include "kernels/scratch.h"

namespace keratin::kernels {

// Calls fn(first row, count) for tiles of about equal height.
template <class Fn>
void for_rows(std::int64_t begin, std::int64_t end, const Fn& fn) {
  const std::int64_t rows = end - begin, tiles = (rows + kInt8Rows - 1) / kInt8Rows;
  for (std::int64_t i = 0; i < tiles; ++i) {
    const std::int64_t row = begin + rows * i / tiles;
    fn(row, begin + rows * (i + 1) / tiles - row);
  }
}

class Int8Panels {
 public:
  // `quads` of all segments together.
  Int8Panels(std::int64_t columns, std::int64_t quads) : columns_(columns), quads_(quads) {}

  std::size_t bytes() const { return sums_bytes() + std::size_t(padded() * quads_ * 4); }

  // kernel [segments, segment, columns], `step` bytes from one row to the next; each segment is
  // padded to whole quads.
  void pack(const std::int8_t* kernel, std::int64_t step, std::int64_t segment,
            std::int64_t segments, char* memory) const;

  // Fills in panel, sums, scales, quads and columns for each panel; calls fn(first column,
  // vectors).
  template <class Fn>
  void each(const char* memory, const float* scales, Int8Tile& tile, const Fn& fn) const {
    tile.quads = quads_ / std::max<std::int64_t>(tile.segments, 1);
    for (std::int64_t column = 0; column < columns_; column += kInt8Columns) {
      tile.panel = panel(memory, column);
      tile.sums = reinterpret_cast<const std::int32_t*>(memory) + column;
      tile.scales = scales + column;
      tile.columns = std::min(kInt8Columns, columns_ - column);
      fn(column, vectors(column));
    }
  }

 private:
  std::int64_t vectors(std::int64_t column) const {
    return (std::min(kInt8Columns, columns_ - column) + 15) / 16;
  }
  std::int64_t padded() const { return (columns_ + 15) / 16 * 16; }
  std::size_t sums_bytes() const { return aligned(std::size_t(padded()) * sizeof(std::int32_t)); }
  const std::int8_t* panel(const char* memory, std::int64_t column) const {
    return reinterpret_cast<const std::int8_t*>(memory + sums_bytes()) + column * quads_ * 4;
  }

  std::int64_t columns_, quads_;
};

}  // namespace keratin::kernels
