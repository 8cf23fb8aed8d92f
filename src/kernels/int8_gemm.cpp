#include "kernels/int8_gemm.h"

#include <algorithm>

#include "core/threads.h"
#include "kernels/int8_kernels.h"
#include "kernels/int8_panels.h"

namespace keratin::kernels {
namespace {

constexpr std::int64_t kBlockRows = 96;          // whose bytes stay in cache
constexpr std::int64_t kTaskWork = 1024 * 1024;  // multiplications that are worth a thread's while

// The rows as bytes, and their scales.
void quantize_rows(const Int8Inputs& inputs, const Int8Operands& o, std::int64_t k,
                   std::int64_t row_bytes, std::int64_t begin, std::int64_t end,
                   std::uint8_t* bytes, float* scales) {
  const Int8Kernels& kernels = int8_kernels();
  for (std::int64_t i = begin; i < end; ++i) {
    const float* x = o.x + i * k;
    const float scale =
        o.input_scale != 0 ? o.input_scale : inputs.high / (kernels.largest(x, k) + inputs.epsilon);
    std::uint8_t* to = bytes + i * row_bytes;
    kernels.quantize(x, k, scale, inputs.low, inputs.high, to);
    std::fill(to + k, to + row_bytes, std::uint8_t{0});
    scales[i] = scale;
  }
}

}  // namespace

Int8Product::Int8Product(std::int64_t m, std::int64_t n, std::int64_t k, Int8Inputs inputs)
    : m_(m), n_(n), k_(k), row_bytes_((k + 3) / 4 * 4), inputs_(inputs) {
  scratch_ = aligned(std::size_t(m * row_bytes_)) + aligned(std::size_t(m) * sizeof(float)) +
             Int8Panels(n, row_bytes_ / 4).bytes();
}

void Int8Product::run(const Int8Operands& o, RowEpilogue epilogue, void* scratch) const {
  if (m_ == 0 || n_ == 0) return;
  const Int8Kernels& kernels = int8_kernels();
  auto* bytes = static_cast<std::uint8_t*>(scratch);
  auto* scales = reinterpret_cast<float*>(bytes + aligned(std::size_t(m_ * row_bytes_)));
  char* panel_memory = reinterpret_cast<char*>(scales) + aligned(std::size_t(m_) * sizeof(float));
  const auto quantize = [&](std::int64_t begin, std::int64_t end) {
    quantize_rows(inputs_, o, k_, row_bytes_, begin, end, bytes, scales);
  };

  if (kernels.direct && m_ <= kInt8Rows) {
    // The kernel is read once, as it lies.
    quantize(0, m_);
    const std::int64_t strips = (n_ + kInt8Columns - 1) / kInt8Columns;
    const std::int64_t tasks = std::clamp<std::int64_t>(m_ * n_ * k_ / kTaskWork, 1, strips);
    parallel_for(tasks, [&](std::int64_t task) {
      Int8Direct t{};
      for (std::int64_t i = 0; i < m_; ++i) {
        t.rows[i] = bytes + i * row_bytes_;
        t.row_scales[i] = scales[i];
      }
      t.k = k_, t.step = n_, t.y_row = n_;
      for (std::int64_t s = strips * task / tasks; s < strips * (task + 1) / tasks; ++s) {
        const std::int64_t column = s * kInt8Columns;
        t.kernel = o.kernel + column;
        t.scales = o.kernel_scale + column;
        t.y = o.y + column;
        t.columns = std::min(kInt8Columns, n_ - column);
        kernels.direct(t, m_);
      }
    });
    if (epilogue.fn) epilogue.fn(epilogue.context, 0, m_);
    return;
  }

  const Int8Panels panels(n_, row_bytes_ / 4);
  panels.pack(o.kernel, n_, k_, 1, panel_memory);
  const std::int64_t blocks = (m_ + kBlockRows - 1) / kBlockRows;
  const std::int64_t tasks =
      std::clamp<std::int64_t>(m_ * n_ * k_ / kTaskWork, 1, (m_ + kInt8Rows - 1) / kInt8Rows);
  const std::int64_t pieces = std::max(blocks, std::min<std::int64_t>(tasks, 8));
  parallel_for(pieces, [&](std::int64_t piece) {
    const std::int64_t begin = m_ * piece / pieces, end = m_ * (piece + 1) / pieces;
    quantize(begin, end);
    Int8Tile t{};
    const std::int64_t offset = 0;
    t.offsets = &offset;
    t.segments = 1;
    t.y_row = n_;
    panels.each(panel_memory, o.kernel_scale, t, [&](std::int64_t column, std::int64_t vectors) {
      for_rows(begin, end, [&](std::int64_t row, std::int64_t count) {
        for (std::int64_t i = 0; i < count; ++i) {
          t.rows[i] = bytes + (row + i) * row_bytes_;
          t.row_scales[i] = scales[row + i];
        }
        t.y = o.y + row * n_ + column;
        kernels.tile(t, count, vectors);
      });
    });
    if (epilogue.fn) epilogue.fn(epilogue.context, begin, end);
  });
}

}  // namespace keratin::kernels
