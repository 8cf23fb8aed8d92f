#include "kernels/int8_panels.h"

#include "core/threads.h"

namespace keratin::kernels {

void Int8Panels::pack(const std::int8_t* kernel, std::int64_t step, std::int64_t segment,
                      std::int64_t segments, char* memory) const {
  const Int8Kernels& kernels = int8_kernels();
  const std::int64_t count = (columns_ + kInt8Columns - 1) / kInt8Columns;
  const std::int64_t pieces = columns_ * quads_ < 64 * 1024 ? 1 : count;
  parallel_for(pieces, [&](std::int64_t piece) {
    for (std::int64_t i = count * piece / pieces; i < count * (piece + 1) / pieces; ++i) {
      const std::int64_t column = i * kInt8Columns,
                         width = std::min(kInt8Columns, columns_ - column);
      auto* to = const_cast<std::int8_t*>(panel(memory, column));
      auto* sums = reinterpret_cast<std::int32_t*>(memory) + column;
      const std::int64_t wide = 16 * vectors(column);
      std::fill(sums, sums + wide, 0);
      for (std::int64_t s = 0; s < segments; ++s) {
        kernels.pack(kernel + s * segment * step + column, step, segment, width, vectors(column),
                     to, sums);
        to += (segment + 3) / 4 * 4 * wide;
      }
    }
  });
}

}  // namespace keratin::kernels
