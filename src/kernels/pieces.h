// Elementwise work over a flat run, cut into pieces for threads; and what counts pieces.
#pragma once

#include <algorithm>
#include <cstdint>

#include "core/threads.h"

namespace keratin::kernels {

inline std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

inline constexpr std::int64_t kPiece = 32 * 1024;  // elements that are worth a thread's while

// Calls fn(begin, count) for the pieces of 0 .. count-1.
template <class Fn>
void in_pieces(std::int64_t count, const Fn& fn) {
  if (count <= kPiece) return fn(std::int64_t{0}, count);
  parallel_for(ceil_div(count, kPiece), [&](std::int64_t piece) {
    const std::int64_t begin = piece * kPiece;
    fn(begin, std::min(kPiece, count - begin));
  });
}

}  // namespace keratin::kernels
