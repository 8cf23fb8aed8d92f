// The instruction sets for which Highway kernels are compiled: SSE4, AVX2 and AVX-512 on x86, and a
// plain fallback. Those left out would add size, not speed. Include before any header of Highway.
#pragma once

#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_AVX3_DL)
