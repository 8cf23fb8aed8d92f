// The instruction sets for which Highway kernels are compiled: SSE4, AVX2 and AVX-512 on x86, NEON
// on ARM, and a plain fallback. Those left out would add size, not speed; the kernels keep vectors
// in arrays, which those of SVE, without a size, cannot be in. Include before any header of
// Highway.
#pragma once

#define HWY_DISABLED_TARGETS \
  (HWY_SSSE3 | HWY_AVX3_DL | HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128)
