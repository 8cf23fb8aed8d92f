#include "kernels/bfloat16.h"

#include "kernels/pieces.h"

namespace keratin::kernels {

void round_to_bfloat16(const float* from, std::int64_t count, float* to) {
  in_pieces(count, [&](std::int64_t begin, std::int64_t n) {
    for (std::int64_t i = begin; i < begin + n; ++i) to[i] = round_to_bfloat16(from[i]);
  });
}

}  // namespace keratin::kernels
