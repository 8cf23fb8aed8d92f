// Kernels of int8 by AVX512_VNNI.
#pragma once

#include "kernels/int8_kernels.h"

namespace keratin::kernels {

// Puts them in place where this machine has the instructions (and a test leaves AVX-512 in).
void use_vnni(Int8Kernels& kernels);

}  // namespace keratin::kernels
