// What products of matrices and convolutions make of their operands.
#pragma once

namespace keratin {

enum class Precision : unsigned char {
  kFull,      // as they are
  kBFloat16,  // float32 is rounded to bfloat16 (nearest, ties to even) and summed in float32
};

}  // namespace keratin
